"""What the company's standards say about data contracts: what may be seen by whom, and what looks personal."""

from __future__ import annotations

import re
from functools import cached_property

from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ml_checks.values import Map


class ValuePattern(Record):
    """What personal data of a kind looks like; `check` names the arithmetic that a number of the kind has to pass."""

    kind: str
    pattern: re.Pattern[str]
    check: str | None

    @property
    def unchecked(self) -> ValuePattern:
        """The same without the arithmetic."""
        return ValuePattern(self.kind, self.pattern, None)


class ContractStandards:
    """How contracts are classified and how they may change."""

    def __init__(self, values: Map) -> None:
        """Take the section `contracts` of the standards, which is complete."""
        personal = values.mapping("personal")
        self.levels = tuple(map(str, values.texts("classifications")))
        self.unpromised = frozenset(values.texts("unpromised"))
        self.personal = str(personal.must("classification"))
        self._closed = frozenset(self.levels[self.levels.index(self.personal) :])
        self._names = personal.mapping("names")
        self._values = personal.mapping("values")

    def rank(self, classification: str | None) -> int:
        """Return how confidential a classification is; -1 for none, and for one that nobody knows."""
        return self.levels.index(classification) if classification in self.levels else -1

    def is_open(self, classification: str | None) -> bool:
        """Tell whether a classification is not for personal data; none is, and neither is one that nobody knows."""
        return classification not in self._closed

    def personal_in(self, name: str) -> str | None:
        """Return what kind of personal data a name seems to hold; its words decide, in their order."""
        if self._words.isdisjoint(name.lower().split("_")):
            return None  # said at once of nearly every name
        found = self._personal.search(f"_{name.lower()}_")
        return self._kinds[found[1]] if found else None

    @cached_property
    def value_patterns(self) -> tuple[ValuePattern, ...]:
        """What personal values look like."""
        kinds = [(kind, self._values.mapping(kind)) for kind in self._values]
        # Not in the middle of a longer number or word.
        return tuple(
            ValuePattern(kind, re.compile(rf"(?<![\w.+-])(?:{one.must('pattern')})(?!\w)"), one.text("check"))
            for kind, one in kinds
        )

    def value_patterns_in(self, text: str) -> list[ValuePattern]:
        """Return what personal values look like, as far as a text holds such."""
        return [pattern for pattern in self.value_patterns if pattern.pattern.search(text)]

    @cached_property
    def _kinds(self) -> dict[str, str]:
        """Each kind of personal data under its names."""
        return {name: kind for kind in self._names for name in (kind, *self._names.texts(kind))}

    @cached_property
    def _words(self) -> frozenset[str]:
        """The first word of each name."""
        return frozenset(name.partition("_")[0] for name in self._kinds)

    @cached_property
    def _personal(self) -> re.Pattern[str]:
        return re.compile(rf"_({'|'.join(self._kinds)})(?=_)")
