"""An adoption from the look around to the last file: what it refuses, what it writes, and what it says."""

from __future__ import annotations

import os

from ml_checks.adopt import shown
from ml_checks.adopt.plan import plan
from ml_checks.adopt.tree import Tree
from ml_checks.errors import CannotRunError, count
from ml_checks.reading.command import Command
from ml_checks.reading.git import Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from ml_checks.adopt.plan import Plan

# What lies at the top of a repository that has no work tree.
BARE = ("HEAD", "objects", "refs")
MOST_NAMES = 3


def adopt(
    folder: str, owner: str, today: datetime.date, *, is_applied: bool, shape: str
) -> tuple[str, bool, tuple[str, ...]]:
    """Plan an adoption, write it where that is asked for; return what to print, whether all is clean, what crashed.

    Nothing is written where a rule crashed: then not everything is known. Raise CannotRunError where it cannot begin.
    """
    repository = _repository(folder)
    tree = Tree(repository, today)
    made = plan(tree, owner)
    unsaved = _unsaved(repository, made)
    is_written = is_applied and not made.crashes
    if is_applied:
        _refuse_unsaved(unsaved)
    if is_written:
        tree.write()
        again = plan(Tree(Repository(repository.root), today), owner)  # of what is on the disk now
        made = made._replace(leftovers=again.leftovers, crashes=again.crashes)
    state = shown.State(made, is_applied=is_written, unsaved=tuple(unsaved))
    text = shown.as_json(state) if shape == "json" else shown.as_text(state)
    return text, not made.leftovers, made.crashes


def _repository(folder: str) -> Repository:
    """Return the repository whose top a folder is; raise CannotRunError where it is none that can be adopted."""
    if {*BARE}.issubset(os.listdir(folder)):
        raise CannotRunError("this is a bare repository, which has no files to look at; run it in a clone")
    repository = Repository(folder)
    if not os.path.samefile(folder, repository.root):
        top = os.path.relpath(repository.root, folder)
        raise CannotRunError(f"a repository is adopted as a whole; run it at its top: `cd {top}`")
    if not repository.paths:
        raise CannotRunError("git tracks no file here; add what there is with `git add .`, and commit it")
    if Command(repository.root, "rev-parse", "--verify", "--quiet", "HEAD").output() is None:
        raise CannotRunError("nothing is committed yet, so nothing is old; commit what there is first")
    return repository


def _unsaved(repository: Repository, made: Plan) -> list[str]:
    """Return what is changed and not committed, but for what an earlier run has written as this one would."""
    planned = {change.path for change in made.changes}
    return [path for path in repository.changes if path in planned or path not in made.targets]


def _refuse_unsaved(paths: Sequence[str]) -> None:
    if paths:
        others = f" and {len(paths) - MOST_NAMES} more" if len(paths) > MOST_NAMES else ""
        named = ", ".join(paths[:MOST_NAMES]) + others
        raise CannotRunError(f"{count(len(paths), 'file')} changed and not committed ({named}); commit or stash first")
