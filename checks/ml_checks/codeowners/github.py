"""CODEOWNERS as GitHub reads it."""

from __future__ import annotations

import re
from itertools import takewhile

from ml_checks.codeowners.lines import Dialect, Line, rows_of, with_plain_slashes, words_of
from ml_checks.errors import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ml_checks.codeowners.lines import Word
    from ml_checks.codeowners.path_patterns import Pattern

# Where the rules come from: GitHub's page "About code owners" (patterns, exceptions, faults skip a line), the errors
# that it shows ("List CODEOWNERS errors" in its REST reference: `/`, stars, brackets, owners), and git's gitignore page
# wherever GitHub names no exception. What none of them says is marked "inferred".

# A word ends at white space that no backslash escapes; a backslash can escape a backslash too.
WORD = r"(?:[^ \t\\]|\\.?)+"
# Inferred: how long a name may be and where its dashes may stand is left to GitHub.
OWNER = r"@[A-Za-z0-9_-]+(?:/[A-Za-z0-9_.-]+)?|[^@]+@[^@.]+(?:\.[^@.]+)+"
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


def _lines(text: str) -> Iterator[Line]:
    """Read the lines. Inferred: `#` opens a comment only at the start of a word."""
    for number, row in rows_of(text):
        words = list(takewhile(lambda word: not word[0].startswith("#"), words_of(row, WORD)))
        if words:
            yield _line(words, number)


def _line(words: Sequence[Word], number: int) -> Line:
    (pattern, start), *owners = words
    col, fault = next(_faults(words), (start, None))
    return Line(pattern, tuple(name for name, _ in owners), number, col, fault)


def _faults(words: Sequence[Word]) -> Iterator[tuple[int, str]]:
    """Yield what GitHub complains of in a line, with its column; the first is what it shows."""
    (pattern, start), *owners = words
    if problem := pattern_fault(pattern):
        yield start, f"pattern {quoted(pattern)} {problem}: {SKIPPED}"
    for name, col in owners:
        if not re.fullmatch(OWNER, name):
            yield col, f"owner {quoted(name)} is not @user, @org/team or an e-mail address: {SKIPPED}"


def pattern_fault(pattern: str) -> str | None:
    """Say what GitHub cannot read in a pattern, if anything."""
    if pattern == "/":
        return "matches nothing ('*' is every file)"
    bare = re.sub(r"\\.", "", pattern) if "\\" in pattern else pattern
    return _first(UNREADABLE_START, pattern.startswith) or _first(UNREADABLE, bare.__contains__)


def _first(problems: Mapping[str, str], is_there: Callable[[str], bool]) -> str | None:
    """Return the first of some problems whose mark is in a pattern."""
    return next((problem for mark, problem in problems.items() if is_there(mark)), None)


def _segments(pattern: str) -> Pattern:
    r"""Spell a pattern from the root on; a name alone is sought at any depth.

    Inferred: `x/` is `x/**`, so that `x/**/` is too, and `\/` is a slash.
    """
    pattern = with_plain_slashes(pattern)
    *parents, last = pattern.removeprefix("/").split("/")
    if "/" not in pattern[:-1]:
        parents.insert(0, "**")
    # `x/**` is what x holds, never x itself; `x/*` is the files right in x; all else is both.
    ends = {"": ("*", "**"), "**": ("*", "**"), "*": ("*",)}
    return [*parents, *ends.get(last, (last, "**"))]


def _sections(lines: Iterable[Line]) -> Iterator[str | None]:
    """Put all lines but the faulty into one section."""
    return (None if line.fault else "" for line in lines)


GITHUB = Dialect(
    "GitHub",
    (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    _lines,
    _sections,
    _segments,
)
# Azure Repos reads none: the file is a record, of which `ml-checks owners --format azure` makes policies.
AZURE = Dialect(
    "Azure",
    (".azuredevops/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    _lines,
    _sections,
    _segments,
)
