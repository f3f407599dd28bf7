"""SQL as datasets: tables in many dialects, and everything that is no table."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ml_checks.formats import datasets
from ml_checks.reading.yaml import UnreadableError

from tests.command import CLEAN, repository, run, spawn
from tests.described import fields, names, places, source
from tests.effort import tries

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("VARCHAR(20) NOT NULL", "string"),
        ("character varying", "string"),
        ("timestamp(3) WITH TIME ZONE DEFAULT now()", "timestamp"),
        ("DATETIME2", "timestamp"),
        ("date", "date"),
        ("double precision", "number"),
        ("numeric", "number"),
        ("NUMERIC(10, 2)", "number"),
        ("NUMERIC(10, 0)", "integer"),
        ("number(38)", "integer"),
        ("number", None),
        ("bigint", "integer"),
        ("TINYINT(1)", "boolean"),
        ("TINYINT(4)", "integer"),
        ("text[]", "array"),
        ("double precision[]", "array"),
        ("character varying(3)[]", "array"),
        ("timestamp(3) without time zone[]", "array"),
        ("BIT(1)", "boolean"),
        ("BIT(8)", "string"),
        ("BINARY_DOUBLE", "number"),
        ("UBIGINT", "integer"),
        ("Nullable(DateTime64(3, 'UTC'))", "timestamp"),
        ("LowCardinality(Nullable(String))", "string"),
        ("integer ARRAY", "array"),
        ("ARRAY<STRING>", "array"),
        ("jsonb", "object"),
        ("MAP(VARCHAR, INTEGER)", None),
        ("VECTOR(FLOAT, 384)", None),
        ("geography", None),
        ("/* in UTC */ timestamp", "timestamp"),
        ("-- in UTC\n timestamp", "timestamp"),
        ("PRIMARY KEY", None),
    ],
)
def test_a_column_has_the_type_of_the_vocabulary(written: str, kind: str | None) -> None:
    assert fields("sql", f"CREATE TABLE flights (it {written})") == {"it": kind}


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("create table if not exists ops.flights (gate text, primary key (gate));", id="a constraint"),
        pytest.param("CREATE OR REPLACE TRANSIENT TABLE flights (GATE STRING) CLUSTER BY (GATE)", id="Snowflake"),
        pytest.param("CREATE TABLE `acme.ops.flights` (`gate` STRING OPTIONS (description='x'))", id="BigQuery"),
        pytest.param("CREATE TABLE [dbo].[flights] ([gate] [nvarchar](50) NULL) ON [PRIMARY]\nGO", id="SQL Server"),
        pytest.param("CREATE TABLE `flights` (`gate` varchar(9)) ENGINE=InnoDB CHARSET=utf8", id="MySQL"),
        pytest.param("CREATE TABLE flights (gate VARCHAR2(9 CHAR)) TABLESPACE ops", id="Oracle"),
        pytest.param("CREATE TABLE flights (gate varchar(9) ENCODE zstd) DISTKEY(gate)", id="Redshift"),
        pytest.param(
            "CREATE TABLE flights (gate String CODEC(ZSTD)) ENGINE = MergeTree ORDER BY gate", id="ClickHouse"
        ),
        pytest.param("CREATE EXTERNAL TABLE flights (gate string) STORED AS PARQUET LOCATION 's3://x'", id="Hive"),
        pytest.param(
            "CREATE TABLE flights ON CLUSTER '{cluster}' (gate String) ENGINE = MergeTree", id="a cluster of ClickHouse"
        ),
        pytest.param("CREATE TABLE flights UUID '28f1' (gate String) ENGINE = Log", id="an identifier of ClickHouse"),
        pytest.param(
            "CREATE MULTISET TABLE ops.flights, NO FALLBACK (gate VARCHAR(9)) PRIMARY INDEX (gate)", id="Teradata"
        ),
        pytest.param("CREATE TABLE flights (gate VARCHAR(9) REPLACE) AGGREGATE KEY (gate)", id="StarRocks"),
        pytest.param("CREATE TABLE acme-ops.late.flights (gate STRING)", id="a hyphen in a project of Google's"),
        pytest.param("CREATE TABLE #flights (gate text)", id="a temporary table of SQL Server"),
        pytest.param("CREATE FOREIGN TABLE flights (gate text) SERVER ops", id="a table of another server"),
        pytest.param("CREATE HYBRID TABLE flights (gate text)", id="a kind of table that sqlglot does not know"),
        pytest.param("CREATE OR REFRESH STREAMING LIVE TABLE flights (gate string)", id="a stream of Databricks"),
        pytest.param("CREATE TEMP TABLE flights (gate text DEFAULT ')')", id="a bracket in a text"),
        pytest.param("\\set x 1\nCREATE TABLE flights (gate text)\nGO\nSELECT 1", id="a script"),
        pytest.param('CREATE TABLE "flights" (-- (\n"gate" text)', id="a bracket in a comment"),
    ],
)
def test_a_table_is_read_in_its_dialect(statement: str) -> None:
    assert names("sql", statement) == ["flights"]
    assert fields("sql", statement) == {"gate": "string"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("SELECT created, table_name FROM flights", id="a query"),
        pytest.param("-- CREATE TABLE flights (gate text)", id="a comment"),
        pytest.param("SELECT 'CREATE TABLE flights (gate text)'", id="a text"),
        pytest.param("CREATE VIEW late AS TABLE flights", id="a view"),
        pytest.param("CREATE INDEX ON flights (gate); ALTER TABLE flights ADD gate text", id="a change"),
        pytest.param("{% if x %}CREATE TABLE flights (gate text){% endif %}", id="a template with a condition"),
        pytest.param("CREATE TABLE IDENTIFIER($name) (gate text)", id="a name that is computed"),
        pytest.param("CREATE TABLE flights_{env} (gate text)", id="a template within a name"),
        pytest.param("CREATE TABLE flights (gate {kind})", id="a template within the columns"),
        pytest.param("CREATE STREAM late ON TABLE flights", id="a stream on a table"),
        pytest.param("CREATE PUBLICATION late FOR TABLE flights, gates", id="a publication of tables"),
        pytest.param("CREATE INDEX late ON TABLE flights (gate)", id="an index on a table"),
        pytest.param("CREATE TYPE late IS TABLE OF INTEGER", id="a type of tables"),
        pytest.param("CREATE TABLE FUNCTION late(day DATE) AS SELECT 1", id="a function that gives a table"),
    ],
)
def test_what_creates_no_table_has_none(text: str) -> None:
    assert names("sql", text) == []


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("{{ schema }}.flights", id="Jinja"),
        pytest.param("{{ var('late') }}.{{ schema }}.flights", id="Jinja, with quotes in it, twice"),
        pytest.param("IF NOT EXISTS {{ schema }}.flights", id="behind a condition"),
        pytest.param("late_{{ env }}.flights", id="a part of the schema"),
        pytest.param('"{{ schema }}"."flights"', id="in quotes"),
        pytest.param("[$(Database)].[dbo].[flights]", id="sqlcmd, in brackets"),
        pytest.param("$(Schema).flights", id="sqlcmd"),
        pytest.param("${schema}.flights", id="the shell"),
        pytest.param("{schema}.flights", id="Python"),
        pytest.param(":schema.flights", id="psql"),
        pytest.param("&schema..flights", id="SQL*Plus"),
        pytest.param("@cdmDatabaseSchema.flights", id="SqlRender"),
        pytest.param("@database.late.flights", id="a database that is filled in"),
        pytest.param("%s.flights", id="a driver"),
        pytest.param("%(schema)s.flights", id="a driver, by name"),
        pytest.param("<schema>.flights", id="a page of a manual"),
    ],
)
def test_a_schema_that_is_filled_in_hides_no_table(name: str) -> None:
    text = f"CREATE TABLE {name} (gate text)"
    assert names("sql", text) == ["flights"]
    assert fields("sql", text) == {"gate": "string"}
    assert places("sql", text)[1:] == [("gate", 1, text.index("gate") + 1), ("string", 1, text.index("text") + 1)]


@pytest.mark.parametrize(
    "aside",
    [
        pytest.param("-- it's for {{ schema }}", id="a remark"),
        pytest.param("/* one for each {% schema %} */", id="a remark of several lines"),
        pytest.param("{# CREATE TABLE {{ name }} #}", id="a remark of Jinja's"),
        pytest.param('{% set it = "it\'s" %}', id="a statement of Jinja's"),
        pytest.param("SELECT '${name} -- it''s', '{{ x }}';", id="a text"),
        pytest.param("INSERT INTO {{ schema }}.gates VALUES (1);", id="another statement"),
    ],
)
def test_tags_beside_a_table_hide_it_as_little(aside: str) -> None:
    found = source("sql", f"{aside}\nCREATE TABLE flights (gate text)\n;{aside}")
    assert [str(dataset.name) for dataset in datasets("sql", found)] == ["flights"]
    assert found.unread == ""


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("CREATE TABLE {{ name }} (gate text)", [], id="a name"),
        pytest.param("CREATE TABLE late.{{ name }} (gate text)", [], id="a name behind a schema"),
        pytest.param("CREATE TABLE flights ({% for a in b %}{{ a }} text{% endfor %})", [], id="columns"),
        pytest.param("CREATE TABLE a (b text); CREATE TABLE {{ c }} (d text)", ["a"], id="one of two"),
        pytest.param("CREATE TABLE flights (gate text {% if x %}'{% endif %})'", [], id="half of a text"),
        pytest.param("CREATE TABLE flights (gate ((text); {{ x }}", [], id="half of a statement"),
    ],
)
def test_a_template_says_that_it_is_one(text: str, read: list[str]) -> None:
    found = source("sql", text)
    assert [str(dataset.name) for dataset in datasets("sql", found)] == read
    assert found.unread == "is a template, which another program fills in"


def test_a_table_from_a_query_has_a_name_and_no_columns() -> None:
    text = """
