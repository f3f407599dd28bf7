"""What a change of a contract needs, beside what another tool says of it."""

from __future__ import annotations

import copy
import runpy
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml
from ml_checks.contracts.evolution import Evolution
from ml_checks.contracts.versions import MAJOR, MINOR, NONE, PATCH, brought, is_lower, needed, numbers
from ml_checks.reading.yaml import read
from ml_checks.values import Map

from tests import registry
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

LEVELS = ["public", "internal", "confidential"]
CONTRACT = yaml.safe_load("""
schema:
  - name: flights
    description: One row for each departure.
    properties:
      - {name: flight_id, logicalType: integer, primaryKey: true, required: true, classification: public}
      - name: carrier_code
        logicalType: string
        physicalType: varchar(10)
        classification: internal
        description: What the airline is called.
        logicalTypeOptions: {minLength: 2, maxLength: 5}
        quality:
          - {metric: invalidValues, arguments: {validValues: [AA, UA]}, mustBe: 0}
      - {name: seat_count, logicalType: integer, logicalTypeOptions: {minimum: 1, maximum: 9}}
      - {name: departure_date, logicalType: date, logicalTypeOptions: {minimum: 2013-01-01}}
      - name: route
        logicalType: array
        items: {logicalType: object, properties: [{name: airport_code, logicalType: string}]}
  - name: planes
    properties: [{name: tail_number, logicalType: string}]
""")
GATE = {"name": "gate_code", "logicalType": "integer"}


class Verdict(NamedTuple):
    """What we say of a change, and for whom `datacontract breaking` 1.2.8 calls it breaking."""

    ours: int
    breaks: str


def field(contract: Any, index: int) -> Any:  # noqa: ANN401  a YAML document
    return contract["schema"][0]["properties"][index]


def fields(contract: Any) -> Any:  # noqa: ANN401  a YAML document
    return contract["schema"][0]["properties"]


CHANGES: dict[str, tuple[Callable[[Any], object], Verdict]] = {
    "nothing": (lambda _: None, Verdict(NONE, "nobody")),
    "field removed": (lambda c: fields(c).pop(2), Verdict(MAJOR, "consumers")),
    "field renamed": (lambda c: field(c, 2).update(name="place_count"), Verdict(MAJOR, "both")),
    "field added": (lambda c: fields(c).append(GATE), Verdict(MINOR, "producers")),
    "required field added": (lambda c: fields(c).append({**GATE, "required": True}), Verdict(MINOR, "producers")),
    "dataset removed": (lambda c: c["schema"].pop(1), Verdict(MAJOR, "consumers")),
    "dataset added": (
        lambda c: c["schema"].append({"name": "gates", "properties": [GATE]}),
        Verdict(MINOR, "producers"),
    ),
    "type changed": (lambda c: field(c, 2).update(logicalType="number"), Verdict(MAJOR, "both")),
    "database type widened": (lambda c: field(c, 1).update(physicalType="VARCHAR(20)"), Verdict(MINOR, "both")),
    "database type narrowed": (lambda c: field(c, 1).update(physicalType="varchar(5)"), Verdict(MAJOR, "both")),
    "required now": (lambda c: field(c, 1).update(required=True), Verdict(MAJOR, "producers")),
    "required no more": (lambda c: field(c, 0).update(required=False), Verdict(MAJOR, "consumers")),
    "unique now": (lambda c: field(c, 1).update(unique=True), Verdict(MAJOR, "producers")),
    "another key": (
        lambda c: (field(c, 0).update(primaryKey=False), field(c, 1).update(primaryKey=True)),
        Verdict(MAJOR, "both"),
    ),
    "maximum lowered": (lambda c: field(c, 2)["logicalTypeOptions"].update(maximum=8), Verdict(MAJOR, "producers")),
    "maximum raised": (lambda c: field(c, 2)["logicalTypeOptions"].update(maximum=10), Verdict(MINOR, "consumers")),
    "minimum raised": (lambda c: field(c, 2)["logicalTypeOptions"].update(minimum=2), Verdict(MAJOR, "producers")),
    "minimum lowered": (lambda c: field(c, 2)["logicalTypeOptions"].update(minimum=0), Verdict(MINOR, "consumers")),
    "pattern added": (lambda c: field(c, 1)["logicalTypeOptions"].update(pattern="A"), Verdict(MAJOR, "producers")),
    "value removed": (
        lambda c: field(c, 1)["quality"][0]["arguments"].update(validValues=["AA"]),
        Verdict(MAJOR, "producers"),
    ),
    "value added": (
        lambda c: field(c, 1)["quality"][0]["arguments"]["validValues"].append("DL"),
        Verdict(MINOR, "consumers"),
    ),
    "quality rule added": (
        lambda c: field(c, 2).update(quality=[{"metric": "nullValues", "mustBe": 0}]),
        Verdict(MAJOR, "producers"),
    ),
    "quality rule removed": (lambda c: field(c, 1).pop("quality"), Verdict(MINOR, "consumers")),
    "classification lowered": (lambda c: field(c, 1).update(classification="public"), Verdict(MAJOR, "nobody")),
    "classification raised": (
        lambda c: field(c, 1).update(classification="confidential"),
        Verdict(MINOR, "nobody"),
    ),
    "description changed": (lambda c: field(c, 1).update(description="Its name."), Verdict(PATCH, "nobody")),
}
# Where both sides of it agree, and we do not; docs/adr/0010 says why.
DISAGREED = {"database type widened", "classification lowered"}


