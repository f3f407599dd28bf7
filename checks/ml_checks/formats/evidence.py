"""What the shape of a document shows: whether it is a schema, of which kind, and whether that describes data."""

from __future__ import annotations

import json
import re
from itertools import chain

from ml_checks.reading import yaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import Any

    Object = dict[str, Any]

# Why a schema is not read: what it describes has signs of settings.
SETTINGS = "describes settings, not data"
INVALID = "is not valid"

# Keys with one of which a schema says anything at all.
_SAYS = frozenset(["type", "properties", "items", "allOf", "anyOf", "oneOf", "$ref", "$defs", "definitions", "enum"])
_RECORDS = ("record", "error")
# What the title, the description or the address of a schema says that is for settings.
_WORDS = re.compile(
    r"config|setting|option|preference|manifest|workflow|plugin|package|project|\bci\b|rc\b|\bfiles?\b", re.IGNORECASE
)
_ABOUT = ("title", "description", "$id", "id")


def kind_of_json(content: bytes, workloads: Collection[str]) -> tuple[str, str]:
    """Return the kind of a JSON list or object, empty for none, and why it is not read; raise ValueError."""
    root = _loaded(content)
    if any(map(_is_avro, root if isinstance(root, list) else [root])):
        return "avro", ""
    if isinstance(root, dict) and _is_schema(root):
        return "json_schema", use_of(root)
    return (_kind_of_object(root, workloads) if "apiVersion" in root else ""), ""


def use_of_text(text: str) -> str:
    """Return why a schema that is written in YAML is not read; nothing where it describes data."""
    try:
        roots, _ = yaml.read("", text)
    except yaml.UnreadableError:
        return f"{INVALID} YAML"
    root = yaml.plain(roots[0]) if roots else None
    return use_of(root) if isinstance(root, dict) else ""


def use_of(root: Object) -> str:
    """Return why a JSON Schema is not read; nothing where it says itself what data it describes, or looks like it."""
    return SETTINGS if not isinstance(root.get("self"), dict) and any(_signs_of_settings(root)) else ""


def _loaded(content: bytes) -> Any:  # noqa: ANN401  # a JSON text may hold anything
    try:
        return json.loads(content)
    except RecursionError as error:
        raise ValueError("nests too deep") from error


def _kind_of_object(root: Object, workloads: Collection[str]) -> str:
    """Return the kind of an object that has a version of an interface; nothing for others."""
    if root.get("kind") == "DataContract":
        return "contracts"
    listed = _list(root, "items") if root.get("kind") == "List" else [root]
    return "" if set(map(_kind, listed)).isdisjoint(workloads) else "kubernetes"


def _kind(one: Any) -> str:  # noqa: ANN401  # a JSON text may hold anything
    return str(one.get("kind")) if isinstance(one, dict) else ""


def _is_avro(root: Any) -> bool:  # noqa: ANN401  # a JSON text may hold anything
    if not isinstance(root, dict) or root.get("type") not in _RECORDS:
        return False
    return isinstance(root.get("name"), str) and "fields" in root


def _is_schema(root: Object) -> bool:
    """Tell whether a document is a JSON Schema: it says so, describes itself as one, or has the shape of one."""
    is_own = _mapping(root, "self").get("format") == "jsonschema"
    return is_own or _is_named_schema(root) or _has_shape(root)


def _is_named_schema(root: Object) -> bool:
    return "json-schema.org/" in str(root.get("$schema")) and not _SAYS.isdisjoint(root)


def _has_shape(root: Object) -> bool:
    properties = _mapping(root, "properties").values()
    return root.get("type") == "object" and bool(properties) and all(map(_says_something, properties))


def _says_something(schema: Any) -> bool:  # noqa: ANN401  # a JSON text may hold anything
    return isinstance(schema, dict) and not _SAYS.isdisjoint(schema)


def _mapping(root: Object, key: str) -> Object:
    """Return the mapping under a key; an empty one where there is none."""
    value = root.get(key)
    return value if isinstance(value, dict) else {}


def _list(root: Object, key: str) -> list[Any]:
    """Return the list under a key; an empty one where there is none."""
    value = root.get(key)
    return value if isinstance(value, list) else []


def _signs_of_settings(root: Object) -> Iterator[bool]:
    """Yield for each sign of settings whether a schema has it; of 937 schemas of settings, 906 have one."""
    schemas = list(_schemas(root))
    fields = list(chain.from_iterable(map(_properties, schemas)))
    yield bool(_WORDS.search(" ".join(map(str, map(root.get, _ABOUT)))))
    own = _mapping(root, "properties")
    yield not own or "$schema" in own  # a file of settings may name its schema
    yield any(map(_is_setting, fields))
    yield any(map(_is_open, schemas))
    yield len(list(filter(_is_scalar, fields))) * 2 < len(fields)


def _is_setting(named: tuple[str, Object]) -> bool:
    """Tell whether a field has a value where nobody writes one, or a name that no column has."""
    name, field = named
    return "default" in field or "-" in name


def _is_open(schema: Object) -> bool:
    """Tell whether an object has fields whose names somebody makes up, or may be one of several things."""
    has_any_name = isinstance(schema.get("additionalProperties"), dict) or "patternProperties" in schema
    return has_any_name or _has_choice(schema)


def _schemas(value: Any) -> Iterator[Object]:  # noqa: ANN401  # a JSON text may hold anything
    """Yield each mapping in a document."""
    left = [value]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            yield value
            left += value.values()
        elif isinstance(value, list):
            left += value


def _properties(schema: Object) -> Iterator[tuple[str, Object]]:
    return ((name, field) for name, field in _mapping(schema, "properties").items() if isinstance(field, dict))


def _has_choice(schema: Object) -> bool:
    """Tell whether a value may be one of several things beside null."""
    choices = [*_list(schema, "oneOf"), *_list(schema, "anyOf")]
    return len(choices) - choices.count({"type": "null"}) > 1


def _is_scalar(named: tuple[str, Object]) -> bool:
    kind = named[1].get("type")
    return isinstance(kind, list) or (isinstance(kind, str) and kind not in {"object", "array"})
