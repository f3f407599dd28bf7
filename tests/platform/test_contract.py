"""Data that breaks its contract is refused, with the place and the reason."""

from pathlib import Path

import polars as pl
import pytest
from flight_delays.platform import contract
from flight_delays.platform.errors import Stopped

CONTRACT = """
version: 1.2.0
team: {name: "@acme/data"}
servers: [{server: local, type: local, path: readings.csv}]
schema:
  - name: readings
    properties:
      - {name: reading_id, logicalType: integer, primaryKey: true, required: true, unique: true}
      - {name: taken_at, logicalType: timestamp, required: true}
      - {name: start_date, logicalType: date}
      - {name: is_valid, logicalType: boolean}
      - {name: weight_kg, logicalType: number, logicalTypeOptions: {minimum: 0, maximum: 10}}
      - name: station_code
        logicalType: string
        logicalTypeOptions: {pattern: "^[A-Z]+$"}
        quality: [{metric: invalidValues, arguments: {validValues: [AB, CD]}, mustBe: 0}]
"""
HEADER = "reading_id,taken_at,start_date,is_valid,weight_kg,station_code"
GOOD = "1,2013-01-01T12:00:00Z,2013-01-01,true,2.5,AB"
ADVICE = "readings breaks its contract: correct the data, or agree on a new version of contracts/readings.odcs.yaml"


@pytest.fixture(autouse=True)
def readings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    contract.FOLDER.mkdir()
    Path("contracts/readings.odcs.yaml").write_text(CONTRACT, encoding="utf-8")


def read(*lines: str) -> pl.DataFrame:
    Path("readings.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return contract.read(contract.load("readings"))


def refusal(*lines: str) -> list[str]:
    with pytest.raises(Stopped) as stopped:
        read(*lines)
    advice, *problems = str(stopped.value).splitlines()
    assert advice == f"{ADVICE} with @acme/data"
    return problems


def test_good_rows_are_read_with_the_types_of_the_contract() -> None:
    rows = read(HEADER, GOOD, "2,2013-01-01T12:00:00+01:00,,,,")
    assert rows.schema == {
        "reading_id": pl.Int64,
        "taken_at": pl.Datetime("us", "UTC"),
        "start_date": pl.Date,
        "is_valid": pl.Boolean,
        "weight_kg": pl.Float64,
        "station_code": pl.String,
    }
    assert rows["taken_at"].dt.hour().to_list() == [12, 11]
    assert rows.row(1)[2:] == (None, None, None, None)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        pytest.param(
            GOOD.replace("1,", "x,", 1), "reading_id is 'x', which cannot be read as integer", id="not an integer"
        ),
        pytest.param(
            GOOD.replace("12:00:00Z", "12:00:00"),
            "taken_at is '2013-01-01T12:00:00', which cannot be read as timestamp with its zone "
            "such as 2013-01-31T12:00:00Z",
            id="a time without its zone",
        ),
        pytest.param(
            GOOD.replace(",2013-01-01,", ",1.1.2013,"),
            "start_date is '1.1.2013', which cannot be read as date such as 2013-01-31",
            id="a date in another form",
        ),
        pytest.param(
            GOOD.replace("true", "yes"),
            "is_valid is 'yes', which cannot be read as boolean such as true or false",
            id="not a boolean",
        ),
        pytest.param(
            GOOD.replace("2.5", "NaN"), "weight_kg is 'NaN', which cannot be read as number", id="not a finite number"
        ),
        pytest.param(GOOD.replace("2.5", "-1"), "weight_kg is '-1.0', but must be at least 0", id="below the minimum"),
        pytest.param(GOOD.replace("2.5", "11"), "weight_kg is '11.0', but must be at most 10", id="above the maximum"),
        pytest.param(GOOD.replace("AB", "EF"), "station_code is 'EF', but must be one of AB, CD", id="not allowed"),
    ],
)
def test_a_value_that_breaks_the_contract_is_named_with_its_line(line: str, problem: str) -> None:
    assert refusal(HEADER, GOOD.replace("1,", "7,", 1), line) == [f"readings.csv line 3: {problem}"]


def test_a_required_value_must_be_there() -> None:
    assert refusal(HEADER, GOOD.replace("2013-01-01T12:00:00Z", "")) == [
        "readings.csv line 2: taken_at is empty, but the contract requires a value"
    ]


