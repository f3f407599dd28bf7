# Example (replace it)
"""The example: late arrivals. `use` takes this file out together with it."""

import re
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from polars.testing import assert_frame_equal, assert_frame_not_equal

from .. import baseline, features, model
from ..platform import lineage
from ..platform.tables import Tables
from .conftest import PROJECT, Finished

LATER = ("departure", "arrival")
NOON = datetime.fromisoformat("2013-07-01T16:00:00+00:00")  # 12:00 in New York


def flights(*rows: dict[str, Any]) -> pl.DataFrame:
    """Make flights that are the same but for what is given."""
    plain = {
        "flight_id": 1,
        "scheduled_departure_at": NOON,
        "carrier_code": "UA",
        "origin_airport_code": "JFK",
        "destination_airport_code": "BOS",
        "distance_miles": 187,
        "departure_delay_minutes": 0,
        "arrival_delay_minutes": 0,
        "air_time_minutes": 40,
    }
    return pl.DataFrame([plain | {"flight_id": number} | row for number, row in enumerate(rows, start=1)])


def weather(*rows: dict[str, Any]) -> pl.DataFrame:
    """Make observations that are the same but for what is given."""
    plain = {
        "origin_airport_code": "JFK",
        "observed_at": NOON - timedelta(hours=3),
        "temperature_fahrenheit": 70.0,
        "dew_point_fahrenheit": 60.0,
        "relative_humidity_percent": 50.0,
        "wind_direction_degrees": 90.0,
        "wind_speed_mph": 5.0,
        "wind_gust_mph": None,
        "precipitation_inches": 0.0,
        "sea_level_pressure_mbar": 1000.0,
        "visibility_miles": 10.0,
    }
    return pl.DataFrame([plain | row for row in rows])


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Tables:
    monkeypatch.chdir(PROJECT)
    return Tables("flight_id")


def test_the_features_are_the_fields_that_the_contracts_say_are_known_in_time(tables: Tables) -> None:
    assert features.late_arrival(tables).columns == [
        "flight_id",
        "scheduled_departure_at_hour",
        "scheduled_departure_at_weekday",
        "carrier_code",
        "origin_airport_code",
        "destination_airport_code",
        "distance_miles",
        "temperature_fahrenheit",
        "dew_point_fahrenheit",
        "relative_humidity_percent",
        "wind_direction_degrees",
        "wind_speed_mph",
        "wind_gust_mph",
        "precipitation_inches",
        "sea_level_pressure_mbar",
        "visibility_miles",
    ]


@pytest.mark.parametrize(
    ("hours_before", "is_known"),
    [
        pytest.param(2.99, False, id="less than three hours before departure"),
        pytest.param(3, True, id="three hours before"),
        pytest.param(6, True, id="six hours before"),
        pytest.param(6.01, False, id="too old to say anything"),
        pytest.param(-1, False, id="after departure"),
    ],
)
def test_weather_counts_only_when_it_was_observed_three_hours_before(hours_before: float, is_known: bool) -> None:  # noqa: FBT001 - one of the two expectations
    observed = weather({"observed_at": NOON - timedelta(hours=hours_before), "wind_speed_mph": 42.0})
    assert features.join(flights({}), observed)["wind_speed_mph"].to_list() == [42.0 if is_known else None]


def test_each_flight_gets_the_latest_weather_of_its_own_airport() -> None:
    observed = weather(
        {"observed_at": NOON - timedelta(hours=5), "wind_speed_mph": 5.0},
        {"observed_at": NOON - timedelta(hours=4), "wind_speed_mph": 4.0},
        {"observed_at": NOON - timedelta(hours=2), "wind_speed_mph": 2.0},
        {"observed_at": NOON - timedelta(hours=3), "wind_speed_mph": 9.0, "origin_airport_code": "LGA"},
    )
    rows = features.join(flights({}, {"origin_airport_code": "LGA"}, {"origin_airport_code": "EWR"}), observed)
    assert dict(zip(rows["origin_airport_code"], rows["wind_speed_mph"], strict=True)) == {
        "JFK": 4.0,
        "LGA": 9.0,
        "EWR": None,
    }


