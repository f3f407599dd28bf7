"""JSON for programs, as report.schema.json describes it: a finding on each line."""

from __future__ import annotations

import json
from functools import cache
from itertools import islice
from json.encoder import encode_basestring_ascii as quoted  # of a text, as fast as the dump of all takes it

from ml_checks import __version__
from ml_checks.report.model import documentation, lines, page
from ml_checks.report.summary import Row, summary
from ml_checks.rules import family_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ml_checks.project.inventory import Kind
    from ml_checks.report.model import Report, Waiver
    from ml_checks.values import Finding

# Grows only when what a reader relies on changes; a key may be added at any time.
VERSION = 1


def render(report: Report) -> Iterator[str]:
    """Yield, in parts, everything that is known of a run."""
    rows = _rows(report)
    yield f'{{\n"version": {VERSION},\n"tool": {json.dumps({"name": "ml-checks", "version": __version__})}'
    yield from _list("findings", islice(rows, len(report.findings)))
    yield from _list("waived", (_with_waiver(*pair) for pair in zip(rows, report.waived, strict=True)))
    yield from _list("gaps", map(_gap, report.gaps))
    yield f',\n"crashes": {json.dumps(list(report.crashes))}'
    yield from _list("summary", [json.dumps(_summed(row)) for row in summary(report.findings)])
    yield f',\n"kinds": {json.dumps({kind.name: _kind(kind) for kind in report.kinds}, indent=2)}'
    yield f',\n"rules": {json.dumps({code: _rule(code, report) for code in report.codes}, indent=2)}\n}}\n'


def _list(name: str, items: Iterable[str]) -> Iterator[str]:
    """Yield a list under a name."""
    yield f',\n"{name}": [\n'
    yield from lines(items)
    yield "\n]"


def _rows(report: Report) -> Iterator[str]:
    """Yield each finding, the waived ones last; written by hand, for a legacy repository has hundreds of thousands."""
    shown = cache(quoted)
    for ((path, line, col), code, message), key, end, digest in zip(report.both, *report.subjects, strict=True):
        yield (
            f'{{"code": "{code}", "path": {shown(path)}, "line": {line}, "col": {col}, "end_col": {end or "null"}, '
            f'"logical_key": {quoted(key)}, "message": {quoted(message)}, "fingerprint": "{digest}"}}'
        )


def _with_waiver(row: str, waived: tuple[Finding, Waiver]) -> str:
    return f'{row[:-1]}, "waiver": {json.dumps(_waiver(waived[1]))}}}'


def _gap(gap: Finding) -> str:
    (path, line, col), code, message = gap
    return json.dumps({"code": code, "path": path, "line": line, "col": col, "message": message})


def _summed(row: Row) -> dict[str, object]:
    names = [{"name": name, "findings": number} for name, number in row.names]
    return {**row._asdict(), "names": names}


def _kind(kind: Kind) -> dict[str, object]:
    unread = [{"path": one.path, "reason": one.reason} for one in kind.unread]
    numbers = {"looks_like": kind.looks_like, "read": len(kind.read), "excluded": len(kind.excluded)}
    return {**numbers, "unread": unread}


def _waiver(waiver: Waiver) -> dict[str, str]:
    return {"reason": waiver.reason, "owner": waiver.owner, "until": str(waiver.until)}


def _rule(code: str, report: Report) -> dict[str, str]:
    fault, advice = documentation(code)
    where = page(code, report.project.standards)
    return {"family": family_of(code).hook, "fault": fault, "advice": advice, "page": where}
