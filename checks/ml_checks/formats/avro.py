"""Avro: the fields of a record and of all records in it."""

from __future__ import annotations

from ml_checks.formats.source import field
from ml_checks.values import Dataset, List, Map, Text, text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.formats.source import Source
    from ml_checks.values import Field, Value

_RECORDS = ("record", "error")


def datasets(source: Source) -> Iterator[Dataset]:
    """Yield each record that no other holds; none has a name, because it names a type and is written like one."""
    root = source.json()
    named = {_last(name): schema for schema in _schemas(root) if (name := schema.text("name"))}
    for schema in root if type(root) is List else [root]:
        if type(schema) is Map:
            yield Dataset(None, schema.text("doc"), schema.at, tuple(_fields(source, schema, named)))


def _fields(source: Source, root: Map, named: dict[str, Map]) -> Iterator[Field]:
    for schema in _schemas(root):
        if schema.text("type") in _RECORDS:
            for entry in schema.mappings("fields"):
                if name := entry.text("name"):
                    yield field(name, _type(source, entry.get("type"), named), entry.text("doc"))


def _schemas(value: Value) -> Iterator[Map]:
    """Yield a schema and all within it: in the fields of a record, in an array, a map or a union."""
    if type(value) is List:
        for choice in value:
            yield from _schemas(choice)
    elif type(value) is Map:
        yield value
        for key in ("type", "items", "values"):
            yield from _schemas(value.get(key))
        for entry in value.mappings("fields"):
            yield from _schemas(entry.get("type"))


def _type(source: Source, kind: Value, named: dict[str, Map]) -> Text | None:
    """Return the one type that a value may have beside null; a logical type says more than the type it stands on."""
    if type(kind) is List:
        real = [choice for choice in kind if choice != "null"]
        return _type(source, real[0], named) if len(real) == 1 else None
    if type(kind) is Map:
        return source.logical(kind.text("logicalType")) or _type(source, kind.get("type"), named)
    if type(kind) is not Text:
        return None
    known = named.get(_last(kind))
    defined = _type(source, known, {}) if known else None  # no further, for a name may stand for itself
    return text_at(kind.at, defined) if defined else source.logical(kind)


def _last(name: str) -> str:
    """Return a name without its namespace, which the place of a definition gives to it as well."""
    return name.rpartition(".")[2]
