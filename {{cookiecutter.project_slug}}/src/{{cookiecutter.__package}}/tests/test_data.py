"""No feature knows what is known only later, and the held-out days come after the training days."""

from datetime import timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_frame_not_equal

from .. import contract, data
from ..errors import Stopped
from .conftest import NOON, PROJECT, flights, weather

LATER = ("departure", "arrival")


@pytest.fixture
def contracts(monkeypatch: pytest.MonkeyPatch) -> dict[str, contract.Contract]:
    monkeypatch.chdir(PROJECT)
    return data.contracts()


def test_the_features_are_the_fields_that_the_contracts_say_are_known_in_time(
    contracts: dict[str, contract.Contract],
) -> None:
    assert [field.name for field in data.feature_fields(contracts)] == [
        "scheduled_departure_at",
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


def test_a_field_that_does_not_say_when_it_is_known_is_no_feature(contracts: dict[str, contract.Contract]) -> None:
    silent = [field._replace(available_at=None) for field in contracts["flights"].fields]
    contracts["flights"] = contracts["flights"]._replace(fields=tuple(silent))
    assert "carrier_code" not in [field.name for field in data.feature_fields(contracts)]


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
    assert data.join(flights({}), observed)["wind_speed_mph"].to_list() == [42.0 if is_known else None]


def test_each_flight_gets_the_latest_weather_of_its_own_airport() -> None:
    observed = weather(
        {"observed_at": NOON - timedelta(hours=5), "wind_speed_mph": 5.0},
        {"observed_at": NOON - timedelta(hours=4), "wind_speed_mph": 4.0},
        {"observed_at": NOON - timedelta(hours=2), "wind_speed_mph": 2.0},
        {"observed_at": NOON - timedelta(hours=3), "wind_speed_mph": 9.0, "origin_airport_code": "LGA"},
    )
    rows = data.join(flights({}, {"origin_airport_code": "LGA"}, {"origin_airport_code": "EWR"}), observed)
    assert dict(zip(rows["origin_airport_code"], rows["wind_speed_mph"], strict=True)) == {
        "JFK": 4.0,
        "LGA": 9.0,
        "EWR": None,
    }


def test_changing_the_future_changes_no_feature(contracts: dict[str, contract.Contract]) -> None:
    fields = data.feature_fields(contracts)
    timetable, observed = (contract.read(source) for source in contracts.values())
    moment = timetable["scheduled_departure_at"].median()

    def features(flown: pl.DataFrame, seen: pl.DataFrame, *, is_past: bool) -> pl.DataFrame:
        rows = data.join(flown, seen)
        in_past = pl.col("scheduled_departure_at") <= pl.lit(moment) + data.LEAD
        return data.features(rows.filter(in_past if is_past else ~in_past), fields)

    known_later = [field.name for field in contracts["flights"].fields if field.available_at in LATER]
    assert known_later == ["departure_delay_minutes", "arrival_delay_minutes", "air_time_minutes"]
    other_flights = timetable.with_columns(pl.col(known_later) * -3 + 1000)
    measured = pl.col(column for column, kind in observed.schema.items() if kind == pl.Float64)
    is_future = pl.col("observed_at") > pl.lit(moment)
    other_weather = observed.with_columns(pl.when(is_future).then(measured + 1000).otherwise(measured))

    before = features(timetable, observed, is_past=True)
    assert len(before) > 4_000
    assert_frame_equal(before, features(other_flights, other_weather, is_past=True))
    # The same change is seen where it lies in the past: the comparison above could fail.
    assert_frame_not_equal(
        features(timetable, observed, is_past=False), features(other_flights, other_weather, is_past=False)
    )


def test_the_held_out_days_come_after_all_training_days() -> None:
    rows = flights(*({"scheduled_departure_at": NOON + timedelta(hours=6 * step)} for step in reversed(range(40))))
    parts = data.split(rows)
    assert len(parts.train) + len(parts.held_out) == 40
    assert len(parts.held_out) == pytest.approx(10, abs=4)
    assert sorted([*parts.train["day"], *parts.held_out["day"]]) == [*parts.train["day"], *parts.held_out["day"]]
    assert parts.train["day"][-1] < parts.held_out["day"][0]
    assert set(parts.train["flight_id"]).isdisjoint(parts.held_out["flight_id"])


def test_one_day_cannot_be_split() -> None:
    with pytest.raises(Stopped, match="all flights are of 2013-07-01"):
        data.split(flights({}, {}, {}))


def test_late_means_fifteen_minutes_and_a_cancelled_flight_is_neither() -> None:
    rows = flights(*({"arrival_delay_minutes": delay} for delay in (14, 15, -5, 200, None)))
    assert data.labels(data.landed(rows)).to_list() == [False, True, False, True]


def test_a_time_becomes_the_hour_and_the_day_of_the_airports_clock(contracts: dict[str, contract.Contract]) -> None:
    rows = data.join(flights({"scheduled_departure_at": NOON.replace(hour=2, minute=30)}), weather({}))
    features = data.features(rows, data.feature_fields(contracts))
    # 02:30 UTC on Monday is 22:30 on Sunday in New York.
    assert features["scheduled_departure_at_hour"].to_list() == [22.5]
    assert features["scheduled_departure_at_weekday"].to_list() == [7.0]
