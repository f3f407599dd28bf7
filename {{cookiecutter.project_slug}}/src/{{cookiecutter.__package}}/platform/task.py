"""What the rows of a model are about: yes or no, one of several classes, or a number."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .charter import CLASSIFICATION, REGRESSION, Model, bound
from .contract import Contract
from .errors import Stopped
from .own import PACKAGE, failing

NUMBERS = ("integer", "number")
Labels = NDArray[Any]


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
    """Keep the rows whose outcome is known: neither empty nor what is no number."""
    is_known = pl.col(model.target).is_not_null()
    return rows.filter(
        is_known & pl.col(model.target).is_not_nan() if rows[model.target].dtype.is_float() else is_known
    )


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
    return (target.cast(pl.String) == _spelled(model.positive)).to_numpy()


def refuse_unknown(rows: pl.DataFrame, model: Model) -> None:
    """Stop where no row has the value that counts as yes."""
    target = rows[model.target]
    if model.positive is None or bound(model.positive) or target.is_empty():
        return
    if not (target.cast(pl.String) == _spelled(model.positive)).any():
        found = ", ".join(map(repr, target.unique().sort().head(5).to_list()))
        message = f"project.yaml: no row of {model.rows} has {model.target} {model.positive!r}: found are {found}"
        raise Stopped(message)


def _spelled(value: str | float | bool) -> str:  # noqa: FBT001 - a value of the target
    return str(pl.Series([value]).cast(pl.String)[0])


def refuse_constant(found: Labels, model: Model, which: str) -> None:
    """Stop where all outcomes are the same: nothing can be learned from them, or measured by them."""
    if len(np.unique(found)) < 2:
        message = (
            f"the {which} rows of {model.rows} say nothing, because {_why(found, model)}: other or more rows are needed"
        )
        raise Stopped(message)


def _why(found: Labels, model: Model) -> str:
    if len(found) == 0:
        return f"{model.target} is known of none of them"
    if found.dtype == bool:
        return f"{model.target} is {model.positive!r} in {'all' if found[0] else 'none'} of them"
    return f"{model.target} is always {found[0].item() if hasattr(found[0], 'item') else found[0]!r}"


def usual(found: Labels, model: Model) -> float | str:
    """Say what suits all of some rows: the share of yes, the commonest class, or the number in the middle."""
    if model.has_classes:
        names, counts = np.unique(found, return_counts=True)
        return str(names[np.argmax(counts)])
    return float(f"{np.median(found) if model.kind == REGRESSION else np.mean(found):.4g}")


def rule(answers: Any, count: int) -> NDArray[Any]:
    """Return what the rule says of each row, or stop where it does not say it of each."""
    with failing(f"src/{PACKAGE}/baseline.py"):
        said = pl.Series(answers)
        found = (said.cast(pl.Float64) if said.dtype == pl.Boolean else said).to_numpy()  # a rule may say yes or no
    if len(found) != count:
        message = f"src/{PACKAGE}/baseline.py: {len(found):,} answers for {count:,} rows: return one for each"
        raise Stopped(message)
    return found


def fit(estimator: Any, features: pl.DataFrame, found: Labels) -> Any:
    """Let an estimator learn. The same rows give the same model."""
    if not hasattr(estimator, "fit"):
        message = (
            f"src/{PACKAGE}/model.py: {type(estimator).__name__} is no estimator: return one with `fit` and `predict`"
        )
        raise Stopped(message)
    with failing(f"src/{PACKAGE}/model.py, when the estimator learns"):
        return estimator.fit(features, found)


def score(fitted: Any, features: pl.DataFrame, model: Model) -> NDArray[Any]:
    """Return what the model says of each row: the probability of yes, a class, or a number."""
    needs_share = model.kind == CLASSIFICATION and not model.has_classes
    if needs_share and not hasattr(fitted, "predict_proba"):
        message = f"src/{PACKAGE}/model.py: the estimator gives no probabilities: take one with `predict_proba`"
        raise Stopped(message)
    with failing(f"src/{PACKAGE}/model.py, when the estimator predicts"):
        found: NDArray[Any] = fitted.predict_proba(features)[:, 1] if needs_share else fitted.predict(features)
    if len(found) != len(features):
        message = f"src/{PACKAGE}/model.py: {len(found):,} answers for {len(features):,} rows: return one for each"
        raise Stopped(message)
    return found