CREATE TABLE late AS SELECT gate text FROM flights;
CREATE TABLE later, NO FALLBACK AS (SELECT gate FROM flights) WITH DATA;
CREATE TABLE latest ON CLUSTER ops;
CREATE VIRTUAL TABLE found USING fts5(gate);
CREATE TABLE copied (LIKE flights)
"""
    assert names("sql", text) == ["late", "later", "latest", "found", "copied"]
    assert fields("sql", text) == {}


@pytest.mark.parametrize(
    "aside",
    [
        pytest.param("COPY ops.gates (id, name) FROM stdin;\n1\tO'Hare\n\\.", id="rows in a dump"),
        pytest.param(
            "copy gates from STDIN with (format text);\n1\tCREATE TABLE gate\n\\.", id="rows that look like SQL"
        ),
        pytest.param("\\echo the flights' table", id="a command of psql"),
        pytest.param("REM The flights' table", id="a remark of SQL*Plus"),
    ],
)
def test_what_a_client_reads_itself_hides_no_table(aside: str) -> None:
    text = f"{aside}\nCREATE TABLE flights (gate text);\n{aside}\n"
    one = f"CREATE TABLE gates (id int, name text);\n{aside}\nCREATE TABLE flights (gate text);"
    assert names("sql", text) == ["flights"]
    assert places("sql", one)[-2:] == [("gate", one.count("\n") + 1, 23), ("string", one.count("\n") + 1, 28)]


def test_capitals_are_a_habit_where_no_quotes_keep_them() -> None:
    text = 'CREATE TABLE FLIGHTS (GATE TEXT, "LEG" TEXT, departureDate DATE)'
    assert names("sql", text) == ["flights"]
    assert list(fields("sql", text)) == ["gate", "LEG", "departureDate"]


def test_the_columns_of_a_structure_are_found() -> None:
    text = "CREATE TABLE flights (leg STRUCT<gate STRING, stop STRUCT<is_last BOOL>>)"
    assert fields("sql", text) == {"leg": "object", "gate": "string", "stop": "object", "is_last": "boolean"}


@pytest.mark.parametrize(
    "leg",
    ["STRUCT<gate: STRING>", "STRUCT<gate:STRING>", "STRUCT(gate VARCHAR)", "ROW(gate VARCHAR)"],
)
def test_a_structure_is_written_in_several_ways(leg: str) -> None:
    assert fields("sql", f"CREATE TABLE flights (leg {leg})") == {"leg": "object", "gate": "string"}


def test_everything_stands_where_it_is_written() -> None:
    text = """\
