"""Markdown pages: front matter, sections, links and prose, each with its place."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache, cached_property
from itertools import islice, takewhile

from ml_checks.reading.text import blank
from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Source: CommonMark, and GitHub's footnotes. No pattern looks often at the same text: a page may be long, and odd. Nor
# is there a possessive group (`(?:...)*+`), which Python takes for something else before 3.11.5.
_ITEM = r"(?:[-*+]|\d{1,9}[.)])"
# What a line may begin with before its own text: the marks of quotes and of items of lists.
_WITHIN = rf"[ \t]*+(?:(?:>|{_ITEM}[ \t])[ \t]*+)*"
_COMMENT = r"<!--(?s:.*?)(?:-->|\Z)"
# Indented as deep as it likes: it may be in a list, and otherwise it is indented code.
_FENCE = (
    r"^(?: {0,3}(?P<fence>`{3,}+(?![^\n]*`)|~{3,}+)(?s:.*?)(?:^ {0,3}(?P=fence)[`~]*+[ \t]*+$|\Z)"
    rf"|{_WITHIN}(?P<deep>`{{3,}}+(?![^\n]*`)|~{{3,}}+)(?s:.*?)(?:^[ \t>]*+(?P=deep)[`~]*+[ \t]*+$|\Z))"
)
# Over lines too, but never into the next paragraph, item or heading.
_GO_ON = rf"\n(?![ \t>]*(?:\n|\Z|#{{1,6}}[ \t]|{_ITEM}[ \t]|```|~~~))"
_SPAN = rf"(?P<ticks>`++)(?:[^`\n]|{_GO_ON}|(?!(?P=ticks)(?!`))`++)+?(?P=ticks)(?!`)"
_HIDDEN = re.compile(rf"\\[\\`<]|{_COMMENT}|(?P<code>{_FENCE}|(?<!`){_SPAN})", re.MULTILINE)
# A line of dashes below a list, a quote or another line is a rule across the page and makes no heading.
_NO_TITLE = r">|#{1,6}+(?!\S)|[-*+]\s|\d{1,9}[.)]\s|[-*_ \t]+$"
_HEADING = re.compile(
    rf"^(?P<before>{_WITHIN})(?P<marks>#{{1,6}}+)(?!\S)(?P<title>[^\n]*)$"
    rf"|^ {{0,3}}(?!{_NO_TITLE})(?P<above>\S[^\n]*)\n {{0,3}}(?P<line>(?:=++|-++)[ \t]*+)$",
    re.MULTILINE,
)
# What a browser is given as it is, up to an empty line or to the end of the element. A line end is before each line.
_RAW = "script|pre|style|textarea"
_BLOCKS = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|"
    "fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|"
    "menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|"
    "track|ul"
)
_ATTRIBUTES = r"(?:\s+[a-zA-Z_:][\w:.-]*(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))?)*\s*"
_TO_GAP = rf"(?:[^\n]|\n(?![ \t>]*(?:\n|\Z))(?(item)(?![ \t]*{_ITEM}[ \t])))*"
_ALONE = rf"/?(?!(?i:{_RAW})\b)[a-zA-Z][a-zA-Z0-9-]*{_ATTRIBUTES}/?>[ \t]*(?=\n){_TO_GAP}"
_HTML = re.compile(
    rf"\n(?P<gap>[ \t]*\n)?[ \t]*+(?P<item>(?:(?:>|{_ITEM}[ \t])[ \t]*+)+)?<(?:"
    rf"(?i:{_RAW})(?=[\s>])(?s:.*?)(?:</(?i:{_RAW})>|\Z)|/?(?i:{_BLOCKS})(?=[\s/>]){_TO_GAP}"
    rf"|(?(gap){_ALONE}|(?(item){_ALONE}|(?!))))"
)
_ENDS = re.compile(r"[ \t]*$|>|#{1,6}(?!\S)|=+[ \t]*$|[-*_ \t]+$|`{3}|~{3}")
_MARKED = re.compile(rf"[ \t]*({_ITEM}[ \t]+)")
# A line that is indented so far, beyond what it is in, is code; in spaces, and as a page may write that.
CODE_INDENT = 4
# No item of a list is longer, in lines: to look further up from each of many lines would take minutes.
FAR = 40
_INDENTED = ("    ", "\t", " \t", "  \t", "   \t")
# What goes on in the next line, of the same paragraph, there behind the marks of quotes.
_SPACE = r"[ \t]*+(?:\n[ \t>]*+(?=[^\s]))?"
_INNER = r"(?:[^()\s\\]|\\.|\\(?=\s))*"
_NESTED = rf"\({_INNER}(?:\({_INNER}\){_INNER})*\)"
_BARE = rf"(?:[^()\s<\\]|\\\S|{_NESTED})(?:[^()\s\\]|\\\S|{_NESTED})*"
_TITLE = r"\"(?:[^\"\\\n]|\\.|\n(?!\s*\n))*\"|'(?:[^'\\\n]|\\.|\n(?!\s*\n))*'|\((?:[^()\\\n]|\\.|\n(?!\s*\n))*\)"
_WORDS = r"(?:[^][\\\n]|\\[^\n]|\\?\n(?![ \t>]*(?:\n|\Z)))*"
_LABEL = rf"{_WORDS}(?:\[{_WORDS}(?:\[{_WORDS}\]{_WORDS})*\]{_WORDS})*"
# Only its first bracket is taken, because there may be an image in it.
_INLINE = (
    rf"\[(?={_LABEL}\]\({_SPACE}(?:<(?P<pointed>(?:[^<>\n\\]|\\.)*)>|(?P<bare>{_BARE}))"
    rf"(?:{_SPACE}(?<=\s)(?:{_TITLE}))?{_SPACE}\))"
)
# Not a footnote, and not a remark such as `[Note]: read this first`.
_DEFINITION = (
    rf"^{_WITHIN}\[(?!\^)(?P<label>(?:[^][\\\n]|\\.)+)\]:{_SPACE}(?:<(?P<within>[^<>\n]*)>|(?P<defined>[^\s<]\S*))"
    rf"(?=[ \t]*$|{_SPACE}(?<=\s)(?:{_TITLE})[ \t]*$)"
)
_TAG = (
    r"<(?i:a|img)\s(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?(?<=\s)(?i:href|src)\s*=\s*"
    r"(?:\"(?P<double>[^\"\n]*)\"|'(?P<single>[^'\n]*)'|(?P<unquoted>[^\s\"'=<>`]+))"
)
_OF_TAGS = ("double", "single", "unquoted")
_LINK = re.compile(rf"\\[][<\\]|{_INLINE}|{_DEFINITION}|{_TAG}", re.MULTILINE)
# What is in a title and no reader sees: the id behind it, a picture, the target of a link, an element, an emoji by name
# or followed by the mark that makes it one. The rest is seen, so that `&lt;` stays.
_UNSEEN = (
    (r"\s*\{[:#.][^{}]*\}\s*$", ""),
    (r"!\[[^][]*\](?:\([^()]*\)|\[[^][]*\])", ""),
    (r"\[([^][]*)\](?:\([^()]*\)|\[[^][]*\])", r"\1"),
    (r"</?[A-Za-z][^<>]*>", ""),
    (r"(?<!\w):[a-z0-9_+-]+:(?!\w)", ""),
    (r".\ufe0f?\u20e3|.\ufe0f", ""),
)
# "1. Owner", "2.1 Owner", "3) Owner", "A. Owner", "IV. Owner".
_NUMBER = r"^[\W_]*(?:(?:\d+\.)*\d+[.):]?|(?:[A-Za-z]|[IVX]+)[.)])[*_]*\s+(?=.*\w)"
_REFERENCE = r"(?<!\\)\[((?:[^][\\]|\\.)+)\]"

# What may stand above a front matter, which is none then.
_ABOVE = rf"(?:\s|{_COMMENT})*"
# The keys in a front matter that the checks ask for.
_ASKED = ("describes:", "inputs:", "outputs:", "owner:")
# Not compiled here: few pages have boxes. The first: a mark of a list, brackets around a space or a tick, a space, a
# text, which goes on in the lines below it. The second: brackets where they would be, and no link.
_BOX = (
    rf"(?m)^[ \t]*+{_ITEM}[ \t]++\[(?P<mark>[ xX])\][ \t]++"
    rf"(?P<text>\S[^\n]*+(?:\n(?![ \t]*+{_ITEM}[ \t]|[ \t]*+(?:#|$))[^\n]+)*)"
)
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
        text = text.replace("\r", "\n")
        lines = text.split("\n")
        start, end = _front(lines) or _late_front(text, lines)
        self.front = "\n".join([*[""] * (start + 1), *lines[start + 1 : end - 1], ""]) if end else ""
        """The front matter as YAML; empty lines stand for what is above it, so that every place stays."""
        self.late_front = start + 1 if start else 0
        """The line on which the front matter begins, where that is not the first one."""
        body = "\n".join([*lines[:start], *(" " * len(line) for line in lines[start:end]), *lines[end:]])
        self._body = body
        self.prose, self._visible = _shown(body)
        self._outline = Outline(self.prose, self._visible)
        self.sections = tuple(_sections(self._outline.headings, self.prose, self._visible))

    def places(self, offsets: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Yield the line and the column, from 1, of each of ascending offsets in the prose."""
        return positions(self.prose, offsets)

    def titled(self, titles: Iterable[str]) -> list[Section]:
        """Return the sections whose titles look like one of these to a reader."""
        wanted = set(map(seen, titles))
        return [section for section in self.sections if wanted and seen(section.title) in wanted]

    def comments(self) -> Iterator[int]:
        """Yield the line of every comment; what looks like one in a block of code is none."""
        starts = [found.start() for found in _HIDDEN.finditer(self._body) if found[0].startswith("<")]
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
        """Yield every link and image of the prose, and every definition of one that is used."""
        found = sorted(self._links())
        places = self.places(start for start, _ in found)
        for (_, target), place in zip(found, places, strict=True):
            yield Link(target, *place)

    def labels(self) -> list[str]:
        """Return the names that MyST lets other pages link to, as in `(name)=`."""
        return re.findall(r"(?m)^[ \t]*\(([^()\n]+)\)=[ \t]*$", self.prose) if ")=" in self.prose else []

    def _links(self) -> Iterator[tuple[int, str]]:
        """Yield the offset and the target of each link."""
        definitions: dict[str, tuple[int, str]] = {}
        labels = set()
        for link, name in self._written_links():
            if link["label"]:
                labels.add(link.start("label"))
                definitions.setdefault(self._label(*link.span("label")), (link.start(name), link[name]))
            else:
                yield link.start(name), link[name]
        used = self._used(labels) if labels else set()
        yield from (place for label, place in definitions.items() if label in used)

    def _used(self, labels: set[int]) -> set[str]:
        """Return the labels in brackets that are at other places than those of definitions."""
        found = (one for one in re.finditer(_REFERENCE, self.prose) if one.start(1) not in labels)
        return {self._label(*one.span(1)) for one in found}

    def _written_links(self) -> Iterator[tuple[re.Match[str], str]]:
        """Yield each link and each definition as it is written, with the name of the group that has its target."""
        start = end = 0
        for link in _LINK.finditer(self.prose):
            name = link.lastgroup
            if not name or start <= link.start() < end:
                continue  # an escaped bracket; or one in the target of a link
            if name in _OF_TAGS or not self._outline.hides(link.start()):
                start, end = link.span(name)
                yield link, name

    def _label(self, start: int, end: int) -> str:
        """Return a label in the form in which references find it; there may be code in it."""
        return " ".join(self._visible[start:end].split()).casefold()


