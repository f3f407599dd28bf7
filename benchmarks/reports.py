"""Checks the repository in the working folder; prints the number of findings, and what one costs to report."""

from __future__ import annotations

import datetime
import gc
import os
import sys
import time
from pathlib import Path

from ml_checks import report, standards
from ml_checks.project.snapshot import Snapshot
from ml_checks.reading.git import Repository
from ml_checks.report.model import Report
from ml_checks.rules import select
from ml_checks.run import engine

FORMATS = ("text", "summary", "json", "sarif")


def main() -> int:
    """Print a name and a number on each line; the costs are microseconds."""
    gc.disable()  # as the command does
    codes = select([])
    today = datetime.datetime.now(tz=datetime.UTC).date()
    result = engine.run(Snapshot(Repository(os.curdir), standards.load(os.curdir), today), codes)
    print("findings", len(result.findings))
    for name in FORMATS:
        started = time.perf_counter()
        outcome = Report(result.run.project, codes, result.findings)
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            nowhere.writelines(report.render(name, outcome))
        print(name, (time.perf_counter() - started) / len(result.findings) * 1e6)
    return 0


if __name__ == "__main__":
    sys.exit(main())