/* é */ CREATE TABLE ops."Flights" (
    Gate  VARCHAR(9) NOT NULL COMMENT 'Where it stood.',
    "née" /* (in UTC) */ timestamp with time zone
);
"""
    assert places("sql", text) == [
        ("Flights", 1, 26),
        ("Gate", 2, 5),
        ("string", 2, 11),
        ("Where it stood.", 2, 39),
        ("née", 3, 5),
        ("timestamp", 3, 26),
    ]


@pytest.mark.parametrize(
    ("text", "line", "col", "why"),
    [
        pytest.param(
            "SELECT 1;\n  CREATE TABLE flights (gate frobnicate(1) zork)",
            2,
            3,
            "is no CREATE TABLE that sqlglot can read in any dialect",
            id="words that mean nothing",
        ),
        pytest.param(
            "CREATE TABLE [gates] ([id] [int])\nGO\nCREATE TABLE [flights] ([gate] zork bork)",
            3,
            1,
            "is no CREATE TABLE that sqlglot can read in any dialect",
            id="the second, in a dialect that is not the first",
        ),
        pytest.param("CREATE TABLE", 1, 1, "is no CREATE TABLE that sqlglot can read in any dialect", id="no name"),
        pytest.param(
            "CREATE TABLE flights (gate text DEFAULT 'x)",
            1,
            1,
            "is no SQL: a quote or a comment has no end",
            id="an open quote",
        ),
        pytest.param(
            "CREATE TABLE flights (gate text DEFAULT " + "(" * 2_000 + "1" + ")" * 2_001,
            1,
            1,
            "is no CREATE TABLE that sqlglot can read in any dialect",
            id="too deep",
        ),
        pytest.param(
            "CREATE TABLE flights (gate text",
            1,
            1,
            "is no CREATE TABLE that sqlglot can read in any dialect",
            id="an open bracket",
        ),
    ],
)
def test_a_table_that_no_dialect_knows_is_refused_at_its_place(text: str, line: int, col: int, why: str) -> None:
    with pytest.raises(UnreadableError, match=why) as caught:
        datasets("sql", source("sql", text))
    assert (caught.value.line, caught.value.col) == (line, col)


@tries()
@given(
    st.lists(st.sampled_from([*"ab1 ,;.()[]<>`'\"\n-*/\\$#:", "text ", "not null ", "default ", "as "])).map("".join)
)
def test_any_table_is_read_or_refused(columns: str) -> None:
    with contextlib.suppress(UnreadableError):
        datasets("sql", source("sql", f"CREATE TABLE flights ({columns})"))


def test_the_rules_on_names_hold_in_sql(tmp_path: Path) -> None:
    table = """\
