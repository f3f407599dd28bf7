"""Runs the checks and their peers on one set of faulty projects, and writes down what each of them finds.

The project without a fault, the faults and the tools are data, in the folder beside this file.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import ml_checks
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

HERE = Path(__file__).with_name("peers")
RESULTS = HERE / "results.json"
# What the contracts of the project are written to.
ODCS = Path(ml_checks.__file__).parent / "contracts" / "schemas" / "odcs-3.1.0.schema.json"
ENVIRONMENT = {
    **os.environ,
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
    # One line for each finding, without colours; nobody is told about the run.
    "COLUMNS": "1000",
    "NO_COLOR": "1",
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
}
A_FILE = re.compile(r"[\w-]\.(?:csv|json|md|py|sql|ya?ml)\b|CODEOWNERS")


class Fault(NamedTuple):
    """One edit of the project, where the fault lies, and by which words the tools that find it are known."""

    name: str
    path: str
    line: int
    edits: dict[str, Any]
    found: dict[str, str]

    @property
    def touched(self) -> set[str]:
        """The paths that differ from those of the project without the fault."""
        made = {*self.edits.get("edit", {}), *self.edits.get("add", {})}
        return {*made, *self.edits.get("remove", []), *self.edits.get("move", {}).values()}


class Output(NamedTuple):
    """A line of output, and the last word of the command, which may be the only file that it reads."""

    line: str
    file: str

    def __str__(self) -> str:
        """Return the line alone."""
        return self.line


class Tool(NamedTuple):
    """A tool: which paths it reads, its commands, and which lines of its output are no findings."""

    name: str
    version: str
    reads: str
    commands: list[list[str]]
    noise: str

    def looks_at(self, fault: Fault) -> bool:
        """Tell whether the fault is where the tool looks."""
        return any(re.search(self.reads, path) for path in fault.touched)


def main(argv: Sequence[str] | None = None) -> int:
    """Write the results; 1 when a tool says what the faults do not announce, or does not say what they do."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", default="", help="only the faults whose name holds this text; keep what is known of the others"
    )
    chosen: str = parser.parse_args(argv).only
    tools, faults = read_tools(), [fault for fault in read_faults() if chosen in fault.name]
    found, problems = compare(tools, faults)
    for problem in problems:
        print(problem)
    if not problems:
        known = json.loads(RESULTS.read_text("utf-8"))["found"] if chosen else {}
        write(tools, known | found)
    return 1 if problems else 0


