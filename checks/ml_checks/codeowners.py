"""CODEOWNERS in the dialects of GitHub and GitLab: what its lines say, and who owns which path."""

from __future__ import annotations

import re

from ml_checks.path_patterns import in_reach, tree
from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ml_checks.path_patterns import Node, Pattern

    Word = tuple[str, int]

# Where the rules come from. GitHub: its page "About code owners" (patterns, exceptions, faults skip a line), the
# errors that it shows ("List CODEOWNERS errors" in its REST reference: `/`, stars, brackets, owners), and git's
# gitignore page wherever GitHub names no exception. GitLab: its pages "Syntax of CODEOWNERS file" and "Advanced
# CODEOWNERS configuration", and for patterns Ruby's page on `File.fnmatch`, to which they point. What none of them
# says is marked "inferred".

# Inferred: GitLab's own name for what stands before the first heading, so that `[codeowners]` adds to it.
UNNAMED = "codeowners"

# A word ends at white space that no backslash escapes. In GitHub's dialect a backslash can escape a backslash too.
GITHUB_WORD = r"(?:[^ \t\\]|\\.?)+"
GITLAB_WORD = r"(?a:\\\s|\S)+"
# Inferred: how long a name may be and where its dashes may stand is left to GitHub.
GITHUB_OWNER = r"@[A-Za-z0-9_-]+(?:/[A-Za-z0-9_.-]+)?|[^@]+@[^@.]+(?:\.[^@.]+)+"
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
# An optional section, its name, how many must approve, and default owners up to a comment.
HEADING = r"(?a:\^?\[(?P<name>[^\]]*)\](?P<approvals>\[\d*\])?(?P<owners>\s[^#]*)?)"
HEADING_STARTS = ("[", "^[")
# A user or group, a role, an e-mail address. Inferred: GitLab finds them between other marks: `(@ann),`.
GITLAB_NAME = r"\w(?:[\w.-]*[\w-])?"
GITLAB_OWNER = (
    rf"(?a:(?<![\w@])@{GITLAB_NAME}(?:/{GITLAB_NAME})*|^@@(?i:(?:developer|maintainer|owner)s?)$|^[^@]*[\w+-]@[^@]*\w)"
)


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


def _rows(text: str) -> Iterator[tuple[int, str]]:
    """Return the rows with their numbers.

    Inferred: a byte order mark is dropped.
    """
    rows = enumerate(text.removeprefix("\ufeff").split("\n"), 1)
    return ((number, row.removesuffix("\r")) for number, row in rows)


def _words(row: str, word: str) -> list[Word]:
    """Split a row into its words with their columns."""
    return [(found[0], found.start() + 1) for found in re.finditer(word, row)]


def _github_lines(text: str) -> Iterator[Line]:
    """Read the lines. Inferred: `#` opens a comment only at the start of a word."""
    for number, row in _rows(text):
        words = _words(row, GITHUB_WORD)
        comment = next((index for index, (word, _) in enumerate(words) if word.startswith("#")), len(words))
        if comment:
            yield _github_line(words[:comment], number)


def _github_line(words: Sequence[Word], number: int) -> Line:
    (pattern, start), *owners = words
    names = tuple(name for name, _ in owners)
    if problem := _pattern_fault(pattern):
        return Line(pattern, names, number, start, f"pattern {pattern!r} {problem}: {SKIPPED}")
    for name, col in owners:
        if not re.fullmatch(GITHUB_OWNER, name):
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


def _github_spellings(pattern: str) -> Pattern:
    r"""Spell a pattern from the root on; a name alone is sought at any depth.

    Inferred: `x/` is `x/**`, so that `x/**/` is too, and `\/` is a slash.
    """
    pattern = _with_plain_slashes(pattern)
    segments = pattern.removeprefix("/").split("/")
    if segments[-1] == "":
        segments[-1] = "**"
    if "/" not in pattern[:-1]:
        segments.insert(0, "**")
    segments = _without_repeats(segments)
    # `x/**` is what x holds, never x itself; `x/*` is the files right in x; all else is both.
    return [segments] if segments[-1] in ("*", "**") else [segments, [*segments, "**"]]


def _github_sections(lines: Iterable[Line]) -> Iterator[str | None]:
    return (None if line.fault else UNNAMED for line in lines)


