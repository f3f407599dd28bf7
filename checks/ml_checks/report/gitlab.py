"""A code quality report for GitLab's merge requests."""

from __future__ import annotations

import json

from ml_checks.report.model import documentation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ml_checks.report.model import Report
    from ml_checks.values import Finding


def render(report: Report) -> str:
    """Return the list of findings; GitLab has no place for what is waived, nor for a crash."""
    pairs = zip(report.findings, report.subjects.digests, strict=False)  # those that are waived come last
    return json.dumps([_issue(*pair) for pair in pairs], indent=2) + "\n"


def _issue(finding: Finding, digest: str) -> dict[str, object]:
    return {
        "description": f"{finding.code} {finding.message}",
        "content": {"body": documentation(finding.code)[1]},
        "check_name": finding.code,
        "fingerprint": digest,
        "severity": "major",
        "location": {
            "path": finding.at.path,
            "lines": {"begin": finding.at.line},
        },
    }
