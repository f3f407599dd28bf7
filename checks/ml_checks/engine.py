"""Runs the selected rules over a project and gathers what they find."""

from __future__ import annotations

import os

from ml_checks.errors import CannotRunError, suggestion
from ml_checks.record import Record
from ml_checks.registry import ACROSS, FAMILIES, RULES, UNWAIVABLE
from ml_checks.values import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ml_checks.project import Project
    from ml_checks.waivers import Settled, Waiver

# What the rules read; a change of any other file matters when a path comes or goes, and where it makes a page stale
# (DOC009). That waits for the next full run: to read every page on every commit would cost more than it tells.
READ_SUFFIXES = (".yaml", ".yml", ".md", "CODEOWNERS", ".avsc", ".json", ".py", ".sql")
# Whatever is selected, a file that could not be read is reported: what nobody read is not clean.
ALWAYS = "FIL"
# What speaks of waivers and entries that are of no use.
JUDGES = frozenset(["REV006", "REV007"])


class Result(Record):
    """The findings in order, a sentence for each rule that crashed, and what is waived and by what."""

    findings: tuple[Finding, ...]
    crashes: tuple[str, ...]
    waived: tuple[tuple[Finding, Waiver], ...]


def select(prefixes: Iterable[str]) -> list[str]:
    """Return the codes that begin with one of the prefixes; raise CannotRunError. Imports no other family."""
    wanted = tuple(prefixes) or ("",)
    for family in FAMILIES:
        if family.prefix == ALWAYS or any(_overlap(family.prefix, prefix) for prefix in wanted):
            family.load()
    for prefix in wanted:
        if not any(code.startswith(prefix) for code in RULES):
            raise CannotRunError(f"no rule has a code that begins with {prefix!r}; {_nearest(prefix)}")
    codes = [code for code in RULES if code.startswith((*wanted, ALWAYS))]
    order = [family.prefix for family in FAMILIES]  # whichever of them was imported first
    return sorted(codes, key=lambda code: order.index(code[: len(ALWAYS)]))


def needs_all_files(prefixes: Iterable[str]) -> bool:
    """Tell whether the rules on files are asked for by name; else they speak of what the other rules have read."""
    return any(_overlap(ALWAYS, prefix) for prefix in prefixes)


def is_relevant(staged: Mapping[str, str]) -> bool:
    """Tell whether these staged changes (letter by path) touch what the rules read; no change at all counts as one."""
    return not staged or any(letter != "M" or path.endswith(READ_SUFFIXES) for path, letter in staged.items())


def run(project: Project, codes: Iterable[str]) -> Result:
    """Run rules in order; one that crashes is reported, and the others still run."""
    wanted = set(codes)
    # Whether a waiver or an entry of the baseline is of any use, only the rules know that it is about.
    every = select([]) if wanted & JUDGES else list(codes)
    project.validates |= "CON001" in every
    findings, crashes = _by_path(project, [code for code in every if not code.startswith(UNWAIVABLE)])
    left, waived = _settled(project, findings, {crash.partition(" ")[0] for crash in crashes})
    certain, more = _found(project, [code for code in codes if code.startswith(UNWAIVABLE)])
    kept = sorted(finding for finding in left | certain if finding.code in wanted)
    allowed = tuple((finding, waiver) for finding, waiver in waived if finding.code in wanted)
    return Result(tuple(kept), tuple(dict.fromkeys(crashes + more)), allowed)


def _settled(project: Project, findings: set[Finding], crashed: set[str]) -> Settled:
    """Leave out what is waived, and what was there before."""
    left = findings
    waived: list[tuple[Finding, Waiver]] = []
    if project.waivers:
        from ml_checks import waivers

        left, waived = waivers.settle(project, findings, crashed)
    if project.baseline:
        from ml_checks import baseline

        left = left - baseline.known(project, findings, crashed)
    return left, waived


def _by_path(project: Project, codes: list[str]) -> tuple[set[Finding], list[str]]:
    """Judge each file by the standards that hold for its path, and what goes across files by the repository's."""
    findings, crashes = _found(project, codes)
    layers = project.standards.layers
    if not layers or not layers.overrides:
        return findings, crashes
    variant_of = layers.variant
    variants = {variant_of(path) for path in (*project.paths, *(finding.at.path for finding in findings))}
    kept = {finding for finding in findings if finding.code in ACROSS or not variant_of(finding.at.path)}
    alone = [code for code in codes if code not in ACROSS]
    for variant in sorted(variants - {()}):
        judged, more = _found(project.judged_by(layers.standards_of(variant)), alone)
        kept.update(finding for finding in judged if variant_of(finding.at.path) == variant)
        crashes += more
    return kept, crashes


def _found(project: Project, codes: Iterable[str]) -> tuple[set[Finding], list[str]]:
    findings: set[Finding] = set()
    crashes = []
    for code in codes:
        try:
            findings.update(Finding(at, code, message) for at, message in RULES[code](project))
        except CannotRunError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever a rule does, the other rules have their say
            crashes.append(_crash(code, error))
    return findings, crashes


def _nearest(prefix: str) -> str:
    """Name the code or the family that somebody may have meant."""
    for family in FAMILIES:
        family.load()
    families = [family.prefix for family in FAMILIES]
    return suggestion(prefix, list(RULES) if prefix[-1].isdigit() else families, families)


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _crash(code: str, error: Exception) -> str:
    """Say in one line which rule crashed, where and on what."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    where = f"{os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}" if place else "?"
    return f"{code} crashed in {where}: {type(error).__name__}: {error}"
