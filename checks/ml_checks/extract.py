"""What is kept of a file: what is wrong in it by itself, and what the rules across files ask of it."""

from __future__ import annotations

import marshal
from functools import partial

from ml_checks.contracts import Contract, Head
from ml_checks.record import Record
from ml_checks.values import Dataset, Field, Finding, Location, Spot, noted, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from ml_checks.pages import Kept
    from ml_checks.values import Noted

    Flat = tuple[Noted | None, Noted | None, Noted | None, Noted | None, int, int]


class Extract(Record):
    """What one file gives, in plain types: it can be stored, and sent from one process to another.

    `findings` are (code, line, column, message), `names` the names of all its datasets, with None, and of its
    fields, with their types; `datasets` are packed, because hardly any rule asks for more than the names.
    """

    findings: tuple[tuple[str, int, int, str], ...]
    is_marked: bool
    names: tuple[tuple[str, str | None], ...]
    datasets: bytes
    contract: tuple[Any, ...] | None
    page: Kept | None

    def found(self, path: str) -> Iterator[Finding]:
        """Yield what is wrong in the file."""
        return (Finding(Location(path, line, col), code, message) for code, line, col, message in self.findings)

    def contract_in(self, path: str) -> Contract | None:
        """Return the contract that the file holds."""
        return Contract(path, Head(*self.contract), partial(self.datasets_in, path)) if self.contract else None

    def datasets_in(self, path: str) -> tuple[Dataset, ...]:
        """Return the datasets that the file describes."""
        return tuple(
            Dataset(text_of(path, name), text_of(path, about), Location(path, *at), tuple(_fields(path, fields)))
            for name, about, at, fields in marshal.loads(self.datasets)  # noqa: S302  # written by us, and whole
        )


def packed(datasets: Iterable[Dataset]) -> bytes:
    """Return datasets as bytes, which are read back once they are asked for."""
    return marshal.dumps([(noted(one.name), noted(one.description), one.at[1:], _flat(one.fields)) for one in datasets])


def names_in(datasets: Iterable[Dataset], known: dict[str, str]) -> Iterator[tuple[str, str | None]]:
    """Yield each name with its type; `known` makes of equal texts one, which is stored once."""
    for dataset in datasets:
        if dataset.name:
            yield _one(dataset.name, known), None
        for name, kind, *_ in dataset.fields:
            if name:
                yield _one(name, known), _one(kind, known) if kind else None


def _one(text: str, known: dict[str, str]) -> str:
    return known.get(text) or known.setdefault(str(text), str(text))


def _flat(fields: Sequence[Field]) -> list[Flat]:
    return [
        (noted(name), noted(kind), noted(about), noted(level), mark.line, mark.column)
        for name, kind, about, level, _, mark in fields
    ]


def _fields(path: str, flat: Iterable[Flat]) -> Iterator[Field]:
    for name, kind, about, level, line, column in flat:
        texts = (text_of(path, name), text_of(path, kind), text_of(path, about), text_of(path, level))
        yield Field(*texts, path, Spot(line, column))
