"""Markdown as sections, links and prose: what counts as what, and where each stands, for any page."""

from __future__ import annotations

import re
import sys
import time
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from ml_checks.reading.markdown import Markdown, meant, positions, seen
from ml_checks.reading.text import MAX_BYTES

from tests.conftest import ROOT
from tests.effort import tries

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it.token import Token


def sections(text: str) -> list[tuple[object, ...]]:
    return [tuple(section) for section in Markdown(text).sections]


def titles(text: str) -> list[str]:
    return [section.title for section in Markdown(text).sections]


def links(text: str) -> list[tuple[object, ...]]:
    return [tuple(link) for link in Markdown(text).links()]


def targets(text: str) -> list[str]:
    return [link.target for link in Markdown(text).links()]


def test_a_section_knows_its_title_level_place_and_whether_it_is_empty() -> None:
    text = "# A\n\ntext\n\n  ## B ##\n\n### C\n\ntext\n\n## D\n\nE\n=\n\nF\n---\n\ntext\n"
    assert sections(text) == [
        ("A", 1, 1, 1, False),
        ("B", 2, 5, 3, False),
        ("C", 3, 7, 1, False),
        ("D", 2, 11, 1, True),
        ("E", 1, 13, 1, False),
        ("F", 2, 16, 1, False),
    ]


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("# A", "A"),
        ("###### A", "A"),
        ("   # A", "A"),
        ("#\tA", "A"),
        ("# A #", "A"),
        ("# A ###  ", "A"),
        ("# C#", "C#"),
        ("# A `b` c", "A `b` c"),
        ("- # A", "A"),
        ("> 1. ## A", "A"),
        ("1. a\n\n   # A", "A"),
        ("- a\n    # A", "A"),
        ("- a\n  - b\n\n      # A", "A"),
        ("A\nb\n===", "A b"),
        ("`a`\n  b\n---", "`a` b"),
        ("a\r# A\rb", "A"),
        ("# A <!-- not seen -->", "A"),
        ("#", ""),
        ("# ##", ""),
        ("A\n===", "A"),
        ("A\n  -  ", "A"),
        ("-A\n---", "-A"),
        ("*A*\n---", "*A*"),
    ],
)
def test_a_heading_is_what_github_shows_as_one(line: str, title: str) -> None:
    assert titles(f"{line}\n\ntext\n") == [title]


@pytest.mark.parametrize(
    "text",
    [
        "#A",
        "####### A",
        "    # A",
        "\t# A",
        "a\n    # A",
        "a\n\n- b\n\nc\n\n    # A",
        "- b\n\n      # A",
        "`a` # A",
        "- b:\n- `c`",
        "- b\nc\n---",
        "> b\nc\n---",
        "<div>\n# A\n</div>",
        "<pre>\n\n# A\n\n</pre>",
        "- <br>\n  # A",
        "\\# A",
        "`# A`",
        "```\n# A\n```",
        "~~~ python\n# A\n```\n~~~",
        "1. a list\n\n    ```\n# A\n    ```",
        "```\n# A",
        "<!-- # A\n# A -->",
        "<!--\n# A",
        "- A\n---",
        "* A\n---",
        "+ A\n---",
        "1. A\n---",
        "> A\n---",
        "---\n---",
        "***\n---",
        "- - -\n---",
        "A\n\n---",
        "A\n- B",
        "---\n# A\n---",
    ],
)
def test_what_github_shows_otherwise_is_no_heading(text: str) -> None:
    assert titles(f"{text}\n") == []


def test_a_span_of_three_backticks_opens_no_fence() -> None:
    assert titles("```a``` is code\n\n# A\n\n````\n```\n# B\n````\n# C\n") == ["A", "C"]


@pytest.mark.parametrize("content", ["text", "```\ncode\n```", "`code`", "| a |", "### Below\n\ntext", "- x", "<br>"])
def test_a_section_with_anything_to_see_is_not_empty(content: str) -> None:
    assert not Markdown(f"## A\n\n{content}\n\n## B\n").sections[0].is_empty


@pytest.mark.parametrize("content", ["", " \t\n", "<!-- what belongs here -->", "### Below\n", "# Above\n\ntext"])
def test_a_section_with_nothing_to_see_is_empty(content: str) -> None:
    assert Markdown(f"## A\n\n{content}\n\n## B\n").sections[0].is_empty


