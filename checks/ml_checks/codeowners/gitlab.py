"""CODEOWNERS as GitLab reads it: in sections, with owners by default and exclusions."""

from __future__ import annotations

import re
from itertools import chain

from ml_checks.codeowners.lines import Dialect, Line, rows_of, with_plain_slashes, words_of
from ml_checks.errors import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ml_checks.codeowners.lines import Word
    from ml_checks.codeowners.path_patterns import Pattern

    # What is wrong in a line, and in which column.
    Fault = tuple[int, str]

# Where the rules come from: GitLab's pages "Syntax of CODEOWNERS file" and "Advanced CODEOWNERS configuration", and for
# patterns Ruby's page on `File.fnmatch`, to which they point. What none of them says is marked "inferred".

# Inferred: GitLab's own name for what stands before the first heading, so that `[codeowners]` adds to it.
UNNAMED = "codeowners"
# A word ends at white space that no backslash escapes.
WORD = r"(?a:\\\s|\S)+"
# An optional section, its name, how many must approve, and default owners up to a comment.
HEADING = r"(?a:\^?\[(?P<name>[^\]]*)\](?P<approvals>\[\d*\])?(?P<owners>\s[^#]*)?)"
HEADING_STARTS = ("[", "^[")
# A user or group, a role, an e-mail address. Inferred: GitLab finds them between other marks: `(@ann),`.
NAME = r"\w(?:[\w.-]*[\w-])?"
OWNER = rf"(?a:(?<![\w@])@{NAME}(?:/{NAME})*|^@@(?i:(?:developer|maintainer|owner)s?)$|^[^@]*[\w+-]@[^@]*\w)"


def _lines(text: str) -> Iterator[Line]:
    """Read the headings, and the entries with the owners that they name or inherit.

    Inferred: an entry inherits from the heading that it stands under, not from another of the same name.
    """
    inherited: tuple[str, ...] = ()
    for number, row in rows_of(text):
        words = words_of(row, WORD)
        if not words or words[0][0].startswith("#"):
            continue
        start = words[0][1]
        if found := re.match(HEADING, row[start - 1 :].rstrip()):
            heading = _heading(found, number, start)
            inherited = heading.owners
            yield heading
        else:
            yield _entry(words, number, inherited)


def _heading(found: re.Match[str], number: int, start: int) -> Line:
    """Read a heading; its owners are those that the section's entries inherit.

    Who must approve, and how many, is left to GitLab: it changes nothing about who owns a path.
    """
    text = found["owners"] or ""
    before = start + found.start("owners") - 1
    owners, faults = _references((word, before + col) for word, col in words_of(text, WORD))
    col, fault = next(chain(_heading_faults(found, start), faults), (start, None))
    return Line(found[0].removesuffix(text), owners, number, col, fault)


def _heading_faults(found: re.Match[str], start: int) -> Iterator[Fault]:
    """Yield what GitLab does not take from a heading as it is written; the first counts."""
    parts = found.groupdict(default="")
    ignored = found.string[found.end() :]
    if not parts["name"].strip():
        yield start, "heading names no section"
    if ignored[:1] not in {"", "#"}:
        heading = quoted(found[0].removesuffix(parts["owners"]))
        why = f"is the heading of a section: GitLab ignores {quoted(ignored)} behind it"
        yield start + found.end(), f"{heading} {why}"
    if re.fullmatch(r"\[0*\]", parts["approvals"]):
        yield start + found.start("approvals"), "fewer than 1 approval: GitLab asks for 1"


def _entry(words: Sequence[Word], number: int, inherited: tuple[str, ...]) -> Line:
    (pattern, start), *rest = words
    if pattern.startswith("!"):
        return Line(pattern, (), number, start, None)
    if pattern.startswith(HEADING_STARTS):
        unclosed = f"heading {quoted(pattern)} has no ']': GitLab reads a pattern, which matches nothing"
        return Line(pattern, (), number, start, unclosed)
    owners, faults = _references(rest) if rest else (inherited, [])
    if not owners:
        nobody = f"pattern {quoted(pattern)} has no owner, and its section none by default: GitLab asks nobody"
        faults.append((start, nobody))
    col, fault = next(iter(faults), (start, None))
    return Line(pattern, owners, number, col, fault)


def _references(words: Iterable[Word]) -> tuple[tuple[str, ...], list[Fault]]:
    """Return the owners in some words, and a fault for each word that names none."""
    owners: list[str] = []
    faults: list[Fault] = []
    for word, col in words:
        found = re.findall(OWNER, word)
        owners += found
        if not found:
            what = "is not @user, @group, @@role or an e-mail address: GitLab ignores it"
            faults.append((col, f"owner {quoted(word)} {what}"))
    return tuple(owners), faults


def _sections(lines: Iterable[Line]) -> Iterator[str | None]:
    """Name the sections; upper and lower case are one."""
    section = UNNAMED
    for line in lines:
        if heading := re.match(HEADING, line.pattern):
            section = heading["name"].casefold()
        yield None if line.pattern.startswith(HEADING_STARTS) else section


def _segments(pattern: str) -> Pattern:
    """Spell a pattern from the root on; only one that begins with a slash is not sought at any depth.

    Inferred: a set of characters ends before the next slash.
    """
    pattern = pattern.removeprefix("!")
    *parents, last = with_plain_slashes(pattern.removeprefix("/")).split("/")
    if not pattern.startswith("/"):
        parents.insert(0, "**")
    # Only `**/` crosses directories; a trailing slash is all below.
    ends = {"": ("*", "**"), "**": ("*",)}
    return [*parents, *ends.get(last, (last,))]


GITLAB = Dialect(
    "GitLab",
    ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
    _lines,
    _sections,
    _segments,
)
