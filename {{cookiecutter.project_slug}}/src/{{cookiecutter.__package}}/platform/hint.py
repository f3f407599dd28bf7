"""Tells a colleague who has just cloned the project what the one who began it need not know."""

import os
import sys
from pathlib import Path

from . import PROGRAM
from .lineage import git

TOLD = Path("outputs/.hooks-hint")


def say_that_hooks_are_missing() -> None:
    """Say once that git does not run the hooks here: a clone brings none of them along. CI runs them by itself."""
    if "CI" in os.environ or TOLD.exists() or git("rev-parse", "--is-inside-work-tree") is None:
        return
    hook = git("rev-parse", "--git-path", "hooks/pre-commit")
    if hook and not Path(hook).exists():
        print(
            f"{PROGRAM}: your commits are not checked here yet: run `uv run pre-commit install` once", file=sys.stderr
        )
        TOLD.parent.mkdir(exist_ok=True)
        TOLD.touch()
