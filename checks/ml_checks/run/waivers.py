"""Waivers: findings that a project allows for a while, with a reason, an owner and a last day."""

from __future__ import annotations

import re
from itertools import chain, filterfalse, takewhile
from itertools import count as count_from

from ml_checks.codeowners import Line, Ownership, pattern_fault
from ml_checks.errors import count, quoted, suggestion
from ml_checks.rules import codes_like, nearest
from ml_checks.rules.registry import RULES, RunRule
from ml_checks.rules.retired import RETIRED, current
from ml_checks.rules.run import Waiver
from ml_checks.values import Location, Map

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ml_checks.project.project import Project
    from ml_checks.rules.run import Result
    from ml_checks.values import Finding

    # What stays, what is waived and by what, and what waives nothing.
    Settled = tuple[set[Finding], tuple[tuple[Finding, Waiver], ...], tuple[Waiver, ...]]
    # A waiver, and what tells whether it is for a finding of its code.
    Cover = tuple[Waiver, Callable[[Finding], bool]]

CENTRAL = ("code", "path", "key", "reason", "owner", "until")
INLINE = ("until", "reason", "owner")
# How a comment starts, by the end of the path; JSON has none.
COMMENTS = {".md": "<!--", ".sql": "--", ".json": None, ".avsc": None}
_START = {mark: re.compile(rf"(?:^|\s){mark}\s*ml-checks:\s*waive\b(?P<rest>.*)") for mark in ("#", "--", "<!--")}
_WORD = re.compile(r'\s*(?:(?P<name>[a-z]+)=(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))|(?P<other>\S+))')
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def gathered(project: Project) -> Iterator[Waiver]:
    """Yield the waivers of the project's standards, then those in comments of what has been read."""
    entries = project.standards.project.get("waivers")
    for entry in entries if isinstance(entries, list) else ():
        if entry is not None:
            yield _central(entry, project) if type(entry) is Map else _no_waiver(entry.at)
    for path in sorted(project.marked):
        yield from _inline(path, project)


def _no_waiver(at: Location) -> Waiver:
    """Return an entry of the standards that says nothing of what a waiver has to say."""
    fault = ("REV001", "a waiver is a mapping with code, path, reason, owner and until")
    return Waiver("", "", None, None, "", "", "", at, (fault,))


def settle(project: Project, waivers: Iterable[Waiver], findings: set[Finding], crashed: set[str]) -> Settled:
    """Return the findings that stay, those that are waived, and the waivers of none: not of a rule that crashed."""
    holding = [waiver for waiver in waivers if not waiver.faults]
    covers = _covers(project, holding, findings)
    fitting = {finding: _fitting(finding, covers) for finding in sorted(findings)}
    waived = tuple((finding, waivers[0]) for finding, waivers in fitting.items() if waivers)
    used = set(chain.from_iterable(fitting.values()))
    unused = tuple(waiver for waiver in holding if waiver not in used and crashed.isdisjoint(current(waiver.code)))
    return findings.difference(finding for finding, _ in waived), waived, unused


def _fitting(finding: Finding, covers: Mapping[str, list[Cover]]) -> list[Waiver]:
    """Return the waivers of a finding; the first of them counts."""
    return [waiver for waiver, is_covered in covers.get(finding.code, ()) if is_covered(finding)]


def listed(result: Result) -> Iterator[str]:
    """Yield a line for each waiver with what it waives, and how many findings are waived."""
    worth = dict.fromkeys(result.run.waivers, 0)
    for _, waiver in result.waived:
        worth[waiver] += 1
    for waiver, number in worth.items():
        yield f"{waiver.at.path}:{waiver.at.line}: {_code_of(waiver)} waives {_worth(waiver, number)}"
    known = count(len(result.run.baseline), "finding")
    yield f"{count(len(worth), 'waiver')}, {count(len(result.waived), 'finding')} waived, {known} in the baseline."


