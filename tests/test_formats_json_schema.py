"""JSON Schema as datasets: which properties count, which types they have, where they stand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ml_checks.formats import datasets
from ml_checks.reading.yaml import MAX_DEPTH, UnreadableError
from ml_checks.values import Location

from tests.command import CLEAN, repository, run
from tests.described import fields, names, places, source
from tests.effort import tries

if TYPE_CHECKING:
    from pathlib import Path


NO_NAME = "Expecting property name enclosed in double quotes"


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        pytest.param({"type": "integer"}, "integer", id="its type"),
        pytest.param({"type": ["null", "number"]}, "number", id="its type beside null"),
        pytest.param({"type": ["string", "number"]}, None, id="no single type"),
        pytest.param({"type": "string", "format": "date-time"}, "timestamp", id="the format of a string"),
        pytest.param({"type": ["string", "null"], "format": "date"}, "date", id="the format of a string or null"),
        pytest.param({"type": "string", "format": "email"}, "string", id="a format that is no type"),
        pytest.param({"type": "integer", "format": "date-time"}, "integer", id="a format that means nothing here"),
        pytest.param({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, "boolean", id="a choice beside null"),
        pytest.param({"oneOf": [{"type": "boolean"}, {"type": "string"}]}, None, id="a real choice"),
        pytest.param({"type": "float"}, None, id="a word that is no type"),
        pytest.param({"enum": ["a", 1]}, None, id="values without a type"),
        pytest.param({"$ref": "#/$defs/day"}, "date", id="a reference to a definition"),
        pytest.param({"anyOf": [{"$ref": "#/$defs/day"}, {"type": "null"}]}, "date", id="a reference or null"),
        pytest.param({"allOf": [{"$ref": "#/$defs/day"}], "description": "..."}, "date", id="a reference with more"),
        pytest.param({"$ref": "#/$defs/loop"}, None, id="a reference to itself"),
        pytest.param({"$ref": "#/$defs/none"}, None, id="a reference to nothing"),
        pytest.param({"$ref": "other.json#/$defs/day"}, None, id="a reference to another file"),
        pytest.param(True, None, id="anything at all"),
    ],
)
def test_a_property_has_the_type_of_the_vocabulary(schema: object, kind: str | None) -> None:
    definitions = {"day": {"type": "string", "format": "date"}, "loop": {"$ref": "#/$defs/loop"}}
    assert fields("json_schema", json.dumps({"properties": {"it": schema}, "$defs": definitions})) == {"it": kind}


@pytest.mark.parametrize(
    "place",
    ["items", "additionalProperties", "allOf", "anyOf", "oneOf", "prefixItems", "$defs", "definitions"],
)
def test_properties_are_found_wherever_a_schema_declares_them(place: str) -> None:
    inner = {"properties": {"gate": {"type": "string"}}}
    holds = [inner, True] if place.endswith(("Of", "prefixItems")) else inner
    schema = {place: {"leg": inner, "any": True} if place[0] in "$d" else holds}
    assert fields("json_schema", json.dumps(schema)) == {"gate": "string"}


def test_properties_are_found_in_properties() -> None:
    inner = {"properties": {"gate": {"type": "string"}}}
    schema = {"properties": {"leg": {"type": "object", **inner}}, "patternProperties": {"^x_": inner}}
    assert fields("json_schema", json.dumps(schema)) == {"leg": None, "gate": "string"}


def test_what_only_restricts_or_quotes_a_property_declares_none() -> None:
    inner = {"properties": {"gate": {"minLength": 1}}}
    quoted = {"default": inner, "examples": [inner], "const": inner, "enum": [inner]}
    restricting = {"if": inner, "then": inner, "else": inner, "not": inner}
    assert fields("json_schema", json.dumps({**quoted, **restricting})) == {}


def test_properties_may_be_called_like_keywords() -> None:
    words = ["properties", "type", "items", "description", "format", "$defs", "anyOf"]
    schema = {"properties": {word: {"type": "string"} for word in words}}
    assert list(fields("json_schema", json.dumps(schema))) == [word for word in words if word != "$defs"]


def test_names_of_json_itself_are_nobodys_choice() -> None:
    schema = {"properties": {name: {"type": "string"} for name in ("$schema", "@context", "gate")}}
    assert list(fields("json_schema", json.dumps(schema))) == ["gate"]


def test_a_title_is_for_people_and_no_name() -> None:
    assert names("json_schema", '{"title": "Flight Departures", "$defs": {"Leg": {"title": "A leg"}}}') == [None, None]


def test_everything_stands_where_it_is_written() -> None:
    text = (
        '{\n\t"description": "\\ud83d\\ude00 \u2028!",\n\t"properties": {"a": {"type":"string",'
        '"format":"date", "description": "It."},\r\n'
        '    "b": {"type": ["null","number"]}}}'
    )
    assert places("json_schema", text) == [
        ("\ufffd\ufffd  !", 2, 17),
        ("a", 3, 17),
        ("date", 3, 48),
        ("It.", 3, 71),
        ("b", 4, 5),
        ("number", 4, 27),
    ]


@pytest.mark.parametrize(
    ("text", "line", "col", "why"),
    [
        pytest.param("", 1, 1, "is not valid JSON: Expecting value", id="empty"),
        pytest.param('{\n  "a" 1\n}', 2, 7, "is not valid JSON: Expecting ':' delimiter", id="no colon"),
        pytest.param("{a: 1}", 1, 2, f"is not valid JSON: {NO_NAME}", id="YAML that is no JSON"),
        pytest.param('{"a": 1} # why', 1, 10, "is not valid JSON: Extra data", id="a comment"),
        pytest.param("[" * 100_000 + "]" * 100_000, 1, MAX_DEPTH, "nests more than 100 levels deep", id="too deep"),
    ],
)
def test_what_is_no_json_is_refused_at_its_place(text: str, line: int, col: int, why: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        datasets("json_schema", source("json_schema", text))
    assert (caught.value.line, caught.value.col, str(caught.value)) == (line, col, why)


@pytest.mark.parametrize("text", ["[]", "true", "null", "1"])
def test_a_schema_that_is_no_mapping_is_a_fault(text: str) -> None:
    read = source("json_schema", text)
    assert datasets("json_schema", read) == []
    assert read.faults == [(Location("schema", 1, 1), "FIL005", "is no mapping, which a JSON Schema is")]


def test_a_property_that_is_there_twice_is_a_fault() -> None:
    read = source("json_schema", '{"properties": {\n"a": {"type": "string"},\n"a": {"type": "number"}}}')
    datasets("json_schema", read)
    assert read.faults == [(Location("schema", 3, 1), "FIL002", "key 'a' is there already, on line 2")]


@tries()
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=20) | st.just("properties"), inner),
        max_leaves=20,
    ),
    is_ascii=st.booleans(),
)
def test_any_json_is_read(value: object, *, is_ascii: bool) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii)
    datasets("json_schema", source("json_schema", text))


def test_the_rules_on_names_hold_and_those_on_promises_do_not(tmp_path: Path) -> None:
    schema = """\
{"title": "Flights",
 "properties": {
   "departure_time": {"type": "string", "format": "date-time"},
   "departed_at": {"type": "string", "description": "Departed at."},
   "gate": {}}}
"""
    files = {**CLEAN, "schemas/flights.schema.json": schema, "schemas/broken.schema.json": "{"}
    assert run(repository(tmp_path, files), "check", "--select", "SCH,DOC").findings == [
        "schemas/broken.schema.json:1:2: FIL001 is not valid JSON: Expecting property name enclosed in double quotes",
        "schemas/flights.schema.json:3:4: SCH006 field 'departure_time' has type 'timestamp', its name needs '_at'",
        "schemas/flights.schema.json:4:28: SCH005 field 'departed_at' has type 'string', '_at' promises timestamp",
        "schemas/flights.schema.json:4:53: DOC007 description 'Departed at.' repeats the name 'departed_at'",
    ]
