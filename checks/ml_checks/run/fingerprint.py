"""Names for findings that stay when lines move: rule, path and logical key."""

from __future__ import annotations

import os
import re
from binascii import crc32
from bisect import bisect_right
from collections import Counter
from functools import partial
from itertools import chain

from yaml import MappingNode, ScalarNode, SequenceNode

from ml_checks.errors import quoted
from ml_checks.reading import cache, yaml
from ml_checks.reading.markdown import Markdown
from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeVar

    from yaml import Node

    from ml_checks.project.project import Project
    from ml_checks.values import Finding

    Place = tuple[int, int]
    Item = TypeVar("Item")
    # The blob of a file, what tells its findings from others, and their subjects by column.
    Entry = tuple[str | None, int, tuple[str, ...], tuple[int | None, ...], tuple[str, ...]]

YAML_SUFFIXES = (".yaml", ".yml", ".json", ".avsc")
# What people call an entry of a list by.
NAMES = ("name", "id")
# A pattern of CODEOWNERS ends at white space that no backslash escapes.
_PATTERN = re.compile(r"(?:[^\s\\]|\\.)+")
# A word, or what stands in the quotes of Python or of a dialect of SQL.
_WORD = r"""(?:[^\s,:;()\[\]{}<>="'`]+|"[^"\n]+"|'[^'\n]+'|`[^`\n]+`|\[[^\]\n]+\])"""
_NAMED = re.compile(_WORD)
# How a line begins that tells of one field: its type and its description have its name.
_FIELDS = {
    ".py": re.compile(rf"\s*({_WORD})\s*:"),
    ".sql": re.compile(rf"\s*[(,]?\s*(?!create\b)({_WORD})\s+\S", re.IGNORECASE),
}
_NO_FIELDS = re.compile("(?!)")
# What tells two faults at one key apart, as the messages of a rule name it. Of a rule that is not here a key has one
# fault, or the same fault again. What changes while the fault stays, such as a number, tells nothing. The group that
# ends last is what counts.
_VALUE = r"""('[^']*'|"[^"]*")"""
_FIRST = re.compile(_VALUE)
_TOLD_BY = {
    "CON001": re.compile(rf"((?:{_VALUE}, )*{_VALUE} (?:is|are) missing)|^(?:\w+ )?{_VALUE}"),
    "CON005": re.compile(r"(is not written|comes after)"),
    "CON008": re.compile(rf"^column {_VALUE}"),
    "CON009": re.compile(rf"\((field {_VALUE})\)"),
    "CON010": re.compile(r"^reads (.+), which"),
    "CON013": _FIRST,
    "CON015": re.compile(rf"model {_VALUE}"),
    "INF004": re.compile(rf"value of {_VALUE}"),
    "OWN002": _FIRST,
    "OWN003": re.compile(rf"{_VALUE} alone$"),
    "OWN007": _FIRST,
    "OWN010": re.compile(r"^(\S+)"),
    "DOC002": _FIRST,
    "DOC004": _FIRST,
    "DOC008": _FIRST,
    "PRC002": _FIRST,
    "PRC003": _FIRST,
    "PRC004": _FIRST,
    "SCH004": re.compile(rf" says {_VALUE}"),
    "SCH005": re.compile(rf"has type {_VALUE}, (.+) promises"),
    "TRC001": re.compile(rf"{_VALUE} is listed"),
}
# What such a fault is about stays when it moves to another section, or when rows of data come above it.
_TOLD_ALONE = {"DOC008", "CON008"}
_QUOTES = "\"'`[]"
# Where the details of a line begin that opens a block: behind `class Flights`, behind `create table flights`.
_OPENING = re.compile(r"[(:{=]")


class Spot(Record):
    """What stands at a place: its logical key, and the column behind it where that is known."""

    key: str
    end: int | None


