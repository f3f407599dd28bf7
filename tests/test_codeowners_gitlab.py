"""CODEOWNERS in GitLab's dialect, held against its documented rules and a second, slow, plain reading."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ml_checks.codeowners import HOSTS, Line, Ownership, dialect_of, host_dialect, parse
from ml_checks.codeowners.gitlab import GITLAB
from ml_checks.codeowners.globs import Globs

from tests.effort import tries
from tests.test_codeowners import hits_of

if TYPE_CHECKING:
    from collections.abc import Iterator

# rule, pattern, paths that it matches, near misses
RULES: list[tuple[str, str, list[str], list[str]]] = [
    ("a star is every file", "*", ["a", ".env", "src/a.py", "src/deep/er/a"], []),
    ("a slash is what the root holds", "/", ["a", "src/a.py"], []),
    ("two stars alone are every file", "**", ["a", "src/a.py", "src/deep/a"], []),
    ("two stars and a star are every file", "/**/*", ["a", "src/deep/a"], []),
    ("a leading slash anchors", "/README.md", ["README.md"], ["docs/README.md", "README.md/a", "README"]),
    ("a leading slash anchors a path", "/docs/README.md", ["docs/README.md"], ["README.md", "x/docs/README.md"]),
    ("a name is sought at any depth", "README.md", ["README.md", "internal/README.md", "a/b/README.md"], ["README"]),
    (
        "a slash inside does not anchor",
        "internal/README.md",
        ["internal/README.md", "docs/internal/README.md", "docs/api/internal/README.md"],
        ["README.md", "my-internal/README.md", "internal/x/README.md"],
    ),
    ("a name is a file and no directory", "docs", ["docs", "x/docs"], ["docs/a", "x/docs/a"]),
    ("an anchored name is a file and no directory", "/docs", ["docs"], ["docs/a", "x/docs"]),
    ("a trailing slash is all that a directory holds", "/docs/", ["docs/a", "docs/x/y/a"], ["docs", "x/docs/a"]),
    ("a directory is sought at any depth", "lib/", ["lib/a", "ee/lib/x/a"], ["lib", "my-lib/a", "libs/a"]),
    (
        "a path of directories is sought at any depth",
        "model/db/",
        ["model/db/a", "x/model/db/y/a"],
        ["model/a", "db/a"],
    ),
    ("a last star is direct children", "/docs/*", ["docs/a.md", "docs/.x"], ["docs/x/a.md", "docs", "x/docs/a.md"]),
    ("a last star at any depth", "foo/*", ["foo/bar", "baz/foo/bar"], ["fufoo/bar", "foo/x/bar"]),
    ("a star in the root is the files there", "/*", ["README.md", ".env"], ["nested/README.md"]),
    ("an ending is sought at any depth", "*.rb", ["a.rb", ".rb", "x/y/a.rb"], ["a.rbs", "a_rb", "x.rb/a"]),
    ("a star is part of a name", "/docs/*.md", ["docs/a.md", "docs/.md"], ["docs/x/a.md", "a.md", "docs/a.mdx"]),
    ("a star behind a dot", "/docs/index.*", ["docs/index.md", "docs/index."], ["docs/index", "docs/x/index.md"]),
    ("stars around a word", "/docs/*spec*", ["docs/qa_specs.rb", "docs/spec"], ["docs/spce", "docs/x/spec"]),
    ("a star is one directory", "/docs/*/README.md", ["docs/api/README.md"], ["docs/README.md", "docs/a/b/README.md"]),
    ("a star does not go on below", "/docs/a*", ["docs/a", "docs/ab"], ["docs/a/x", "docs/ab/x"]),
    ("a star and a slash are what directories hold", "*/", ["a/b", "a/b/c"], ["a"]),
    (
        "two stars are any number of directories",
        "/docs/**/index.md",
        ["docs/index.md", "docs/api/index.md", "docs/api/graphql/index.md"],
        ["index.md", "docs/api/index.mdx", "x/docs/index.md"],
    ),
    ("two stars before an ending", "**/*.rb", ["a.rb", "config/database.rb", "app/x/y/a.rb"], ["a.py"]),
    ("two stars between, without a slash before", "a/**/b", ["a/b", "x/a/y/z/b"], ["a/b/c", "b"]),
    ("two stars, twice", "/a/**/b/**/c", ["a/b/c", "a/x/b/y/z/c", "a/b/b/c/c"], ["a/c/b", "a/b", "b/c"]),
    ("two stars at the end are one star", "/docs/**", ["docs/a"], ["docs/x/a", "docs"]),
    ("two stars and a star are all below", "/docs/**/*", ["docs/a", "docs/x/y/a"], ["docs", "a"]),
    ("two stars and a slash are all below", "/docs/**/", ["docs/a", "docs/x/y/a"], ["docs", "a"]),
    ("two stars in a row of segments are one", "/a/**/**/b", ["a/b", "a/x/y/b"], ["b", "a/x"]),
    ("two stars at the end, behind a directory", "/a/*/**", ["a/b/c"], ["a/b", "a/b/c/d"]),
    ("two stars within a name are one star", "/a**b", ["ab", "axb"], ["a/b", "a/x/b"]),
    ("three stars are one star", "/***/b", ["x/b"], ["b", "x/y/b"]),
    ("a question mark is one character", "/a?c", ["abc", "aéc"], ["ac", "abbc", "a/c"]),
    ("a set is one of its characters", "/a[bc]d", ["abd", "acd"], ["ad", "abcd", "axd"]),
    ("a set may hold a range", "/v[0-9].md", ["v0.md", "v5.md"], ["va.md", "v10.md", "v-.md"]),
    ("a range the wrong way round is its ends", "/v[9-0]", ["v9", "v0"], ["v5", "v-"]),
    ("a set may be negated", "/a[^bc]", ["ax"], ["ab", "ac", "a"]),
    ("a set may be negated by an exclamation mark", "/a[!b]", ["ac", "a!"], ["ab"]),
    ("a set never holds a slash", "/a[^b]c", ["axc"], ["a/c"]),
    ("a dash at the end of a set is itself", "/a[b-]", ["ab", "a-"], ["ac"]),
    ("a bracket can be escaped in a set", r"/a[\]x]", ["a]", "ax"], ["a\\", "a"]),
    ("other marks in a set stand for themselves", "/a[.*^&&||]", ["a.", "a*", "a^", "a&", "a|"], ["ab", "a"]),
    ("a set beside stars", "/*[ab]*.py", ["xay.py", "b.py"], ["x.py"]),
    ("an empty set is nothing", "/a[]b", [], ["ab", "a[]b", "a"]),
    ("an empty set that is negated is anything", "/a[^]", ["ab", "a^"], ["a"]),
    ("a set that does not end is nothing", "/a[b", [], ["a[b", "ab"]),
    ("a set that does not end swallows an escape", "/a[b\\", [], ["a[b\\", "ab"]),
    ("a bracket can be escaped", r"/\[id\]/a", ["[id]/a"], ["i/a", r"\[id\]/a"]),
    ("a closing bracket alone is itself", "/a]", ["a]"], ["a"]),
    ("a hash can be escaped", r"\#a.rb", ["#a.rb", "x/#a.rb"], ["a.rb", r"\#a.rb"]),
    ("an exclamation mark can be escaped", r"\!a", ["!a", "x/!a"], ["a"]),
    ("a space can be escaped", r"my\ notes/", ["my notes/a", "x/my notes/y/a"], ["my/a", "notes/a", "my notes"]),
    (
        "many spaces can be escaped, and names that look like owners",
        r"a/\ @ann\ /\ b@c.org\ /",
        ["a/ @ann / b@c.org /x"],
        ["a/@ann/b@c.org/x"],
    ),
    ("a backslash at the end is itself", "/a\\", ["a\\"], ["a"]),
    ("an escaped slash is a slash", r"/a\/b", ["a/b"], [r"a\/b", "b"]),
    ("an escaped slash at the start anchors nothing", r"\/a", [], ["a", "x/a"]),
    ("two slashes match nothing", "/a//b", [], ["a/b", "b"]),
    ("case counts", "README.md", ["README.md"], ["readme.md", "README.MD"]),
    ("braces stand for themselves", "/a.{b,c}", ["a.{b,c}"], ["a.b", "a.c"]),
    (
        "a hidden file and a hidden directory are like others",
        "*ignore",
        [".gitignore", ".x/.dockerignore"],
        ["ignored"],
    ),
    ("a caret is itself", "^a", ["^a", "x/^a"], ["a"]),
]
CHECKS = [
    pytest.param(pattern, path, expected, id=f"{rule}: {pattern} {'has' if expected else 'lacks'} {path}")
    for rule, pattern, matching, others in RULES
    for expected, paths in ((True, matching), (False, others))
    for path in paths
]


def fits(glob: str, path: str, *, start: bool = True) -> bool:
    """Match as Ruby's page on `File.fnmatch` says it, with FNM_PATHNAME and FNM_DOTMATCH, letter by letter."""
    if start and glob.startswith("**/"):
        return fits(glob[3:], path) or ("/" in path and fits(glob, path.partition("/")[2]))
    if not glob:
        return not path
    marks = {"*": fits_star, "?": fits_mark, "[": fits_set, "\\": fits_escaped}
    return marks.get(glob[0], fits_letter)(glob, path)


