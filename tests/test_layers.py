"""Standards in layers: what may be tightened, what may be loosened, and who wins."""

from __future__ import annotations

import json
import os
import string
import sys
import types
from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ml_checks
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ml_checks import standards
from ml_checks.errors import CannotRunError
from ml_checks.reading.yaml import read
from ml_checks.standards import layers
from ml_checks.values import Map

from tests.command import write
from tests.effort import tries

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(ml_checks.__file__).parent
COMPANY: dict[str, Any] = yaml.safe_load((FOLDER / "standards.yaml").read_text("utf-8"))
SCHEMA: dict[str, Any] = json.loads((FOLDER / "standards.schema.json").read_text("utf-8"))

WHOLE = "holds for a whole repository; write it at the top of the project's own standards.yaml"


def load(folder: Path, text: str, **others: str) -> standards.Standards:
    """Return the standards of a folder whose own are this text."""
    files = {"standards.yaml": text, **{f"{name}.yaml": content for name, content in others.items()}}
    write(folder, dict(files))
    with chdir(folder):
        return standards.load(str(folder))


def refusal(folder: Path, text: str, **others: str) -> str:
    """Return why these standards are refused."""
    with pytest.raises(CannotRunError) as caught:
        load(folder, text, **others)
    return str(caught.value)


def leaves(schema: dict[str, Any], value: object, key: str = "") -> list[tuple[str, str, Any]]:
    """Return every key that has a value of its own: its name, which way is tighter, and what the company says."""
    if "$ref" in schema:
        schema = {**SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], **schema}
    if not isinstance(value, dict):
        return [(key, schema.get("x-tighter", "not said"), value)]
    known = schema.get("properties", {})
    return [
        leaf
        for name, item in value.items()
        for leaf in leaves(known.get(name) or schema["additionalProperties"], item, f"{key}.{name}".lstrip("."))
    ]


LEAVES = leaves(
    {**SCHEMA, "properties": {**SCHEMA["properties"], "overridable": {"additionalProperties": {}}}}, COMPANY
)
LOOSE = ("overridable", *COMPANY["overridable"])
CLOSED = [leaf for leaf in LEAVES if not any(f"{leaf[0]}.".startswith(f"{key}.") for key in LOOSE)]


def nested(key: str, value: object) -> str:
    """Return a file that says only this."""
    for name in reversed(key.split(".")):
        value = {name: value}
    return yaml.safe_dump(value, default_flow_style=True)


CHOICES = [["luhn", "iban", "ean"], ["auto", "github", "gitlab", "azure"]]


def changed(value: Any) -> Any:  # noqa: ANN401  # the standards hold texts, numbers and lists
    """Return another value of the same kind."""
    for choices in CHOICES:
        if value in choices:
            return choices[choices.index(value) - 1]
    return [*value, "surplus"] if isinstance(value, list) else f"{value}0"


# What loosens, by which way is tighter; a list that may only grow has nothing that could.
LOOSER: dict[str, Callable[[Any], object]] = {
    "same": changed,
    "higher": lambda value: value - 1,
    "lower": lambda value: value + 1,
    "fewer": lambda value: [*value, "surplus"],
}
TIGHTER: dict[str, Callable[[Any], object]] = {
    "any": changed,
    "same": lambda value: value,
    "higher": lambda value: value + 1,
    "lower": lambda value: value - 1,
    "fewer": lambda value: value[:1],
}


def test_the_schema_says_of_every_key_which_way_is_tighter() -> None:
    assert {tighter for _, tighter, _ in CLOSED} == {*LOOSER, "any", "more"}
    assert len(CLOSED) > 30


