"""The page that leads from nothing to predictions says what happens, word by word."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.machine import Machine

PAGE = ROOT / "docs" / "walkthrough.md"
BLOCK = re.compile(r"^```console\n(?P<lines>.*?)^```$", re.DOTALL | re.MULTILINE)


def commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of a page, with the lines that it prints."""
    for block in BLOCK.finditer(text):
        for part in re.split(r"^\$ ", block["lines"], flags=re.MULTILINE)[1:]:
            command, *printed = part.splitlines()
            yield command, printed


def missing(printed: str, expected: list[str]) -> list[str]:
    """Return the expected lines that were not printed, in their order; `…` is any text."""
    lines, left = iter(printed.splitlines()), []
    for line in expected:
        pattern = re.compile(".*".join(map(re.escape, line.split("…"))))
        if not any(pattern.fullmatch(found) for found in lines):
            left.append(line)
    return left


def test_what_is_missing_is_seen() -> None:
    assert missing("a 1\nb\nc\n", ["a …", "c"]) == []
    assert missing("a 1\nb\nc\n", ["c", "a …"]) == ["a …"]
    assert missing("a 1\n", ["a 1 …"]) == ["a 1 …"]


@pytest.mark.slow
def test_each_command_prints_what_the_page_says(online: Machine, builder: dict[str, str], tmp_path: Path) -> None:
    machine = online.with_settings(**builder)
    for key, value in (("user.name", "Ada"), ("user.email", "ada@localhost")):
        machine.ok("git", "config", "--global", key, value)
    script, state = tmp_path / "step.sh", tmp_path / "state"
    state.write_text(f"cd {machine.folder}\n", "utf-8")
    asked = list(commands(PAGE.read_text("utf-8")))
    assert len(asked) > 10
    for command, expected in asked:
        # Folder and variables go from one command to the next, as in a terminal.
        script.write_text(
            textwrap.dedent(f"""\
            . {state}
            {command}
            code=$?
            {{ declare -p run 2>/dev/null; echo "cd '$PWD'"; }} > {state}
            exit $code
            """),
            "utf-8",
        )
        done = machine.run("bash", script)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        assert missing(done.stdout + done.stderr, expected) == [], f"{command}\n{done.stdout}{done.stderr}"
