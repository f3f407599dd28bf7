"""What a report is about: the findings of a run, and what a format needs to show them."""

from __future__ import annotations

from functools import cached_property

from ml_checks.errors import count
from ml_checks.rules.registry import RULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol, TextIO

    from ml_checks.project.project import Project
    from ml_checks.run.fingerprint import Subject
    from ml_checks.standards import Standards
    from ml_checks.values import Finding, Location

    class Waiver(Protocol):
        """What a report says of a waiver."""

        @property
        def reason(self) -> str:
            """Why the finding is allowed."""

        @property
        def owner(self) -> str:
            """Who answers for it."""

        @property
        def until(self) -> object:
            """The last day on which it is allowed."""

        @property
        def at(self) -> Location:
            """Where it is written."""

    Waived = Sequence[tuple[Finding, Waiver]]


class Report:
    """The findings of a run, those that are waived, and what a format needs to show them."""

    def __init__(  # noqa: PLR0913  # a run has as many sides
        self,
        project: Project,
        codes: Sequence[str],
        findings: Sequence[Finding],
        *,
        waived: Waived = (),
        crashes: Sequence[str] = (),
        stream: TextIO | None = None,
    ) -> None:
        """Take what rules of these codes found; `stream` is where the report goes if that is no file."""
        self.project, self.codes = project, codes
        self.findings, self.waived, self.crashes = findings, waived, crashes
        self.stream = stream

    @cached_property
    def subjects(self) -> list[Subject]:
        """What each finding is about, in order; then what each waived one is about."""
        from ml_checks.run.fingerprint import subjects_of

        if not self.waived:
            return subjects_of(self.project, self.findings)
        both = [*self.findings, *(finding for finding, _ in self.waived)]
        ordered = sorted(both)
        found = dict(zip(ordered, subjects_of(self.project, ordered), strict=True))
        return [found[finding] for finding in both]


def documentation(code: str) -> tuple[str, str]:
    """Return a rule's fault as a sentence, and why it hurts and what to do, each on one line."""
    fault, _, advice = (RULES[code].function.__doc__ or "").partition("\n\n")
    return fault, " ".join(advice.split())


def page(code: str, standards: Standards) -> str:
    """Return where the company's page on all rules speaks of this one."""
    return f"{standards.rules_page}#{code.lower()}"


def waived(report: Report) -> str:
    """Return how many findings are waived, to go on with after a count of those that are not."""
    return f", {len(report.waived)} waived" if report.waived else ""


def counted(report: Report) -> str:
    """Return how many findings there are, in how many files, and how many are waived."""
    files = {finding[0][0] for finding in report.findings}
    return f"{count(len(report.findings), 'finding')} in {count(len(files), 'file')}{waived(report)}."
