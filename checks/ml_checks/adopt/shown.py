"""What an adoption says: to people, and to programs."""

from __future__ import annotations

import difflib
import io
import json
import shlex
from itertools import chain, groupby

from ml_checks import __version__
from ml_checks.adopt.drafts import TODO
from ml_checks.errors import COMMAND, count, printable, typed
from ml_checks.project.inventory import NOUNS
from ml_checks.record import Record
from ml_checks.rules.run import BASELINE
from ml_checks.values import line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ml_checks.adopt.plan import Leftover, Plan
    from ml_checks.adopt.surroundings import Personal
    from ml_checks.adopt.tree import Change
    from ml_checks.project.inventory import Kind
    from ml_checks.report.summary import Row

# Grows only when what a reader relies on changes; a key may be added at any time.
VERSION = 1
# So many lines of a baseline, findings that are left, and files are shown one by one.
MOST_ENTRIES = 8
MOST_LEFT = 20
MOST_ROWS = 12
MOST_NAMES = 3


class State(Record):
    """A plan, whether it is written by now, and what is changed and not committed."""

    plan: Plan
    is_applied: bool
    unsaved: tuple[str, ...]


def as_text(state: State) -> str:
    """Return what was found, what is done, the difference, and the next command."""
    plan = state.plan
    differences = [] if state.is_applied else chain.from_iterable(map(_difference, plan.changes))
    parts = (_found(plan), _done(state), _by_hand(plan), _left(plan.leftovers), differences, _next(state))
    blocks = ("\n".join(map(printable, part)) for part in parts)
    return "\n\n".join(filter(None, blocks)) + "\n"


def _found(plan: Plan) -> Iterator[str]:
    """Yield what was found."""
    yield f"Found in {count(plan.tracked, 'tracked file')}:"
    yield from chain.from_iterable(map(_kind_lines, plan.kinds)) if plan.kinds else ["  nothing that a rule reads"]
    yield from (f"  a site by {name} ({path})" for path, name in plan.generators.items())
    for model in plan.models:
        yield f"  a model that seems to be made here, {model.name}: {_few(model.files)}"
    yield from _personal_lines(plan.personal)
    for row in plan.rows:
        yield f"  {row.code} {count(row.findings, 'finding')} in {count(row.files, 'file')}: {row.fault}"


def _kind_lines(kind: Kind) -> Iterator[str]:
    """Yield how many files of a kind are read, and why others are not."""
    alone = f", {len(kind.excluded):,} left alone" if kind.excluded else ""
    yield f"  {NOUNS[kind.name][1]}: {len(kind.read):,} of {kind.looks_like:,} read{alone}"
    for reason, paths in _by_reason(kind).items():
        yield f"    {count(len(paths), 'file')} not, because it {reason}: {_few(paths)}"


def _by_reason(kind: Kind) -> dict[str, list[str]]:
    """Return the files of a kind that are not read, under the reasons."""
    found: dict[str, list[str]] = {}
    for one in kind.unread:
        found.setdefault(one.reason, []).append(one.path)
    return found


def _personal_lines(found: Sequence[Personal]) -> Iterator[str]:
    """Yield the first data files with columns that look personal."""
    for one in found[:MOST_ROWS]:
        columns = ", ".join(f"{name} ({kind})" for name, kind in one.columns)
        yield f"  personal by their names, and under no contract: {one.path}: {columns}"
    if len(found) > MOST_ROWS:
        yield f"  and personal columns in {len(found) - MOST_ROWS} more files; --format json lists them"


def _done(state: State) -> Iterator[str]:
    """Yield what is written or will be."""
    if not state.plan.changes:
        yield "Nothing to change: all of it is there already."
        return
    yield "Written:" if state.is_applied else "To be written:"
    yield from _change_lines(state.plan.changes)
    for row in state.plan.exclusions:
        yield f"  leave alone {row.pattern} ({row.why}): {count(row.findings, 'finding')} in {count(row.files, 'file')}"


def _change_lines(changes: Sequence[Change]) -> Iterator[str]:
    width = max(len(change.path) for change in changes)
    for change in changes:
        yield f"  {'add ' if change.before is None else 'grow'} {change.path:<{width}}  {change.why}"


def _by_hand(plan: Plan) -> Iterator[str]:
    """Yield what only a person can do."""
    yield from plan.notes
    for sentence, lines in plan.by_hand:
        yield from (sentence, *(f"    {one}" for one in lines))
    for change in filter(_is_new, plan.changes):
        if number := change.after.count(TODO):
            yield f"Only you know what stands as {TODO} in {change.path} ({number})."


def _is_new(change: Change) -> bool:
    return change.before is None


