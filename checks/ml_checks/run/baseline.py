"""The baseline: findings that were there when the checks came, or when a rule did, and that may only become fewer."""

from __future__ import annotations

import os
import re
from itertools import chain

from ml_checks.errors import CannotRunError, count, typed
from ml_checks.reading.output import write_text
from ml_checks.record import Record
from ml_checks.rules.registry import RULES, RunRule, is_on_unread
from ml_checks.rules.retired import called_today, current
from ml_checks.rules.run import BASELINE, Listed
from ml_checks.run.fingerprint import fingerprints, former_names
from ml_checks.standards import EXCLUDED, PROJECT_FILE
from ml_checks.values import Finding, line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from ml_checks.project.project import Project
    from ml_checks.rules.run import Result
    from ml_checks.values import Text

    # Runs all rules with these contents in the place of files.
    RunAll = Callable[[Mapping[str, bytes]], Result]

HEAD = """\
# Findings that were there when the checks came. The list may only become shorter:
# `ml-checks baseline --prune` removes what is no longer found.
"""
OWNERLESS_HEAD = """\
# First name the owners: nobody answers for these, and so nobody will correct the rest.
"""
REST_HEAD = """\
# All other findings.
"""
UNKNOWN = "nothing is written, because not everything is known"
# What nobody answers for; it stands first in the list.
OWNERLESS = ("OWN001", "OWN010")
# What there is no old fault of: these say what has just changed.
ABOUT_A_CHANGE = ("CON002", "CON003", "CON004")
# What would leave the rest without anybody who corrects it.
NEVER_LISTED = (*ABOUT_A_CHANGE, "OWN011")
_MISSING = re.compile(r"(?P<before>.*?)(?P<keys>(?:'[^']*', )*'[^']*') (?:is|are) missing$")


class Written(Record):
    """What was done, in words, and the findings that are left, each with what settles it."""

    about: str
    left: tuple[Finding, ...]
    remedies: tuple[str, ...]

    @property
    def lines(self) -> Iterator[str]:
        """The lines to print."""
        yield self.about
        if self.left:
            stay = "cannot be in the list" if self.about.startswith(BASELINE) else "cannot be in a baseline"
            yield f"{count(len(self.left), 'finding')} {stay}:"
        for finding, remedy in zip(self.left, self.remedies, strict=True):
            yield line(finding)
            yield f"  {remedy}"


def names(project: Project, findings: Iterable[Finding]) -> dict[Finding, str]:
    """Return what a baseline calls each finding: its fingerprint, in letters that a file can hold."""
    return {finding: encodable(name) for finding, name in fingerprints(project, findings).items()}


def encodable(name: str) -> str:
    """Return a name without what UTF-8 has not: what stands for a byte in a path that is no text."""
    return name.encode("utf-8", "backslashreplace").decode()


def settle(
    project: Project, baseline: Sequence[Text], findings: set[Finding], crashed: set[str]
) -> tuple[set[Finding], Listed]:
    """Return the findings that are not in the baseline, and what was learned of it; no rule that crashed mends any."""
    known, today = names(project, findings), called_today(baseline)
    left = _unlisted(known, {*baseline, *chain.from_iterable(today.values())})
    gone = list(_without(baseline, set(known.values()), today))
    renewed = _renewed(project, known, left, gone) if left and gone else {}
    new = set(_unlisted(left, set(renewed.values())))
    return new, Listed(tuple(baseline), known, renewed, _stale(gone, renewed, crashed))


def _unlisted(names: Mapping[Finding, str], listed: Collection[str]) -> dict[Finding, str]:
    """Return the findings that a list does not have, with their names."""
    return {finding: name for finding, name in names.items() if name not in listed}


def _without(entries: Iterable[Text], others: AbstractSet[str], today: Mapping[str, Sequence[str]]) -> Iterator[Text]:
    """Yield the entries that are not among others, under their own name or one that they have today."""
    return (entry for entry in entries if others.isdisjoint((entry, *today.get(entry, ()))))


def _stale(gone: Iterable[Text], renewed: Collection[str], crashed: AbstractSet[str]) -> tuple[Text, ...]:
    """Return the entries that occur under no name; those of a rule that crashed may occur."""
    return tuple(one for one in _without(gone, {*renewed}, {}) if crashed.isdisjoint(current(one.partition(" ")[0])))


