"""What a run has learned once the other rules have judged: the subject of the rules that run last; and its result."""

from __future__ import annotations

from functools import cached_property

from ml_checks.record import Record
from ml_checks.values import List, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from ml_checks.project.project import Project
    from ml_checks.values import Finding, Location, Value

# Findings that were there when the checks came.
BASELINE = "standards.baseline.yaml"
# A legacy repository has hundreds of thousands.
BASELINE_MAX_BYTES = 200_000_000


class Waiver(Record):
    """A finding that is allowed: every finding of this code in these files, on these lines or about this key."""

    code: str
    path: str
    key: str | None
    lines: tuple[int, ...] | None
    reason: str
    owner: str
    until: str
    at: Location
    faults: tuple[tuple[str, str], ...]
    """Each with the code of the rule that reports it. A waiver with a fault waives nothing."""


class Listed(Record):
    """What a run has learned of the entries of its baseline."""

    entries: tuple[Text, ...]
    names: Mapping[Finding, str]
    """What each finding is called in it, listed or not."""
    renewed: Mapping[str, str]
    """What entries are called today: their file has moved, or an older version has written them."""
    stale: tuple[Text, ...]


NOTHING_LISTED = Listed((), {}, {}, ())


class Run(Record):
    """What a run has learned: which files could not be read, what is allowed, and what of that is of no use.

    `heirs` tells which of some entries others have become, `found_before` what today's rules find at the base.
    """

    project: Project
    faults: tuple[Finding, ...]
    waivers: tuple[Waiver, ...]
    unused: tuple[Waiver, ...]
    listed: Listed
    heirs: Callable[[Sequence[str], Sequence[str]], Collection[str]]
    found_before: Callable[[], frozenset[str]]

    @property
    def baseline(self) -> tuple[Text, ...]:
        """The entries of the baseline."""
        return self.listed.entries

    @property
    def stale(self) -> tuple[Text, ...]:
        """The entries of the baseline that occur no more."""
        return self.listed.stale

    @cached_property
    def grown(self) -> tuple[Text, ...]:
        """The entries that the baseline did not have at the base, and that today's rules do not find there either."""
        if not self.baseline or BASELINE not in self.project.changes():
            return ()
        before = entries(self.project.documents_before(BASELINE, BASELINE_MAX_BYTES))
        new = self._without(self.baseline, before) if before else ()
        new = self._without(new, self.heirs(before, new)) if new else ()
        return self._without(new, self.found_before()) if new else ()

    def _without(self, some: Sequence[Text], others: Collection[str]) -> tuple[Text, ...]:
        """Return the entries that are not among others, by neither of their names."""
        known, renewed = frozenset(others), self.listed.renewed
        return tuple(entry for entry in some if known.isdisjoint((entry, renewed.get(entry, entry))))


class Result(Record):
    """The findings in order, a sentence for each crash, what is waived and by what, and what the run has learned.

    `gaps` are what is left to write in drafts, which blocks nothing yet; `unchecked` is a sentence for each cause why
    rules could not judge.
    """

    findings: tuple[Finding, ...]
    gaps: tuple[Finding, ...]
    crashes: tuple[str, ...]
    waived: tuple[tuple[Finding, Waiver], ...]
    run: Run
    unchecked: tuple[str, ...] = ()


def entries(roots: Sequence[Value]) -> tuple[Text, ...]:
    """Return the texts of the list that a baseline is."""
    first = roots[0] if roots else None
    return tuple(item for item in first if type(item) is Text) if type(first) is List else ()
