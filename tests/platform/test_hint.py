"""A clone whose commits nothing checks is told so, once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from flight_delays.platform import PROGRAM, hint

from .conftest import git

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
HINT = f"{PROGRAM}: your commits are not checked here yet: "
INSTALL = f"{HINT}run `uv run pre-commit install` once\n"
ELSEWHERE = "git takes its hooks from another folder; let {} run `uv run pre-commit run`\n"
OF_PRE_COMMIT = 'INSTALL_PYTHON=/usr/bin/python3\nexec "$INSTALL_PYTHON" -mpre_commit hook-impl\n'
OF_PREK = 'PREK="prek"\nexec "$PREK" hook-impl\n'
OF_OTHERS = "npx lint-staged\n"
OF_HUSKY = '. "$(dirname "$0")/h"\n'


@pytest.fixture(autouse=True)
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder of a clone, on the machine of a person."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    folder = tmp_path / "clone" / "project"
    folder.mkdir(parents=True)
    git(folder.parent, "init", "--quiet", "--template=")
    monkeypatch.chdir(folder)
    return folder.parent


def told(capsys: pytest.CaptureFixture[str]) -> str:
    hint.say_that_hooks_are_missing()
    return capsys.readouterr().err


def test_a_clone_without_hooks_is_told_of_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys) == INSTALL
    assert told(capsys) == ""


def test_nobody_is_told_in_ci_or_where_there_is_no_repository(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("CI", "true")
        assert told(capsys) == ""
    shutil.rmtree(clone / ".git")
    assert told(capsys) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(OF_PRE_COMMIT, "", id="pre-commit"),
        pytest.param(OF_PREK, "", id="prek"),
        pytest.param("uv run pre-commit run\n", "", id="a hook that calls it"),
        pytest.param(OF_OTHERS, INSTALL, id="a hook that checks something else"),
    ],
)
def test_a_hook_counts_when_it_runs_ours(clone: Path, capsys: pytest.CaptureFixture[str], text: str, said: str) -> None:
    (clone / ".git" / "hooks").mkdir()
    (clone / ".git" / "hooks" / "pre-commit").write_text(text, "utf-8")
    assert told(capsys) == said


@pytest.mark.parametrize(
    ("own", "said"),
    [
        pytest.param("uv run pre-commit run\n", "", id="that runs ours"),
        pytest.param(OF_OTHERS, HINT + ELSEWHERE.format("../.husky/_/pre-commit"), id="that runs others"),
    ],
)
def test_hooks_in_a_folder_that_git_was_told_of_are_read_there(
    clone: Path, capsys: pytest.CaptureFixture[str], own: str, said: str
) -> None:
    git(clone, "config", "core.hooksPath", ".husky/_")
    (clone / ".husky" / "_").mkdir(parents=True)
    (clone / ".husky" / "_" / "pre-commit").write_text(OF_HUSKY, "utf-8")
    (clone / ".husky" / "pre-commit").write_text(own, "utf-8")
    assert told(capsys) == said
