"""Runs all rules over public repositories, counts what they say, and picks findings to be read by eye.

    python scripts/field.py FOLDER... [--sample CODE]

prints, as Markdown, how many files each repository has, how often each rule speaks there and how long that takes, and
which rules never spoke. With `--sample` it prints up to fifteen findings of that rule, from as many repositories as
have any, each with its line: who reads them can say which are false. FOLDER is a clone; nothing is written into it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ml_checks.reading.git import Repository
from ml_checks.rules import select

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST = 15


class Outcome(NamedTuple):
    """What a run said of a repository."""

    name: str
    files: int
    seconds: float
    status: int
    report: dict[str, list[dict[str, str | int]]]

    @property
    def codes(self) -> Counter[str]:
        """How often each rule spoke."""
        return Counter(str(finding["code"]) for finding in self.report["findings"])


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables, or the findings to be read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--sample", metavar="CODE", help="print findings of this rule, to be read by eye")
    words = parser.parse_args(argv)
    outcomes = [check(folder) for folder in words.folders]
    if words.sample:
        print(*islice(sampled(words.folders, outcomes, words.sample), MOST), sep="\n")
    else:
        print("\n".join(chain(by_repository(outcomes), [""], by_rule(outcomes))))
    return 0


def check(folder: Path) -> Outcome:
    """Run all rules on a repository, with nothing known of it before."""
    files = len(Repository(str(folder)).paths)
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "ml_checks", "check", "--format", "json"],
        cwd=folder,
        env=os.environ | {"ML_CHECKS_CACHE": ""},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    seconds = time.perf_counter() - started
    if not done.stdout:
        sys.exit(f"{folder.name}: exit code {done.returncode}: {done.stderr}")
    return Outcome(folder.name, files, seconds, done.returncode, json.loads(done.stdout))


def by_repository(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield a table with a line for each repository."""
    yield "| repository | files | seconds | findings | by rule |"
    yield "| --- | ---: | ---: | ---: | --- |"
    for outcome in outcomes:
        rules = ", ".join(f"{code} {number}" for code, number in sorted(outcome.codes.items()))
        total = outcome.codes.total()
        yield f"| {outcome.name} | {outcome.files:,} | {outcome.seconds:.1f} | {total:,} | {rules} |"


def by_rule(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield a table with a line for each rule that spoke, and name those that did not."""
    total = sum((outcome.codes for outcome in outcomes), Counter[str]())
    yield "| rule | findings | repositories |"
    yield "| --- | ---: | ---: |"
    for code, number in sorted(total.items()):
        yield f"| {code} | {number:,} | {sum(code in outcome.codes for outcome in outcomes)} |"
    yield ""
    yield f"Never spoke: {', '.join(sorted(set(select([])) - total.keys()))}."


def sampled(folders: Sequence[Path], outcomes: Sequence[Outcome], code: str) -> Iterator[str]:
    """Yield findings of a rule, one of each repository in turn, spread over its files."""
    found = [
        [(folder, finding) for finding in spread([each for each in outcome.report["findings"] if each["code"] == code])]
        for folder, outcome in zip(folders, outcomes, strict=True)
    ]
    for folder, finding in filter(None, chain.from_iterable(zip_longest(*found))):
        line = text_of(folder / str(finding["path"]), int(finding["line"]))
        yield f"{folder.name}/{finding['path']}:{finding['line']}:{finding['col']}: {finding['message']}\n    {line}"


def spread(findings: list[dict[str, str | int]]) -> list[dict[str, str | int]]:
    """Return at most fifteen of a list, with the same distance between them."""
    return findings[:: max(1, -(-len(findings) // MOST))]


def text_of(path: Path, line: int) -> str:
    """Return a line of a file, cut to what fits on a screen."""
    if not path.is_file():
        return ""
    rows = path.read_text("utf-8", errors="replace").splitlines()
    return rows[line - 1].strip()[:160] if line <= len(rows) else ""


if __name__ == "__main__":
    sys.exit(main())
