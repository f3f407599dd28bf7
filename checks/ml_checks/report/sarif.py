"""SARIF 2.1.0, which code hosts and editors read."""

from __future__ import annotations

import json
import os
from urllib.parse import quote

from ml_checks import __version__
from ml_checks.report import documentation, page
from ml_checks.rules import family_of
from ml_checks.rules.registry import RULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ml_checks.report import Report, Waiver
    from ml_checks.values import Finding

    Object = dict[str, object]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# Its number grows when fingerprints are made in another way, so that hosts do not compare the two.
FINGERPRINT = "ruleAndKey/v1"


def render(report: Report) -> str:
    """Return a log of one run; what is waived is in it, as suppressed."""
    results = [_result(finding, report, []) for finding in report.findings]
    results += [_result(finding, report, [_suppression(finding, waiver)]) for finding, waiver in report.waived]
    driver = {
        "name": "ml-checks",
        "semanticVersion": __version__,
        "informationUri": report.project.standards.rules_page,
        "rules": [_rule(code, report) for code in report.codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(report)],
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: str, report: Report) -> Object:
    fault, advice = documentation(code)
    address = page(code, report.project.standards)
    family = family_of(code).hook
    return {
        "id": code,
        "name": RULES[code].function.__name__.replace("_", " ").title().replace(" ", ""),
        "shortDescription": {"text": fault},
        "fullDescription": {"text": f"{fault} {advice}"},
        "help": {"text": f"{advice}\n\n{address}", "markdown": f"{advice}\n\n[{code}]({address})"},
        "helpUri": address,
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": [family]},
    }


def _result(finding: Finding, report: Report, suppressions: list[Object]) -> Object:
    spot = report.spots[finding]
    region = {"startLine": finding.at.line, "startColumn": finding.at.col}
    if spot.end:
        region["endColumn"] = spot.end
    uri = quote(os.fsencode(finding.at.path))
    location: Object = {
        "physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}, "region": region}
    }
    if spot.key:
        location["logicalLocations"] = [{"fullyQualifiedName": spot.key}]
    return {
        "ruleId": finding.code,
        "ruleIndex": report.codes.index(finding.code),
        "level": "error",
        "message": {"text": finding.message},
        "locations": [location],
        "partialFingerprints": {FINGERPRINT: report.fingerprints[finding]},
        "suppressions": suppressions,  # for all or for none of the results: an empty list says "not suppressed"
    }


def _suppression(finding: Finding, waiver: Waiver) -> Object:
    return {
        "kind": "inSource" if waiver.at.path == finding.at.path else "external",
        "status": "accepted",
        "justification": f"{waiver.reason} (owner {waiver.owner}, until {waiver.until})",
    }


def _invocation(report: Report) -> Object:
    notifications = [
        {"level": "error", "message": {"text": crash}, "associatedRule": {"id": crash.partition(" ")[0]}}
        for crash in report.crashes
    ]
    return {"executionSuccessful": not notifications, "toolExecutionNotifications": notifications}
