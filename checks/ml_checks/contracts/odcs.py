"""A data contract held to the JSON Schema of its version of the Open Data Contract Standard."""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from itertools import chain

from yaml import MappingNode, ScalarNode

from ml_checks.errors import quoted, suggestion
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
    # Where it is wrong, at which key of a mapping there, what is there, and why it must not be, if it is there at all.
    Fault = tuple[Path, str | None, str, str]
    Places = set[tuple[Path, str | None]]

FOLDER = os.path.join(os.path.dirname(__file__), "schemas")
# Each version that a contract may name, with that of the schema that describes it.
SCHEMA_VERSIONS = {
    "v3.0.0": "3.0.2",
    "v3.0.1": "3.0.2",
    "v3.0.2": "3.0.2",
    "v3.1.0": "3.1.0",
    "v3.2.0": "3.2.0",
}
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
# What a message says of a value that is long, or nothing.
_SHOWN = {dict: "a mapping", list: "a list", type(None): "empty"}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.?[0-9]*)(?:[eE][-+]?[0-9]+)?")
# Numbers that YAML has and JSON has not; the largest one there is stands for them, as for all that are larger.
_ENDLESS = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LARGEST, _LARGEST_DIGITS = sys.float_info.max, sys.float_info.max_10_exp
# So many known keys can be read in one message.
_MAX_LISTED = 8
# Keywords by which a schema allows no other keys than its own.
_CLOSED = ("additionalProperties", "unevaluatedProperties")
_CHOICES = ("anyOf", "oneOf")
# What is said together, by the keyword; the other keywords are about a value.
_GROUPS = {"required": "missing", **dict.fromkeys(_CLOSED, "unexpected")}
# Where a schema gets more keys from, beside its own `properties`.
_PARTS = ("allOf", "anyOf", "oneOf", "then", "else")


def faults(root: Map) -> Iterator[tuple[Location, str]]:
    """Yield where a contract is not what its schema says, and how."""
    version = root.text("apiVersion") if "apiVersion" in root else NEWEST
    if version in SCHEMA_VERSIONS:
        yield from _violations(root, SCHEMA_VERSIONS[version])
    else:
        yield place(root.node, ("apiVersion",), root.path), _unknown_version(version)


def _violations(root: Map, version: str) -> Iterator[tuple[Location, str]]:
    """Yield where a contract is not what the schema of a version says."""
    value = typed(root.node)
    found = _faults(value, version)
    later = {one: _places(_faults(value, one)) for one in _later(version)} if found else {}
    for fault in dict.fromkeys(found):
        path, key, what, why = fault
        since = _since(fault, later)
        if not _has_own_rule(root, path, since):
            yield place(root.node, path, root.path, key), what + (_came(key, since) if since else why)


def _since(fault: Fault, later: dict[str, Places]) -> str:
    """Return the first version in which something is right that is there; empty where it is right in none."""
    path, key, _, why = fault
    versions = later.items() if why else ()
    return next((version for version, places in versions if _is_right(path, key, places)), "")


def _came(key: str | None, since: str) -> str:
    """Say of a key or of a value with which version of the standard it came: 3.1 for the schema 3.1.0."""
    return f"{' ' if key else ', which '}came with ODCS {since.rpartition('.')[0]}"


def _later(version: str) -> list[str]:
    """Return the versions of the standard that came after one, each as its schema is called."""
    versions = list(dict.fromkeys(SCHEMA_VERSIONS.values()))
    return versions[versions.index(version) + 1 :]


def _places(faults: Iterable[Fault]) -> Places:
    """Return where something is that must not be; what is missing hides nothing."""
    return {(path, key) for path, key, _, why in faults if why}


def _is_right(path: Path, key: str | None, places: Places) -> bool:
    """Tell whether nothing is wrong at a place, and nothing around it that could hide it."""
    around = [(path[:length], None) for length in range(len(path))]
    return places.isdisjoint([(path, key), (path, None), *around])


def _unknown_version(version: str | None) -> str:
    what = "is no version" if version is None else f"{quoted(version)} is not known"
    unread = "so nothing else here was held to the standard"
    return f"apiVersion {what}, {unread}; {suggestion(version or '', list(SCHEMA_VERSIONS))}"


