"""What the page of the comparison says of our checks is what they find now."""

from __future__ import annotations

import json
import re
import runpy
from typing import TYPE_CHECKING, Any

import pytest

from tests.command import TODAY, run
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PEERS = runpy.run_path(str(ROOT / "benchmarks" / "peers.py"))
FAULTS = PEERS["read_faults"]()
TOOLS = PEERS["read_tools"]()
RESULTS: dict[str, Any] = json.loads((ROOT / "benchmarks" / "peers" / "results.json").read_text("utf-8"))
OURS = "ml-checks"
(NOISE,) = (tool.noise for tool in TOOLS if tool.name == OURS)


def findings(folder: Path) -> list[Any]:
    """Return what we find in a repository, as the comparison hears it."""
    lines = run(folder, "check", "--today", TODAY).findings
    return [PEERS["Output"](line, "") for line in lines if not re.search(NOISE, line)]


def test_nothing_is_found_without_a_fault(tmp_path: Path) -> None:
    assert findings(PEERS["repository"](tmp_path / "sound")) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_we_find_a_fault_as_the_comparison_says(fault: Any, tmp_path: Path) -> None:  # noqa: ANN401  of a script
    outputs = findings(PEERS["repository"](tmp_path / "faulty", fault))
    assert PEERS["finding"](fault, OURS, outputs) == RESULTS["found"][fault.name].get(OURS)
    assert bool(outputs) == (OURS in fault.found)


def test_the_comparison_has_each_fault_and_each_tool_once() -> None:
    assert list(RESULTS["found"]) == [fault.name for fault in FAULTS]
    assert RESULTS["versions"] == {tool.name: tool.version for tool in TOOLS}
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_tool_finds_the_faults_by_whose_words_it_is_known_and_no_others(tool: Any) -> None:  # noqa: ANN401  of a script
    announced = {fault.name for fault in FAULTS if tool.name in fault.found}
    assert announced
    assert {name for name, marks in RESULTS["found"].items() if tool.name in marks} == announced


@pytest.mark.parametrize(
    ("line", "asked", "how"),
    [
        pytest.param("a/b.yaml:12:3: it is wrong", ".", "line", id="as most write a place"),
        pytest.param("it is wrong in line 12 of something", ".", "line", id="a line in words"),
        pytest.param("a/b.yaml:120:3: it is wrong", ".", "file", id="another line"),
        pytest.param("models/b.sql: it is wrong", ".", "file", id="another file"),
        pytest.param("it is wrong", "a/b.yaml", "file", id="the file that it was asked about"),
        pytest.param("it is wrong", ".", "words", id="no place"),
        pytest.param("a/b.yaml:12:3: something else", ".", None, id="another fault"),
    ],
)
def test_a_fault_is_found_by_its_words_and_with_the_place_they_give(line: str, asked: str, how: str | None) -> None:
    fault = PEERS["Fault"]("about: title", "a/b.yaml", 12, {}, {"tool": "it is w.*"})
    assert PEERS["finding"](fault, "tool", [PEERS["Output"](line, asked)]) == how


def test_a_text_that_is_not_there_or_there_twice_cannot_be_edited(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("one two two", encoding="utf-8")
    for old, times in (("two", 2), ("three", 0)):
        with pytest.raises(SystemExit, match=f"page.md holds {times} times '{old}'"):
            PEERS["edit"](tmp_path, {"edit": {"page.md": {old: "four"}}})