def compare(tools: Sequence[Tool], faults: Sequence[Fault]) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Return how the tools find each fault, and what is not as announced."""
    with tempfile.TemporaryDirectory() as work, ThreadPoolExecutor(os.cpu_count()) as pool:
        sound = repository(Path(work) / "sound")
        make_artifacts(sound)
        problems = [f"without a fault, {tool.name}: {line}" for tool in tools for line in listen(tool, sound)]
        outcomes = list(pool.map(partial(try_all, tools=tools, sound=sound), faults))
    found = {fault.name: outcome[0] for fault, outcome in zip(faults, outcomes, strict=True)}
    return found, [*problems, *(problem for outcome in outcomes for problem in outcome[1])]


def read_faults() -> list[Fault]:
    """Return all faults; each value of the file is a text."""
    parts = yaml.load((HERE / "faults.yaml").read_text("utf-8"), yaml.BaseLoader)  # noqa: S506  it makes texts only
    return [_fault(f"{part['about']}: {entry['fault']}", entry) for part in parts for entry in part["faults"]]


def _fault(name: str, entry: dict[str, Any]) -> Fault:
    path, _, line = entry["at"].rpartition(":")
    return Fault(name, path, int(line), entry, entry.get("found", {}))


def read_tools() -> list[Tool]:
    """Return all tools, ours first."""
    return [_tool(entry) for entry in yaml.safe_load((HERE / "tools.yaml").read_text("utf-8"))["tools"]]


def _tool(entry: dict[str, Any]) -> Tool:
    values = {"{version}": entry["version"], "{odcs}": str(ODCS)}
    commands = [
        [re.sub(r"\{\w+\}", lambda name: values[name[0]], word) for word in shlex.split(f"{entry['start']} {run}")]
        for run in entry["run"]
    ]
    return Tool(entry["name"], entry["version"], entry["reads"], commands, entry.get("noise", "^$"))


def repository(folder: Path, fault: Fault | None = None) -> Path:
    """Make the project a git repository with one commit, and stage the fault."""
    shutil.copytree(HERE / "project", folder, dirs_exist_ok=True)
    git(folder, "init", "--quiet", "--template=")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "As it was")
    if fault:
        edit(folder, fault.edits)
        git(folder, "add", "--all")
    return folder


def git(folder: Path, *words: str) -> None:
    """Run git without the settings of whoever runs this."""
    identity = ("-c", "user.name=Peers", "-c", "user.email=peers@example.com")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", *identity, *words], cwd=folder, env=environment, check=True)  # noqa: S607  as users find it


def edit(folder: Path, edits: dict[str, Any]) -> None:
    """Make the edits of a fault."""
    for path, texts in edits.get("edit", {}).items():
        replace(folder / path, path, texts)
    for path, content in edits.get("add", {}).items():
        (folder / path).write_text(content, encoding="utf-8")
    for path in edits.get("remove", []):
        (folder / path).unlink()
    for old, new in edits.get("move", {}).items():
        (folder / old).rename(folder / new)


def replace(file: Path, path: str, texts: dict[str, str]) -> None:
    """Replace texts in a file; each has to be there, and once."""
    content = file.read_text("utf-8")
    for old, new in texts.items():
        if content.count(old) != 1:
            sys.exit(f"{path} holds {content.count(old)} times {old!r}")
        content = content.replace(old, new)
    file.write_text(content, encoding="utf-8")


def make_artifacts(folder: Path) -> None:
    """Let dbt build its tables, and write down what it knows of them."""
    for words in _dbt()["run"]:
        run(shlex.split(f"{_dbt()['start']} {words}"), folder)


def _dbt() -> dict[str, Any]:
    artifacts: dict[str, Any] = yaml.safe_load((HERE / "tools.yaml").read_text("utf-8"))["artifacts"]
    return artifacts


def try_all(fault: Fault, tools: Iterable[Tool], sound: Path) -> tuple[dict[str, str], list[str]]:
    """Return how each tool finds a fault, and what is not as announced."""
    with tempfile.TemporaryDirectory() as work:
        folder = repository(Path(work) / "faulty", fault)
        if any(re.search(_dbt()["reads"], path) for path in fault.touched):
            make_artifacts(folder)
        else:
            shutil.copytree(sound / _dbt()["folder"], folder / _dbt()["folder"])
        outputs = {tool.name: list(listen(tool, folder, fault)) for tool in tools if tool.looks_at(fault)}
    found = {name: how for name in outputs if (how := finding(fault, name, outputs[name]))}
    return found, list(differences(fault, found, outputs))


def differences(fault: Fault, found: dict[str, str], outputs: dict[str, list[Output]]) -> Iterator[str]:
    """Yield each tool that does not find a fault as announced, and each line that was not announced."""
    for name, words in fault.found.items():
        if name not in found:
            yield f"{fault.name}, {name} does not say {words}"
    for name, lines in outputs.items():
        if name not in fault.found:
            yield from (f"{fault.name}, {name}: {line}" for line in lines)


def listen(tool: Tool, folder: Path, fault: Fault | None = None) -> Iterator[Output]:
    """Yield what a tool says of a project; what it says of a file that the fault does not touch is known."""
    for command in tool.commands:
        if not fault or not _is_untouched(command[-1], fault):
            lines = run(command, folder)
            yield from (Output(line, command[-1]) for line in lines if not re.search(tool.noise, line))


def _is_untouched(path: str, fault: Fault) -> bool:
    return path not in fault.touched and (HERE / "project" / path).is_file()


def run(command: Sequence[str], folder: Path) -> list[str]:
    """Run a command, with the files that its patterns stand for, and return the lines of its output."""
    words = [name for word in command for name in _files(word, folder)]
    if not shutil.which(words[0], path=ENVIRONMENT["PATH"]):
        sys.exit(f"{words[0]} was not found; uv and Node.js have to be there")
    done = subprocess.run(words, cwd=folder, env=ENVIRONMENT, capture_output=True, encoding="utf-8", check=False)
    return [line.rstrip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]


def _files(word: str, folder: Path) -> list[str]:
    """Return the files that a pattern of paths stands for, or the word itself."""
    if "*" not in word or "/" not in word or word.startswith("^"):
        return [word]
    return sorted(path.relative_to(folder).as_posix() for path in folder.glob(word))


def finding(fault: Fault, tool: str, outputs: Iterable[Output]) -> str | None:
    """Tell how a tool finds a fault: with its line, with a file, or by what it says alone."""
    if tool not in fault.found:
        return None
    about = [output for output in outputs if re.search(fault.found[tool], output.line)]
    place = re.compile(rf"{re.escape(Path(fault.path).name)}:{fault.line}\b|\bline {fault.line}\b")
    if any(place.search(output.line) for output in about):
        return "line"
    if any(output.file == fault.path or A_FILE.search(output.line) for output in about):
        return "file"
    return "words" if about else None


def write(tools: Iterable[Tool], found: dict[str, dict[str, str]]) -> None:
    """Write what the page of the comparison is made from."""
    names = [fault.name for fault in read_faults()]
    results = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "versions": {tool.name: tool.version for tool in tools},
        "found": {name: found[name] for name in names if name in found},
    }
    RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
