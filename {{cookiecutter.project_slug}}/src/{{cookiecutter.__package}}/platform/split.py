"""Holds out the rows that a model is judged by, and says which of them belong together."""

import hashlib
import math
from typing import NamedTuple

import polars as pl

from .charter import BY_GROUP, BY_TIME, FILE, Model
from .contract import Contract
from .errors import Stopped
from .metrics import MIN_UNITS

# The column that names the unit of a row: rows of one unit are not independent of each other.
UNIT = "unit"
UNITS = {BY_TIME: "day", BY_GROUP: "group"}


class Parts(NamedTuple):
    """Rows to learn from, and others to be judged by."""

    train: pl.DataFrame
    held_out: pl.DataFrame


def unit_of(model: Model) -> str:
    """Name what is independent in the rows of a model: days, groups or the rows themselves."""
    return UNITS.get(model.split.by, "row")


def split(rows: pl.DataFrame, model: Model, source: Contract) -> Parts:
    """Hold out rows: the last days, some groups, or any; always the same ones."""
    marked = rows.with_columns(_unit(rows, model, source).alias(UNIT))
    parts = _by_time(marked, model) if model.split.by == BY_TIME else _by_lot(marked, model)
    if parts.train.is_empty() or parts.held_out.is_empty():
        raise Stopped(_why(marked[UNIT], parts, model))
    return parts


def too_few(count: int, held_out: float) -> str | None:
    """Say how many units are needed, where a share of them is too small to judge a model by; None where it is not."""
    needed = math.ceil(MIN_UNITS / held_out)
    return f"and {needed:,} are needed, so that enough of them judge the model" if count < needed else None


def refuse_few(parts: Parts, model: Model) -> None:
    """Stop where there are too few days or groups to judge a model by."""
    unit, count = unit_of(model), pl.concat([parts.train[UNIT], parts.held_out[UNIT]]).n_unique()
    few = too_few(count, model.split.held_out)
    if model.split.field and few:
        where = f"name another field or a larger share under `split` in {FILE}, or split at random"
        message = f"{model.rows} has {count} {unit}s by {model.split.field}, {few}: {where}"
        raise Stopped(message)


def _why(units: pl.Series, parts: Parts, model: Model) -> str:
    """Say why there is nothing to learn from, or to be judged by."""
    if units.is_empty():
        return f"{model.rows} has no rows"
    unit, count = unit_of(model), units.n_unique()
    if count == 1:
        return f"all rows of {model.rows} are of the {unit} {units[0]}: others to judge the model by are needed"
    lacking = "learn from" if parts.train.is_empty() else "judge the model by"
    return f"{model.rows} has only {count:,} {unit}s, and none of them is left to {lacking}: more are needed"


def _unit(rows: pl.DataFrame, model: Model, source: Contract) -> pl.Series:
    if model.split.field is None:
        return rows[model.id]
    field = source.field(model.split.field)
    column = rows[field.name]
    if column.null_count():
        message = (
            f"{field.name} is empty in {column.null_count():,} rows, and the rows are split by it: see {source.path}"
        )
        raise Stopped(message)
    if model.split.by != BY_TIME:
        return column
    if field.type == "timestamp":
        return column.dt.convert_time_zone(field.time_zone).dt.date()
    return column


def _by_time(rows: pl.DataFrame, model: Model) -> Parts:
    """Hold out the last days: a model is judged by what comes after the days that it learned from."""
    ordered = rows.sort(model.split.field, model.id)
    first = ordered[UNIT][int(len(ordered) * (1 - model.split.held_out))]
    return Parts(ordered.filter(pl.col(UNIT) < first), ordered.filter(pl.col(UNIT) >= first))


def _by_lot(rows: pl.DataFrame, model: Model) -> Parts:
    """Hold out units whose hash is small, so that a unit stays on its side when others come."""
    units = rows[UNIT].unique()
    drawn = [unit for unit in units if _lot(unit) < model.split.held_out]
    ordered = rows.sort(model.id)
    is_drawn = ordered[UNIT].is_in(drawn)
    return Parts(ordered.filter(~is_drawn), ordered.filter(is_drawn))


def folds(rows: pl.DataFrame, model: Model, count: int) -> pl.Series:
    """Return a number for each row, the same for all rows of a unit: days in a row, and any groups or rows."""
    if model.split.by == BY_TIME:
        place = rows[UNIT].rank("dense")
        return (place - 1) * count // place.max()
    lots = {unit: int(_lot(f"fold of {unit}") * count) for unit in rows[UNIT].unique()}
    return pl.Series([lots[unit] for unit in rows[UNIT]])


def _lot(unit: object) -> float:
    """Return a number from 0 to 1 that depends on nothing but the unit."""
    return int.from_bytes(hashlib.sha256(str(unit).encode()).digest()[:8]) / 2**64
