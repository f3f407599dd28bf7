"""Names as people write them elsewhere, words that mean something else there, and what is there twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.command import CLEAN, CONTRACT, repository, run

if TYPE_CHECKING:
    from pathlib import Path


def found(folder: Path, files: dict[str, str | bytes], codes: str) -> list[str]:
    """Return what some rules find in a clean project with these files."""
    return run(repository(folder, {**CLEAN, **files}), "check", "--select", codes).findings


def table(*columns: str) -> dict[str, str | bytes]:
    """Return a file of SQL with one table."""
    return {"warehouse/table.sql": "CREATE TABLE weather (\n" + ",\n".join(columns) + "\n);\n"}


@pytest.mark.parametrize(
    ("name", "is_found"),
    [
        ("stg_shop__rides", 0),
        ("base_shop__rides_2024", 0),
        ("stg_shop___rides", 1),
        ("stg__", 1),
        ("StgShop__rides", 1),
    ],
)
def test_dbt_names_a_model_after_its_source_and_its_entity(name: str, is_found: int, tmp_path: Path) -> None:
    files = {"models/schema.yml": f"models: [{{name: {name}, description: One row for each ride that ended.}}]\n"}
    assert (
        found(tmp_path, dict(files), "SCH001")
        == [
            f"models/schema.yml:1:17: SCH001 dataset {name!r} is not written like 'departure_airport'",
        ]
        * is_found
    )


def test_two_underscores_are_no_name_of_another_format_nor_of_a_field(tmp_path: Path) -> None:
    schema = "models:\n- name: rides\n  columns: [{name: bike__code}, {name: _fivetran_synced}, {name: _code}]\n"
    assert found(tmp_path, {"models/schema.yml": schema, **table("bike__code text")}, "SCH001,SCH002") == [
        "models/schema.yml:3:20: SCH002 field 'bike__code' is not written like 'departure_airport'",
        "models/schema.yml:3:66: SCH002 field '_code' is not written like 'departure_airport'",
        "warehouse/table.sql:2:1: SCH002 field 'bike__code' is not written like 'departure_airport'",
    ]


def test_a_project_says_how_a_format_or_data_from_elsewhere_writes_names(tmp_path: Path) -> None:
    record = '{"type": "record", "name": "A", "fields": [{"name": "gateCode", "type": "string"}]}'
    standards = (
        'names: {by_format: {avro: {fields: "[a-z][A-Za-z]*"}}}\n'
        'overrides: [{paths: [/raw/], names: {by_format: {sql: {datasets: "[A-Z]\\\\w*", fields: "[A-Z]\\\\w*"}}}}]\n'
    )
    files: dict[str, str | bytes] = {
        "standards.yaml": standards,
        "gate.avsc": record,
        "raw/a.sql": 'CREATE TABLE "Gate" ("GateCode" text, "gate_Code" text);\n',
        "b.sql": 'CREATE TABLE gate ("GateCode" text);\n',
    }
    assert found(tmp_path, files, "SCH001,SCH002") == [
        "b.sql:1:20: SCH002 field 'GateCode' is not written like 'departure_airport'",
        "raw/a.sql:1:39: SCH002 field 'gate_Code' is not written like 'departure_airport'",
    ]


@pytest.mark.parametrize(
    "column",
    [
        *("humidity_percent numeric", "duration_min integer", "duration_s integer", "pressure_kpa numeric"),
        *("title_length integer", "tree_depth integer", "shipping_cost_units integer", "weight integer"),
    ],
)
def test_a_unit_may_be_short_and_a_count_has_none(column: str, tmp_path: Path) -> None:
    assert found(tmp_path, table(column), "SCH004,SCH007") == []


@pytest.mark.parametrize(
    ("column", "word", "term"),
    [
        ("humidity_pct numeric", "pct", "percent"),
        ("delay_secs int", "secs", "seconds"),
        ("duration_hrs int", "hrs", "hours"),
    ],
)
def test_a_unit_by_another_word_is_one_finding(column: str, word: str, term: str, tmp_path: Path) -> None:
    name = column.partition(" ")[0]
    assert found(tmp_path, table(column), "SCH004,SCH007") == [
        f"warehouse/table.sql:2:1: SCH004 name {name!r} says {word!r}, the company's word is {term!r}",
    ]


@pytest.mark.parametrize("column", ["petal_length numeric", "body_weight numeric", "delay integer"])
def test_a_quantity_without_a_unit_is_still_found(column: str, tmp_path: Path) -> None:
    (finding,) = found(tmp_path, table(column), "SCH007")
    assert "without its unit" in finding


@pytest.mark.parametrize(
    "name",
    [
        *("key", "index", "invoice_nbr", "arr", "arr_usd", "room_num", "cat", "dept", "temp_path", "stat_test"),
        *("client_id", "uid", "prod_host", "curr_page", "view"),
    ],
)
def test_a_word_that_is_right_in_another_field_is_left_alone(name: str, tmp_path: Path) -> None:
    assert found(tmp_path, table(f"{name} text"), "SCH003,SCH004") == []


def test_what_is_no_table_may_have_a_name_that_sql_reserves(tmp_path: Path) -> None:
    schema = '{"type": "object", "properties": {"order": {"type": "string"}}}'
    assert found(tmp_path, {"a.schema.json": schema, **table('"order" text')}, "SCH003") == [
        "warehouse/table.sql:2:1: SCH003 name 'order' is reserved in SQL",
    ]


@pytest.mark.parametrize(
    ("column", "is_found"),
    [
        *(("date date", 0), ("date_of_birth date", 0), ("timestamp timestamp", 0), ("at timestamp", 0)),
        *(('"dateCreated" date', False), ("birthday date", 1), ("created timestamp", 1), ("dt date", 0)),
    ],
)
def test_a_name_that_says_its_type_needs_no_affix(column: str, is_found: int, tmp_path: Path) -> None:
    assert len(found(tmp_path, table(column), "SCH006")) == is_found


def test_one_description_has_one_fault(tmp_path: Path) -> None:
    text = CONTRACT.format("flights").replace(
        "apiVersion",
        "    properties:\n"
        "      - {name: todo, description: TODO}\n"
        "      - {name: gate, description: Gate.}\n"
        "      - {name: code, description: From IATA}\n"
        "      - {name: unit, description: 'A unit, as in `TODO` comments of the code'}\n"
        "      - {name: note, description: 'See `a`. TODO'}\n"
        "apiVersion",
    )
    assert found(tmp_path, {"contracts/flights.odcs.yaml": text}, "DOC004,DOC006,DOC007") == [
        "contracts/flights.odcs.yaml:7:35: DOC004 placeholder 'TODO'",
        "contracts/flights.odcs.yaml:8:35: DOC007 description 'Gate.' repeats the name 'gate'",
        "contracts/flights.odcs.yaml:9:35: DOC006 description 'From IATA' has 9 characters, 15 are expected",
        "contracts/flights.odcs.yaml:11:35: DOC004 placeholder 'TODO'",
    ]


@pytest.mark.parametrize("path", [".github/ISSUE_TEMPLATE/bug.md", ".github/pull_request_template.md"])
def test_a_template_of_a_host_holds_what_is_to_be_filled_in(path: str, tmp_path: Path) -> None:
    assert found(tmp_path, {path: "Resolves #XXX\n\nTODO\n"}, "DOC004") == []


@pytest.mark.parametrize("path", ["README.rst", "docs/README.md", "Readme.adoc"])
def test_a_readme_may_lie_elsewhere_and_be_written_otherwise(path: str, tmp_path: Path) -> None:
    folder = repository(tmp_path, {path: "Flights\n"})
    assert run(folder, "check", "--select", "DOC001").findings == []


def test_two_versions_of_a_schema_may_differ(tmp_path: Path) -> None:
    def schema(name: str, kind: str) -> str:
        return f'{{"properties": {{"{name}": {{"type": "{kind}"}}}}}}'

    files: dict[str, str | bytes] = {
        "s/gate-v1.0.schema.json": schema("gate_code", "string"),
        "s/gate-v2.0.schema.json": schema("gate_code", "integer"),
        "s/gate-latest.schema.json": schema("gatecode", "string"),
    }
    assert found(tmp_path / "versions", files, "SCH009,SCH010") == []
    others = {path.replace("gate-v2.0", "door"): text for path, text in files.items()}
    assert found(tmp_path / "others", others, "SCH009") == [
        "s/gate-v1.0.schema.json:1:39: SCH009 field 'gate_code' is 'string' here and 'integer' in s/door.schema.json:1",
    ]


GATE = '{{{}"properties": {{"gate_code": {{"type": "{}"}}, "{}": {{"type": "string"}}}}}}'
SQL = "CREATE TABLE {} (\n  gate_code {},\n  {} text\n);\n"


@pytest.mark.parametrize(
    ("files", "is_found"),
    [
        pytest.param(
            {"ddl/a.sql": SQL.format("gate", "text", "opened"), "ddl/b.sql": SQL.format("gates", "int", "op_ened")},
            1,
            id="two tables",
        ),
        pytest.param(
            {"ddl/a.sql": SQL.format("gate", "text", "opened"), "ddl/b.sql": SQL.format("Gate", "int", "op_ened")},
            0,
            id="one table that two files create",
        ),
        pytest.param(
            {"redshift/a.sql": SQL.format("x", "text", "opened"), "hive/b.sql": SQL.format("y", "int", "op_ened")},
            0,
            id="two dialects",
        ),
        pytest.param(
            {"hive/a.sql": SQL.format("x", "text", "opened"), "hive/b.sql": SQL.format("y", "int", "op_ened")},
            1,
            id="one dialect",
        ),
        pytest.param(
            {"a.schema.json": GATE.format("", "string", "opened"), "b.sql": SQL.format("y", "int", "op_ened")},
            0,
            id="a message and a table",
        ),
        pytest.param(
            {
                "a.schema.json": GATE.format('"$id": "https://a.example/a",', "string", "opened"),
                "b.schema.json": GATE.format('"$id": "https://a.example/b",', "integer", "op_ened"),
            },
            1,
            id="one owner",
        ),
        pytest.param(
            {
                "a.schema.json": GATE.format('"$id": "https://a.example/a",', "string", "opened"),
                "b.schema.json": GATE.format('"$id": "https://b.example/b",', "integer", "op_ened"),
            },
            0,
            id="two owners",
        ),
        pytest.param(
            {
                "a.schema.json": GATE.format('"self": {"vendor": "com.a"},', "string", "opened"),
                "b.schema.json": GATE.format('"self": {"vendor": "com.b"},', "integer", "op_ened"),
            },
            0,
            id="two vendors",
        ),
        pytest.param(
            {
                "a/x.sql": SQL.format("x", "text", "opened"),
                "b/y.sql": SQL.format("y", "int", "op_ened"),
                "b/dbt_project.yml": "name: b\n",
            },
            0,
            id="two projects",
        ),
        pytest.param(
            {"a/x.sql": SQL.format("x", "text", "opened"), "tests/y.sql": SQL.format("y", "int", "op_ened")},
            0,
            id="a table of tests",
        ),
    ],
)
def test_names_and_types_agree_where_data_can_be_joined(
    files: dict[str, str | bytes], is_found: int, tmp_path: Path
) -> None:
    codes = [line.split(" ")[1] for line in found(tmp_path, files, "SCH009,SCH010")]
    assert codes == ["SCH009", "SCH010"] * is_found


def test_a_contract_binds_all_in_the_project_in_which_it_lies(tmp_path: Path) -> None:
    def contract(name: str, kind: str) -> str:
        properties = f"    properties: [{{name: gate_code, logicalType: {kind}}}]\n"
        return CONTRACT.format(name).replace("apiVersion", f"{properties}apiVersion")

    files: dict[str, str | bytes] = {
        "contracts/gates.odcs.yaml": contract("gates", "string"),
        "b/contracts/doors.odcs.yaml": contract("doors", "integer"),
        "b/pyproject.toml": "",
        "b/y.sql": SQL.format("y", "int", "opened"),
        "c/z.sql": SQL.format("z", "boolean", "opened"),
    }
    inner, outer = "b/contracts/doors.odcs.yaml:6", "contracts/gates.odcs.yaml:6"
    assert found(tmp_path, files, "SCH009") == [
        f"c/z.sql:2:13: SCH009 field 'gate_code' is 'boolean' here and 'string' in {outer}",
        f"{outer}:49: SCH009 field 'gate_code' is 'string' here and 'integer' in {inner}",
    ]


def test_a_contract_of_several_datasets_may_be_named_after_its_id(tmp_path: Path) -> None:
    text = CONTRACT.format("flights") + "  - name: planes\n    description: One row for each plane.\n"
    several = CONTRACT.format("flights").replace(
        "apiVersion", "  - {name: planes, description: All planes.}\napiVersion"
    )
    files: dict[str, str | bytes] = {
        "contracts/fleet.odcs.yaml": several.replace("id: flights", "id: fleet"),
        "contracts/other.odcs.yaml": CONTRACT.format("gates").replace("id: gates", "id: other"),
    }
    assert "planes" in text
    assert found(tmp_path, files, "SCH011") == [
        "contracts/other.odcs.yaml:4:11: SCH011 dataset 'gates' is in a file named 'other'",
    ]


@pytest.mark.parametrize(
    ("versions", "is_found"),
    [(("1.0.0", "1.0.0"), 1), (("1.0.0", "1.4.0"), 1), (("1.0.0", "2.0.0"), 0), (("a", "b"), 1)],
)
def test_one_id_is_one_contract_in_each_major_version(versions: tuple[str, str], is_found: int, tmp_path: Path) -> None:
    texts = [CONTRACT.format("gates").replace("version: 1.0.0", f"version: {version}") for version in versions]
    files = {f"contracts/gates_{number}.odcs.yaml": text for number, text in enumerate(texts)}
    assert (
        found(tmp_path, dict(files), "CON016")
        == [
            "contracts/gates_1.odcs.yaml:8:5: CON016 id 'gates' is that of contracts/gates_0.odcs.yaml too",
        ]
        * is_found
    )


def test_what_is_there_twice_in_a_union_of_avro_is_found_where_it_is(tmp_path: Path) -> None:
    record = (
        '[{"type": "record", "name": "A", "fields": [{"name": "code", "type": "string"},\n'
        '{"name": "code", "type": "string"}]},\n'
        '{"type": "record", "name": "B", "fields": [{"name": "code", "type": "string"}]}]'
    )
    assert found(tmp_path, {"gate.avsc": record}, "SCH012") == [
        "gate.avsc:2:10: SCH012 field 'code' of dataset '?' is there already",
    ]
