"""Contracts against the schemas of ODCS: two implementations, one verdict, and messages that a person can use."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jsonschema
import jsonschema_rs
import ml_checks
import pytest
import yaml
from ml_checks.contracts import odcs
from ml_checks.reading.yaml import read
from ml_checks.values import Map

from tests.conftest import ROOT

FOLDER = Path(ml_checks.__file__).parent / "contracts" / "schemas"
SCHEMAS = {
    version: json.loads((FOLDER / f"odcs-{version}.schema.json").read_text("utf-8"))
    for version in ("3.0.2", "3.1.0", "3.2.0")
}
FOLDERS = ROOT / "tests" / "examples"
EXAMPLES = sorted(
    path for start in ("CON", "SCH", "clean", "rich") for path in FOLDERS.glob(f"{start}*/contracts/*.yaml")
)
COMPANY_TYPES = yaml.safe_load((FOLDER.parent.parent / "standards.yaml").read_text("utf-8"))["types"]
UNREAD = "so nothing else here was held to the standard"
HEAD = "apiVersion: v3.1.0\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: active\n"


def root(text: str) -> Map:
    mapping = read("a.odcs.yaml", text)[0][0]
    assert type(mapping) is Map
    return mapping


def faults(text: str) -> list[tuple[int, int, str]]:
    """Return line, column and message of each fault of a contract that begins with `HEAD`."""
    return [(at.line - HEAD.count("\n"), at.col, message) for at, message in odcs.faults(root(HEAD + text))]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.parent.name}/{path.name}")
@pytest.mark.parametrize("version", SCHEMAS)
def test_both_implementations_agree_on_every_example(path: Path, version: str) -> None:
    value = odcs.typed(root(path.read_text("utf-8")).node)
    reference = jsonschema.Draft201909Validator(SCHEMAS[version]).is_valid(value)
    assert jsonschema_rs.validator_for(SCHEMAS[version]).is_valid(value) == reference


def test_there_are_examples_of_both_kinds() -> None:
    found = {bool(list(odcs.faults(root(path.read_text("utf-8"))))) for path in EXAMPLES}
    assert found == {True, False}


@pytest.mark.parametrize("version", SCHEMAS)
def test_a_schema_is_one(version: str) -> None:
    jsonschema.Draft201909Validator.check_schema(SCHEMAS[version])
    assert set(odcs.SCHEMA_VERSIONS.values()) == SCHEMAS.keys()


@pytest.mark.parametrize(
    "text",
    [
        "description: {purpose: a, usage: ~}\nid: 'b'\nport: 0x10\nratio: -1.5e+3\nodd: 1.2.3\nis_a: True\n",
        "list: [1, +2, -0.5, a, [~]]\n",
        "list: [1, +2, -0.5, .5, '.inf', .in, .Info, a.inf]\n",
        "base: &base {a: 1, b: 2}\nthis: {<<: *base, b: 3}\n",
        "base: &base {a: 1}\nmore: &more {c: 1}\nthis: {<<: [*base, *more], b: 3}\n",
    ],
)
def test_values_have_the_types_of_json(text: str) -> None:
    expected = yaml.safe_load(text.replace("0x10", "'0x10'"))
    assert odcs.typed(root(text).node) == expected


def test_a_number_without_end_is_a_number() -> None:
    digits = "9" * 5000  # more than Python makes a number of
    value = odcs.typed(root(f"a: [.inf, +.Inf, -.INF, .nan, 1e999, -{digits}, {digits}.5]\n").node)
    most = sys.float_info.max
    assert value == {"a": [most, most, -most, most, most, -most, most]}


@pytest.mark.parametrize(
    ("version", "col", "message"),
    [
        ("v3.1", 13, f"'v3.1' is not known, {UNREAD}; did you mean 'v3.1.0'?"),
        ("{a: b}", 13, f"is no version, {UNREAD}; known are {', '.join(odcs.SCHEMA_VERSIONS)}"),
        ("[v3.1.0]", 13, f"is no version, {UNREAD}; known are {', '.join(odcs.SCHEMA_VERSIONS)}"),
        ("", 12, f"is no version, {UNREAD}; known are {', '.join(odcs.SCHEMA_VERSIONS)}"),
    ],
)
def test_a_version_that_is_none_is_one_fault(version: str, col: int, message: str) -> None:
    contract = root(HEAD.replace("v3.1.0", version).replace("apiVersion: \n", "apiVersion:\n"))
    assert [((at.line, at.col), text) for at, text in odcs.faults(contract)] == [((1, col), f"apiVersion {message}")]


@pytest.mark.parametrize(("version", "found"), [("", ["empty"]), ("{a: b}", ["a mapping"]), ("1.4", []), ("'1.4'", [])])
def test_a_version_of_its_own_is_told_here_where_it_is_no_text(version: str, found: list[str]) -> None:
    contract = root(HEAD.replace("version: 1.0.0", f"version: {version}".strip()))
    told = [text for _, text in odcs.faults(contract)]
    assert told == [f"'version' is {what}, where a text is expected" for what in found]


def properties(version: str, definition: str) -> dict[str, object]:
    """Return every key that a definition of a schema knows, with what it may be."""
    keys: dict[str, object] = {}
    parts = [SCHEMAS[version]["$defs"].get(definition, {}) if definition else SCHEMAS[version]]
    while parts:
        part = parts.pop()
        keys |= part.get("properties", {})
        parts += [one for key in ("allOf", "anyOf", "oneOf") for one in part.get(key, ())]
        if reference := part.get("$ref"):
            parts.append(SCHEMAS[version]["$defs"][reference.rpartition("/")[2]])
    return keys


def is_open(version: str, definition: str) -> bool:
    """Tell whether a schema allows any key there, so that no validator says anything."""
    text = HEAD.replace("3.1.0", version) + PLACES[definition].replace("KEY", "xyz")
    return bool(jsonschema_rs.validator_for(SCHEMAS[version]).is_valid(odcs.typed(root(text).node)))


# A contract around one key of each definition; of these, the schema of 3.0 leaves some open to any key.
PLACES = {
    "": "KEY: x\n",
    "SchemaObject": "schema: [{name: a, KEY: x}]\n",
    "SchemaProperty": "schema: [{name: a, properties: [{name: b, logicalType: string, KEY: x}]}]\n",
    "Role": "roles: [{role: a, KEY: x}]\n",
    "SupportItem": "support: [{channel: a, url: 'https://a.ch', KEY: x}]\n",
    "ServiceLevelAgreementProperty": "slaProperties: [{property: a, value: 1, KEY: x}]\n",
    "CustomProperty": "customProperties: [{property: a, value: 1, KEY: x}]\n",
    "Pricing": "price: {priceAmount: 1, KEY: x}\n",
}
STEPS = [("3.0.2", "3.1.0"), ("3.1.0", "3.2.0")]
NEW_KEYS = [
    (old, new, place, key)
    for old, new in STEPS
    for place in PLACES
    for key in sorted(properties(new, place).keys() - properties(old, place).keys())
]


@pytest.mark.parametrize(("old", "new", "definition", "key"), NEW_KEYS)
def test_a_key_that_came_later_is_said_to_have_come_then(old: str, new: str, definition: str, key: str) -> None:
    text = HEAD.replace("3.1.0", old) + PLACES[definition].replace("KEY: x", f"{key}: x")
    told = [message for _, message in odcs.faults(root(text))]
    assert told == [f"key {key!r} came with ODCS {new[:3]}"] * (not is_open(old, definition))


def test_some_keys_came_later() -> None:
    assert len(NEW_KEYS) > 15


def types_of(version: str) -> list[str]:
    types: list[str] = SCHEMAS[version]["$defs"]["SchemaBaseProperty"]["properties"]["logicalType"]["enum"]
    return types


@pytest.mark.parametrize("version", ["3.0.2", "3.1.0"])
def test_a_type_that_came_later_is_said_to_have_come_then(version: str) -> None:
    fields = "".join(f"  - {{name: a, logicalType: {kind}}}\n" for kind in COMPANY_TYPES)
    text = f"{HEAD.replace('v3.1.0', f'v{version}')}schema:\n- name: a\n  properties:\n{fields}"
    told = [message for _, message in odcs.faults(root(text))]
    first = {kind: next(one for one in SCHEMAS if kind in types_of(one)) for kind in COMPANY_TYPES}
    new = [kind for kind in COMPANY_TYPES if kind not in types_of(version)]
    assert told == [f"'logicalType' is {kind!r}, which came with ODCS {first[kind][:3]}" for kind in new]
    assert types_of("3.2.0") == COMPANY_TYPES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("logicalType: timestam\n", [], id="a type that nobody knows is for SCH008"),
        pytest.param("relationship: []\n", ["key 'relationship' is not known here"], id="a key that nobody knows"),
        pytest.param(
            "relationships: 7\n", ["key 'relationships' came with ODCS 3.1"], id="a new key, and a wrong value"
        ),
    ],
)
def test_what_no_version_knows_came_with_none(text: str, expected: list[str]) -> None:
    head = HEAD.replace("3.1.0", "3.0.2")
    contract = root(f"{head}schema:\n- name: a\n  properties:\n  - name: b\n    {text}")
    assert [message for _, message in odcs.faults(contract)] == expected


def test_a_form_of_a_value_that_came_later_is_said_to_have_come_then() -> None:
    contract = root(HEAD.replace("3.1.0", "3.0.2") + "team: {name: a}\n")
    assert [message for _, message in odcs.faults(contract)] == ["'team' is a mapping, which came with ODCS 3.1"]


def test_a_merge_of_what_is_no_mapping_adds_nothing() -> None:
    assert odcs.typed(root("this: {<<: [1], b: 3}\n").node) == {"this": {"b": 3}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("team: 7\n", [(1, 7, "'team' is 7, where a mapping or a list is expected")], id="two types"),
        pytest.param("team: [7]\n", [(1, 8, "this is 7, where a mapping is expected")], id="an entry of a list"),
        pytest.param("price:\n", [(1, 7, "'price' is empty, where a mapping is expected")], id="nothing"),
        pytest.param("tags: {a: b}\n", [(1, 7, "'tags' is a mapping, where a list is expected")], id="a mapping"),
        pytest.param("name: [a]\n", [(1, 7, "'name' is a list, where a text is expected")], id="a list"),
        pytest.param(
            "servers: [{server: a, type: {b: c}}]\n",
            [(1, 29, "'type' is a mapping, where a text is expected")],
            id="a mapping instead of one of some words",
        ),
        pytest.param(
            "team:\nteam:\n  - name: a\n", [(3, 5, "'username' is missing")], id="below a key that is there twice"
        ),
        pytest.param("name: yes\n", [], id="a trap, which another rule tells"),
        pytest.param("x: 1\n", [(1, 1, "key 'x' is not known here")], id="a key of which there are many"),
        pytest.param("teem: {}\n", [(1, 1, "key 'teem' is not known here; did you mean 'team'?")], id="nearly a key"),
        pytest.param(
            "slaProperties: [{unit: h}]\n", [(1, 17, "'property', 'value' are missing")], id="two keys are missing"
        ),
        pytest.param(
            "schema: [{name: a, properties: [{name: b, logicalType: strin}]}]\n", [], id="a type, which is for SCH008"
        ),
        pytest.param(
            "schema: [{name: a, properties: [{name: b, logicalType: vector}]}]\n",
            [(1, 56, "'logicalType' is 'vector', which came with ODCS 3.2")],
            id="a type that came with a later version",
        ),
        pytest.param("schema: [{name: a, properties: [{name: b, logicalType: [map]}]}]\n", [], id="no type"),
        pytest.param(
            "schema: [{name: a, relationships: [{from: b, to: a.c}]}]\n",
            [(1, 43, "'from' is 'b', which has none of the forms that are allowed")],
            id="forms",
        ),
        pytest.param(
            "schema: [{name: a, quality: [{metric: rowCount, mustBe: 1, mustNotBe: 2}]}]\n",
            [(1, 60, "keys 'mustBe' and 'mustNotBe' exclude each other")],
            id="two choices at once",
        ),
        pytest.param(
            "schema: [{name: a, properties: [{name: b, logicalType: string, logicalTypeOptions: {minLength: -1}}]}]\n",
            [(1, 96, "'minLength' is -1, which minimum 0 does not allow")],
            id="a limit",
        ),
        pytest.param(
            "zzz: &z {tags: 1}\nschema: [{<<: *z, name: a}]\n",
            [(2, 10, "'tags' is 1, where a list is expected"), (1, 1, "key 'zzz' is not known here")],
            id="a merged key, told where it is merged",
        ),
    ],
)
def test_a_message_says_what_is_wrong_where_and_what_to_write(text: str, expected: list[tuple[int, int, str]]) -> None:
    assert faults(text) == expected
