"""Runs `ml-checks` in a repository: in this process, where coverage sees it, or as a user does."""

from __future__ import annotations

import contextlib
import datetime
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ml_checks import cli, standards
from ml_checks.project.snapshot import Snapshot
from ml_checks.reading.git import Repository

from tests.conftest import git

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMAND = Path(sys.executable).with_name("ml-checks")
TODAY = "2026-11-23"

# A project without a fault, to add one to.
README = "# Late arrivals\n\n## Owner\n\n@acme/flight-ops\n\n## Run\n\n`late run`\n\n## Test\n\n`pytest`\n"
CONTRACT = """\
team:
  name: "@acme/flight-ops"
schema:
  - name: {0}
    description: One row for each scheduled departure.
apiVersion: v3.1.0
kind: DataContract
id: {0}
version: 1.0.0
status: active
"""
CLEAN: dict[str, str | bytes] = {
    ".github/CODEOWNERS": "* @acme/flight-ops\n",
    "README.md": README,
    "contracts/flights.odcs.yaml": CONTRACT.format("flights"),
}
# One row of `many` is without a fault, the others have one each.
VARIETY = ("flights_{0}", "Flights_{0}", "flights_{0}\n  - {{name: flights_{0}_id}}", "total", "flights_{0}\n  - [")


# Where a line ends: for an editor, and for a parser of YAML 1.1.
LINE_ENDS = (re.compile("\r?\n"), re.compile("\r\n|[\n\r\x85\u2028\u2029]"))


def snapshot(folder: Path) -> Snapshot:
    """Return a repository as it is judged."""
    day = datetime.date.fromisoformat(TODAY)
    return Snapshot(Repository(str(folder)), standards.load(str(folder)), day)


class Outcome(NamedTuple):
    """What a run printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def findings(self) -> list[str]:
        """The list of findings, without the advice below it."""
        return self.out.partition("\n\n")[0].splitlines()


def repository(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Make a git repository of these files, all of them staged and none committed."""
    write(folder, files)
    git(folder, "init", "--quiet", "--template=")
    git(folder, "add", "--all", "--force")
    return folder


def many(count: int) -> dict[str, str | bytes]:
    """Return so many contracts in a project, most of them with a fault."""
    names = (VARIETY[index % len(VARIETY)].format(index) for index in range(count))
    texts = (
        CONTRACT.format(f"id_{index}").replace(f"name: id_{index}", f"name: {name}") for index, name in enumerate(names)
    )
    return {**CLEAN, **{f"contracts/flights_{index:04}.odcs.yaml": text for index, text in enumerate(texts)}}


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files under their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)


def spawn(folder: Path, *words: str, **environment: str) -> Outcome:
    """Run `ml-checks WORDS` in a process of its own."""
    done = subprocess.run(
        [COMMAND, *words],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def run(folder: Path, *words: str) -> Outcome:
    """Run `ml-checks WORDS` as a function in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.main(words)
    return Outcome(code, *(_written(stream) for stream in (out, err)))


def misplaced(folder: Path, findings: list[str]) -> list[str]:
    """Return the findings whose place is not in their file; the end of a line and of a file count as in it."""
    return [finding for finding in findings if not _is_in_file(folder, finding)]


def _is_in_file(folder: Path, finding: str) -> bool:
    path, line, col = finding.partition(": ")[0].rsplit(":", 2)
    if not (folder / path).is_file():
        return (line, col) == ("1", "1")  # that it is missing is the finding
    text = (folder / path).read_bytes().decode(errors="replace")
    return any(_is_in([*end.split(text), ""], int(line), int(col)) for end in LINE_ENDS)


def _is_in(rows: list[str], line: int, col: int) -> bool:
    return 1 <= line <= len(rows) and 1 <= col <= len(rows[line - 1]) + 1


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
