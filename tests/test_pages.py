"""The pages that walk through something: their commands run in order, and print what the page says."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest
from ml_checks import cli

from tests.command import CONTRACT, TODAY, repository, run, write
from tests.conftest import ROOT, git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A file to write is named behind its language; a command stands behind a dollar, above what it prints.
BLOCK = re.compile(r"^```(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<text>.*?)^```\n", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"\$ (.+)\n")


def walked(page: str, folder: Path) -> str:
    """Do all that a page says, and return it with what its commands have really printed."""
    git(folder, "init", "--quiet", "--template=")
    return BLOCK.sub(lambda block: "".join(_done(block, folder)), page)


def _done(block: re.Match[str], folder: Path) -> Iterator[str]:
    if block["language"] != "console":
        if block["file"]:
            write(folder, {block["file"]: block["text"]})
        yield block[0]
        return
    yield "```console\n"
    for command in COMMAND.findall(block["text"]):
        yield f"$ {command}\n{_printed(shlex.split(command), folder)}"
    yield "```\n"


def _printed(words: list[str], folder: Path) -> str:
    program, *rest = words
    if program == "cat":
        return (folder / rest[0]).read_text("utf-8")
    if program == "git":
        return git(folder, *rest)
    assert program == "ml-checks"
    knows_days = cli.COMMANDS[rest[0]].option("--today") is not None
    outcome = run(folder, *rest, *(("--today", TODAY) if knows_days else ()))
    return outcome.out + outcome.err


@pytest.mark.parametrize("name", ["standards", "adopting"])
def test_a_page_prints_what_its_commands_print(name: str, tmp_path: Path) -> None:
    page = (ROOT / "docs" / f"{name}.md").read_text("utf-8")
    assert len(COMMAND.findall(page)) > 4
    assert _without_lines(walked(page, tmp_path)) == _without_lines(page)


def _without_lines(page: str) -> str:
    """Leave out on which line of the company's file a value stands: each new rule moves them."""
    return re.sub(r"(?<=# ml_checks/standards\.yaml:)\d+", "", page)


def test_the_readme_shows_what_a_refused_commit_prints(tmp_path: Path) -> None:
    (shown,) = re.findall(
        r"^A refused commit says .*?```text\n(.*?)```",
        (ROOT / "README.md").read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    contract = CONTRACT.format("flights").replace(
        "apiVersion", "    properties:\n      - name: dep_delay_minutes\n        logicalType: integer\napiVersion"
    )
    folder = repository(tmp_path, {"contracts/flights.odcs.yaml": contract})
    assert run(folder, "check", "--select", "SCH").out == shown