def _faults(value: Json, version: str) -> list[Fault]:
    """Return what is wrong: first values, then keys that are missing, then keys that are too many."""
    validator = _validator(version)
    if validator.is_valid(value):
        return []
    errors, schema = validator.iter_errors(value), _Schema(version)
    groups: dict[str, list[ValidationError]] = {"value": [], "missing": [], "unexpected": []}
    for leaf in _without_consequences(list(chain.from_iterable(map(_leaves, errors)))):
        groups[_GROUPS.get(leaf.kind.name, "value")].append(leaf)
    found = [_fault(leaf, schema) for leaf in groups["value"]] + list(_missing_keys(groups["missing"]))
    return found + [fault for leaf in groups["unexpected"] for fault in _unexpected_keys(leaf, schema, found)]


def _has_own_rule(root: Map, path: Path, since: str) -> bool:
    """Tell whether it is a type (SCH008), a version that is a text (CON005), or what is read in two ways (FIL003).

    SCH008 does not know which version a contract names: a type that came `since` then has no other rule.
    """
    node = _node(root.node, path)
    is_version = path == ("version",) and root.text("version") is not None
    is_type = path[-1:] == ("logicalType",) and not since
    return is_version or is_type or node.tag == "trap"


def typed(node: Node) -> Json:
    """Return a YAML node as JSON has it; the validator takes no other strings and numbers than Python's own."""
    if type(node) is ScalarNode:
        return _scalar(node.value, node.tag)
    if type(node) is MappingNode:
        return _mapping(node)
    return list(map(typed, node.value))


def _mapping(node: MappingNode) -> Json:
    mapping = {key.value: typed(value) for key, value in node.value if type(key.value) is str}
    return _merge(mapping) if "<<" in mapping else mapping


def _scalar(text: str, tag: str) -> Json:
    if tag == "plain":
        # Signs, the point and the digits come before all letters.
        return _number(text) if text[0] <= "9" else _WORDS.get(text, text)
    return None if tag == "null" else str(text)


def _number(text: str) -> Json:
    """Return the number that a text is; any other text as it is."""
    if len(text) < _LARGEST_DIGITS and _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return max(-_LARGEST, min(_LARGEST, float(text)))
    return _endless(text)


def _endless(text: str) -> Json:
    """Return a number for what YAML calls infinite or none; any other text as it is."""
    if not _ENDLESS.fullmatch(text):
        return text
    return -_LARGEST if text[0] == "-" else _LARGEST


def _merge(mapping: dict[str, Json]) -> Json:
    """Put what `<<` refers to under the mapping's own keys."""
    for source in _as_list(mapping.pop("<<")):
        if isinstance(source, dict):
            mapping = source | mapping
    return mapping


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401  # a part of a JSON document
    """Return a list as it is, and any other value as the only item of one."""
    return value if isinstance(value, list) else [value]


@cache
def _validator(version: str) -> Validator:
    import jsonschema_rs

    with open(_file(version), encoding="utf-8") as file:
        return jsonschema_rs.validator_for(file.read())


def _file(version: str) -> str:
    return os.path.join(FOLDER, f"odcs-{version}.schema.json")


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """Yield what is wrong in the branch of a choice that comes nearest, or the error itself."""
    branch = _meant_branch(error)
    if branch is None:
        yield error
    else:
        yield from chain.from_iterable(map(_leaves, branch))


def _meant_branch(error: ValidationError) -> list[ValidationError] | None:
    """Return the one branch of a choice that somebody may have meant: one for another type of value is none."""
    branches: list[list[ValidationError]] = []
    if error.kind.name in _CHOICES:
        branches = error.kind.as_dict().get("context", [])
    meant = [branch for branch in branches if not _is_for_other_type(branch, error)]
    return meant[0] if len(meant) == 1 else None


def _without_consequences(leaves: list[ValidationError]) -> list[ValidationError]:
    """Leave out what else is said of a value that is of another type."""
    mistyped = {tuple(leaf.instance_path) for leaf in filter(_is_mistyped, leaves)}
    return [leaf for leaf in leaves if _is_mistyped(leaf) or tuple(leaf.instance_path) not in mistyped]


def _is_for_other_type(branch: list[ValidationError], error: ValidationError) -> bool:
    return any(leaf.instance_path == error.instance_path for leaf in filter(_is_mistyped, branch))


