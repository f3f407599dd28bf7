"""Runs the selected rules over what is judged and gathers what they find."""

from __future__ import annotations

import os
from functools import partial
from itertools import chain

from ml_checks.codeowners import HOSTS, host_dialect
from ml_checks.errors import READING, UNCHECKED, CannotRunError, crash
from ml_checks.project.facts import Judge
from ml_checks.project.project import Project
from ml_checks.project.snapshot import MARKERS
from ml_checks.rules import select
from ml_checks.rules.registry import (
    RULES,
    FileRule,
    ProjectRule,
    RunRule,
    crashed,
    found,
    gaps,
    is_by_path,
    is_on_unread,
)
from ml_checks.rules.run import BASELINE, BASELINE_MAX_BYTES, NOTHING_LISTED, Result, Run, entries
from ml_checks.standards import EXCLUDED, PROJECT_FILE
from ml_checks.values import Finding, List, Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from ml_checks.project.snapshot import Snapshot
    from ml_checks.rules.run import Waiver
    from ml_checks.standards.values import Variant
    from ml_checks.values import Text

    # What rules read, and what reads it.
    Part = tuple[str, Callable[[], object]]
    # Findings, and a sentence for each crash.
    Found = tuple[set[Finding], list[str]]


def run(snapshot: Snapshot, codes: Sequence[str]) -> Result:
    """Run the rules of these codes; one that crashes is reported, and the others still run."""
    every = _needed(codes)
    project = Project(snapshot, _judge(every))
    unread = _read(project)
    findings, crashes = _found(project, every)
    crashes = unread + crashes
    left, waived, learned = _settled(project, findings, crashes)
    unwritten = _gaps(project, left)
    last, last_crashes = found(_of_type(codes, RunRule), learned)
    shown, missing = (_selected(ones, codes) for ones in ((left - unwritten) | last, unwritten))
    allowed = tuple(pair for pair in waived if pair[0].code in codes)
    failed = list(_first_of_each(crashes + last_crashes))
    sentences = tuple(one for one in failed if UNCHECKED not in one)
    return Result(shown, missing, sentences, allowed, learned, tuple(_by_cause(failed)))


def _by_cause(sentences: Iterable[str]) -> Iterator[str]:
    """Yield a sentence for each cause why rules could not judge, with the codes of all of them."""
    causes: dict[str, list[str]] = {}
    for code, separator, cause in (one.partition(UNCHECKED) for one in sentences):
        if separator:
            causes.setdefault(cause, []).append(code)
    for cause, (*others, last) in causes.items():
        codes = f"{', '.join(others)} and {last} were" if others else f"{last} was"
        yield f"{codes} not checked: {cause}"


def _gaps(project: Project, findings: set[Finding]) -> set[Finding]:
    """Return what is only left to write in drafts."""
    nouns = gaps()
    found = {finding for finding in findings if finding.code in nouns}
    return {finding for finding in found if finding.at.path in project.drafts}


def _selected(findings: Iterable[Finding], codes: Collection[str]) -> tuple[Finding, ...]:
    return tuple(sorted(finding for finding in findings if finding.code in codes))


def _of_type(codes: Iterable[str], kind: type) -> list[str]:
    return [code for code in codes if isinstance(RULES[code], kind)]


def _judge(codes: Iterable[str]) -> Judge:
    """Return what judges files by those of the rules that are for files."""
    kinds = {code: rule.kinds for code in codes if isinstance(rule := RULES[code], FileRule)}
    return Judge(lambda wanted: tuple(code for code, known in kinds.items() if not {*known}.isdisjoint(wanted)), found)


def is_relevant(snapshot: Snapshot) -> bool:
    """Tell whether what is staged may change what a rule says; no change at all counts as one.

    A path that comes or goes may. So may a file of a kind that rules read, or one that a page describes.
    """
    staged = snapshot.repository.staged
    if set(staged.values()) != {"M"} or any(map(partial(_is_read, snapshot), staged)):
        return True
    project = Project(snapshot)
    return any(project.kinds_of_paths[path] not in {"", EXCLUDED} for path in staged) or _is_described(project, staged)


def _is_described(project: Project, paths: Collection[str]) -> bool:
    """Tell whether a page describes one of the paths."""
    return any(path in paths for page in project.pages for _, path in project.described(page))


def _is_read(snapshot: Snapshot, path: str) -> bool:
    """Tell whether a rule reads a file: for its path, or because it has a place of its own or says what others are."""
    if path in {PROJECT_FILE, BASELINE, *chain(*(host_dialect(host).paths for host in HOSTS))}:
        return True
    if os.path.realpath(os.path.join(snapshot.repository.root, path)) in snapshot.standards.files:
        return True
    return path.endswith((*MARKERS, "pyproject.toml")) or snapshot.standards.kinds([path])[path] not in {"", EXCLUDED}


def _read(project: Project) -> list[str]:
    """Read all that any rule reads, whatever is selected: what nobody read is not clean. Return what crashed."""
    crashes = []
    samples: Part = "samples", partial(_look_at_samples, project)
    for name, read in (*project.parts(), samples):
        try:
            read()
        except CannotRunError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever our reader does, the other files are still judged
            crashes.append(crash(f"{READING}{name}", error))
    return crashes


