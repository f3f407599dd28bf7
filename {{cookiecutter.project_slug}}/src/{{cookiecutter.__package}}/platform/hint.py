"""Tells a colleague who has just cloned the project what the one who began it need not know."""

import os
import sys
from pathlib import Path

from . import PROGRAM
from .lineage import git

TOLD = Path("outputs/.hooks-hint")


# Words of a hook that runs ours: pre-commit's own, prek's, or one that calls either.
CALLS = ("pre-commit run", "pre_commit", "prek")


def say_that_hooks_are_missing() -> None:
    """Say once that git does not run the hooks here: a clone brings none of them along. CI runs them by itself."""
    if "CI" in os.environ or TOLD.exists() or git("rev-parse", "--is-inside-work-tree") is None:
        return
    hook = git("rev-parse", "--git-path", "hooks/pre-commit")
    if hook and not _runs_ours(Path(hook)):
        print(f"{PROGRAM}: your commits are not checked here yet: {_advice(hook)}", file=sys.stderr)
        TOLD.parent.mkdir(exist_ok=True)
        TOLD.touch()


def _runs_ours(hook: Path) -> bool:
    # The hook of husky hands on to one of the same name in the folder above.
    files = (path for path in (hook, hook.parent.parent / hook.name) if path.is_file())
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in files]
    return any(word in text for word in CALLS for text in texts)


def _advice(hook: str) -> str:
    if git("config", "core.hooksPath"):  # where pre-commit installs nothing
        return f"git takes its hooks from another folder; let {hook} run `uv run pre-commit run`"
    return "run `uv run pre-commit install` once"
