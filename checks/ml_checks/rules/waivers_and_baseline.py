"""REV: waivers that end, and a baseline that shrinks."""

from __future__ import annotations

from ml_checks.rules.registry import run_rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.rules.run import Run
    from ml_checks.values import Location


@run_rule("REV001")
def waiver_malformed(run: Run) -> Iterator[tuple[Location, str]]:
    """A waiver cannot be understood, or is for a rule that cannot be waived.

    It waives nothing, but somebody believes that it does. Write `code`, `path`, `reason`, `owner` and `until` in
    the standards, or `# ml-checks: waive CODE until=2026-12-31 reason="..." owner=@org/team` on the line or above.
    """
    return _faulty(run, "REV001")


@run_rule("REV002")
def waiver_unexplained(run: Run) -> Iterator[tuple[Location, str]]:
    """A waiver gives no reason.

    Later nobody can say whether it is still needed. Say why it is better to wait than to fix it now.
    """
    return _faulty(run, "REV002")


@run_rule("REV003")
def waiver_unowned(run: Run) -> Iterator[tuple[Location, str]]:
    """A waiver names no owner.

    Nobody has to fix the fault that it allows. Name the team that will fix it.
    """
    return _faulty(run, "REV003")


@run_rule("REV004")
def waiver_expired(run: Run) -> Iterator[tuple[Location, str]]:
    """A waiver has expired.

    Its last day is over, or is not a day, so it waives nothing. Fix the fault and remove the waiver, or renew it with a
    reason that is true today.
    """
    return _faulty(run, "REV004")


@run_rule("REV005")
def waiver_too_long(run: Run) -> Iterator[tuple[Location, str]]:
    """A waiver ends later than the standards allow.

    If something is allowed for years, the rule should allow it. Choose an earlier day (`max_waiver_days` in the
    standards), or propose to change the rule.
    """
    return _faulty(run, "REV005")


@run_rule("REV006", needs_all=True)
def waiver_unused(run: Run) -> Iterator[tuple[Location, str]]:
    """A waiver waives nothing.

    The fault is fixed, or the waiver is in the wrong place; it would hide the next fault of its kind. Remove it.
    """
    return ((waiver.at, f"no finding of {waiver.code} is left to waive") for waiver in run.unused)


@run_rule("REV007", needs_all=True)
def baseline_stale(run: Run) -> Iterator[tuple[Location, str]]:
    """An entry of the baseline no longer occurs.

    The fault is fixed, and must not come back under the old entry. Run `ml-checks baseline --prune`.
    """
    return ((entry.at, f"{entry!r} is no longer found") for entry in run.stale)


@run_rule("REV008")
def baseline_grown(run: Run) -> Iterator[tuple[Location, str]]:
    """The baseline has an entry that it did not have in the last commit, or where the branch began.

    The baseline is for faults that were there when the checks came, or when a rule or a word of the standards did. Fix
    the fault, or waive it with a reason and a last day. What new standards find in old files, `ml-checks baseline
    --update` takes in.
    """
    return ((entry.at, f"{entry!r} is new") for entry in run.grown)


def _faulty(run: Run, code: str) -> Iterator[tuple[Location, str]]:
    for waiver in run.waivers:
        yield from ((waiver.at, message) for rule_code, message in waiver.faults if rule_code == code)
