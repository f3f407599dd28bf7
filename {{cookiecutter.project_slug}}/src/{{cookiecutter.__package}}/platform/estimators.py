"""Wraps an estimator, so that it can read the features of a table."""

from typing import Any

import polars as pl
import polars.selectors as cs
from sklearn.compose import make_column_transformer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from .errors import Stopped


def with_codes(features: pl.DataFrame, estimator: Any) -> Pipeline:
    """Return an estimator that reads words as numbers, and does not read columns that are empty.

    A word that was not among the training rows is no error: it counts as unknown.
    """
    if others := features.select(cs.nested() | cs.binary() | cs.time() | cs.object()).columns:
        message = f"features.py: {others[0]} is {features[others[0]].dtype}, where numbers, words or days are expected"
        raise Stopped(message)
    empty = [column.name for column in features if column.null_count() == len(column)]
    words = features.select((cs.string() | cs.categorical() | cs.enum()) - cs.by_name(empty)).columns
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return make_pipeline(make_column_transformer((encoder, words), ("drop", empty), remainder="passthrough"), estimator)
