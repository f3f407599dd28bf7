"""The model learns what is there to be learned, and always the same."""

import numpy as np
import polars as pl
import pytest

from .. import model
from ..errors import Stopped


def rows(count: int) -> pl.DataFrame:
    """Make rows that are late in strong wind, and whose code says nothing."""
    random = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "carrier_code": random.choice(["AA", "UA", "B6"], count),
            "wind_speed_mph": np.where(np.arange(count) % 10 == 0, np.nan, random.uniform(0, 40, count)),
        }
    )


def is_windy(features: pl.DataFrame) -> pl.Series:
    return features["wind_speed_mph"].fill_nan(0) > 20


def test_it_learns_a_pattern_and_applies_it_to_new_rows() -> None:
    known, new = rows(2_000), rows(300).reverse()
    scores = model.score(model.train(known, is_windy(known)), new)
    assert scores.shape == (300,)
    assert scores.min() >= 0
    assert scores.max() <= 1
    assert scores[is_windy(new).to_numpy()].min() > scores[~is_windy(new).to_numpy()].max()


def test_the_same_rows_give_the_same_model() -> None:
    known = rows(500)
    first, second = (model.score(model.train(known, is_windy(known)), known) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_code_and_a_gap_that_training_never_saw_are_no_error() -> None:
    known = rows(500)
    new = pl.DataFrame({"carrier_code": ["ZZ"], "wind_speed_mph": [None]}, schema=known.schema)
    assert model.score(model.train(known, is_windy(known)), new).shape == (1,)


def test_labels_that_are_all_alike_teach_nothing() -> None:
    known = rows(50)
    with pytest.raises(Stopped, match="all late or all on time"):
        model.train(known, pl.Series([True] * 50))
