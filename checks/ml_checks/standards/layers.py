"""Standards in layers: the company's, those that a project extends, its own, and what holds for some paths only."""

from __future__ import annotations

import os
import re
from itertools import chain

from yaml import ScalarNode, SequenceNode

from ml_checks.codeowners import Line, Ownership, pattern_fault
from ml_checks.errors import CannotRunError, suggestion
from ml_checks.reading import cache
from ml_checks.record import Record
from ml_checks.standards.values import COMPANY_FILE, FOLDER, PROJECT_FILE, Standards, expression, placed, read, terms
from ml_checks.values import List, Map

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from typing import Any

    from jsonschema_rs import ValidationError
    from yaml import Node

    from ml_checks.values import Location, Text, Value

    Schema = dict[str, Any]
    Fault = tuple[bool, Location, str]
    # A key, its value and where that is written.
    Row = tuple[str, str, str]

# Where a project's keys are described; which way is tighter stands there beside each (`x-tighter`).
SCHEMA = "project-standards.schema.json"
# Under which keys a term of the glossary has the words that are not used for it.
SYNONYMS = ("not", "not_last")
# What a project says about itself and hands on to nobody.
LOCAL = ("overrides", "waivers")
# What is no standard but says where standards are or for what they hold.
STRUCTURE = ("extends", "paths", *LOCAL)
PACKAGE = re.compile(r"package:(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:/(?P<file>.+))?")
_BOOLEANS = {"true": True, "false": False}
_NUMBER = re.compile("-?[0-9]{1,18}")
# Whether a value is as tight as the company's. What a list adds under `more` can never loosen.
IS_AS_TIGHT: dict[str, Callable[[Any, Any], bool]] = {
    "any": lambda _value, _floor: True,
    "same": lambda value, floor: bool(value == floor),
    "higher": lambda value, floor: int(value) >= int(floor),
    "lower": lambda value, floor: int(value) <= int(floor),
    "more": lambda _value, _floor: True,
    "fewer": lambda value, floor: all(item in floor for item in value),
}
ALLOWED = {"same": "stay as it is", "higher": "be raised", "lower": "be lowered", "fewer": "be shortened"}


class Override(Record):
    """What holds for some paths only."""

    paths: tuple[str, ...]
    covered: Ownership
    values: Map

    def covers(self, path: str) -> bool:
        """Tell whether one of the patterns matches a path."""
        return self.covered.line_of(path) is not None


