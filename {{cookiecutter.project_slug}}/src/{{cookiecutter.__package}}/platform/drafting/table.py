"""Looks at a table that nobody has described yet: how its file is written, and what its columns are."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import polars as pl

from .. import contract, source
from ..contract import Contract, Field
from ..errors import Stopped
from ..identifiers import are_distinct, are_places, is_prose, name_rows
from ..source import PARQUET, Layout, Spelling
from . import kinds, layout
from .kinds import Ask, Kind
from .names import dataset_name, names
from .vocabulary import Vocabulary

UTC = "UTC"
ROW_NUMBER = "row_number"
# The last word of what names a row.
ID = "id"
TOTALS = ("total", "totals", "sum", "summe", "grand total", "subtotal", "gesamt")


class Column(NamedTuple):
    """A column: its name in the file, the company's name for it, and what it holds."""

    source: str
    name: str
    kind: Kind
    lacks_unit: bool
    zone: str | None

    @property
    def type(self) -> str:
        """The logical type."""
        return self.kind.type

    @property
    def spelling(self) -> Spelling:
        """How its values are written."""
        kind = self.kind
        return Spelling(
            self.source,
            kind.null_values if kind.type == "string" else (),
            kind.true_value or "true",
            kind.false_value or "false",
            kind.prefix,
            kind.suffix,
            kind.minus,
            kind.decimal,
            kind.thousands,
            kind.pattern,
            self.zone,
            is_padded=kind.is_padded,
        )


class Table(NamedTuple):
    """A file with its columns, and its rows in their types."""

    path: Path
    dataset: str
    layout: Layout
    columns: tuple[Column, ...]
    rows: pl.DataFrame
    remarks: tuple[str, ...]

    def column(self, called: str) -> Column:
        """Return the column of this name, in the file or in the company's words; stop where there is none."""
        for column in self.columns:
            if called in (column.source, column.name):
                return column
        known = ", ".join(column.source for column in self.columns)
        message = f"{self.path.name} has no column {called!r}: it has {known}"
        raise Stopped(message)


class Given(NamedTuple):
    """What is said of a file on the command line; None is found out."""

    encoding: str | None = None
    has_header: bool | None = None
    zone: str | None = None


def look_at(path: Path, target: str, given: Given, ask: Ask, words: Vocabulary) -> Table:
    """Read a file as it is written."""
    arranged, remarks = layout.recognise(path, given.encoding, has_header=given.has_header)
    raw = source.read(path, arranged, ())
    _refuse_unreadable(path, raw, target)
    if arranged.format == PARQUET:
        found = {name: _known(path, name, kind) for name, kind in kinds.of_types(raw)}
    else:
        found = kinds.of_texts(raw, target, ask)
    dataset = dataset_name(path.stem, words)
    zone = given.zone or UTC
    columns = tuple(
        Column(column, named.name, found[column], named.lacks_unit, zone if found[column].is_local else None)
        for column, named in names(found, dataset, words, [ROW_NUMBER]).items()
    )
    arranged = _with_conventions(arranged, found)
    rows = source.typed(raw.rename({column.source: column.name for column in columns}), arranged, columns)
    remarks = (*remarks, *_remarks(raw), *kinds.remarks(found.items(), is_zone_known=given.zone is not None))
    return Table(path, dataset, arranged, columns, rows, remarks)


def agreed(source: Contract) -> Table:
    """Return a table that is under contract already, as that says."""
    fields = [field for field in source.fields if not field.spelling.is_row_number]
    columns = tuple(
        Column(field.spelling.column, field.name, _kind(field), lacks_unit=False, zone=field.spelling.zone)
        for field in fields
    )
    rows = contract.read(source).select(field.name for field in fields)
    return Table(Path(source.data), source.dataset, source.layout, columns, rows, ())


def _kind(field: Field) -> Kind:
    return Kind(field.type, true_value=field.spelling.true_value, false_value=field.spelling.false_value)


def _refuse_unreadable(path: Path, raw: pl.DataFrame, target: str) -> None:
    if raw.is_empty():
        message = f"{path} has no rows: nothing can be learned from it"
        raise Stopped(message)
    if raw.width < 2:
        message = f"{path} has one column, {raw.columns[0]!r}: something to predict {target} from is needed"
        raise Stopped(message)


def _known(path: Path, name: str, kind: Kind | None) -> Kind:
    if kind is None:
        message = (
            f"{path}: the column {name!r} holds lists, structures or bytes, which no model here reads: leave it out"
        )
        raise Stopped(message)
    return kind


def _with_conventions(arranged: Layout, found: Mapping[str, Kind]) -> Layout:
    """Say of the whole file how its numbers are written, and what stands for no value where texts are not meant."""
    others = [kind for kind in found.values() if kind.type != "string"]
    nulls = sorted({value for kind in others for value in kind.null_values})
    numbers = (kind for kind in others if kind.is_number)
    usual = next((kind for kind in numbers if kind.thousands or kind.decimal != "."), Kind("number"))
    return arranged._replace(decimal=usual.decimal, thousands=usual.thousands, null_values=tuple(nulls))


def _remarks(raw: pl.DataFrame) -> Iterator[str]:
    last = next((str(value).strip().lower() for value in raw.row(-1) if value is not None), "")
    if last in TOTALS:
        yield f"the last row begins with {last!r}: if it adds up the others, take it out, or the model learns from it"
    twice = [column for column in raw.columns if "_duplicated_" in column]
    if twice:
        yield f"two columns have the same name, the later ones are read as {', '.join(twice)}"


def identifiers(table: Table, target: str) -> frozenset[str]:
    """Return the columns that tell rows apart, and no more."""
    return frozenset(
        column.name
        for column in table.columns
        if column.name != target and _tells_rows_apart(column, table.rows[column.name].drop_nulls())
    )


def _tells_rows_apart(column: Column, values: pl.Series) -> bool:
    """Tell so of short texts that are different in nearly each row, of places of rows, and of numbers called `id`.

    Whether other numbers that are different in each row say something, nobody can see.
    """
    if column.type == "string":
        return name_rows(values)
    is_called_so = column.name.split("_")[-1] == ID and are_distinct(values)
    return column.type == "integer" and (is_called_so or are_places(values))


def texts(table: Table) -> frozenset[str]:
    """Return the columns of texts that people wrote."""
    return frozenset(
        column.name
        for column in table.columns
        if column.type == "string" and is_prose(table.rows[column.name].drop_nulls())
    )
