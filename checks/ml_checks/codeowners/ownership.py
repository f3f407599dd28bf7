"""Who owns which path: the lines of CODEOWNERS that match it, and which of them decide."""

from __future__ import annotations

from functools import cached_property
from itertools import chain

from ml_checks.codeowners.github import GITHUB
from ml_checks.codeowners.path_patterns import Patterns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ml_checks.codeowners.lines import Dialect, Line


class Ownership:
    """Who owns which path: in each section the last line that matches it, or one that excludes it."""

    def __init__(self, lines: Iterable[Line], paths: Iterable[str], dialect: Dialect = GITHUB) -> None:
        """Match all paths against all lines that count, in one pass."""
        counting = list(_counting(tuple(lines), dialect))
        self.lines = tuple(line for line, _ in counting)
        """The lines that count, in order."""
        self._sections = [section for _, section in counting]
        self._ranking = Ranking(self.lines, self._sections)
        spelled = {bit: dialect.spell(self.lines[index].pattern) for bit, index in self._ranking.indexes.items()}
        self._patterns = Patterns(spelled)
        self._deciding: dict[str, int] = {}
        self._decisions: dict[int, int] = {}  # few: the paths share them
        self._answers: dict[int, tuple[tuple[Line, ...], tuple[str, ...]]] = {}
        # For each line that matches anything, the first path that it matches.
        self._examples: dict[int, str] = {}
        self._match(sorted(paths))

    def _match(self, paths: Iterable[str]) -> None:
        """Work out which lines decide about each path, and an example for each line."""
        matched = 0
        for path in paths:
            matching = self._patterns.matching(path)
            if new := matching & ~matched:
                self._examples |= dict.fromkeys(self._ranking.indexes_of(new), path)
                matched |= new
            deciding = self._ranking.deciding(matching)
            self._deciding[path] = self._decisions.setdefault(deciding, deciding)

    @cached_property
    def unowned(self) -> tuple[str, ...]:
        """Paths that no line matches; one that a line excludes or gives to nobody is not: that was decided."""
        return tuple(path for path, deciding in self._deciding.items() if not deciding)

    @cached_property
    def unmatched(self) -> tuple[Line, ...]:
        """Lines that match no path."""
        return tuple(line for index, line in enumerate(self.lines) if index not in self._examples)

    @cached_property
    def shadowed(self) -> tuple[tuple[Line, Line], ...]:
        """Lines that match, but lose every path to others of their section; each with one that takes such a path.

        A line whose owners all these others name as well has lost nothing.
        """
        paths = self._lost()
        taken = self._taken([index for index, path in paths.items() if self._is_asked(index, path)])
        found = {**paths, **taken}.items()
        return tuple((self.lines[index], self._in_place_of(index, path)) for index, path in found if path)

    def _lost(self) -> dict[int, str]:
        """Return the lines that match and never decide, each with a path that it matches."""
        winners = {index for deciding in self._decisions for index in self._ranking.indexes_of(deciding)}
        return {index: self._examples[index] for index in sorted(self._examples.keys() - winners)}

    def _is_asked(self, index: int, path: str) -> bool:
        """Tell whether all owners of a line are asked about a path."""
        owners = set(map(str.lower, self.lines[index].owners))
        return bool(owners) and owners.issubset(map(str.lower, self.owners_of(path)))

    def _taken(self, losers: Sequence[int]) -> dict[int, str | None]:
        """Return for each of some lines the first path that it matches and of which not all its owners are asked."""
        taken: dict[int, str | None] = dict.fromkeys(losers)
        for path in sorted(self._deciding, reverse=True) if losers else ():
            matching = taken.keys() & self._ranking.indexes_of(self._patterns.matching(path))
            taken |= {index: path for index in matching if not self._is_asked(index, path)}
        return taken

    def lines_of(self, path: str) -> tuple[Line, ...]:
        """Return the lines that decide about any path, tracked or not: at most one of each section."""
        return self._answer(path)[0]

    def line_of(self, path: str) -> Line | None:
        """Return the last line that gives a path its owners, or leaves it to nobody; GitHub's dialect has no other."""
        lines = self.lines_of(path)
        return next((line for line in reversed(lines) if line.owners), lines[-1] if lines else None)

    def owners_of(self, path: str) -> tuple[str, ...]:
        """Return the owners of any path, tracked or not, those of all sections together."""
        return self._answer(path)[1]

    def _answer(self, path: str) -> tuple[tuple[Line, ...], tuple[str, ...]]:
        """Return the lines that decide about a path, and their owners; many paths share one answer."""
        deciding = self._deciding_of(path)
        if deciding not in self._answers:
            lines = tuple(self.lines[index] for index in sorted(self._ranking.indexes_of(deciding)))
            owners = chain.from_iterable(line.owners for line in lines)
            self._answers[deciding] = lines, tuple(dict.fromkeys(owners))
        return self._answers[deciding]

    def _deciding_of(self, path: str) -> int:
        deciding = self._deciding.get(path)
        return self._ranking.deciding(self._patterns.matching(path)) if deciding is None else deciding

    def _in_place_of(self, loser: int, path: str) -> Line:
        """Return the line that decides about a path in the section of one that does not."""
        section = self._sections[loser]
        winners = self._ranking.indexes_of(self._deciding_of(path))
        return next(self.lines[index] for index in winners if self._sections[index] == section)


def _counting(lines: Sequence[Line], dialect: Dialect) -> Iterator[tuple[Line, str]]:
    """Yield the lines that count, each with its section."""
    for line, section in zip(lines, dialect.sections(lines), strict=True):
        if section is not None:
            yield line, section


class Ranking:
    """The lines as bits: those of a section side by side, the one that would win first, and a free bit behind them."""

    def __init__(self, lines: Iterable[Line], sections: Iterable[str | None]) -> None:
        """Give each line its bit."""
        self.indexes: dict[int, int] = {}
        """The lines, as their place in the file, by their bits."""
        ranks: dict[str | None, list[tuple[bool, int]]] = {}
        for index, (line, section) in enumerate(zip(lines, sections, strict=True)):
            # What is excluded stays so, whatever follows.
            ranks.setdefault(section, []).append((line.pattern.startswith("!"), index))
        bit = self._firsts = self._free = 0
        for ranked in ranks.values():
            self._firsts |= 1 << bit
            for _, index in sorted(ranked, reverse=True):
                self.indexes[bit] = index
                bit += 1
            self._free |= 1 << bit
            bit += 1

    def deciding(self, matching: int) -> int:
        """Return the first bit that is set in each section.

        To take 1 from a section clears that bit and sets those before it; where none is set, the free one gives.
        """
        return matching & ~((matching | self._free) - self._firsts)

    def indexes_of(self, bits: int) -> Iterator[int]:
        """Yield the lines whose bits are set."""
        while bits:
            bit = bits.bit_length() - 1
            yield self.indexes[bit]
            bits ^= 1 << bit