@pytest.mark.parametrize(
    ("text", "target", "col"),
    [
        ("[a](b.md)", "b.md", 5),
        ('[a](b.md "title")', "b.md", 5),
        ("[a](<b c.md>)", "b c.md", 6),
        ("[a](b_(c).md)", "b_(c).md", 5),
        ("![a](b.png)", "b.png", 6),
        ("[a]: b.md\n\n[a]", "b.md", 6),
        ("  [a]: <b.md> 'title'\n\n![a][]", "b.md", 9),
        ("[`a`  b]: b.md\n[c][`A` B]", "b.md", 11),
        ("> [a]: b.md\n\n[a]: it is", "b.md", 8),
        ("[a]: b.md\n[a]: c.md\n\n[a]", "b.md", 6),
        (r"[a](b\_c.md)", r"b\_c.md", 5),
        (r"[a\]](b.md)", "b.md", 7),
        (r"[\[a](b.md)", "b.md", 7),
        ("[a [b] c](b.md)", "b.md", 11),
        ("[a\nb](c.md)", "c.md", 4),
        ("[a](b.md 'title (of) it')", "b.md", 5),
        ("[a](b.md (title))", "b.md", 5),
        ("[a](b.md\n'title')", "b.md", 5),
        ("[a](  b.md  )", "b.md", 7),
        ("[`a]`](b.md)", "b.md", 8),
        ("- a\n\n    [a](b.md)", "b.md", 9),
        ("a\n    [a](b.md)", "b.md", 9),
        ("| [a](b.md) |\n|-|", "b.md", 7),
        ("## [a](b.md)", "b.md", 8),
        ("> - [a](b.md)", "b.md", 9),
        ("[a]([b](c.md))", "[b](c.md)", 5),
        ("<div><a href=b.md>", "b.md", 14),
        ("<IMG SRC='b.png'>", "b.png", 11),
        ("<a title='>' href = \"b.md\">", "b.md", 22),
        ('<a href="b.md">', "b.md", 10),
        ('<img alt="x" src="b.png">', "b.png", 19),
        ("**[a](b.md)**", "b.md", 7),
    ],
)
def test_a_link_is_its_target_and_where_that_stands(text: str, target: str, col: int) -> None:
    (link,) = links(f"# A\n\n{text}\n")
    line = 3 + text.partition(target)[0].count("\n")
    assert link == (target, line, col)


def test_an_image_within_a_link_is_two_links() -> None:
    assert links("[![a](b.png)](c.md)\n") == [("b.png", 1, 7), ("c.md", 1, 15)]


@pytest.mark.parametrize(
    "text",
    [
        "`[a](b.md)`",
        "```\n[a](b.md)\n```",
        "<!-- [a](b.md) -->",
        "[a] (b.md)",
        "[a]: b.md",
        "[a]: b.md\n\n[c]",
        "[a]: b.md\n\n\\[a]",
        "`` [a](b.md) ` ``",
        "`a\n[a](b.md)`",
        "    [a](b.md)",
        "a\n\n    b\n    [a](b.md)",
        "a\n\n\t[a](b.md)\n\n    [c](d.md)",
        "- a\n\n      [a](b.md)",
        "- a\n\nb\n\n    [a](b.md)",
        "> ```\n> [a](b.md)\n> ```",
        "1. ```\n   [a](b.md)\n   ```",
        "```\n    ```\n[a](b.md)",
        r"\[a](b.md)",
        r"[a\](b.md)",
        "[a\n\nb](c.md)",
        "[a](b c.md)",
        "[a](b.md 'c)",
        "<div>\n[a](b.md)\n</div>",
        "<x>\n[a](b.md)",
        "<script>\n\n[a](b.md)\n</script>",
        "<https://acme.example>",
        "&lt;a href='b.md'>",
        "\\<a href='b.md'>",
        "[^1]: footnote",
        "[^1]: b.md",
        "[Note]: read this first",
        '[Note]: a"b c',
        "- [x]: done",
        "<abbr href-x>",
    ],
)
def test_what_github_shows_otherwise_is_no_link(text: str) -> None:
    assert targets(f"{text}\n") == []


@pytest.mark.parametrize(
    ("text", "front"),
    [
        ("---\nowner: a\n---\n# A\n", "\nowner: a\n"),
        ("--- \nowner: a-\n---", "\nowner: a-\n"),
        ("---\n---\n# A\n", "\n"),
        ("\n---\nowner: a\n---\n", "\n\nowner: a\n"),
        ("\n---\nlicence: a\n---\n", ""),
        ("\n---\nowner: a\n", ""),
        ("<!-- a\n-->\n\n---\ndescribes: a\n---\n", "\n\n\n\ndescribes: a\n"),
        ("<!-- a\n---\nowner: a\n---\n", ""),
        (" a\n---\nowner: a\n---\n", ""),
        ("---\nowner: a\n", ""),
        ("# A\n---\nb\n---\n", ""),
    ],
)
def test_front_matter_is_between_two_lines_of_dashes_at_the_very_start(text: str, front: str) -> None:
    assert Markdown(text).front == front


