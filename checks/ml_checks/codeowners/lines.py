"""What every dialect of CODEOWNERS has: lines with a place, made of words and patterns."""

from __future__ import annotations

import re

from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ml_checks.codeowners.path_patterns import Pattern

    Word = tuple[str, int]


class Line(Record):
    """A pattern with its owners, or the heading of a section with its default owners (GitLab).

    `fault` is what the host complains of. GitHub skips such a line; GitLab takes from it what it can.
    """

    pattern: str
    owners: tuple[str, ...]
    line: int
    col: int
    fault: str | None


class Dialect(Record):
    """How a host reads CODEOWNERS: the first of these `paths` that is there.

    `sections` names the section of each line, None where the line counts for nothing.
    """

    host: str
    paths: tuple[str, ...]
    read: Callable[[str], Iterator[Line]]
    sections: Callable[[Iterable[Line]], Iterator[str | None]]
    spell: Callable[[str], Pattern]


def rows_of(text: str) -> Iterator[tuple[int, str]]:
    """Return the rows with their numbers.

    Inferred: a byte order mark is dropped.
    """
    rows = enumerate(text.removeprefix("\ufeff").split("\n"), 1)
    return ((number, row.removesuffix("\r")) for number, row in rows)


def words_of(row: str, word: str) -> list[Word]:
    """Split a row into what matches as a word, with columns."""
    return [(found[0], found.start() + 1) for found in re.finditer(word, row)]


def with_plain_slashes(pattern: str) -> str:
    """Return a pattern whose escaped slashes are slashes, so that it can be cut at them."""
    if "\\" not in pattern:
        return pattern  # as nearly always: nothing to compile an expression for
    return re.sub(r"\\.", lambda escape: "/" if escape[0] == "\\/" else escape[0], pattern)
