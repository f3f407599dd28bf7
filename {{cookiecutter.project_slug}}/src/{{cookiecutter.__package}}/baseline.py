# Example (replace it)
"""The rule that a model must beat."""

import polars as pl


def late_arrival(features: pl.DataFrame) -> pl.Series:
    """Return a score from 0 to 1: the later in the day, the likelier late, because delays pile up."""
    return features["scheduled_departure_at_hour"] / 24