SEEN = {
    "owner": (
        "Owner|OWNER|**Owner**|_Owner_|`Owner`|~~Owner~~|Owner:|Owner?|Owner {#owner}|Owner {: .big }|[Owner](x.md)|"
        "[Owner][x]|Owner [¶](#owner)|![logo](x.png) Owner|<a name='x'></a>Owner|🚀 Owner|Owner 👩‍🔬|"
        ":rocket: Owner|1. Owner|1) Owner|2.1 Owner|3.4. Owner|A. Owner|b) Owner|IV. Owner|**1.** Owner|1️⃣ Owner|"
        "\N{INFORMATION SOURCE}\ufe0f Owner|\N{FULLWIDTH LATIN CAPITAL LETTER O}wner|"
        "\N{MATHEMATICAL BOLD CAPITAL O}wner|ow&shy;ner|Owner &#128640;|&lt;owner>"
    ),
    "gettingstarted": "Getting started|Getting-Started|GettingStarted|getting_started|Getting&nbsp;started",
    "limitationsandbias": "Limitations & Bias|Limitations &amp; bias|Limitations and bias|Limitations, and bias",
    "runningcosts": "Running costs",
    "ownersofthedata": "Owners of the data",
    "limitationsbias": "Limitations, bias",
    "step1run": "Step 1: Run",
    "2026": "2026",
    "été": "Été|E\u0301te\u0301",
    "🚀": "🚀",
}


@pytest.mark.parametrize(
    ("shown", "title"), [(shown, title) for shown, titles in SEEN.items() for title in titles.split("|")]
)
def test_a_title_is_what_a_reader_sees_of_it(shown: str, title: str) -> None:
    assert seen(title) == shown


def test_front_matter_keeps_the_places_below_it() -> None:
    text = "---\nowner: '[a](b.md)'\n---\n# A\n\n[c](d.md)\n"
    assert sections(text) == [("A", 1, 4, 1, False)]
    assert links(text) == [("d.md", 6, 5)]


def test_positions_count_lines_and_columns_from_one() -> None:
    assert list(positions("ab\n\nc", [0, 1, 1, 2, 3, 4])) == [(1, 1), (1, 2), (1, 2), (1, 3), (2, 1), (3, 1)]


PAGE = st.one_of(
    st.text(),
    st.text("ab #-=*_`~<>!-[]()\"'\n \t\r\u2028é", max_size=80),
    st.lists(
        st.sampled_from(["# A", "## ", "\n", "\n\n", "---\n", "===\n", "```", "~~~", "`", "<!--", "-->", "[a](b)"]),
        max_size=30,
    ).map("".join),
)


@tries()
@given(PAGE)
def test_places_point_at_what_they_name_on_any_page(text: str) -> None:
    text = text.replace("\r", "\n")
    page, lines = Markdown(text), text.split("\n")
    assert len(page.prose) == len(text)
    assert all(shown in {" ", char} for shown, char in zip(page.prose, text, strict=True))
    for section in page.sections:
        rest = lines[section.line - 1][section.col - 1 :]
        assert rest.startswith("#" * section.level) or section.title.startswith(rest.strip()) or "<!--" in text
    for link in page.links():
        assert lines[link.line - 1][link.col - 1 :].startswith(link.target)


