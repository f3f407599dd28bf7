"""The held-out rows come later, or share no group with the others, and are the same ones each time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from flight_delays.platform.charter import Model, Split
from flight_delays.platform.contract import Contract, Field
from flight_delays.platform.errors import Stopped
from flight_delays.platform.source import Layout, Spelling
from flight_delays.platform.split import UNIT, split, unit_of

NOON = datetime.fromisoformat("2013-07-01T16:00:00+00:00")


def field(name: str, kind: str, time_zone: str = "UTC") -> Field:
    return Field(
        name,
        kind,
        is_key=False,
        is_required=False,
        is_unique=False,
        available_at=None,
        role=None,
        time_zone=time_zone,
        options={},
        allowed=(),
        spelling=Spelling(name),
    )


def source(*fields: Field) -> Contract:
    return Contract(Path("contracts/rows.odcs.yaml"), "rows", "1.0.0", "@acme/ops", "rows.csv", Layout(), fields)


def model(by: str, name: str | None, held_out: float = 0.25) -> Model:
    return Model("late", "testing", "regression", "rows", "row_id", "y", None, Split(by, name, held_out), None)


FIELDS = source(
    field("row_id", "integer"),
    field("seen_at", "timestamp", time_zone="America/New_York"),
    field("day", "date"),
    field("clinic", "string"),
)


def rows(count: int = 40) -> pl.DataFrame:
    moments = [NOON + timedelta(hours=6 * step) for step in range(count)]
    numbers = range(count)
    return pl.DataFrame(
        {
            "row_id": numbers,
            "seen_at": moments,
            "day": [moment.date() for moment in moments],
            "clinic": [f"clinic {number % 8}" for number in numbers],
        }
    )


def test_the_held_out_days_come_after_all_training_days() -> None:
    parts = split(rows().reverse(), model("time", "seen_at"), FIELDS)
    assert len(parts.train) + len(parts.held_out) == 40
    assert len(parts.held_out) == pytest.approx(10, abs=4)
    days = [*parts.train[UNIT], *parts.held_out[UNIT]]
    assert days == sorted(days)
    assert parts.train[UNIT][-1] < parts.held_out[UNIT][0]


def test_a_day_is_one_of_the_local_clock() -> None:
    # 02:30 UTC is 22:30 of the day before in New York.
    late = rows(8).with_columns(seen_at=pl.col("seen_at").dt.replace(hour=2, minute=30))
    parts = split(late, model("time", "seen_at"), FIELDS)
    assert parts.train[UNIT][0] == date(2013, 6, 30)


def test_a_field_of_days_is_its_own_unit() -> None:
    parts = split(rows(), model("time", "day"), FIELDS)
    assert parts.held_out[UNIT].to_list() == parts.held_out["day"].to_list()


def test_a_group_is_on_one_side() -> None:
    parts = split(rows(400), model("group", "clinic", 0.4), FIELDS)
    assert set(parts.train["clinic"]).isdisjoint(parts.held_out["clinic"])
    assert {*parts.train["clinic"], *parts.held_out["clinic"]} == {f"clinic {number}" for number in range(8)}


def test_a_row_stays_on_its_side_when_others_come() -> None:
    few = split(rows(400), model("random", None), FIELDS)
    more = split(rows(800), model("random", None), FIELDS)
    assert set(few.held_out["row_id"]) <= set(more.held_out["row_id"])
    assert len(more.held_out) == pytest.approx(200, abs=40)
    assert split(rows(400).reverse(), model("random", None), FIELDS).held_out.equals(few.held_out)


@pytest.mark.parametrize(
    ("chosen", "unit"), [(("time", "day"), "day"), (("group", "clinic"), "group"), (("random", None), "row")]
)
def test_the_unit_is_what_is_independent(chosen: tuple[str, str | None], unit: str) -> None:
    assert unit_of(model(*chosen)) == unit


@pytest.mark.parametrize(
    ("few", "chosen", "sentence"),
    [
        (rows(2), ("time", "seen_at"), "all rows of rows are of the day 2013-07-01: others to judge the model by are"),
        (rows(1), ("random", None), "all rows of rows are of the row 0: others to judge the model by are needed"),
        (rows(2), ("random", None), "rows has only 2 rows, and none of them is left to judge the model by: more are"),
        (rows(0), ("random", None), "rows has no rows"),
        (
            rows().with_columns(clinic=pl.lit(None, pl.String)),
            ("group", "clinic"),
            "clinic is empty in 40 rows, and the rows are split by it: see contracts/rows.odcs.yaml",
        ),
        (
            rows(),
            ("group", "hospital"),
            "project.yaml names 'hospital', which contracts/rows.odcs.yaml does not have: it has row_id, seen_at",
        ),
    ],
)
def test_what_cannot_be_split_is_one_sentence(few: pl.DataFrame, chosen: tuple[str, str | None], sentence: str) -> None:
    with pytest.raises(Stopped, match=f"^{sentence}"):
        split(few, model(*chosen), FIELDS)
