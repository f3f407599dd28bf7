"""The model: gradient boosted trees on what is known in time."""

from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from .errors import Stopped

# Small trees that learn slowly: the signal is weak, and larger ones learn the noise of so few rows. Picked from eight
# variants by cross-validation in time order, within the training days only.
SETTINGS: dict[str, Any] = {
    "learning_rate": 0.03,
    "max_iter": 200,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 60,
    "random_state": 0,
}


def train(features: pl.DataFrame, labels: pl.Series) -> Pipeline:
    """Fit the model. The same rows give the same model."""
    if labels.n_unique() < 2:
        message = "the training days are all late or all on time: nothing can be learned from them"
        raise Stopped(message)
    words = features.select(cs.string()).columns
    # A code that was not in the training days (a new airline) is no error: it counts as unknown.
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = make_column_transformer((encoder, words), remainder="passthrough")
    return make_pipeline(columns, HistGradientBoostingClassifier(**SETTINGS)).fit(features, labels.to_numpy())


def score(model: Pipeline, features: pl.DataFrame) -> NDArray[np.float64]:
    """Return the probability of being late for each row."""
    probabilities: NDArray[np.float64] = model.predict_proba(features)[:, 1]
    return probabilities