def _renewed(
    project: Project, known: Mapping[Finding, str], left: Mapping[Finding, str], gone: Sequence[str]
) -> dict[str, str]:
    """Return what entries that are not found are called today, if they are found under another name."""
    moves, free = moved(project, gone), set(left.values())
    former = dict(zip(former_names(project, sorted(known)), map(known.__getitem__, sorted(known)), strict=True))
    renewed: dict[str, str] = {}
    for entry in gone:
        new = moves.get(entry, entry)
        current_names = (new, *called_today([new]).get(new, ()))
        options = (*current_names, *(former.get(name, "") for name in current_names), *_shorter(new, free))
        if name := next(filter(free.__contains__, options), None):
            free.remove(name)
            renewed[entry] = name
    return renewed


def _shorter(entry: str, names: Collection[str]) -> list[str]:
    """Return the names by which a mapping lacks some of the keys that it lacked; it was corrected in part."""
    lacking = _MISSING.fullmatch(entry)
    if not lacking:
        return []
    found = filter(None, map(_MISSING.fullmatch, names))
    keys = set(lacking["keys"].split(", "))
    return [one[0] for one in found if one["before"] == lacking["before"] and keys.issuperset(one["keys"].split(", "))]


def moved(project: Project, entries: Iterable[str]) -> dict[str, str]:
    """Return what entries are called whose file git sees renamed."""
    gone = {entry: options for entry in entries if project.tracked.isdisjoint(options := _paths_in(entry))}
    if not gone:
        return {}
    from ml_checks.reading.branch import moves

    went = moves(project.root, chain.from_iterable(gone.values()))
    return {entry: new for entry in gone if (new := _with_path(entry, went)) != entry}


def heirs(project: Project, before: Iterable[str], new: Collection[str]) -> set[str]:
    """Return which names entries may have today, as far as that can be told from them."""
    old = {*before}
    moves = moved(project, old)
    today = old.union(moves.values())
    return today.union(chain.from_iterable(_shorter(entry, new) for entry in today))


def _paths_in(entry: str) -> list[str]:
    """Return what may be the path in an entry, for a path may have blanks."""
    words = entry.partition(" ")[2].split(" ")
    return [" ".join(words[:number]) for number in range(1, len(words) + 1)]


def moved_names(entries: Iterable[str], renames: Mapping[str, str]) -> Iterator[str]:
    """Yield names with the paths of today."""
    return (_with_path(entry, renames) for entry in entries) if renames else iter(entries)


def _with_path(entry: str, renames: Mapping[str, str]) -> str:
    """Return an entry with the path that its file has now."""
    code, _, rest = entry.partition(" ")
    old = next(filter(renames.__contains__, _paths_in(entry)), None)
    return encodable(f"{code} {renames[old]}{rest.removeprefix(old)}") if old else entry


def begin(run: RunAll, drafted: Collection[str] = ()) -> Written:
    """Write what is found into a new baseline and read it back; raise CannotRunError where one is committed.

    What is still to be written in a drafted file is no old fault.
    """
    result = run({BASELINE: b"[]\n"})  # it is there when the checks run the next time, and needs an owner
    _refuse_committed(result)
    _refuse_unknown(result)
    ours = [*result.findings, *result.gaps]
    called = names(result.run.project, (one for one in ours if not isinstance(RULES[one.code], RunRule)))
    entries = {called[finding] for finding in result.findings if is_listable(finding, drafted)}
    is_alone = all(name.split(" ")[1:2] == [BASELINE] for name in entries)
    return _nothing(run) if is_alone else _settled(run, entries)


def _nothing(run: RunAll) -> Written:
    """Say that there is nothing to list, and what is found all the same."""
    result = run({})
    about = "can be listed" if result.findings else "is found"
    return _written(result, f"Nothing {about}, so there is nothing to put into a baseline.", result.findings)


def _settled(run: RunAll, entries: set[str], about: str = "") -> Written:
    """Write entries, and say what is found when they are read again."""
    result = run({BASELINE: text_of(entries).encode()})
    write_text(os.path.join(result.run.project.root, BASELINE), [text_of(entries)])
    return _written(result, f"{BASELINE} holds {count(len(entries), 'finding')}{about}. Commit it.", result.findings)


def is_listable(finding: Finding, drafted: Collection[str]) -> bool:
    """Tell whether a baseline may hold a finding."""
    if isinstance(RULES[finding.code], RunRule) or finding.code in NEVER_LISTED:
        return False
    return finding.code != "DOC004" or finding.at.path not in drafted


def _refuse_committed(result: Result) -> None:
    project = result.run.project
    if project.is_committed(BASELINE) and os.path.exists(os.path.join(project.root, BASELINE)):
        may = "it may only become shorter: `ml-checks baseline --prune`"
        more = "what new standards find in old files: `ml-checks baseline --update`"
        raise CannotRunError(f"there is a {BASELINE} already, and {may}; {more}")


