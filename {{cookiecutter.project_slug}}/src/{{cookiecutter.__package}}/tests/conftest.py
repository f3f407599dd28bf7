"""A copy of this project, and one run of all of it."""

import contextlib
import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ..platform.__main__ import main

PROJECT = Path(__file__).parents[3]
# What a run does not read: the code, which is run where it lies, what was written by runs, and what is made again.
LEFT_OUT = {"src", "outputs", "dist", ".git", ".venv"}


class Finished(NamedTuple):
    """A command that came to its end, in a copy of this project."""

    folder: Path
    code: int
    output: str
    errors: str


def copy_project(folder: Path) -> Path:
    """Copy what a run may read, wherever it lies in the project, and commit it where there is git."""

    def left_out(at: str, names: list[str]) -> set[str]:
        return {name for name in names if name in LEFT_OUT or name.endswith("_cache")} if at == str(PROJECT) else set()

    shutil.copytree(PROJECT, folder, ignore=left_out)
    if shutil.which("git"):
        git(folder, "init", "--quiet")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--no-verify", "--message", "A copy for the tests")
    return folder


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, as nobody in particular."""
    program = shutil.which("git") or "git"
    settings = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgSign=false"]
    done = subprocess.run(
        [program, *settings, *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=True
    )
    return done.stdout


def command(folder: Path, *arguments: str) -> Finished:
    """Run a command of this project in a folder."""
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        code = main(arguments)
    return Finished(folder, code, output.getvalue(), errors.getvalue())


@pytest.fixture(autouse=True, scope="session")
def own_repository() -> Iterator[None]:
    """Forget the repository of the hook that runs the tests: git would work on that one."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith("GIT_") and name != "GIT_PYTHON_REFRESH":
                patch.delenv(name)
        patch.setenv("CI", "true")  # where nobody is told of hooks
        yield


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Run everything once. Tests read what it left, and do not change it."""
    return command(copy_project(tmp_path_factory.mktemp("finished") / "project"), "run")
