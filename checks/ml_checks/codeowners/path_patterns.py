"""Path patterns as one tree of segments, so that a name is looked at once for all of them."""

from __future__ import annotations

import functools
from itertools import chain

from ml_checks.codeowners.globs import WILD, Globs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Pattern = Sequence[str]
    """The segments of a pattern from the root on; `**` stands for any number of names, also for none."""


class Node:
    """A place in the tree of all patterns: the segments read so far, and what may follow."""

    __slots__ = ("anywhere", "ending", "globs", "names")

    def __init__(self) -> None:
        """Start with nothing that ends here and nothing that follows."""
        # What follows a plain segment, and one with wildcards.
        self.names: dict[str, Node] = {}
        self.globs: dict[str, Node] = {}
        # What follows `**`. That node is its own `anywhere`: it stays in reach in every directory below.
        self.anywhere: Node | None = None
        # The patterns that end here, each as the number of its bit.
        self.ending: list[int] = []

    def follow(self, segment: str) -> Node:
        """Return the node that this segment of a pattern leads to, made when it is new."""
        if segment == "**":
            return self._follow_any()
        following = self.names if WILD.isdisjoint(segment) else self.globs
        if segment not in following:
            following[segment] = Node()
        return following[segment]

    def _follow_any(self) -> Node:
        if self.anywhere is None:
            self.anywhere = Node()
            self.anywhere.anywhere = self.anywhere
        return self.anywhere

    def following(self, name: str, globs: Iterable[str]) -> Iterator[Node]:
        """Yield the nodes that a name leads to; `globs` are those that match it."""
        if name in self.names:
            yield self.names[name]
        for glob in globs:
            if glob in self.globs:
                yield self.globs[glob]

    def has_following(self) -> bool:
        """Tell whether any name may follow."""
        return bool(self.names or self.globs)


class Reach(dict[str, int]):
    """The nodes from which the names in a directory are looked up; by glob, the patterns that end with it there."""

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        """Start with no glob: each is worked out when a name first matches it."""
        super().__init__()
        self.nodes = nodes
        self.names = list(filter(None, (node.names for node in nodes)))
        self._globs = list(filter(None, (node.globs for node in nodes)))

    def __missing__(self, glob: str) -> int:
        """Work out which patterns end with a glob."""
        self[glob] = _ending(globs[glob] for globs in self._globs if glob in globs)
        return self[glob]


class Directory:
    """What a directory means for its files: what is in reach, and the patterns that match all below it."""

    __slots__ = ("below", "matching", "reach")

    def __init__(self, reach: Reach, matching: int) -> None:
        """Start without the directories below, which are worked out when a path needs them."""
        self.reach = reach
        self.matching = matching
        self.below: dict[str, Directory] = {}


class Patterns:
    """All patterns together, each known by the number of its bit."""

    def __init__(self, patterns: Mapping[int, Pattern]) -> None:
        """Merge the patterns into one tree."""
        root = Node()
        for bit, (*parents, last) in patterns.items():
            node = functools.reduce(Node.follow, parents, root)
            node.follow(last).ending.append(bit)
            if last == "**":  # which stands for no name too
                node.ending.append(bit)
        self._globs = Globs(_globs(patterns.values()))
        self._reaches: dict[tuple[Node, ...], Reach] = {}
        self._directories = {"": self._directory(Directory(Reach(()), 0), [root])}

    def matching(self, path: str) -> int:
        """Return the bits of the patterns that match a path."""
        folder, _, name = path.rpartition("/")
        directory = self._directories.get(folder) or self._enter(folder)
        reach, matching = directory.reach, directory.matching
        for names in reach.names:
            if name in names:
                for bit in names[name].ending:
                    matching |= 1 << bit
        for glob in self._globs.matching(name):
            matching |= reach[glob]
        return matching

    def _enter(self, folder: str) -> Directory:
        """Work out a directory that is new, and those above it that are."""
        directory = self._directories[""]
        for name in folder.split("/"):
            if name not in directory.below:
                directory.below[name] = self._directory(directory, list(self._after(directory, name)))
            directory = directory.below[name]
        self._directories[folder] = directory
        return directory

    def _after(self, directory: Directory, name: str) -> Iterator[Node]:
        """Yield the nodes that the name of one directory in another leads to."""
        globs = self._globs.matching(name)
        for node in directory.reach.nodes:
            yield from node.following(name, globs)

    def _directory(self, above: Directory, found: Sequence[Node]) -> Directory:
        """Return what a directory means that lies in another, and whose name leads to these nodes."""
        lasting = list(filter(None, (node.anywhere for node in found)))
        reach = self._reach((*found, *lasting, *(node for node in above.reach.nodes if node.anywhere is node)))
        return Directory(reach, above.matching | _ending(lasting))

    def _reach(self, nodes: Iterable[Node]) -> Reach:
        """Return what is in reach: each node once, if anything follows it; many directories have the same in reach."""
        in_reach = tuple(dict.fromkeys(filter(Node.has_following, nodes)))
        if in_reach not in self._reaches:
            self._reaches[in_reach] = Reach(in_reach)
        return self._reaches[in_reach]


def _globs(patterns: Iterable[Pattern]) -> set[str]:
    """Return all segments with wildcards but `**`."""
    segments = set(chain.from_iterable(patterns)) - {"**"}
    return {segment for segment in segments if not WILD.isdisjoint(segment)}


def _ending(nodes: Iterable[Node]) -> int:
    """Return the bits of the patterns that end in any of these nodes."""
    bits = chain.from_iterable(node.ending for node in nodes)
    return functools.reduce(lambda mask, bit: mask | 1 << bit, bits, 0)
