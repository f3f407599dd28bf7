"""Wraps an estimator, so that it can read the features of a table."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from .errors import Stopped

# So many words of a text count: those that most rows have.
TEXT_WORDS = 300


def with_codes(features: pl.DataFrame, estimator: Any, texts: Iterable[str] = ()) -> Pipeline:
    """Return an estimator that reads words as numbers, and does not read columns that are empty.

    Of `texts`, columns that hold several words, it reads each word. A word that was not among the training rows is no
    error: it counts as unknown.
    """
    if others := features.select(cs.nested() | cs.binary() | cs.time() | cs.object()).columns:
        message = f"features.py: {others[0]} is {features[others[0]].dtype}, where numbers, words or days are expected"
        raise Stopped(message)
    empty = [column.name for column in features if column.null_count() == len(column)]
    read = [(TfidfVectorizer(max_features=TEXT_WORDS), column) for column in texts]
    words = features.select((cs.string() | cs.categorical() | cs.enum()) - cs.by_name(*empty, *texts)).columns
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    parts = ((encoder, words), ("drop", empty), *read)
    coder = make_column_transformer(*parts, remainder="passthrough", sparse_threshold=0)
    return make_pipeline(coder, estimator)


class Encoded(NamedTuple):
    """The last step of a fitted estimator, what it reads, and the place of each column of the features in that."""

    last: Any
    table: NDArray[Any]
    places: dict[str, int]


def encoded(fitted: Any, features: pl.DataFrame) -> Encoded | None:
    """Return features as the last step reads them, if each of its columns is one of the features, or its code."""
    if not isinstance(fitted, Pipeline) or len(fitted.steps) != 2 or not _keeps_columns(fitted.steps[0][1]):
        return None
    (_, first), (_, last) = fitted.steps
    table = first.transform(features)
    names = [str(name).partition("__")[2] for name in first.get_feature_names_out()]
    if sorted(names) != sorted(features.columns) or not isinstance(table, np.ndarray):
        return None
    return Encoded(last, table, {name: place for place, name in enumerate(names)})


def _keeps_columns(step: Any) -> bool:
    """Tell whether a step passes its columns on or gives them codes, each by itself."""
    if not isinstance(step, ColumnTransformer):
        return False
    used = (part for _, part, columns in step.transformers_ if len(columns))
    # scikit-learn makes of "passthrough" a function that is none.
    return all(isinstance(part, OrdinalEncoder) or getattr(part, "func", "") is None for part in used)
