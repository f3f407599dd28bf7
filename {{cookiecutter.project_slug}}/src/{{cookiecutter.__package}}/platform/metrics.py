"""Measures a model and its rule, with intervals, by the names of scikit-learn's scorers."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .charter import REGRESSION, Model
from .task import Labels

Weights = NDArray[np.float64]
"""How often each row counts: one line for each resample, one column for each row."""
Metric = Callable[[Labels, NDArray[Any], Weights], NDArray[np.float64]]
"""Takes labels and scores of n rows and weights of (b, n); returns b values, NaN where it is undefined."""

LEVEL = 0.95
RESAMPLES = 1_000
SEED = 0
# So many weights are held at a time.
BATCH = 5_000_000
# An interval from fewer independent units would be narrower than what is known.
MIN_UNITS = 5
# More undefined resamples than this share leave an interval undefined.
MAX_UNDEFINED = 0.01


class Interval(NamedTuple):
    """A value, and the bounds between which it lies in `LEVEL` of the resamples; None where it is undefined."""

    value: float | None
    low: float | None
    high: float | None


class Measured(NamedTuple):
    """A metric of the model, of the rule, and of one against the other on the same rows."""

    model: Interval
    rule: Interval
    difference: Interval
    ratio: Interval


class Held(NamedTuple):
    """What was judged: how many rows, how many units of them are independent, and what the metrics came to."""

    rows: int
    unit: str
    units: int
    metrics: Mapping[str, Measured]


def measure(
    model: Model, labels: Labels, scores: NDArray[Any], rule: NDArray[Any], units: NDArray[Any], unit: str
) -> Held:
    """Measure on held-out rows; the intervals come from resampling units with replacement."""
    names, members = np.unique(units, return_inverse=True)
    measured = {
        name: _measured(metric, labels, scores, rule, members, len(names)) for name, metric in metrics_of(model).items()
    }
    return Held(len(labels), unit, len(names), measured)


def metrics_of(model: Model) -> dict[str, Metric]:
    """Return the metrics that suit what a model predicts, its main one first; more is better in all of them."""
    if model.kind == REGRESSION:
        return {
            "neg_mean_absolute_error": mean_absolute_error,
            "neg_root_mean_squared_error": root_mean_squared_error,
            "r2": r2,
        }
    if model.has_classes:
        return {"balanced_accuracy": balanced_accuracy, "accuracy": accuracy, "f1_macro": f1_macro}
    found: dict[str, Metric] = {"roc_auc": roc_auc, "average_precision": average_precision}
    if model.decision and model.decision.top_share:
        share = model.decision.top_share
        named = {"precision": precision_at, "recall": recall_at, "lift": lift_at}
        found |= {f"{name}_at_{share * 100:g}_percent": partial(metric, share=share) for name, metric in named.items()}
    return found


def main_metric(model: Model) -> str:
    """Return the metric that a model of this kind is first asked for, as long as its gate asks for nothing else."""
    return next(iter(metrics_of(model)))


def _measured(
    metric: Metric, labels: Labels, scores: NDArray[Any], rule: NDArray[Any], members: NDArray[np.intp], units: int
) -> Measured:
    once = np.ones((1, len(labels)))
    of_model, of_rule = metric(labels, scores, once)[0], metric(labels, rule, once)[0]
    if units < MIN_UNITS:
        return _without_bounds(of_model, of_rule)
    pairs = [(metric(labels, scores, weights), metric(labels, rule, weights)) for weights in _resampled(members, units)]
    models, rules = (np.concatenate(side) for side in zip(*pairs, strict=True))
    with np.errstate(divide="ignore", invalid="ignore"):
        return Measured(
            _interval(of_model, models),
            _interval(of_rule, rules),
            _interval(of_model - of_rule, models - rules),
            _interval(of_model / of_rule, models / rules),
        )


def _without_bounds(of_model: np.float64, of_rule: np.float64) -> Measured:
    with np.errstate(divide="ignore", invalid="ignore"):
        values = (of_model, of_rule, of_model - of_rule, of_model / of_rule)
    return Measured(*(Interval(float(value) if np.isfinite(value) else None, None, None) for value in values))


def _resampled(members: NDArray[np.intp], units: int) -> Iterator[Weights]:
    """Yield weights of the rows, some resamples at a time; rows of one unit have the same."""
    random = np.random.default_rng(SEED)
    at_once = max(1, BATCH // len(members))
    for start in range(0, RESAMPLES, at_once):
        drawn = random.multinomial(units, np.full(units, 1 / units), min(at_once, RESAMPLES - start))
        yield drawn[:, members].astype(np.float64)


def _interval(value: np.float64, resampled: NDArray[np.float64]) -> Interval:
    defined = resampled[np.isfinite(resampled)]
    if not np.isfinite(value):
        return Interval(None, None, None)
    if len(defined) < len(resampled) * (1 - MAX_UNDEFINED):
        return Interval(float(value), None, None)
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(value), float(low), float(high))


def _by_score(
    labels: Labels, scores: NDArray[Any], weights: Weights
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the weight of the positive and of all rows for each distinct score, highest first: (b, scores)."""
    values, places = np.unique(-scores, return_inverse=True)
    order = np.argsort(places, kind="stable")
    starts = np.searchsorted(places[order], np.arange(len(values)))
    sorted_weights = weights[:, order]
    positive = np.add.reduceat(sorted_weights * labels[order], starts, axis=1)
    return positive, np.add.reduceat(sorted_weights, starts, axis=1)


