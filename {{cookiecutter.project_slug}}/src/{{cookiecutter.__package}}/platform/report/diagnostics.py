"""Looks at a model from several sides, on the held-out rows: where it errs, for whom, and what it reads."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .. import metrics, predict, task
from ..charter import REGRESSION, Model
from ..estimators import encoded
from ..metrics import Metric
from ..task import Labels

SEED = 0
REPEATS = 5
# So many columns are shuffled again and again, those that mattered most at first.
FIRST = 15
# So many rows are shuffled, and so many are scored in all: fewer rows where there are many columns or classes.
SHUFFLED, SCORED, FEWEST = 1_000, 500_000, 100
TENTHS = 10
WORST = 10
MIN_SLICE = 30
# A column with more values than this is cut into quarters where it has numbers; of words, the most frequent are shown.
MAX_VALUES = 6
MAX_CLASSES = 12
OTHER = "(other)"
EMPTY = "(empty)"


class Judged(NamedTuple):
    """The held-out rows whose outcome is known, and what model and rule say of them."""

    ids: pl.Series
    features: pl.DataFrame
    outcomes: Labels
    scores: NDArray[Any]
    rule: NDArray[Any]


class Importance(NamedTuple):
    """How much of the metric is lost when the values of a column are shuffled: mean and spread of the repeats."""

    column: str
    mean: float
    spread: float


class Tenth(NamedTuple):
    """About a tenth of the rows by their score: how many, what was said and what came, with the bounds of that."""

    rows: int
    said: float
    came: float
    low: float
    high: float


class Error(NamedTuple):
    """A row about which the model is far off, with its features in the order of their importance."""

    id: str
    outcome: str
    said: str
    features: tuple[tuple[str, str], ...]


class Slice(NamedTuple):
    """Rows that share a value of a column: how many, their mean outcome, and the metric of model and rule."""

    value: str
    rows: int
    outcome: float | None
    model: float
    rule: float


class Sliced(NamedTuple):
    """The slices of a column, and how many rows are in none of them."""

    column: str
    slices: tuple[Slice, ...]
    left_out: int


class Confusion(NamedTuple):
    """How many rows of each class were said to be of each."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def main_metric(model: Model) -> tuple[str, Metric]:
    """Return the metric that needs no decision."""
    return next(iter(metrics.metrics_of(model).items()))


def value_of(metric: Metric, outcomes: Labels, said: NDArray[Any]) -> float:
    """Return a metric of some rows; NaN where it is undefined."""
    return float(metric(outcomes, said, np.ones((1, len(outcomes))))[0])


def importance(fitted: Any, judged: Judged, model: Model) -> list[Importance]:
    """Return each column with what the model loses without it, the most important one first.

    All are shuffled once, and those that mattered most then some times over.
    """
    _, metric = main_metric(model)
    random = np.random.default_rng(SEED)
    few = random.permutation(len(judged.outcomes))[: _rows_to_shuffle(judged, model)]
    features, outcomes = judged.features[few], judged.outcomes[few]
    whole = value_of(metric, outcomes, judged.scores[few])
    estimator, shuffled = _shuffling(fitted, features)

    def lost(column: str, repeats: int) -> Importance:
        orders = np.array([random.permutation(len(few)) for _ in range(repeats)])
        losses = [0.0]
        if features[column].n_unique() > 1:
            said = task.score(estimator, shuffled(column, orders), model).reshape(repeats, -1)
            losses = [whole - value_of(metric, outcomes, scores) for scores in said]
        return Importance(column, float(np.nan_to_num(np.mean(losses))), float(np.nan_to_num(np.std(losses))))

    once = sorted((lost(column, 1) for column in features.columns), key=_by_mean)
    return sorted((lost(item.column, REPEATS) for item in once[:FIRST]), key=_by_mean) + once[FIRST:]


def _by_mean(item: Importance) -> float:
    return -item.mean


