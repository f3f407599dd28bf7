"""YAML as values with places: the guards, the ambiguities, and agreement with PyYAML's own composer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ml_checks.reading import yaml as reading
from ml_checks.reading.yaml import MAX_DEPTH, MAX_VALUES, UnreadableError
from ml_checks.values import List, Map, Text, scalars

from tests.effort import tries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.values import Finding, Value

DEEPEST = 30_000  # where the parser alone takes the interpreter down


def findings(text: str) -> list[str]:
    return [f"{at.line}:{at.col} {code} {message}" for at, code, message in reading.read("a.yaml", text)[1]]


def complaint(text: str) -> str:
    with pytest.raises(UnreadableError) as caught:
        reading.read("a.yaml", text)
    return f"{caught.value.line}:{caught.value.col} {caught.value}"


def test_scalars_are_texts_as_they_were_written_and_nulls_are_none() -> None:
    text = "[1, 1.0, true, 2026-01-31, 'x', !!int '2', null, ~, {a: }]"
    assert reading.read("a.yaml", text)[0] == [["1", "1.0", "true", "2026-01-31", "x", "2", None, None, {"a": None}]]


def test_each_text_in_a_value_is_yielded() -> None:
    assert sorted(scalars(reading.read("a.yaml", "a: [TODO, {b: c}]\ne: [null, f]\n")[0])) == ["TODO", "c", "f"]


def test_a_quoted_null_is_a_text() -> None:
    assert reading.read("a.yaml", "a: 'null'\nb: \"~\"\nc: ''\n")[0] == [{"a": "null", "b": "~", "c": ""}]


def test_each_document_is_a_value_and_an_empty_text_is_none() -> None:
    assert reading.read("a.yaml", "a: 1\n---\n- b\n---\n")[0] == [{"a": "1"}, ["b"], None]
    assert reading.read("a.yaml", "# nothing\n")[0] == []


def test_places_are_those_of_the_first_character_the_quote_included() -> None:
    (root,), _ = reading.read("a.yaml", "a:\n  - \"é\": 'x'\n    ü: [y]\n")
    assert isinstance(root, Map)
    (entry,) = root.mappings("a")
    value, listed = entry.must("é"), next(entry.texts("ü"))
    assert (root.at, entry.at) == (("a.yaml", 1, 1), ("a.yaml", 2, 5))
    assert (value.at, listed.at) == (("a.yaml", 2, 10), ("a.yaml", 3, 9))
    assert (entry.at_key("ü"), entry.at_key("ö")) == (("a.yaml", 3, 5), ("a.yaml", 2, 5))


def test_a_value_of_another_kind_is_as_good_as_none() -> None:
    (root,), _ = reading.read("a.yaml", "text: x\nempty: ''\nmap: {k: v}\nlist: [x, [y], {z: 1}]\n")
    assert isinstance(root, Map)
    assert [root.text(key) for key in ("text", "empty", "map", "list", "none")] == ["x", None, None, None, None]
    assert [root.mapping(key) for key in ("text", "map", "list", "none")] == [{}, {"k": "v"}, {}, {}]
    assert root.mapping("none").at == root.at
    assert [list(root.texts(key)) for key in ("text", "map", "list")] == [[], [], ["x"]]
    assert list(root.lists("list")) == [["y"]]
    assert list(root.mappings("list")) == [{"z": "1"}]
    with pytest.raises(KeyError, match="empty"):
        root.must("empty")


def test_merged_keys_are_there_and_the_own_ones_win() -> None:
    text = (
        "base: &base {a: 1, b: 1}\nother: &other {b: 2, c: 2}\none: {<<: *base, a: 0}\ntwo: {<<: [*base, *other, x]}\n"
    )
    (root,), found = reading.read("a.yaml", text)
    assert isinstance(root, Map)
    assert (root["one"], root["two"]) == ({"a": "0", "b": "1"}, {"a": "1", "b": "1", "c": "2"})
    assert found == []


@pytest.mark.parametrize("word", ["yes", "No", "ON", "off", "Yes", "no", "On", "OFF"])
def test_a_word_that_only_yaml_1_1_takes_for_a_boolean_is_reported(word: str) -> None:
    truth = "true" if word.lower() in {"yes", "on"} else "false"
    message = f"{word!r} is {truth} in YAML 1.1 and a text in YAML 1.2; write {truth}, or put it in quotes"
    assert findings(f"a: {word}\n{word}: [{word}]\n") == [
        f"1:4 FIL003 {message}",
        f"2:1 FIL003 {message}",
        f"2:{len(word) + 4} FIL003 {message}",
    ]


@pytest.mark.parametrize("number", ["010", "-07", "00", "0_7", "22:30", "+1:30", "190:20:30"])
def test_a_number_that_yaml_1_1_reads_otherwise_is_reported(number: str) -> None:
    message = f"{number!r} is another number in YAML 1.1 than it looks; put it in quotes, or write it plainly"
    assert findings(f"a: {number}") == [f"1:4 FIL003 {message}"]


@pytest.mark.parametrize(
    "plain",
    [
        "true",
        "False",
        "'no'",
        '"010"',
        "!!str no",
        "nope",
        "0",
        "10",
        "0.10",
        "-1",
        "08",
        "1:60",
        "12:3x",
        "+",
        "oN",
        "y",
    ],
)
def test_what_every_yaml_reads_the_same_way_is_not_reported(plain: str) -> None:
    assert findings(f"a: {plain}\n") == []


def test_a_key_that_is_there_twice_is_reported_each_further_time() -> None:
    assert findings("a: 1\nb: {c: 1, 'c': 2}\na: 3\n? a\n: 4\n") == [
        "2:11 FIL002 key 'c' is there already, on line 2",
        "3:1 FIL002 key 'a' is there already, on line 1",
        "4:3 FIL002 key 'a' is there already, on line 1",
    ]


def test_a_key_that_is_no_name_is_reported_and_the_others_stay() -> None:
    (root,), _ = reading.read("a.yaml", "? [x, y]\n: 1\nz: 2\n")
    assert root == {"z": "2"}
    assert findings("? [x, y]\n: 1\n{a: b}: 2\n") == [
        "1:3 FIL004 a key is a list or a mapping, where a name is expected",
        "3:1 FIL004 a key is a list or a mapping, where a name is expected",
    ]


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("a: [", "2:1", "while parsing a flow node, did not find expected node content"),
        ("a: b: c", "1:5", "mapping values are not allowed in this context"),
        ("a:\n\tb: 1", "2:1", "while scanning for the next token, found character that cannot start any token"),
        ("a: *x", "1:4", "found undefined alias"),
        ("a: &x 1\nb: &x 2", "2:4", "found duplicate anchor; first occurrence, second occurrence"),
        ("a: 1\nb: \x00", "2:4", "control characters are not allowed"),
        ("é: 1\nü: \x07", "2:4", "control characters are not allowed"),
    ],
)
def test_what_is_no_yaml_is_told_in_a_sentence_with_its_place(text: str, place: str, what: str) -> None:
    assert complaint(text) == f"{place} is not valid YAML: {what}"


@pytest.mark.parametrize("start", ["", "# a comment\n", "# a comment\r", "# a\x85", "# a\u2028", "# a\u2029"])
@pytest.mark.parametrize("level", ["[", "{a: ", "- ", "? ", "[{a: "])
def test_nesting_that_would_crash_the_interpreter_is_refused(start: str, level: str) -> None:
    assert complaint(start + level * DEEPEST).endswith(f" nests more than {MAX_DEPTH} levels deep")


def test_a_parser_that_refuses_nesting_by_itself_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # As PyYAML does from 6.0.4 on; whichever is installed, this one gives up before it has counted anything.
    text, compose = "[" * 2 * MAX_DEPTH, reading._nodes  # noqa: SLF001  # what asks the parser
    place = yaml.Mark("", len(text), 0, len(text), None, 0)
    refusal = yaml.MarkedYAMLError(problem=reading.PARSERS_OWN_LIMIT, problem_mark=place)
    answers = iter([refusal])

    def refusing(composer: Any) -> list[yaml.Node]:  # noqa: ANN401  # it is private, too
        if refused := next(answers, None):
            raise refused
        return compose(composer)

    monkeypatch.setattr(reading, "_nodes", refusing)
    assert complaint(text).endswith(f" nests more than {MAX_DEPTH} levels deep")
    assert next(answers, None) is None


def test_a_mapping_in_a_mapping_nests_by_indentation() -> None:
    ladder = "".join(f"{' ' * depth}a:\n" for depth in range(2 * MAX_DEPTH))
    assert complaint(ladder) == f"{MAX_DEPTH}:{MAX_DEPTH} nests more than {MAX_DEPTH} levels deep"


@pytest.mark.parametrize(
    "text",
    [
        "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1),
        "- [a]\n" * 10 * MAX_DEPTH,
        f"a:\n{' ' * 2 * MAX_DEPTH}b: 1\n",
        f"a: |\n  {'- ' * DEEPEST}\n",
    ],
    ids=["nearly too deep", "wide", "far to the right", "a text with many dashes"],
)
def test_what_only_looks_deep_is_read(text: str) -> None:
    assert reading.read("a.yaml", text)[1] == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: &a [*a]\n", "1:4"),
        ("&a a: {b: &b [*b]}\n", "1:11"),
        ("&a\nb: *a\n", "1:1"),
        ("x: &x [1]\ny: &y {<<: *x, z: *y}\n", "2:4"),
    ],
)
def test_an_alias_to_what_it_stands_in_is_refused(text: str, place: str) -> None:
    assert complaint(text) == f"{place} has aliases that unfold to more than {MAX_VALUES:,} values"


def test_aliases_that_unfold_to_millions_are_refused() -> None:
    bomb = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]\n" for n in range(12))
    assert complaint(bomb) == f"6:5 has aliases that unfold to more than {MAX_VALUES:,} values"


def test_aliases_that_nest_too_deep_are_refused() -> None:
    deep = "".join(f"a{n}: &a{n} {'[' * 90}{f'*a{n - 1}' if n else 'x'}{']' * 90}\n" for n in range(12))
    assert complaint(deep).endswith(f" has aliases that nest more than {2 * MAX_DEPTH} levels deep")


def test_aliases_as_people_write_them_are_read() -> None:
    text = "x-labels: &labels {owner: flight-ops}\nservices:\n  a: {labels: *labels}\n"
    (root,), found = reading.read("a.yaml", text)
    assert isinstance(root, Map)
    assert root.mapping("services").mapping("a").mapping("labels") == {"owner": "flight-ops"}
    assert found == []


MARKS = ["a: ", "- ", "? ", ": ", "\n", "\n  ", "[", "]", "{", "}", ", ", "&a ", "*a", "<<: ", "!!x ", "no", "---\n"]
YAML = st.one_of(
    st.text(),
    st.text("abno01:-?[]{},&*!|>'\"%@#~<\\ \n\r\t\x85\u2028é\0", max_size=60),
    st.lists(st.sampled_from(MARKS), max_size=30).map("".join),
)


def read(text: str) -> tuple[list[Value], list[Finding]] | UnreadableError:
    try:
        return reading.read("a.yaml", text)
    except UnreadableError as error:
        return error


@tries()
@given(YAML)
def test_any_text_is_values_or_unreadable(text: str) -> None:
    outcome = read(text)
    if isinstance(outcome, UnreadableError):
        assert outcome.line >= 1
        assert outcome.col >= 1
        assert "\n" not in str(outcome)
    else:
        roots, found = outcome
        assert all(type(value) in {Text, Map, List, type(None)} for root in roots for value, _ in _pairs(root, None))
        assert {finding.code for finding in found} <= {"FIL002", "FIL003", "FIL004"}


@tries()
@given(YAML)
def test_places_and_texts_are_those_of_pyyaml(text: str) -> None:
    outcome = read(text)
    if isinstance(outcome, UnreadableError):
        return
    composed = list(yaml.compose_all(text, Loader=yaml.CSafeLoader))
    for root, node in zip(outcome[0], composed, strict=True):
        for value, expected in _pairs(root, node):
            assert expected is not None
            mark = expected.start_mark
            if isinstance(value, Text):
                assert value == expected.value
            if isinstance(value, Text | Map):
                assert value.at == ("a.yaml", mark.line + 1, mark.column + 1)


def _pairs(value: Value, node: yaml.Node | None) -> Iterator[tuple[Value, yaml.Node | None]]:
    """Yield a value and those in it, each with its node; those under keys that are not plain names are left out."""
    yield value, node
    if isinstance(value, List):
        inner = node.value if node else [None] * len(value)
        for item, below in zip(value, inner, strict=True):
            yield from _pairs(item, below)
    if isinstance(value, Map):
        named = {key.value: below for key, below in node.value if isinstance(key, yaml.ScalarNode)} if node else {}
        merged = "<<" in named
        for key, item in value.items():
            if not merged:
                yield from _pairs(item, named.get(key))
