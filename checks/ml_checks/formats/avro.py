"""Avro: the fields of a record and of all records in it."""

from __future__ import annotations

from itertools import chain

from ml_checks.formats.source import field, only, text_or_none
from ml_checks.values import Dataset, List, Map, Text, maps, repeated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ml_checks.formats.source import Source
    from ml_checks.values import Field, Value

_RECORDS = ("record", "error")


def datasets(source: Source) -> Iterator[Dataset]:
    """Yield each record that no other holds; none has a name, because it names a type and is written like one."""
    root = source.json()
    named = _named(root)
    for schema in maps(root if type(root) is List else [root]):
        twice = chain.from_iterable(map(_twice, _records(schema)))
        yield Dataset(None, schema.text("doc"), schema.at, tuple(_fields(source, schema, named)), tuple(twice))


def _twice(record: Map) -> tuple[Text, ...]:
    """Return the names of fields that a record has already."""
    return repeated(entry.text("name") for entry in record.mappings("fields"))


def _fields(source: Source, root: Map, named: dict[str, Map]) -> Iterator[Field]:
    for entry in _entries(root):
        if name := entry.text("name"):
            yield field(name, _type(source, entry.get("type"), named), entry.text("doc"))


def _entries(root: Map) -> Iterator[Map]:
    """Yield the fields of a record, and those of all records in it."""
    for record in _records(root):
        yield from record.mappings("fields")


def _records(root: Map) -> Iterator[Map]:
    return (schema for schema in _schemas(root) if schema.text("type") in _RECORDS)


def _schemas(value: Value) -> Iterator[Map]:
    """Yield a schema and all within it."""
    if type(value) is Map:
        yield value
    for part in _parts(value):
        yield from _schemas(part)


def _parts(value: Value) -> Iterable[Value]:
    """Return what a schema is made of: the choices of a union, the fields of a record, what an array or a map holds."""
    if type(value) is List:
        return value
    if type(value) is not Map:
        return ()
    return (*map(value.get, ("type", "items", "values")), *(entry.get("type") for entry in value.mappings("fields")))


def _named(root: Value) -> dict[str, Map]:
    """Return each schema that has a name, without its namespace."""
    return {_last(name): schema for schema in _schemas(root) if (name := schema.text("name"))}


def _type(source: Source, kind: Value, named: dict[str, Map]) -> Text | None:
    """Return the one type that a value may have beside null; a logical type says more than the type it stands on."""
    if type(kind) is List:
        return _type(source, _beside_null(kind), named)
    if type(kind) is Map:
        return source.logical(kind.text("logicalType")) or _type(source, kind.get("type"), named)
    return _named_type(source, kind, named) if type(kind) is Text else None


def _beside_null(union: List) -> Value:
    """Return the one choice of a union beside null; None where there are several."""
    return only(choice for choice in union if choice != "null")


def _named_type(source: Source, name: Text, named: dict[str, Map]) -> Text | None:
    """Return the type of a name: that of the schema which is called so, or the company's."""
    defined = _type(source, named.get(_last(name)), {})  # no further, for a name may stand for itself
    return text_or_none(name.at, defined) or source.logical(name)


def _last(name: str) -> str:
    """Return a name without its namespace, which the place of a definition gives to it as well."""
    return name.rpartition(".")[2]
