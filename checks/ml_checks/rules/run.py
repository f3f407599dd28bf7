"""What a run has learned once the other rules have judged: the subject of the rules that run last; and its result."""

from __future__ import annotations

from functools import cached_property

from ml_checks.record import Record
from ml_checks.values import List, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ml_checks.project.project import Project
    from ml_checks.values import Finding, Location, Value

# Findings that were there when the checks came.
BASELINE = "standards.baseline.yaml"


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


class Run(Record):
    """What a run has learned: which files could not be read, what is allowed, and what of that is of no use."""

    project: Project
    faults: tuple[Finding, ...]
    waivers: tuple[Waiver, ...]
    unused: tuple[Waiver, ...]
    baseline: tuple[Text, ...]
    stale: tuple[Text, ...]

    @cached_property
    def baseline_before(self) -> frozenset[Text]:
        """The entries of the baseline at the base; none where it had none."""
        return frozenset(entries(self.project.documents_before(BASELINE)))


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
