"""One fault of each rule is refused at a real `git commit`, in a repository so large that the hook may leave early."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from ml_checks.cli import FEW_PATHS

from tests.command import COMMAND, TODAY, write
from tests.conftest import git
from tests.test_examples import CODES, EXAMPLES, expected

if TYPE_CHECKING:
    from pathlib import Path

HOOK = f"#!/bin/sh\nexec '{COMMAND}' check --if-staged --today {TODAY}\n"
# Files that no rule reads; one of them changes in no commit.
OTHERS: dict[str, str | bytes] = {f"data/{number:03}.bin": "" for number in range(300)}
# These faults come with a path that comes; those of other rules with a change of a file, or with one that goes.
COMES = {"OWN004"}


def committed(folder: Path, code: str) -> Path:
    """Commit an example as it was before the fault; where it does not say so, its file was empty, or was there."""
    example = EXAMPLES / code
    write(folder, OTHERS)
    if (example / ".head").exists():
        shutil.copytree(example / ".head", folder, dirs_exist_ok=True)
    else:
        shutil.copytree(example, folder, dirs_exist_ok=True)
        (path, *_), *_ = sorted(expected(example))
        if code in COMES:
            (folder / path).unlink()
        else:
            write(folder, {path: ""})
    git(folder, "init", "--quiet", "--template=")
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message", "As it was")
    return folder


def put(folder: Path, code: str) -> None:
    """Stage the example as it is."""
    kept = {".git", "data"}
    for path in folder.iterdir():
        if path.name not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(EXAMPLES / code, folder, ignore=shutil.ignore_patterns(".head"), dirs_exist_ok=True)
    write(folder, OTHERS)
    git(folder, "add", "--all", "--force")


@pytest.mark.parametrize("code", CODES)
def test_a_commit_with_the_fault_of_a_rule_is_refused(code: str, tmp_path: Path) -> None:
    assert len(OTHERS) > FEW_PATHS
    folder = committed(tmp_path, code)
    put(folder, code)
    staged = git(folder, "diff", "--cached", "--name-status").splitlines()
    assert any(line.startswith("A") for line in staged) == (code in COMES) or (EXAMPLES / code / ".head").exists()
    hook = folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir()
    hook.write_text(HOOK, "utf-8")
    hook.chmod(0o755)
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    environment = {**os.environ, "GIT_COMMITTER_DATE": f"{TODAY}T00:00:00Z"}
    done = subprocess.run(
        ["git", *identity, "commit", "--message", "Fault"],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, f" {code} " in done.stderr + done.stdout) == (1, True), done
    assert git(folder, "rev-list", "--count", "HEAD") == "1\n"
