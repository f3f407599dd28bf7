"""A file of any size is scored in parts, and what comes of it is what comes of the whole at once."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import polars as pl
import pytest
from flight_delays import features
from flight_delays.platform import PROGRAM, contract, places, source
from flight_delays.platform import predict as writing
from flight_delays.platform.errors import Stopped
from flight_delays.platform.source import Layout
from flight_delays.tests.conftest import command

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Finished

ROWS = [f'{number},"a ""b""\n{number},c",é{"x" * (number % 7)}' for number in range(40)]
PLAIN = "\n".join(["id,text,more", *ROWS, ""])


@pytest.fixture(params=[30, 47, 64, 1000])
def _in_small_parts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "BLOCK_BYTES", request.param)
    monkeypatch.setattr(source, "BATCH_ROWS", 1 + request.param // 10)
    monkeypatch.setattr(writing, "BATCH_ROWS", 7)


@pytest.mark.usefixtures("_in_small_parts")
@pytest.mark.parametrize(
    ("content", "layout"),
    [
        pytest.param(PLAIN.encode(), Layout(), id="rows over several lines"),
        pytest.param(PLAIN.rstrip("\n").encode(), Layout(), id="no end of line at the end"),
        pytest.param(PLAIN.replace("\n", "\r\n").encode(), Layout(), id="line ends of Windows"),
        pytest.param(PLAIN.encode("utf-8-sig"), Layout(), id="a mark at the beginning"),
        pytest.param(PLAIN.encode("cp1252"), Layout(encoding="cp1252"), id="cp1252"),
        pytest.param(PLAIN.encode("utf-16"), Layout(encoding="utf-16"), id="utf-16"),
        pytest.param(PLAIN.replace(",", ";").encode(), Layout(separator=";"), id="semicolons"),
        pytest.param(PLAIN.replace('"', "'").encode(), Layout(quote="'"), id="other quotation marks"),
        pytest.param(PLAIN.replace('"', "").encode(), Layout(quote=""), id="no quotation marks"),
        pytest.param(('5" of rain\nnot it\n' + PLAIN).encode(), Layout(skip_lines=2), id="lines to be skipped"),
        pytest.param(
            PLAIN.replace("\n1,", '\n# 5" of rain\n1,', 1).encode(), Layout(comment="#"), id="a comment with a mark"
        ),
        pytest.param(b"id\n" + b"1\n" * 40, Layout(), id="one column"),
        pytest.param(b"id,text\n" + b"1,\n,\n" * 40, Layout(), id="empty values"),
        pytest.param(gzip.compress(PLAIN.encode()), Layout(), id="packed"),
    ],
)
def test_the_parts_of_a_file_are_the_whole(content: bytes, layout: Layout, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    parts = list(source.batches(path, layout, ()))
    assert pl.concat([part.rows for part in parts]).equals(source.read(path, layout, ()))
    assert [part.share for part in parts] == sorted({part.share for part in parts})
    assert parts[-1].share == 1
    assert (len(parts) > 1) == (len(content) > source.BLOCK_BYTES and content[:2] != b"\x1f\x8b")


@pytest.mark.usefixtures("_in_small_parts")
def test_the_parts_of_a_parquet_file_are_the_whole(tmp_path: Path) -> None:
    path, layout = tmp_path / "rows.parquet", Layout(format="parquet")
    whole = pl.DataFrame({"id": range(40), "text": ["a", None] * 20})
    whole.write_parquet(path, row_group_size=11)
    parts = list(source.batches(path, layout, ()))
    assert pl.concat([part.rows for part in parts]).equals(whole)
    assert (len(parts) > 1, parts[-1].share) == (source.BATCH_ROWS < 40, 1)


@pytest.fixture
def _in_parts_of_two_hundred_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "BLOCK_BYTES", 10_000)


def scored(finished: Finished, rows: pl.DataFrame, folder: Path) -> pl.DataFrame:
    rows.write_csv(folder / "new.csv")
    done = command(finished.folder, "predict", "--input", str(folder / "new.csv"), "--output", str(folder / "o.csv"))
    assert (done.code, done.errors) == (0, "")
    assert f"keeps contracts/flights.odcs.yaml 1.0.1 ({len(rows):,} rows)\n" in done.output
    return pl.read_csv(folder / "o.csv")


def flights(finished: Finished) -> pl.DataFrame:
    return pl.read_csv(finished.folder / "data" / "sample" / "flights.csv", infer_schema=False)


@pytest.mark.usefixtures("_in_parts_of_two_hundred_rows")
def test_where_rows_stand_is_asked_only_of_those_that_are_wrong(finished: Finished, tmp_path: Path) -> None:
    places.rows_of.cache_clear()
    scored(finished, flights(finished), tmp_path)
    assert places.rows_of.cache_info().misses == 0


def test_the_same_rows_are_chosen_as_of_the_whole_at_once(
    finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each row is there twice, so that scores tie at the cut.
    twice = pl.concat([flights(finished).head(500)] * 2).with_columns(flight_id=pl.int_range(1, pl.len() + 1))
    whole = scored(finished, twice, tmp_path)
    assert whole["is_warned"].sum() == 200
    monkeypatch.setattr(source, "BLOCK_BYTES", 10_000)
    monkeypatch.setattr(writing, "BATCH_ROWS", 300)
    assert scored(finished, twice, tmp_path).equals(whole)


@pytest.mark.usefixtures("_in_parts_of_two_hundred_rows")
@pytest.mark.parametrize(
    ("row", "change", "sentence"),
    [
        pytest.param(
            900, {"distance_miles": "far"}, "line 902: distance_miles is 'far', which cannot be read as int", id="type"
        ),
        pytest.param(
            901, {"distance_miles": "0"}, "line 903: distance_miles is '0', but must be at least 1", id="value"
        ),
        pytest.param(990, {"flight_id": "33"}, "line 992: flight_id is '33', which another row has too", id="twice"),
    ],
)
def test_a_fault_in_a_later_part_names_its_line(
    row: int, change: dict[str, str], sentence: str, finished: Finished, tmp_path: Path
) -> None:
    rows = flights(finished).head(1000)
    assert rows["flight_id"][0] == "33"
    is_here = pl.int_range(pl.len()) == row
    rows.with_columns(
        pl.when(is_here).then(pl.lit(value)).otherwise(pl.col(name)).alias(name) for name, value in change.items()
    ).write_csv(tmp_path / "new.csv")
    done = command(
        finished.folder, "predict", "--input", str(tmp_path / "new.csv"), "--output", str(tmp_path / "o.csv")
    )
    assert done.code == 2
    assert done.errors.startswith(f"{PROGRAM}: flights breaks its contract: ")
    assert f"/{tmp_path.name}/new.csv {sentence}" in done.errors
    assert [path.name for path in tmp_path.iterdir()] == ["new.csv"]


def test_faults_are_counted_up_to_the_end_of_the_first_part_that_has_any(
    finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "BLOCK_BYTES", 10_000)
    rows = flights(finished).head(1000).with_columns(distance_miles=pl.lit("far"))
    rows.write_csv(tmp_path / "new.csv")
    done = command(finished.folder, "predict", "--input", str(tmp_path / "new.csv"))
    *_, tenth, more = done.errors.splitlines()
    assert tenth.endswith("line 11: distance_miles is 'far', which cannot be read as integer")
    found = re.fullmatch(r"and (\d+) more up to line (\d+)", more)
    assert found
    assert 100 < int(found[1]) + 11 == int(found[2]) < 300


def test_features_that_need_the_other_rows_of_a_file_are_refused(
    finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = features.late_arrival
    monkeypatch.setattr(
        features, "late_arrival", lambda tables: late(tables).with_columns(pl.col("distance_miles").rank())
    )
    monkeypatch.setattr(source, "BLOCK_BYTES", 10_000)
    flights(finished).head(1000).write_csv(tmp_path / "new.csv")
    done = command(finished.folder, "predict", "--input", str(tmp_path / "new.csv"))
    assert (done.code, done.errors) == (
        2,
        (
            f"{PROGRAM}: src/flight_delays/features.py: distance_miles of a row depends on the other rows of the file, "
            "which is too large to be read at once: let it depend on the row and on other datasets only\n"
        ),
    )


def test_a_file_may_end_with_nothing_but_comments(
    finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(finished.folder)
    monkeypatch.setattr(source, "BLOCK_BYTES", 1_000)
    flights(finished).head(100).write_csv(tmp_path / "new.csv")
    with (tmp_path / "new.csv").open("a", encoding="utf-8") as file:
        file.write("# that is all\n" * 200)
    plain = contract.load("flights")
    commented = plain._replace(layout=Layout(comment="#"))
    assert sum(len(part.rows) for part in contract.read_new(commented, tmp_path / "new.csv")) == 100


def test_a_file_without_rows_is_one_sentence(
    finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "BLOCK_BYTES", 10)
    flights(finished).head(0).write_csv(tmp_path / "new.csv")
    done = command(finished.folder, "predict", "--input", str(tmp_path / "new.csv"))
    assert done.code == 2
    assert done.errors.splitlines()[1].endswith(f"/{tmp_path.name}/new.csv has no rows")


def test_a_block_that_is_wrong_is_told_by_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "BLOCK_BYTES", 100)
    path = tmp_path / "rows.csv"
    path.write_bytes(b"id\n" + b"1\n" * 200 + b"\x81\n" * 200)
    with pytest.raises(
        Stopped, match=r"rows\.csv cannot be read as CSV: 'charmap' codec can't decode byte 0x81 in position 403: "
    ):
        list(source.batches(path, Layout(encoding="cp1252"), ()))
    path.write_bytes(b"id,text\n" + b"1,a\n" * 200 + b"1,a,b\n")
    with pytest.raises(Stopped, match=r"rows\.csv cannot be read as CSV: "):
        list(source.batches(path, Layout(), ()))


def test_new_rows_of_a_contract_are_told_what_is_missing(finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(finished.folder)
    (new,) = contract.read_new(contract.load("flights"), finished.folder / "data" / "sample" / "flights.csv")
    assert (new.absent, new.share, len(new.rows)) == (frozenset(), 1, 10_000)
