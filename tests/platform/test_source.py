"""Files are read as their contracts say that they are written, and nobody rewrites them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
import yaml
from flight_delays.platform import contract, source
from flight_delays.platform.errors import Stopped

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def custom(**values: object) -> list[dict[str, object]]:
    return [{"property": name, "value": value} for name, value in values.items()]


def described(server: dict[str, Any], *fields: dict[str, Any]) -> contract.Contract:
    """Write a contract of rows.csv, or of another file, and read it."""
    document = {
        "version": "1.0.0",
        "team": {"name": "@acme/lab"},
        "servers": [{"server": "local", "type": "local", "path": "rows.csv", **server}],
        "schema": [{"name": "rows", "properties": list(fields)}],
    }
    contract.FOLDER.mkdir(exist_ok=True)
    (contract.FOLDER / "rows.odcs.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    return contract.load("rows")


def field(name: str, kind: str, *, written: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"name": name, "logicalType": kind, "customProperties": custom(**(written or {})), **more}


def read(tmp_path: Path, content: bytes, server: dict[str, Any], *fields: dict[str, Any]) -> dict[str, list[Any]]:
    (tmp_path / "rows.csv").write_bytes(content)
    return contract.read(described(server, *fields)).to_dict(as_series=False)


LATER = {"logicalTypeOptions": {"format": "dd.MM.yyyy"}}


@pytest.mark.parametrize(
    ("content", "server", "fields", "expected"),
    [
        pytest.param(
            b"name;price\nAda;1,5\nBob;1.002,25\n",
            {"customProperties": custom(separator=";", decimal=",", thousands=".")},
            [field("name", "string"), field("price", "number")],
            {"name": ["Ada", "Bob"], "price": [1.5, 1002.25]},
            id="semicolons and decimal commas",
        ),
        pytest.param(
            b"Zeit [s],Gr\xf6\xdfe\n1,M\xfcnchen\n",
            {"encoding": "cp1252"},
            [
                field("elapsed_seconds", "integer", physicalName="Zeit [s]"),
                field("city_name", "string", physicalName="Größe"),
            ],
            {"elapsed_seconds": [1], "city_name": ["München"]},
            id="the source's own names, in its encoding",
        ),
        pytest.param(
            "id\tname\n1\tZoë\n".encode("utf-16"),
            {"encoding": "utf-16", "delimiter": "\t"},
            [field("id", "integer"), field("name", "string")],
            {"id": [1], "name": ["Zoë"]},
            id="what Excel calls Unicode",
        ),
        pytest.param(
            b"count,code\nNA,NA\n-,-\n 3 , x \n,\n",
            {"customProperties": custom(nullValues=["NA", "-"])},
            [field("count", "integer"), field("code", "string", written={"nullValues": ["-"]})],
            {"count": [None, None, 3], "code": ["NA", None, " x "]},
            id="empty values, of numbers and of a text, and a row that holds none",
        ),
        pytest.param(
            b"day,hour\n31.01.2024,2024-07-01 12:00:00\n1.2.2024,\n",
            {},
            [
                field("day", "date", **LATER),
                field("hour", "timestamp", logicalTypeOptions={"defaultTimezone": "Europe/Zurich"}),
            ],
            {"day": [date(2024, 1, 31), date(2024, 2, 1)], "hour": [datetime(2024, 7, 1, 10, tzinfo=UTC), None]},
            id="days as people write them, and a clock on a wall",
        ),
        pytest.param(
            b"at\n31/01/2024 01:30 PM\n",
            {},
            [
                field(
                    "at",
                    "timestamp",
                    logicalTypeOptions={"format": "dd/MM/yyyy hh:mm a", "defaultTimezone": "UTC"},
                )
            ],
            {"at": [datetime(2024, 1, 31, 13, 30, tzinfo=UTC)]},
            id="half a day",
        ),
        pytest.param(
            b"ok\nY\nn\n",
            {},
            [field("ok", "boolean", written={"trueValue": "y", "falseValue": "N"})],
            {"ok": [True, False]},
            id="yes and no by their letters",
        ),
        pytest.param(
            b"rate,fee\n12.5%,$1\n3 %,$ 20\n",
            {},
            [field("rate", "number", written={"suffix": "%"}), field("fee", "integer", written={"prefix": "$"})],
            {"rate": [12.5, 3.0], "fee": [1, 20]},
            id="signs around a number",
        ),
        pytest.param(
            b"Report\n\n# by: x\nid|t\n1|'a|b'\n",
            {"customProperties": custom(skipLines=2, comment="#", separator="|", quote="'")},
            [field("id", "integer"), field("t", "string")],
            {"id": [1], "t": ["a|b"]},
            id="lines before the table",
        ),
        pytest.param(
            b"at\n2024-01-31T12:00:00.25+01:00\n",
            {},
            [field("at", "timestamp")],
            {"at": [datetime(2024, 1, 31, 11, 0, 0, 250_000, tzinfo=UTC)]},
            id="a time with its zone",
        ),
    ],
)
def test_a_file_is_read_as_its_contract_says(
    content: bytes, server: dict[str, Any], fields: list[dict[str, Any]], expected: dict[str, list[Any]], tmp_path: Path
) -> None:
    assert read(tmp_path, content, server, *fields) == expected


def test_parquet_keeps_its_types_and_is_held_to_the_contract(tmp_path: Path) -> None:
    table = pl.DataFrame(
        {"Id": [1, 2], "seen": [datetime(2024, 1, 1, 12, tzinfo=UTC), None], "ok": [True, None], "w": [1, 3]}
    )
    table.write_parquet(tmp_path / "rows.parquet")
    fields = (
        field("row_id", "integer", physicalName="Id", primaryKey=True),
        field("seen", "timestamp"),
        field("ok", "boolean"),
        field("w", "number"),
    )
    here = {"path": "rows.parquet", "format": "parquet"}
    found = contract.read(described(here, *fields))
    assert found.schema == {"row_id": pl.Int64, "seen": pl.Datetime("us", "UTC"), "ok": pl.Boolean, "w": pl.Float64}
    assert found["seen"][0] == datetime(2024, 1, 1, 12, tzinfo=UTC)
    with pytest.raises(Stopped, match=r"row 2: w is '3\.0', but must be at most 2"):
        contract.read(described(here, *fields[:3], field("w", "number", logicalTypeOptions={"maximum": 2})))


@pytest.mark.parametrize(
    ("content", "kind", "more", "sentence"),
    [
        ("1.2.24", "date", LATER, "v is '1.2.24', which cannot be read as date written as dd.MM.yyyy"),
        ("31.02.2024", "date", LATER, "v is '31.02.2024', which cannot be read as date written as dd.MM.yyyy"),
        ("1,5", "number", {}, "v is '1,5', which cannot be read as number"),
        ("oui", "boolean", {}, "v is 'oui', which cannot be read as boolean such as true or false"),
        (
            "2024-03-31 02:30:00",
            "timestamp",
            {"logicalTypeOptions": {"defaultTimezone": "Europe/Zurich"}},
            "v is '2024-03-31 02:30:00', which cannot be read as timestamp such as 2013-01-31 12:00:00",
        ),
    ],
)
def test_what_is_written_otherwise_is_named_with_its_line(
    content: str, kind: str, more: dict[str, Any], sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "rows.csv").write_text(f'v,w\n"{content}",x\n', encoding="utf-8")
    rows = described({}, field("v", kind, **more), field("w", "string"))
    with pytest.raises(Stopped) as stopped:
        contract.read(rows)
    assert str(stopped.value).splitlines()[1] == f"rows.csv line 2: {sentence}"


def test_a_column_that_is_missing_is_named_as_it_is_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(Stopped, match=r"rows\.csv lacks the column 'Temp \[C\]'"):
        contract.read(described({}, field("a", "integer"), field("t", "number", physicalName="Temp [C]")))


def test_a_pattern_that_nobody_knows_is_one_sentence() -> None:
    with pytest.raises(Stopped, match="day has the format 'YYYY-MM-dd': 'YYYY' is not known, write"):
        described({}, field("day", "date", logicalTypeOptions={"format": "YYYY-MM-dd"}))


@pytest.mark.parametrize(
    ("server", "sentence"),
    [
        ({"encoding": "utf-17"}, "rows.csv cannot be read as CSV: unknown encoding: utf-17"),
        ({"encoding": "ascii"}, "rows.csv cannot be read as CSV: 'ascii' codec can't decode byte"),
        ({"format": "parquet"}, "rows.csv cannot be read as Parquet: "),
        ({"path": "none.csv"}, "none.csv is missing: put the file there"),
    ],
)
def test_a_file_that_is_another_is_one_sentence(server: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes("name\nZoë\n".encode())
    with pytest.raises(Stopped) as stopped:
        contract.read(described(server, field("name", "string")))
    assert str(stopped.value).startswith(sentence)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "%Y-%m-%dT%H:%M:%S%.f%:z"),
        ("d MMM yy", "%d %b %y"),
        ("MMMM d, yyyy h:mm a", "%B %d, %Y %I:%M %p"),
    ],
)
def test_a_pattern_of_java_becomes_one_of_strptime(pattern: str, expected: str) -> None:
    assert source.strptime_pattern(pattern) == expected


@pytest.mark.parametrize(
    ("options", "value", "sentence"),
    [
        ({"exclusiveMinimum": 0}, 0, "must be more than 0"),
        ({"exclusiveMaximum": 2}, 2, "must be less than 2"),
        ({"minLength": 2}, "a", "must have 2 characters at least"),
        ({"maxLength": 2}, "abc", "must have 2 characters at most"),
    ],
)
def test_the_other_bounds_of_a_contract_hold(
    options: dict[str, int], value: object, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "rows.csv").write_text(f"v,w\n{value},x\n", encoding="utf-8")
    kind = "string" if isinstance(value, str) else "integer"
    with pytest.raises(Stopped, match=sentence):
        contract.read(described({}, field("v", kind, logicalTypeOptions=options), field("w", "string")))