def _shown(body: str) -> tuple[str, str]:
    """Return a page without comments and code, and one without comments; every place stays where it was."""
    prose: list[str] = []
    visible: list[str] = []
    end = 0
    for found in _HIDDEN.finditer(body):
        text, before = found[0], body[end : found.start()]
        end = found.end()
        gap = text if text[0] == "\\" else blank(text)
        prose += before, gap
        visible += before, gap if found["code"] is None else text
    return "".join((*prose, body[end:])), "".join((*visible, body[end:]))


def meant(target: str) -> str:
    """Return what a target means as it is written: no backslash before a mark, and characters for their names."""
    if "\\" in target:
        target = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", target)
    if "&" in target:
        from html import unescape

        target = re.sub(r"&#?\w+;", lambda entity: unescape(entity[0]), target)
    return target


@cache
def seen(title: str) -> str:
    """Return the letters and digits that a reader sees of a title, without its number; `&` is "and"."""
    for pattern, instead in _UNSEEN:
        title = re.sub(pattern, instead, title)
    shown = meant(title)
    if not shown.isascii():
        from unicodedata import category, normalize

        shown = normalize("NFKC", "".join(" " if category(char) == "So" else char for char in shown))
    shown = re.sub(_NUMBER, "", shown.replace("&", " and ")).casefold()
    return "".join(filter(str.isalnum, shown)) or "".join(title.split())


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