def _is_mistyped(error: ValidationError) -> bool:
    return error.kind.name == "type"


def _fault(error: ValidationError, schema: _Schema) -> Fault:
    """Say in our words what a keyword of the schema finds wrong."""
    path = tuple(error.instance_path)
    if keys := _exclusive_keys(error, schema):
        return path, keys[-1], f"keys {' and '.join(map(repr, keys))} exclude each other", ""
    return path, None, f"{_subject(path)} is {_shown(error.instance)}", f", {_reason(error)}"


def _subject(path: Path) -> str:
    """Return how a message calls a value: by its key, where it has one."""
    return quoted(path[-1]) if path and type(path[-1]) is str else "this"


def _reason(error: ValidationError) -> str:
    """Say why a value is wrong."""
    keyword, value = error.kind.name, error.kind.value
    if keyword == "type":
        return f"where {_type_names(value)} is expected"
    if keyword == "enum":
        return suggestion(str(error.instance), list(map(str, value)))
    if keyword in _CHOICES:
        return _choice_reason(value)
    return f"which {keyword} {value!r} does not allow"


def _missing_keys(leaves: Iterable[ValidationError]) -> Iterator[Fault]:
    """Say once of each mapping which keys it lacks."""
    keys: dict[Path, list[str]] = {}
    for leaf in leaves:
        keys.setdefault(tuple(leaf.instance_path), []).append(leaf.kind.value)
    for path, names in keys.items():
        yield path, None, f"{', '.join(map(repr, names))} {'is' if len(names) == 1 else 'are'} missing", ""


def _choice_reason(branches: list[list[ValidationError]]) -> str:
    """Say which of several keys or types is needed, where that is the choice."""
    leaves = list(chain.from_iterable(branches))
    missing, types = _values(leaves, "required"), _values(leaves, "type")
    if len(missing) == len(branches):
        return f"which needs one of {', '.join(missing)}"
    if len(types) == len(leaves):
        return f"where {_type_names(chain.from_iterable(types))} is expected"
    return "which has none of the forms that are allowed"


def _values(leaves: Iterable[ValidationError], keyword: str) -> list[Any]:
    """Return what a keyword of the schema asks for, wherever it finds something wrong."""
    return [leaf.kind.value for leaf in leaves if leaf.kind.name == keyword]


def _exclusive_keys(error: ValidationError, schema: _Schema) -> list[str]:
    """Return the keys that ask for more than one choice at once."""
    if error.kind.name != "oneOf":
        return []
    chosen = _chosen(error.kind.value, schema.at(error.schema_path))
    keys = chain.from_iterable(part.get("required", ()) for part in chosen)
    return sorted(set(keys)) if len(chosen) > 1 else []


def _chosen(branches: list[list[ValidationError]], parts: list[_Node]) -> list[_Node]:
    """Return the parts of a choice in whose branches nothing is wrong."""
    return [part for part, wrong in zip(parts, branches, strict=True) if not wrong]


def _type_names(kinds: Iterable[str]) -> str:
    return " or ".join(map(_TYPES.__getitem__, kinds))


def _shown(value: Json) -> str:
    """Show a value in a message, and of a long one only what kind it is."""
    return _SHOWN.get(type(value)) or repr(value)


def _unexpected_keys(error: ValidationError, schema: _Schema, others: list[Fault]) -> Iterator[Fault]:
    """Yield the keys that do not belong where they are."""
    path = tuple(error.instance_path)
    # A known key counts as unexpected too as long as something else is wrong here, which has a message already.
    is_echo = any(other[: len(path)] == path for other, *_ in others)
    known = schema.keys(error.schema_path[:-1])
    for key in error.kind.value:
        if key not in known:
            yield path, key, f"key {quoted(key)}", f" is not known here{_hint(key, known)}"
        elif not is_echo:
            yield path, key, f"key {quoted(key)}", " does not belong here"


def _hint(key: str, known: list[str]) -> str:
    """Name the key that somebody may have meant, or all where they are few enough to read."""
    hint = f"; {suggestion(key, known)}"
    return hint if "did you mean" in hint or len(known) <= _MAX_LISTED else ""


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
            for child in _as_list(schema.get(part, [])):
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