class Subjects(Record):
    """What some findings are about, in their order: logical keys, columns behind them, and how hosts know the findings.

    These are columns and no objects, because a legacy repository has hundreds of thousands of findings.
    """

    keys: list[str]
    ends: list[int | None]
    digests: list[str]


WHOLE_FILE = Spot("", None)


def fingerprints(project: Project, findings: Iterable[Finding]) -> dict[Finding, str]:
    """Name each finding by rule, path and key; those that share all three are counted, from the top of the file."""
    ordered = sorted(findings)
    names = _names(ordered, subjects_of(project, ordered).keys)
    return dict(zip(ordered, names, strict=True))


def subjects_of(project: Project, findings: Sequence[Finding]) -> Subjects:
    """Return the subjects of findings, which are in order.

    A file is read once more, unless the subjects of the same findings in the same content are known from before.
    """
    subjects = Subjects([], [], [])
    if not findings:
        return subjects  # what is known of a large repository takes a while to load
    store = cache.Store(cache.name("subjects", project.root), (project.root,))
    known: dict[str, Entry] = {}
    start = 0
    for path, number in Counter([finding[0][0] for finding in findings]).items():
        known[path] = _entry_of(project, path, findings[start : start + number], store)
        start += number
    certain = {path: entry for path, entry in known.items() if entry[0]}
    if store.newer(certain):
        store.keep({path: entry for path, entry in (store.entries | certain).items() if path in project.tracked})
    for _, _, keys, ends, digests in known.values():
        subjects.keys.extend(keys)
        subjects.ends.extend(ends)
        subjects.digests.extend(digests)
    return subjects


def _entry_of(project: Project, path: str, findings: Sequence[Finding], store: cache.Store) -> Entry:
    """Return the subjects of the findings in a file, with the file's blob and what tells these findings from others."""
    check = _check(findings)
    known: Entry | None = store.entries.get(path)
    if known and known[:2] == (project.facts.blob(path), check):
        return known
    spots = _found(path, project.source(path), findings)
    keys = tuple(spot.key for spot in spots)
    digests = tuple(map(digest, _names(findings, keys)))
    return project.facts.certain_blob(path), check, keys, tuple(spot.end for spot in spots), digests


def _check(findings: Sequence[Finding]) -> int:
    """Return a number that other findings of a file hardly share: of texts and places, column by column."""
    places, codes, messages = zip(*findings, strict=True)
    texts = "\n".join((*codes, *messages)).encode(errors="replace")
    return crc32(texts, hash(tuple([place[1:] for place in places])) & 0xFFFFFFFF)


def _names(findings: Iterable[Finding], keys: Iterable[str]) -> Iterator[str]:
    """Yield the name of each finding by the key of its subject, and by what tells it from others at that key."""
    return _numbered(map(_name, findings, keys))


def _name(finding: Finding, key: str) -> str:
    (path, _, _), code, message = finding
    if code not in _TOLD_BY:
        return f"{code} {path} {key}" if key else f"{code} {path}"
    told = _told(code, message)
    return " ".join(filter(None, (code, path, "" if told and code in _TOLD_ALONE else key, told)))


def _told(code: str, message: str) -> str:
    """Return what tells a fault from others at its key."""
    found = _TOLD_BY[code].search(message)
    return found[found.lastindex or 0] if found else ""


def former_names(project: Project, findings: Sequence[Finding]) -> list[str]:
    """Return the names that version 1 of a baseline has for findings, which are in order: by rule, path and key."""
    keys = subjects_of(project, findings).keys
    pairs = zip(findings, keys, strict=True)
    return list(_numbered(" ".join(filter(None, (one.code, one.at.path, key))) for one, key in pairs))


def _numbered(names: Iterable[str]) -> Iterator[str]:
    """Yield each name, with a number behind it from the second time on."""
    count: dict[str, int] = {}
    for name in names:
        number = count[name] = count.get(name, 0) + 1
        yield name if number == 1 else f"{name} #{number}"


