"""JSON for programs, as report.schema.json describes it: a finding on each line."""

from __future__ import annotations

import json
from json.encoder import encode_basestring_ascii as quoted  # of a text, as fast as the dump of all takes it

from ml_checks import __version__
from ml_checks.report.model import documentation, page
from ml_checks.report.summary import Row, summary
from ml_checks.rules import family_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ml_checks.report.model import Report, Waiver

# Grows only when what a reader relies on changes; a key may be added at any time.
VERSION = 1


def render(report: Report) -> str:
    """Return everything that is known of a run."""
    rows = _rows(report)
    number = len(report.findings)
    allowed = (f', "waiver": {json.dumps(_waiver(waiver))}' for _, waiver in report.waived)
    waived = [f"{row[:-1]}{waiver}}}" for row, waiver in zip(rows[number:], allowed, strict=True)]
    # All is joined once: of a long report, each copy takes a tenth of the time.
    parts = [
        f'{{\n"version": {VERSION},\n"tool": {json.dumps({"name": "ml-checks", "version": __version__})}',
        *_list("findings", rows[:number]),
        *_list("waived", waived),
        f',\n"crashes": {json.dumps(list(report.crashes))}',
        *_list("summary", [json.dumps(_summed(row)) for row in summary(report.findings)]),
        f',\n"rules": {json.dumps({code: _rule(code, report) for code in report.codes}, indent=2)}\n}}\n',
    ]
    return "".join(parts)


def _list(name: str, items: list[str]) -> tuple[str, str, str]:
    """Return a list under a name in parts, an item on each line."""
    return f',\n"{name}": [\n', ",\n".join(items), "\n]"


def _rows(report: Report) -> list[str]:
    """Return each finding, the waived ones last; written by hand, for a legacy repository has hundreds of thousands."""
    both = [*report.findings, *(finding for finding, _ in report.waived)]
    shown: dict[str, str] = {finding[0][0]: quoted(finding[0][0]) for finding in both}
    return [
        f'{{"code": "{code}", "path": {shown[path]}, "line": {line}, "col": {col}, "end_col": {end or "null"}, '
        f'"logical_key": {quoted(key)}, "message": {quoted(message)}, "fingerprint": "{digest}"}}'
        for ((path, line, col), code, message), (key, end, _, digest) in zip(both, report.subjects, strict=True)
    ]


def _summed(row: Row) -> dict[str, object]:
    names = [{"name": name, "findings": number} for name, number in row.names]
    return {**row._asdict(), "names": names}


def _waiver(waiver: Waiver) -> dict[str, str]:
    return {"reason": waiver.reason, "owner": waiver.owner, "until": str(waiver.until)}


def _rule(code: str, report: Report) -> dict[str, str]:
    fault, advice = documentation(code)
    where = page(code, report.project.standards)
    return {"family": family_of(code).hook, "fault": fault, "advice": advice, "page": where}
