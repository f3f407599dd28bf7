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
        ("v3.1", 13, "apiVersion 'v3.1' is not known; did you mean 'v3.1.0'?"),
        ("{a: b}", 13, f"apiVersion is no version; known are {', '.join(odcs.SCHEMA_VERSIONS)}"),
        ("[v3.1.0]", 13, f"apiVersion is no version; known are {', '.join(odcs.SCHEMA_VERSIONS)}"),
        ("", 12, f"apiVersion is no version; known are {', '.join(odcs.SCHEMA_VERSIONS)}"),
    ],
)
def test_a_version_that_is_none_is_one_fault(version: str, col: int, message: str) -> None:
    contract = root(HEAD.replace("v3.1.0", version).replace("apiVersion: \n", "apiVersion:\n"))
    assert [((at.line, at.col), text) for at, text in odcs.faults(contract)] == [((1, col), message)]


@pytest.mark.parametrize(("version", "found"), [("", ["empty"]), ("{a: b}", ["a mapping"]), ("1.4", []), ("'1.4'", [])])
def test_a_version_of_its_own_is_told_here_where_it_is_no_text(version: str, found: list[str]) -> None:
    contract = root(HEAD.replace("version: 1.0.0", f"version: {version}".strip()))
    told = [text for _, text in odcs.faults(contract)]
    assert told == [f"'version' is {what}, where a text is expected" for what in found]


def test_the_types_that_are_called_new_are_what_the_newest_version_adds() -> None:
    old, new = (
        SCHEMAS[version]["$defs"]["SchemaBaseProperty"]["properties"]["logicalType"]["enum"]
        for version in ("3.1.0", "3.2.0")
    )
    assert [*old, "map", "vector"] == new == COMPANY_TYPES


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
