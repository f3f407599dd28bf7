"""Who owns which path: the lines of CODEOWNERS that match it, and which of them decide."""

from __future__ import annotations

from ml_checks.codeowners.github import GITHUB
from ml_checks.codeowners.path_patterns import in_reach, tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ml_checks.codeowners.lines import Dialect, Line
    from ml_checks.codeowners.path_patterns import Node


class Directory:
    """What a directory means for its files: the nodes in reach, and the lines that decide about them all."""

    __slots__ = ("below", "deciding", "nodes")

    def __init__(self, nodes: tuple[Node, ...], deciding: tuple[int, ...]) -> None:
        """Start without the directories below, which are worked out when a path needs them."""
        self.nodes = nodes
        self.deciding = deciding
        self.below: dict[str, Directory] = {}


class Ownership:
    """Who owns which path: in each section the last line that matches it, or one that excludes it."""

    def __init__(self, lines: Iterable[Line], paths: Iterable[str], dialect: Dialect = GITHUB) -> None:
        """Match all paths against all lines that count, in one pass."""
        read = tuple(lines)
        counting = [pair for pair in zip(read, dialect.sections(read), strict=True) if pair[1] is not None]
        self.lines = tuple(line for line, _ in counting)
        """The lines that count, in order."""
        self._sections = [section for _, section in counting]
        # What is excluded stays so, whatever follows: of the lines in a section that match, the highest rank decides.
        self._ranks = [(line.pattern.startswith("!"), index) for index, line in enumerate(self.lines)]
        self._decided: dict[tuple[int, ...], tuple[int, ...]] = {}
        root, ordered = tree(dialect.spell(line.pattern) for line in self.lines), sorted(paths)
        self._directories = {"": Directory(in_reach((), [root]), self._deciding(*root.contents))}
        # For each line that matches anything, the first path that it matches.
        examples = dict.fromkeys(root.contents, ordered[0]) if ordered else {}
        self._winners = winners = {path: self._decide(path, examples) for path in ordered}
        winning = {index for indexes in set(winners.values()) for index in indexes}
        self.unowned = tuple(path for path, indexes in winners.items() if not indexes)
        """Paths that no line matches; one that a line excludes or gives to nobody is not: that was decided."""
        self.unmatched = tuple(line for index, line in enumerate(self.lines) if index not in examples)
        """Lines that match no path."""
        self.shadowed = tuple(
            (self.lines[index], self._in_place_of(index, winners[examples[index]]))
            for index in sorted(examples.keys() - winning)
        )
        """Lines that match, but lose every path to others of their section; each with one that takes such a path."""

    def lines_of(self, path: str) -> tuple[Line, ...]:
        """Return the lines that decide about any path, tracked or not: at most one of each section."""
        indexes = self._winners[path] if path in self._winners else self._decide(path, {})
        return tuple(self.lines[index] for index in sorted(indexes))

    def line_of(self, path: str) -> Line | None:
        """Return the last line that decides about a path; in GitHub's dialect there is no other."""
        return next(reversed(self.lines_of(path)), None)

    def owners_of(self, path: str) -> tuple[str, ...]:
        """Return the owners of any path, tracked or not, those of all sections together."""
        return tuple(dict.fromkeys(owner for line in self.lines_of(path) for owner in line.owners))

    def _deciding(self, *matching: int) -> tuple[int, ...]:
        """Return the line of each section that decides, of those that match; most paths share few answers."""
        if matching not in self._decided:
            ranked = sorted(matching, key=self._ranks.__getitem__)
            self._decided[matching] = tuple({self._sections[index]: index for index in ranked}.values())
        return self._decided[matching]

    def _in_place_of(self, loser: int, winners: Iterable[int]) -> Line:
        """Return the line that decides in the section of one that does not."""
        return next(self.lines[index] for index in winners if self._sections[index] == self._sections[loser])

    def _decide(self, path: str, examples: dict[int, str]) -> tuple[int, ...]:
        """Return the lines that decide about a path, and note what matches for the first time."""
        folder, _, name = path.rpartition("/")
        directory = self._directories.get(folder) or self._enter(folder, path, examples)
        matching = [index for node in directory.nodes for end in node.after(name) for index in end.file]
        for index in matching:
            examples.setdefault(index, path)
        return self._deciding(*directory.deciding, *matching) if matching else directory.deciding

    def _enter(self, folder: str, path: str, examples: dict[int, str]) -> Directory:
        """Work out a directory that is new, and those above it that are."""
        directory = self._directories[""]
        for name in folder.split("/"):
            if name not in directory.below:
                directory.below[name] = self._below(directory, name, path, examples)
            directory = directory.below[name]
        self._directories[folder] = directory
        return directory

    def _below(self, directory: Directory, name: str, path: str, examples: dict[int, str]) -> Directory:
        """Work out a directory in another, and note the lines that match its first path."""
        found = [end for node in directory.nodes for end in node.after(name)]
        matching = [index for end in found for index in end.contents]
        for index in matching:
            examples.setdefault(index, path)
        return Directory(in_reach(directory.nodes, found), self._deciding(*directory.deciding, *matching))
