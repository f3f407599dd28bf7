"""Markdown pages: front matter, sections, links and prose, each with its place."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import takewhile

from ml_checks.reading.text import blank
from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Source: CommonMark for headings, fences, code spans and links; what it allows beyond is not needed to find a
# missing section or a broken link. No pattern looks twice at the same text: a page may be long, and odd. Nor is there a
# possessive group (`(?:...)*+`), which Python takes for something else before 3.11.5.
_COMMENT = r"<!--(?s:.*?)(?:-->|\Z)"
# Indented as deep as it likes: it may be in a list, and otherwise it is indented code.
_FENCE = r"^[ \t]*+(?P<fence>`{3,}+(?![^\n]*`)|~{3,}+)(?s:.*?)(?:^[ \t]*+(?P=fence)[`~]*+[ \t]*+$|\Z)"
_SPAN = r"(?<!`)`++[^`\n]++`++"
_HIDDEN = re.compile(f"{_COMMENT}|(?P<code>{_FENCE}|{_SPAN})", re.MULTILINE)
# A line of dashes below a list, a quote or another line is a rule across the page and makes no heading.
_NO_TITLE = r">|#{1,6}+(?!\S)|[-*+]\s|\d{1,9}[.)]\s|[-*_ \t]+$"
_HEADING = re.compile(
    r"^ {0,3}(?P<marks>#{1,6}+)(?!\S)(?P<title>[^\n]*)$"
    rf"|^ {{0,3}}(?!{_NO_TITLE})(?P<above>\S[^\n]*)\n {{0,3}}(?P<line>=++|-++)[ \t]*+$",
    re.MULTILINE,
)
_LINK = re.compile(
    r"\]\((?:<(?P<pointed>[^<>\n]*)>|(?P<bare>(?:[^()\s<>]|\([^()\s]*\))+))"
    # Not a footnote, and not a remark such as `[Note]: read this first`.
    r"|^ {0,3}\[(?!\^)[^\]\n]+\]:[ \t]+<?(?P<defined>[^\s<>]++)(?=>?[ \t]*(?:$|[\"'(]))"
    r"|<(?:a|img)\b[^<>\n]*?\s(?:href|src)=\"(?P<tag>[^\"\n]*)\"",
    re.MULTILINE,
)

# What may stand above a front matter, which is none then.
_ABOVE = rf"(?:\s|{_COMMENT})*"
# The keys in a front matter that the checks ask for.
_ASKED = ("describes:", "inputs:", "outputs:", "owner:")
# Not compiled here: few pages have boxes. The first: a mark of a list, brackets around a space or a tick, a space, a
# text, which goes on in the lines below it. The second: brackets where they would be, and no link.
_ITEM = r"[ \t]*+(?:[-*+]|\d{1,9}[.)])"
_BOX = rf"(?m)^{_ITEM}[ \t]++\[(?P<mark>[ xX])\][ \t]++(?P<text>\S[^\n]*+(?:\n(?!{_ITEM}[ \t]|[ \t]*+(?:#|$))[^\n]+)*)"
_LIKE_A_BOX = r"(?m)^[ \t]*+(?P<written>(?:(?:[-*+]|\d{1,9}[.)])[ \t]*+)?\[[ \t]*[xX]?[ \t]*\])(?![(\[:])"


class Link(Record):
    """Where a link or an image points, as it is written."""

    target: str
    line: int
    col: int


class Box(Record):
    """A box of a list to tick, and what it says; `mark` is a space where it is not ticked."""

    mark: str
    text: str
    line: int
    col: int


class Section(Record):
    """A heading and what follows it up to the next heading of its level or above."""

    title: str
    level: int
    line: int
    col: int
    is_empty: bool


class Markdown:
    """A page of Markdown, taken apart."""

    def __init__(self, text: str) -> None:
        """Take `text` apart; comments and code count as prose nowhere."""
        lines = text.split("\n")
        start, end = _front(lines) or _late_front(text, lines)
        self.front = "\n".join([*[""] * (start + 1), *lines[start + 1 : end - 1], ""]) if end else ""
        """The front matter as YAML; empty lines stand for what is above it, so that every place stays."""
        self.late_front = start + 1 if start else 0
        """The line on which the front matter begins, where that is not the first one."""
        body = "\n".join([*lines[:start], *(" " * len(line) for line in lines[start:end]), *lines[end:]])
        self._body = body
        self.prose = _HIDDEN.sub(lambda match: blank(match[0]), body)
        visible = _HIDDEN.sub(lambda match: match["code"] or blank(match[0]), body)
        self._visible = visible
        self.sections = tuple(_sections(self.prose, visible))

    def places(self, offsets: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Yield the line and the column, from 1, of each of ascending offsets in the prose."""
        return positions(self.prose, offsets)

    def comments(self) -> Iterator[int]:
        """Yield the line of every comment; what looks like one in a block of code is none."""
        starts = [found.start() for found in _HIDDEN.finditer(self._body) if not found["code"]]
        return (line for line, _ in positions(self._body, starts))

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        """Every box to tick."""
        found = [box for box in re.finditer(_BOX, self._visible) if self.prose[box.start("mark") - 1] == "["]
        places = self.places(box.start("mark") - 1 for box in found)
        return tuple(
            Box(box["mark"], " ".join(box["text"].split()), *place) for box, place in zip(found, places, strict=True)
        )

    def broken_boxes(self) -> Iterator[tuple[int, int, str]]:
        """Yield line, column and text of what looks like a box to tick and is none."""
        boxes = {box.line for box in self.boxes}
        found = list(re.finditer(_LIKE_A_BOX, self.prose))
        for like, (line, col) in zip(found, self.places(like.start("written") for like in found), strict=True):
            if line not in boxes:
                yield line, col, like["written"]

    def links(self) -> Iterator[Link]:
        """Yield every link, image and reference of the prose."""
        found = [(link, link.lastgroup or "") for link in _LINK.finditer(self.prose)]
        places = self.places(link.start(name) for link, name in found)
        for (link, name), place in zip(found, places, strict=True):
            yield Link(link[name], *place)


