"""YAML text to values with places, guarded against what crashes, hangs or silently loses data."""

from __future__ import annotations

import re
from itertools import chain, repeat

from yaml import MappingNode, Mark, MarkedYAMLError, ScalarNode, YAMLError
from yaml._yaml import CParser

from ml_checks.errors import quoted
from ml_checks.values import Finding, List, Map, Text, located

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from yaml import Node

    from ml_checks.values import Value

    Plain = dict[str, "Plain"] | list["Plain"] | str | None

# The parser recurses in C and takes the interpreter down at some 20,000 levels; no file of ours needs 100.
MAX_DEPTH = 100
# How the parser says that a text nests too deep for it.
PARSERS_OWN_LIMIT = "exceeded maximum nesting depth"
# A few lines of aliases to aliases unfold to billions of values; the longest real contracts have 5,000.
MAX_VALUES = 100_000

# Plain scalars that are no text: null in every version of YAML, and the booleans that only YAML 1.1 knows.
_TAGS = dict.fromkeys(["", "~", "null", "Null", "NULL"], "null") | {
    form(word): "trap" for word in ("yes", "no", "on", "off") for form in (str, str.title, str.upper)
}
_OLD_NUMBER = re.compile(r"[-+]?(?:0[0-7_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+)")


_NOWHERE = MappingNode("", [], Mark("", 0, 0, 0, None, 0))


class UnreadableError(Exception):
    """A text that cannot be read: `line` and `col` from 1, and why in words."""

    def __init__(self, line: int, col: int, why: str) -> None:
        """Keep the place beside the reason."""
        super().__init__(why)
        self.line, self.col = line, col


def read(path: str, text: str) -> tuple[list[Value], list[Finding]]:
    """Return every document of `text` as values, and what is ambiguous in them; raise UnreadableError."""
    builder = _Builder(path)
    return list(map(builder.build, compose(text))), builder.findings


def compose(text: str) -> list[Node]:
    """Return every document of `text` as a tree that is safe to walk; raise UnreadableError."""
    nodes = _documents(text)
    if "&" in text:
        extents: dict[int, tuple[int, int]] = {}
        for node in nodes:
            _refuse_unfolding(node, extents)
    return nodes


def plain(value: Value) -> Plain:
    """Return a value without its places, in Python's own types."""
    if isinstance(value, Map):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, List):
        return list(map(plain, value))
    return None if value is None else str(value)


def placeless(value: Plain) -> Any:  # noqa: ANN401  # a Map for a dict, and so on
    """Return what `plain` was made of; all of it stands nowhere."""
    if value is None:
        return None
    if isinstance(value, dict):
        mapping = Map({key: placeless(item) for key, item in value.items()})
        mapping.node, mapping.path = _NOWHERE, ""
        return mapping
    other = Text(value) if isinstance(value, str) else List(map(placeless, value))
    other.mark, other.path = _NOWHERE.start_mark, ""
    return other


class _Composer(CParser):
    """PyYAML's C composer with a resolver that knows four kinds of scalar and needs no table of patterns."""

    def resolve(self, kind: type[Node], value: str, implicit: tuple[bool, bool]) -> str:
        if kind is not ScalarNode or not implicit[0]:
            return "quoted"
        return _TAGS.get(value) or ("trap" if value[0] <= "9" and _OLD_NUMBER.fullmatch(value) else "plain")

    def descend_resolver(self, parent: Node | None, _index: object) -> None: ...

    def ascend_resolver(self) -> None: ...


class _CountingComposer(_Composer):
    """The same, for the rare text that may nest too deep: counts levels, and is a tenth slower."""

    depth = 0

    def descend_resolver(self, parent: Node | None, _index: object) -> None:
        self.depth += 1
        if parent and self.depth > MAX_DEPTH:
            raise _unreadable(parent.start_mark, f"nests more than {MAX_DEPTH} levels deep")

    def ascend_resolver(self) -> None:
        self.depth -= 1


