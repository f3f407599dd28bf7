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
    from collections.abc import Iterable

    from ml_checks.report.model import Report, Waiver
    from ml_checks.run.fingerprint import Subject
    from ml_checks.values import Finding

    # A finding with its subject and its fingerprint.
    Found = tuple[Finding, Subject, str]

# Grows only when what a reader relies on changes; a key may be added at any time.
VERSION = 1


def render(report: Report) -> str:
    """Return everything that is known of a run."""
    rows = list(zip([*report.findings, *_waived(report)], report.subjects, report.fingerprints, strict=True))
    found, waived = rows[: len(report.findings)], rows[len(report.findings) :]
    allowed = [
        f'{_finding(row)[:-1]}, "waiver": {json.dumps(_waiver(waiver))}}}'
        for row, (_, waiver) in zip(waived, report.waived, strict=True)
    ]
    parts = {
        "version": str(VERSION),
        "tool": json.dumps({"name": "ml-checks", "version": __version__}),
        "findings": _list(map(_finding, found)),
        "waived": _list(allowed),
        "crashes": json.dumps(list(report.crashes)),
        "summary": _list(json.dumps(_summed(row)) for row in summary(report.findings)),
        "rules": json.dumps({code: _rule(code, report) for code in report.codes}, indent=2),
    }
    return "{\n" + ",\n".join(f'"{name}": {part}' for name, part in parts.items()) + "\n}\n"


def _waived(report: Report) -> Iterable[Finding]:
    return (finding for finding, _ in report.waived)


def _list(items: Iterable[str]) -> str:
    return "[\n" + ",\n".join(items) + "\n]"


def _finding(row: Found) -> str:
    """Return a finding; written by hand, for a legacy repository has hundreds of thousands."""
    ((path, line, col), code, message), (key, end, _), fingerprint = row
    return (
        f'{{"code": "{code}", "path": {quoted(path)}, "line": {line}, "col": {col}, '
        f'"end_col": {"null" if end is None else end}, "logical_key": {quoted(key)}, '
        f'"message": {quoted(message)}, "fingerprint": "{fingerprint}"}}'
    )


def _summed(row: Row) -> dict[str, object]:
    names = [{"name": name, "findings": number} for name, number in row.names]
    return {**row._asdict(), "names": names}


def _waiver(waiver: Waiver) -> dict[str, str]:
    return {"reason": waiver.reason, "owner": waiver.owner, "until": str(waiver.until)}


def _rule(code: str, report: Report) -> dict[str, str]:
    fault, advice = documentation(code)
    where = page(code, report.project.standards)
    return {"family": family_of(code).hook, "fault": fault, "advice": advice, "page": where}