def _worth(waiver: Waiver, number: int) -> str:
    if waiver.faults:
        return f"nothing: {waiver.faults[0][1]}"
    return f"{number}, until {waiver.until}, {waiver.owner}: {waiver.reason}"


def _code_of(waiver: Waiver) -> str:
    return waiver.code or "?"


def _covers(project: Project, waivers: Iterable[Waiver], findings: set[Finding]) -> dict[str, list[Cover]]:
    """Return under each code its waivers, each with what tells whether it is for a finding of that code.

    One for a rule that is no more is for those that followed it.
    """
    codes = {waiver: current(waiver.code) for waiver in waivers}
    keys = _keys(project, findings, set(chain.from_iterable(codes[waiver] for waiver in waivers if waiver.key)))
    covers: dict[str, list[Cover]] = {}
    for waiver in waivers:
        for code in codes[waiver]:
            covers.setdefault(code, []).append((waiver, _covering(waiver, keys)))
    return covers


def _keys(project: Project, findings: Iterable[Finding], codes: set[str]) -> Mapping[Finding, str]:
    """Return what the findings of these codes are about; their files are read once more, so only where it is asked."""
    if not codes:
        return {}
    from ml_checks.run.fingerprint import subjects_of

    asked = sorted(finding for finding in findings if finding.code in codes)
    return dict(zip(asked, subjects_of(project, asked).keys, strict=True))


def _covering(waiver: Waiver, keys: Mapping[Finding, str]) -> Callable[[Finding], bool]:
    """Return what tells whether a waiver is for a finding of its code."""
    lines, path, key = waiver.lines, waiver.path, waiver.key
    if lines is not None:
        return lambda finding: finding.at.path == path and finding.at.line in lines
    paths = Ownership([Line(path, (path,), 0, 0, None)], ())
    return lambda finding: paths.line_of(finding.at.path) is not None and (key is None or keys[finding] == key)


def _central(entry: Map, project: Project) -> Waiver:
    """Read a waiver of the standards."""
    values = {key: entry.text(key) or "" for key in CENTRAL}
    faults = tuple(("REV001", fault) for fault in _central_faults(entry, values))
    code, path, key = values["code"], values["path"], values["key"] or None
    return _judged(Waiver(code, path, key, None, *_rest(values), entry.at, faults), project)


