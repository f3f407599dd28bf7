"""A data contract held to the JSON Schema of its version of the Open Data Contract Standard."""

from __future__ import annotations

import os
import re
import sys
from functools import cache

from yaml import MappingNode, ScalarNode

from ml_checks.errors import suggestion
from ml_checks.values import located

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal
    from typing import Any

    from jsonschema_rs import ValidationError, Validator
    from yaml import Node

    from ml_checks.values import Location, Map

    Json = dict[str, "Json"] | list["Json"] | str | int | float | Decimal | bool | None
    _Node = dict[str | int, Any]
    Path = tuple[str | int, ...]
    # Where, under which key that is written there, and what.
    Told = tuple[Path, str | None, str]

FOLDER = os.path.join(os.path.dirname(__file__), "schemas")
# Each version that a contract may name, with that of the schema that describes it.
SCHEMAS = {"v3.0.0": "3.0.2", "v3.0.1": "3.0.2", "v3.0.2": "3.0.2", "v3.1.0": "3.1.0", "v3.2.0": "3.2.0"}
NEWEST = "v3.2.0"

_WORDS: dict[str, Json] = {
    form(word): value for word, value in (("true", True), ("false", False)) for form in (str, str.title, str.upper)
}
_TYPES = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.?[0-9]*)(?:[eE][-+]?[0-9]+)?")
# Numbers that YAML has and JSON has not; the largest one there is stands for them, as for all that are larger.
_ENDLESS = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LARGEST, _LARGEST_DIGITS = sys.float_info.max, sys.float_info.max_10_exp
# Types that came with ODCS 3.2: SCH008 knows them, and not which version a contract names.
_NEW_TYPES = ("map", "vector")
_FEW = 8
# Keywords by which a schema allows no other keys than its own.
_CLOSED = ("additionalProperties", "unevaluatedProperties")
_CHOICES = ("anyOf", "oneOf")
# Where a schema gets more keys from, beside its own `properties`.
_PARTS = ("allOf", "anyOf", "oneOf", "then", "else")


def faults(root: Map) -> Iterator[tuple[Location, str]]:
    """Yield where a contract is not what its schema says, and how."""
    version = root.text("apiVersion") if "apiVersion" in root else NEWEST
    if version not in SCHEMAS:
        at = place(root.node, ("apiVersion",), root.path)
        what = "is no version" if version is None else f"{version!r} is not known"
        yield at, f"apiVersion {what}; {suggestion(version or '', list(SCHEMAS))}"
        return
    validator, value = _validator(SCHEMAS[version]), typed(root.node)
    if validator.is_valid(value):
        return
    schema = _Schema(SCHEMAS[version])
    leaves = _first([leaf for error in validator.iter_errors(value) for leaf in _leaves(error)])
    told = [_told(leaf, schema) for leaf in leaves if leaf.kind.name not in (*_CLOSED, "required")]
    told += _missing(leaf for leaf in leaves if leaf.kind.name == "required")
    told += [key for leaf in leaves if leaf.kind.name in _CLOSED for key in _unexpected(leaf, schema, told)]
    for path, key, message in dict.fromkeys(told):
        # Told elsewhere: a type (SCH008), a version that is a text (CON005), and what is read in two ways (FIL003).
        node = _node(root.node, path)
        is_version = path == ("version",) and root.text("version")
        is_type = path[-1:] == ("logicalType",) and node.value not in _NEW_TYPES
        if not is_version and not is_type and node.tag != "trap":
            yield place(root.node, path, root.path, key), message


def typed(node: Node) -> Json:
    """Return a YAML node as JSON has it; the validator takes no other strings and numbers than Python's own."""
    if type(node) is ScalarNode:
        return _scalar(node.value, node.tag)
    if type(node) is MappingNode:
        mapping = {key.value: typed(value) for key, value in node.value if type(key.value) is str}
        return _merged(mapping) if "<<" in mapping else mapping
    return [typed(item) for item in node.value]


def _scalar(text: str, tag: str) -> Json:
    if tag == "plain":
        if text[0] <= "9":  # signs, the point and the digits come before all letters
            if len(text) < _LARGEST_DIGITS and _INTEGER.fullmatch(text):
                return int(text)
            return max(-_LARGEST, min(_LARGEST, float(text))) if _FLOAT.fullmatch(text) else _endless(text)
        return _WORDS.get(text, text)
    return None if tag == "null" else str(text)


def _endless(text: str) -> Json:
    """Return a number for what YAML calls infinite or none; any other text as it is."""
    if not _ENDLESS.fullmatch(text):
        return text
    return -_LARGEST if text[0] == "-" else _LARGEST


def _merged(mapping: dict[str, Json]) -> Json:
    """Put what `<<` refers to under the mapping's own keys."""
    merged = mapping.pop("<<")
    for source in merged if isinstance(merged, list) else [merged]:
        if isinstance(source, dict):
            mapping = source | mapping
    return mapping


@cache
def _validator(version: str) -> Validator:
    import jsonschema_rs

    with open(_file(version), encoding="utf-8") as file:
        return jsonschema_rs.validator_for(file.read())


def _file(version: str) -> str:
    return os.path.join(FOLDER, f"odcs-{version}.schema.json")


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """Yield what is wrong in the branch of a choice that comes nearest, or the error itself."""
    if error.kind.name not in _CHOICES:
        yield error
        return
    branches: list[list[ValidationError]] = error.kind.as_dict().get("context", [])
    # A branch for another type of value is no branch that anyone meant.
    meant = [branch for branch in branches if not any(_is_other_type(leaf, error) for leaf in branch)]
    if len(meant) == 1:
        for leaf in meant[0]:
            yield from _leaves(leaf)
    else:
        yield error


