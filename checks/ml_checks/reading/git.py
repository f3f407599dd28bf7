"""What git knows of a repository: its root, what is tracked, staged and when it changed. Nothing is written."""

from __future__ import annotations

import os
import time
from functools import cached_property

from ml_checks.errors import CannotRunError
from ml_checks.reading import cache
from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Sequence

# `subprocess` costs a sixth of a one-file run to import; where the system can spawn by itself we let it.
CAN_SPAWN = hasattr(os, "posix_spawnp")

# Whatever the user's settings say, nothing but the time.
LAST_CHANGE = ("log", "-1", "--format=%ct", "--no-show-signature", "--")
COMPARE = ("diff-index", "-z", "--no-renames")
# So many ids fit into the pipe of any system, and can be written before anyone reads.
BATCH = 300


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

    def changes(self, base: str = "") -> dict[str, Difference]:
        """Return what differs from the last commit, or from where the branch left `base`; raise CannotRunError."""
        if not base:
            return self._changes or {}
        output = Command(self.root, *COMPARE, "--merge-base", f"{base}^0").output()  # or the commit of a tag
        if output is None:
            raise CannotRunError(f"git knows no commit that {base!r} and HEAD share; fetch the whole history")
        return _changes(output)

    @cached_property
    def staged(self) -> dict[str, str]:
        """The staged changes: the letter of each (A, M, D, T) under its path; empty before the first commit."""
        letters = ((path, self._letter(path, change)) for path, change in self.changes().items())
        return {path: letter for path, letter in letters if letter}

    @cached_property
    def blobs(self) -> dict[str, str]:
        """The id of what each tracked path holds, where git knows that for sure; empty before the first commit."""
        if self._changes is None:
            return {}
        # What is marked as unchanged or left out of the work tree (no H), git does not look at; what is gone has an R.
        blobs = {path: entry[9:-2] for path, entry in self._index.items() if entry[0] == "H"}
        for path, change in self._changes.items():
            if blobs.get(path) != change.after:
                blobs.pop(path, None)
        return blobs

    def is_settled(self, paths: Iterable[str]) -> bool:
        """Tell whether this is a commit that touches none of the paths."""
        return self._at_commit and self.staged.keys().isdisjoint(paths)

    def last_changes(self, groups: Sequence[Sequence[str]], today: datetime.date) -> list[datetime.date | None]:
        """Return for each group of paths the day (UTC) when one of them last changed.

        That is `today` where one is staged, and None where git does not know.
        """
        self._read_times([words for words in map(_literal, groups) if words not in self._times])
        return [self._last_change(paths, today) for paths in groups]

    def _read_times(self, groups: Sequence[tuple[str, ...]]) -> None:
        """Ask git for the last commit of each group of paths, all at once."""
        commands = {words: Command(self.root, *LAST_CHANGE, *words) for words in groups}
        self._times |= {words: command.output() for words, command in commands.items()}
        if commands and self._head:
            cache.keep(cache.name("changed", self.root), (self.root, self._head), self._times)

    def _last_change(self, paths: Sequence[str], today: datetime.date) -> datetime.date | None:
        is_staged = not self.staged.keys().isdisjoint(paths)
        return today if is_staged else _day(self._times[_literal(paths)])

    @cached_property
    def _times(self) -> dict[tuple[str, ...], bytes | None]:
        """When paths last changed: what git said of them since the last commit, for each question is a process."""
        known = cache.recall(cache.name("changed", self.root), (self.root, self._head)) if self._head else None
        return known or {}

    @cached_property
    def _head(self) -> str:
        """The last commit, where it takes no process to read it; a linked work tree and a packed branch do."""
        folder = os.path.join(self.root, ".git")
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
        split = (line.partition("\t") for line in _entries(output))
        return {path: entry for entry, _, path in split}

    @cached_property
    def _changes(self) -> dict[str, Difference] | None:
        """What differs from the last commit, staged or not; None before the first one."""
        output = self._comparing.output()
        return None if output is None else _changes(output)

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


