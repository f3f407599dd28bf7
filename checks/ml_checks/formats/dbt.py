"""dbt: the columns of models, seeds, snapshots and sources in a `schema.yml`."""

from __future__ import annotations

from itertools import chain

from ml_checks.formats.source import field
from ml_checks.formats.sql import folded, logical
from ml_checks.values import Dataset, Field, maps, repeated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.formats.source import Source
    from ml_checks.values import Map

_OWN = ("models", "seeds", "snapshots")


def datasets(source: Source) -> Iterator[Dataset]:
    """Yield each table that dbt describes; of one that comes from a source, only what is said about it."""
    for root in maps(source.yaml()):
        yield from _own(source, root)
        yield from _foreign(root)


def _own(source: Source, root: Map) -> Iterator[Dataset]:
    for table in chain.from_iterable(map(root.mappings, _OWN)):
        name = table.text("name")
        columns = tuple(_columns(source, table))
        twice = repeated(column.name for column in columns)
        yield Dataset(folded(name) if name else None, table.text("description"), table.at, columns, twice)


def _foreign(root: Map) -> Iterator[Dataset]:
    """Yield the tables of sources; their names and types are somebody else's."""
    for origin in root.mappings("sources"):
        for table in origin.mappings("tables"):
            yield Dataset(None, table.text("description"), table.at, tuple(_descriptions(table)))


def _columns(source: Source, table: Map) -> Iterator[Field]:
    for column in table.mappings("columns"):
        if name := column.text("name"):
            kind = column.text("data_type")
            yield field(folded(name), logical(source, kind) if kind else None, column.text("description"))


def _descriptions(table: Map) -> Iterator[Field]:
    """Yield what is said about the columns of a table."""
    for column in table.mappings("columns"):
        description = column.text("description")
        yield Field(None, None, description, None, None, None, None, column.path, column.node.start_mark)
