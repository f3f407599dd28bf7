"""Values that know where they stand: what every rule looks at and what it reports."""

from __future__ import annotations

from ml_checks.errors import printable, quoted
from ml_checks.record import Record

TYPE_CHECKING = False  # importing `typing` would cost a tenth of a one-file run
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Protocol

    from yaml import MappingNode

    class Mark(Protocol):
        """A place as the YAML parser has it, from 0."""

        @property
        def line(self) -> int:
            """Lines above."""

        @property
        def column(self) -> int:
            """Characters before."""


class Location(Record):
    """A place in a tracked file: path from the repository's root, line and column from 1."""

    path: str
    line: int
    col: int


def located(path: str, mark: Mark) -> Location:
    """Return where a mark of the YAML parser, which counts from 0, stands in a file."""
    return Location(path, mark.line + 1, mark.column + 1)


class Finding(Record):
    """One fault at one place; findings sort by path, line, column, code."""

    at: Location
    code: str
    message: str


def place(finding: Finding) -> str:
    """Return where a finding is, as editors understand it."""
    path, row, col = finding.at
    return printable(f"{path}:{row}:{col}")


def line(finding: Finding) -> str:
    """Return a finding on one line."""
    (path, row, col), code, message = finding
    return printable(f"{path}:{row}:{col}: {code} {message}")


def folders_of(paths: Iterable[str]) -> frozenset[str]:
    """Return every folder that holds one of the paths; the root is the empty string."""
    folders = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return frozenset(folders)


class Text(str):
    """A scalar as it was written; numbers and booleans are texts too."""

    __slots__ = ("mark", "path")
    mark: Mark
    path: str

    def __repr__(self) -> str:
        """Return the text as a message shows it."""
        return quoted(self)

    @property
    def at(self) -> Location:
        """Where the scalar starts, its quote included."""
        return located(self.path, self.mark)


class Map(dict[str, "Text | Map | List | None"]):
    """A YAML mapping; null values are None and merge keys (`<<`) are merged."""

    __slots__ = ("node", "path")
    node: MappingNode
    path: str

    @property
    def at(self) -> Location:
        """Where the first key starts."""
        return located(self.path, self.node.start_mark)

    def at_key(self, key: str) -> Location:
        """Where `key` is written; where the mapping starts if it is not."""
        marks = (name.start_mark for name, _ in self.node.value if name.value == key)
        return located(self.path, next(marks, self.node.start_mark))

    def names(self) -> Iterator[Text]:
        """Yield the keys with their places, in order; merged ones are left out."""
        for node, _ in self.node.value:
            if type(node.value) is str and node.value in self:
                name = Text(node.value)
                name.mark, name.path = node.start_mark, self.path
                yield name

    def text(self, key: str) -> Text | None:
        """Return the text under `key`; None where it is absent, empty or not a scalar."""
        value = self.get(key)
        return value if type(value) is Text and value else None

    def must(self, key: str) -> Text:
        """Return the text under `key`, where a schema says that it is there; raise KeyError."""
        if text := self.text(key):
            return text
        raise KeyError(key)

    def mapping(self, key: str) -> Map:
        """Return the mapping under `key`; an empty one that stands here where there is none."""
        value = self.get(key)
        if type(value) is Map:
            return value
        empty = Map()
        empty.node, empty.path = self.node, self.path
        return empty

    def texts(self, key: str) -> Iterator[Text]:
        """Yield the scalars of the list under `key`."""
        return (item for item in self._items(key) if type(item) is Text)

    def one_or_more(self, key: str) -> Iterator[Text]:
        """Yield the text under `key`, or the scalars of the list there."""
        return iter((one,)) if (one := self.text(key)) else self.texts(key)

    def lists(self, key: str) -> Iterator[List]:
        """Yield the lists of the list under `key`."""
        return (item for item in self._items(key) if type(item) is List)

    def mappings(self, key: str) -> Iterator[Map]:
        """Yield the mappings of the list under `key`."""
        return (item for item in self._items(key) if type(item) is Map)

    def _items(self, key: str) -> List:
        value = self.get(key)
        return value if type(value) is List else List()


def maps(values: Iterable[Value]) -> Iterator[Map]:
    """Return those of some values that are mappings."""
    return (value for value in values if type(value) is Map)


class List(list["Text | Map | List | None"]):
    """A YAML sequence."""

    __slots__ = ("mark", "path")
    mark: Mark
    path: str

    @property
    def at(self) -> Location:
        """Where the list starts."""
        return located(self.path, self.mark)


Value = Text | Map | List | None


def scalars(values: Iterable[Value]) -> Iterator[Text]:
    """Yield each text in some values, wherever it stands."""
    left = [*values]
    while left:
        value = left.pop()
        if type(value) is Text:
            yield value
        else:
            left += value.values() if type(value) is Map else value if type(value) is List else ()


class Field(Record):
    """A field of a dataset; what is not written is None."""

    name: Text | None
    type: Text | None
    description: Text | None
    classification: Text | None
    physical_name: Text | None
    unit: Text | None
    available_at: Text | None
    path: str
    mark: Mark

    @property
    def shown(self) -> str:
        """The name as a message shows it."""
        return quoted(self.name or "?")

    @property
    def at(self) -> Location:
        """Where the field's first key stands."""
        return located(self.path, self.mark)


class Dataset(Record):
    """A dataset that a schema describes, with all its fields, those of nested objects included.

    `twice` are the names of those fields of which an earlier one in the same object has the name already.
    """

    name: Text | None
    description: Text | None
    at: Location
    fields: tuple[Field, ...]
    twice: tuple[Text, ...] = ()

    @property
    def shown(self) -> str:
        """The name as a message shows it."""
        return quoted(self.name or "?")


def repeated(names: Iterable[Text | None]) -> tuple[Text, ...]:
    """Return each name that an earlier one is too."""
    known = [name for name in names if name]
    if len(set(known)) == len(known):
        return ()  # as nearly everywhere
    return tuple(name for index, name in enumerate(known) if name in known[:index])


class PlainMark(Record):
    """A mark that no parser made."""

    line: int
    column: int


def text_at(at: Location, value: str) -> Text:
    """Return a text that stands at a place of which only line and column are known."""
    text = Text(value)
    text.mark, text.path = PlainMark(at.line - 1, at.col - 1), at.path
    return text
