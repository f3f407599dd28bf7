"""What a run returns: what was found, what crashed, and what is waived."""

from __future__ import annotations

from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ml_checks.rules.run import Run, Waiver
    from ml_checks.values import Finding


class Result(Record):
    """The findings in order, a sentence for each crash, what is waived and by what, and what the run has learned."""

    findings: tuple[Finding, ...]
    crashes: tuple[str, ...]
    waived: tuple[tuple[Finding, Waiver], ...]
    run: Run
