"""Turns scores into predictions that can be traced."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .charter import Decision, Model
from .contract import Contract
from .errors import Stopped
from .lineage import PREDICTION_ID, RUN_ID
from .metrics import top_count

# What a field of the predictions' contract holds, by its property `role`.
SCORE, DECISION = "score", "decision"


def predictions(model: Model, source: Contract, run_id: str, ids: pl.Series, scores: NDArray[Any]) -> pl.DataFrame:
    """Return one row for each row that was scored, with the fields that the contract of the predictions names."""
    columns: dict[str, pl.Series] = {
        PREDICTION_ID: run_id + "-" + ids.cast(pl.String),
        RUN_ID: pl.Series([run_id]).new_from_index(0, len(ids)),
        model.id: ids,
        _field(source, SCORE): pl.Series(scores),
    }
    if model.decision:
        columns[_field(source, DECISION)] = pl.Series(chosen(model.decision, scores))
    return pl.DataFrame(columns)


def check(model: Model, source: Contract) -> None:
    """Stop where the contract of the predictions has no place for what is written to it."""
    source.field(model.id)
    for role in (SCORE, DECISION) if model.decision else (SCORE,):
        _field(source, role)


def _field(source: Contract, role: str) -> str:
    for field in source.fields:
        if field.role == role:
            return field.name
    message = f"{source.path.as_posix()}: no field has the property `role` with the value {role!r}, where it is written"
    raise Stopped(message)


def chosen(decision: Decision, scores: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell of each row whether something is done about it; of equal scores at the cut, the first rows are taken."""
    if decision.top_share is None:
        return np.asarray(scores >= decision.threshold)
    place = pl.Series(scores).rank("ordinal", descending=True)
    return (place <= top_count(len(scores), decision.top_share)).to_numpy()
