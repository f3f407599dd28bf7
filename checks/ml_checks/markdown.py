"""Markdown pages: front matter, sections, links and prose, each with its place.

Source: CommonMark for headings, fences, code spans and links; what it allows beyond is not needed to find a
missing section or a broken link.
"""

from __future__ import annotations

import re

from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_FRONT = re.compile(r"---[ \t]*\n(?:.*\n)*?---[ \t]*(?:\n|\Z)")
_COMMENT = r"<!--(?s:.*?)(?:-->|\Z)"
_FENCE = r"^ {0,3}(?P<fence>`{3,}+|~{3,}+)(?s:.*?)(?:^ {0,3}(?P=fence)[`~]*[ \t]*$|\Z)"
_SPAN = r"(?<!`)`++[^`\n]++`++"
_CODE = re.compile(f"{_COMMENT}|{_FENCE}|{_SPAN}", re.MULTILINE)
_COMMENTS = re.compile(f"{_COMMENT}|(?P<keep>{_FENCE}|{_SPAN})", re.MULTILINE)
_HEADING = re.compile(
    r"^ {0,3}(?P<marks>#{1,6})(?:[ \t]+(?P<title>[^\n]*?))?(?:[ \t]+#+)?[ \t]*$"
    r"|^ {0,3}(?P<above>[^\s>#-][^\n]*)\n {0,3}(?P<line>=+|-+)[ \t]*$",
    re.MULTILINE,
)
_LINK = re.compile(
    r"\]\((?:<(?P<pointed>[^<>\n]*)>|(?P<bare>(?:[^()\s<>]|\([^()\s]*\))+))"
    r"|^ {0,3}\[[^\]\n]+\]:[ \t]+<?(?P<defined>[^\s<>]+)"
    r"|<(?:a|img)\b[^>\n]*?\s(?:href|src)=\"(?P<tag>[^\"\n]*)\"",
    re.MULTILINE,
)


class Section(Record):
    """A heading and what follows it up to the next heading of its level or above."""

    title: str
    level: int
    line: int
    col: int
    is_empty: bool


class Link(Record):
    """Where a link or an image points, as it is written."""

    target: str
    line: int
    col: int


class Markdown:
    """A page of Markdown, taken apart."""

    def __init__(self, text: str) -> None:
        """Take `text` apart; comments and code count as prose nowhere."""
        found = _FRONT.match(text)
        self.front = found[0] if found else ""
        body = _blank(self.front) + text[len(self.front) :]
        self.prose = _CODE.sub(lambda match: _blank(match[0]), body)
        visible = _COMMENTS.sub(lambda match: match["keep"] or _blank(match[0]), body)
        self.sections = tuple(_sections(self.prose, visible))

    def links(self) -> Iterator[Link]:
        """Yield every link, image and reference of the prose."""
        for found in _LINK.finditer(self.prose):
            name = found.lastgroup or ""
            yield Link(found[name], *position(self.prose, found.start(name)))


def position(text: str, offset: int) -> tuple[int, int]:
    """Return the line and the column, from 1, of an offset."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _blank(text: str) -> str:
    """Put spaces where there was text, so that every place stays where it was."""
    return re.sub(r"[^\n]", " ", text)


def _sections(prose: str, visible: str) -> Iterator[Section]:
    headings = list(_HEADING.finditer(prose))
    levels = [len(found["marks"]) if found["marks"] else 1 + (found["line"][0] == "-") for found in headings]
    for index, (found, level) in enumerate(zip(headings, levels, strict=True)):
        after = range(index + 1, len(headings))
        end = next((headings[later].start() for later in after if levels[later] <= level), len(prose))
        parts = [headings[later].span() for later in after if headings[later].start() < end]
        bounds = [found.end(), *(bound for part in parts for bound in part), end]
        content = "".join(visible[start:stop] for start, stop in zip(bounds[::2], bounds[1::2], strict=True))
        title = visible[slice(*found.span("title" if found["marks"] else "above"))]
        yield Section(title.strip(), level, *position(prose, found.start()), not content.strip())