class Layers:
    """The company's standards with what other files put on them; a later layer wins over those before it."""

    def __init__(self, company: Map, project: Map, file: str) -> None:
        """Put a project's file, and those it extends, on the company's; raise CannotRunError."""
        self._schema, self._version = _schema()
        self._file = os.path.realpath(file)
        self.company, self.project = company, project
        self._overridable = company.mapping("overridable")
        self._refuse_invalid(project, self._schema)
        self.values = company
        self.files = {self._file}
        """The real paths of the files in which all this is written, the company's apart."""
        for layer in (*self._bases(project, file, (os.path.realpath(file),)), project):
            _refuse_unusable(layer)
            self._refuse_looser(layer)
            self._refuse_contradiction(layer)
            self.values = self._merge(self.values, layer)
        self.overrides = tuple(map(self._override, project.mappings("overrides")))

    def variant(self, path: str) -> tuple[int, ...]:
        """Return which overrides cover a path, by their numbers."""
        return tuple(number for number, override in enumerate(self.overrides) if override.covers(path))

    def values_of(self, variant: Sequence[int]) -> Map:
        """Return the values where these overrides hold; the later entry wins."""
        values = self.values
        for number in variant:
            values = self._merge(values, self.overrides[number].values)
        return values

    def standards_of(self, variant: Sequence[int]) -> Standards:
        """Return the standards where these overrides hold."""
        return Standards(self.values_of(variant), self)

    def is_overridable(self, key: str) -> bool:
        """Tell whether the company lists a key, or one above it, as overridable."""
        return self.reason(key) is not None

    def reason(self, key: str) -> Text | None:
        """Return why a project may loosen a key: the company lists it, or one above it; None where it does not."""
        listed = (above for above in self._overridable if key == above or key.startswith(f"{above}."))
        return next(map(self._overridable.text, listed), None)

    def _override(self, entry: Map) -> Override:
        _refuse_unusable(entry)
        self._refuse_looser(entry)
        self._refuse_contradiction(entry)
        paths = tuple(entry.texts("paths"))
        lines = [Line(pattern, (pattern,), 0, 0, None) for pattern in paths]
        return Override(paths, Ownership(lines, ()), entry)

    def _bases(self, layer: Map, file: str, chain: tuple[str, ...]) -> Iterator[Map]:
        """Yield what a file extends, first what that extends itself."""
        for name in layer.one_or_more("extends"):
            path, shown = _path_of(name, os.path.dirname(file))
            if os.path.realpath(path) in chain:
                raise CannotRunError(f"{placed(name.at)}: {name!r} extends itself, by way of {layer.path}")
            if not os.path.isfile(path):
                raise CannotRunError(f"{placed(name.at)}: there is no file {shown!r} to extend")
            self.files.add(os.path.realpath(path))
            shared = read(path, shown)
            self._refuse_invalid(shared, _without(self._schema, LOCAL))
            yield from self._bases(shared, path, (*chain, os.path.realpath(path)))
            yield shared

    def _refuse_invalid(self, layer: Map, schema: Schema) -> None:
        """Hold a file to its schema; raise CannotRunError with its first fault."""
        if not layer:
            return
        document = _document(layer, schema)
        # What was valid once is so until it changes: to import the validator takes longer than all the rest.
        name, key = cache.name("valid", self._file, layer.path), (*self._version, repr(document))
        if cache.recall(name, key):
            return
        from jsonschema_rs import validator_for

        errors = validator_for(schema).iter_errors(document)
        # A key that is misspelt is missing too, so it is told first.
        for _, at, message in sorted(self._fault(layer, schema, error) for error in errors):
            raise CannotRunError(f"{placed(at)}: {message}")
        cache.keep(name, key, "valid")

    def _fault(self, layer: Map, schema: Schema, error: ValidationError) -> Fault:
        """Return a fault, its place and its words; of a key that is unknown, which one it looks like."""
        from jsonschema_rs import ValidationErrorKind

        path = error.instance_path
        if not isinstance(error.kind, ValidationErrorKind.AdditionalProperties | ValidationErrorKind.AnyOf):
            return True, _at(layer, path), _words(error)
        for step in path:
            schema = self._below(schema, step)
        if isinstance(error.kind, ValidationErrorKind.AnyOf):
            return True, _at(layer, path), f"is not what belongs here: {schema['description']}"
        key = error.kind.unexpected[0]
        return False, _at(layer, [*path, key]), self._unknown_key(key, path, schema)

    def _unknown_key(self, key: str, path: Sequence[str | int], schema: Schema) -> str:
        """Say of a key that is unknown where it belongs, or which one it looks like."""
        if path in ([], ["overrides", *path[1:2]]):
            if key in self._schema["properties"]:
                return f"{key!r} holds for a whole repository; write it at the top of the project's own {PROJECT_FILE}"
            if key in self.company:
                return f"{key!r} is for the company's file alone"
        return f"unknown key {key!r}; {suggestion(key, list(self._resolved(schema)['properties']))}"

    def _refuse_looser(self, layer: Map) -> None:
        for key, value in _settings(layer).items():
            self._compare(layer.at_key(key), value, self.company.get(key), self._below(self._schema, key), key)

    def _refuse_contradiction(self, layer: Map) -> None:
        """Raise CannotRunError for a word of which the company's glossary says something else."""
        if layer and not self.is_overridable("glossary"):
            for at, message in _contradictions(self.company.mapping("glossary"), layer.mapping("glossary")):
                raise CannotRunError(f"{placed(at)}: {message}")

    def _compare(self, at: Location, value: Value, floor: Value, schema: Schema, key: str) -> None:
        """Hold a value to the company's; raise CannotRunError where it is looser, and may not be."""
        if self.is_overridable(key):
            return
        if type(value) is Map and type(floor) is Map:
            self._compare_keys(value, floor, schema, key)
        elif not IS_AS_TIGHT[self._tighter(schema)](value, floor):
            self._refuse(at, key, floor, self._tighter(schema))

    def _compare_keys(self, values: Map, floors: Map, schema: Schema, key: str) -> None:
        """Hold each key of a mapping to the company's, and refuse a new one where nothing may be added."""
        for name, value in values.items():
            at, below, part = values.at_key(name), f"{key}.{name}", self._below(schema, name)
            if name in floors:
                self._compare(at, value, floors[name], part, below)
            elif "more" not in {self._tighter(schema), self._tighter(part)} and not self.is_overridable(below):
                self._refuse(at, below, None, "same")

    def _refuse(self, at: Location, key: str, floor: Value, tighter: str) -> None:
        was = "has nothing there" if floor is None else f"says {shown(floor)}"
        may = f"it may only {ALLOWED[tighter]}, unless the company lists it under `overridable`"
        raise CannotRunError(f"{placed(at)}: {key} loosens the standards; the company {was}, and {may}")

    def _merge(self, base: Map, layer: Map) -> Map:
        return self._merged(base, _map(base, _settings(layer)), self._schema, "")

    def _merged(self, base: Map, layer: Map, schema: Schema, prefix: str) -> Map:
        """Put one mapping on another, key by key."""
        values = dict(base)
        for name, value in layer.items():
            known = base.get(name)
            values[name] = (
                value if known is None else self._over(known, value, self._below(schema, name), prefix + name)
            )
        return _map(base, values)

    def _over(self, base: Value, layer: Value, schema: Schema, key: str) -> Value:
        """Put one value on another: a list that may only grow grows by what is new, all else takes its place."""
        match base, layer:
            case Map(), Map():
                return self._merged(base, layer, schema, f"{key}.")
            case List(), List() if self._adds(schema, key):
                return _together(base, layer)
        return layer

    def _adds(self, schema: Schema, key: str) -> bool:
        return self._tighter(schema) == "more" and not self.is_overridable(key)

    def _tighter(self, schema: Schema) -> str:
        """Return which way is tighter; what the schema does not say stays as it is."""
        return str(self._resolved(schema).get("x-tighter", "same"))

    def _resolved(self, schema: Schema) -> Schema:
        if "$ref" not in schema:
            return schema
        return {**self._schema["$defs"][schema["$ref"].rpartition("/")[2]], **schema}

    def _below(self, schema: Schema, step: str | int) -> Schema:
        """Return the schema of what is under a key, or of the items of a list."""
        schema = self._resolved(schema)
        if isinstance(step, int):
            return dict(schema["items"])
        return dict(schema.get("properties", {}).get(step) or schema["additionalProperties"])


