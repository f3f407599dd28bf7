"""Path patterns as one tree of segments, so that a name is looked at once for all of them."""

from __future__ import annotations

import functools
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Match = Callable[[str], object]
    Pattern = Sequence[Sequence[str]]
    """The spellings of a pattern: segments from the root on, `**` for any depth, a last `**` for all below."""

WILD = r"[*?\\\[\]]"
# A set of characters is negated by a mark; where nothing ends it, it takes the rest.
SET = r"\[(?P<negated>[!^]?)(?P<members>(?:\\.?|[^\]\\])*+)(?P<end>\]?)"
MEMBER = r"(\\?.)(?:-(\\?.))?"
# What a segment is made of: stars in a row count as one, a set, an escaped character, any other.
PIECE = rf"\*+|{SET}|\\.|."


class Node:
    """A place in the tree of all patterns: the segments read so far, and what may follow."""

    __slots__ = ("anywhere", "contents", "file", "globs", "known", "names", "shapes")

    def __init__(self) -> None:
        """Start with nothing that ends here and nothing that follows."""
        # What follows a plain segment, and one with wildcards: by the text before the first, behind the last.
        self.names: dict[str, Node] = {}
        self.globs: dict[tuple[str, str], dict[str, tuple[Match, Node]]] = {}
        # How long those texts are: few lengths, so a name is looked up and not tried against every glob.
        self.shapes: set[tuple[int, int]] = set()
        # What follows `**`. That node is its own `anywhere`: it stays in reach in every directory below.
        self.anywhere: Node | None = None
        # The patterns (by index, ascending) that match when the path ends here, or goes on from here.
        self.file: list[int] = []
        self.contents: list[int] = []
        self.known: dict[str, tuple[Node, ...]] = {}

    def follow(self, segment: str) -> Node:
        """Return the node that this segment of a pattern leads to, made when it is new."""
        if segment == "**":
            if self.anywhere is None:
                self.anywhere = Node()
                self.anywhere.anywhere = self.anywhere
            return self.anywhere
        head, *wild = re.split(WILD, segment)
        if not wild:
            return self.names.setdefault(segment, Node())
        self.shapes.add((len(head), len(wild[-1])))
        return self.globs.setdefault((head, wild[-1]), {}).setdefault(segment, (glob(segment), Node()))[1]

    def after(self, name: str) -> tuple[Node, ...]:
        """Return the nodes that a file or directory of this name leads to."""
        if name not in self.known:
            self.known[name] = tuple(self._after(name))
        return self.known[name]

    def _after(self, name: str) -> Iterator[Node]:
        if name in self.names:
            yield self.names[name]
        for head, tail in self.shapes:
            for match, node in self.globs.get((name[:head], name[len(name) - tail :]), {}).values():
                if match(name):
                    yield node


def tree(patterns: Iterable[Pattern]) -> Node:
    """Merge all patterns into one tree."""
    root = Node()
    for index, spellings in enumerate(patterns):
        for *parents, last in spellings:
            node = functools.reduce(Node.follow, parents, root)
            if last == "**":
                node.contents.append(index)
            else:
                node.follow(last).file.append(index)
    return root


def in_reach(before: Iterable[Node], found: Sequence[Node]) -> tuple[Node, ...]:
    """Return the nodes from which the names in a directory are looked up, each once."""
    lasting = [node.anywhere for node in (*before, *found) if node.anywhere]
    return tuple(dict.fromkeys((*found, *lasting)))


@functools.cache
def glob(segment: str) -> Match:
    """Compile one segment; none is slow, because what a star has passed is never given back: `(?>...)`."""
    head, _, tail = segment.partition("*")
    if not re.search(WILD, head + tail):  # the usual `*.py`: compiling it would take longer than all its matching
        return lambda name: len(name) >= len(head) + len(tail) and name.startswith(head) and name.endswith(tail)
    parts = [""]
    for piece in re.finditer(PIECE, segment):
        if piece[0].startswith("*"):
            parts.append("")
        else:
            parts[-1] += _expression(piece)
    regex = parts[0] + "".join(f"(?>.*?{part})" for part in parts[1:-1])
    if len(parts) > 1:
        regex += f".*{parts[-1]}"
    return re.compile(regex, re.DOTALL).fullmatch


def _expression(piece: re.Match[str]) -> str:
    """Return the regular expression of a piece that is no star."""
    if piece["members"] is None:
        return "." if piece[0] == "?" else re.escape(piece[0][-1])
    if not piece["end"]:
        return "(?!)"
    members = "".join(_range(low[-1], (high or low)[-1]) for low, high in re.findall(MEMBER, piece["members"]))
    if piece["negated"]:
        return f"[^{members}]" if members else "."
    return f"[{members}]" if members else "(?!)"


def _range(low: str, high: str) -> str:
    """Return the members from one character to another; of a range the wrong way round, its two ends."""
    return re.escape(low) + ("-" if low <= high else "") + re.escape(high)