def digest(fingerprint: str) -> str:
    """Return a fingerprint in the form that hosts keep: always as long, whatever is in it."""
    from hashlib import sha256

    return sha256(fingerprint.encode("utf-8", "backslashreplace")).hexdigest()


def _found(path: str, text: str | None, findings: Sequence[Finding]) -> list[Spot]:
    spot_of = (lambda _: WHOLE_FILE) if text is None else _finder(path, text)
    return list(map(spot_of, findings))


def _finder(path: str, text: str) -> Callable[[Finding], Spot]:
    """Return the function that finds the subjects in a file of this kind."""
    if path.endswith(".md"):
        page = Markdown(text)
        return partial(_in_page, page, _documents(page.front))
    if path.endswith(YAML_SUFFIXES):
        return partial(_in_yaml, _documents(text))
    lines = text.split("\n")
    if path.endswith("CODEOWNERS"):
        return partial(_in_codeowners, lines)
    return partial(_in_code, lines, list(_outer(lines)), _FIELDS.get(os.path.splitext(path)[1], _NO_FIELDS))


def _documents(text: str) -> list[Node]:
    try:
        return yaml.compose(text)
    except yaml.UnreadableError:
        return []


def _in_page(page: Markdown, front: list[Node], finding: Finding) -> Spot:
    """Return the title of the section that a place is in, or the key of the front matter."""
    line = finding.at.line
    if line <= page.front.count("\n"):
        return WHOLE_FILE if line == 1 else _in_yaml(front, finding)
    above = bisect_right(page.sections, line, key=lambda section: section.line)
    title = page.sections[above - 1].title if above else ""
    return _unless_whole(finding, Spot(title, None), title)


def _in_codeowners(lines: list[str], finding: Finding) -> Spot:
    """Return the pattern of a line."""
    row = _row(lines, finding)
    pattern = _PATTERN.search(row)
    if not pattern:
        return WHOLE_FILE
    word = _PATTERN.match(row, finding.at.col - 1)
    return _unless_whole(finding, Spot(pattern[0], word.end() + 1 if word else None), pattern[0])


def _in_code(lines: list[str], outer: list[int], fields: re.Pattern[str], finding: Finding) -> Spot:
    """Return a name below the lines that its line is indented under, such as `class Flights.delay_minutes`."""
    row, index = _row(lines, finding), finding.at.line - 1
    word = _NAMED.match(row, finding.at.col - 1)
    if not word:
        return WHOLE_FILE
    field = fields.match(row) if outer[index] >= 0 else None
    name = _other_field(row, finding) or (field[1] if field else word[0]).strip(_QUOTES)
    parts = [name, *_openings(lines, outer, index)]
    return _unless_whole(finding, Spot(".".join(reversed(parts)), word.end() + 1), name)


def _other_field(row: str, finding: Finding) -> str:
    """Return the field that a message names, where that is not the first one on its line; else nothing."""
    named = _FIRST.search(finding.message)
    name = named[0][1:-1] if named else ""
    before = row[: finding.at.col + len(name)]  # the name may be in quotes
    return name if name and re.search(rf",\s*[{re.escape(_QUOTES)}]?{re.escape(name)}\b", before) else ""


def _openings(lines: list[str], outer: list[int], index: int) -> Iterator[str]:
    """Yield how the lines begin that a line is indented under, the nearest first."""
    while (index := outer[index]) >= 0:
        yield _OPENING.split(lines[index].strip(), maxsplit=1)[0].strip()


def _unless_whole(finding: Finding, spot: Spot, name: str) -> Spot:
    """Tell a finding on the file from one on what is first in it, which messages name."""
    is_first = finding.at.line == finding.at.col == 1
    return WHOLE_FILE if is_first and quoted(name) not in finding.message else spot


def _row(lines: list[str], finding: Finding) -> str:
    return lines[finding.at.line - 1] if finding.at.line <= len(lines) else ""


