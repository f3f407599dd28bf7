"""Text put into files of others, at places that a parser knows; every other character stays as it was."""

from __future__ import annotations

import re

from yaml import (
    CollectionEndEvent,
    CollectionStartEvent,
    CSafeLoader,
    MappingNode,
    ScalarEvent,
    SequenceNode,
    parse,
)

from ml_checks.reading import yaml
from ml_checks.values import List, Map

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from yaml import Event, Node
    from yaml._yaml import Mark as FastMark
    from yaml.error import Mark

BOM = "\ufeff"


def line_end(text: str) -> str:
    """Return how the lines of a text end."""
    found = re.search(r"\r\n|\n|\r", text)
    return found[0] if found else "\n"


def with_item(text: str, key: str, block: Sequence[str], flow: str) -> str | None:
    """Return YAML with one item more at the end of the list under a key of the root; None where there is no place.

    `block` are the lines of the item, without its dash; `flow` is the same item on one line.
    """
    mark, body = _parted(text)
    try:
        expected = _grown(_root(body), key, flow)
        after = _inserted(body, key, block, flow)
        return mark + after if after and _root(after) == expected else None
    except (yaml.UnreadableError, TypeError):
        return None


def _parted(text: str) -> tuple[str, str]:
    """Return the byte order mark of a text, if it has one, and the rest."""
    body = text.removeprefix(BOM)
    return text[: len(text) - len(body)], body


def with_table(text: str, key: str, lines: Sequence[str]) -> str | None:
    """Return TOML with one table more at the end of an array of tables; None where there is no place."""
    import tomllib

    end = line_end(text)
    after = f"{_ended(text, end)}{end}{end.join(lines)}{end}"
    try:
        before, now = (tomllib.loads(one.removeprefix(BOM).replace("\r\n", "\n")) for one in (text, after))
        (item,) = tomllib.loads("\n".join(lines))[key]
    except tomllib.TOMLDecodeError:
        return None
    return after if now == {**before, key: [*before.get(key, []), item]} else None


def with_first_lines(text: str, lines: Sequence[str]) -> str:
    """Return a text with lines before all others."""
    mark, body = _parted(text)
    end = line_end(body)
    return mark + "".join(f"{line}{end}" for line in lines) + body


def _root(text: str) -> Map:
    """Return the one mapping that a text holds, where an empty text holds an empty one; raise TypeError."""
    root, *others = yaml.read("", text)[0] or [Map()]
    mapping = Map() if root is None else root
    if others or not isinstance(mapping, Map):
        raise TypeError("this is no mapping")
    return mapping


def _grown(root: Map, key: str, flow: str) -> dict[str, Any]:
    """Return what the file says once the item is in it; raise TypeError where something else stands there."""
    known = root.get(key) or List()
    if not isinstance(known, List):
        raise TypeError("this is no list")
    return {**root, key: [*known, yaml.read("", flow)[0][0]]}


def _inserted(text: str, key: str, block: Sequence[str], flow: str) -> str | None:
    """Put the item where it belongs; None where there is no such place."""
    root = next(iter(yaml.compose(text)), None)
    if not isinstance(root, MappingNode):
        return _new(text, key, block)
    value = _value(root, key)
    if isinstance(value, SequenceNode):
        return _in_brackets(text, value, flow) if value.flow_style else _below(text, value, block)
    if value:  # the key alone, for all else is refused
        return _after(text, value.end_mark.index, _dashed(block, "  ", " "))
    return None if root.flow_style else _new(text, key, block)


def _value(root: MappingNode, key: str) -> Node | None:
    """Return what stands under a key."""
    return next((value for name, value in root.value if name.value == key), None)


def _new(text: str, key: str, block: Sequence[str]) -> str:
    """Put the key at the end, with the item as its only one."""
    return _after(text, len(text), [f"{key}:", *_dashed(block, "  ", " ")])


def _in_brackets(text: str, node: SequenceNode, flow: str) -> str:
    """Put the item behind the last of a list in brackets."""
    place = node.value[-1].end_mark.index if node.value else node.start_mark.index + 1
    return f"{text[:place]}{', ' if node.value else ''}{flow}{text[place:]}"


def _below(text: str, node: SequenceNode, block: Sequence[str]) -> str:
    """Put the item below the last of a list, indented and set apart as that one is."""
    first, last = node.value[0], node.value[-1]
    indent = " " * node.start_mark.column
    gap = " " * max(first.start_mark.column - node.start_mark.column - 1, 1)
    lines = _dashed(block, indent, gap)
    above = text[: last.start_mark.index].splitlines()[-2:-1]
    is_apart = last is not first and above == [""]
    return _after(text, _end(text, node.start_mark.index), ["", *lines] if is_apart else lines)


def _dashed(block: Sequence[str], indent: str, gap: str) -> list[str]:
    """Return the lines of an item with its dash; lists in it are indented as it is."""
    first, *rest = block
    rows = rest if indent else [re.sub(r"^  (?=- )", "", line) for line in rest]
    return [f"{indent}-{gap}{first}", *(f"{indent} {gap}{line}" for line in rows)]


def _end(text: str, start: int) -> int:
    """Return where the last value of the list ends that starts at a place.

    What the parser calls the end of a list is the start of what comes next, and a node knows no alias: events do.
    """
    depth, end = 0, start
    for event in parse(text, CSafeLoader):
        first, behind = _index(event.start_mark), _index(event.end_mark)
        depth += _step(event) if depth or first == start else 0
        if depth and (first < behind or isinstance(event, ScalarEvent)):
            end = behind
    return end


def _step(event: Event) -> int:
    """Return how many levels deeper it is behind an event."""
    return isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)


def _index(mark: Mark | FastMark | None) -> int:
    return int(mark.index) if mark else 0


def _after(text: str, place: int, lines: Sequence[str]) -> str:
    """Put lines behind the line that a place is in; behind the one before, where the place starts a line."""
    end = line_end(text)
    rest = text[place:]
    behind = 0 if text[:place].endswith(("\n", "\r")) else len(rest.splitlines(keepends=True)[0]) if rest else 0
    place += behind
    return f"{_ended(text[:place], end)}{''.join(f'{line}{end}' for line in lines)}{text[place:]}"


def _ended(text: str, end: str) -> str:
    return text if not text or text.endswith(("\n", "\r")) else f"{text}{end}"
