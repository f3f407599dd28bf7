# Example (replace it)
"""The model learns what is there to be learned, and always the same."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .. import model


def rows(count: int) -> pl.DataFrame:
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
    known, new = rows(2_000), rows(300).reverse()
    found = scores(known, new)
    assert found[is_windy(new)].min() > found[~is_windy(new)].max()


def test_the_same_rows_give_the_same_model() -> None:
    known = rows(500)
    np.testing.assert_array_equal(scores(known, known), scores(known, known))


def test_a_code_and_a_gap_that_training_never_saw_are_no_error() -> None:
    known = rows(500)
    new = pl.DataFrame({"carrier_code": ["ZZ"], "wind_speed_mph": [None]}, schema=known.schema)
    assert scores(known, new).shape == (1,)
