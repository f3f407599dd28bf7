"""What was worked out once, kept in the user's cache folder; where that cannot be, it is worked out again.

`ML_CHECKS_CACHE` names another folder, and switches the cache off where it is empty.
"""

from __future__ import annotations

import marshal
import os
import sys
import time
from binascii import crc32  # as zlib has it; PyYAML imports this one anyway
from itertools import chain

import yaml

from ml_checks import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    Key = tuple[str | int, ...]

FOLDER = os.path.dirname(os.path.dirname(__file__))
# One entry in so many may be newer than the main part before that is written anew.
RECENT_SHARE = 20
# So long nobody has worked on a repository when what is kept of it is thrown away.
MAX_AGE_DAYS = 90


def _code() -> tuple[int, ...]:
    """Return what tells this code, and what is installed beside it, from what is there after a change of either."""
    rooms = [entry.path for entry in os.scandir(FOLDER) if entry.is_dir() and entry.name[0] != "_"]
    states = list(chain.from_iterable(map(_states, (FOLDER, *rooms))))
    libraries = os.stat(os.path.dirname(yaml.__path__[0])).st_mtime_ns
    return sum(state.st_size for state in states), max(state.st_mtime_ns for state in states), libraries


def _states(place: str) -> list[os.stat_result]:
    """Return what the file system tells of each file in a folder."""
    return [entry.stat() for entry in os.scandir(place) if entry.is_file()]


# What another version of this package, of its dependencies or of Python wrote is not read.
WRITER: Key = (__version__, sys.version, *_code())


def folder() -> str:
    """Return the folder of the cache, empty where there is to be none."""
    home = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.environ.get("ML_CHECKS_CACHE", os.path.join(home, "ml-checks"))


def name(about: str, *parts: str) -> str:
    """Return a name for what is kept about something; the key tells apart what should share one by chance."""
    return f"{about}-{crc32(repr(parts).encode(errors='replace')):08x}"


def recall(name: str, key: Key) -> Any | None:  # noqa: ANN401  # as it was kept
    """Return what was kept last under a name, if it was for this key and is whole; None otherwise."""
    place = folder()
    try:
        with open(os.path.join(place, name) if place else os.devnull, "rb") as file:
            checksum, content = file.read(4), file.read()
        # Checked before it is taken apart: `marshal` trusts what it reads.
        if crc32(content).to_bytes(4) != checksum:
            return None
        writer, known, value = marshal.loads(content)  # noqa: S302  # written by us, and whole
    except (OSError, ValueError, EOFError, TypeError):
        return None
    return value if (writer, known) == (WRITER, key) else None


def keep(name: str, key: Key, value: Any) -> None:  # noqa: ANN401  # whatever marshal can write
    """Keep a value of plain types under a name, whole or not at all; where nothing can be written, do without."""
    if not (place := folder()):
        return
    content = marshal.dumps((WRITER, key, value))
    path, beside = os.path.join(place, name), os.path.join(place, f"{name}.{os.getpid()}.part")
    try:
        os.makedirs(place, exist_ok=True)
        if not os.path.exists(path):
            _sweep(place)
        with open(beside, "wb") as file:
            file.write(crc32(content).to_bytes(4) + content)
        os.replace(beside, path)
    except OSError:  # no right, no room, or a name that belongs to another user
        _remove(beside)


def _sweep(place: str) -> None:
    """Throw away what was last written long ago: a repository that is gone, or the rest of a run that was killed."""
    for entry in os.scandir(place):
        if entry.is_file() and entry.stat().st_mtime < time.time() - MAX_AGE_DAYS * 86_400:
            _remove(entry.path)


def _remove(path: str) -> None:
    """Remove a file that is ours; that of another user stays."""
    try:
        os.remove(path)
    except OSError:
        return


class Store:
    """What is kept of many files, under their paths: the main part, and beside it a few entries that came later.

    To write all of many thousand anew for each commit would take longer than the rest of the run.
    """

    def __init__(self, name: str, key: Key) -> None:
        """Take what is kept under a name for a key."""
        self._name, self._key = name, key
        main: tuple[dict[str, Any], str] = recall(name, key) or ({}, "")
        self._main, self.summary = main
        """A text about the main part as a whole, too."""
        self._recent: dict[str, Any] = recall(f"{name}-recent", key) or {}
        self.entries = self._main | self._recent
        """What was kept for each path."""

    def newer(self, entries: Mapping[str, Any]) -> dict[str, Any]:
        """Return the entries that are not in the main part."""
        return {path: entry for path, entry in entries.items() if self._main.get(path) is not entry}

    def keep(self, entries: Mapping[str, Any], summarise: Callable[[Iterable[Any]], str] = lambda _: "") -> None:
        """Keep these entries and no others."""
        recent = self.newer(entries)
        if len(recent) * RECENT_SHARE < len(entries):
            keep(f"{self._name}-recent", self._key, recent)
            return
        keep(self._name, self._key, (dict(entries), summarise(entries.values())))
        if self._recent:
            keep(f"{self._name}-recent", self._key, {})