@pytest.mark.parametrize(("key", "tighter", "value"), CLOSED, ids=[leaf[0] for leaf in CLOSED])
def test_a_project_may_tighten_every_key_and_loosen_none(key: str, tighter: str, value: object, tmp_path: Path) -> None:
    if tighter in LOOSER:
        why = refusal(tmp_path, nested(key, LOOSER[tighter](value)))
        assert why.startswith("standards.yaml:1:")
        assert f"{key} loosens the standards" in why
    if tighter != "more":
        load(tmp_path, nested(key, TIGHTER[tighter](value)))


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, tighter, value in CLOSED if tighter == "more"])
def test_what_a_project_adds_to_a_list_takes_nothing_away(key: str, value: list[Any], tmp_path: Path) -> None:
    folder = tmp_path / "project"
    write(folder, {"standards.yaml": nested(key, value[:1])})
    file = str(folder / "standards.yaml")
    found: Any = layers.Layers(company("{}"), standards.read(file, "standards.yaml"), file).values
    for name in key.split("."):
        found = found[name]
    assert len(found) == len(value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("names: {max_lenght: 3}", "1:9: unknown key 'max_lenght'; did you mean 'max_length'?", id="below"),
        pytest.param("nmaes: {}", "1:1: unknown key 'nmaes'; did you mean 'names'?", id="at the root"),
        pytest.param(
            "affixes:\n  - {sufixes: [at], types: [date]}", "2:6: unknown key 'sufixes'; did you mean", id="in a list"
        ),
        pytest.param("overridable: [types]", "1:1: 'overridable' is for the company's file alone", id="power"),
        pytest.param("<<: {types: [date]}", "1:1: unknown key '<<'; known are ", id="a merge"),
        pytest.param("names:", '1:1: null is not of type "object"', id="null"),
        pytest.param("names: {max_length: '40'}", '1:9: "40" is not of type "integer"', id="a quoted number"),
        pytest.param("names: {max_length: 4e1}", '1:9: "4e1" is not of type "integer"', id="an odd number"),
        pytest.param(f"names: {{max_length: {'9' * 99}}}", '1:9: "999', id="a long number"),
        pytest.param("names: {max_length: 0}", "1:9: 0 is less than the minimum of 1", id="too small"),
        pytest.param("types: [date, 3]", '1:15: 3 is not of type "string"', id="an item"),
        pytest.param("types: [date, null]", '1:1: null is not of type "string"', id="an item of which nothing is left"),
        pytest.param("affixes: [{suffixes: [x], types: [date], required: 1}]", "1:42: 1 is not of", id="a truth"),
        pytest.param("overrides: [{types: [date]}]", '1:13: "paths" is a required property', id="nowhere"),
        pytest.param("overrides: [{paths: ['*'], files: {}}]", f"1:28: 'files' {WHOLE}", id="everywhere only"),
        pytest.param("extends: 3", "1:1: is not what belongs here: Standards between the company's", id="no file"),
        pytest.param("affixes: [{types: [date]}]", "1:11: is not what belongs here: Words at the start", id="no word"),
        pytest.param("exclude: ['*.md', '!README.md']", '1:19: "!README.md" does not match', id="not"),
        pytest.param("files: {pages: ['[ab].md']}", "1:17: pattern '[ab].md' has a '[' without", id="a range"),
        pytest.param("overrides: [{paths: ['/']}]", "1:22: pattern '/' matches nothing ('*' is every file)", id="root"),
        pytest.param(
            "contracts: {personal: {values: {badge: {pattern: '['}}}}",
            "1:50: pattern is no regular expression: ",
            id="no expression",
        ),
        pytest.param("waivers: 3", '1:1: 3 is not of type "array"', id="no list of waivers"),
        pytest.param("waivers: [3]\ntypes: 3", '2:1: 3 is not of type "array"', id="waivers are judged by the rules"),
    ],
)
def test_what_the_schema_does_not_know_is_refused_where_it_stands(text: str, why: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, text).startswith(f"standards.yaml:{why}")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(
            "names: {max_length: 80}",
            "1:9: names.max_length loosens the standards; the company says 63, and it may only be lowered, "
            "unless the company lists it under `overridable`",
            id="a number",
        ),
        pytest.param("types: [decimal]", "1:1: types loosens the standards; the company says [string, date", id="list"),
        pytest.param(
            "type_names: {json_schema: {text: [string]}}",
            "1:28: type_names.json_schema.text loosens the standards; the company has nothing there",
            id="an entry",
        ),
        pytest.param(
            "overrides: [{paths: ['*'], names: {max_length: 80}}]",
            "1:36: names.max_length loosens the standards",
            id="for some paths",
        ),
    ],
)
def test_loosening_is_refused_where_it_stands(text: str, why: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, text).startswith(f"standards.yaml:{why}")


def company(text: str) -> Map:
    """Return the company's standards with other values for some keys."""
    (values,), _ = read("company.yaml", yaml.safe_dump({**COMPANY, **yaml.safe_load(text)}))
    assert isinstance(values, Map)
    return values


def stacked(folder: Path, above: str, text: str) -> standards.Standards:
    """Return what a project makes of a company's standards."""
    write(folder, {"standards.yaml": text})
    file = str(folder / "standards.yaml")
    read = layers.Layers(company(above), standards.read(file, "standards.yaml"), file)
    return standards.Standards(read.values, read)


