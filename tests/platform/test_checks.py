"""The company's checks, run by the command of a project."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from flight_delays.platform import checks
from flight_delays.platform.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

URL = "https://github.com/org/ml-template.git"
CONFIG = """\
repos:
  - repo: local
    hooks: [{id: ruff-check}]
  - repo: %s
    rev: v0.1.0
    hooks: [{id: ml-checks}]
"""


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of a project whose environment is empty."""
    (tmp_path / ".pre-commit-config.yaml").write_text(CONFIG % URL, "utf-8")
    folder = tmp_path / "contracts"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "environment"))
    monkeypatch.delenv("UV", raising=False)
    return folder


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Return a function that puts a program in the place of uv; it writes down how it was called."""

    def put(script: str) -> Path:
        program, calls = tmp_path / "uv", tmp_path / "calls"
        program.write_text(f'#!/bin/sh\necho "$@" >> "{calls}"\n{script}\n', "utf-8")
        program.chmod(0o755)
        monkeypatch.setenv("UV", str(program))
        return calls

    return put


# In the place of ml-checks: it prints what it got, and ends with 3.
MAKES = """\
if [ "$1" = venv ]; then
  for folder; do :; done
  mkdir -p "$folder/bin"
  printf '#!/bin/sh\\necho "$ML_CHECKS_COMMAND: $* in $PWD"\\nexit 3\\n' > "$folder/bin/ml-checks"
  chmod +x "$folder/bin/ml-checks"
fi"""


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script of a shell")
def test_words_and_exit_code_go_through_and_uv_is_asked_once(
    inside: Path, uv: Callable[[str], Path], capfd: pytest.CaptureFixture[str]
) -> None:
    calls = uv(MAKES)
    assert main(["checks", "check", "--help", "a b"]) == 3
    said = f"uv run flight-delays checks: check --help a b in {inside}\n"
    source = f"git+{URL}@v0.1.0"
    assert capfd.readouterr() == (said, f"flight-delays: ml-checks is installed, once, from {source}\n")
    venv, install = calls.read_text("utf-8").splitlines()
    assert (venv.split()[0], install.split()[-1]) == ("venv", source)

    uv("exit 1")
    assert main(["checks", "rules"]) == 3
    assert capfd.readouterr() == (f"uv run flight-delays checks: rules in {inside}\n", "")


def test_what_cannot_be_installed_is_said_and_nothing_is_left(
    tmp_path: Path, uv: Callable[[str], Path], capfd: pytest.CaptureFixture[str]
) -> None:
    uv(MAKES + '\nif [ "$1" = pip ]; then echo no route to host >&2; exit 2; fi')
    assert main(["checks", "rules"]) == 2
    why = f"git+{URL}@v0.1.0 could not be installed: is there a network, and such a version? no route to host"
    assert capfd.readouterr().err.splitlines()[1:] == [f"flight-delays: {why}"]
    assert list((tmp_path / "environment").iterdir()) == []


def test_without_uv_it_is_said_where_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main(["checks", "rules"]) == 2
    why = "uv is not installed, and it brings ml-checks: see https://docs.astral.sh/uv/"
    assert capfd.readouterr().err == f"flight-delays: {why}\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(
            "repos: []\n", "no .pre-commit-config.yaml in {folder} or above it has the hook ml-checks", id="no"
        ),
        pytest.param("repos: [\n", "{config} cannot be read as settings of hooks: while parsing", id="not YAML"),
        pytest.param("- a\n", "{config} cannot be read as settings of hooks: list indices must be", id="a list"),
        pytest.param("repos: [{repo: a}]\n", "{config} cannot be read as settings of hooks: 'hooks'", id="no hooks"),
    ],
)
def test_settings_without_the_checks_are_named(
    inside: Path, capfd: pytest.CaptureFixture[str], text: str, why: str
) -> None:
    config = inside.parent / ".pre-commit-config.yaml"
    config.write_text(text, "utf-8")
    assert main(["checks", "rules"]) == 2
    assert capfd.readouterr().err.startswith(f"flight-delays: {why.format(folder=inside, config=config)}")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (URL, URL),
        ("git@github.com:org/ml-template.git", "ssh://git@github.com/org/ml-template.git"),
        ("ssh://git@github.com/org/ml-template.git", "ssh://git@github.com/org/ml-template.git"),
        ("/srv/ml template", "file:///srv/ml%20template"),
    ],
)
def test_each_form_of_a_repository_is_one_that_uv_knows(written: str, address: str) -> None:
    assert checks.address_of(written) == address
