"""JSON Schema: the properties of a document, of its definitions and of all objects in them."""

from __future__ import annotations

from itertools import chain

from ml_checks.formats.source import field, only, text_or_none
from ml_checks.values import Dataset, Map, maps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.formats.source import Source
    from ml_checks.values import Field, Text

# Where a schema holds one other, a list of others, or others by name. Not `if`, `then` and `not`: these
# restrict properties that are declared elsewhere.
_ONE = ("items", "additionalProperties")
_LISTED = ("items", "prefixItems", "allOf", "anyOf", "oneOf")
_NAMED = ("properties", "patternProperties")
_DEFINITIONS = ("$defs", "definitions")
# Where a schema is put together from others, each of which may say the type.
_CHOICES = ("anyOf", "oneOf", "allOf")
# Properties that belong to JSON Schema and JSON-LD themselves begin so.
_RESERVED = ("$", "@")


def datasets(source: Source) -> Iterator[Dataset]:
    """Yield the document and each definition; none has a name, because a title is for people and may be anything."""
    root = source.json() if not source.path.endswith((".yaml", ".yml")) else next(iter(source.yaml()), None)
    if type(root) is not Map:
        source.note("FIL005", "is no mapping, which a JSON Schema is")
        return
    definitions = dict(_definitions(root))
    for schema in (root, *definitions.values()):
        yield Dataset(None, schema.text("description"), schema.at, tuple(_fields(source, schema, definitions)))


def _definitions(root: Map) -> Iterator[tuple[str, Map]]:
    """Yield each definition with the reference that leads to it."""
    for key in _DEFINITIONS:
        for name, schema in root.mapping(key).items():
            if type(schema) is Map:
                yield f"#/{key}/{name}", schema


def _fields(source: Source, schema: Map, definitions: dict[str, Map]) -> Iterator[Field]:
    properties = schema.mapping("properties")
    for name in properties.names():
        if not name.startswith(_RESERVED):
            described = properties.mapping(name)
            yield field(name, _type(source, described, definitions), described.text("description"))
    for child in _children(schema):
        yield from _fields(source, child, definitions)


def _children(schema: Map) -> Iterator[Map]:
    yield from maps(map(schema.get, _ONE))
    for key in _LISTED:
        yield from schema.mappings(key)
    for key in _NAMED:
        yield from maps(schema.mapping(key).values())


def _type(source: Source, schema: Map, definitions: dict[str, Map]) -> Text | None:
    """Return the one type that a value may have beside null."""
    if kind := _kind(schema):
        return _declared(source, schema, kind)
    reference = schema.text("$ref")
    if reference in definitions:
        return _referred(source, reference, definitions[reference])
    choice = _beside_null(schema)
    return _type(source, choice, definitions) if choice else None


def _kind(schema: Map) -> Text | None:
    """Return the one type that is written beside null."""
    return only(kind for kind in schema.one_or_more("type") if kind not in {"", "null"})


def _declared(source: Source, schema: Map, kind: Text) -> Text | None:
    """Return the company's type for a type that is written; a format says more than `string` does."""
    by_format = source.logical(schema.text("format")) if kind == "string" else None
    return by_format or source.logical(kind)


def _beside_null(schema: Map) -> Map | None:
    """Return the one choice that a schema leaves beside null; None where there are several."""
    choices = chain.from_iterable(map(schema.mappings, _CHOICES))
    return only(choice for choice in choices if choice.text("type") != "null")


def _referred(source: Source, reference: Text, definition: Map) -> Text | None:
    """Return the type that a definition declares, at the place of the reference."""
    return text_or_none(reference.at, _type(source, definition, {}))  # no further, for that may be in a circle
