"""Wraps an estimator, so that it can read the features of a table."""

from typing import Any

import polars as pl
import polars.selectors as cs
from sklearn.compose import make_column_transformer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder


def with_codes(features: pl.DataFrame, estimator: Any) -> Pipeline:
    """Return an estimator that reads words as numbers.

    A word that was not among the training rows is no error: it counts as unknown.
    """
    words = features.select(cs.string()).columns
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return make_pipeline(make_column_transformer((encoder, words), remainder="passthrough"), estimator)
