"""What git knows of a repository: its root, what is tracked, staged and when it changed. Nothing is written."""

from __future__ import annotations

import os
from functools import cached_property

from ml_checks.errors import CannotRunError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Sequence

# `subprocess` costs a sixth of a one-file run to import; where the system can spawn by itself we let it.
CAN_SPAWN = hasattr(os, "posix_spawnp")

# Whatever the user's settings say, nothing but the time.
LAST_CHANGE = ("log", "-1", "--format=%ct", "--no-show-signature", "--")


class Repository:
    """A work tree, as its index has it; git starts to list it at once, while we do other work."""

    def __init__(self, folder: str, *, at_commit: bool = False) -> None:
        """Find the work tree that holds `folder`; raise CannotRunError where there is none.

        `at_commit` tells that nothing but what is staged can have changed since the last look.
        """
        self.root = _root_of(folder)
        self._at_commit = at_commit
        self._listing = Command(self.root, "ls-files", "-z", "--stage")
        self._staging = self._list_staged() if at_commit else None

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every tracked path, in git's order."""
        return tuple(self._modes)

    @cached_property
    def regular(self) -> frozenset[str]:
        """The tracked paths that are files: no links, no submodules."""
        return frozenset(path for path, mode in self._modes.items() if mode.startswith("100"))

    @cached_property
    def staged(self) -> dict[str, str]:
        """The staged changes: the letter of each (A, M, D, T) under its path; empty before the first commit."""
        words = _entries((self._staging or self._list_staged()).output() or b"")
        return dict(zip(words[1::2], words[::2], strict=True))

    def committed(self, path: str) -> str | None:
        """Return the text of a file as the last commit has it; None where it has none."""
        output = Command(self.root, "show", f"HEAD:{path}").output()
        return None if output is None else output.decode(errors="replace")

    def is_settled(self, paths: Iterable[str]) -> bool:
        """Tell whether this is a commit that touches none of the paths."""
        return self._at_commit and self.staged.keys().isdisjoint(paths)

    def last_changes(self, groups: Sequence[Sequence[str]], today: datetime.date) -> list[datetime.date | None]:
        """Return for each group of paths the day (UTC) when one of them last changed.

        That is `today` where one is staged, and None where git does not know.
        """
        asked = [Command(self.root, *LAST_CHANGE, *(f":(literal){path}" for path in paths)) for paths in groups]
        days = [_day(command.output()) for command in asked]
        return [day if self.staged.keys().isdisjoint(paths) else today for paths, day in zip(groups, days, strict=True)]

    def _list_staged(self) -> Command:
        return Command(self.root, "diff-index", "-z", "--cached", "--name-status", "--no-renames", "HEAD")

    @cached_property
    def _modes(self) -> dict[str, str]:
        """The mode under each path; a path in conflict is listed once for each side, and counts once."""
        output = self._listing.output()
        if output is None:
            raise CannotRunError(self._listing.complaint())
        split = (entry.partition("\t") for entry in _entries(output))
        return {path: head for head, _, path in split}


class Command:
    """A git command that runs while we do other work."""

    def __init__(self, root: str, *args: str) -> None:
        """Start `git ARGS` in `root`; raise CannotRunError where there is no git."""
        self._words = ["git", "-C", root, *args]
        try:
            self._process = _Spawned(self._words) if CAN_SPAWN else _Popen(self._words)
        except OSError as error:
            msg = "git is not on the PATH; install it, the checks ask it which files are tracked"
            raise CannotRunError(msg) from error

    def output(self) -> bytes | None:
        """Wait for the end and return what was printed; None where git failed."""
        return self._process.output()

    def complaint(self) -> str:
        """Run a failed command once more and return git's own words."""
        import subprocess

        result = subprocess.run(self._words, capture_output=True, check=False, text=True)
        said = result.stderr.strip().splitlines()
        return f"git refuses: {said[0] if said else f'exit status {result.returncode}'}"


class _Spawned:
    """A process by `posix_spawn`: standard output to a pipe, standard error to nowhere."""

    def __init__(self, words: list[str]) -> None:
        self._end, end_of_child = os.pipe()
        to_pipe = (os.POSIX_SPAWN_DUP2, end_of_child, 1)
        to_nowhere = (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)
        try:
            self._pid = os.posix_spawnp(words[0], words, os.environ, file_actions=[to_pipe, to_nowhere])
        except OSError:
            os.close(self._end)
            raise
        finally:
            os.close(end_of_child)

    def output(self) -> bytes | None:
        with open(self._end, "rb") as pipe:
            output = pipe.read()
        _, status = os.waitpid(self._pid, 0)
        return None if status else output


class _Popen:
    """The same where the system cannot spawn."""

    def __init__(self, words: list[str]) -> None:
        import subprocess

        self._process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def output(self) -> bytes | None:
        output, _ = self._process.communicate()
        return None if self._process.returncode else output


def _root_of(folder: str) -> str:
    place = os.path.abspath(folder)
    while not os.path.exists(os.path.join(place, ".git")):
        parent = os.path.dirname(place)
        if parent == place:
            msg = f"{folder!r} is in no git work tree; run `git init` and `git add .` first"
            raise CannotRunError(msg)
        place = parent
    return place


def _entries(output: bytes) -> list[str]:
    return os.fsdecode(output).split("\0")[:-1]


def _day(output: bytes | None) -> datetime.date | None:
    import datetime

    return datetime.datetime.fromtimestamp(int(output), datetime.UTC).date() if output else None