def roc_auc(labels: Labels, scores: NDArray[Any], weights: Weights) -> NDArray[np.float64]:
    """Return the share of pairs of a positive and another row that are in order; ties count by half."""
    positive, all_rows = _by_score(labels, scores, weights)
    negative = all_rows - positive
    below = negative.sum(axis=1, keepdims=True) - negative.cumsum(axis=1)
    right = (positive * (below + negative / 2)).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(right / (positive.sum(axis=1) * negative.sum(axis=1)))


def average_precision(labels: Labels, scores: NDArray[Any], weights: Weights) -> NDArray[np.float64]:
    """Return the mean precision over the positive rows, as they are found from the highest score down."""
    positive, all_rows = _by_score(labels, scores, weights)
    with np.errstate(invalid="ignore"):
        precision = np.nan_to_num(positive.cumsum(axis=1) / all_rows.cumsum(axis=1))
        return np.asarray((precision * positive).sum(axis=1) / positive.sum(axis=1))


def top_count(rows: int, share: float) -> int:
    """Return how many of these rows make the top share: at least one."""
    return max(1, round(rows * share))


def _found_at(labels: Labels, scores: NDArray[Any], weights: Weights, share: float) -> tuple[NDArray[np.float64], ...]:
    """Return of each resample how many positive rows the top share holds, and how large it is.

    Where a tie straddles the cut, its rows count by their mean, so that their order does not matter.
    """
    positive, all_rows = _by_score(labels, scores, weights)
    size = np.maximum(1, np.round(all_rows.sum(axis=1, keepdims=True) * share))
    taken = np.clip(size - (all_rows.cumsum(axis=1) - all_rows), 0, all_rows)
    with np.errstate(invalid="ignore"):
        found = np.nan_to_num(positive / all_rows * taken).sum(axis=1)
    return found, size[:, 0], positive.sum(axis=1), all_rows.sum(axis=1)


def precision_at(labels: Labels, scores: NDArray[Any], weights: Weights, share: float) -> NDArray[np.float64]:
    """Return the share of positive rows among those with the highest scores."""
    found, size, _, _ = _found_at(labels, scores, weights, share)
    return found / size


def recall_at(labels: Labels, scores: NDArray[Any], weights: Weights, share: float) -> NDArray[np.float64]:
    """Return the share of the positive rows that are among those with the highest scores."""
    found, _, positive, _ = _found_at(labels, scores, weights, share)
    with np.errstate(invalid="ignore"):
        return np.asarray(found / positive)


def lift_at(labels: Labels, scores: NDArray[Any], weights: Weights, share: float) -> NDArray[np.float64]:
    """Return how many times more positive rows are among those with the highest scores than among any."""
    found, size, positive, rows = _found_at(labels, scores, weights, share)
    with np.errstate(invalid="ignore"):
        return np.asarray(found / size / (positive / rows))


def _mean(values: NDArray[Any], weights: Weights) -> NDArray[np.float64]:
    return np.asarray(weights @ values.astype(np.float64) / weights.sum(axis=1))


def accuracy(labels: Labels, predicted: NDArray[Any], weights: Weights) -> NDArray[np.float64]:
    """Return the share of rows whose class is right."""
    return _mean(labels == predicted, weights)


def _classes(labels: Labels, predicted: NDArray[Any], weights: Weights) -> Iterator[tuple[NDArray[np.float64], ...]]:
    """Yield for each class, that a label or a prediction names, how many are right, are predicted and are there."""
    for name in np.unique(np.concatenate([labels, predicted])):
        is_there, is_said = labels == name, predicted == name
        yield weights @ (is_there & is_said), weights @ is_said, weights @ is_there


def balanced_accuracy(labels: Labels, predicted: NDArray[Any], weights: Weights) -> NDArray[np.float64]:
    """Return the mean over the classes that are there of the share of their rows that are right."""
    with np.errstate(invalid="ignore"):
        shares = np.array([right / there for right, _, there in _classes(labels, predicted, weights)])
    return _mean_of_defined(shares)


def f1_macro(labels: Labels, predicted: NDArray[Any], weights: Weights) -> NDArray[np.float64]:
    """Return the mean F1 over the classes that are there or are predicted."""
    with np.errstate(invalid="ignore"):
        shares = np.array([2 * right / (said + there) for right, said, there in _classes(labels, predicted, weights)])
    return _mean_of_defined(shares)


def _mean_of_defined(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    is_defined = np.isfinite(shares)
    return np.asarray(np.where(is_defined, shares, 0).sum(axis=0) / is_defined.sum(axis=0))


def mean_absolute_error(labels: Labels, predicted: NDArray[Any], weights: Weights) -> NDArray[np.float64]:
    """Return the mean distance from the prediction to the outcome, below zero so that more is better."""
    return -_mean(np.abs(labels - predicted), weights)


def root_mean_squared_error(labels: Labels, predicted: NDArray[Any], weights: Weights) -> NDArray[np.float64]:
    """Return the root of the mean squared distance, below zero so that more is better."""
    return -np.sqrt(_mean((labels - predicted) ** 2, weights))


def r2(labels: Labels, predicted: NDArray[Any], weights: Weights) -> NDArray[np.float64]:
    """Return the share of the variance that is explained; undefined where all outcomes are the same."""
    variance = _mean(labels**2, weights) - _mean(labels, weights) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(
            np.where(
                variance > 1e-12 * np.max(labels**2), 1 - _mean((labels - predicted) ** 2, weights) / variance, np.nan
            )
        )
