"""Picks the rule that a model has to beat: the same for each row, or by the one column that says most."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .. import metrics, rules
from ..charter import REGRESSION, Model
from ..task import Labels, usual

FOLDS = 3
# Enough to tell which column says most.
MAX_ROWS = 20_000
MAX_WORDS = 10
QUARTERS = (0.25, 0.5, 0.75)
MIN_ROWS_OF_A_WORD = 5


class Rule(NamedTuple):
    """A column and what is said of its words, or of its numbers up to each bound; without a column, one answer."""

    column: str | None
    answers: dict[str, Any]
    bounds: tuple[float, ...]
    steps: tuple[Any, ...]
    otherwise: Any

    def __call__(self, features: pl.DataFrame) -> pl.Series:
        """Answer for each row."""
        if self.column is None:
            return rules.constant(features, self.otherwise)
        column = features[self.column]
        if self.bounds:
            return rules.by_bound(column, self.bounds, self.steps, self.otherwise)
        return rules.by_value(column, self.answers, self.otherwise)


def best(features: pl.DataFrame, labels: Labels, model: Model) -> Rule:
    """Return the rule that does best on rows of the training part that it was not made from."""
    if len(features) > MAX_ROWS:
        drawn = np.random.default_rng(0).choice(len(features), MAX_ROWS, replace=False)
        features, labels = features[np.sort(drawn)], labels[np.sort(drawn)]
    metric = _metric(model)
    makers = list(_makers(features, model))
    scores = [_cross_validated(make, features, labels, metric) for make in makers]
    return makers[int(np.argmax(scores))](features, labels)


Maker = Callable[[pl.DataFrame, Labels], Rule]


def _makers(features: pl.DataFrame, model: Model) -> Iterator[Maker]:
    """Yield what makes a rule of each column; first, of none: the plainest wins among equals."""
    yield lambda _, labels: Rule(None, {}, (), (), usual(labels, model))
    for column in features.columns:
        yield partial(_by_column, column, model)


def _by_column(column: str, model: Model, features: pl.DataFrame, labels: Labels) -> Rule:
    by = _by_words if features[column].dtype == pl.String else _by_numbers
    return by(features[column], labels, model)


def _metric(model: Model) -> metrics.Metric:
    if model.kind == REGRESSION:
        return metrics.mean_absolute_error
    return metrics.balanced_accuracy if model.has_classes else metrics.roc_auc


def _cross_validated(make: Maker, features: pl.DataFrame, labels: Labels, metric: metrics.Metric) -> float:
    """Return the metric over all rows, each answered by a rule that was made without it."""
    folds = np.arange(len(labels)) % FOLDS
    said: list[NDArray[Any]] = []
    for fold in range(FOLDS):
        rule = make(features.filter(folds != fold), labels[folds != fold])
        said.append(rule(features.filter(folds == fold)).to_numpy())
    outcomes = np.concatenate([labels[folds == fold] for fold in range(FOLDS)])
    found = metric(outcomes, np.concatenate(said), np.ones((1, len(outcomes))))[0]
    # Rounded: a gain that nobody sees is none.
    return round(float(found), 6) if np.isfinite(found) else -np.inf


def _by_words(column: pl.Series, labels: Labels, model: Model) -> Rule:
    counts = column.value_counts(sort=True).filter(pl.col("count") >= MIN_ROWS_OF_A_WORD).head(MAX_WORDS)
    words = sorted(counts[column.name].drop_nulls().to_list())
    answers = {word: usual(labels[(column == word).fill_null(value=False).to_numpy()], model) for word in words}
    return Rule(column.name, answers, (), (), usual(labels, model))


def _by_numbers(column: pl.Series, labels: Labels, model: Model) -> Rule:
    otherwise = usual(labels, model)
    known = column.drop_nulls().drop_nans()
    if known.is_empty():
        return Rule(None, {}, (), (), otherwise)
    bounds = tuple(sorted({_short(float(known.quantile(share, "lower") or 0)) for share in QUARTERS}))
    values = column.to_numpy()
    places = np.searchsorted(np.array(bounds), values, side="left")
    is_known = np.isfinite(values)
    parts = [labels[is_known & (places == place)] for place in range(len(bounds) + 1)]
    steps = tuple(usual(part, model) if len(part) else otherwise for part in parts)
    return Rule(column.name, {}, bounds, steps, otherwise)


def _short(value: float) -> float:
    return float(f"{value:.4g}")
