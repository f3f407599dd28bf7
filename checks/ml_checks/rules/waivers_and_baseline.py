"""REV: what has a last day, and waivers above all."""

from __future__ import annotations

from ml_checks.rules.registry import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.project.project import Project
    from ml_checks.values import Location


@rule("REV001")
def waiver_malformed(project: Project) -> Iterator[tuple[Location, str]]:
    """A waiver cannot be understood, or is for what cannot be waived.

    It waives nothing, and somebody believes that it does. Write `code`, `path`, `reason`, `owner` and `until` in
    the standards, or `# ml-checks: waive CODE until=2026-12-31 reason="..." owner=@org/team` on the line or above.
    """
    return _faulty(project, "REV001")


@rule("REV002")
def waiver_unexplained(project: Project) -> Iterator[tuple[Location, str]]:
    """A waiver gives no reason.

    Nobody can tell later whether it is still needed. Say why it is better to wait than to mend it now.
    """
    return _faulty(project, "REV002")


@rule("REV003")
def waiver_unowned(project: Project) -> Iterator[tuple[Location, str]]:
    """A waiver names no owner.

    What it allows is then nobody's to mend. Name the team that will.
    """
    return _faulty(project, "REV003")


@rule("REV004")
def waiver_expired(project: Project) -> Iterator[tuple[Location, str]]:
    """A waiver has expired.

    Its last day is over, or is no day at all, so it waives nothing. Mend what it was for and remove it, or renew it
    with a reason that is true today.
    """
    return _faulty(project, "REV004")


@rule("REV005")
def waiver_too_long(project: Project) -> Iterator[tuple[Location, str]]:
    """A waiver ends later than the standards allow.

    What is allowed for years is the rule, and the rule should say so. Choose an earlier day
    (`max_waiver_days` in the standards), or propose to change the rule.
    """
    return _faulty(project, "REV005")


@rule("REV006")
def waiver_unused(project: Project) -> Iterator[tuple[Location, str]]:
    """A waiver waives nothing.

    What it was for is mended, or it is in the wrong place; the next fault of its kind would pass unseen. Remove it.
    """
    return ((waiver.at, f"no finding of {waiver.code} is left to waive") for waiver in project.unused)


@rule("REV007")
def baseline_stale(project: Project) -> Iterator[tuple[Location, str]]:
    """An entry of the baseline no longer occurs.

    It is mended, and must not come back under the old entry. Run `ml-checks baseline --prune`.
    """
    return ((entry.at, f"{str(entry)!r} is mended") for entry in project.stale)


@rule("REV008")
def baseline_grown(project: Project) -> Iterator[tuple[Location, str]]:
    """The baseline has an entry that it did not have in the last commit, or where the branch began.

    It is for what was there when the checks came, and may only become shorter. Mend the fault, or waive it with a
    reason and a last day.
    """
    before = project.committed_baseline
    for entry in project.baseline if before else ():
        if entry not in before:
            yield entry.at, f"{str(entry)!r} is new"


def _faulty(project: Project, code: str) -> Iterator[tuple[Location, str]]:
    for waiver in project.waivers:
        yield from ((waiver.at, message) for rule_code, message in waiver.faults if rule_code == code)
