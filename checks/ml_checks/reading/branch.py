"""Where a branch left its base, what has changed since, and what has moved."""

from __future__ import annotations

import os
from itertools import accumulate, takewhile

from ml_checks.errors import CannotRunError, suggestion
from ml_checks.reading.command import Command
from ml_checks.reading.git import COMPARE, changes_in, entries_in, literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from ml_checks.reading.git import Difference

_ABSENT = ""
# Files that left in more commits than that are not followed one by one: each is two processes.
_MOST_COMMITS = 50
# So many paths fit on a command line of any system.
_MOST_PATHS = 200
_DELETED = ("log", "-1", "--diff-filter=D", "--no-renames", "--no-follow", "--no-show-signature", "--name-only", "-z")


def changes(root: str, base: str) -> dict[str, Difference]:
    """Return what differs from where the branch left `base`; raise CannotRunError."""
    _refuse_option(base)
    output = Command(root, *COMPARE, "--merge-base", f"{base}^0").output()  # or the commit of a tag
    if output is not None:
        return changes_in(output)
    return _changes_since(root, beginnings(root, base))


def beginnings(root: str, base: str) -> list[str]:
    """Return the commit where the branch left `base`, or several after merges crosswise; raise CannotRunError."""
    _refuse_option(base)
    if not is_there(root, f"{base}^0"):
        raise CannotRunError(_unknown(root, base))
    shared = Command(root, "merge-base", "--all", f"{base}^0", "HEAD").output() or b""
    if not shared:
        raise CannotRunError(_nothing_shared(root, base))
    return shared.decode().split()


def is_there(root: str, commit: str) -> bool:
    """Tell whether git knows a commit."""
    return Command(root, "rev-parse", "--quiet", "--verify", commit).output() is not None


def _refuse_option(base: str) -> None:
    if base.startswith("-"):
        raise CannotRunError(f"--base {base!r} is no commit; name a branch, a tag or the id of a commit")


def _unknown(root: str, base: str) -> str:
    """Say of a base that it is no commit here, and which one is meant or how to get it."""
    names = os.fsdecode(Command(root, "for-each-ref", "--format=%(refname:short)").output() or b"").split()
    near = suggestion(base, names)
    if "did you mean" not in near:
        near = "name a branch, a tag or a commit, and fetch first what only the remote has"
    return f"git knows no commit {base!r}; {near}"


def _nothing_shared(root: str, base: str) -> str:
    """Say why git knows no commit that a base and the last commit share."""
    if not is_there(root, "HEAD"):
        return f"there is no commit yet that could be compared with {base!r}; commit first, or leave out --base"
    if Command(root, "rev-parse", "--is-shallow-repository").output() == b"true\n":
        why = f"the history of this clone is shallow, and ends before the branch left {base!r}"
        return f"{why}, so nothing can be compared; run `git fetch --unshallow`"
    return f"{base!r} and HEAD share no commit; name the branch that this one was made from"


def _changes_since(root: str, commits: Sequence[str]) -> dict[str, Difference]:
    """Return what differs from each of several commits, which were merged crosswise.

    What is as it was in one of them has not changed here: it came with a merge. What it was is what that commit has
    which changed it since the commits themselves parted; the first one, where several did.
    """
    found = [_compared(root, commit) for commit in commits]
    parted = Command(root, "merge-base", "--octopus", *commits).output() if len(commits) > 1 else None
    earlier = _compared(root, parted.decode().split()[0]) if parted else {}
    everywhere = set(found[0]).intersection(*found)
    return {path: _latest(path, found, earlier) for path in found[0] if path in everywhere}


def _latest(path: str, found: Sequence[dict[str, Difference]], earlier: dict[str, Difference]) -> Difference:
    before = earlier[path].before if path in earlier else _ABSENT
    options = [changed[path] for changed in found]
    return next((option for option in options if option.before != before), options[0])


def _compared(root: str, commit: str) -> dict[str, Difference]:
    """Return what differs from a commit; raise CannotRunError where git has only a part of it."""
    comparing = Command(root, *COMPARE, commit)
    if (output := comparing.output()) is None:
        raise CannotRunError(f"{comparing.complaint()}; a partial clone needs its remote to compare with {commit[:10]}")
    return changes_in(output)


def moves(root: str, paths: Iterable[str]) -> dict[str, str]:
    """Return where paths that are not tracked any more went, as git sees renames: in this commit, or in the last ones.

    A path that never was a file goes with the folder that it was said to be in.
    """
    wanted = set(paths)
    found = _renames_of(root, wanted)
    folders = dict(_folders(found))
    went = {path: found.get(path) or _with_folder(path, folders) for path in wanted}
    return {old: new for old, new in went.items() if old != new}


def _renames_of(root: str, paths: set[str]) -> dict[str, str]:
    """Return the renames since the commits in which some paths left, the last ones first."""
    found = renames(root, "HEAD")
    left = _not_among(paths, found.keys())
    for asked in takewhile(bool, (sorted(left)[:_MOST_PATHS] for _ in range(_MOST_COMMITS))):
        commit, gone = _departure(root, asked)
        found = (renames(root, f"{commit}^") if commit else {}) | found
        left = _not_among(left, (gone or {*asked}) | found.keys())
    return found


def _not_among(paths: set[str], known: AbstractSet[str]) -> set[str]:
    """Return the paths that are not known, and do not begin with one and a blank: then that is the path."""
    return {path for path in paths if known.isdisjoint(accumulate(path.split(" "), "{} {}".format))}


def renames(root: str, commit: str) -> dict[str, str]:
    """Return what each path of a commit is called in the index that git sees renamed; raise CannotRunError."""
    words = ("-z", "--name-status", "--find-renames", "--diff-filter=R", commit)
    comparing = Command(root, "diff-index", *words)
    if (output := comparing.output()) is None and is_there(root, "HEAD"):
        raise CannotRunError(f"{comparing.complaint()}; a partial clone needs its remote to tell which files moved")
    parts = entries_in(output or b"")  # nothing before the first commit
    return dict(zip(parts[1::3], parts[2::3], strict=True))


def _departure(root: str, paths: Sequence[str]) -> tuple[str, set[str]]:
    """Return the last commit in which one of some paths went, and all that went in it of these; else nothing."""
    words = (*_DELETED, "--format=%H", "--", *literal(paths))
    commit, *gone = entries_in(Command(root, *words).output() or b"") or [""]
    return commit, {path.lstrip("\n") for path in gone}


def _folders(found: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the folders that went somewhere else together with a file, and where that is."""
    for old, new in found.items():
        while os.path.basename(old) == os.path.basename(new) and "/" in old:
            old, new = os.path.dirname(old), os.path.dirname(new)  # noqa: PLW2901  # from the inside out
            yield old, new


def _with_folder(path: str, folders: dict[str, str]) -> str:
    """Return where a path is whose nearest folder went somewhere else."""
    folder = os.path.dirname(path)
    while folder and folder not in folders:
        folder = os.path.dirname(folder)
    return os.path.join(folders[folder], path[len(folder) + 1 :]) if folder else path
