"""Wraps an estimator, so that it can read the features of a table."""

from collections.abc import Iterable
from typing import Any

import polars as pl
import polars.selectors as cs
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

# So many words of a text count: those that most rows have.
TEXT_WORDS = 300


def with_codes(features: pl.DataFrame, estimator: Any, texts: Iterable[str] = ()) -> Pipeline:
    """Return an estimator that reads words as numbers; of `texts`, columns of several words, it reads each word.

    A word that was not among the training rows is no error: it counts as unknown.
    """
    read = [(TfidfVectorizer(max_features=TEXT_WORDS), column) for column in texts]
    words = [column for column in features.select(cs.string()).columns if column not in texts]
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    coder = make_column_transformer((encoder, words), *read, remainder="passthrough", sparse_threshold=0)
    return make_pipeline(coder, estimator)