def contract(value: object) -> Map:
    (root,), _ = read("contract", yaml.safe_dump(value, sort_keys=False))
    assert type(root) is Map
    return root


def levels(change: Callable[[Any], object]) -> list[int]:
    """Return what each part of a change needs."""
    changed = copy.deepcopy(CONTRACT)
    change(changed)
    return [found.level for found in said(CONTRACT, changed)]


def said(old: object, new: object) -> list[Any]:
    evolution = Evolution(lambda name: LEVELS.index(name) if name in LEVELS else -1)
    return list(evolution.changes(contract(old), contract(new)))


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_needs_the_version_that_both_sides_need(name: str) -> None:
    change, verdict = CHANGES[name]
    assert max(levels(change), default=NONE) == verdict.ours
    if verdict.breaks in {"both", "nobody"}:
        assert ((verdict.ours == MAJOR) != (verdict.breaks == "both")) == (name in DISAGREED)


@pytest.mark.slow
def test_the_verdicts_beside_ours_are_what_the_real_tool_says() -> None:
    printed = registry.ok(sys.executable, ROOT / "scripts" / "breaking_verdicts.py")
    assert printed == "26 changes, datacontract-cli==1.2.8 differs from the table in 0\n"


def test_a_verdict_that_is_another_now_is_named() -> None:
    differing = runpy.run_path(str(ROOT / "scripts" / "breaking_verdicts.py"))["differing"]
    assert differing([(["consumers"], True)] * len(CHANGES))[:2] == [
        "nothing: breaks consumers, the table says nobody",
        "nothing: is a change, which we see otherwise",
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(lambda c: c.update(servers=[]), [PATCH], id="a server"),
        pytest.param(lambda c: c.update(status="deprecated", team={}), [], id="the state and the team"),
        pytest.param(lambda c: field(c, 2).update(physicalType="int"), [MINOR], id="a type where none was"),
        pytest.param(lambda c: field(c, 1).pop("physicalType"), [MAJOR], id="no type any more"),
        pytest.param(lambda c: field(c, 1).pop("logicalTypeOptions"), [MINOR, MINOR], id="no limits any more"),
        pytest.param(lambda c: field(c, 3).update(logicalTypeOptions={"minimum": "2014-01-01"}), [MAJOR], id="later"),
        pytest.param(lambda c: field(c, 3).update(logicalTypeOptions={"minimum": "2012-01-01"}), [MINOR], id="earlier"),
        pytest.param(lambda c: field(c, 2).update(enum=["1", "2"]), [MAJOR], id="a list of values"),
        pytest.param(lambda c: field(c, 2).update(enum=[{"value": 1}]), [MAJOR], id="values with labels"),
        pytest.param(lambda c: field(c, 2).update(unique=False), [], id="a default that is written out"),
        pytest.param(
            lambda c: field(c, 1)["quality"][0].update(mustBe=1, severity="info"), [MAJOR, PATCH], id="another limit"
        ),
        pytest.param(
            lambda c: field(c, 1)["quality"][0].update(mustBeLessThan=1), [MAJOR], id="one more limit"
        ),
        pytest.param(lambda c: field(c, 1)["quality"][0].pop("arguments"), [MINOR], id="no list of values any more"),
        pytest.param(
            lambda c: field(c, 4)["items"]["properties"].pop(0), [MAJOR], id="a field in the items of a list"
        ),
        pytest.param(lambda c: field(c, 4).pop("items"), [MAJOR], id="what the items of a list are"),
        pytest.param(lambda c: field(c, 2).update(items={"logicalType": "string"}), [MINOR], id="what items are, now"),
        pytest.param(lambda c: field(c, 2).update(classification="internal"), [MINOR], id="a first classification"),
        pytest.param(lambda c: field(c, 2)["logicalTypeOptions"].update(maximum=9.0), [], id="a number written anew"),
        pytest.param(
            lambda c: field(c, 1)["quality"][0].update(name="codes", schedule="0 2 * * *", scheduler="cron"),
            [PATCH, PATCH, PATCH], id="what a rule is called and when it runs",
        ),
        pytest.param(lambda c: field(c, 0).update(primaryKeyPosition=1), [], id="the place in a key of one"),
        pytest.param(lambda c: c["schema"][1].update(name="aircraft"), [MAJOR], id="a dataset with a new name"),
        pytest.param(lambda c: c["schema"][0].update(description="Each one."), [PATCH], id="a dataset's text"),
    ],
)  # fmt: skip
def test_each_part_of_a_change_is_told(change: Callable[[Any], object], expected: list[int]) -> None:
    assert levels(change) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"name": "a", "id": "x"}, {"name": "b", "id": "x", "tags": ["y"]}),
        ({"name": "a", "physicalName": "col"}, {"name": "b", "physicalName": "col", "tags": ["y"]}),
        ({"name": "a"}, {"name": "b", "physicalName": "a", "tags": ["y"]}),
        ({"name": "a", "description": "Same."}, {"name": "b", "description": "Same.", "tags": ["y"]}),
        ({"name": "a", "unique": True, "description": "One."}, {"name": "b", "unique": True, "description": "Two."}),
    ],
)
def test_a_renamed_field_is_known_again(old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = ({"schema": [{"name": "t", "properties": [part]}]} for part in (old, new))
    assert said(before, after)[0].what == "field 'a' of dataset 't' was renamed to 'b'"


def test_another_field_is_no_renamed_one() -> None:
    old, new = {"name": "a", "id": "x", "logicalType": "date"}, {"name": "b", "id": "x", "logicalType": "string"}
    before, after = ({"schema": [{"name": "t", "properties": [part]}]} for part in (old, new))
    assert [change.what for change in said(before, after)] == [
        "field 'a' of dataset 't' was removed",
        "field 'b' of dataset 't' was added",
    ]


def test_the_keys_and_the_values_of_a_map_are_compared() -> None:
    def part(key: str, **value: object) -> dict[str, Any]:
        inner = {"key": {"logicalType": key}, "value": {"logicalType": "object", **value}}
        return {"schema": [{"name": "t", "properties": [{"name": "a", "logicalType": "map", "map": inner}]}]}

    assert [(change.level, change.what) for change in said(part("string", properties=[GATE]), part("integer"))] == [
        (MAJOR, "the logicalType of each key of field 'a' was 'string' and is 'integer'"),
        (MAJOR, "field 'gate_code' of each value of field 'a' was removed"),
    ]


def test_a_number_of_five_thousand_digits_is_compared_too() -> None:
    def part(kind: str, position: str) -> dict[str, Any]:
        keyed = {"name": "a", "primaryKey": True, "primaryKeyPosition": position, "physicalType": kind}
        return {"schema": [{"name": "t", "properties": [keyed]}]}

    many = "9" * 5000
    (change,) = said(part(f"varchar({many[1:]}8)", "1"), part(f"varchar({many})", many))
    assert change.level == MINOR


@pytest.mark.parametrize(
    ("was", "now", "level"),
    [
        ("decimal(10,2)", "decimal(12,4)", MINOR),
        ("decimal(10,2)", "decimal(10,4)", MAJOR),
        ("NUMERIC(10, 2)", "numeric(11, 4)", MAJOR),
        ("array<varchar(3)>", "array<varchar(5)>", MINOR),
    ],
)
def test_a_decimal_is_wider_only_with_no_digit_less_before_its_point(was: str, now: str, level: int) -> None:
    before, after = (
        {"schema": [{"name": "t", "properties": [{"name": "a", "physicalType": kind}]}]} for kind in (was, now)
    )
    assert [change.level for change in said(before, after)] == [level]


@pytest.mark.parametrize(
    ("was", "now", "level"),
    [
        ("int", "INT", PATCH),
        ("int", "integer", PATCH),
        ("character varying(20)", "VARCHAR(20)", PATCH),
        ("decimal(10, 2)", "DECIMAL(10,2)", PATCH),
        ("double precision", "DOUBLE  PRECISION", PATCH),
        ("timestamp with time zone", "TIMESTAMP WITH TIME ZONE", PATCH),
        ("enum('a','b')", "ENUM('a', 'b')", PATCH),
        ("enum('a')", "enum('A')", MAJOR),
        ("enum('a1')", "enum('a2')", MAJOR),
        ("int", "bigint", MINOR),
        ("BIGINT", "int", MAJOR),
        ("smallint", "INTEGER", MINOR),
        ("int(11)", "bigint(20)", MINOR),
        ("int unsigned", "bigint unsigned", MINOR),
        ("int unsigned", "bigint", MAJOR),
        ("int4", "int8", MINOR),
        ("int8", "int16", MINOR),
        ("int16", "int8", MAJOR),
        ("long", "int", MAJOR),
        ("float", "double", MINOR),
        ("double", "real", MAJOR),
        ("varchar(20)", "varchar(40)", MINOR),
        ("varchar(40)", "varchar(20)", MAJOR),
        ("varchar(20)", "text", MINOR),
        ("text", "varchar(20)", MAJOR),
        ("varchar(20)", "varchar", MINOR),
        ("varchar", "varchar(20)", MAJOR),
        ("varchar(20)", "varchar(max)", MINOR),
        ("varchar(20)", "nvarchar(30)", MINOR),
        ("varchar(20)", "nvarchar(10)", MAJOR),
        ("decimal(10,2)", "numeric(12,2)", MINOR),
        ("decimal(10,2)", "numeric", MAJOR),
        ("char(2)", "varchar(2)", MAJOR),
        ("date", "timestamp", MAJOR),
        ("int", "varchar(20)", MAJOR),
        ("array<int>", "ARRAY<INT>", PATCH),
        ("array<int>", "array<bigint>", MAJOR),
        ("`geo`", "`geometry`", MAJOR),
    ],
)
def test_a_type_of_a_database_is_the_same_or_wider_in_any_spelling(was: str, now: str, level: int) -> None:
    before, after = (
        {"schema": [{"name": "t", "properties": [{"name": "a", "physicalType": kind}]}]} for kind in (was, now)
    )
    assert [change.level for change in said(before, after)] == [level]


@pytest.mark.parametrize(("was", "now", "level"), [("Integer", "integer", PATCH), ("integer", "number", MAJOR)])
def test_a_logical_type_is_the_same_in_capitals(was: str, now: str, level: int) -> None:
    before, after = (
        {"schema": [{"name": "t", "properties": [{"name": "a", "logicalType": kind}]}]} for kind in (was, now)
    )
    assert [change.level for change in said(before, after)] == [level]


def quality(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"schema": [{"name": "t", "quality": list(rules)}]}


@pytest.mark.parametrize(
    ("was", "now", "level"),
    [
        ({"mustBeBetween": [1, 5]}, {"mustBeBetween": [0, 10]}, MINOR),
        ({"mustBeBetween": [1, 5]}, {"mustBeBetween": [2, 10]}, MAJOR),
        ({"mustBeBetween": [1, 5]}, {"mustBeBetween": [1]}, MAJOR),
        ({"mustNotBeBetween": [1, 5]}, {"mustNotBeBetween": [2, 5]}, MINOR),
        ({"mustNotBeBetween": [1, 5]}, {"mustNotBeBetween": [1, 6]}, MAJOR),
        ({"mustBeGreaterThan": 9007199254740992}, {"mustBeGreaterThan": 9007199254740993}, MAJOR),
    ],
)
def test_a_range_is_looser_where_it_allows_all_that_it_did(was: Any, now: Any, level: int) -> None:  # noqa: ANN401  YAML
    before, after = (quality({"metric": "rowCount", **limit}) for limit in (was, now))
    assert [change.level for change in said(before, after)] == [level]


def test_rules_on_one_metric_are_told_apart_in_any_order() -> None:
    more, less = {"metric": "rowCount", "mustBeGreaterThan": 5}, {"metric": "rowCount", "mustBeLessThan": 9}
    same, tight = {"metric": "rowCount", "mustBe": 7}, {"metric": "rowCount", "mustBeGreaterThan": 7}
    assert said(quality(more, less), quality(less, more)) == []
    assert [change.what for change in said(quality(more, less), quality(less, tight))] == [
        "mustBeGreaterThan of quality rule 'rowCount' of dataset 't' was '5' and is '7'"
    ]
    assert [change.what for change in said(quality(more), quality(more, less, same))] == [
        "quality rule 'rowCount' of dataset 't' was added",
        "quality rule 'rowCount #2' of dataset 't' was added",
    ]


def test_arguments_without_values_are_compared_as_a_whole() -> None:
    def part(arguments: dict[str, int]) -> dict[str, Any]:
        rule = {"metric": "rowCount", "mustBeGreaterThan": [1], "arguments": arguments}
        return {"schema": [{"name": "t", "quality": [rule, {"mustBe": 1}]}]}

    (change,) = said(part({"days": 1}), part({"days": 2}))
    assert (change.level, change.what) == (MAJOR, "the arguments of quality rule 'rowCount' of dataset 't' changed")


def test_what_is_said_of_a_value_is_a_note() -> None:
    def part(*texts: str) -> dict[str, Any]:
        enum = [{"value": text[0], "description": text} for text in texts]
        return {"schema": [{"name": "t", "properties": [{"name": "a", "enum": enum}]}]}

    assert said(part("a", "b"), part("b", "a")) == []
    assert [(change.level, change.what) for change in said(part("a", "b"), part("b", "all"))] == [
        (PATCH, "what is said of value 'a' of field 'a' changed")
    ]


def test_a_list_and_a_mapping_are_named_as_such() -> None:
    def part(value: object) -> dict[str, Any]:
        return {"schema": [{"name": "t", "properties": [{"name": "a", "logicalTypeOptions": {"format": value}}]}]}

    assert said(part(["x"]), part({"x": 1}))[0].what == "format of field 'a' was ['x'] and is a mapping"
    assert said(part([{}]), part({"x": 1}))[0].what == "format of field 'a' was a list and is a mapping"
    assert said(part(None), part("x"))[0].what == "format of field 'a' was nothing and is 'x'"


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.2.3", (1, 2, 3)),
        ("1.2.3-rc.1+5", (1, 2, 3)),
        ("1.2.3-", None),
        ("1.2.3-rc..1", None),
        ("1.2", None),
        ("v1.2.3", None),
        ("01.2.3", None),
        ("1.2.\u0663", None),
        (f"{'9' * 5000}.0.0", None),
        (None, None),
    ],
)
def test_a_semantic_version_has_three_numbers(version: str | None, expected: tuple[int, int, int] | None) -> None:
    assert numbers(version) == expected


