"""Schemas in other formats than a data contract: one module each, which turns a file into datasets."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ml_checks.formats.source import Source
    from ml_checks.values import Dataset

# What a file has to hold before its format's module is worth its import: any of these words.
TRIGGERS = {"python": ("BaseModel", "SQLModel", "DataFrameModel", "DataFrameSchema", "SchemaModel")}


def datasets(kind: str, source: Source) -> list[Dataset]:
    """Return what a file of a kind describes; raise UnreadableError."""
    if kind in TRIGGERS and not any(word in source.text for word in TRIGGERS[kind]):
        return []
    read: Callable[[Source], Iterator[Dataset]]
    read = __import__(f"ml_checks.formats.{kind}", fromlist=["datasets"]).datasets
    return list(read(source))
