"""What is kept of a file: what is wrong in it by itself, and what the rules across files ask of it."""

from __future__ import annotations

from ml_checks.record import Record
from ml_checks.values import Finding, Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from ml_checks.pages import Kept
    from ml_checks.values import Dataset


class Extract(Record):
    """What one file gives, in plain types: it can be stored, and sent from one process to another.

    `findings` are (code, line, column, message), `names` those of its datasets and their fields, `types` the fields
    that have a type and `levels` those that are classified, each as its name, a null and the other: one text is read
    back in a fifth of the time of a pair. Who needs to know where they stand reads the file again.
    """

    findings: tuple[tuple[str, int, int, str], ...]
    is_marked: bool
    names: tuple[str, ...]
    types: tuple[str, ...]
    levels: tuple[str, ...]
    contract: tuple[Any, ...] | None
    page: Kept | None

    def found(self, path: str) -> Iterator[Finding]:
        """Yield what is wrong in the file."""
        return (Finding(Location(path, line, col), code, message) for code, line, col, message in self.findings)


def facts(datasets: Iterable[Dataset]) -> tuple[tuple[str, ...], ...]:
    """Return the names, the types and the levels of datasets, as an extract has them."""
    fields = [field for dataset in datasets for field in dataset.fields if field.name]
    names = (*(dataset.name for dataset in datasets), *(field.name for field in fields))
    types = (f"{name}\0{kind}" for name, kind, *_ in fields if kind)
    levels = (f"{name}\0{level}" for name, _, _, level, *_ in fields if level)
    return tuple(str(name) for name in names if name), tuple(types), tuple(levels)


def shared(extract: tuple[Any, ...], known: dict[str, str]) -> tuple[Any, ...]:
    """Return an extract that takes from `known` what others have too: stored once, it is read back in half the time."""
    findings, is_marked, *lists, contract, page = extract
    one = known.setdefault
    return findings, is_marked, *(tuple([one(item, item) for item in items]) for items in lists), contract, page