def _refuse_unknown(result: Result) -> None:
    for sentence in (*result.crashes, *result.unchecked):
        raise CannotRunError(f"{sentence}; {UNKNOWN}")


def prune(run: RunAll) -> Written:
    """Take out of the baseline what is not found, and write what moved where it is; raise CannotRunError."""
    result = _known(run, "prune")
    if left := _left(result):
        about = _renewals(result)
        write_text(os.path.join(result.run.project.root, BASELINE), [text_of(left)])
        return Written(f"{BASELINE} holds {count(len(left), 'finding')}{about}. Commit it.", (), ())
    os.remove(os.path.join(result.run.project.root, BASELINE))
    return Written(f"No entry of {BASELINE} is found any more, so the file is removed.", (), ())


def update(run: RunAll) -> Written:
    """Prune, and add what today's rules find that they find at the base, too; raise CannotRunError."""
    result = _known(run, "update")
    names = result.run.listed.names
    new = result.run.found_before().intersection(names[one] for one in result.findings if is_listable(one, ()))
    ours = f", {len(new)} of them new: today's rules find them in the old files, too" if new else ""
    return _settled(run, _left(result) | new, f"{_renewals(result)}{ours or ', none of them new'}")


def _known(run: RunAll, what: str) -> Result:
    """Run all rules, and return what they found where everything is known; raise CannotRunError."""
    result = run({})
    if not os.path.exists(os.path.join(result.run.project.root, BASELINE)):
        raise CannotRunError(f"there is no {BASELINE} to {what}")
    _refuse_unknown(result)
    for finding in result.findings:
        if is_on_unread(finding):
            raise CannotRunError(f"{line(finding)}; {UNKNOWN}")
    return result


def _left(result: Result) -> set[str]:
    """Return the entries that are found, as they are called today."""
    listed = result.run.listed
    return {listed.renewed.get(entry, str(entry)) for entry in listed.entries if entry not in listed.stale}


def _renewals(result: Result) -> str:
    number = len(result.run.listed.renewed)
    return f", {number} of them under a new name" if number else ""


def text_of(entries: Iterable[str]) -> str:
    """Return a list as it is written: first what nobody answers for."""
    ordered = sorted(entries)
    first = [entry for entry in ordered if entry.startswith(OWNERLESS)]
    rest = [entry for entry in ordered if not entry.startswith(OWNERLESS)]
    parts = [_part(OWNERLESS_HEAD, first), _part(REST_HEAD, rest)] if first else [_part("", rest)]
    return "".join([typed(HEAD), *parts])


def _part(head: str, entries: Sequence[str]) -> str:
    """Return entries below a heading; nothing where there are none."""
    return "".join([head, *map(_row, entries)]) if entries else ""


def _row(entry: str) -> str:
    return f'- "{"".join(map(_escaped, entry))}"\n'


def _escaped(char: str) -> str:
    """Return a character as YAML takes it in double quotes, whatever it is."""
    if char in {'"', "\\"}:
        return f"\\{char}"
    return char if char.isprintable() else f"\\U{ord(char):08x}"


def _written(result: Result, about: str, left: Sequence[Finding]) -> Written:
    unread = {finding.at.path for finding in left if is_on_unread(finding)}
    remedies = (remedy(finding, result.run.project, unread) for finding in left)
    return Written(about, tuple(left), tuple(remedies))


def remedy(finding: Finding, project: Project, unread: Collection[str]) -> str:
    """Return the line that would settle a finding."""
    if is_on_unread(finding):
        pattern = _pattern(finding, project, unread)
        return f"Correct it, or let the checks leave it alone, by a line in {PROJECT_FILE}: `exclude: [{pattern}]`."
    *_, advice = re.split(r"(?<=[.!?])\s+", " ".join((RULES[finding.code].function.__doc__ or "").split()))
    return typed(advice)


def _read_in(folder: str, project: Project) -> Iterator[str]:
    """Yield the files in a folder that rules read."""
    kinds = project.kinds(project.paths)
    return (path for path, kind in kinds.items() if kind not in {"", EXCLUDED} and path.startswith(f"{folder}/"))


def _pattern(finding: Finding, project: Project, unread: Collection[str]) -> str:
    """Return the pattern for the files that cannot be read: their folder, where it has no other that is read."""
    path = finding.at.path
    folder = os.path.dirname(path)
    is_whole = folder and all(map(unread.__contains__, _read_in(folder, project)))
    pattern = f"/{folder}/" if is_whole else f"/{path}"
    return pattern if re.fullmatch(r"[\w./-]+", pattern) else f'"{"".join(map(_escaped, pattern))}"'