def _first(leaves: list[ValidationError]) -> list[ValidationError]:
    """Leave out what else is said of a value that is of another type."""
    mistyped = {tuple(leaf.instance_path) for leaf in leaves if leaf.kind.name == "type"}
    return [leaf for leaf in leaves if leaf.kind.name == "type" or tuple(leaf.instance_path) not in mistyped]


def _is_other_type(leaf: ValidationError, error: ValidationError) -> bool:
    return leaf.kind.name == "type" and leaf.instance_path == error.instance_path


def _told(error: ValidationError, schema: _Schema) -> Told:
    """Say in our words what a keyword of the schema finds wrong."""
    path, keyword, value = tuple(error.instance_path), error.kind.name, error.kind.value
    if keyword == "oneOf" and (rivals := _rivals(error, schema)):
        return path, rivals[-1], f"keys {' and '.join(map(repr, rivals))} exclude each other"
    subject = f"{path[-1]!r} is" if path and type(path[-1]) is str else "this is"
    if keyword == "type":
        why = f"where {_either(value)} is expected"
    elif keyword == "enum" and error.instance in _NEW_TYPES:
        why = "which came with ODCS 3.2"
    elif keyword == "enum":
        why = suggestion(str(error.instance), [str(option) for option in value])
    elif keyword in _CHOICES:
        why = _unchosen(value)
    else:
        why = f"which {keyword} {value!r} does not allow"
    return path, None, f"{subject} {_shown(error.instance)}, {why}"


def _missing(leaves: Iterable[ValidationError]) -> Iterator[Told]:
    """Say once of each mapping which keys it lacks."""
    keys: dict[Path, list[str]] = {}
    for leaf in leaves:
        keys.setdefault(tuple(leaf.instance_path), []).append(leaf.kind.value)
    for path, names in keys.items():
        yield path, None, f"{', '.join(map(repr, names))} {'is' if len(names) == 1 else 'are'} missing"


def _unchosen(branches: list[list[ValidationError]]) -> str:
    """Say which of several keys or types is needed, where that is the choice."""
    leaves = [leaf for branch in branches for leaf in branch]
    missing = [leaf.kind.value for leaf in leaves if leaf.kind.name == "required"]
    if len(missing) == len(branches):
        return f"which needs one of {', '.join(missing)}"
    if all(leaf.kind.name == "type" for leaf in leaves):
        return f"where {_either([kind for leaf in leaves for kind in leaf.kind.value])} is expected"
    return "which has none of the forms that are allowed"


def _rivals(error: ValidationError, schema: _Schema) -> list[str]:
    """Return the keys that ask for more than one choice at once."""
    branches: list[list[ValidationError]] = error.kind.value
    chosen = [part for part, wrong in zip(schema.at(error.schema_path), branches, strict=True) if not wrong]
    return sorted({key for part in chosen for key in part.get("required", ())}) if len(chosen) > 1 else []


def _either(kinds: list[str]) -> str:
    return " or ".join(map(_TYPES.__getitem__, kinds))


def _shown(value: Json) -> str:
    """Show a value in a message, and of a long one only what kind it is."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "empty" if value is None else repr(value)


def _unexpected(error: ValidationError, schema: _Schema, told: list[Told]) -> Iterator[Told]:
    """Yield the keys that do not belong where they are."""
    path = tuple(error.instance_path)
    # A known key counts as unexpected too as long as something else is wrong here: that was said already.
    is_echo = any(other[: len(path)] == path for other, _, _ in told)
    known = schema.keys(error.schema_path[:-1])
    for key in error.kind.value:
        if key not in known:
            yield path, key, f"key {key!r} is not known here{_hint(key, known)}"
        elif not is_echo:
            yield path, key, f"key {key!r} does not belong here"


def _hint(key: str, known: list[str]) -> str:
    """Name the key that somebody may have meant, or all where they are few enough to read."""
    hint = f"; {suggestion(key, known)}"
    return hint if "did you mean" in hint or len(known) <= _FEW else ""


class _Schema:
    """A schema as a tree, to ask for the keys that it knows at a place."""

    def __init__(self, version: str) -> None:
        import json

        with open(_file(version), encoding="utf-8") as file:
            self._root: _Node = json.load(file)

    def keys(self, path: list[str | int]) -> list[str]:
        """Return every key that a mapping may have which the schema at `path` describes."""
        return sorted(self._known(self.at(path)))

    def at(self, path: Iterable[str | int]) -> Any:  # noqa: ANN401  # a part of a JSON document
        """Return the part of the schema under a path."""
        node: Any = self._root
        for step in path:
            node = node[step]
        return node

    def _known(self, schema: _Node) -> set[str]:
        known = set(schema.get("properties", {}))
        if isinstance(reference := schema.get("$ref"), str):
            known |= self._known(self.at(reference.removeprefix("#/").split("/")))
        for part in _PARTS:
            parts = schema.get(part, [])
            for child in parts if isinstance(parts, list) else [parts]:
                known |= self._known(child)
        return known


def place(root: Node, path: Path, file: str, key: str | None = None) -> Location:
    """Return where the value under `path` is written, or `key` in it; as near as it is written at all."""
    node = _node(root, path)
    if key and isinstance(node, MappingNode):
        node = next((name for name, _ in node.value if name.value == key), node)
    return located(file, node.start_mark)


def _node(node: Node, path: Path) -> Node:
    for step in path:
        node = _child(node, step) or node
    return node


def _child(node: Node, step: str | int) -> Node | None:
    if isinstance(node, MappingNode):
        # Of a key that is there twice the last one counts.
        return next((value for name, value in reversed(node.value) if name.value == step), None)
    return node.value[step] if isinstance(step, int) else None