def test_changing_the_future_changes_no_feature(tables: Tables) -> None:
    timetable, observed = tables["flights"], tables["weather"]
    moment = timetable["scheduled_departure_at"].median()

    def known(flown: pl.DataFrame, seen: pl.DataFrame, *, is_past: bool) -> pl.DataFrame:
        rows = features.join(flown, seen)
        in_past = pl.col("scheduled_departure_at") <= pl.lit(moment) + features.LEAD
        return tables.known(rows.filter(in_past if is_past else ~in_past), features.KNOWN_IN_TIME)

    fields = tables.contracts["flights"].fields
    known_later = [field.name for field in fields if field.available_at in LATER]
    assert known_later == ["departure_delay_minutes", "arrival_delay_minutes", "air_time_minutes"]
    other_flights = timetable.with_columns(pl.col(known_later) * -3 + 1000)
    measured = pl.col(column for column, kind in observed.schema.items() if kind == pl.Float64)
    is_future = pl.col("observed_at") > pl.lit(moment)
    other_weather = observed.with_columns(pl.when(is_future).then(measured + 1000).otherwise(measured))

    before = known(timetable, observed, is_past=True)
    assert len(before) > 4_000
    assert_frame_equal(before, known(other_flights, other_weather, is_past=True))
    # The same change is seen where it lies in the past: the comparison above could fail.
    assert_frame_not_equal(
        known(timetable, observed, is_past=False), known(other_flights, other_weather, is_past=False)
    )


def test_the_later_in_the_day_the_likelier_late() -> None:
    scores = baseline.late_arrival(pl.DataFrame({"scheduled_departure_at_hour": [6.0, 23.5, 12.0]}))
    assert scores.arg_sort().to_list() == [0, 2, 1]
    assert scores.is_between(0, 1).all()


def windy_rows(count: int) -> pl.DataFrame:
    """Make rows that are late in strong wind, and whose code says nothing."""
    random = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "carrier_code": random.choice(["AA", "UA", "B6"], count),
            "wind_speed_mph": np.where(np.arange(count) % 10 == 0, np.nan, random.uniform(0, 40, count)),
        }
    )


def is_windy(features: pl.DataFrame) -> NDArray[np.bool_]:
    return (features["wind_speed_mph"].fill_nan(0) > 20).to_numpy()


def scores(known: pl.DataFrame, new: pl.DataFrame) -> NDArray[np.float64]:
    found: NDArray[np.float64] = model.late_arrival(known).fit(known, is_windy(known)).predict_proba(new)[:, 1]
    return found


def test_it_learns_a_pattern_and_applies_it_to_new_rows() -> None:
    known, new = windy_rows(2_000), windy_rows(300).reverse()
    found = scores(known, new)
    assert found[is_windy(new)].min() > found[~is_windy(new)].max()


def test_the_same_rows_give_the_same_model() -> None:
    known = windy_rows(500)
    np.testing.assert_array_equal(scores(known, known), scores(known, known))


def test_a_code_and_a_gap_that_training_never_saw_are_no_error() -> None:
    known = windy_rows(500)
    new = pl.DataFrame({"carrier_code": ["ZZ"], "wind_speed_mph": [None]}, schema=known.schema)
    assert scores(known, new).shape == (1,)


def test_it_passes_its_gate(finished: Finished) -> None:
    assert (finished.code, finished.errors) == (0, "")


def test_each_held_out_flight_is_scored_and_a_fifth_is_warned_of(finished: Finished) -> None:
    (path,) = (finished.folder / lineage.PREDICTIONS).iterdir()
    rows = pl.read_csv(path)
    assert len(rows) == 2_520
    assert rows["flight_id"].n_unique() == 2_520
    assert rows["is_warned"].sum() == 504
    chosen = rows.filter("is_warned")["late_arrival_probability"].min()
    others = rows.filter(~pl.col("is_warned"))["late_arrival_probability"].max()
    assert pl.Series([chosen]).ge(others).all()


def test_the_model_card_says_what_the_pipeline_measured(finished: Finished) -> None:
    card = (PROJECT / "models" / "late_arrival" / "README.md").read_text(encoding="utf-8")
    evaluation = card.split("## Evaluation")[1].split("\n## ")[0]
    said = [float(number) for number in re.findall(r"(?<![\w-])\d+\.\d+", evaluation)]
    (path,) = (finished.folder / lineage.RUNS).iterdir()
    held = lineage.load_file(path).held["metrics"]
    precision, area = held["precision_at_20_percent"], held["roc_auc"]
    measured = [
        precision["model"]["value"] * 100,
        precision["rule"]["value"] * 100,
        area["model"]["value"],
        area["rule"]["value"],
        precision["model"]["value"] / held["lift_at_20_percent"]["model"]["value"] * 100,
        precision["ratio"]["value"],
        precision["ratio"]["low"],
        precision["ratio"]["high"],
    ]
    # Other versions of the libraries may round the model a little differently.
    assert said == pytest.approx(measured, rel=0.03)