class Command:
    """A git command that runs while we do other work."""

    _is_open = False

    def __init__(self, root: str, *args: str, stdin: bytes = b"") -> None:
        """Start `git ARGS` in `root`, with `stdin` (at most what a pipe holds, 64 kB) on its standard input.

        Raise CannotRunError where there is no git.
        """
        self._words = ["git", "-C", root, *args]
        try:
            self._process = (_Spawned if CAN_SPAWN else _Popen)(self._words, stdin)
        except OSError as error:
            msg = "git is not on the PATH; install it, the checks ask it which files are tracked"
            raise CannotRunError(msg) from error
        self._is_open = True

    def __del__(self) -> None:
        """Leave no process behind, not even one whose answer nobody wanted."""
        if self._is_open:
            self.output()

    def output(self) -> bytes | None:
        """Wait for the end and return what was printed; None where git failed."""
        self._is_open = False
        return self._process.output()

    def complaint(self) -> str:
        """Run a failed command once more and return git's own words."""
        import subprocess

        result = subprocess.run(self._words, capture_output=True, check=False, text=True)
        lines = result.stderr.strip().splitlines()
        return f"git refuses: {lines[0] if lines else f'exit status {result.returncode}'}"


class _Spawned:
    """A process by `posix_spawn`: standard input from a pipe, standard output to another, standard error to nowhere."""

    def __init__(self, words: list[str], stdin: bytes) -> None:
        child_input, to_child = os.pipe()
        self._end, child_output = os.pipe()
        os.write(to_child, stdin)
        os.close(to_child)
        from_pipe, to_pipe = (os.POSIX_SPAWN_DUP2, child_input, 0), (os.POSIX_SPAWN_DUP2, child_output, 1)
        to_nowhere = (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)
        try:
            self._pid = os.posix_spawnp(words[0], words, os.environ, file_actions=[from_pipe, to_pipe, to_nowhere])
        except OSError:
            os.close(self._end)
            raise
        finally:
            os.close(child_input)
            os.close(child_output)

    def output(self) -> bytes | None:
        with open(self._end, "rb") as pipe:
            output = pipe.read()
        _, status = os.waitpid(self._pid, 0)
        return None if status else output


class _Popen:
    """The same where the system cannot spawn."""

    def __init__(self, words: list[str], stdin: bytes) -> None:
        import subprocess

        self._stdin = stdin
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def output(self) -> bytes | None:
        output, _ = self._process.communicate(self._stdin)
        return None if self._process.returncode else output


def root_of(folder: str) -> str:
    """Return the root of the work tree that holds a folder; raise CannotRunError where there is none."""
    place = os.path.abspath(folder)
    while not os.path.exists(os.path.join(place, ".git")):
        parent = os.path.dirname(place)
        if parent == place:
            msg = f"{folder!r} is in no git work tree; run `git init` and `git add .` first"
            raise CannotRunError(msg)
        place = parent
    return place


def contents(root: str, blobs: Sequence[str]) -> Iterator[bytes]:
    """Yield the content under each id; empty where git has none, as in a clone that left it out."""
    import io

    for start in range(0, len(blobs), BATCH):
        batch = blobs[start : start + BATCH]
        stdin = "\n".join((*batch, "")).encode()
        answers = io.BytesIO(Command(root, "cat-file", "--batch", stdin=stdin).output() or b"")
        for _ in batch:
            *_, size = answers.readline().split()
            yield answers.read(int(size) + 1)[:-1] if size.isdigit() else b""


def blob_of(content: bytes) -> str:
    """Return the id that git gives to a content, in a repository of the usual kind."""
    import hashlib

    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def is_ignored(root: str, path: str) -> bool:
    """Tell whether git leaves a path alone that it does not track; its own folder is such a one."""
    return path.startswith(".git/") or Command(root, "check-ignore", "--quiet", f"./{path}").output() is not None


def _changes(output: bytes) -> dict[str, Difference]:
    words = _entries(output)
    heads = (head.split(" ") for head in words[::2])
    pairs = zip(words[1::2], heads, strict=True)
    return {path: Difference(mode[1:], before, after) for path, (mode, _, before, after, _) in pairs}


def _entries(output: bytes) -> list[str]:
    return os.fsdecode(output).split("\0")[:-1]


def _literal(paths: Sequence[str]) -> tuple[str, ...]:
    return tuple(f":(literal){path}" for path in paths)


def _day(output: bytes | None) -> datetime.date | None:
    import datetime

    return datetime.datetime.fromtimestamp(int(output), datetime.UTC).date() if output else None
