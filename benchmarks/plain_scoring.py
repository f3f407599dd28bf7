"""Scores flights as one would in a notebook: nothing is checked, and nothing can be traced. It runs in a project."""

from __future__ import annotations

import sys
from datetime import timedelta

import polars as pl
import skops.io

ZONE = "America/New_York"


def main(model: str, rows: str, output: str) -> None:
    """Read the rows, give them their features, score them, and write the scores."""
    estimator = skops.io.load(model, trusted=skops.io.get_untrusted_types(file=model))
    flights = pl.read_csv(rows, try_parse_dates=True)
    weather = pl.read_csv("data/sample/weather.csv", try_parse_dates=True, infer_schema_length=None)
    joined = (
        flights.with_columns(predicted_at=pl.col("scheduled_departure_at") - timedelta(hours=3))
        .sort("predicted_at")
        .join_asof(
            weather.sort("observed_at"),
            left_on="predicted_at",
            right_on="observed_at",
            by="origin_airport_code",
            tolerance=timedelta(hours=3),
            check_sortedness=False,
        )
        .sort("flight_id")
    )
    local = pl.col("scheduled_departure_at").dt.convert_time_zone(ZONE)
    wanted = next(columns for name, _, columns in estimator.steps[0][1].transformers_ if name == "ordinalencoder")
    names = estimator.feature_names_in_
    features = joined.with_columns(
        scheduled_departure_at_hour=local.dt.hour() + local.dt.minute() / 60,
        scheduled_departure_at_weekday=local.dt.weekday().cast(pl.Float64),
    ).select(pl.col(name) if name in wanted else pl.col(name).cast(pl.Float64) for name in names)
    scores = pl.Series("late_arrival_probability", estimator.predict_proba(features)[:, 1])
    last = scores.sort(descending=True)[len(scores) // 5 - 1]
    joined.select("flight_id", scores, is_warned=scores >= last).write_csv(output)


if __name__ == "__main__":
    main(*sys.argv[1:])
