"""Runs the selected rules over a project and gathers what they find."""

from __future__ import annotations

from ml_checks.errors import CannotRunError
from ml_checks.record import Record
from ml_checks.rules.registry import ACROSS, ALONE, FAMILIES, RULES, UNJUDGED, UNREAD, UNWAIVABLE, found, nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ml_checks.project.project import Project
    from ml_checks.run.waivers import Settled, Waiver
    from ml_checks.values import Finding

# What the rules read; a change of any other file matters when a path comes or goes, and where it makes a page stale
# (DOC009). That waits for the next full run: to read every page on every commit would cost more than it tells.
READ_SUFFIXES = (
    *(".yaml", ".yml", ".md", "CODEOWNERS", ".avsc", ".json", ".py", ".sql", "_template.txt"),
    *(".csv", ".tsv", ".jsonl", ".ndjson"),  # the samples of contracts
)
# What speaks of waivers and entries that are of no use.
JUDGES = frozenset(["REV006", "REV007"])


class Result(Record):
    """The findings in order, a sentence for each rule that crashed, and what is waived and by what."""

    findings: tuple[Finding, ...]
    crashes: tuple[str, ...]
    waived: tuple[tuple[Finding, Waiver], ...]


def select(prefixes: Iterable[str]) -> list[str]:
    """Return the codes that begin with one of the prefixes; raise CannotRunError. Imports no other family.

    Whatever is selected, a file that could not be read is reported: what nobody read is not clean.
    """
    wanted = tuple(prefixes) or ("",)
    for family in FAMILIES:
        if family.prefix == UNREAD or any(overlap(family.prefix, prefix) for prefix in wanted):
            family.load()
    for prefix in wanted:
        if not any(code.startswith(prefix) for code in RULES):
            raise CannotRunError(f"no rule has a code that begins with {prefix!r}; {nearest(prefix)}")
    codes = [code for code in RULES if code.startswith((*wanted, UNREAD))]
    order = [family.prefix for family in FAMILIES]  # whichever of them was imported first
    return sorted(codes, key=lambda code: order.index(code[: len(UNREAD)]))


def is_relevant(staged: Mapping[str, str]) -> bool:
    """Tell whether these staged changes (letter by path) touch what the rules read; no change at all counts as one."""
    return not staged or any(letter != "M" or path.endswith(READ_SUFFIXES) for path, letter in staged.items())


def run(project: Project, codes: Iterable[str], *, reads_all: bool = False) -> Result:
    """Run rules; one that crashes is reported, and the others still run. `reads_all` reads what no rule asks for."""
    wanted = set(codes)
    # Whether a waiver or an entry of the baseline is of any use, only the rules know that it is about.
    every = [code for code in (select([]) if wanted & JUDGES else codes) if not code.startswith(UNWAIVABLE)]
    project.examination.codes = tuple(code for code in every if code in ALONE)
    if reads_all:
        project.read()
    findings, crashes = _alone(project)
    more, others = _together(project, [code for code in every if code not in ALONE])
    crashes += others
    left, waived = _settled(project, findings | more, {crash.partition(" ")[0] for crash in crashes})
    if any(fault.code in UNJUDGED for fault in project.faults):
        project.unused, project.stale = (), ()  # what is not found may be in what nobody could read
    certain, others = found([code for code in codes if code.startswith(UNWAIVABLE)], project)
    kept = sorted(finding for finding in left | certain if finding.code in wanted)
    allowed = tuple((finding, waiver) for finding, waiver in waived if finding.code in wanted)
    return Result(tuple(kept), tuple(_once(crashes + others)), allowed)


def _alone(project: Project) -> tuple[set[Finding], list[str]]:
    """Judge each file by itself."""
    examination = project.examination
    for group in sorted({group for code in examination.codes for group in ALONE[code]}):
        project.extracts(group)
    return {finding for finding in examination.findings if not finding.code.startswith(UNREAD)}, [*examination.crashes]


def _settled(project: Project, findings: set[Finding], crashed: set[str]) -> Settled:
    """Leave out what is waived, and what was there before."""
    left = findings
    waived: list[tuple[Finding, Waiver]] = []
    if project.waivers:
        from ml_checks.run import waivers

        left, waived = waivers.settle(project, findings, crashed)
    if project.baseline:
        from ml_checks.run import baseline

        left = left - baseline.known(project, findings, crashed)
    return left, waived


def _together(project: Project, codes: list[str]) -> tuple[set[Finding], list[str]]:
    """Judge by the standards that hold for a finding's path, and what goes across files by the repository's."""
    findings, crashes = found(codes, project)
    layers = project.standards.layers
    if not layers or not layers.overrides:
        return findings, crashes
    variant_of = layers.variant
    variants = {variant_of(path) for path in (*project.paths, *(finding.at.path for finding in findings))}
    kept = {finding for finding in findings if finding.code in ACROSS or not variant_of(finding.at.path)}
    local = [code for code in codes if code not in ACROSS]
    for variant in sorted(variants - {()}):
        judged, more = found(local, project.judged_by(layers.standards_of(variant)))
        kept.update(finding for finding in judged if variant_of(finding.at.path) == variant)
        crashes += more
    return kept, crashes


def _once(crashes: Iterable[str]) -> Iterable[str]:
    """Return the first crash of each rule."""
    first: dict[str, str] = {}
    for crash in crashes:
        first.setdefault(crash.partition(" ")[0], crash)
    return first.values()


def overlap(one: str, other: str) -> bool:
    """Tell whether a family's prefix and the beginning of codes have codes in common."""
    return one.startswith(other) or other.startswith(one)