def positions(text: str, offsets: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the line and the column, from 1, of each of ascending offsets."""
    line, start, before = 1, 0, 0
    for offset in offsets:
        # From where the last one was: to count from the top each time would take hours on a long page.
        line += text.count("\n", before, offset)
        start = max(start, text.rfind("\n", before, offset) + 1)
        before = offset
        yield line, offset - start + 1


def _front(lines: list[str]) -> tuple[int, int] | None:
    """Return before which line the front matter begins and after which it ends, with its dashes; None without one."""
    if lines[0].rstrip(" \t") != "---":
        return None
    return 0, next((number for number, line in enumerate(lines[1:], 2) if line.rstrip(" \t") == "---"), 0)


def _late_front(text: str, lines: list[str]) -> tuple[int, int]:
    """Return the same of what is front matter to nobody, because blank lines or comments are above it."""
    if not text.startswith(("\n", " ", "<!--")):
        return 0, 0
    above = re.match(_ABOVE, text)
    start = text.count("\n", 0, above.end()) if above else 0
    _, end = _front(lines[start:]) or (0, 0)
    return (start, start + end) if any(map(_is_asked, lines[start : start + end])) else (0, 0)


def _is_asked(line: str) -> bool:
    return line.startswith(_ASKED)


def _sections(prose: str, visible: str) -> Iterator[Section]:
    """Yield each section; it is empty if nothing is visible in it or in those below it."""
    headings = list(_HEADING.finditer(prose))
    levels = list(map(_level, headings))
    is_filled = list(_filled(headings, visible))
    places = positions(prose, map(_start, headings))
    for index, (heading, place) in enumerate(zip(headings, places, strict=True)):
        within = (index, *_below(levels, index))
        yield Section(_title(heading, visible), levels[index], *place, not any(map(is_filled.__getitem__, within)))


def _level(heading: re.Match[str]) -> int:
    return len(heading["marks"]) if heading["marks"] else 1 + (heading["line"][0] == "-")


def _start(heading: re.Match[str]) -> int:
    return heading.start("marks" if heading["marks"] else "above")


def _title(heading: re.Match[str], visible: str) -> str:
    if heading["marks"]:
        return _bare(visible[slice(*heading.span("title"))])
    return visible[slice(*heading.span("above"))].strip()


def _filled(headings: list[re.Match[str]], visible: str) -> Iterator[bool]:
    """Tell of each heading whether anything is visible between it and the next one."""
    ends = [*(heading.start() for heading in headings[1:]), len(visible)]
    return (bool(visible[heading.end() : end].strip()) for heading, end in zip(headings, ends, strict=False))


def _below(levels: list[int], index: int) -> Iterator[int]:
    """Yield the headings of a section, up to the next of its level or above."""
    return takewhile(lambda later: levels[later] > levels[index], range(index + 1, len(levels)))


def _bare(title: str) -> str:
    """Return a title without the marks that may close it."""
    title = title.strip()
    bare = title.rstrip("#")
    return bare.rstrip() if not bare or bare[-1].isspace() else title
