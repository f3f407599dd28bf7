"""What is kept of a file: what is wrong in it by itself, and what the rules across files ask of it."""

from __future__ import annotations

from ml_checks.record import Record
from ml_checks.values import Finding, Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from ml_checks.pages import Kept
    from ml_checks.values import Dataset


# What stands between the items of a list, and between a name and what it has: no name that any tool takes holds them.
NEXT, HAS = "\0\1"


class Extract(Record):
    """What one file gives, in plain types: it can be stored, and sent from one process to another.

    `findings` are (code, line, column, message), `names` those of its datasets and their fields, `types` the fields
    that have a type and `levels` those that are classified, each with it. The three are one text each: as lists they
    would take five times as long to read back, and few rules look into them. Who needs to know where they stand reads
    the file again.
    """

    findings: tuple[tuple[str, int, int, str], ...]
    is_marked: bool
    names: str
    types: str
    levels: str
    contract: tuple[Any, ...] | None
    page: Kept | None

    def found(self, path: str) -> Iterator[Finding]:
        """Yield what is wrong in the file."""
        return (Finding(Location(path, line, col), code, message) for code, line, col, message in self.findings)


def facts(datasets: Sequence[Dataset]) -> tuple[str, str, str]:
    """Return the names, the types and the levels of datasets, as an extract has them."""
    fields = [field for dataset in datasets for field in dataset.fields if field.name]
    named = [dataset.name for dataset in datasets] + [field.name for field in fields]
    types = [f"{field.name}{HAS}{field.type}" for field in fields if field.type]
    levels = [f"{field.name}{HAS}{field.classification}" for field in fields if field.classification]
    return NEXT.join(filter(None, named)), NEXT.join(types), NEXT.join(levels)


def items(lists: Iterable[str]) -> frozenset[str]:
    """Return what is in any of many lists of an extract."""
    return frozenset(NEXT.join(filter(None, lists)).split(NEXT)) - {""}