def test_what_the_company_lists_as_overridable_is_replaced(tmp_path: Path) -> None:
    above = "overridable: {names.max_length: ours are long, readme: a, type_names.json_schema: a}"
    text = "names: {max_length: 80}\nreadme: {sections: [[Owner]]}\ntype_names: {json_schema: {text: [string]}}"
    read = stacked(tmp_path, above, text)
    assert (read.max_name_length, read.sections["readme"]) == (80, (("Owner",),))
    assert read.logical_types("json_schema")["string"] == "text"


def test_a_new_term_of_the_glossary_is_one_more(tmp_path: Path) -> None:
    read = load(tmp_path, "glossary: {gate: {means: the way in, not: [pier]}, user: {not: [usr, acct]}}")
    assert [read.terms[word] for word in ("pier", "usr", "acct", "cust")] == ["gate", "user", "user", "customer"]


def test_a_unit_and_a_quantity_of_a_project_are_more(tmp_path: Path) -> None:
    read = load(tmp_path, "quantities: {units: [furlongs], words: [thrust]}")
    assert {"furlongs", "minutes"} <= read.units
    assert {"thrust", "delay"} <= read.quantities


def test_a_term_gets_words_of_a_kind_of_which_it_had_none(tmp_path: Path) -> None:
    read = load(tmp_path, "glossary: {at: {not: [tstamp]}, user: {not_last: [login]}}")
    assert (read.terms["tstamp"], read.last_terms["login"]) == ("at", "user")
    assert "login" not in read.terms


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(
            "glossary: {cust: {means: a program}}",
            "1:12: the company's word for 'cust' is 'customer', not 'cust'",
            id="a term that the company does not use",
        ),
        pytest.param(
            "glossary: {buyer: {means: who buys, not: [acct, customer]}}",
            "1:49: the company's word for 'customer' is 'customer', not 'buyer'",
            id="a term of the company",
        ),
        pytest.param(
            "overrides: [{paths: ['*'], glossary: {user: {not_last: [cust]}}}]",
            "1:57: the company's word for 'cust' is 'customer', not 'user'",
            id="a word that stands for another term, for some paths",
        ),
        pytest.param(
            "glossary: {user: {means: a program}}",
            "1:19: glossary.user.means loosens the standards; the company says who uses our software, and it may only "
            "stay as it is, unless the company lists it under `overridable`",
            id="another meaning",
        ),
    ],
)
def test_a_word_that_the_company_has_settled_means_what_it_says(text: str, why: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, text) == f"standards.yaml:{why}"


def test_what_the_company_says_once_more_is_no_contradiction(tmp_path: Path) -> None:
    read = load(tmp_path, "glossary: {customer: {means: who buys from us, not: [cust, acct]}}")
    assert [read.terms[word] for word in ("cust", "acct")] == ["customer", "customer"]


def test_an_overridable_glossary_may_settle_words_anew(tmp_path: Path) -> None:
    above = "overridable: {glossary: each speaks for itself}"
    read = stacked(tmp_path, above, "glossary: {customer: {means: a program, not: [user]}}")
    assert read.terms["user"] == "customer"


def test_no_layer_gives_an_affix_another_meaning(tmp_path: Path) -> None:
    read = load(tmp_path, "affixes: [{suffixes: [at, day], types: [date]}]")
    assert [read.affixes_on(name)[0].types for name in ("departed_at", "departed_day")] == [("timestamp",), ("date",)]


def test_the_later_layer_wins(tmp_path: Path) -> None:
    above = "extends: [first.yaml, second.yaml]\nnames: {example: own}\n"
    read = load(
        tmp_path,
        above,
        first="names: {example: first, max_length: 50}\ntypes: [date]\n",
        second="extends: zeroth.yaml\nnames: {max_length: 55}\n",
        zeroth="names: {max_length: 20}\ndescriptions: {min_length: 30}\n",
    )
    assert (read.name_example, read.max_name_length, read.types, read.min_description) == ("own", 55, ("date",), 30)


