"""CODEOWNERS in GitHub's dialect, held against its documented rules and a second, slow, plain reading."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import ml_checks
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ml_checks.codeowners import Line, Ownership, parse

from tests.effort import tries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# rule, pattern, paths that it matches, near misses
RULES: list[tuple[str, str, list[str], list[str]]] = [
    ("a star is every file", "*", ["a", "a.py", ".env", "src/a.py", "src/deep/er/a"], []),
    ("two stars are every file", "**", ["a", ".env", "src/a.py", "src/deep/er/a"], []),
    ("two stars from the root are every file", "/**", ["a", "src/a.py"], []),
    (
        "a name is sought at any depth",
        "notes",
        ["notes", "src/notes", "a/b/notes"],
        ["notes.md", "my-notes", "note"],
    ),
    ("a name stands for all in a directory", "notes", ["notes/a", "src/notes/b/a"], ["src/notebook/a"]),
    (
        "an ending is sought at any depth",
        "*.py",
        ["a.py", "src/a.py", ".py", "src/x.py/a"],
        ["a.pyc", "a_py", "py"],
    ),
    (
        "a beginning is sought at any depth",
        "test_*",
        ["test_a", "x/test_", "test_x/a"],
        ["a_test_b", "Test_a"],
    ),
    (
        "a leading slash anchors",
        "/build",
        ["build", "build/a", "build/x/a"],
        ["src/build", "src/build/a", "builder"],
    ),
    ("a leading slash anchors a glob", "/*.md", ["a.md"], ["docs/a.md", "a.mdx"]),
    (
        "a slash inside anchors",
        "src/app",
        ["src/app", "src/app/a", "src/app/x/a"],
        ["x/src/app", "src/apps", "src"],
    ),
    (
        "a leading slash adds nothing to one inside",
        "/src/app",
        ["src/app", "src/app/a"],
        ["x/src/app", "src/apps"],
    ),
    (
        "a trailing slash is no anchor",
        "apps/",
        ["apps/a", "src/apps/a", "src/apps/x/a"],
        ["my-apps/a", "apps-old/a"],
    ),
    ("a trailing slash is not the file of that name", "apps/", ["apps/apps"], ["apps", "src/apps"]),
    ("slashes at both ends", "/docs/", ["docs/a", "docs/x/a"], ["docs", "src/docs/a", "docs2/a"]),
    ("a slash inside and one behind", "src/app/", ["src/app/a", "src/app/x/a"], ["src/app", "x/src/app/a"]),
    (
        "a last star is direct children",
        "docs/*",
        ["docs/a.md", "docs/b"],
        ["docs", "docs/x/a.md", "x/docs/a.md"],
    ),
    (
        "a last star is direct children from the root",
        "/docs/*",
        ["docs/a.md"],
        ["docs/x/a.md", "x/docs/a.md"],
    ),
    ("a last star in the root", "/*", ["a", "a.md", ".env"], ["docs/a", "docs/x/a"]),
    ("a last star at any depth", "**/docs/*", ["docs/a", "x/docs/a", "x/y/docs/a"], ["docs/x/a", "docs"]),
    (
        "a last glob goes on below",
        "docs/a*",
        ["docs/a", "docs/ab", "docs/abc/x/y"],
        ["docs/b/a", "docs/ba", "x/docs/a"],
    ),
    ("a last question mark goes on below", "docs/?", ["docs/a", "docs/a/x"], ["docs/ab", "docs/ab/a"]),
    ("a star and a slash are what directories hold", "*/", ["a/b", "a/b/c"], ["a"]),
    ("a star between slashes is what the first level holds", "/*/", ["a/b", "a/b/c"], ["a"]),
    ("a star is one directory", "src/*/a", ["src/x/a", "src/x/a/b"], ["src/a", "src/x/y/a", "x/src/x/a"]),
    ("a star does not cross a slash", "/s*c/a", ["src/a", "sc/a", "sac/a/b"], ["s/c/a", "s/x/c/a"]),
    ("a star is also nothing", "a*b", ["ab", "axb", "a*b", "x/ab"], ["a/b", "abc", "ba"]),
    ("stars share a name", "*a*b*", ["ab", "xaxbx", "b/ab", "aab"], ["ba", "a/b", "b"]),
    ("what stands at both ends does not overlap", "ab*ba", ["abba", "abxba"], ["aba", "ab", "abbax"]),
    (
        "a question mark is one character",
        "a?c",
        ["abc", "a?c", "aéc", "x/abc", "abc/x"],
        ["ac", "abbc", "a/c"],
    ),
    ("question marks count", "/v??", ["v10", "v10/a"], ["v1", "v100", "x/v10"]),
    ("leading stars are any depth", "**/app", ["app", "x/app", "x/y/app", "x/app/a"], ["apps", "x/my-app"]),
    ("leading stars before two names", "**/src/app", ["src/app", "x/src/app", "x/src/app/a"], ["src/x/app"]),
    ("a slash before leading stars changes nothing", "/**/app", ["app", "x/y/app/a"], ["x/apps"]),
    ("leading stars before a glob", "**/*.py", ["a.py", "x/a.py", "x/y/a.py"], ["a.pyc"]),
    ("trailing stars are what it holds", "src/**", ["src/a", "src/x/a"], ["src", "x/src/a", "srcs/a"]),
    ("a name with trailing stars is anchored", "/src/app/**", ["src/app/a"], ["src/app", "src/a"]),
    (
        "stars between are any number of directories",
        "a/**/b",
        ["a/b", "a/x/b", "a/x/y/b"],
        ["a", "ab", "a/xb", "x/a/b"],
    ),
    ("stars between go on below", "a/**/b", ["a/b/c", "a/x/b/c/d"], ["a/x/c"]),
    ("stars between, twice", "a/**/b/**/c", ["a/b/c", "a/x/b/y/c", "a/b/b/c/c"], ["a/c/b", "a/b", "b/c"]),
    (
        "stars and a last star are all below",
        "src/**/*",
        ["src/a", "src/x/a", "src/x/y/a"],
        ["src", "a", "x/src/a"],
    ),
    ("stars and a trailing slash are all below", "src/**/", ["src/a", "src/x/a"], ["src", "x/src/a"]),
    ("stars in a row of segments are one", "**/**/a", ["a", "x/a", "x/y/a"], ["ab"]),
    ("stars in a row of segments inside are one", "a/**/**/b", ["a/b", "a/x/y/b"], ["a/x/c", "x/a/b"]),
    ("stars in a row at the end are one", "a/**/**", ["a/b", "a/b/c"], ["a"]),
    ("two stars within a name are one star", "a**b", ["ab", "axb", "x/ab"], ["a/b", "a/x/b"]),
    ("two stars at the end of a name are one star", "/src/a**", ["src/a", "src/ab/x"], ["src/x/a", "src/b"]),
    ("upper and lower case differ", "README.md", ["README.md", "x/README.md"], ["readme.md", "README.MD"]),
    ("a dot is a dot", "a.b", ["a.b"], ["axb", "a/b"]),
    ("other marks stand for themselves", "a+b(c)^$|{d}", ["a+b(c)^$|{d}"], ["aab(c)^$|{d}"]),
    ("other marks beside a star too", "+(x)*", ["+(x)", "+(x)y/z"], ["x", "((x)"]),
    ("a hidden file is like any other", "*ignore", [".gitignore", "x/.dockerignore"], [".gitignored"]),
    ("an exclamation mark inside is itself", "a!b", ["a!b"], ["ab"]),
    ("a hash inside is itself", "a#b", ["a#b", "x/a#b"], ["a"]),
    ("a space can be escaped", r"my\ notes", ["my notes", "x/my notes/a"], ["my", "notes", r"my\ notes"]),
    ("a star can be escaped", r"a\*b", ["a*b"], ["ab", "axb"]),
    ("a question mark can be escaped", r"a\?b", ["a?b"], ["axb"]),
    ("brackets can be escaped", r"/app/\[id\]/", ["app/[id]/page.tsx"], ["app/i/page.tsx", "app/[id]"]),
    ("a backslash can be escaped", r"a\\b", [r"a\b"], ["ab", r"a\\b"]),
    ("an escaped slash is a slash", r"a\/b", ["a/b", "a/b/c"], ["x/a/b", r"a\/b"]),
    ("an escaped letter is itself", r"\a\b*", ["ab", "abc"], [r"\a\b"]),
    ("a name may hold a line feed", "a*c?d", ["a\nbc\nd"], ["a\nbcd"]),
    ("letters beyond ASCII", "/données/*.csv", ["données/é.csv"], ["donnees/é.csv"]),
    ("an empty segment matches nothing", "a//b", [], ["a/b", "a"]),
]
CHECKS = [
    pytest.param(pattern, path, expected, id=f"{rule}: {pattern} {'has' if expected else 'lacks'} {path}")
    for rule, pattern, matching, others in RULES
    for expected, paths in ((True, matching), (False, others))
    for path in paths
]


def spelled(glob: str, name: str) -> bool:
    """Match one segment against one name, character by character."""
    if not glob:
        return not name
    if glob[0] == "*":
        return spelled(glob[1:], name) or (bool(name) and spelled(glob, name[1:]))
    if glob[0] == "\\":
        return name[:1] == glob[1] and spelled(glob[2:], name[1:])
    return bool(name) and glob[0] in ("?", name[0]) and spelled(glob[1:], name[1:])


def fits(segments: list[str], names: list[str]) -> bool:
    """Match a list of segments against a list of names, one by one."""
    if not segments:
        return not names
    if segments == ["**"]:
        return bool(names)
    if segments[0] == "**":
        return fits(segments[1:], names) or (bool(names) and fits(segments, names[1:]))
    return bool(names) and spelled(segments[0], names[0]) and fits(segments[1:], names[1:])


def matches(pattern: str, path: str) -> bool:
    """Match a pattern against a path or one of the directories that it lies in, as the documents say it."""
    segments = pattern.removesuffix("/").removeprefix("/").split("/")
    if "/" not in pattern.removesuffix("/"):
        segments = ["**", *segments]
    if pattern.endswith("/"):
        segments = [*segments, "**"]
    names = path.split("/")
    shortest = len(names) if segments[-1] == "*" else 1
    return any(fits(segments, names[:length]) for length in range(shortest, len(names) + 1))


NAMES = st.sampled_from(["a", "b", "ab", "ba", "aab", "a.b", "a*b"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
SEGMENTS = st.sampled_from(["**", "*", "a", "b"]) | st.lists(
    st.sampled_from(["a", "b", ".", "*", "?", r"\*", r"\a"]), min_size=1, max_size=4
).map("".join)
PATTERNS = st.tuples(
    st.sampled_from(["", "/"]),
    st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join),
    st.sampled_from(["", "/"]),
).map("".join)


def lines_of(*patterns: str) -> tuple[Line, ...]:
    return parse("".join(f"{pattern} @owner\n" for pattern in patterns))


@pytest.mark.parametrize(("pattern", "path", "expected"), CHECKS)
def test_a_documented_rule_holds(pattern: str, path: str, expected: bool) -> None:  # noqa: FBT001  # a column
    (line,) = lines_of(pattern)
    assert Ownership([line], [path]).line_of(path) == (line if expected else None)


@pytest.mark.parametrize(("pattern", "path", "expected"), [check for check in CHECKS if check.values[0] != r"a\/b"])
def test_the_second_reading_knows_the_rules_too(pattern: str, path: str, expected: bool) -> None:  # noqa: FBT001  # a column
    assert matches(pattern, path) is expected


@tries(derandomize=True)
@given(st.lists(PATTERNS, min_size=1, max_size=8), st.lists(PATHS, unique=True, max_size=12), PATHS)
def test_both_readings_agree_on_any_patterns_and_paths(patterns: list[str], paths: list[str], other: str) -> None:
    lines = lines_of(*patterns)
    assume(all(line.fault is None for line in lines))
    hits = hits_of(lines, sorted(paths), matches)
    winners = {path: last_match(lines, path) for path in sorted(paths)}

    ownership = Ownership(lines, paths)

    assert list(map(ownership.line_of, winners)) == list(winners.values())
    assert ownership.unowned == tuple(path for path in winners if winners[path] is None)
    assert ownership.unmatched == tuple(line for line in lines if not hits[line])
    assert ownership.shadowed == tuple(shadowed(hits, winners))
    assert ownership.line_of(other) == last_match(lines, other)


def hits_of(lines: Iterable[Line], paths: list[str], is_match: Callable[[str, str], bool]) -> dict[Line, list[str]]:
    """Return which of some paths each line matches."""
    return {line: [path for path in paths if is_match(line.pattern, path)] for line in lines}


def last_match(lines: tuple[Line, ...], path: str) -> Line | None:
    return next((line for line in reversed(lines) if matches(line.pattern, path)), None)


def shadowed(hits: dict[Line, list[str]], winners: dict[str, Line | None]) -> Iterator[tuple[Line, Line | None]]:
    """Yield each line that matches and never wins, with the one that wins the first path it matches."""
    for line, paths in hits.items():
        if paths and line not in winners.values():
            yield line, winners[paths[0]]


def test_lines_are_read_with_their_owners_and_places() -> None:
    text = (
        "# who answers\n"
        "\n"
        "*  @acme/platform\n"
        " \t \n"
        "\t/src/ @ann\tbob@example.org  @acme/data_1.x # who knows it best\n"
        "/apps/github\n"
        "  # indented\n"
        "docs#1 @ann #\n"
        "my\\ notes/ @ann_acme"
    )
    assert parse(text) == (
        Line("*", ("@acme/platform",), 3, 1, None),
        Line("/src/", ("@ann", "bob@example.org", "@acme/data_1.x"), 5, 2, None),
        Line("/apps/github", (), 6, 1, None),
        Line("docs#1", ("@ann",), 8, 1, None),
        Line("my\\ notes/", ("@ann_acme",), 9, 1, None),
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("* @ann\r\n/src/ @bob\r\n", id="Windows line ends"),
        pytest.param("\ufeff* @ann\n/src/ @bob\n", id="byte order mark"),
        pytest.param("* @ann \n/src/ @bob\t", id="white space at the end"),
    ],
)
def test_the_bytes_around_lines_do_not_matter(text: str) -> None:
    assert parse(text) == (Line("*", ("@ann",), 1, 1, None), Line("/src/", ("@bob",), 2, 1, None))


@pytest.mark.parametrize("text", ["", "\n", "# nothing", "\ufeff", "  \r\n\t# x\r\n"])
def test_a_file_may_say_nothing(text: str) -> None:
    assert parse(text) == ()


def test_only_a_line_feed_ends_a_line() -> None:
    assert parse("a\x0bb\u2028c @ann") == (Line("a\x0bb\u2028c", ("@ann",), 1, 1, None),)


@pytest.mark.parametrize(
    ("row", "col", "fault"),
    [
        ("!docs/ @ann", 1, "pattern '!docs/' starts with '!', but CODEOWNERS cannot negate"),
        (" \\#a @ann", 2, "pattern '\\#a' starts with an escaped '#', which CODEOWNERS cannot read"),
        (
            "*.[ch] @ann",
            1,
            "pattern '*.[ch]' has a '[' without a backslash, but CODEOWNERS has no character ranges",
        ),
        (
            "\\[a] @ann",
            1,
            "pattern '\\[a]' has a ']' without a backslash, but CODEOWNERS has no character ranges",
        ),
        ("***/a @ann", 1, "pattern '***/a' has three stars in a row"),
        ("a\\", 1, "pattern 'a\\' ends in a backslash that escapes nothing"),
        ("/ @ann", 1, "pattern '/' matches nothing ('*' is every file)"),
        ("* ann", 3, "owner 'ann' is not @user, @org/team or an e-mail address"),
        ("* @ann docs@", 8, "owner 'docs@' is not @user, @org/team or an e-mail address"),
        ("*  @acme/data/eu", 4, "owner '@acme/data/eu' is not @user, @org/team or an e-mail address"),
        ("* @", 3, "owner '@' is not @user, @org/team or an e-mail address"),
        ("* @acme/", 3, "owner '@acme/' is not @user, @org/team or an e-mail address"),
        ("* @ann,", 3, "owner '@ann,' is not @user, @org/team or an e-mail address"),
        ("* ann@host", 3, "owner 'ann@host' is not @user, @org/team or an e-mail address"),
        ("* ann@host..org", 3, "owner 'ann@host..org' is not @user, @org/team or an e-mail address"),
        ("* a@b@c.org", 3, "owner 'a@b@c.org' is not @user, @org/team or an e-mail address"),
        ("my notes @ann", 4, "owner 'notes' is not @user, @org/team or an e-mail address"),
        ("*\u00a0@ann", None, None),
        ("\\*** @ann", None, None),
        ("\\!a @ann", None, None),
        ("a\\\\ @ann", None, None),
        ("* a.b+c@mail.example.org", None, None),
    ],
)
def test_a_line_that_github_skips_says_why_and_where(row: str, col: int | None, fault: str | None) -> None:
    (line,) = parse(row)
    expected = (1, None) if fault is None else (col, f"{fault}: GitHub skips the line")
    assert (line.col, line.fault) == expected


def test_a_skipped_line_decides_nothing() -> None:
    lines = parse("/src/ @ann\n/src/ bob\n[a] @ann\n")
    ownership = Ownership(lines, ["src/a"])
    assert ownership.lines == lines[:1]
    assert ownership.line_of("src/a") == lines[0]
    assert (ownership.unowned, ownership.unmatched, ownership.shadowed) == ((), (), ())


def test_the_last_line_that_matches_decides_alone() -> None:
    lines = parse("* @ann\n*.py @bob\n/src/ @cy\n/src/*.py\n/apps/ @dan\n")
    paths = ["a.md", "a.py", "src/a.md", "src/a.py", "src/x/a.py"]
    ownership = Ownership(lines, paths)
    assert [ownership.line_of(path) for path in paths] == [lines[0], lines[1], lines[2], lines[3], lines[2]]
    assert ownership.unmatched == (lines[4],)
    assert ownership.shadowed == ()


def test_a_line_without_owners_is_not_the_same_as_no_line() -> None:
    lines = parse("/apps/ @ann\n/apps/github\n")
    ownership = Ownership(lines, ["apps/a", "apps/github/a", "b"])
    assert ownership.line_of("apps/github/a") == Line("/apps/github", (), 2, 1, None)
    assert ownership.line_of("b") is None
    assert ownership.unowned == ("b",)


def test_a_line_that_wins_nothing_names_a_line_that_wins_in_its_place() -> None:
    lines = parse("/docs/a.md @ann\n/docs/ @bob\n*.md @cy\n/docs/ @dan\n")
    ownership = Ownership(lines, ["README.md", "docs/a.md", "docs/x/b.md"])
    assert ownership.shadowed == ((lines[0], lines[3]), (lines[1], lines[3]))


def test_a_path_that_is_not_tracked_has_a_line_all_the_same() -> None:
    lines = parse("/models/ @ann\n/models/*/README.md @bob\n")
    ownership = Ownership(lines, ["models/delay/README.md"])
    assert ownership.line_of("models/new/card/a.md") == lines[0]
    assert ownership.line_of("models/new/README.md") == lines[1]
    assert ownership.line_of("data/a.csv") is None


def test_without_paths_no_line_matches_and_without_lines_no_path_is_owned() -> None:
    lines = parse("** @ann\n* @ann\n")
    assert Ownership(lines, []).unmatched == lines
    assert Ownership(lines, []).line_of("a") == lines[1]
    assert Ownership([], ["b", "a"]).unowned == ("a", "b")


def test_the_order_of_the_paths_changes_nothing() -> None:
    lines = parse("a @ann\n*.md @bob\n/x/ @cy\n/y/ @dan\n")
    paths = ["y/a/b.md", "x/a/b.md", "x/a", "y/a"]
    first, second = Ownership(lines, paths), Ownership(lines, reversed(paths))
    assert first.shadowed == second.shadowed == ((lines[0], lines[2]), (lines[1], lines[2]))


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        pytest.param("*a" * 120 + "*b*", "a" * 250, False, id="many stars, no end"),
        pytest.param("*a" * 120 + "*b*", "a" * 250 + "b", True, id="many stars, an end"),
        pytest.param("**/" * 50 + "a*b*c*", "/".join(["abd"] * 500), False, id="two stars again and again"),
        pytest.param("**/a/" * 50 + "b", "/".join(["a"] * 500), False, id="any depth in any depth"),
        pytest.param("**/a/" * 50 + "b", "/".join(["a"] * 500) + "/b", True, id="any depth in any depth, found"),
        pytest.param("?" * 255, "a" * 254, False, id="many question marks"),
        pytest.param("a/" * 20_000, "a/" * 19_999 + "a", False, id="a pattern deeper than the stack"),
        pytest.param("b", "a/" * 5_000 + "b", True, id="a path deeper than the stack"),
    ],
)
def test_hostile_patterns_and_paths_end(pattern: str, path: str, expected: bool) -> None:  # noqa: FBT001  # a column
    (line,) = lines_of(pattern)
    assert Ownership([line], [path]).line_of(path) == (line if expected else None)


def test_a_hook_that_starts_often_imports_nothing_heavy() -> None:
    folder = str(Path(ml_checks.__file__).parents[1])
    code = f"import sys; sys.path.insert(0, {folder!r}); import ml_checks.codeowners; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-SIc", code], check=True, capture_output=True, text=True)
    loaded = set(run.stdout.split())
    assert "ml_checks.codeowners" in loaded
    assert loaded & {"argparse", "dataclasses", "json", "pathlib", "pathspec", "subprocess", "typing", "yaml"} == set()