def is_in_name(path: str) -> bool:
    """Tell whether a path goes on with a letter of a name."""
    return path[:1] not in ("", "/")


def fits_star(glob: str, path: str) -> bool:
    return fits(glob[1:], path, start=False) or (is_in_name(path) and fits(glob, path[1:], start=False))


def fits_mark(glob: str, path: str) -> bool:
    return is_in_name(path) and fits(glob[1:], path[1:], start=False)


def fits_set(glob: str, path: str) -> bool:
    negated, members, rest = charset(glob[1:])
    if rest is None or not is_in_name(path):
        return False
    return (path[0] in members) is not negated and fits(rest, path[1:], start=False)


def fits_escaped(glob: str, path: str) -> bool:
    """Match what a backslash escapes; one at the end is itself."""
    return fits_letter(glob[1:] or glob, path)


def fits_letter(glob: str, path: str) -> bool:
    return path[:1] == glob[0] and fits(glob[1:], path[1:], start=glob[0] == "/")


def charset(glob: str) -> tuple[bool, set[str], str | None]:
    """Return whether a set is negated, its members, and what follows it; None where it does not end."""
    negated = glob[:1] in ("!", "^") and glob != ""
    glob = glob[negated:]
    members: list[str] = []
    while glob and glob[0] != "]":
        glob = glob.removeprefix("\\")
        member, glob = glob[:1], glob[1:]
        if glob.startswith("-") and glob[1:2] not in ("", "]"):
            glob = glob[1:].removeprefix("\\")
            members += [member, glob[:1], *map(chr, range(ord(member), ord(glob[0]) + 1))]
            glob = glob[1:]
        members.append(member)
    return negated, set(members), glob[1:] if glob else None