def _rows_to_shuffle(judged: Judged, model: Model) -> int:
    scored = SCORED // (len(np.unique(judged.outcomes)) if model.has_classes else 1)
    return int(np.clip(scored // (REPEATS * max(1, judged.features.width)), FEWEST, SHUFFLED))


def _shuffling(fitted: Any, features: pl.DataFrame) -> tuple[Any, Callable[[str, NDArray[np.intp]], Any]]:
    """Return an estimator, and what gives it rows with one column in other orders; encoded once where that can be."""
    if found := encoded(fitted, features):

        def codes(column: str, orders: NDArray[np.intp]) -> NDArray[Any]:
            table, place = np.tile(found.table, (len(orders), 1)), found.places[column]
            table[:, place] = found.table[orders.ravel(), place]
            return table

        return found.last, codes

    def copies(column: str, orders: NDArray[np.intp]) -> pl.DataFrame:
        return pl.concat([features] * len(orders)).with_columns(features[column][orders.ravel()])

    return fitted, copies


def tenths(judged: Judged, model: Model) -> list[Tenth]:
    """Return what was said and what came, by tenths of the score; equal scores stay together."""
    scores, outcomes = judged.scores.astype(np.float64), judged.outcomes.astype(np.float64)
    cuts = np.unique(np.quantile(scores, np.arange(1, TENTHS) / TENTHS))
    places = np.searchsorted(cuts, scores, side="left")
    found = []
    for place in np.unique(places):
        is_here = places == place
        came = outcomes[is_here]
        low, high = np.quantile(came, (0.1, 0.9)) if model.kind == REGRESSION else _bounds(came)
        found.append(Tenth(len(came), float(scores[is_here].mean()), float(came.mean()), float(low), float(high)))
    return found


def _bounds(came: NDArray[np.float64]) -> tuple[float, float]:
    """Return the bounds of a share, at 95 % (E. B. Wilson, 1927)."""
    rows, share, z = len(came), came.mean(), 1.96
    middle, half = share + z**2 / (2 * rows), z * np.sqrt(share * (1 - share) / rows + (z / (2 * rows)) ** 2)
    return (middle - half) / (1 + z**2 / rows), (middle + half) / (1 + z**2 / rows)


def confusion(judged: Judged, model: Model) -> Confusion | None:
    """Return what was taken for what: classes, or yes and no at the decision; nothing where nothing is decided."""
    if model.has_classes:
        names, counts = np.unique(judged.outcomes, return_counts=True)
        shown = sorted(names[np.lexsort((names, -counts))][:MAX_CLASSES])
        came, said = (_shortened(values, shown) for values in (judged.outcomes, judged.scores))
        classes = [*shown, *([OTHER] if OTHER in (*came, *said) else [])]
    elif model.kind == REGRESSION or model.decision is None:
        return None
    else:
        classes = ["yes", "no"]
        chosen = predict.chosen(model.decision, judged.scores)
        came, said = (np.where(values, *classes) for values in (judged.outcomes, chosen))
    matrix = [tuple(int(((came == one) & (said == other)).sum()) for other in classes) for one in classes]
    return Confusion(tuple(map(str, classes)), tuple(matrix))


def _shortened(values: NDArray[Any], shown: Sequence[str]) -> NDArray[Any]:
    return np.where(np.isin(values, shown), values, OTHER).astype(str)


def worst(fitted: Any, judged: Judged, model: Model, columns: Sequence[str]) -> list[Error]:
    """Return the rows that are furthest off, with some of their features.

    Of yes and no half of them are missed and half are false alarms, of classes those that the model was surest of.
    """
    return [_error(judged, row, columns) for row in _furthest(fitted, judged, model)]


def _furthest(fitted: Any, judged: Judged, model: Model) -> list[int]:
    if model.kind == REGRESSION:
        return _first(np.abs(judged.outcomes - judged.scores), WORST)
    if not model.has_classes:
        missed = _first(np.where(judged.outcomes, 1 - judged.scores, -1), min(WORST // 2, int(judged.outcomes.sum())))
        alarms = _first(np.where(judged.outcomes, -1, judged.scores), min(WORST // 2, int((~judged.outcomes).sum())))
        return missed + alarms
    wrong = judged.outcomes != judged.scores
    sure = np.ones(len(wrong))
    if hasattr(fitted, "predict_proba") and wrong.any():
        sure[wrong] = fitted.predict_proba(judged.features.filter(wrong)).max(axis=1)
    return _first(np.where(wrong, sure, -1), min(WORST, int(wrong.sum())))


def _first(distances: NDArray[Any], count: int) -> list[int]:
    return [int(row) for row in np.argsort(-distances, kind="stable")[:count]]


def _error(judged: Judged, row: int, columns: Sequence[str]) -> Error:
    outcome, said = judged.outcomes[row], judged.scores[row]
    values = judged.features.select(columns).row(row)
    shown = tuple((column, text_of(value)) for column, value in zip(columns, values, strict=True))
    is_yes_or_no = isinstance(outcome, bool | np.bool_)
    return Error(
        str(judged.ids[row]),
        ("yes" if outcome else "no") if is_yes_or_no else text_of(outcome),
        f"{said:.0%}" if is_yes_or_no else text_of(said),
        shown,
    )


def text_of(value: object) -> str:
    """Return a value of a table as people read it."""
    if value is None or value == "" or value != value:
        return EMPTY
    return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)


def slices(judged: Judged, model: Model, columns: Sequence[str]) -> list[Sliced]:
    """Return how the model does on the rows that share a value, or a quarter of the values, of a column."""
    _, metric = main_metric(model)
    found = []
    for column in columns:
        groups = _groups(judged.features[column])
        large = {value: rows for value, rows in groups.items() if len(rows) >= MIN_SLICE}
        largest = sorted(large, key=lambda value: -len(large[value]))[:MAX_VALUES]
        shown = tuple(_slice(judged, model, metric, value, rows) for value, rows in large.items() if value in largest)
        if len(shown) > 1:
            found.append(Sliced(column, shown, len(judged.ids) - sum(one.rows for one in shown)))
    return found


def _slice(judged: Judged, model: Model, metric: Metric, value: str, rows: NDArray[np.intp]) -> Slice:
    outcomes = judged.outcomes[rows]
    mean = None if model.has_classes else float(outcomes.mean())
    measured = (value_of(metric, outcomes, said[rows]) for said in (judged.scores, judged.rule))
    return Slice(value, len(rows), mean, *measured)


def _groups(column: pl.Series) -> Mapping[str, NDArray[np.intp]]:
    """Return the rows of each value, or of each quarter of many numbers, in their order."""
    if column.dtype.is_nested():
        return {}
    if column.dtype.is_numeric() and column.fill_nan(None).n_unique() > MAX_VALUES:
        return dict(_quarters(column.cast(pl.Float64).to_numpy()))
    numbered = pl.DataFrame({"value": column}).with_row_index("row")
    values = numbered.group_by("value").agg("row").sort("value", nulls_last=True)
    groups: dict[str, list[int]] = {}
    for value, rows in values.iter_rows():
        groups.setdefault(text_of(value), []).extend(rows)
    return {text: np.array(rows) for text, rows in groups.items()}


def _quarters(values: NDArray[np.float64]) -> Iterator[tuple[str, NDArray[np.intp]]]:
    is_there = np.isfinite(values)
    cuts = np.unique(np.quantile(values[is_there], (0.25, 0.5, 0.75)))
    places = np.where(is_there, np.searchsorted(cuts, values, side="left"), -1)
    for place in np.unique(places[is_there]):
        bound = f"above {text_of(cuts[-1])}" if place == len(cuts) else f"up to {text_of(cuts[place])}"
        yield bound, np.flatnonzero(places == place)
    if not is_there.all():
        yield EMPTY, np.flatnonzero(~is_there)