def _left(leftovers: Sequence[Leftover]) -> Iterator[str]:
    """Yield what is still found, and what settles it."""
    if leftovers:
        yield f"Left, because no baseline may list it ({count(len(leftovers), 'finding')}):"
        for told, group in groupby(leftovers[:MOST_LEFT], key=_remedy):
            yield from (f"  {line(one.finding)}" for one in group)
            yield f"    {told}"
    if len(leftovers) > MOST_LEFT:
        yield f"  and {len(leftovers) - MOST_LEFT} more, which `ml-checks check` shows"


def _remedy(one: Leftover) -> str:
    return one.remedy


def _difference(change: Change) -> Iterator[str]:
    """Yield the difference that a change makes, that of a baseline cut short."""
    rows = list(difference(change))
    cut = rows[: MOST_ENTRIES + 5] if change.path == BASELINE else rows
    yield from (row.rstrip("\r") for row in cut)
    if len(rows) > len(cut):
        yield f"# ... and {len(rows) - len(cut)} more lines of {change.path}; --format json has all of them"


def difference(change: Change) -> Iterator[str]:
    """Yield the lines by which a file changes, as `git diff` and `patch` have them."""
    before, after = (io.StringIO(text or "", newline="").readlines() for text in (change.before, change.after))
    source = "/dev/null" if change.before is None else f"a/{change.path}"
    for row in difflib.unified_diff(before, after, source, f"b/{change.path}"):
        yield row.removesuffix("\n")
        if not row.endswith("\n"):
            yield "\\ No newline at end of file"


def _next(state: State) -> Iterator[str]:
    """Yield what to type next."""
    return _next_after(state.plan) if state.is_applied else _next_before(state)


def _next_before(state: State) -> Iterator[str]:
    if state.unsaved:
        yield f"Commit or stash first what has changed: {_few(state.unsaved)}."
    if state.plan.changes:
        yield f"Next: {COMMAND} adopt --owner {shlex.quote(state.plan.owner)} --apply"


def _next_after(plan: Plan) -> Iterator[str]:
    if plan.changes:
        paths = shlex.join(change.path for change in plan.changes)
        yield f"Next: git add {paths} && git commit --message 'Adopt the checks'"
        yield "Then let the hook watch: pre-commit install (or prek install)"
    if not plan.leftovers:
        yield typed("Once that is committed, `ml-checks check` is clean." if plan.changes else "The checks are clean.")


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def as_json(state: State) -> str:
    """Return all of it for programs, as adopt.schema.json describes it."""
    plan = state.plan
    told = {
        "version": VERSION,
        "tool": {"name": "ml-checks", "version": __version__},
        "owner": plan.owner,
        "applied": state.is_applied,
        "clean": not plan.leftovers,
        "tracked": plan.tracked,
        "kinds": list(map(_kind, plan.kinds)),
        "generators": [{"path": path, "name": name} for path, name in plan.generators.items()],
        "models": _plain(plan.models),
        "personal": list(map(_personal, plan.personal)),
        "exclusions": _plain(plan.exclusions),
        "changes": list(map(_change, plan.changes)),
        "diff": "".join(f"{row}\n" for row in chain.from_iterable(map(difference, plan.changes))),
        "by_hand": [{"what": sentence, "lines": list(lines)} for sentence, lines in plan.by_hand],
        "notes": list(plan.notes),
        "summary": list(map(_summed, plan.rows)),
        "leftovers": list(map(_leftover, plan.leftovers)),
        "crashes": list(plan.crashes),
        "uncommitted": list(state.unsaved),
    }
    return json.dumps(told, indent=2) + "\n"


def _plain(records: Iterable[Record]) -> list[dict[str, object]]:
    return [record._asdict() for record in records]


def _kind(kind: Kind) -> dict[str, object]:
    unread = [{"path": one.path, "reason": one.reason} for one in kind.unread]
    counts = {"looks_like": kind.looks_like, "read": len(kind.read), "excluded": len(kind.excluded)}
    return {"name": kind.name, "unread": unread, **counts}


def _personal(one: Personal) -> dict[str, object]:
    return {"path": one.path, "columns": [{"name": name, "kind": kind} for name, kind in one.columns]}


def _change(one: Change) -> dict[str, object]:
    return {"path": one.path, "is_new": _is_new(one), "why": one.why, "text": one.after}


def _summed(row: Row) -> dict[str, object]:
    return {"code": row.code, "fault": row.fault, "findings": row.findings, "files": row.files}


def _leftover(one: Leftover) -> dict[str, object]:
    (path, row, col), code, message = one.finding
    return {"code": code, "path": path, "line": row, "col": col, "message": message, "remedy": one.remedy}