def matches(pattern: str, path: str) -> bool:
    """Match a pattern as GitLab's pages say it."""
    pattern = pattern.removeprefix("!")
    rooted = pattern if pattern.startswith("/") else f"/**/{pattern}"
    if pattern == "*" or pattern.endswith("/"):
        rooted += "/**/*" if pattern == "*" else "**/*"
    return any(fits(glob, f"/{path}") for glob in {rooted, "/**/*" if pattern == "*" else rooted})


def ownership_of(text: str, *paths: str) -> Ownership:
    return Ownership(parse(text, GITLAB), paths, GITLAB)


@pytest.mark.parametrize(("pattern", "path", "expected"), CHECKS)
def test_a_documented_rule_holds(pattern: str, path: str, expected: bool) -> None:  # noqa: FBT001  # a column
    line = Line(pattern, ("@ann",), 1, 1, None)
    assert Ownership([line], [path], GITLAB).lines_of(path) == ((line,) if expected else ())


@pytest.mark.parametrize(("pattern", "path", "expected"), CHECKS)
def test_the_second_reading_knows_the_rules_too(pattern: str, path: str, expected: bool) -> None:  # noqa: FBT001  # a column
    assert matches(pattern, path) is expected


NAMES = st.sampled_from(["a", "b", "ab", "ba", "aab", "a.b", "a]", "^"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
SETS = st.lists(st.sampled_from(["a", "b", "^", "!", "-", ".", r"\]"]), max_size=4).map(
    lambda found: f"[{''.join(found)}]"
)
SEGMENTS = st.sampled_from(["**", "*", "a", "b"]) | st.lists(
    st.sampled_from(["a", "b", ".", "*", "?", r"\a", "]"]) | SETS, min_size=1, max_size=4
).map("".join)
PATTERNS = (
    st.tuples(
        st.sampled_from(["", "!", "/", "!/"]),
        st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join),
        st.sampled_from(["", "/"]),
    )
    .map("".join)
    .filter(lambda pattern: not pattern.startswith("["))
)
Sections = list[tuple[str, list[str]]]
SECTIONS = st.lists(st.tuples(st.sampled_from(["A", "a", "B"]), st.lists(PATTERNS, max_size=4)), max_size=3)


@tries(derandomize=True)
@given(st.lists(PATTERNS, max_size=4), SECTIONS, st.lists(PATHS, unique=True, max_size=10))
def test_both_readings_agree_on_any_sections_and_paths(first: list[str], sections: Sections, paths: list[str]) -> None:
    rows = rows_of(first, sections)
    # Each line has an owner of its own, so that none is asked by another line.
    parsed = parse("\n".join(f"{row} @ann{number}" for number, (row, _) in enumerate(rows)), GITLAB)
    lines = {line: name for line, (row, name) in zip(parsed, rows, strict=True) if not row.startswith("[")}
    hits = hits_of(lines, sorted(paths), matches)
    decided = deciding(lines, hits, sorted(paths))

    ownership = Ownership(parsed, paths, GITLAB)

    assert ownership.lines == tuple(lines)
    assert list(map(ownership.lines_of, decided)) == list(map(in_order, decided.values()))
    assert ownership.unowned == tuple(path for path in decided if not decided[path])
    assert ownership.unmatched == tuple(line for line in lines if not hits[line])
    assert ownership.shadowed == tuple(shadowed(lines, hits, decided))


def rows_of(first: list[str], sections: Sections) -> list[tuple[str, str]]:
    """Return the rows of a file, headings and patterns, each with the name of its section."""
    rows = [(pattern, "") for pattern in first]
    for name, patterns in sections:
        rows += [(f"[{name}]", ""), *((pattern, name.lower()) for pattern in patterns)]
    return rows


def deciding(lines: dict[Line, str], hits: dict[Line, list[str]], paths: list[str]) -> dict[str, dict[str, Line]]:
    """Return for each path the line of each section that decides about it: the last one, or one that excludes it."""
    decided: dict[str, dict[str, Line]] = {path: {} for path in paths}
    for line in sorted(lines, key=lambda line: (line.pattern.startswith("!"), line.line)):
        for path in hits[line]:
            decided[path][lines[line]] = line
    return decided


def shadowed(
    lines: dict[Line, str], hits: dict[Line, list[str]], decided: dict[str, dict[str, Line]]
) -> Iterator[tuple[Line, Line]]:
    """Yield each line that matches and never decides, with the one that decides about the first path it matches."""
    winning = set(itertools.chain.from_iterable(winners.values() for winners in decided.values()))
    for line in lines:
        if hits[line] and line not in winning:
            yield line, decided[hits[line][0]][lines[line]]


def in_order(winners: dict[str, Line]) -> tuple[Line, ...]:
    """Return lines as they follow each other in the file."""
    return tuple(sorted(winners.values(), key=lambda line: line.line))


# Names that begin alike, and globs of every kind that fit some of them.
LETTERS = st.text(st.sampled_from("ab^!]*\n"), max_size=8).map(lambda end: f"a_{end}")
GLOBS = st.lists(st.sampled_from(["a_", "a", "b", "*", "?", r"\*", "\n", "]"]) | SETS, min_size=1, max_size=6).map(
    "".join
)


@tries(derandomize=True)
@given(st.lists(GLOBS, unique=True, max_size=20), st.lists(LETTERS, max_size=20))
def test_globs_that_are_read_together_match_as_each_does_alone(globs: list[str], names: list[str]) -> None:
    together = Globs(globs)
    for name in names:
        assert set(together.matching(name)) == {glob for glob in globs if fits(glob, name)}


@pytest.mark.parametrize("host", HOSTS)
@tries(derandomize=True)
@given(
    text=st.text(st.sampled_from("ab@/*?[]^!-#\\. \t\r\n\0\u00a0é") | st.characters(), max_size=60),
    paths=st.lists(PATHS | st.text(min_size=1, max_size=8), unique=True, max_size=4),
)
def test_any_text_is_read_and_matched(host: str, text: str, paths: list[str]) -> None:
    lines = parse(text, host_dialect(host))
    ownership = Ownership(lines, paths, host_dialect(host))
    rows = text.removeprefix("\ufeff").split("\n")
    for line in lines:
        assert 1 <= line.col <= len(rows[line.line - 1])
        assert line.pattern in rows[line.line - 1]
    assert set(ownership.unowned) == {path for path in paths if not ownership.lines_of(path)}


def test_lines_are_read_with_their_owners_and_places() -> None:
    text = (
        "# who answers\n"
        " \t\n"
        "*  @acme\r\n"
        "\t/src/ @ann\tbob@example.org  @acme/data/eu-1.x \n"
        "[Docs] @acme/writers @@developers\n"
        "docs/\n"
        "README.md @cy\n"
        "!/docs/generated/ @ann # whoever is named here is not read\n"
        "  ^[Data model][2]\t@dan # who knows it best\n"
        "my\\ notes/\n"
        "[docs]\n"
        "*.md @eve"
    )
    assert parse(text, GITLAB) == (
        Line("*", ("@acme",), 3, 1, None),
        Line("/src/", ("@ann", "bob@example.org", "@acme/data/eu-1.x"), 4, 2, None),
        Line("[Docs]", ("@acme/writers", "@@developers"), 5, 1, None),
        Line("docs/", ("@acme/writers", "@@developers"), 6, 1, None),
        Line("README.md", ("@cy",), 7, 1, None),
        Line("!/docs/generated/", (), 8, 1, None),
        Line("^[Data model][2]", ("@dan",), 9, 3, None),
        Line("my\\ notes/", ("@dan",), 10, 1, None),
        Line("[docs]", (), 11, 1, None),
        Line("*.md", ("@eve",), 12, 1, None),
    )


@pytest.mark.parametrize(
    ("words", "owners"),
    [
        ("@ann", ["@ann"]),
        ("@group/with-nested/sub.group_1", ["@group/with-nested/sub.group_1"]),
        ("@@developer @@maintainer @@owner", ["@@developer", "@@maintainer", "@@owner"]),
        ("@@Developers @@maintainers @@OWNERS", ["@@Developers", "@@maintainers", "@@OWNERS"]),
        ("a.b+c@mail.example.org ann@host", ["a.b+c@mail.example.org", "ann@host"]),
        ("@ann, (@bob) @cy. dan@example.org;", ["@ann", "@bob", "@cy", "dan@example.org"]),
        ("@ann,@bob", ["@ann", "@bob"]),
        ("@group/", ["@group"]),
    ],
)
def test_owners_are_users_groups_roles_and_addresses(words: str, owners: list[str]) -> None:
    assert parse(f"* {words}", GITLAB) == (Line("*", tuple(owners), 1, 1, None),)
    heading, entry = parse(f"[A] {words}\n*", GITLAB)
    assert (heading.owners, entry) == (tuple(owners), Line("*", tuple(owners), 2, 1, None))


IGNORED = "is not @user, @group, @@role or an e-mail address: GitLab ignores it"


@pytest.mark.parametrize(
    ("row", "owners", "col", "fault"),
    [
        ("/a/* @x no_at_sign @y", ["@x", "@y"], 9, f"owner 'no_at_sign' {IGNORED}"),
        ("* ann", [], 3, f"owner 'ann' {IGNORED}"),
        ("* @", [], 3, f"owner '@' {IGNORED}"),
        ("* @-a @@guest @ann", ["@ann"], 3, f"owner '@-a' {IGNORED}"),
        ("* @@guest", [], 3, f"owner '@@guest' {IGNORED}"),
        ("* @@developerss", [], 3, f"owner '@@developerss' {IGNORED}"),
        ("* @ann # not @bob", ["@ann", "@bob"], 8, f"owner '#' {IGNORED}"),
        ("my notes @ann", ["@ann"], 4, f"owner 'notes' {IGNORED}"),
        ("[A] @ann bob", ["@ann"], 10, f"owner 'bob' {IGNORED}"),
        (" [A][2] bob", [], 9, f"owner 'bob' {IGNORED}"),
        ("a", [], 1, "pattern 'a' has no owner, and its section none by default: GitLab asks nobody"),
        ("[Docs", [], 1, "heading '[Docs' has no ']': GitLab reads a pattern, which matches nothing"),
        ("^[Section name", [], 1, "heading '^[Section' has no ']': GitLab reads a pattern, which matches nothing"),
        ("[] @ann", ["@ann"], 1, "heading names no section"),
        ("^[ ]", [], 1, "heading names no section"),
        ("[ch]*.py @ann", [], 5, "'[ch]' is the heading of a section: GitLab ignores '*.py @ann' behind it"),
        (" [A][two] @ann", [], 5, "'[A]' is the heading of a section: GitLab ignores '[two] @ann' behind it"),
        ("[A][0]", [], 4, "fewer than 1 approval: GitLab asks for 1"),
        ("[A][] @ann", ["@ann"], 4, "fewer than 1 approval: GitLab asks for 1"),
        ("[A][10]", [], None, None),
        ("[A]# @ann", [], None, None),
        ("[A] # @ann", [], None, None),
        ("!a", [], None, None),
        ("!", [], None, None),
    ],
)
def test_a_fault_says_what_gitlab_makes_of_it(row: str, owners: list[str], col: int | None, fault: str | None) -> None:
    (line,) = parse(row, GITLAB)
    start = len(row) - len(row.lstrip()) + 1
    assert (line.owners, line.col, line.fault) == (tuple(owners), col or start, fault)


@pytest.mark.parametrize("text", ["", "\n", "# nothing", "\ufeff", "  \r\n\t# x\r\n"])
def test_a_file_may_say_nothing(text: str) -> None:
    assert parse(text, GITLAB) == ()


# what is shown, CODEOWNERS, owners of each path; None where no line says anything about it
SECTIONED: list[tuple[str, str, dict[str, list[str] | None]]] = [
    ("the last line that matches decides", "*.md @doc\nterms.md @legal", {"terms.md": ["@legal"], "a.md": ["@doc"]}),
    (
        "every section has its say",
        "* @admin\n[README Owners]\nREADME.md @u1 @u2\ninternal/README.md @u4\n[README other owners]\nREADME.md @u3",
        {"README.md": ["@admin", "@u1", "@u2", "@u3"], "internal/README.md": ["@admin", "@u4", "@u3"]},
    ),
    (
        "an entry without owners has those of its section",
        "[Database] @dba @ann\nmodel/db/\nconfig/db/setup.md @docs",
        {"model/db/a": ["@dba", "@ann"], "config/db/setup.md": ["@docs"], "a": None},
    ),
    (
        "an owner of two sections is one owner",
        "* @ann @bob\n[A]\n* @bob @cy",
        {"a": ["@ann", "@bob", "@cy"]},
    ),
    (
        "sections of one name are one section, whatever their case",
        "[Docs] @docs\nee/docs/\n[Data]\nREADME.md @data\n[DOCS]\nREADME.md @writers\nee/docs/a.md @eve",
        {"README.md": ["@data", "@writers"], "ee/docs/a.md": ["@eve"], "ee/docs/b.md": ["@docs"]},
    ),
    (
        "an optional section owns too, and one that asks for many approvals",
        "^[Go]\n*.go @go\n[Ruby][2] @ruby\n*.go",
        {"a.go": ["@go", "@ruby"]},
    ),
    (
        "a later heading of one name does not hand on the owners of the first",
        "[A] @ann\n/a\n[a]\n/b",
        {"a": ["@ann"], "b": []},
    ),
    (
        "a section without a name is a section",
        "* @ann\n[]\n* @bob",
        {"a": ["@ann", "@bob"]},
    ),
    (
        "what stands before all headings can be added to by its name",
        "* @ann\n[Codeowners]\n*.md @bob",
        {"a.md": ["@bob"], "a": ["@ann"]},
    ),
    (
        "a heading that cannot be read opens no section",
        "[Docs]\ndocs/**/* @ann\n[Section name\n/docs/x/ @bob",
        {"docs/a": ["@ann"], "docs/x/a": ["@bob"], "[Section": None},
    ),
    (
        "an exclusion holds in its section only",
        "* @ann\n!pom.xml\n[Ruby]\n*.rb @ruby\n!/config/**/*.rb",
        {
            "pom.xml": [],
            "x/pom.xml": [],
            "config/a.rb": ["@ann"],
            "config/x/a.rb": ["@ann"],
            "app/config/a.rb": ["@ann", "@ruby"],
        },
    ),
    (
        "what is excluded cannot be included again",
        "* @default\n!*.rb\n/special/*.rb @ruby",
        {"special/a.rb": [], "a.rb": [], "a.md": ["@default"]},
    ),
    (
        "an exclusion may stand first",
        "!/a/\n* @ann\n/a/b @bob",
        {"a/b": [], "b": ["@ann"]},
    ),
    (
        "an exclusion also counts under another heading of its section",
        "[A]\n* @ann\n[B]\n* @bob\n[a]\n!x",
        {"x": ["@bob"], "y": ["@ann", "@bob"]},
    ),
    ("an exclusion of a directory", "* @ann\n!**/generated/", {"x/generated/a": [], "generated": ["@ann"]}),
    ("an exclusion of nothing excludes all", "* @ann\n! a", {"b": []}),
]


@pytest.mark.parametrize(("text", "expected"), [pytest.param(*row[1:], id=row[0]) for row in SECTIONED])
def test_sections_decide_on_their_own(text: str, expected: dict[str, list[str] | None]) -> None:
    ownership = ownership_of(text, *expected)
    owners = {path: list(ownership.owners_of(path)) if ownership.lines_of(path) else None for path in expected}
    assert owners == expected
    assert ownership.unowned == tuple(sorted(path for path, found in expected.items() if found is None))


def test_a_line_is_shadowed_only_in_its_section() -> None:
    text = "/a @ann\n[A]\n/a @bob\n/b @bob\n* @cy\n!/b\n[B]\n/a @dan\n/none @dan\n!/c\n!/c\n"
    ownership = ownership_of(text, "a", "b", "c")
    shadowed = [(line.line, winner.line) for line, winner in ownership.shadowed]
    assert shadowed == [(3, 5), (4, 6), (10, 11)]
    assert [line.line for line in ownership.unmatched] == [9]
    assert [line.line for line in ownership.lines] == [1, 3, 4, 5, 6, 8, 9, 10, 11]
    assert [line.line for line in ownership.lines_of("b")] == [6]
    last = ownership.line_of("a")
    assert last is not None
    assert (last.line, ownership.line_of("x/none")) == (8, ownership.lines_of("x/none")[-1])


def test_the_hosts_look_in_their_own_places() -> None:
    assert {host: (host_dialect(host).host, host_dialect(host).paths) for host in HOSTS} == {
        "github": ("GitHub", (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")),
        "gitlab": ("GitLab", ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")),
        "azure": ("Azure", (".azuredevops/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")),
    }


@pytest.mark.parametrize(
    ("tracked", "host", "expected"),
    [
        ([], "auto", "GitHub"),
        (["CODEOWNERS", "docs/CODEOWNERS", ".github/workflows/ci.yml"], "auto", "GitHub"),
        ([".gitlab-ci.yml"], "auto", "GitLab"),
        ([".gitlab/CODEOWNERS"], "auto", "GitLab"),
        ([".gitlab-ci.yml", ".gitlab/CODEOWNERS", ".github/CODEOWNERS"], "auto", "GitHub"),
        ([".github/CODEOWNERS"], "gitlab", "GitLab"),
        ([".gitlab-ci.yml", ".gitlab/CODEOWNERS"], "github", "GitHub"),
        ([".azuredevops/CODEOWNERS"], "auto", "Azure"),
        ([".vsts/pull_request_template.md"], "auto", "Azure"),
        ([".azuredevops/CODEOWNERS", ".github/CODEOWNERS"], "auto", "GitHub"),
        (["azure-pipelines.yml", ".azuredevops/pipelines/ci.yml"], "auto", "GitHub"),
        ([".github/CODEOWNERS"], "azure", "Azure"),
    ],
)
def test_the_standards_say_which_host_it_is_or_the_files_do(tracked: list[str], host: str, expected: str) -> None:
    assert dialect_of(frozenset(tracked), host).host == expected


@pytest.mark.parametrize(
    ("text", "path"),
    [
        pytest.param("/" + "[" * 200_000 + " @ann", "[", id="many sets that do not end"),
        pytest.param("/" + "[" * 200_000 + "\\", "[", id="many sets that end in a backslash"),
        pytest.param("/" + "*[ab]" * 100 + "c @ann", "a" * 250, id="stars and sets"),
        pytest.param("* " + "a" * 500_000 + " @" + "." * 500_000, "b", id="long words that name nobody"),
        pytest.param("[" + "a" * 500_000, "b", id="a long heading that does not end"),
        pytest.param("**/a/" * 50 + "b @ann", "/".join(["a"] * 500), id="any depth in any depth"),
    ],
)
def test_hostile_lines_end(text: str, path: str) -> None:
    (line,) = parse(text, GITLAB)
    assert Ownership([line], [path], GITLAB).lines_of(path) == ((line,) if line.pattern == "*" else ())
