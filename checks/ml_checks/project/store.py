"""What a group of files gave when they were last read, as the cache keeps it."""

from __future__ import annotations

from ml_checks.reading import cache
from ml_checks.reading.extract import NEXT, Extract, vocabulary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    # The id of a file's content where that is known for sure, its kind, and its extract.
    Entry = tuple[str | None, str, tuple[Any, ...]]

# One in so many is few.
FEW = 20


class Store:
    """The entries of a group of files: most in one file, and a few that came later beside it.

    To write all of many thousand anew for each commit would take longer than the rest of the run.
    """

    def __init__(self, name: str, key: cache.Key) -> None:
        """Take what is kept under a name for a key."""
        self._name, self._key = name, key
        most: tuple[dict[str, Entry], str] = cache.recall(name, key) or ({}, "")
        self._most, self._spoken = most
        self._late: dict[str, Entry] = cache.recall(f"{name}-late", key) or {}
        self.entries = self._most | self._late
        """What was known of each path."""

    def vocabulary(self, found: Mapping[str, Entry]) -> set[str]:
        """Return every name in files, that of a field with each type that it has, and some that were there before.

        To take them from each file would take as long as all that the rules do with them.
        """
        late = (entry for path, entry in found.items() if self._most.get(path) is not entry)
        return _vocabulary(late).union(filter(None, self._spoken.split(NEXT)))

    def keep(self, found: Mapping[str, Entry]) -> None:
        """Keep the entries of files whose content is known for sure."""
        kept = {path: entry for path, entry in found.items() if entry[0]}
        late = {path: entry for path, entry in kept.items() if self._most.get(path) is not entry}
        if len(late) * FEW < len(kept):
            cache.keep(f"{self._name}-late", self._key, late)
            return
        cache.keep(self._name, self._key, (kept, NEXT.join(_vocabulary(kept.values()))))
        if self._late:
            cache.keep(f"{self._name}-late", self._key, {})


def _vocabulary(entries: Iterable[Entry]) -> set[str]:
    return vocabulary(Extract(*extract).named for _, _, extract in entries)
