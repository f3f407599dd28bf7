"""Avro as datasets: records in records, unions with null, logical types."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.command import CLEAN, repository, run
from tests.described import fields, names, places

if TYPE_CHECKING:
    from pathlib import Path

INNER = {"type": "record", "name": "Leg", "fields": [{"name": "gate", "type": "string"}]}


def record(kind: object, **more: object) -> str:
    """Return a record with one field."""
    return json.dumps({"type": "record", "name": "Flight", "fields": [{"name": "it", "type": kind, **more}]})


@pytest.mark.parametrize(
    ("kind", "logical"),
    [
        pytest.param("long", "integer", id="a type"),
        pytest.param(["null", "double"], "number", id="a type or null"),
        pytest.param(["string", "long"], None, id="one type or the other"),
        pytest.param(["null"], None, id="null alone"),
        pytest.param({"type": "string"}, "string", id="a type in braces"),
        pytest.param({"type": "long", "logicalType": "timestamp-millis"}, "timestamp", id="a logical type"),
        pytest.param(["null", {"type": "int", "logicalType": "date"}], "date", id="a logical type or null"),
        pytest.param({"type": "bytes", "logicalType": "decimal", "precision": 9}, "number", id="a decimal"),
        pytest.param({"type": "long", "logicalType": "fortnight"}, "integer", id="a logical type that nobody knows"),
        pytest.param({"type": "enum", "name": "Carrier", "symbols": ["AA"]}, "string", id="an enumeration"),
        pytest.param({"type": "array", "items": "string"}, None, id="an array"),
        pytest.param({"type": "map", "values": "string"}, None, id="a map"),
        pytest.param("com.acme.Airport", None, id="a type of another file"),
        pytest.param("Flight", None, id="a record of this file"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_a_field_has_the_type_of_the_vocabulary(kind: object, logical: str | None) -> None:
    assert fields("avro", record(kind)) == {"it": logical}


def test_a_type_of_this_file_is_known_by_its_name() -> None:
    text = """\
{"type": "record", "name": "Flight", "namespace": "com.acme", "fields": [
   {"name": "first", "type": {"type": "enum", "name": "Carrier", "symbols": ["AA"]}},
   {"name": "second", "type": "Carrier"},
   {"name": "third", "type": ["null", "com.acme.Carrier"]},
   {"name": "fare", "type": {"type": "fixed", "name": "Money", "size": 9, "logicalType": "decimal", "precision": 9}},
   {"name": "tax", "type": "Money"}]}
"""
    types = {"first": "string", "second": "string", "third": "string", "fare": "number", "tax": "number"}
    assert fields("avro", text) == types
    # It stands where the field says it, which is where a finding about the field belongs.
    assert places("avro", text)[3] == ("string", 3, 31)


def test_a_logical_type_beside_the_type_is_none_as_avro_has_it() -> None:
    assert fields("avro", record("long", logicalType="timestamp-millis")) == {"it": "integer"}


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(INNER, id="in a field"),
        pytest.param(["null", INNER], id="in a union"),
        pytest.param({"type": "array", "items": INNER}, id="in an array"),
        pytest.param({"type": "map", "values": ["null", INNER]}, id="in a map"),
        pytest.param({"type": INNER}, id="in a type in braces"),
    ],
)
def test_the_fields_of_inner_records_are_found(kind: object) -> None:
    assert fields("avro", record(kind))["gate"] == "string"


def test_a_union_of_records_is_one_dataset_each_without_a_name() -> None:
    text = json.dumps([INNER, {**INNER, "name": "Stop"}, "string"])
    assert names("avro", text) == [None, None]


@pytest.mark.parametrize("text", ['"string"', "null", '{"type": "fixed", "size": 9}', '{"type": "record"}', "[[]]"])
def test_a_schema_without_fields_has_none(text: str) -> None:
    assert fields("avro", text) == {}


def test_everything_stands_where_it_is_written() -> None:
    text = """\
{"type": "record", "name": "Flight", "doc": "A departure.",
 "fields": [
   {"name": "left", "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}], "doc": "When."},
   {"type": "long"}
 ]}
"""
    assert places("avro", text) == [("A departure.", 1, 45), ("left", 3, 13), ("timestamp", 3, 70), ("When.", 3, 99)]


def test_the_rules_on_names_hold_in_avro(tmp_path: Path) -> None:
    schema = """\
{"type": "record", "name": "FlightDeparture",
 "fields": [
   {"name": "departed_at", "type": "long", "logicalType": "timestamp-millis"},
   {"name": "cancelled", "type": "boolean"},
   {"name": "gate", "type": "Gate"}]}
"""
    files = {**CLEAN, "schemas/flights.avsc": schema, "schemas/broken.avsc": "[1"}
    assert run(repository(tmp_path, files), "check", "--select", "SCH,DOC").findings == [
        "schemas/broken.avsc:1:3: FIL001 is not valid JSON: Expecting ',' delimiter",
        "schemas/flights.avsc:3:36: SCH005 field 'departed_at' has type 'integer', '_at' promises timestamp",
        "schemas/flights.avsc:4:13: SCH006 field 'cancelled' has type 'boolean', its name needs 'is_' or 'has_'",
    ]
