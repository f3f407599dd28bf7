"""What git knows of a repository: its root, what is tracked, staged and when it changed. Nothing is written."""

from __future__ import annotations

import os
import time
from functools import cached_property

from ml_checks.errors import CannotRunError
from ml_checks.reading import cache
from ml_checks.reading.command import PLACES, Command, folders
from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Sequence

# Whatever the user's settings say, nothing but the time.
LAST_CHANGE = ("log", "-1", "--format=%ct %H", "--no-show-signature", "--no-follow")
COMPARE = ("diff-index", "-z", "--no-renames")
# So many paths fit into a pipe, however long they are.
LONGEST = 15


class Difference(Record):
    """A path that differs from a commit: its mode and its blob there, and the blob it has now.

    A blob is all zeros where the path was not there, is gone, or has a content that the index does not know.
    """

    mode: str
    before: str
    after: str

    @property
    def is_new(self) -> bool:
        """Tell whether the path was not there."""
        return not self.before.strip("0")


class Repository:
    """A work tree, as its index has it; git starts to list it at once, while we do other work."""

    tip = "HEAD"
    """The commit up to which the history counts."""

    def __init__(self, folder: str, *, at_commit: bool = False) -> None:
        """Find the work tree that holds `folder`; raise CannotRunError where there is none.

        `at_commit` tells that nothing but what is staged can have changed since the last look.
        """
        self.root = root_of(folder)
        self.since = time.time()
        """When git began to look, in seconds since 1970."""
        self._at_commit = at_commit
        self._listing = Command(self.root, "ls-files", "-z", "--stage", "--deleted", "-v")
        self._comparing = Command(self.root, *COMPARE, "HEAD")

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every tracked path, in git's order."""
        return tuple(self._index)

    @cached_property
    def regular(self) -> frozenset[str]:
        """The tracked paths that are files: no links, no submodules."""
        return frozenset(path for path, entry in self._index.items() if entry.startswith("100", 2))

    @property
    def changes(self) -> dict[str, Difference]:
        """What differs from the last commit, staged or not; nothing before the first one."""
        return self._changes or {}

    @cached_property
    def staged(self) -> dict[str, str]:
        """The staged changes: the letter of each (A, M, D, T) under its path; empty before the first commit."""
        letters = ((path, self._letter(path, change)) for path, change in self.changes.items())
        return {path: letter for path, letter in letters if letter}

    @cached_property
    def blobs(self) -> dict[str, str]:
        """The id of what each tracked path holds, where git knows that for sure; empty before the first commit."""
        if self._changes is None:
            return {}
        # What is marked as unchanged, git does not look at (no H); what is gone has an R.
        blobs = {path: entry[9:-2] for path, entry in self._index.items() if self._is_sure(path, entry)}
        for path, change in self._changes.items():
            if blobs.get(path) != change.after:
                blobs.pop(path, None)
        return blobs

    def _is_sure(self, path: str, entry: str) -> bool:
        """Tell whether the index knows what a file holds."""
        return entry[0] == "H" or self.is_left_out(path)

    def is_left_out(self, path: str) -> bool:
        """Tell whether a tracked file is not in the work tree because a sparse checkout leaves it out."""
        if self._index.get(path, "H")[0] not in "Ss":
            return False
        return path in self.regular and not os.path.lexists(os.path.join(self.root, path))

    def left_out(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return what those of some paths hold that are not in the work tree; raise CannotRunError."""
        if not (blobs := {path: self._index[path][9:-2] for path in paths if self.is_left_out(path)}):
            return {}
        from ml_checks.reading.blobs import present

        return present(self.root, blobs)

    def is_settled(self, paths: Iterable[str]) -> bool:
        """Tell whether this is a commit that touches none of the paths."""
        return self._at_commit and self.staged.keys().isdisjoint(paths)

    def last_changes(self, groups: Sequence[Sequence[str]], today: datetime.date) -> list[datetime.date | None]:
        """Return for each group of paths the day (UTC) when one of them last changed.

        That is `today` where one is staged, and None where git does not know, as at the end of a shallow history.
        """
        self._read_times([words for words in map(literal, groups) if words not in self._times])
        return [self._last_change(paths, today) for paths in groups]

    def is_unknown(self, paths: Sequence[str]) -> bool:
        """Tell whether git was asked when paths last changed and could not tell."""
        return self._times.get(literal(paths), "") is None

    def _read_times(self, groups: Sequence[tuple[str, ...]]) -> None:
        """Ask git for the last commit of each group of paths, all at once."""
        commands = {words: Command(self.root, *LAST_CHANGE, self.tip, "--", *words) for words in groups}
        ends = _ends_of_history(self.root) if commands else frozenset()
        for words, command in commands.items():
            self._times[words] = _time(command.output(), ends)
        if commands and self._head:
            self._keep_times()

    def _keep_times(self) -> None:
        """Keep what git could tell."""
        known = {words: time for words, time in self._times.items() if time is not None}
        cache.keep(cache.name("changed", self.root), (self.root, self._head), known)

    def _last_change(self, paths: Sequence[str], today: datetime.date) -> datetime.date | None:
        is_staged = not self.staged.keys().isdisjoint(paths)
        return today if is_staged else _day(self._times[literal(paths)])

    @cached_property
    def _times(self) -> dict[tuple[str, ...], str | None]:
        """When paths last changed: what git said of them since the last commit, for each question is a process.

        It is empty where no commit has one of the paths, and None where that is not known.
        """
        known = cache.recall(cache.name("changed", self.root), (self.root, self._head)) if self._head else None
        return known or {}

    @cached_property
    def _head(self) -> str:
        """The last commit, where it takes no process to read it; a linked work tree and a packed branch do."""
        folder = folders.get(self.root) or os.path.join(self.root, ".git")
        try:
            with open(os.path.join(folder, "HEAD"), encoding="utf-8") as file:
                _, is_branch, name = file.read().rpartition("ref: ")
            if not is_branch:
                return name.strip()
            with open(os.path.join(folder, name.strip()), encoding="utf-8") as file:
                return file.read().strip()
        except (OSError, ValueError):
            return ""

    @cached_property
    def _index(self) -> dict[str, str]:
        """What git lists of each path: a letter, the mode, the blob and the side of a conflict, of which one counts.

        A path that is gone from the work tree is listed a second time, with an R, which counts: where it is new in the
        index too, it differs in nothing from the last commit.
        """
        output = self._listing.output()
        if output is None:
            raise CannotRunError(self._listing.complaint())
        split = (line.partition("\t") for line in entries_in(output))
        return {path: entry for entry, _, path in split}

    @cached_property
    def _changes(self) -> dict[str, Difference] | None:
        """What differs from the last commit, staged or not; None before the first one."""
        output = self._comparing.output()
        if output is not None:
            return changes_in(output)
        if Command(self.root, "rev-parse", "--quiet", "--verify", "HEAD").output() is None:
            return None
        raise CannotRunError(self._comparing.complaint())  # what cannot be compared has not stayed as it was

    def _letter(self, path: str, change: Difference) -> str:
        """Return how the index differs from the last commit at a path; nothing where only the work tree does."""
        entry = self._index.get(path)
        if entry is None:
            return "D"
        if change.is_new:
            return "A"
        _, mode, blob, _ = entry.split(" ")
        if mode[:3] != change.mode[:3]:
            return "T"
        return "" if (mode, blob) == (change.mode, change.before) else "M"


def root_of(folder: str) -> str:
    """Return the root of the work tree that holds a folder; raise CannotRunError where there is none."""
    if any(name in os.environ for name in PLACES):
        return _root_by_git(folder)
    place = os.path.abspath(folder)
    while not _is_git_folder(os.path.join(place, ".git")):
        parent = os.path.dirname(place)
        if parent == place:
            raise CannotRunError(_why_no_work_tree(folder))
        place = parent
    folders.pop(place, None)
    return place


def _is_git_folder(path: str) -> bool:
    """Tell whether this is where a repository is, or a file that says where; git looks on above an empty folder."""
    return os.path.isfile(path) or os.path.lexists(os.path.join(path, "HEAD"))


def _why_no_work_tree(folder: str) -> str:
    if Command(folder, "rev-parse", "--is-bare-repository").output() == b"true\n":
        return f"{folder!r} is a bare repository, which has no files to check; run the checks in a clone of it"
    return f"{folder!r} is in no git work tree; run `git init` and `git add .` first"


def _root_by_git(folder: str) -> str:
    """Return the root of a work tree as git knows it; raise CannotRunError with git's own words."""
    asking = Command(folder, "rev-parse", "--show-toplevel", "--absolute-git-dir")
    if (answer := asking.output()) is None:
        raise CannotRunError(asking.complaint())
    root, _, place = os.fsdecode(answer).rstrip("\n").rpartition("\n")
    folders[root] = place
    return root


def _ends_of_history(root: str) -> frozenset[str]:
    """Return the commits whose parents a shallow clone has left out; of what they hold nobody knows since when."""
    path = Command(root, "rev-parse", "--git-path", "shallow").output()
    try:
        with open(os.path.join(root, os.fsdecode(path or b"").rstrip("\n")), encoding="ascii") as file:
            return frozenset(file.read().split())
    except OSError:
        return frozenset()


def is_ignored(root: str, path: str) -> bool:
    """Tell whether git leaves a path alone that it does not track; its own folder is such a one."""
    return path.startswith(".git/") or Command(root, "check-ignore", "--quiet", f"./{path}").output() is not None


def ignored(root: str, paths: Sequence[str]) -> set[str]:
    """Return those of some paths that git leaves alone where it does not track them."""
    found: set[str] = set()
    for start in range(0, len(paths), LONGEST):
        stdin = b"".join(b"./%b\0" % os.fsencode(path) for path in paths[start : start + LONGEST])
        answer = Command(root, "check-ignore", "--stdin", "-z", stdin=stdin).output() or b""
        found.update(entry.removeprefix("./") for entry in entries_in(answer))
    return found


def changes_in(output: bytes) -> dict[str, Difference]:
    """Return what a comparison of git's printed, under the path of each."""
    words = entries_in(output)
    heads = (head.split(" ") for head in words[::2])
    pairs = zip(words[1::2], heads, strict=True)
    return {path: Difference(mode[1:], before, after) for path, (mode, _, before, after, _) in pairs}


def entries_in(output: bytes) -> list[str]:
    """Return what git printed, cut where it ends an entry."""
    return os.fsdecode(output).split("\0")[:-1]


def literal(paths: Sequence[str]) -> tuple[str, ...]:
    """Return paths as git takes them literally, whatever is in them."""
    return tuple(f":(literal){path}" for path in paths)


def _time(output: bytes | None, ends: frozenset[str]) -> str | None:
    """Return when a commit was made, as git printed it; None where the history ends there."""
    time, _, commit = (output or b"").decode().strip().partition(" ")
    return None if output is None or commit in ends else time


def _day(time: str | None) -> datetime.date | None:
    import datetime

    return datetime.datetime.fromtimestamp(int(time), datetime.UTC).date() if time else None
