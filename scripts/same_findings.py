"""Compares what two versions of the checks find: on the examples, on contracts of others, on the peers' project.

    python scripts/same_findings.py REVISION

prints each finding that only REVISION (-) or only this work tree (+) has; exits with 1 if there is one. After a change
that is to leave the findings as they are, nothing may come out. The examples are those of REVISION.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the tests know where the contracts of others are, and how an example is committed

from tests.command import TODAY, repository  # noqa: E402
from tests.conftest import git  # noqa: E402
from tests.test_examples import repository_of  # noqa: E402
from tests.test_foreign_contracts import downloaded  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = ("path", "line", "col", "end_col", "code", "message", "logical_key", "fingerprint")


def main() -> int:
    """Compare, and return 1 where something differs."""
    (revision,) = sys.argv[1:] or ["HEAD"]
    counts = [0, 0, 0]
    with tempfile.TemporaryDirectory() as made:
        work = Path(made)
        git(ROOT, "worktree", "add", "--quiet", "--detach", str(work / "before"), revision)
        try:
            for name, folder in repositories(work):
                before, after = (findings(checks, folder) for checks in (work / "before" / "checks", ROOT / "checks"))
                changed = [line for line in list(unified_diff(before, after, n=0))[2:] if line[0] in "+-"]
                counts = [total + new for total, new in zip(counts, (1, len(before), len(changed)), strict=True)]
                print(*(f"{name}: {line}" for line in changed), sep="\n", end="\n" if changed else "")
        finally:
            git(ROOT, "worktree", "remove", "--force", str(work / "before"))
    print(f"{counts[0]} repositories, {counts[1]} findings in {revision}, {counts[2]} lines differ")
    return 1 if counts[2] else 0


def repositories(work: Path) -> Iterator[tuple[str, Path]]:
    """Yield the name and the folder of each repository to look at."""
    for example in sorted((work / "before" / "tests" / "examples").iterdir()):
        folder = work / "examples" / example.name
        folder.mkdir(parents=True)
        yield example.name, repository_of(example, folder)
    peers = work / "peers"
    peers.mkdir()
    yield "peers", repository_of(work / "before" / "benchmarks" / "peers" / "project", peers)
    (work / "packages").mkdir()
    yield "contracts of others", repository(work / "foreign", dict(downloaded(work / "packages")))


def findings(checks: Path, folder: Path) -> list[str]:
    """Return a line for each finding and each waived one, for each crash, and for the exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "ml_checks", "check", "--today", TODAY, "--format", "json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(checks), "ML_CHECKS_CACHE": ""},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    report = json.loads(done.stdout)
    lines = [" ".join(str(finding[key]) for key in KEYS) for finding in report["findings"]]
    waived = [f"waived {' '.join(str(finding[key]) for key in KEYS)}" for finding in report["waived"]]
    return [*lines, *waived, *report["crashes"], f"exit code {done.returncode}"]


if __name__ == "__main__":
    sys.exit(main())
