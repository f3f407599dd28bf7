"""What an adoption says: to people, and to programs."""

from __future__ import annotations

import difflib
import json
import shlex
from itertools import chain

from ml_checks import __version__
from ml_checks.errors import COMMAND, count, printable, typed
from ml_checks.record import Record
from ml_checks.rules.run import BASELINE
from ml_checks.values import line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ml_checks.adopt.plan import Leftover, Plan
    from ml_checks.adopt.tree import Change

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
    parts = [_found(plan), _done(state), _by_hand(plan), _left(plan.leftovers)]
    if not state.is_applied:
        parts.append(_differences(plan.changes))
    parts.append(_next(state))
    blocks = ("\n".join(map(printable, part)) for part in map(list, parts) if part)
    return "\n\n".join(blocks) + "\n"


def _found(plan: Plan) -> Iterator[str]:
    """Yield what was found."""
    yield f"Found in {count(plan.tracked, 'tracked file')}:"
    for kind in plan.kinds:
        unread = f", {kind.there - kind.read} not read: {_few(kind.unread)}" if kind.there > kind.read else ""
        yield f"  {kind.name}: {kind.read:,} read{unread}"
    if not plan.kinds:
        yield "  nothing that a rule reads"
    for path, name in plan.generators.items():
        yield f"  a site by {name} ({path})"
    for model in plan.models:
        yield f"  a model that seems to be made here, {model.name}: {_few(model.files)}"
    for one in plan.personal[:MOST_ROWS]:
        columns = ", ".join(f"{name} ({kind})" for name, kind in one.columns)
        yield f"  personal by their names, and under no contract: {one.path}: {columns}"
    if len(plan.personal) > MOST_ROWS:
        yield f"  and personal columns in {len(plan.personal) - MOST_ROWS} more files; --format json lists them"
    for row in plan.rows:
        yield f"  {row.code} {count(row.findings, 'finding')} in {count(row.files, 'file')}: {row.fault}"


def _done(state: State) -> Iterator[str]:
    """Yield what is written or will be."""
    plan = state.plan
    if not plan.changes:
        yield "Nothing to change: all of it is there already."
        return
    yield "Written:" if state.is_applied else "To be written:"
    width = max(len(change.path) for change in plan.changes)
    for change in plan.changes:
        yield f"  {'add ' if change.before is None else 'grow'} {change.path:<{width}}  {change.why}"
    for row in plan.exclusions:
        yield f"  leave alone {row.pattern} ({row.why}): {count(row.findings, 'finding')} in {count(row.files, 'file')}"


def _by_hand(plan: Plan) -> Iterator[str]:
    """Yield what only a person can do."""
    yield from plan.notes
    for sentence, lines in plan.by_hand:
        yield sentence
        yield from (f"    {one}" for one in lines)
    for change in plan.changes:
        if number := change.after.count("TODO") - (change.before or "").count("TODO"):
            yield f"Only you know what stands as TODO in {change.path} ({number})."


def _left(leftovers: Sequence[Leftover]) -> Iterator[str]:
    """Yield what is still found, and what settles it."""
    if not leftovers:
        return
    yield f"Left, because no baseline may list it ({count(len(leftovers), 'finding')}):"
    last = ""
    for finding, remedy in leftovers[:MOST_LEFT]:
        yield f"  {line(finding)}"
        if remedy != last:
            yield f"    {remedy}"
        last = remedy
    if len(leftovers) > MOST_LEFT:
        yield f"  and {len(leftovers) - MOST_LEFT} more, which `ml-checks check` shows"


def _differences(changes: Iterable[Change]) -> Iterator[str]:
    """Yield the difference, a baseline cut short."""
    for change in changes:
        rows = list(difference(change))
        cut = rows[: MOST_ENTRIES + 5] if change.path == BASELINE else rows
        yield from (row.rstrip("\r") for row in cut)
        if len(rows) > len(cut):
            yield f"# ... and {len(rows) - len(cut)} more lines of {change.path}; --format json has all of them"


def difference(change: Change) -> Iterator[str]:
    """Yield the lines by which a file changes, as `git diff` and `patch` have them."""
    before, after = ((text or "").splitlines(keepends=True) for text in (change.before, change.after))
    source = "/dev/null" if change.before is None else f"a/{change.path}"
    for row in difflib.unified_diff(before, after, source, f"b/{change.path}"):
        yield row.rstrip("\n")
        if not row.endswith("\n"):
            yield "\\ No newline at end of file"


def _next(state: State) -> Iterator[str]:
    """Yield what to type next."""
    plan = state.plan
    if not state.is_applied:
        if state.unsaved:
            yield f"Commit or stash first what has changed: {_few(state.unsaved)}."
        if plan.changes:
            yield f"Next: {COMMAND} adopt --owner {shlex.quote(plan.owner)} --apply"
        return
    if plan.changes:
        paths = shlex.join(change.path for change in plan.changes)
        yield f"Next: git add {paths} && git commit --message 'Adopt the checks'"
        yield "Then let the hook watch: pre-commit install (or prek install)"
    if not plan.leftovers:
        yield typed("Once that is committed, `ml-checks check` is clean.") if plan.changes else "The checks are clean."


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
        "kinds": [kind._asdict() for kind in plan.kinds],
        "generators": [{"path": path, "name": name} for path, name in plan.generators.items()],
        "models": [model._asdict() for model in plan.models],
        "personal": [
            {"path": one.path, "columns": [{"name": name, "kind": kind} for name, kind in one.columns]}
            for one in plan.personal
        ],
        "exclusions": [row._asdict() for row in plan.exclusions],
        "changes": [
            {"path": one.path, "is_new": one.before is None, "why": one.why, "text": one.after} for one in plan.changes
        ],
        "diff": "".join(f"{row}\n" for row in chain.from_iterable(map(difference, plan.changes))),
        "by_hand": [{"what": sentence, "lines": list(lines)} for sentence, lines in plan.by_hand],
        "notes": list(plan.notes),
        "summary": [
            {"code": row.code, "fault": row.fault, "findings": row.findings, "files": row.files} for row in plan.rows
        ],
        "leftovers": [_leftover(one) for one in plan.leftovers],
        "crashes": list(plan.crashes),
        "uncommitted": list(state.unsaved),
    }
    return json.dumps(told, indent=2) + "\n"


def _leftover(one: Leftover) -> dict[str, object]:
    (path, row, col), code, message = one.finding
    return {"code": code, "path": path, "line": row, "col": col, "message": message, "remedy": one.remedy}
