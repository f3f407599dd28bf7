"""What is kept of a file: what is wrong in it by itself, and what the rules across files ask of it."""

from __future__ import annotations

from ml_checks.record import Record
from ml_checks.values import Finding, Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from ml_checks.pages import Kept
    from ml_checks.values import Dataset, Traits


class Extract(Record):
    """What one file gives, in plain types: it can be stored, and sent from one process to another.

    `findings` are (code, line, column, message), `names` those of its datasets, and `fields` the name, the type and
    the classification of each of their fields. Who needs to know where they stand reads the file again.
    """

    findings: tuple[tuple[str, int, int, str], ...]
    is_marked: bool
    names: tuple[str, ...]
    fields: tuple[Traits, ...]
    contract: tuple[Any, ...] | None
    page: Kept | None

    def found(self, path: str) -> Iterator[Finding]:
        """Yield what is wrong in the file."""
        return (Finding(Location(path, line, col), code, message) for code, line, col, message in self.findings)


class Shared:
    """Makes of equal texts one, which is then stored once."""

    def __init__(self) -> None:
        """Begin with no text."""
        self._texts: dict[str | None, str | None] = {None: None}

    def names(self, datasets: Iterable[Dataset]) -> tuple[str, ...]:
        """Return the names of datasets."""
        return tuple(str(dataset.name) for dataset in datasets if dataset.name)

    def fields(self, datasets: Iterable[Dataset]) -> tuple[Traits, ...]:
        """Return the name, the type and the classification of each field."""
        one = self._one
        return tuple(
            (one(name), one(kind), one(level)) for dataset in datasets for name, kind, _, level, _, _ in dataset.fields
        )

    def _one(self, text: str | None) -> str | None:
        if text not in self._texts:
            plain = str(text)
            self._texts[plain] = plain
        return self._texts[text]