class Heading(Record):
    """A heading: its level, where it and what is below it start, and its title."""

    level: int
    start: int
    end: int
    title: str


class Outline:
    """The blocks of a page: its headings, and what is shown as it is written."""

    def __init__(self, prose: str, visible: str) -> None:
        """Take the prose of a page, and that with its code."""
        self._prose, self._visible = prose, visible
        # The offset of a line end in the one is that of the line behind it in the other.
        self._html = [block.span() for block in _HTML.finditer(f"\n\n{prose}")] if "<" in prose else []
        self.headings = list(self._headings())

    def hides(self, offset: int) -> bool:
        """Tell whether a place is in a block of HTML, or of code that is only indented."""
        return self._is_html(offset) or self._is_code(offset)

    def _is_html(self, offset: int) -> bool:
        index = bisect_right(self._html, (offset + 2, 0)) - 1
        return index >= 0 and offset + 2 < self._html[index][1]

    def _is_code(self, offset: int) -> bool:
        start = self._line_start(offset)
        return self._prose.startswith(_INDENTED, start) and self._depth(start) >= CODE_INDENT and self._is_apart(start)

    def _line_start(self, offset: int) -> int:
        return self._prose.rfind("\n", 0, offset) + 1

    def _is_apart(self, start: int) -> bool:
        """Tell whether there is an empty line above a line, or above others that are as deep."""
        for line in islice(self._above(start), FAR):
            if not line.strip():
                return True
            if not line.startswith(_INDENTED):
                return False
        return True

    def _depth(self, start: int) -> int:
        """Return how far a line is indented within the item of a list that it is in, or else within the page."""
        indent = _indent(self._line(start))
        below = ""
        for line in islice(self._above(start), FAR):
            item = _MARKED.match(line)
            if item and (inner := len(item[0].expandtabs(CODE_INDENT))) <= indent:
                return indent - inner
            if below[:2].strip() and not line.strip():
                break  # the list ended above
            below = "" if item else line
        return indent

    def _above(self, start: int) -> Iterator[str]:
        """Yield the lines above a place, the nearest first."""
        while start > 0:
            end, start = start - 1, self._visible.rfind("\n", 0, start - 1) + 1
            yield self._visible[start:end]

    def _line(self, start: int) -> str:
        end = self._visible.find("\n", start)
        return self._visible[start:] if end < 0 else self._visible[start:end]

    def _headings(self) -> Iterator[Heading]:
        for match in _HEADING.finditer(self._prose):
            if not self._is_html(match.end() - 1):
                yield from self._marked(match) if match["marks"] else self._underlined(match)

    def _is_written(self, match: re.Match[str], name: str) -> bool:
        """Tell whether what is blank in a part of a match is blank in the page too, and no code."""
        return self._visible[slice(*match.span(name))] == match[name]

    def _marked(self, match: re.Match[str]) -> Iterator[Heading]:
        """Yield the heading that marks make, unless it is so deep that it is code."""
        is_deep = match["before"].startswith(_INDENTED) and self._depth(match.start()) >= CODE_INDENT
        if self._is_written(match, "before") and not is_deep:
            title = _bare(self._visible[slice(*match.span("title"))])
            yield Heading(len(match["marks"]), match.start("marks"), match.end(), title)

    def _underlined(self, match: re.Match[str]) -> Iterator[Heading]:
        """Yield the heading that a paragraph is with a line below it."""
        start = self._first(match.start("above"))
        if start is not None and self._is_written(match, "line"):
            lines = self._visible[start : match.end("above")].split("\n")
            yield Heading(1 + (match["line"][0] == "-"), start, match.end(), " ".join(map(str.strip, lines)))

    def _first(self, start: int) -> int | None:
        """Return where the paragraph starts whose last line starts at a place; None where a line is no heading's."""
        for line in self._above(top := self._line_start(start)):
            if _MARKED.match(line) or line.lstrip().startswith(">"):
                return None
            if _ENDS.match(line.lstrip()):
                break
            top -= len(line) + 1
            start = top + len(line) - len(line.lstrip())
        return start