class _Builder:
    """Builds the values of one file and notes what is ambiguous in it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.findings: list[Finding] = []

    def build(self, node: Node) -> Value:
        if isinstance(node, ScalarNode):
            return self._text(node)
        if isinstance(node, MappingNode):
            return self._map(node)
        sequence = List(map(self.build, node.value))
        sequence.mark, sequence.path = node.start_mark, self.path
        return sequence

    def _text(self, node: ScalarNode) -> Text | None:
        tag = node.tag
        if tag == "null":
            return None
        text = Text(node.value)
        text.mark, text.path = node.start_mark, self.path
        if tag == "trap":
            self._report(node, "FIL003", _trap(node.value))
        return text

    def _map(self, node: MappingNode) -> Map:
        mapping = Map()
        mapping.node, mapping.path = node, self.path
        build, text = self.build, self._text
        for key, value in node.value:
            if key.tag == "plain" or self._is_name(key):
                # Nearly every value is a scalar: the shortcut saves a fifth of the time.
                mapping[key.value] = text(value) if type(value) is ScalarNode else build(value)
        if len(mapping) != len(node.value):
            self._report_duplicates(node)
        if "<<" in mapping:
            _merge(mapping)
        return mapping

    def _is_name(self, key: Node) -> bool:
        """Tell whether a key is a scalar; report one that is not, or that means two things."""
        if key.tag == "trap":
            self._report(key, "FIL003", _trap(key.value))
        elif type(key) is not ScalarNode:
            self._report(key, "FIL004", "a key is a list or a mapping, where a name is expected")
        return type(key) is ScalarNode

    def _report_duplicates(self, node: MappingNode) -> None:
        first: dict[str, Node] = {}
        for key, _ in node.value:
            if type(key) is ScalarNode and first.setdefault(key.value, key) is not key:
                line = first[key.value].start_mark.line + 1
                self._report(key, "FIL002", f"key {quoted(key.value)} is there already, on line {line}")

    def _report(self, node: Node, code: str, message: str) -> None:
        self.findings.append(Finding(located(self.path, node.start_mark), code, message))


def _trap(value: str) -> str:
    """Say what an ambiguous value is to whom."""
    if value in _TAGS:
        truth = "true" if value.lower() in {"yes", "on"} else "false"
        return f"{quoted(value)} is {truth} in YAML 1.1 and a text in YAML 1.2; write {truth}, or put it in quotes"
    return f"{quoted(value)} is another number in YAML 1.1 than it looks; put it in quotes, or write it plainly"


def _merge(mapping: Map) -> None:
    """Put what `<<` refers to under the mapping's own keys, as YAML 1.1 has it."""
    merged = mapping.pop("<<")
    for source in merged if type(merged) is List else [merged]:
        if type(source) is Map:
            mapping.update({**source, **mapping})


def _documents(text: str) -> list[Node]:
    try:
        return _nodes(_Composer(text) if _is_flat(text) else _CountingComposer(text))
    except YAMLError as error:
        _refuse_nesting(error, text)
        raise _syntax_error(error, text) from error


def _nodes(composer: _Composer) -> list[Node]:
    nodes = []
    while composer.check_node():
        nodes.append(composer.get_node())
    return list(filter(None, nodes))


def _refuse_nesting(error: YAMLError, text: str) -> None:
    """Raise UnreadableError, in our words, where the parser has refused the nesting by itself.

    From PyYAML 6.0.4 on it stops at 1,000 open brackets, and it reads ahead of what we have counted.
    """
    if isinstance(error, MarkedYAMLError) and error.problem_mark and error.problem == PARSERS_OWN_LIMIT:
        _nodes(_CountingComposer(text[: error.problem_mark.index]))


def _is_flat(text: str) -> bool:
    """Tell whether a text cannot nest deep: each level of flow style takes a bracket, each of block style a column."""
    if text.count("[") + text.count("{") >= MAX_DEPTH:
        return False
    long = [line for line in text.splitlines() if len(line) >= MAX_DEPTH]
    return all(line[:MAX_DEPTH].strip(" -?:") for line in long)


def _syntax_error(error: YAMLError, text: str) -> UnreadableError:
    """Put a parser's error into one sentence with a place."""
    if isinstance(error, MarkedYAMLError) and error.problem_mark:
        why = ", ".join(filter(None, (error.context, error.problem)))
        return _unreadable(error.problem_mark, f"is not valid YAML: {why}")
    before = text.encode()[: getattr(error, "position", 0)].decode(errors="ignore")  # the parser counts bytes
    line, col = before.count("\n") + 1, len(before) - before.rfind("\n")
    return UnreadableError(line, col, f"is not valid YAML: {getattr(error, 'reason', error)}")


def _refuse_unfolding(node: Node, extents: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """Return how many values `node` holds once its aliases unfold, and how deep; raise UnreadableError."""
    if isinstance(node, ScalarNode):
        return 1, 0
    if id(node) not in extents:
        extents[id(node)] = MAX_VALUES, 0  # stands while the children are counted, so that a loop is over the limit
        extents[id(node)] = _extent(node, extents)
    size, depth = extents[id(node)]
    if size > MAX_VALUES:
        raise _unreadable(node.start_mark, f"has aliases that unfold to more than {MAX_VALUES:,} values")
    if depth > 2 * MAX_DEPTH:  # as deep as brackets within indentation can get without any alias
        raise _unreadable(node.start_mark, f"has aliases that nest more than {2 * MAX_DEPTH} levels deep")
    return size, depth


def _extent(node: Node, extents: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """Return how many values a list or a mapping holds, and how deep; raise UnreadableError."""
    children = chain.from_iterable(node.value) if isinstance(node, MappingNode) else node.value
    sizes, depths = zip((0, 0), *map(_refuse_unfolding, children, repeat(extents)), strict=True)
    return 1 + sum(sizes), 1 + max(depths)


def _unreadable(mark: Mark, why: str) -> UnreadableError:
    """Return the error for a place of the parser, which counts from 0."""
    return UnreadableError(mark.line + 1, mark.column + 1, why)
