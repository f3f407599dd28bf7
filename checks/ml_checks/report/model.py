"""What a report is about: the findings of a run, and what a format needs to show them."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from itertools import islice

from ml_checks.errors import count, printable, typed
from ml_checks.rules.registry import RULES, gaps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Protocol, TextIO

    from ml_checks.project.inventory import Kind
    from ml_checks.project.project import Project
    from ml_checks.run.fingerprint import Subjects
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


# So many drafts are named one by one.
MOST_DRAFTS = 3
# So many lines of a list are written at once.
PART = 500


class Report:
    """The findings of a run, those that are waived or wait in drafts, and what a format needs to show them."""

    def __init__(  # noqa: PLR0913  # a run has as many sides
        self,
        project: Project,
        codes: Sequence[str],
        findings: Sequence[Finding],
        *,
        waived: Waived = (),
        gaps: Sequence[Finding] = (),
        crashes: Sequence[str] = (),
        named: Sequence[str] = (),
        stream: TextIO | None = None,
    ) -> None:
        """Take what rules of these codes found; `stream` is where the report goes if that is no file.

        `gaps` are what is left to write in drafts; `named` are the paths to report on, where these are not all.
        """
        self.project, self.codes = project, codes
        self.findings, self.waived, self.gaps, self.crashes = findings, waived, gaps, crashes
        self.named, self.stream = named, stream

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """What is there of each kind of file, read and not read, under the named paths."""
        from ml_checks.project.inventory import inventory

        kinds = inventory(self.project)
        return tuple(kind.within(self.is_wanted) for kind in kinds) if self.named else kinds

    def is_wanted(self, path: str) -> bool:
        """Tell whether to report on a path."""
        return not self.named or any(not at or path == at or path.startswith(f"{at}/") for at in self.named)

    @cached_property
    def both(self) -> Sequence[Finding]:
        """The findings, and behind them those that are waived."""
        return [*self.findings, *(finding for finding, _ in self.waived)] if self.waived else self.findings

    @cached_property
    def subjects(self) -> Subjects:
        """What `both` are about."""
        from ml_checks.run.fingerprint import Subjects, subjects_of

        if not self.waived:
            return subjects_of(self.project, self.findings)
        places = sorted(range(len(self.both)), key=self.both.__getitem__)
        keys, ends, digests = subjects_of(self.project, [self.both[place] for place in places])
        back = sorted(range(len(places)), key=places.__getitem__)
        return Subjects([keys[at] for at in back], [ends[at] for at in back], [digests[at] for at in back])


def lines(rows: Iterable[str]) -> Iterator[str]:
    """Yield the items of a list in JSON, each on a line of its own, in parts of a few hundred."""
    rest, separator = iter(rows), ""
    while part := list(islice(rest, PART)):
        yield separator + ",\n".join(part)
        separator = ",\n"


def documentation(code: str) -> tuple[str, str]:
    """Return a rule's fault as a sentence, and why it hurts and what to do, each on one line."""
    fault, _, advice = (RULES[code].function.__doc__ or "").partition("\n\n")
    return fault, typed(" ".join(advice.split()))


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


def unwritten(report: Report) -> str:
    """Return one line on what is left to write in drafts, and when it will be found; nothing where nothing is left."""
    if not report.gaps:
        return ""
    drafts = _by_draft(report.gaps)
    named = [f"{printable(path)} ({_listed(nouns)})" for path, nouns in drafts[:MOST_DRAFTS]]
    if len(drafts) > MOST_DRAFTS:
        named.append(count(len(drafts) - MOST_DRAFTS, "other file"))
    standards = report.project.standards
    states, stages = map(" or ".join, (standards.draft_states, standards.draft_stages))
    until = f"a contract blocks once it is no longer {states}, a card or charter once its model leaves {stages}"
    return f"{count(len(report.gaps), 'gap')} left to write in drafts: {', '.join(named)}; {until}."


def unread(report: Report) -> list[str]:
    """Return a line for each kind of file of which not all are read, and no finding says so."""
    if not report.project.unread:
        return []
    from ml_checks.project.inventory import NOUNS

    return [_unread(kind, *NOUNS[kind.name]) for kind in report.kinds if kind.has_silent]


def _unread(kind: Kind, one: str, several: str) -> str:
    """Say of how many files of a kind that are there nobody reads any."""
    number = len(kind.read)
    where = typed("`ml-checks adopt` shows them")
    if kind.looks_like == 1:
        return f"1 file looks like {one} and is not read; {where.replace('them', 'it')}."
    are_read = {0: "none is read", 1: "1 is read"}.get(number, f"{number:,} are read")
    return f"{kind.looks_like:,} files look like {several}, {are_read}; {where}."


def _by_draft(found: Iterable[Finding]) -> list[tuple[str, Counter[str]]]:
    """Return each draft with how often it misses what, the one that misses most first."""
    nouns = gaps()
    drafts: dict[str, Counter[str]] = {}
    for finding in found:
        drafts.setdefault(finding.at.path, Counter())[nouns[finding.code]] += 1
    return sorted(drafts.items(), key=lambda draft: -draft[1].total())


def _listed(nouns: Counter[str]) -> str:
    return ", ".join(count(number, noun) for noun, number in nouns.most_common())
