"""CODEOWNERS in GitHub's dialect: what its lines say, and who owns which path."""

from __future__ import annotations

import functools
import re

from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Match = Callable[[str], object]

# Where the rules come from: GitHub's page "About code owners" (patterns, exceptions, faults skip a line),
# the errors that GitHub shows ("List CODEOWNERS errors" in its REST reference: `/`, stars, brackets, owners),
# and git's gitignore page wherever GitHub names no exception. What none of them says is marked "inferred".

# A word ends at white space that no backslash escapes.
WORD = r"(?:[^ \t\\]|\\.?)+"
# Inferred: how long a name may be and where its dashes may stand is left to GitHub.
OWNER = r"@[A-Za-z0-9_-]+(?:/[A-Za-z0-9_.-]+)?|[^@]+@[^@.]+(?:\.[^@.]+)+"
# What a segment is made of: stars in a row count as one (gitignore), an escaped character, any other.
PIECE = r"\*+|\\.|."
WILD = r"[*?\\]"
UNREADABLE_START = {
    "!": "starts with '!', but CODEOWNERS cannot negate",
    "\\#": "starts with an escaped '#', which CODEOWNERS cannot read",
}
UNREADABLE = {
    "[": "has a '[' without a backslash, but CODEOWNERS has no character ranges",
    "]": "has a ']' without a backslash, but CODEOWNERS has no character ranges",
    "***": "has three stars in a row",
    "\\": "ends in a backslash that escapes nothing",
}
SKIPPED = "GitHub skips the line"


class Line(Record):
    """A pattern with its owners; a faulty line counts for nothing, and says why."""

    pattern: str
    owners: tuple[str, ...]
    line: int
    col: int
    fault: str | None


def parse(text: str) -> tuple[Line, ...]:
    """Read the lines that say something, in order.

    `line` and `col` count from 1; `col` is that of the pattern, or of the owner at fault.
    Inferred: a byte order mark is dropped, and `#` opens a comment only at the start of a word.
    """
    rows = enumerate(text.removeprefix("\ufeff").split("\n"), 1)
    return tuple(_line(words, number) for number, row in rows if (words := _words(row.removesuffix("\r"))))


def _words(row: str) -> list[tuple[str, int]]:
    """Split a row into its words with their columns, up to a comment."""
    words: list[tuple[str, int]] = []
    for found in re.finditer(WORD, row):
        if found[0].startswith("#"):
            break
        words.append((found[0], found.start() + 1))
    return words


def _line(words: list[tuple[str, int]], number: int) -> Line:
    (pattern, start), *owners = words
    names = tuple(name for name, _ in owners)
    if problem := _pattern_fault(pattern):
        return Line(pattern, names, number, start, f"pattern {pattern!r} {problem}: {SKIPPED}")
    for name, col in owners:
        if not re.fullmatch(OWNER, name):
            fault = f"owner {name!r} is not @user, @org/team or an e-mail address: {SKIPPED}"
            return Line(pattern, names, number, col, fault)
    return Line(pattern, names, number, start, None)


def _pattern_fault(pattern: str) -> str | None:
    """Say what GitHub cannot read in this pattern."""
    if pattern == "/":
        return "matches nothing ('*' is every file)"
    for mark, problem in UNREADABLE_START.items():
        if pattern.startswith(mark):
            return problem
    bare = re.sub(r"\\.", "", pattern)
    return next((problem for mark, problem in UNREADABLE.items() if mark in bare), None)


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
        # The lines (by index, ascending) that match when the path ends here, or goes on from here.
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


@functools.cache
def glob(segment: str) -> Match:
    """Compile one segment; none is slow, because what a star has passed is never given back: `(?>...)`."""
    head, _, tail = segment.partition("*")
    if not re.search(WILD, head + tail):  # the usual `*.py`: compiling it would take longer than all its matching
        return lambda name: len(name) >= len(head) + len(tail) and name.startswith(head) and name.endswith(tail)
    parts = [""]
    for piece in re.findall(PIECE, segment):
        if piece.startswith("*"):
            parts.append("")
        else:
            parts[-1] += "." if piece == "?" else re.escape(piece[-1])
    regex = parts[0] + "".join(f"(?>.*?{part})" for part in parts[1:-1])
    if len(parts) > 1:
        regex += f".*{parts[-1]}"
    return re.compile(regex, re.DOTALL).fullmatch