def described(root: str, wanted: str) -> Iterator[str]:
    """Yield a line for each value in force whose key begins so, with the place where it is written."""
    file = os.path.join(root, PROJECT_FILE)
    layers = Layers(read(os.path.join(FOLDER, PROJECT_FILE), COMPANY_FILE), read(file, os.path.relpath(file)), file)
    first = wanted.partition(".")[0]
    if first and first not in layers.values:
        raise CannotRunError(f"the standards have no key {first!r}; {suggestion(first, list(layers.values))}")
    lines = list(_lines(layers, wanted))
    if not lines:
        keys = [key for key, _, _ in _rows_of(f"{first}.", layers.values)]
        raise CannotRunError(f"the standards have no key {wanted!r}; {suggestion(wanted, keys)}")
    yield from lines


def _lines(layers: Layers, wanted: str) -> Iterator[str]:
    for key, value, place in _rows_of(wanted, layers.values):
        reason = layers.reason(key)
        yield f"{key}: {value}  # {place}{f', overridable: {reason}' if reason else ''}"
    for override in layers.overrides:
        yield from _override_lines(override, wanted)


def _override_lines(override: Override, wanted: str) -> Iterator[str]:
    settings = _rows_of(wanted, _settings(override.values))
    if lines := [f"  {key}: {value}  # {place}" for key, value, place in settings]:
        yield from (f"for {', '.join(override.paths)}:", *lines)


