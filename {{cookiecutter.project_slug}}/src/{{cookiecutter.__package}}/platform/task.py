"""What the rows of a model are about: yes or no, one of several classes, or a number."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .charter import CLASSIFICATION, REGRESSION, Model, bound
from .contract import Contract
from .errors import Stopped

NUMBERS = ("integer", "number")
Labels = NDArray[Any]
Scores = NDArray[np.float64]


def check(model: Model, source: Contract) -> None:
    """Stop where project.yaml and the contract of the rows do not fit together."""
    source.field(model.id)
    if model.split.field:
        source.field(model.split.field)
    target = source.field(model.target)
    needs_numbers = model.kind == REGRESSION or (model.positive is not None and bound(model.positive))
    if needs_numbers and target.type not in NUMBERS:
        what = "a regression" if model.kind == REGRESSION else f"positive {model.positive!r}"
        message = f"project.yaml: {what} needs numbers, and {target.name} is {target.type} in {source.path.as_posix()}"
        raise Stopped(message)


def settled(rows: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Keep the rows whose outcome is known."""
    return rows.filter(pl.col(model.target).is_not_null())


def labels(rows: pl.DataFrame, model: Model) -> Labels:
    """Return the outcome of each row: true or false, the name of a class, or a number."""
    target = rows[model.target]
    if model.kind == REGRESSION:
        return target.cast(pl.Float64).to_numpy()
    if model.positive is None:
        return target.cast(pl.String).to_numpy()
    if limit := bound(model.positive):
        comparator, number = limit
        compared = {">=": target >= number, ">": target > number, "<=": target <= number, "<": target < number}
        return compared[comparator].to_numpy()
    is_positive = target.cast(pl.String) == _spelled(model.positive)
    if not is_positive.any():
        found = ", ".join(map(repr, target.unique().sort().head(5).to_list()))
        message = f"project.yaml: no row of {model.rows} has {model.target} {model.positive!r}: found are {found}"
        raise Stopped(message)
    return is_positive.to_numpy()


def _spelled(value: str | float | bool) -> str:  # noqa: FBT001 - a value of the target
    return str(pl.Series([value]).cast(pl.String)[0])


def refuse_constant(found: Labels, model: Model, which: str) -> None:
    """Stop where all outcomes are the same: nothing can be learned from them, or measured by them."""
    if len(np.unique(found)) < 2:
        value = "no" if len(found) == 0 else repr(found[0].item() if hasattr(found[0], "item") else found[0])
        why = "there are none" if len(found) == 0 else f"{model.target} is always {value}"
        message = f"the {which} rows of {model.rows} say nothing, because {why}: other or more rows are needed"
        raise Stopped(message)


def fit(estimator: Any, features: pl.DataFrame, found: Labels) -> Any:
    """Let an estimator learn. The same rows give the same model."""
    return estimator.fit(features, found)


def score(fitted: Any, features: pl.DataFrame, model: Model) -> NDArray[Any]:
    """Return what the model says of each row: the probability of yes, a class, or a number."""
    if model.kind == CLASSIFICATION and not model.has_classes:
        probabilities: Scores = fitted.predict_proba(features)[:, 1]
        return probabilities
    predicted: NDArray[Any] = fitted.predict(features)
    return predicted
