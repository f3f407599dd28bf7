# Example (replace it)
"""No feature knows what is known only later."""

from datetime import timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_frame_not_equal

from .. import features
from ..platform.tables import Tables
from .conftest import NOON, PROJECT, flights, weather

LATER = ("departure", "arrival")


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