# Pieces of a page, each between empty lines.
BLOCKS = [
    "# A",
    "## B ##",
    "### *C* `d`",
    " # D",
    "# ",
    "##\ttab",
    "#E",
    "#E\n---",
    "####### F",
    "\\# no",
    "text # no",
    "Title\n===",
    "A `code` title\n---",
    "text\nmore text",
    "```\n# no\n```",
    "```\n# no\n[a](no.md)",
    "~~~python\n# no\n```\n~~~",
    "text\n    # code",
    "<!-- # a -->",
    "<!--\n# no\n\n[a](no.md)\n-->",
    "- item\n- [l](l.md)",
    "1. one\n2. two",
    "> [q](q.md)",
    "---",
    "***",
    '[a](b.md "t")',
    "[a](b(c).md)",
    "a [b] (c.md)",
    "![i](p.png)",
    "[l](<m n.md>)",
    "text `a` [l](l.md#x)",
    "`[n](n.md)`",
    "``[n](n.md) ` ``",
    "see <https://acme.example>",
    "[a]()",
    "[a](<>)",
    r"\[a](b.md) [c\](d.md) [\]e](f.md)",
    "[a][b] and ![c]",
    "[b]: b.md",
    "[c]:\n  <c d.md> 'title'",
    "- # in a list\n\n  ## below",
    "1. one\n\n   # in it\n\n       # code",
    "> # in a quote",
    "a\nb *c*\n===",
    "text\n\n    [code](no.md)\n    [code](no.md)",
    "<div>\n[a](no.md)\n# no\n</div>",
    "<pre>\n\n# no\n\n</pre>",
    "`a\nb` [d](d.md)",
    "[![a](b.png)](c.md 'title')",
    "[d](e\\_f.md) &amp; [g](h&amp;i.md)",
]


def headings(tokens: list[Token]) -> list[tuple[int, int, str]]:
    """Return level, line and title of each heading."""
    pairs = [(token, following) for token, following in pairwise(tokens) if token.type == "heading_open"]
    return [
        (int(token.tag[1]), (token.map or [0])[0] + 1, " ".join(following.content.split()))
        for token, following in pairs
    ]


def link_targets(tokens: list[Token]) -> list[str]:
    """Return where each link and each image leads; an address in angle brackets is none."""
    inner = chain.from_iterable(token.children or () for token in tokens)
    links = [token.attrs for token in inner if token.attrs and token.info != "auto"]
    return list(filter(None, [unquote(str(attributes.get("href", attributes.get("src")))) for attributes in links]))


def real_pages() -> set[str]:
    """Return the pages of this repository, and those that packages here brought with them."""
    folders = [ROOT / "docs", *(Path(place) for place in sys.path if place.endswith("site-packages"))]
    texts = {path.read_text("utf-8") for folder in folders for path in folder.rglob("*.md")}
    return {text for text in texts if not Markdown(text).front}


def test_real_pages_are_read_as_commonmark_has_them() -> None:
    pages = real_pages()
    assert len(pages) > 20
    assert [text[:200] for text in pages if not _is_read_alike(text)] == []


def _is_read_alike(text: str) -> bool:
    tokens = MarkdownIt("commonmark").parse(text)
    titles = [(level, line, without_comments(title)) for level, line, title in headings(tokens)]
    written = {(section.level, section.line, without_comments(section.title)) for section in Markdown(text).sections}
    links = {unquote(meant(link.target)) for link in Markdown(text).links()}
    return written == {*titles} and links >= {*link_targets(tokens)}


def without_comments(title: str) -> str:
    return " ".join(re.sub("<!--.*?-->", "", title).split())


@tries(4, derandomize=True)
@given(st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=8).filter(lambda blocks: blocks[0] != "---"))
def test_headings_and_links_are_those_of_commonmark(blocks: list[str]) -> None:
    text = "\n\n".join(blocks) + "\n"
    page = Markdown(text)
    tokens = MarkdownIt("commonmark").parse(text)
    assert [(section.level, section.line, section.title) for section in page.sections] == headings(tokens)
    # A reference is a link where its target is defined, and where that is nobody looks.
    assert {meant(link.target) for link in page.links() if link.target} == {*link_targets(tokens)}


def seconds(read: Callable[[str], object], text: str) -> float:
    start = time.perf_counter()
    read(text)
    return time.perf_counter() - start


@pytest.mark.parametrize(
    "part",
    [
        "# a\n",
        "a\n=\n",
        "[a](b) ",
        "[a]: b\n",
        "<a ",
        '<a href="',
        "`a",
        "```\n",
        "~~~~ `\n",
        "<!--",
        "](",
        "](a(",
        "- ",
        "---\n",
        " ",
        "# " + " " * 98,
        "TODO ",
        "[",
        "[[a]",
        "[a [b] ",
        "[a](b\n",
        "[a](b 'c",
        "[a](((",
        "[a]: b 'c\n",
        "    [a](b)\n",
        "\t# a\n",
        "- [",
        "`a ``b ",
        "> ```\n",
        "<div>\n",
        "\n\n<x a=",
        "<pre>\n\n",
    ],
)
def test_no_page_takes_much_longer_than_its_length(part: str) -> None:
    long = (part * MAX_BYTES)[: MAX_BYTES // 20]
    assert seconds(lambda text: list(Markdown(text).links()), f"# a{long}b") < 5
