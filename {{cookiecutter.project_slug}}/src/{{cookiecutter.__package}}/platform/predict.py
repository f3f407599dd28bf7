"""Turns scores into predictions that can be traced."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from . import contract
from .charter import Decision, Model
from .contract import Contract
from .errors import Stopped
from .files import unfinished
from .lineage import PREDICTION_ID, RUN_ID
from .metrics import top_count

# What a field of the predictions' contract holds, by its property `role`.
SCORE, DECISION = "score", "decision"
# Predictions that are checked and written at once.
BATCH_ROWS = 200_000


class Written(NamedTuple):
    """What was written: how many predictions, the first with the highest score, and what was decided of how many."""

    rows: int
    highest: str
    decision: str | None
    decided: int


def write(model: Model, run_id: str, ids: pl.Series, scores: pl.Series, path: Path) -> Written:
    """Write the predictions of all rows, which must keep their contract; the file is whole, or is not there."""
    source = contract.load(model.predictions)
    decided = pl.Series(chosen(model.decision, scores.to_numpy())) if model.decision else None
    with unfinished(path) as place, place.open("wb") as file:
        for first in range(0, len(ids), BATCH_ROWS):
            part = slice(first, first + BATCH_ROWS)
            made = predictions(
                model, source, run_id, ids[part], scores[part], None if decided is None else decided[part]
            )
            contract.check(source, made, first).write_csv(file, include_header=first == 0)
    highest = f"{run_id}-{ids.cast(pl.String)[scores.arg_max() or 0]}"
    if decided is None:
        return Written(len(ids), highest, None, 0)
    return Written(len(ids), highest, field(source, DECISION), int(decided.sum()))


def predictions(
    model: Model, source: Contract, run_id: str, ids: pl.Series, scores: pl.Series, decided: pl.Series | None
) -> pl.DataFrame:
    """Return one row for each row that was scored, with the fields that the contract of the predictions names."""
    columns: dict[str, pl.Series] = {
        PREDICTION_ID: run_id + "-" + ids.cast(pl.String),
        RUN_ID: pl.Series([run_id]).new_from_index(0, len(ids)),
        model.id: ids,
        field(source, SCORE): scores,
    }
    if decided is not None:
        columns[field(source, DECISION)] = decided
    return pl.DataFrame(columns)


def check(model: Model, source: Contract) -> None:
    """Stop where the contract of the predictions has no place for what is written to it."""
    source.field(model.id)
    for role in (SCORE, DECISION) if model.decision else (SCORE,):
        field(source, role)


def field(source: Contract, role: str) -> str:
    """Return the name of the field that plays a role."""
    for found in source.fields:
        if found.role == role:
            return found.name
    message = f"{source.path.as_posix()}: no field has the property `role` with the value {role!r}, where it is written"
    raise Stopped(message)


def chosen(decision: Decision, scores: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell of each row whether something is done about it; of equal scores at the cut, the first rows are taken."""
    if decision.top_share is None:
        return np.asarray(scores >= decision.threshold)
    place = pl.Series(scores).rank("ordinal", descending=True)
    return (place <= top_count(len(scores), decision.top_share)).to_numpy()
