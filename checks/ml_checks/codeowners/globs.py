"""Globs for one name, looked up or read all together, so that none is tried alone and none is slow."""

from __future__ import annotations

import re
from itertools import starmap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Places = list[int]

WILD = frozenset("*?[\\")
# A set of characters is negated by a mark; where nothing ends it, it takes the rest.
SET = r"\[(?P<negated>[!^]?)(?P<members>(?:\\.?|[^\]\\])*)(?P<end>\]?)"
MEMBER = r"(?s:(\\?.)(?:-(\\?.))?)"
# What a glob is made of: a set, an escaped character, any other.
PIECE = rf"(?s:{SET}|\\.|.)"
# What a piece asks of a name: a character, one that this regular expression matches, or nothing.
ANY, NONE, STAR = "[^/]", "(?!)", ""
SIGNS = {"*": STAR, "?": ANY}


class Globs:
    """Some globs, to find those that match a name."""

    def __init__(self, globs: Iterable[str]) -> None:
        """Sort them: those with one star and no other mark, such as `*.py`, are looked up; the others are read."""
        # By how long the texts before and behind the star are, and then by these; there are few lengths.
        self._ends: dict[tuple[int, int], dict[tuple[str, str], str]] = {}
        others = []
        for glob in globs:
            head, star, tail = glob.partition("*")
            if star and WILD.isdisjoint(head + tail):
                self._ends.setdefault((len(head), len(tail)), {})[head, tail] = glob
            else:
                others.append(glob)
        self._others = Automaton(others) if others else None
        self._known: dict[str, list[str]] = {}

    def matching(self, name: str) -> list[str]:
        """Return the globs that match a name."""
        if name not in self._known:
            self._known[name] = self._matching(name)
        return self._known[name]

    def _matching(self, name: str) -> list[str]:
        found = []
        for (head, tail), globs in self._ends.items():
            behind = len(name) - tail
            if behind >= head and (glob := globs.get((name[:head], name[behind:]))):
                found.append(glob)
        return found + self._others.matching(name) if self._others else found


class Automaton:
    """Globs of any kind as one automaton, with a bit for each place: before each character asked for, and at the end.

    The bits that are set say how far each glob can have come with what was read of a name. The next character moves all
    of them on, in four operations on one large number: the algorithm "Shift-And" (Baeza-Yates and Gonnet, 1992).
    """

    def __init__(self, globs: Iterable[str]) -> None:
        """Give each place its bit, those of one glob after those of another."""
        by_symbol: dict[str, Places] = {}  # the places by the symbol for the next character
        self._globs: dict[int, str] = {}  # the globs by their last places
        starts, stars, place = [], [], 0
        for glob in globs:
            starts.append(place)
            for symbol in _symbols(glob):
                if symbol == STAR:
                    stars.append(place)
                else:
                    by_symbol.setdefault(symbol, []).append(place)
                    place += 1
            self._globs[place] = glob
            place += 1
        self._size = place
        self._stars, self._ends = self._bits(stars), self._bits(self._globs)
        self._characters = by_symbol
        self._expressions = list(_expressions(by_symbol))
        # From which places a character leads on, for each that was read so far.
        self._leads: dict[str, int] = {}
        # The name that was read last, and the bits before and after each of its characters.
        self._name, self._states = "", [self._bits(starts)]

    def matching(self, name: str) -> list[str]:
        """Return the globs that match a name."""
        found, ended = [], self._read(name) & self._ends
        while ended:
            place = ended.bit_length() - 1
            found.append(self._globs[place])
            ended ^= 1 << place
        return found

    def _read(self, name: str) -> int:
        """Return the bits after a name; how it begins is not read again where the last one began so too."""
        shared = 0
        for one, other in zip(name, self._name, strict=False):
            if one != other:
                break
            shared += 1
        leads, stars, states = self._leads, self._stars, self._states
        del states[shared + 1 :]
        state = states[shared]
        for character in name[shared:]:
            if character not in leads:
                leads[character] = self._leading(character)
            state = (state & leads[character]) << 1 | (state & stars)
            states.append(state)
        self._name = name
        return state

    def _leading(self, character: str) -> int:
        matching = (places for matches, places in self._expressions if matches(character))
        return self._bits(self._characters.get(character, ()), *matching)

    def _bits(self, *groups: Iterable[int]) -> int:
        """Return the number whose bits are these; made of bytes, since every change of a number is a copy."""
        octets = bytearray(self._size // 8 + 1)
        for places in groups:
            for place in places:
                octets[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(octets, "little")


def _expressions(places: Mapping[str, Places]) -> Iterator[tuple[Callable[[str], object], Places]]:
    """Yield the symbols that are no single characters, as functions that match one, with their places."""
    for symbol, there in places.items():
        if len(symbol) > 1:
            yield re.compile(symbol).fullmatch, there


def _symbols(glob: str) -> Iterable[str]:
    """Return what each piece of a glob asks of a name, as a symbol."""
    if not re.search(r"[\[\\]", glob):
        return (SIGNS.get(character, character) for character in glob)
    return map(_symbol, re.finditer(PIECE, glob))


def _symbol(piece: re.Match[str]) -> str:
    if piece["members"] is None:
        return SIGNS.get(piece[0], piece[0][-1])
    return _set(piece["negated"], piece["members"]) if piece["end"] else NONE


def _set(negated: str, members: str) -> str:
    """Return the regular expression for a set of characters, or for all but these."""
    ranges = "".join(starmap(_range, re.findall(MEMBER, members)))
    if negated:
        return f"[^{ranges}]" if ranges else ANY
    return f"[{ranges}]" if ranges else NONE


def _range(start: str, end: str) -> str:
    """Return the members from one character to another; of a range the wrong way round, its two ends."""
    low, high = start[-1], (end or start)[-1]  # without the backslash that escapes one
    return re.escape(low) + ("-" if low <= high else "") + re.escape(high)
