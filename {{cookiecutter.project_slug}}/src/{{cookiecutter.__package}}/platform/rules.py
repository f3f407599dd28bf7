"""Rules that look at one column, or at none: what a model has to be better than."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl


def constant(features: pl.DataFrame, value: float | str) -> pl.Series:
    """Say the same of each row."""
    return pl.Series([value]).new_from_index(0, len(features))


def by_value(column: pl.Series, values: Mapping[str, Any], otherwise: float | str) -> pl.Series:
    """Say of each row what is said of the word in its column."""
    return column.replace_strict(values, default=otherwise)


def by_bound(column: pl.Series, bounds: Sequence[float], values: Sequence[Any], otherwise: float | str) -> pl.Series:
    """Say of each row what is said of the numbers up to a bound, in rising order, and above the last of them.

    There is one value more than bounds. `otherwise` is for rows without a number.
    """
    places = sum(((column > bound).cast(pl.UInt8) for bound in bounds), pl.Series([0], dtype=pl.UInt8))
    known = places.replace_strict(dict(enumerate(values)), default=otherwise)
    return pl.select(
        pl.when(column.is_not_null() & column.is_not_nan()).then(known).otherwise(pl.lit(otherwise))
    ).to_series()