def _rows_of(wanted: str, values: Mapping[str, Value]) -> Iterator[Row]:
    """Yield the rows whose key begins so."""
    return (row for row in rows(values) if row[0].startswith(wanted))


def rows(values: Mapping[str, Value], prefix: str = "") -> Iterator[Row]:
    """Yield each key with its value and where that is written; a list from several files has a row for each."""
    for name, value in values.items():
        key = f"{prefix}{name}"
        if type(value) is Map:
            yield from rows(value, f"{key}.")
        elif value is not None:
            yield from ((key, shown(part), _line(at)) for part, at in _parts(value))


def _parts(value: Text | Map | List) -> Iterable[tuple[Value, Location]]:
    """Return a value with its place; of a list, the items that each file adds."""
    if type(value) is List and value:
        return [(List(items), items[0].at) for items in _by_file(value)]
    return [(value, value.at)]


def _by_file(items: List) -> Iterable[list[Text | Map | List]]:
    """Return the items of a list from each file that adds to it."""
    by_file: dict[str, list[Text | Map | List]] = {}
    for item in [item for item in items if item is not None]:
        by_file.setdefault(item.path, []).append(item)
    return by_file.values()


def shown(value: Value) -> str:
    """Return a value on one line, as YAML has it."""
    if type(value) is Map:
        return f"{{{', '.join(f'{key}: {shown(item)}' for key, item in value.items())}}}"
    if type(value) is List:
        return f"[{', '.join(map(shown, value))}]"
    return str(value)


def _schema() -> tuple[Schema, tuple[int, int]]:
    """Return the schema of a project's standards, and what tells it from another version of it."""
    path = os.path.join(FOLDER, SCHEMA)
    status = os.stat(path)
    version = (status.st_mtime_ns, status.st_size)
    known: Schema | None = cache.recall("schema", (path, *version))
    if known is None:
        import json

        with open(path, encoding="utf-8") as text:
            known = json.load(text)
        cache.keep("schema", (path, *version), known)
    return known, version


def _path_of(name: Text, folder: str) -> tuple[str, str]:
    """Return the path of a file to extend, and how to call it; a package is found without running any of it."""
    if not name.startswith("package:"):
        path = os.path.join(folder, name)
        return path, os.path.relpath(path)
    found = PACKAGE.fullmatch(name)
    if not found:
        raise CannotRunError(f"{placed(name.at)}: {name!r} names no package as Python imports it, with `_` for `-`")
    package, file = found["name"], found["file"] or PROJECT_FILE
    return os.path.join(_package_folder(package, name.at), file), f"{package}/{file}"


