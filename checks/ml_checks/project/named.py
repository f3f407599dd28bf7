"""Names and types of datasets with their places, kept until a file changes: rules look again where they differ."""

from __future__ import annotations

from ml_checks.reading import cache
from ml_checks.values import Dataset, Field, Location, PlainMark, Text, text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from ml_checks.project.facts import Facts
    from ml_checks.project.snapshot import File
    from ml_checks.reading.cache import Key

    # A text with its line and column, or nothing.
    Placed = tuple[str, int, int] | tuple[()]
    # The name of a dataset, and of each of its fields the name and the type.
    Packed = tuple[Placed, tuple[tuple[Placed, Placed], ...]]


class Named:
    """The datasets of files, with nothing but the names and types in them."""

    def __init__(self, facts: Facts, root: str, key: Key) -> None:
        """Take what reads files, and what else than their content the result depends on."""
        self._facts = facts
        self._store = cache.Store(cache.name("named", root), (root, *key))

    def datasets(self, files: Sequence[File]) -> Iterator[Dataset]:
        """Yield the datasets of some files."""
        entries = {file[0]: self._known(file) or self._read(file) for file in files}
        known = self._store.entries | entries
        certain = {path: entry for path, entry in known.items() if entry[0] and entry[0] == self._facts.blob(path)}
        if certain != self._store.entries:
            self._store.keep(certain)
        for path, (_, _, datasets) in entries.items():
            yield from (_unpacked(path, dataset) for dataset in datasets)

    def _known(self, file: File) -> tuple[Any, ...] | None:
        """Return what was kept of a file that is as it was."""
        path, kind = file
        entry: tuple[Any, ...] = self._store.entries.get(path, (None,))
        return entry if entry[0] and entry[:2] == (self._facts.blob(path), kind) else None

    def _read(self, file: File) -> tuple[str | None, str, tuple[Packed, ...]]:
        path, kind = file
        datasets = self._facts.read(file).datasets
        return self._facts.certain_blob(path), kind, tuple(map(_packed, datasets))


def _packed(dataset: Dataset) -> Packed:
    return _placed(dataset.name), tuple((_placed(one.name), _placed(one.type)) for one in dataset.fields)


def _placed(text: Text | None) -> Placed:
    return (str(text), text.at.line, text.at.col) if text else ()


def _unpacked(path: str, packed: Packed) -> Dataset:
    name, fields = packed
    return Dataset(_text(path, name), None, Location(path, 1, 1), tuple(_field(path, *field) for field in fields))


def _field(path: str, name: Placed, kind: Placed) -> Field:
    return Field(_text(path, name), _text(path, kind), None, None, None, None, None, path, PlainMark(0, 0))


def _text(path: str, placed: Placed) -> Text | None:
    return text_at(Location(path, *placed[1:]), placed[0]) if placed else None