def _segments(pattern: str) -> list[str]:
    r"""Split a pattern into its segments from the root on; a name alone is sought at any depth.

    Inferred: `x/` is `x/**`, so that `x/**/` is too, and `\/` is a slash.
    """
    pattern = re.sub(r"\\.", lambda escape: "/" if escape[0] == "\\/" else escape[0], pattern)
    segments = pattern.removeprefix("/").split("/")
    if segments[-1] == "":
        segments[-1] = "**"
    if "/" not in pattern[:-1]:
        segments.insert(0, "**")
    while segments[-2:] == ["**", "**"]:
        segments.pop()
    return segments


def _tree(lines: Iterable[Line]) -> Node:
    """Merge all patterns into one tree, so that a name is looked at once for all of them."""
    root = Node()
    for index, line in enumerate(lines):
        *parents, last = _segments(line.pattern)
        node = functools.reduce(Node.follow, parents, root)
        # `x/**` is what x holds, never x itself; `x/*` is the files right in x; all else is both.
        if last != "**":
            node = node.follow(last)
            node.file.append(index)
        if last != "*":
            node.contents.append(index)
    return root


def _in_reach(before: tuple[Node, ...], found: list[Node]) -> tuple[Node, ...]:
    """Return the nodes from which the names in a directory are looked up, each once."""
    lasting = [node.anywhere for node in (*before, *found) if node.anywhere]
    return tuple(dict.fromkeys((*found, *lasting)))


class Directory:
    """What a directory means for its files: the nodes in reach, and the last line that matches them all."""

    __slots__ = ("below", "best", "nodes")

    def __init__(self, nodes: tuple[Node, ...], best: int) -> None:
        """Start without the directories below, which are worked out when a path needs them."""
        self.nodes = nodes
        self.best = best
        self.below: dict[str, Directory] = {}

    def enter(self, name: str, path: str, examples: dict[int, str]) -> Directory:
        """Work out what a directory in this one means, and note the lines that match its first path."""
        found = [end for node in self.nodes for end in node.after(name)]
        matching = [index for end in found for index in end.contents]
        for index in matching:
            examples.setdefault(index, path)
        return Directory(_in_reach(self.nodes, found), max([self.best, *matching]))


class Ownership:
    """Who owns which path: the last line that matches it, and that line alone."""

    def __init__(self, lines: Iterable[Line], paths: Iterable[str]) -> None:
        """Match all paths against all lines that have no fault, in one pass."""
        self.lines = tuple(line for line in lines if line.fault is None)
        root, ordered = _tree(self.lines), sorted(paths)
        self._directories = {"": Directory(_in_reach((), [root]), max(root.contents, default=-1))}
        # For each line that matches anything, the first path that it matches.
        examples = dict.fromkeys(root.contents, ordered[0]) if ordered else {}
        self._winners = winners = {path: self._winner(path, examples) for path in ordered}
        winning = set(winners.values())
        self.unowned = tuple(path for path, index in winners.items() if index < 0)
        """Paths that no line matches. A path whose line names nobody is not among them: that was decided."""
        self.unmatched = tuple(line for index, line in enumerate(self.lines) if index not in examples)
        """Lines that match no path."""
        self.shadowed = tuple(
            (self.lines[index], self.lines[winners[examples[index]]]) for index in sorted(examples.keys() - winning)
        )
        """Lines that match, but lose every path to later lines; each with one that takes such a path."""

    def line_of(self, path: str) -> Line | None:
        """Return the line that decides about any path, tracked or not; it may name no owner."""
        index = self._winners[path] if path in self._winners else self._winner(path, {})
        return None if index < 0 else self.lines[index]

    def _winner(self, path: str, examples: dict[int, str]) -> int:
        """Return the index of the last line that matches, or -1, and note what matches for the first time."""
        folder, _, name = path.rpartition("/")
        directory = self._directories.get(folder) or self._enter(folder, path, examples)
        best = directory.best
        for node in directory.nodes:
            for end in node.after(name):
                for index in end.file:
                    examples.setdefault(index, path)
                    best = max(best, index)
        return best

    def _enter(self, folder: str, path: str, examples: dict[int, str]) -> Directory:
        """Work out a directory that is new, and those above it that are."""
        directory = self._directories[""]
        for name in folder.split("/"):
            if name not in directory.below:
                directory.below[name] = directory.enter(name, path, examples)
            directory = directory.below[name]
        self._directories[folder] = directory
        return directory