@pytest.mark.parametrize(
    ("old", "new", "brings"),
    [
        ("1.2.3", "2.0.0", MAJOR),
        ("1.2.3", "1.3.0", MINOR),
        ("1.2.3", "1.2.4", PATCH),
        ("1.2.3", "1.2.3", NONE),
        ("1.2.3", "1.2.3+5", NONE),
        ("1.2.3", "1.1.9", NONE),
        ("0.2.3", "0.3.0", MAJOR),
        ("0.2.3", "0.2.4", MINOR),
        ("0.2.3", "1.0.0", MAJOR),
        ("1.2.3", "2.0.0-rc.1", MAJOR),
        ("2.0.0-rc.1", "2.0.0-rc.1", NONE),
        ("2.0.0-rc.1", "2.0.0-rc.2", MAJOR),
        ("2.0.0-rc.1", "2.0.0", MAJOR),
        ("1.3.0-rc.1", "1.3.0", MINOR),
        ("1.2.4-rc.1", "1.2.4", PATCH),
        ("0.3.0-rc.1", "0.3.0", MAJOR),
        ("0.2.4-rc.1", "0.2.4", MINOR),
        ("0.0.0-rc.1", "0.0.0", MAJOR),
    ],
)
def test_a_version_brings_what_its_first_new_number_says(old: str, new: str, brings: int) -> None:
    assert brought(old, new) == brings


def test_versions_are_ordered_as_semver_has_them() -> None:
    ordered = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0", "1.0.1-2"]
    for index, one in enumerate(ordered):
        assert [is_lower(other, one) for other in ordered] == [position < index for position in range(len(ordered))]


@pytest.mark.parametrize(
    ("level", "old", "version"),
    [
        (MAJOR, "1.2.3", "2.0.0"),
        (MINOR, "1.2.3", "1.3.0"),
        (PATCH, "1.2.3", "1.2.4"),
        (MAJOR, "0.2.3", "0.3.0"),
        (MINOR, "0.2.3", "0.2.4"),
        (PATCH, "0.2.3", "0.2.4"),
        (MAJOR, "2.0.0-rc.9", "2.0.0-rc.10"),
        (PATCH, "2.0.0-2", "2.0.0-3"),
        (PATCH, "2.0.0-rc", "2.0.0-rc.1"),
        (MAJOR, "1.3.0-rc.1", "2.0.0"),
    ],
)
def test_the_version_that_is_needed_is_the_lowest_that_brings_enough(level: int, old: str, version: str) -> None:
    assert needed(level, old) == version
    assert brought(old, version) >= level
