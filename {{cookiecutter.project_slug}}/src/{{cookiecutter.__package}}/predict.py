"""Turns scores into predictions that can be traced."""

import uuid

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .evaluate import top_count


def predictions(run_id: str, flight_ids: pl.Series, scores: NDArray[np.float64]) -> pl.DataFrame:
    """Return one row for each flight. The same run and flight always give the same prediction id."""
    run = uuid.UUID(run_id)
    place = pl.Series(scores).rank("ordinal", descending=True)
    return pl.DataFrame(
        {
            "prediction_id": [str(uuid.uuid5(run, str(flight_id))) for flight_id in flight_ids],
            "run_id": [run_id] * len(scores),
            "flight_id": flight_ids,
            "late_arrival_probability": scores,
            "is_warned": place <= top_count(len(scores)),
        }
    )