def _outer(lines: list[str]) -> Iterator[int]:
    """Yield for each line the index of the line that it is indented under, -1 for none."""
    opened = [(-1, -1)]  # indentation and index of each line that others may be under
    for index, line in enumerate(lines):
        if line.strip():
            while opened[-1][0] >= _indent(line):
                opened.pop()
        yield opened[-1][1]
        if line.strip():
            opened.append((_indent(line), index))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _in_yaml(documents: list[Node], finding: Finding) -> Spot:
    """Return the names of the mappings that a place is in; a value is called by what it is a value of."""
    at = (finding.at.line - 1, finding.at.col - 1)
    for document in documents:
        if _holds(document, at):
            parts = [_label(document)] if len(documents) > 1 else []
            found = _walk(document, at, parts, finding.message)
            return Spot(".".join(filter(None, parts)), _end(found, at))
    return WHOLE_FILE


def _walk(node: Node, at: Place, parts: list[str], message: str) -> Node | None:
    """Note the names on the way down to a place, and return the node there."""
    if isinstance(node, MappingNode):
        return _into_mapping(node, at, parts, message)
    return _into_sequence(node, at, parts, message) if isinstance(node, SequenceNode) else node


def _into_mapping(mapping: MappingNode, at: Place, parts: list[str], message: str) -> Node | None:
    pair = _entry(mapping.value, at, lambda pair: pair)
    if pair is None:
        return None
    key, value = pair
    if not isinstance(value, ScalarNode):
        parts.append(key.value if isinstance(key, ScalarNode) else "")
    return _walk(value, at, parts, message) if _holds(value, at) else key


def _into_sequence(sequence: SequenceNode, at: Place, parts: list[str], message: str) -> Node | None:
    item = _entry(sequence.value, at, lambda item: (item,))
    if item is None:
        return None
    if isinstance(item, ScalarNode):
        parts.append(item.value)
    elif label := _label(item):
        parts[-1:] = [label]  # a name says more than that it is one of the `properties`
    return item if _is_all(item, at, message) else _walk(item, at, parts, message)


def _is_all(item: Node, at: Place, message: str) -> bool:
    """Tell whether a message about where a mapping starts is about all of it, and not about its first key."""
    if not isinstance(item, MappingNode) or _start(item) != at:
        return False
    key = _first_key(item)
    return key is None or quoted(str(key.value)) not in message


def _first_key(mapping: MappingNode) -> Node | None:
    return next((key for key, _ in mapping.value), None)


def _entry(entries: list[Item], at: Place, nodes_of: Callable[[Item], Sequence[Node]]) -> Item | None:
    """Return the entry that a place is in: the last one that starts before, or any, for an alias is elsewhere."""
    index = bisect_right(entries, at, key=lambda entry: _start(nodes_of(entry)[0])) - 1
    near = chain(entries[max(index, 0) : index + 1], entries)
    return next((entry for entry in near if any(_holds(node, at) for node in nodes_of(entry))), None)


def _label(node: Node | None) -> str:
    """Return what a mapping calls itself; a manifest of Kubernetes does so under `metadata`."""
    if not isinstance(node, MappingNode):
        return ""
    values = {key.value: value for key, value in node.value if isinstance(key, ScalarNode)}
    for name in NAMES:
        if isinstance(values.get(name), ScalarNode):
            return str(values[name].value)
    return _label(values.get("metadata"))


def _start(node: Node) -> Place:
    return node.start_mark.line, node.start_mark.column


def _holds(node: Node, at: Place) -> bool:
    return _start(node) == at or _start(node) <= at < (node.end_mark.line, node.end_mark.column)


def _end(node: Node | None, at: Place) -> int | None:
    """Return the column behind a value, or the first key of an entry, that starts at a place and ends on its line."""
    key = _first_key(node) if isinstance(node, MappingNode) else node
    if not isinstance(key, ScalarNode) or _start(key) != at:
        return None
    return key.end_mark.column + 1 if key.end_mark.line == at[0] else None