def test_a_key_must_be_there_once() -> None:
    assert refusal(HEADER, GOOD, GOOD) == [
        "readings.csv line 2: reading_id is '1', which another row has too",
        "readings.csv line 3: reading_id is '1', which another row has too",
    ]


def test_a_column_too_few_and_one_too_many_are_both_named() -> None:
    problems = refusal(HEADER.replace("weight_kg", "weight"), GOOD)
    assert problems == [
        "readings.csv has a column 'weight' that the contract does not know",
        "readings.csv lacks the column 'weight_kg'",
    ]


def test_a_flood_of_problems_is_cut() -> None:
    problems = refusal(HEADER, *(f"{number},2013-01-01T12:00:00Z,,,-1," for number in range(30)))
    assert len(problems) == contract.SHOWN + 1
    assert problems[-1] == "and 20 more"


def test_a_file_without_rows_is_refused() -> None:
    assert refusal(HEADER) == ["readings.csv has no rows"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(None, "readings.csv is missing: put the file there", id="missing"),
        pytest.param(b"", "readings.csv cannot be read as CSV", id="empty"),
        pytest.param(b"reading_id\n\xff\xfe\n", "readings.csv cannot be read as CSV", id="not UTF-8"),
        pytest.param(b"reading_id\n1,2,3\n", "readings.csv cannot be read as CSV", id="ragged"),
    ],
)
def test_a_file_that_is_no_csv_is_refused(content: bytes | None, reason: str) -> None:
    if content is not None:
        Path("readings.csv").write_bytes(content)
    with pytest.raises(Stopped, match=f"^{reason}"):
        contract.read(contract.load("readings"))


@pytest.mark.parametrize(
    ("known", "unknown", "place"),
    [
        pytest.param("maximum", "multipleOf", "weight_kg uses 'multipleOf'", id="an option"),
        pytest.param("logicalType: boolean", "logicalType: array", "is_valid uses 'array'", id="a type"),
        pytest.param("invalidValues", "nullValues", "station_code uses 'nullValues'", id="a rule of a field"),
        pytest.param(
            "    properties:",
            "    quality: [{metric: rowCount, mustBe: 3}]\n    properties:",
            "readings uses 'rowCount'",
            id="a rule of the dataset",
        ),
    ],
)
def test_a_promise_that_nothing_checks_is_refused(known: str, unknown: str, place: str) -> None:
    Path("contracts/readings.odcs.yaml").write_text(CONTRACT.replace(known, unknown), encoding="utf-8")
    with pytest.raises(Stopped, match=f"{place}, which nothing here checks"):
        contract.load("readings")


def test_a_sole_key_is_unique_and_several_are_unique_together() -> None:
    path = Path("contracts/readings.odcs.yaml")
    path.write_text(CONTRACT.replace("required: true, unique: true", "required: true"), encoding="utf-8")
    assert len(refusal(HEADER, GOOD, GOOD)) == 2
    second = "{name: taken_at, logicalType: timestamp, primaryKey: true"
    text = path.read_text(encoding="utf-8").replace("{name: taken_at, logicalType: timestamp", second)
    path.write_text(text, encoding="utf-8")
    assert len(read(HEADER, GOOD, GOOD.replace("12:00", "13:00"))) == 2
    assert refusal(HEADER, GOOD, GOOD) == [
        f"readings.csv line {line}: reading_id, taken_at must identify one row, but are there twice" for line in (2, 3)
    ]


@pytest.mark.parametrize("lost", ["version", "team", "servers", "schema"])
def test_a_contract_without_its_main_parts_is_refused(lost: str) -> None:
    Path("contracts/readings.odcs.yaml").write_text(CONTRACT.replace(f"\n{lost}:", "\nother:"), encoding="utf-8")
    with pytest.raises(Stopped, match=r"^contracts.readings\.odcs\.yaml: the contract needs version"):
        contract.load("readings")


def test_rows_made_here_are_held_against_their_contract_too() -> None:
    rows = read(HEADER, GOOD)
    loaded = contract.load("readings")
    assert contract.check(loaded, rows) is rows
    with pytest.raises(Stopped, match=r"readings line 2: weight_kg is '99\.0', but must be at most 10"):
        contract.check(loaded, rows.with_columns(weight_kg=pl.lit(99.0)))
