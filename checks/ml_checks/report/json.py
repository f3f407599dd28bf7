"""JSON for programs, as report.schema.json describes it."""

from __future__ import annotations

import json

from ml_checks import __version__
from ml_checks.report import documentation, page
from ml_checks.rules import family_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ml_checks.report import Report, Waiver
    from ml_checks.values import Finding

# Grows only when what a reader relies on changes; a key may be added at any time.
VERSION = 1


def render(report: Report) -> str:
    """Return everything that is known of a run."""
    document = {
        "version": VERSION,
        "tool": {"name": "ml-checks", "version": __version__},
        "findings": [_finding(finding, report) for finding in report.findings],
        "waived": [_finding(finding, report) | {"waiver": _waiver(waiver)} for finding, waiver in report.waived],
        "crashes": list(report.crashes),
        "rules": {code: _rule(code, report) for code in report.codes},
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _finding(finding: Finding, report: Report) -> dict[str, object]:
    spot = report.spots[finding]
    return {
        "code": finding.code,
        "path": finding.at.path,
        "line": finding.at.line,
        "col": finding.at.col,
        "end_col": spot.end,
        "logical_key": spot.key,
        "message": finding.message,
        "fingerprint": report.fingerprints[finding],
    }


def _waiver(waiver: Waiver) -> dict[str, str]:
    return {"reason": waiver.reason, "owner": waiver.owner, "until": str(waiver.until)}


def _rule(code: str, report: Report) -> dict[str, str]:
    fault, advice = documentation(code)
    family = family_of(code).hook
    return {"family": family, "fault": fault, "advice": advice, "page": page(code, report.project.standards)}
