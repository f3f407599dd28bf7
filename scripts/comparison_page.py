"""Makes the generated part of docs/comparison.md from what `make peers` wrote down."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RESULTS = Path(__file__).resolve().parent.parent / "benchmarks" / "peers" / "results.json"
OURS = "ml-checks"

Found = dict[str, dict[str, str]]


def page() -> str:
    """Return what was run, a table of all faults for each kind, and what only others find."""
    results: dict[str, Any] = json.loads(RESULTS.read_text("utf-8"))
    tools, found = results["versions"], results["found"]
    lines = [*_summary(results["date"], tools, found), *_tables(list(tools), found), *_missed(found)]
    return "\n".join([*lines, ""])


def _summary(date: str, tools: dict[str, str], found: Found) -> Iterator[str]:
    yield from (
        "## In short",
        "",
        f"The last run was on {date}, with {len(found)} faults.",
        "",
        *_row("tool", "version", "finds", "and gives the line"),
    )
    yield _rule(4)
    for tool, version in tools.items():
        marks = [marks[tool] for marks in found.values() if tool in marks]
        yield from _row(tool, version, str(len(marks)), str(marks.count("line")))


def _tables(tools: list[str], found: Found) -> Iterator[str]:
    for about, names in groupby(found, lambda name: name.partition(": ")[0]):
        yield from ("", f"## {about}", "", *_row("fault", *tools), _rule(len(tools) + 1))
        for name in names:
            yield from _row(name.partition(": ")[2], *(found[name].get(tool, "") for tool in tools))


def _missed(found: Found) -> Iterator[str]:
    yield from ("", "## What ml-checks does not find", "")
    for name, marks in found.items():
        if OURS not in marks:
            yield f"- {name}. Found by: {', '.join(marks) or 'no tool here'}."


def _row(*cells: str) -> Iterable[str]:
    return [f"| {' | '.join(cells)} |"]


def _rule(columns: int) -> str:
    return f"|{' --- |' * columns}"
