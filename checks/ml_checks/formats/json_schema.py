"""JSON Schema: the properties of a document, of its definitions and of all objects in them."""

from __future__ import annotations

from ml_checks.formats.source import field
from ml_checks.values import Dataset, Map, text_at

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
# Properties that belong to JSON Schema and JSON-LD themselves begin so.
_RESERVED = ("$", "@")


def datasets(source: Source) -> Iterator[Dataset]:
    """Yield the document and each definition; none has a name, because a title is for people and may be anything."""
    root = source.json()
    if type(root) is not Map:
        source.note("FIL005", "is no mapping, which a JSON Schema is")
        return
    named = ((key, name, schema) for key in _DEFINITIONS for name, schema in root.mapping(key).items())
    definitions = {f"#/{key}/{name}": schema for key, name, schema in named if type(schema) is Map}
    for schema in (root, *definitions.values()):
        yield Dataset(None, schema.text("description"), schema.at, tuple(_fields(source, schema, definitions)))


def _fields(source: Source, schema: Map, definitions: dict[str, Map]) -> Iterator[Field]:
    properties = schema.mapping("properties")
    for name in properties.names():
        if not name.startswith(_RESERVED):
            described = properties.mapping(name)
            yield field(name, _type(source, described, definitions), described.text("description"))
    for child in _children(schema):
        yield from _fields(source, child, definitions)


def _children(schema: Map) -> Iterator[Map]:
    yield from (child for key in _ONE if type(child := schema.get(key)) is Map)
    for key in _LISTED:
        yield from schema.mappings(key)
    for key in _NAMED:
        yield from _maps(schema.mapping(key))


def _maps(named: Map) -> Iterator[Map]:
    return (value for value in named.values() if type(value) is Map)


def _type(source: Source, schema: Map, definitions: dict[str, Map]) -> Text | None:
    """Return the one type that a value may have beside null; a format says more than `string` does."""
    kind = _only([schema.text("type"), *schema.texts("type")])
    if kind == "string" and (by_format := source.logical(schema.text("format"))):
        return by_format
    if kind:
        return source.logical(kind)
    if (reference := schema.text("$ref")) and reference in definitions:
        referred = _type(source, definitions[reference], {})  # no further, for that may be in a circle
        return text_at(reference.at, referred) if referred else None
    choices = [choice for key in ("anyOf", "oneOf", "allOf") for choice in schema.mappings(key)]
    real = [choice for choice in choices if choice.text("type") != "null"]
    return _type(source, real[0], definitions) if len(real) == 1 else None


def _only(kinds: list[Text | None]) -> Text | None:
    real = [kind for kind in kinds if kind and kind != "null"]
    return real[0] if len(real) == 1 else None
