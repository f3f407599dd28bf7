"""What is kept of a file: what is wrong in it by itself, and what the rules across files ask of it."""

from __future__ import annotations

from ml_checks.record import Record
from ml_checks.values import Finding, Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from ml_checks.project.pages import Kept
    from ml_checks.values import Dataset


# What stands between the items of a list, and between what is told of one: no name that any tool takes holds them.
NEXT, HAS = "\0\1"


class Extract(Record):
    """What one file gives, in plain types: it can be stored, and sent from one process to another.

    `findings` are (code, line, column, message). `named` are its datasets, each with its name, and their fields, each
    with name, type and classification, in one text: as lists they would take five times as long to read back, and few
    rules look into them. Who needs to know where they stand reads the file again.
    """

    findings: tuple[tuple[str, int, int, str], ...]
    is_marked: bool
    named: str
    contract: tuple[Any, ...] | None
    page: Kept | None

    def found(self, path: str) -> Iterator[Finding]:
        """Yield what is wrong in the file."""
        return (Finding(Location(path, line, col), code, message) for code, line, col, message in self.findings)


def named(datasets: Iterable[Dataset]) -> str:
    """Return what is named in datasets, as an extract has it."""
    fields = [field for dataset in datasets for field in dataset.fields if field.name]
    told = [f"{dataset.name}{HAS}" for dataset in datasets if dataset.name]
    told += [f"{field.name}{HAS}{field.type or ''}{HAS}{field.classification or ''}" for field in fields]
    return NEXT.join(told)


def names(named: str) -> set[str]:
    """Return the names in an extract."""
    return {told.partition(HAS)[0] for told in named.split(NEXT)}


def levels(named: str) -> list[tuple[str, str]]:
    """Return name and classification of each field of an extract that is classified."""
    split = (told.partition(HAS) for told in named.split(NEXT))
    return [(name, level) for name, _, rest in split if (level := rest.partition(HAS)[2])]


def vocabulary(lists: Iterable[str]) -> set[str]:
    """Return the name of every dataset in extracts, and that of every field with each type that it has there."""
    return {told.rpartition(HAS)[0] for told in set(NEXT.join(filter(None, lists)).split(NEXT)) if told}
