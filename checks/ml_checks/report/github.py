"""Annotations for GitHub Actions, as commands in the log of a workflow."""

from __future__ import annotations

from ml_checks.errors import printable
from ml_checks.report.model import documentation, unread, unwritten
from ml_checks.values import line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ml_checks.report.model import Report
    from ml_checks.values import Finding

# Source: GitHub's page "Workflow commands" and the escaping of its own toolkit; `%` first.
MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
PROPERTY = {**MESSAGE, ":": "%3A", ",": "%2C"}


def render(report: Report) -> str:
    """Return a command for each finding, for each rule that crashed, for what is left to write, and not read."""
    pairs = zip(report.findings, report.subjects.ends, strict=False)  # those that are waived come last
    commands = [_command(*pair) for pair in pairs]
    notices = filter(None, (unwritten(report), *unread(report)))
    commands += [f"::notice title=ml-checks::{_escaped(notice, MESSAGE)}\n" for notice in notices]
    commands += [f"::error title=ml-checks::{_escaped(crash, MESSAGE)}\n" for crash in report.crashes]
    return "".join(commands)


def _command(finding: Finding, end: int | None) -> str:
    """Return a command; its text says the place once more, because the log shows nothing but the text."""
    path, row, col = finding.at
    properties = {
        "file": path,
        "line": row,
        "endLine": row,
        "col": col,
        "endColumn": end,
        "title": finding.code,
    }
    given = [f"{name}={_escaped(str(value), PROPERTY)}" for name, value in properties.items() if value]
    message = f"{line(finding)}\n{documentation(finding.code)[1]}"
    return f"::error {','.join(given)}::{_escaped(message, MESSAGE)}\n"


def _escaped(text: str, escapes: dict[str, str]) -> str:
    for char, escape in escapes.items():
        text = text.replace(char, escape)
    return printable(text)