CREATE TABLE IF NOT EXISTS flightDepartures (
    departure_date TIMESTAMP,
    cancelled BOOLEAN,
    diverted_flag BOOLEAN,
    boarded_ts TIMESTAMP,
    ts TIMESTAMP,
    "user" BIGINT,
    fare NUMERIC(8, 2)
);
"""
    files = {**CLEAN, "db/flights.sql": table, "db/broken.sql": "CREATE TABLE (;"}
    assert run(repository(tmp_path, files), "check", "--select", "SCH,DOC").findings == [
        "db/broken.sql:1:1: FIL001 is no CREATE TABLE that sqlglot can read in any dialect",
        "db/flights.sql:1:28: SCH001 dataset 'flightDepartures' is not written like 'departure_airport'",
        "db/flights.sql:2:20: SCH005 field 'departure_date' has type 'timestamp', '_date' promises date",
        "db/flights.sql:3:5: SCH006 field 'cancelled' has type 'boolean', its name needs 'is_' or 'has_'",
        "db/flights.sql:4:5: SCH004 name 'diverted_flag' says 'flag', the company's word is 'is'",
        "db/flights.sql:5:5: SCH004 name 'boarded_ts' says 'ts', the company's word is 'at'",
        "db/flights.sql:6:5: SCH006 field 'ts' has type 'timestamp', its name needs '_at'",
        "db/flights.sql:7:5: SCH003 name 'user' is reserved in SQL",
        "db/flights.sql:8:5: SCH007 field 'fare' is a quantity (fare) without its unit",
    ]


def test_sqlglot_is_imported_for_a_table_and_says_nothing_itself(tmp_path: Path) -> None:
    imports = {"PYTHONPROFILEIMPORTTIME": "1"}
    query = repository(tmp_path / "query", {**CLEAN, "late.sql": "SELECT created FROM flights -- table"})
    assert " sqlglot\n" not in spawn(query, "check", "--select", "SCH", **imports).err
    table = repository(tmp_path / "table", {**CLEAN, "late.sql": "CREATE TABLE `late` (gate text)"})
    assert " sqlglot\n" in spawn(table, "check", "--select", "SCH", **imports).err
    assert spawn(table, "check", "--select", "SCH") == (0, "", "")
