"""Says which values a report leaves out: those about persons, for more people read it than the data."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from .. import predict
from ..contract import Contract, Field
from ..drafting.vocabulary import Vocabulary, vocabulary
from ..tables import columns

COMPUTED = "computed in features.py, where data about persons is read too"


class Personal(NamedTuple):
    """The columns that come from fields about persons, each with the reason, and those that surely come from others."""

    reasons: Mapping[str, str] = {}
    others: frozenset[str] = frozenset()
    said: str | None = None
    """Why that what the model says of a row is left out."""

    def why(self, column: str) -> str | None:
        """Say why the values of a column are left out; nothing where they may be shown."""
        if not self.reasons or (column in self.others and column not in self.reasons):
            return None
        return self.reasons.get(column, COMPUTED)

    def open(self, names: Iterable[str]) -> list[str]:
        """Return the columns whose values may be shown."""
        return [name for name in names if self.why(name) is None]


def personal(inputs: Iterable[Contract], predictions: Contract) -> Personal:
    """Return what the contracts of a model's data, and of its predictions, say of persons."""
    words = vocabulary()
    reasons: dict[str, str] = {}
    others: set[str] = set()
    for source in (*inputs, predictions):
        for field in source.fields:
            if why := _why(field, source, words):
                reasons |= dict.fromkeys(_names(field), why)
            else:
                others |= set(_names(field))
    return Personal(reasons, frozenset(others), reasons.get(predict.field(predictions, predict.SCORE)))


def _why(field: Field, source: Contract, words: Vocabulary) -> str | None:
    """Say why a field is about persons: by its classification, or by its name where that says otherwise or nothing."""
    known = field.classification
    if known is not None and known not in words.open_classifications:
        return f"classified {known} in {source.path.as_posix()}"
    kind = words.personal_kind(field.name, ())
    return f"named like {kind.replace('_', ' ')} in {source.path.as_posix()}" if kind else None


def _names(field: Field) -> Iterator[str]:
    """Yield the name of a field, and of the columns that a model reads of it."""
    yield field.name
    yield from (part.meta.output_name() for part in columns(field))
