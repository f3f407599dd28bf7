"""SARIF 2.1.0, which code hosts and editors read."""

from __future__ import annotations

import json
import os
from functools import cache
from itertools import repeat
from json.encoder import encode_basestring_ascii as quoted
from urllib.parse import quote

from ml_checks import __version__
from ml_checks.report.model import documentation, lines, page, unread
from ml_checks.rules import family_of
from ml_checks.rules.registry import RULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.report.model import Report, Waiver
    from ml_checks.values import Finding

    Object = dict[str, object]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# Its number grows when fingerprints are made in another way, so that hosts do not compare the two.
FINGERPRINT = "ruleAndKey/v2"


def render(report: Report) -> Iterator[str]:
    """Yield, in parts, a log of one run, a result on each line; what is waived is in it, as suppressed."""
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
        "results": [],
    }
    log = json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"
    before, after = log.rsplit('"results": []', 1)
    yield f'{before}"results": [\n'
    yield from lines(_results(report))
    yield f"\n]{after}"


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


def _results(report: Report) -> Iterator[str]:
    """Yield each result; written by hand, for a legacy repository has hundreds of thousands."""
    starts = {code: _start(code, number) for number, code in enumerate(report.codes)}
    region_of = cache(_region)
    # For all or for none of the results: an empty list says "not suppressed".
    suppressions = [*repeat("[]", len(report.findings)), *(_suppression(*pair) for pair in report.waived)]
    columns = zip(report.both, *report.subjects, suppressions, strict=True)
    for ((path, line, col), code, message), key, end, digest, suppression in columns:
        end_column = f', "endColumn": {end}' if end else ""
        logical = f', "logicalLocations": [{{"fullyQualifiedName": {quoted(key)}}}]' if key else ""
        yield (
            f'{starts[code]}{quoted(message)}{region_of(path)}{line}, "startColumn": {col}{end_column}}}}}'
            f'{logical}}}], "partialFingerprints": {{"{FINGERPRINT}": "{digest}"}}, "suppressions": {suppression}}}'
        )


def _start(code: str, index: int) -> str:
    """Return how the results of a rule begin, up to their messages."""
    return f'{{"ruleId": "{code}", "ruleIndex": {index}, "level": "error", "message": {{"text": '


def _region(path: str) -> str:
    """Return what stands in a result between its message and its line."""
    uri = quoted(quote(os.fsencode(path)))
    return (
        f'}}, "locations": [{{"physicalLocation": {{"artifactLocation": {{"uri": {uri}, "uriBaseId": "%SRCROOT%"}}, '
        '"region": {"startLine": '
    )


def _suppression(finding: Finding, waiver: Waiver) -> str:
    suppression = {
        "kind": "inSource" if waiver.at.path == finding.at.path else "external",
        "status": "accepted",
        "justification": f"{waiver.reason} (owner {waiver.owner}, until {waiver.until})",
    }
    return json.dumps([suppression])


def _invocation(report: Report) -> Object:
    notifications: list[Object] = [
        {"level": "error", "message": {"text": crash}, "associatedRule": {"id": crash.partition(" ")[0]}}
        for crash in report.crashes
    ]
    notifications += [{"level": "note", "message": {"text": line}} for line in unread(report)]
    return {"executionSuccessful": not report.crashes, "toolExecutionNotifications": notifications}
