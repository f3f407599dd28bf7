"""The datasets of a project, read when they are asked for and held against their contracts."""

from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl

from . import contract
from .contract import Contract, Field
from .errors import Stopped

# The moment of a field of which nobody has said yet when it is known.
UNCONFIRMED = "TODO"
# The role of a field that only tells rows apart, beside those that are keys.
IDENTIFIER = "identifier"


class Tables:
    """The datasets by their names; what was read is remembered, because the evidence has to name it."""

    def __init__(self, identifier: str, reading: Callable[[Contract, pl.DataFrame], None] = lambda *_: None) -> None:
        """Take the field that identifies the rows of a model; `reading` is told each dataset that is read."""
        self._id, self._reading = identifier, reading
        self._frames: dict[str, pl.DataFrame] = {}
        self._absent: frozenset[str] = frozenset()
        self.contracts: dict[str, Contract] = {}
        """The contracts of what was read."""

    def __getitem__(self, dataset: str) -> pl.DataFrame:
        """Return the rows of a dataset; stop where they break their contract."""
        if dataset not in self._frames:
            source = contract.load(dataset)
            self._frames[dataset], self.contracts[dataset] = contract.read(source), source
            self._reading(source, self._frames[dataset])
        return self._frames[dataset]

    def put(self, dataset: str, path: Path) -> None:
        """Take the rows of a dataset from another file, which may lack what is known later."""
        source = contract.load(dataset)
        self._frames[dataset], self._absent = contract.read_new(source, path)
        self.contracts[dataset] = source._replace(data=path.as_posix())
        self._reading(self.contracts[dataset], self._frames[dataset])

    def known(self, rows: pl.DataFrame, moments: Iterable[str]) -> pl.DataFrame:
        """Return the identifier of each row, and its fields that are known at one of the moments, for a model.

        A moment is what the contracts say under `availableAt`; identifiers are no features.
        """
        fields = [field for source in self.contracts.values() for field in source.fields]
        used = in_time(fields, moments)
        if lost := [field.name for field in used if field.name in self._absent]:
            message = f"the rows lack {', '.join(lost)}, which the model reads: add what is missing"
            raise Stopped(message)
        return rows.select(self._id, *(column for field in used for column in columns(field)))


def in_time(fields: Iterable[Field], moments: Iterable[str]) -> list[Field]:
    """Return the fields that a model may use: known at one of the moments, and not an identifier."""
    wanted = set(moments)
    return [field for field in fields if field.available_at in wanted and not field.is_key and field.role != IDENTIFIER]


def columns(field: Field) -> list[pl.Expr]:
    """Return what a model reads of a field: numbers and words, and of a time the hour and the day of the week."""
    column = pl.col(field.name)
    if field.type == "timestamp":
        local = column.dt.convert_time_zone(field.time_zone)
        hour = local.dt.hour() + local.dt.minute() / 60
        return [hour.alias(f"{field.name}_hour"), local.dt.weekday().cast(pl.Float64).alias(f"{field.name}_weekday")]
    if field.type == "date":
        return [column.dt.weekday().cast(pl.Float64).alias(f"{field.name}_weekday")]
    if field.type == "string":
        return [column.fill_null("")]
    return [column.cast(pl.Float64)]
