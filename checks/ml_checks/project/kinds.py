"""What each tracked path is: by its path as the standards have it, else by what it looks like and where it lies."""

from __future__ import annotations

from ml_checks.project import recognition
from ml_checks.project.places import Places
from ml_checks.reading.reader import Reader
from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from ml_checks.project.snapshot import Snapshot

    BlobOf = Callable[[str], str | None]

# A path of these kinds is looked at; of all others the standards say exactly what they are.
WIDE = frozenset(["", "samples", "pages", "kubernetes"])
# So many files are looked at together.
PART = 250


class Known(Record):
    """What is known of the tracked paths, in plain types that can be kept.

    `kinds` has the kind of each; `unread` those that look like a kind and are not read: the kind, and why. `blobs` has
    the contents that were looked at, None for one that may have changed meanwhile; `looks` what they look like, behind
    the kind that the standards have for the path. `markers` are the files that say what others are.
    """

    kinds: dict[str, str]
    unread: dict[str, tuple[str, str]]
    blobs: dict[str, str | None]
    looks: dict[str, tuple[Any, ...]]
    markers: tuple[tuple[str, str | None], ...]


class Sorter:
    """Sorts the paths of a work tree, and goes on from what is known of them."""

    def __init__(self, snapshot: Snapshot, known: Sequence[Any], blob_of: BlobOf) -> None:
        """Take what is known, and what tells the content of a path where that is certain."""
        self._snapshot, self._before, self._blob_of = snapshot, Known(*known), blob_of
        self._regular = snapshot.repository.regular.union(snapshot.unsaved)

    def sort(self, stale: Iterable[str], markers: Sequence[tuple[str, str | None]]) -> Known:
        """Return what is known of all paths; look at those of which it is not, or no longer."""
        named = self._snapshot.standards.kinds(list(stale))
        looked = self._looked(named)
        kinds = self._there(self._before.kinds | named)
        looks = self._there(self._before.looks | looked)
        blobs = self._there(self._before.blobs | dict(zip(looked, map(self._blob_of, looked), strict=True)))
        telling = {path: look for path, look in looks.items() if any(look[1:])}
        places = Places(self._reader_of([path for path, _ in markers]), markers, kinds)
        unread = dict(_place(telling, places, kinds))
        return Known(kinds, unread, blobs, telling, tuple(markers))

    def _there(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values of those paths that are there, in git's order."""
        return {path: values[path] for path in self._snapshot.paths if path in values}

    def _looked(self, named: Mapping[str, str]) -> dict[str, tuple[Any, ...]]:
        """Return what each of some paths looks like whose kind leaves that open, behind that kind."""
        paths = [path for path, kind in named.items() if self._is_open(path, kind)]
        looked: dict[str, tuple[Any, ...]] = {}
        for start in range(0, len(paths), PART):
            part = paths[start : start + PART]
            reader = self._reader_of(part)
            looked |= {path: (named[path], *_look(reader, path, named[path])) for path in part}
        return looked

    def _reader_of(self, paths: Sequence[str]) -> Reader:
        """Return a reader that has what a sparse checkout leaves out, which is asked for at once."""
        snapshot = self._snapshot
        return Reader(snapshot.repository.root, {**snapshot.repository.left_out(paths), **snapshot.unsaved})

    def _is_open(self, path: str, kind: str) -> bool:
        return kind in WIDE and path in self._regular and recognition.is_candidate(path)


def _look(reader: Reader, path: str, named: str) -> recognition.Look:
    look = recognition.look_at(reader, path)
    return recognition.look_at_name(path) if named == "pages" and not look.kind else look


def were_contracts(
    blobs: Mapping[str, str], contents: Callable[[list[str]], Iterator[bytes | None]]
) -> Iterator[tuple[str, bytes]]:
    """Return path and content of those blobs that hold a contract, wherever they lay."""
    paths = list(filter(_may_be_read, blobs))
    pairs = zip(paths, contents(list(map(blobs.__getitem__, paths))), strict=True)
    # What this clone has not got may have been anything.
    return filter(_is_contract, ((path, content) for path, content in pairs if content is not None))


def _may_be_read(path: str) -> bool:
    return recognition.is_candidate(path) and not recognition.aside(path)


def _is_contract(file: tuple[str, bytes]) -> bool:
    return recognition.look_into(*file)[:2] == ("contracts", "")


def _place(
    looks: Mapping[str, tuple[Any, ...]], places: Places, kinds: dict[str, str]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Write down what files are that look like something; yield those that are not read, with the reason."""
    for path, (named, *look) in looks.items():
        kind, why = recognition.placed(path, recognition.Look(*look), places, named)
        kinds[path] = recognition.left(named) if why else kind
        if why:
            yield path, (kind, why)