def _look_at_samples(project: Project) -> None:
    """Find the samples that nobody can read, whether or not the rules that read them are selected."""
    if contracts := [contract for contract in project.contracts if contract.plain("samples")]:
        from ml_checks.project.data_files import look_at_samples

        look_at_samples(project, contracts)


def _needed(codes: Sequence[str]) -> Sequence[str]:
    """Return the codes that have to be judged: all, where a rule is wanted that needs to know what every rule finds."""
    rules = (RULES[code] for code in codes)
    return select([]) if any(isinstance(rule, RunRule) and rule.needs_all for rule in rules) else codes


def _found(project: Project, codes: Iterable[str]) -> Found:
    """Return what rules on files and on the project find."""
    on_project = _of_type(codes, ProjectRule)
    findings, crashes = found(on_project, project)
    more, others = _found_by_path(project, [code for code in on_project if is_by_path(code)], findings)
    return project.facts.findings | more, project.crashes + crashes + others


def _found_by_path(project: Project, codes: Sequence[str], findings: set[Finding]) -> Found:
    """Return the findings, those of some rules judged by the standards that hold for each finding's path."""
    if not project.standards.overrides:
        return findings, []
    variant_of = project.standards.variant
    kept = {finding for finding in findings if finding.code not in codes or not variant_of(finding.at.path)}
    crashes = []
    for variant in _variants(project, findings):
        judged, others = found(codes, project.under(project.standards.under(variant)))
        kept.update(finding for finding in judged if variant_of(finding.at.path) == variant)
        crashes += others
    return kept, crashes


def _variants(project: Project, findings: Iterable[Finding]) -> list[Variant]:
    """Return which overrides hold together for some path."""
    paths = (*project.paths, *(finding.at.path for finding in findings))
    return sorted(set(map(project.standards.variant, paths)) - {()})


def _settled(
    project: Project, findings: set[Finding], crashes: Sequence[str]
) -> tuple[set[Finding], tuple[tuple[Finding, Waiver], ...], Run]:
    """Set aside what is waived, and what was there before; return what is left, what is waived, and the run."""
    left, without = findings, crashed(crashes)
    waivers: tuple[Waiver, ...] = ()
    unused: tuple[Waiver, ...] = ()
    waived: tuple[tuple[Finding, Waiver], ...] = ()
    allowed = NOTHING_LISTED
    listed, faults = _baseline(project)
    if project.marked or "waivers" in project.standards.project:
        from ml_checks.run.waivers import gathered, settle

        waivers = tuple(gathered(project))
        left, waived, unused = settle(project, waivers, left, without)
    if listed:
        from ml_checks.run import baseline

        left, allowed = baseline.settle(project, listed, left, without)
    faults = [*project.faults, *faults]
    if _is_part_unread(faults, crashes):
        unused, allowed = (), allowed._replace(stale=())  # what is not found may be in what nobody could read
    before = partial(_found_before, project.snapshot)
    return left, waived, Run(project, tuple(faults), waivers, unused, allowed, partial(_heirs, project), before)


def _heirs(project: Project, before: Sequence[str], new: Sequence[str]) -> set[str]:
    """Return what entries of a baseline have become: their file has moved, or they were corrected in part."""
    from ml_checks.run import baseline

    return baseline.heirs(project, before, new)


def _found_before(snapshot: Snapshot) -> frozenset[str]:
    """Return the names of all that today's rules and standards find in the last commit, or where the branch began."""
    from ml_checks.reading import branch
    from ml_checks.reading.tree import Tree
    from ml_checks.run import baseline

    root = snapshot.repository.root
    names: set[str] = set()
    for commit in branch.beginnings(root, snapshot.base) if snapshot.base else ["HEAD"]:
        codes = select([])
        project = Project(snapshot._replace(repository=Tree(root, commit), base="", unsaved={}), _judge(codes))
        _read(project)
        findings, _ = _found(project, codes)
        names.update(baseline.moved_names(baseline.names(project, findings).values(), branch.renames(root, commit)))
    return frozenset(names)


def _is_part_unread(faults: Iterable[Finding], crashes: Iterable[str]) -> bool:
    return any(map(is_on_unread, faults)) or any(one.startswith(READING) for one in crashes)


def _baseline(project: Project) -> tuple[tuple[Text, ...], list[Finding]]:
    """Return the entries of the baseline, and what is wrong with its file.

    It need not be tracked: it is committed together with what it allows.
    """
    roots = project.documents(BASELINE, BASELINE_MAX_BYTES)
    if roots is None or type(roots[0] if roots else None) is List:
        return entries(roots or ()), []
    why = "is no list of findings, as `ml-checks baseline` writes it"
    return (), [Finding(Location(BASELINE, 1, 1), "FIL005", why)]


def _first_of_each(crashes: Iterable[str]) -> Iterable[str]:
    """Return the first crash of each rule, and each crash of what reads a file."""
    first: dict[str, str] = {}
    for one in crashes:
        first.setdefault(_crashed_part(one), one)
    return first.values()


def _crashed_part(sentence: str) -> str:
    """Return what crashed: the code of a rule, or the whole sentence about a file."""
    return sentence if sentence.startswith(READING) else sentence.partition(" ")[0]
