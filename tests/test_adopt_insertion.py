"""Text put into files of others: in its place, and nothing else changes."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ml_checks.adopt.hook import is_there, version, with_hook
from ml_checks.adopt.insertion import with_first_lines, with_item

URL = "https://github.com/org/ml-template"
YAML, TOML = ".pre-commit-config.yaml", "prek.toml"
HOOK = {"repo": URL, "rev": version(), "hooks": [{"id": "ml-checks"}]}
ADDED = f"  - repo: {URL}\n    rev: {version()}\n    hooks:\n      - id: ml-checks\n"
FLAT = f"- repo: {URL}\n  rev: {version()}\n  hooks:\n  - id: ml-checks\n"
FLOW = f'{{repo: "{URL}", rev: {version()}, hooks: [{{id: ml-checks}}]}}'
TABLE = f'\n[[repos]]\nrepo = "a"\nrev = "{version()}"\nhooks = [{{ id = "ml-checks" }}]\n'
ONE = "  - repo: local\n    hooks:\n      - id: x"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", f"repos:\n{ADDED}", id="an empty file"),
        pytest.param("# ours\n", f"# ours\nrepos:\n{ADDED}", id="comments only"),
        pytest.param("---\n", f"---\nrepos:\n{ADDED}", id="an empty document"),
        pytest.param("repos:\n", f"repos:\n{ADDED}", id="a key without a value"),
        pytest.param("repos: # none\nci: {}\n", f"repos: # none\n{ADDED}ci: {{}}\n", id="the same, and another key"),
        pytest.param("repos: []\n", f"repos: [{FLOW}]\n", id="an empty list"),
        pytest.param("repos: [{repo: a}, ] # x\n", f"repos: [{{repo: a}}, {FLOW}, ] # x\n", id="a list in brackets"),
        pytest.param('{"repos": [1]}', f'{{"repos": [1, {FLOW}]}}', id="JSON"),
        pytest.param("ci: {}\n", f"ci: {{}}\nrepos:\n{ADDED}", id="another key only"),
        pytest.param(f"repos:\n{ONE}\n", f"repos:\n{ONE}\n{ADDED}", id="a list"),
        pytest.param(f"repos:\n{ONE}", f"repos:\n{ONE}\n{ADDED}", id="no newline at the end"),
        pytest.param(f"repos:\n{ONE} # why\n\n# end\n", f"repos:\n{ONE} # why\n{ADDED}\n# end\n", id="comments"),
        pytest.param("repos:\n- repo: a\n", f"repos:\n- repo: a\n{FLAT}", id="a list that is not indented"),
        pytest.param(
            "repos:\n- repo: a\n\n- repo: b\n", f"repos:\n- repo: a\n\n- repo: b\n\n{FLAT}", id="items that stand apart"
        ),
        pytest.param(
            f"repos:\n{ONE}\n        args: [a,\n          b]\nfail_fast: true\n",
            f"repos:\n{ONE}\n        args: [a,\n          b]\n{ADDED}fail_fast: true\n",
            id="a key below",
        ),
        pytest.param(
            f"repos:\n{ONE}\n        entry: |\n          a\n\nci: {{}}\n",
            f"repos:\n{ONE}\n        entry: |\n          a\n\n{ADDED}ci: {{}}\n",
            id="a block of text at the end",
        ),
        pytest.param(f"repos:\n{ONE}\n        name:\n", f"repos:\n{ONE}\n        name:\n{ADDED}", id="no last value"),
        pytest.param(
            "\ufeffrepos:\r\n- repo: é\t# x\r\n",
            "\ufeffrepos:\r\n- repo: é\t# x\r\n" + FLAT.replace("\n", "\r\n"),
            id="a byte order mark, Windows line ends and a tab",
        ),
        pytest.param(
            "x: &a {repo: a}\nrepos:\n  - repo: b\n    c: *a # d\n",
            f"x: &a {{repo: a}}\nrepos:\n  - repo: b\n    c: *a # d\n{ADDED}",
            id="an alias at the end",
        ),
    ],
)
def test_the_hook_stands_at_the_end_of_the_list(before: str, after: str) -> None:
    assert with_hook(YAML, before, URL) == after
    assert not is_there(YAML, before)
    assert is_there(YAML, after)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("repos: none\n", id="a text where the list should be"),
        pytest.param("repos: {a: b}\n", id="a mapping where the list should be"),
        pytest.param("- repo: a\n", id="the old form, a list"),
        pytest.param("{}\n", id="an empty mapping in braces"),
        pytest.param("repos: []\n---\nrepos: []\n", id="two documents"),
        pytest.param("repos: []\n...\n", id="fine"),
        pytest.param("ci: {}\n...\n", id="a marked end"),
        pytest.param("repos: [", id="no YAML"),
    ],
)
def test_no_place_is_sure(text: str) -> None:
    expected = f"repos: [{FLOW}]\n...\n" if text == "repos: []\n...\n" else None
    assert with_hook(YAML, text, URL) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", TABLE),
        ("# ours\n[[repos]]\nrepo\t= 'b' # x", f"# ours\n[[repos]]\nrepo\t= 'b' # x\n{TABLE}"),
        ("\ufefffail_fast = true\r\n", "\ufefffail_fast = true\r\n" + TABLE.replace("\n", "\r\n")),
        ("repos = []\n", None),
        ("repos = [\n", None),
    ],
    ids=["empty", "a table", "Windows", "a list in brackets", "no TOML"],
)
def test_the_hook_is_a_table_of_prek(before: str, after: str | None) -> None:
    assert with_hook(TOML, before, "a") == after


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (YAML, "repos: [{hooks: [{id: ml-checks}]}]", True),
        (YAML, "repos: [{hooks: [{id: review-date}]}]", True),
        (YAML, "repos: [{hooks: [{id: ours, entry: uv run ml-checks check --if-staged}]}]", True),
        (YAML, "# ml-checks\nrepos: [{hooks: [{id: ours}, ml-checks]}]", False),
        (YAML, "repos: [", False),
        (YAML, "[]", False),
        (TOML, '[[repos]]\nhooks = [{ id = "ml-checks" }]', True),
        (TOML, '[[repos]]\nhooks = [{ id = "other" }] # no ml-checks', False),
    ],
)
def test_a_hook_that_is_there_is_seen(path: str, text: str, expected: bool) -> None:  # noqa: FBT001
    assert is_there(path, text) == expected


def test_lines_come_before_all_others() -> None:
    assert with_first_lines("\ufeffa\r\nb", ["x", ""]) == "\ufeffx\r\n\r\na\r\nb"
    assert with_first_lines("", ["x"]) == "x\n"


WORDS = st.text("ab é#:-\"'", max_size=6)
HOOKS = st.fixed_dictionaries({"id": WORDS, "args": st.lists(WORDS, max_size=2)}, optional={"entry": WORDS})
REPOS = st.lists(st.fixed_dictionaries({"repo": WORDS, "hooks": st.lists(HOOKS, max_size=2)}), max_size=3)


@given(st.fixed_dictionaries({"repos": REPOS}, optional={"ci": WORDS}), st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_any_settings_keep_each_line_and_say_the_same_and_one_more(
    settings: dict[str, Any],
    is_flow: bool,  # noqa: FBT001
    end: str,
) -> None:
    text = yaml.safe_dump(settings, allow_unicode=True, default_flow_style=is_flow, sort_keys=False).replace("\n", end)
    after = with_hook(YAML, text, URL)
    assert after is not None
    assert yaml.safe_load(after) == {**settings, "repos": [*settings["repos"], HOOK]}
    if not is_flow and settings["repos"]:
        lines, kept = iter(after.split(end)), text.split(end)[:-1]
        assert all(line in lines for line in kept)  # in this order
    assert ("\n" in after.replace("\r\n", "")) == (end == "\n")


def test_what_is_added_to_a_table_is_what_toml_reads() -> None:
    after = with_hook(TOML, "[auto_update]\ncooldown_days = 7\n", URL)
    assert after is not None
    assert tomllib.loads(after) == {"auto_update": {"cooldown_days": 7}, "repos": [HOOK]}


def test_an_item_may_be_a_text() -> None:
    assert with_item("exclude:\n  - a # x\n", "exclude", ['"b" # y'], '"b"') == 'exclude:\n  - a # x\n  - "b" # y\n'
