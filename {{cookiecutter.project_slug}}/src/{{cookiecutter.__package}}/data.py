"""Joins the datasets, and turns them into what a model may know at the moment of prediction."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple

import polars as pl

from . import contract
from .contract import Contract, Field
from .errors import Stopped

# A prediction is made this long before the scheduled departure: nothing that is known only later may enter.
LEAD = timedelta(hours=3)
# Weather older than this says nothing about the flight.
OLDEST = timedelta(hours=3)
LATE_MINUTES = 15
# The three airports of departure share one wall clock.
TIME_ZONE = "America/New_York"
# The fields that are known in time, by the property `availableAt` of the contracts: on the timetable, or
# observed before the moment of prediction (`join` sees to that).
KNOWN_IN_TIME = ("scheduled", "observed")
HELD_OUT = 0.25
# What the evidence says about the choices above.
PARAMETERS = {"held_out_share": HELD_OUT, "lead_hours": LEAD // timedelta(hours=1), "late_minutes": LATE_MINUTES}


class Split(NamedTuple):
    """Rows to learn from, and later rows to be judged by."""

    train: pl.DataFrame
    held_out: pl.DataFrame


def contracts() -> dict[str, Contract]:
    """Read the contracts of the inputs."""
    return {dataset: contract.load(dataset) for dataset in ("flights", "weather")}


def join(flights: pl.DataFrame, weather: pl.DataFrame) -> pl.DataFrame:
    """Give each flight the latest weather of its origin that was observed by the moment of prediction."""
    moment = pl.col("scheduled_departure_at") - LEAD
    return (
        flights.with_columns(predicted_at=moment)
        .sort("predicted_at", "flight_id")
        .join_asof(
            weather.sort("observed_at"),
            left_on="predicted_at",
            right_on="observed_at",
            by="origin_airport_code",
            tolerance=OLDEST,
            check_sortedness=False,  # polars cannot check it within groups; both sides were sorted above
        )
    )


def split(rows: pl.DataFrame) -> Split:
    """Hold out the last days: a model is judged by what comes after the days that it learned from."""
    days = pl.col("scheduled_departure_at").dt.convert_time_zone(TIME_ZONE).dt.date()
    ordered = rows.with_columns(day=days).sort("scheduled_departure_at", "flight_id")
    first_day = ordered["day"][int(len(ordered) * (1 - HELD_OUT))]
    parts = Split(ordered.filter(pl.col("day") < first_day), ordered.filter(pl.col("day") >= first_day))
    if parts.train.is_empty():
        message = f"all flights are of {first_day}: later days to judge the model by are needed"
        raise Stopped(message)
    return parts


def landed(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep the flights whose delay is known: not the cancelled and diverted ones."""
    return rows.filter(pl.col("arrival_delay_minutes").is_not_null())


def labels(rows: pl.DataFrame) -> pl.Series:
    """Say of each flight whether it arrived late."""
    return rows["arrival_delay_minutes"] >= LATE_MINUTES


def feature_fields(inputs: Mapping[str, Contract]) -> list[Field]:
    """Return the fields that a model may use: known in time, and not an identifier."""
    fields = (field for contract in inputs.values() for field in contract.fields)
    return [field for field in fields if field.available_at in KNOWN_IN_TIME and not field.is_key]


def features(rows: pl.DataFrame, fields: Iterable[Field]) -> pl.DataFrame:
    """Turn the fields into columns that a model can read."""
    return rows.select(column for field in fields for column in _columns(field))


def _columns(field: Field) -> list[pl.Expr]:
    column = pl.col(field.name)
    if field.type == "timestamp":
        local = column.dt.convert_time_zone(TIME_ZONE)
        hour = local.dt.hour() + local.dt.minute() / 60
        return [hour.alias(f"{field.name}_hour"), local.dt.weekday().cast(pl.Float64).alias(f"{field.name}_weekday")]
    if field.type == "date":
        return [column.dt.weekday().cast(pl.Float64).alias(f"{field.name}_weekday")]
    if field.type == "string":
        return [column.fill_null("")]
    return [column.cast(pl.Float64)]