def _package_folder(package: str, at: Location) -> str:
    spec = _spec(package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    if not folders:
        raise CannotRunError(f"{placed(at)}: no package {package!r} is installed beside ml-checks")
    return folders[0]


def _spec(package: str) -> ModuleSpec | None:
    from importlib.util import find_spec

    try:
        return find_spec(package)
    except ValueError:  # a module that was not imported, as `__main__`
        return None


def _refuse_unusable(layer: Map) -> None:
    """Raise CannotRunError for an expression or a pattern that matches nothing, whatever is there."""
    if layer:
        personal, formats = layer.mapping("contracts").mapping("personal"), layer.mapping("names").mapping("by_format")
        _refuse_expressions(personal.mapping("values"), ("pattern",))
        _refuse_expressions(formats, ("datasets", "fields"))
        _refuse_patterns(layer)


def _refuse_expressions(values: Map, keys: Sequence[str]) -> None:
    for value in map(values.mapping, values):
        for key in set(keys) & value.keys():
            expression(value, key)


def _refuse_patterns(layer: Map) -> None:
    files = layer.mapping("files")
    for pattern in chain(layer.texts("exclude"), layer.texts("paths"), *map(files.texts, files)):
        if problem := pattern_fault(pattern):
            raise CannotRunError(f"{placed(pattern.at)}: pattern {pattern!r} {problem}")


def _contradictions(company: Map, added: Map) -> Iterator[tuple[Location, str]]:
    """Yield each word of a glossary that the company has settled otherwise: it is its term, or stands for another."""
    settled = {term: term for term in company} | {word: term for key in SYNONYMS for word, term in terms(company, key)}
    for term in added.names():
        for word in chain((term,), *map(added.mapping(term).texts, SYNONYMS)):
            if settled.get(word, term) != term:
                yield word.at, f"the company's word for {word!r} is {settled[word]!r}, not {term!r}"


def _settings(layer: Map) -> dict[str, Value]:
    """Return the standards in a file, without what says where they hold."""
    return {key: value for key, value in layer.items() if key not in STRUCTURE}


def _without(schema: Schema, keys: Sequence[str]) -> Schema:
    return {**schema, "properties": {key: part for key, part in schema["properties"].items() if key not in keys}}


def _map(like: Map, values: dict[str, Value]) -> Map:
    """Return a mapping of these values that stands where another one does."""
    mapping = Map(values)
    mapping.node, mapping.path = like.node, like.path
    return mapping


def _together(base: List, layer: List) -> List:
    """Return a list with what is new in another one, where the list itself stands."""
    together = List([*base, *(item for item in layer if item not in base)])
    together.mark, together.path = base.mark, base.path
    return together


def _document(layer: Map, schema: Schema) -> Any:  # noqa: ANN401  # what a YAML file holds may be anything
    """Return a file as JSON has it, without waivers: REV says what is wrong with each, at its place."""
    document = _json(layer.node)
    if type(layer.get("waivers")) is List and "waivers" in schema["properties"]:
        document.pop("waivers", None)
    return document


def _json(node: Node) -> Any:  # noqa: ANN401  # what a YAML file holds may be anything
    """Return a YAML node as JSON has it."""
    if isinstance(node, ScalarNode):
        return _scalar(node)
    if isinstance(node, SequenceNode):
        return list(map(_json, node.value))
    return {key.value: _json(value) for key, value in node.value}


def _scalar(node: ScalarNode) -> object:
    if node.tag == "null":
        return None
    text = str(node.value)
    if node.tag != "plain":
        return text
    return int(text) if _NUMBER.fullmatch(text) else _BOOLEANS.get(text, text)


def _words(error: ValidationError) -> str:
    """Say what is wrong with a value; of those that it may be, the validator would leave some out."""
    *most, last = map(_shown, getattr(error.kind, "options", (None,)))
    return f"{_shown(error.instance)} is not one of {', '.join(most)} or {last}" if most else error.message


def _shown(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


def _at(layer: Map, path: Sequence[str | int]) -> Location:
    """Return where a path leads: the key, or the item of a list."""
    value: Value = layer
    at = layer.at
    for step in path:
        if type(value) is List:
            value = value[int(step)]
            at = value.at if value is not None else at
        else:
            mapping = value if type(value) is Map else layer  # for the type checker: nothing else has anything below
            at, value = mapping.at_key(str(step)), mapping.get(str(step))
    return at


def _line(at: Location) -> str:
    return f"{at.path}:{at.line}"