def _indent(line: str) -> int:
    line = line.expandtabs(CODE_INDENT)
    return len(line) - len(line.lstrip(" "))


def _sections(headings: list[Heading], prose: str, visible: str) -> Iterator[Section]:
    """Yield each section; it is empty if nothing is visible in it or in those below it."""
    levels = [heading.level for heading in headings]
    is_filled = list(_filled(headings, visible))
    places = positions(prose, (heading.start for heading in headings))
    for index, (heading, place) in enumerate(zip(headings, places, strict=True)):
        within = (index, *_below(levels, index))
        yield Section(heading.title, heading.level, *place, not any(map(is_filled.__getitem__, within)))


def _filled(headings: list[Heading], visible: str) -> Iterator[bool]:
    """Tell of each heading whether anything is visible between it and the next one."""
    ends = [*(heading.start for heading in headings[1:]), len(visible)]
    return (bool(visible[heading.end : end].strip()) for heading, end in zip(headings, ends, strict=False))


def _below(levels: list[int], index: int) -> Iterator[int]:
    """Yield the headings of a section, up to the next of its level or above."""
    return takewhile(lambda later: levels[later] > levels[index], range(index + 1, len(levels)))


def _bare(title: str) -> str:
    """Return a title without the marks that may close it."""
    title = title.strip()
    bare = title.rstrip("#")
    return bare.rstrip() if not bare or bare[-1].isspace() else title