@pytest.mark.parametrize(
    ("text", "others", "why"),
    [
        ("extends: a.yaml", {}, "standards.yaml:1:10: there is no file 'a.yaml' to extend"),
        (
            "extends: [a.yaml]",
            {"a": "extends: standards.yaml"},
            "a.yaml:1:10: 'standards.yaml' extends itself, by way of",
        ),
        ("extends: a.yaml", {"a": "waivers: []"}, f"a.yaml:1:1: 'waivers' {WHOLE}"),
        ("extends: a.yaml", {"a": "overrides: []"}, f"a.yaml:1:1: 'overrides' {WHOLE}"),
        ("extends: a.yaml", {"a": "types: [decimal]"}, "a.yaml:1:1: types loosens the standards"),
        ("extends: a.yaml", {"a": "a: ["}, "a.yaml:2:1: is not valid YAML"),
        ("extends: package:no_such", {}, "standards.yaml:1:10: no package 'no_such' is installed beside ml-checks"),
        ("extends: package:string", {}, "standards.yaml:1:10: no package 'string' is installed beside ml-checks"),
        ("extends: package:bare", {}, "standards.yaml:1:10: no package 'bare' is installed beside ml-checks"),
        ("extends: package:acme-x", {}, "standards.yaml:1:10: 'package:acme-x' names no package as Python imports it"),
        ("extends: package:acme", {}, "standards.yaml:1:10: there is no file 'acme/standards.yaml' to extend"),
    ],
)
def test_what_cannot_be_extended_is_refused(
    text: str, others: dict[str, str], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"site/acme/__init__.py": ""})
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setitem(sys.modules, "bare", types.ModuleType("bare"))
    assert refusal(tmp_path, text, **others).startswith(why)


def test_a_package_is_extended_without_running_any_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package: dict[str, str | bytes] = {
        "acme_standards/__init__.py": "raise SystemExit('ran')",
        "acme_standards/standards.yaml": "names: {max_length: 40}",
        "acme_standards/strict/all.yaml": "names: {max_length: 30}",
    }
    write(tmp_path / "site", package)
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert load(tmp_path, "extends: package:acme_standards").max_name_length == 40
    assert load(tmp_path, "extends: [package:acme_standards/strict/all.yaml]").max_name_length == 30
    assert "acme_standards" not in sys.modules


def test_what_is_null_is_not_shown() -> None:
    (values,), _ = read("a.yaml", "a: {b: null}\nc: [1]")
    assert isinstance(values, Map)
    assert list(layers.rows(values)) == [("c", "[1]", "a.yaml:2")]


def test_what_was_refused_is_refused_again(tmp_path: Path) -> None:
    for _ in range(2):
        assert refusal(tmp_path, "types: 3").startswith("standards.yaml:1:1: 3 is not")
        assert load(tmp_path, "types: [date]").types == ("date",)
        assert load(tmp_path, "types: [date]").types == ("date",)


def test_an_empty_file_is_extended_too(tmp_path: Path) -> None:
    assert load(tmp_path, "extends: a.yaml", a="# nothing yet\n").max_name_length == 63


OVERRIDES = """\
names: {max_length: 50}
overrides:
  - {paths: [/old/, "*.avsc"], names: {max_length: 60}}
  - {paths: [/old/new/], names: {max_length: 40}, placeholders: [SOON]}
"""


def test_overrides_hold_for_their_paths_and_the_later_one_wins(tmp_path: Path) -> None:
    read = load(tmp_path, OVERRIDES)
    lengths = {}
    for path in ("a.yaml", "old/a.yaml", "new/a.avsc", "old/new/a.yaml"):
        held = read.under(read.variant(path))
        lengths[path] = (held.max_name_length, bool(held.placeholders("SOON")))
    assert lengths == {
        "a.yaml": (50, False),
        "old/a.yaml": (60, False),
        "new/a.avsc": (60, False),
        "old/new/a.yaml": (40, True),
    }


@pytest.mark.parametrize("key", ["names.pattern", "owners.person", "names.by_format.avro.fields"])
@pytest.mark.parametrize("pattern", ["a(", "a{99999999999}"])
def test_what_is_no_regular_expression_is_refused(key: str, pattern: str, tmp_path: Path) -> None:
    with pytest.raises(
        CannotRunError, match=rf"^standards.yaml:1:\d+: {key.rpartition('.')[2]} is no regular expression: "
    ):
        stacked(tmp_path, f"overridable: {{{key}: a}}", nested(key, pattern))


WORDS = st.sampled_from(
    [*SCHEMA["properties"], "extends", "paths", "overrides", "waivers", "max_length", "sections", "<<"]
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(string.printable), WORDS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=8,
)


@tries(0.8)
@given(st.one_of(st.text(), st.dictionaries(WORDS, VALUES, max_size=4).map(yaml.safe_dump)))
def test_any_text_is_read_or_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "standards.yaml").write_text(text, "utf-8", newline="\n")
    try:
        limit = standards.load(os.fspath(tmp_path)).max_name_length
    except CannotRunError as error:
        why = str(error)
        limit = 1 if "standards.yaml:" in why else sys.maxsize
    assert limit <= COMPANY["names"]["max_length"]