def _central_faults(entry: Map, values: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the keys of a waiver and with its path."""
    for key in filterfalse(CENTRAL.__contains__, entry):
        yield f"unknown key {key!r}; {suggestion(key, CENTRAL)}"
    for key in ("code", "path"):
        if not values[key]:
            yield f"waiver without a {key}"
    if problem := pattern_fault(values["path"]):
        yield f"pattern {quoted(values['path'])} {problem}"


def _inline(path: str, project: Project) -> Iterator[Waiver]:
    """Read the waivers in the comments of a file."""
    comments = list(_comments(path, project.source(path) or ""))
    occupied = {line for line, _, _, is_alone in comments if is_alone}
    for line, col, text, is_alone in comments:
        code, values, faults = _words(text)
        lines = (line, next(below for below in count_from(line + 1) if below not in occupied)) if is_alone else (line,)
        at = Location(path, line, col)
        yield _judged(Waiver(code, path, None, lines, *_rest(values), at, tuple(faults)), project)


def _comments(path: str, text: str) -> Iterator[tuple[int, int, str, bool]]:
    """Yield line, column and words of each waiver in a comment, and whether the comment stands alone on its line."""
    mark = next((mark for end, mark in COMMENTS.items() if path.endswith(end)), "#")
    if mark == "<!--":
        yield from _in_page(text)
    elif mark:
        for number, row in enumerate(text.split("\n"), 1):
            yield from _in_row(number, row, mark)


def _in_page(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """Yield the waivers of a page: in YAML's comments above, in HTML's below, and in no block of code."""
    from ml_checks.reading.markdown import Markdown

    page = Markdown(text)
    for number, row in enumerate(page.front.split("\n"), 1):
        yield from _in_row(number, row, "#")
    rows = text.split("\n")
    for number in page.comments():
        for line, col, words, is_alone in _in_row(number, rows[number - 1], "<!--"):
            yield line, col, words.partition("-->")[0], is_alone


def _in_row(number: int, row: str, mark: str) -> Iterator[tuple[int, int, str, bool]]:
    if found := _START[mark].search(row):
        start = row.index(mark, found.start())
        yield number, start + 1, found["rest"], not row[:start].strip()


def _words(text: str) -> tuple[str, dict[str, str], list[tuple[str, str]]]:
    """Return the code, the values and the faults of what a comment says."""
    words = list(takewhile(_is_no_comment, _WORD.finditer(text)))
    code = next((word["other"] for word in words if word["other"]), "")
    values = {word["name"]: word["quoted"] or word["bare"] or "" for word in words}
    return code, {name: values.get(name, "") for name in INLINE}, list(_word_faults(words, code))


def _is_no_comment(word: re.Match[str]) -> bool:
    """Tell a word of a waiver from the start of a comment on the comment."""
    return not (word["other"] or "").startswith("#")


def _word_faults(words: Iterable[re.Match[str]], code: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the words of a comment, the first of which without a name is the code."""
    unknown = [word["name"] or word["other"] for word in words if word["name"] not in INLINE]
    if code:
        unknown.remove(code)
    for name in unknown:
        yield "REV001", f'unknown word {quoted(name)}; a waiver has a code, until=, reason="..." and owner='
    if not code:
        yield "REV001", "waiver without a code"


def _rest(values: Mapping[str, str]) -> tuple[str, str, str]:
    return values["reason"].strip(), values["owner"].strip(), values["until"].strip()


def _judged(waiver: Waiver, project: Project) -> Waiver:
    """Add to a waiver what is wrong with what it says."""
    overdue = _overdue(waiver, project.today, project.standards.max_waiver_days)
    return waiver._replace(faults=(*waiver.faults, *_lacks(waiver), *overdue))


def _lacks(waiver: Waiver) -> Iterator[tuple[str, str]]:
    """Yield why a waiver can be for no rule, and what it does not say."""
    if waiver.code:
        yield from (("REV001", why) for why in _why_not(waiver.code))
    if not waiver.reason:
        yield "REV002", f"waiver of {_code_of(waiver)} gives no reason"
    if not waiver.owner:
        yield "REV003", f"waiver of {_code_of(waiver)} names no owner"


def _why_not(code: str) -> Iterator[str]:
    """Say why there can be no waiver of a code."""
    codes = codes_like(code)
    if any(other.startswith(code) for other in codes if other != code):
        yield f"{quoted(code)} is the beginning of several codes, and a waiver is for one rule"
    elif code not in codes and code not in RETIRED:
        yield f"there is no rule {quoted(code)}; {nearest(code.upper())}"
    elif any(isinstance(RULES.get(now), RunRule) for now in current(code)):
        yield f"{code} cannot be waived"


def _overdue(waiver: Waiver, today: datetime.date, most: int) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the last day of a waiver; on that day itself it still holds."""
    name = f"waiver of {_code_of(waiver)}"
    days = _days(waiver.until, today)
    if days is None:
        yield (
            "REV004",
            f"{name} ends on {quoted(waiver.until)}, which is no day such as 2026-12-31, and so it has expired",
        )
    elif days < 0:
        yield "REV004", f"{name} expired on {waiver.until}"
    elif days > most:
        yield "REV005", f"{name} ends in {days} days, at most {most} are allowed"


def _days(until: str, today: datetime.date) -> int | None:
    """Return how many days there are up to a day; None where it is none."""
    try:
        return (type(today).fromisoformat(until) - today).days if _DAY.fullmatch(until) else None
    except ValueError:  # the 30th of February
        return None