def _gitlab_lines(text: str) -> Iterator[Line]:
    """Read the headings, and the entries with the owners that they name or inherit.

    Inferred: an entry inherits from the heading that it stands under, not from another of the same name.
    """
    inherited: tuple[str, ...] = ()
    for number, row in _rows(text):
        words = _words(row, GITLAB_WORD)
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
    heading, words = found[0].removesuffix(found["owners"] or ""), _words(found["owners"] or "", GITLAB_WORD)
    owners, problem = _references([(word, start + found.start("owners") + col - 1) for word, col in words])
    ignored = found.string[found.end() :]
    if not found["name"].strip():
        problem = start, "heading names no section"
    elif ignored and not ignored.startswith("#"):
        problem = start + found.end(), f"{heading!r} is the heading of a section: GitLab ignores {ignored!r} behind it"
    elif found["approvals"] and not found["approvals"].strip("[0]"):
        problem = start + found.start("approvals"), "fewer than 1 approval: GitLab asks for 1"
    col, fault = problem or (start, None)
    return Line(heading, owners, number, col, fault)


def _entry(words: Sequence[Word], number: int, inherited: tuple[str, ...]) -> Line:
    (pattern, start), *rest = words
    if pattern.startswith("!"):
        return Line(pattern, (), number, start, None)
    if pattern.startswith(HEADING_STARTS):
        unclosed = f"heading {pattern!r} has no ']': GitLab reads a pattern, which matches nothing"
        return Line(pattern, (), number, start, unclosed)
    owners, problem = _references(rest) if rest else (inherited, None)
    if not owners and not problem:
        problem = start, f"pattern {pattern!r} has no owner, and its section none by default: GitLab asks nobody"
    col, fault = problem or (start, None)
    return Line(pattern, owners, number, col, fault)


def _references(words: Iterable[Word]) -> tuple[tuple[str, ...], tuple[int, str] | None]:
    """Return the owners in some words, and the first word that names none with its column."""
    owners: list[str] = []
    problem = None
    for word, col in words:
        found = re.findall(GITLAB_OWNER, word)
        owners += found
        if not found and not problem:
            problem = col, f"owner {word!r} is not @user, @group, @@role or an e-mail address: GitLab ignores it"
    return tuple(owners), problem


def _gitlab_sections(lines: Iterable[Line]) -> Iterator[str | None]:
    """Name the sections; upper and lower case are one."""
    section = UNNAMED
    for line in lines:
        if heading := re.match(HEADING, line.pattern):
            section = heading["name"].casefold()
        yield None if line.pattern.startswith(HEADING_STARTS) else section


def _gitlab_spellings(pattern: str) -> Pattern:
    """Spell a pattern from the root on; only one that begins with a slash is not sought at any depth.

    Inferred: a set of characters ends before the next slash.
    """
    pattern = pattern.removeprefix("!")
    anchored = pattern.startswith("/")
    segments = _with_plain_slashes(pattern.removeprefix("/")).split("/")
    if not anchored:
        segments.insert(0, "**")
    # Only `**/` crosses directories. Behind it, a star is all below, as the trailing slash of a directory is.
    if segments[-1] == "**":
        segments[-1] = "*"
    if segments[-1] == "" or segments[-2:] == ["**", "*"]:
        segments[-1] = "**"
    return [_without_repeats(segments)]


def _with_plain_slashes(pattern: str) -> str:
    return re.sub(r"\\.", lambda escape: "/" if escape[0] == "\\/" else escape[0], pattern)


def _without_repeats(segments: list[str]) -> list[str]:
    """Leave one of several `**` at the end, where it means something else than before a name."""
    while segments[-2:] == ["**", "**"]:
        segments.pop()
    return segments


GITHUB = Dialect(
    "GitHub",
    (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    _github_lines,
    _github_sections,
    _github_spellings,
)
GITLAB = Dialect(
    "GitLab",
    ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
    _gitlab_lines,
    _gitlab_sections,
    _gitlab_spellings,
)
DIALECTS = {"github": GITHUB, "gitlab": GITLAB}
# Only GitLab looks for these.
SIGNS_OF_GITLAB = frozenset([".gitlab-ci.yml", ".gitlab/CODEOWNERS"])


def dialect_of(tracked: frozenset[str]) -> Dialect:
    """Return the dialect of the host that a repository is made for; GitHub's where nothing speaks for GitLab."""
    return GITLAB if tracked & SIGNS_OF_GITLAB and ".github/CODEOWNERS" not in tracked else GITHUB


def parse(text: str, dialect: Dialect = GITHUB) -> tuple[Line, ...]:
    """Read the lines that say something, in order.

    `line` and `col` count from 1; `col` is that of the pattern, or of what is at fault.
    """
    return tuple(dialect.read(text))


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
