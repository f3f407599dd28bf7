"""JUnit's XML, which every CI host shows: a test case for each rule."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from ml_checks.errors import count, printable
from ml_checks.report.model import documentation, unread
from ml_checks.rules import family_of
from ml_checks.values import line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ml_checks.report.model import Report, Waiver
    from ml_checks.values import Finding


def render(report: Report) -> str:
    """Return a suite in which a rule passes, fails with all its findings, or ends in an error where it crashed."""
    suite = ET.Element("testsuite", name="ml-checks", tests=str(len(report.codes)))
    failed = {finding.code for finding in report.findings}
    suite.set("failures", str(len(failed)))
    suite.set("errors", str(len(report.crashes)))
    for code in report.codes:
        _add_case(suite, code, report)
    if left := unread(report):
        ET.SubElement(suite, "system-out").text = "\n".join(left)
    suites = ET.Element("testsuites")
    suites.append(suite)
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


def _add_case(suite: ET.Element, code: str, report: Report) -> None:
    fault, advice = documentation(code)
    family = family_of(code).hook
    case = ET.SubElement(suite, "testcase", classname=f"ml-checks.{family}", name=f"{code} {fault}")
    for crash in report.crashes:
        if crash.startswith(f"{code} "):
            ET.SubElement(case, "error", type="crash", message=printable(crash))
    if places := [line(finding) for finding in report.findings if finding.code == code]:
        failure = ET.SubElement(case, "failure", type=code, message=count(len(places), "finding"))
        failure.text = "\n".join([*places, advice])
    if waived := [_waived(*pair) for pair in report.waived if pair[0].code == code]:
        ET.SubElement(case, "system-out").text = "\n".join(waived)


def _waived(finding: Finding, waiver: Waiver) -> str:
    owner, reason = printable(waiver.owner), printable(waiver.reason)
    return f"waived until {waiver.until} by {owner}: {line(finding)} ({reason})"
