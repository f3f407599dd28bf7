"""What is kept of a document in plain types: facts about it, and the names in it."""

from __future__ import annotations

from itertools import chain

from ml_checks.values import Location, Text, text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from functools import cached_property as fact

    from ml_checks.values import Dataset, Field

    # A truth, a text with its place, a place (line and column), a list of these, or nothing.
    Value = bool | Text | Location | tuple["Value", ...] | None
    Packed = bool | str | int | tuple["Packed", ...] | None

    __all__ = ["Document", "Packed", "fact", "levels", "names", "pack_names", "vocabulary"]
else:

    class fact:  # noqa: N801  # it is used as `property` is
        """A fact about a document: its function works it out where the document is read; else it was kept."""

        def __init__(self, function: Callable[[Document], Value]) -> None:
            """Take the function."""
            self._function, self.__doc__ = function, function.__doc__

        def __set_name__(self, _: type, name: str) -> None:
            """Take the name."""
            self._name = name

        def __get__(self, document: Document, _: type) -> Value:
            """Return the fact, which is worked out once."""
            if document.packed is None:
                value = self._function(document)
            elif value := document.packed[self._name]:  # what says nothing is no other in plain types
                value = _unpacked(document.path, value)
            document.__dict__[self._name] = value
            return value


# Separators of packed names: between the items of a list, and between the parts of one. No tool takes names with them.
NEXT, PART = "\0\1"


class Document:
    """A document with its facts; those of one that is known from an earlier run are `packed`."""

    facts: tuple[str, ...]

    def __init_subclass__(cls) -> None:
        """Gather the names of the facts, in order."""
        cls.facts = tuple(name for name, value in vars(cls).items() if isinstance(value, fact))

    def __init__(self, path: str, packed: dict[str, Packed] | None = None) -> None:
        """Take the path from the repository's root, and the facts as they were packed."""
        self.path, self.packed = path, packed

    def pack(self) -> dict[str, Packed]:
        """Return all facts in plain types."""
        return {name: _packed(getattr(self, name)) for name in self.facts}

    def plain(self, name: str) -> tuple[str, ...]:
        """Return the text or the texts of a fact without their places: to find these takes longer."""
        packed = _packed(getattr(self, name)) if self.packed is None else self.packed[name]
        texts = packed if isinstance(packed, tuple) else (packed,)
        return tuple([text.split(":", 2)[2] for text in texts if isinstance(text, str)])


def _packed(value: Value) -> Packed:
    if isinstance(value, Text):
        # One plain text is read back in a fraction of the time of three values.
        return f"{value.mark.line + 1}:{value.mark.column + 1}:{value}"
    if isinstance(value, Location):
        return value.line, value.col
    if value is None or isinstance(value, bool):
        return value
    return tuple([_packed(one) for one in value])


def _unpacked(path: str, packed: Packed) -> Value:
    if isinstance(packed, str):
        line, col, value = packed.split(":", 2)
        return text_at(Location(path, int(line), int(col)), value)
    if not isinstance(packed, tuple):
        return None if packed is None else bool(packed)
    match packed:
        case (int(row), int(column)):
            return Location(path, row, column)
    return tuple([_unpacked(path, one) for one in packed])


def pack_names(datasets: Iterable[Dataset]) -> str:
    """Return the names in datasets as one text: of each its name; of each field name, type and classification.

    As lists they would take five times as long to read back, and few rules look into them.
    """
    fields = chain.from_iterable([dataset.fields for dataset in datasets])
    return NEXT.join(_dataset_names(datasets) + _field_names(fields))


def _dataset_names(datasets: Iterable[Dataset]) -> list[str]:
    return [f"{dataset.name}{PART}" for dataset in datasets if dataset.name]


def _field_names(fields: Iterable[Field]) -> list[str]:
    return [f"{one.name}{PART}{one.type or ''}{PART}{one.classification or ''}" for one in fields if one.name]


def names(packed: str) -> set[str]:
    """Return the names in packed ones."""
    return {one.partition(PART)[0] for one in packed.split(NEXT)}


def levels(packed: str) -> list[tuple[str, str]]:
    """Return name and classification of each field in packed names that is classified."""
    split = (one.partition(PART) for one in packed.split(NEXT))
    return [(name, level) for name, _, rest in split if (level := rest.partition(PART)[2])]


def vocabulary(lists: Iterable[str]) -> set[str]:
    """Return each name of a dataset, and each name of a field with each type that it has, packed as in the lists."""
    return {one.rpartition(PART)[0] for one in set(NEXT.join(filter(None, lists)).split(NEXT)) if one}
