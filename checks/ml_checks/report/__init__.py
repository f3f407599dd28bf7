"""What was found, in the format that the reader asks for."""

from __future__ import annotations

from functools import cached_property

from ml_checks.errors import CannotRunError, count, printable, suggestion
from ml_checks.rules.registry import RULES
from ml_checks.values import line, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol, TextIO

    from ml_checks.project.project import Project
    from ml_checks.run.fingerprint import Spot
    from ml_checks.standards.values import Standards
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

__all__ = [
    "FORMATS",
    "Report",
    "count",
    "documentation",
    "known_format",
    "line",
    "page",
    "place",
    "printable",
    "render",
    "waived",
]

# Each is a module of this package, imported only when it is asked for.
FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit")


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
    def spots(self) -> dict[Finding, Spot]:
        """What stands at the place of each finding."""
        from ml_checks.run import fingerprint

        return fingerprint.spots_of(self.project, [*self.findings, *(finding for finding, _ in self.waived)])

    @cached_property
    def fingerprints(self) -> dict[Finding, str]:
        """What each finding is known by, to a host too, when lines move."""
        from ml_checks.run import fingerprint

        return {finding: fingerprint.digest(name) for finding, name in fingerprint.names(self.spots).items()}


def known_format(name: str) -> str:
    """Return the name of a format; raise CannotRunError where there is none of that name."""
    if name not in FORMATS:
        raise CannotRunError(f"there is no format {name!r}; {suggestion(name, FORMATS)}")
    return name


def render(name: str, report: Report) -> str:
    """Return a report in the format of this name."""
    if name == "text" and not (report.findings or report.waived):
        return ""  # the usual case, which imports nothing
    # importing importlib itself takes longer
    rendered: str = __import__(f"ml_checks.report.{name}", fromlist=["render"]).render(report)
    return rendered


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
