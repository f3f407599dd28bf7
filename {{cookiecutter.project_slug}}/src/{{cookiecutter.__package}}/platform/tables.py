"""The datasets of a project, read when they are asked for and held against their contracts."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import polars as pl

from . import contract
from .charter import Model
from .contract import Contract, Field
from .errors import Stopped

# The moment of a field of which nobody has said yet when it is known.
UNCONFIRMED = "TODO"
# The role of a field that only tells rows apart, beside those that are keys.
IDENTIFIER = "identifier"


class Tables:
    """The datasets by their names; what was read is remembered, because the evidence has to name it."""

    def __init__(self, identifier: str, reading: Callable[[Contract, int], None] = lambda *_: None) -> None:
        """Take the field that identifies the rows of a model; `reading` is told each dataset that is read."""
        self._id, self._reading = identifier, reading
        self._read: dict[str, tuple[Contract, pl.DataFrame]] = {}
        self._absent: frozenset[str] = frozenset()
        self.contracts: dict[str, Contract] = {}
        """The contracts of what was read."""
        self.others: Mapping[str, Callable[[Tables], pl.DataFrame]] = {}
        """What predicts the rows for each model that may be read."""

    def __getitem__(self, dataset: str) -> pl.DataFrame:
        """Return the rows of a dataset; stop where they break their contract."""
        if dataset not in self._read:
            source = contract.load(dataset)
            self._read[dataset] = source, contract.read(source)
            self._reading(source, len(self._read[dataset][1]))
        self.contracts[dataset], rows = self._read[dataset]
        return rows

    def predictions(self, name: str) -> pl.DataFrame:
        """Return what another model predicts of each row, by the identifier, under the name of its score.

        `reads` in project.yaml has to name the model. A row to learn from is predicted by one that did not know it.
        """
        if name not in self.others:
            message = f"features.py reads the predictions of {name!r}: add it to `reads` of the model in project.yaml"
            raise Stopped(message)
        return self.others[name](self)

    def beside(self, others: Mapping[str, Callable[["Tables"], pl.DataFrame]]) -> "Tables":
        """Return the same rows for another model, which reads other datasets and models."""
        tables = Tables(self._id, self._reading)
        tables._read, tables._absent, tables.others = self._read, self._absent, others
        return tables

    def put(self, source: Contract, rows: pl.DataFrame, absent: frozenset[str]) -> None:
        """Take rows as those of a dataset; they may lack what is known later."""
        self._read[source.dataset], self._absent = (source, rows), absent
        self.contracts[source.dataset] = source

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
    """Return what a model reads of a field: numbers and words, and of times and days their parts."""
    column = pl.col(field.name)
    if field.type == "timestamp":
        local = column.dt.convert_time_zone(field.time_zone)
        hour = local.dt.hour() + local.dt.minute() / 60
        return [hour.alias(f"{field.name}_hour"), local.dt.weekday().cast(pl.Float64).alias(f"{field.name}_weekday")]
    if field.type == "date":
        parts = {"weekday": column.dt.weekday(), "month": column.dt.month(), "year": column.dt.year()}
        return [part.cast(pl.Float64).alias(f"{field.name}_{name}") for name, part in parts.items()]
    if field.type == "string":
        return [column.fill_null("")]
    return [column.cast(pl.Float64)]


def lost_columns(contracts: Iterable[Contract], there: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each column that a model does not read of the fields under contract, and why it does not."""
    known = set(there)
    for source in contracts:
        for field in source.fields:
            moment = f"is known at {field.available_at!r}" if field.available_at else "has no `availableAt`"
            for name in (part.meta.output_name() for part in columns(field)):
                if name not in known:
                    yield name, f"features.py does not give it ({field.name} {moment} in {source.path.as_posix()})"


def features_of(features: pl.DataFrame, rows: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Return the features of some rows in their order, or stop where a row has none or two."""
    refuse_twice(rows[model.id], f"the data of {model.rows}")
    refuse_twice(features[model.id], "features.py")
    joined = rows.select(model.id).join(features, on=model.id, how="left", maintain_order="left", validate="1:1")
    lacking = rows.select(model.id).join(features, on=model.id, how="anti")
    if len(lacking):
        message = (
            f"features.py gives no features for {model.id} {lacking[model.id][0]!r} and {len(lacking) - 1:,} others"
        )
        raise Stopped(message)
    return joined.drop(model.id)


def refuse_twice(ids: pl.Series, where: str) -> None:
    """Stop where an identifier names two rows."""
    is_twice = ids.is_duplicated()
    if is_twice.any():
        twice = ids.filter(is_twice)[0]
        message = f"{where} has {ids.name} {twice!r} more than once: it has to identify one row"
        raise Stopped(message)
