"""The baseline: findings that were there when the checks came, and that may only become fewer."""

from __future__ import annotations

import json
import os

from ml_checks.errors import CannotRunError
from ml_checks.project.project import BASELINE
from ml_checks.reading.text import write_text
from ml_checks.report import count, line
from ml_checks.rules.registry import UNJUDGED, UNWAIVABLE
from ml_checks.run.fingerprint import fingerprints

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ml_checks.project.project import Project
    from ml_checks.run.engine import Result
    from ml_checks.values import Finding

HEAD = """\
# Findings that were there when the checks came. The list may only become shorter:
# `ml-checks baseline --prune` takes out what is mended.
"""
UNKNOWN = "nothing is written, because not everything is known"


def known(project: Project, findings: set[Finding], crashed: set[str]) -> set[Finding]:
    """Return the findings that are in the baseline, and note the entries that are mended: not where a rule crashed."""
    names = fingerprints(project, findings)
    listed = set(project.baseline)
    occurring = set(names.values())
    project.stale = tuple(
        entry for entry in project.baseline if entry.partition(" ")[0] not in crashed and entry not in occurring
    )
    return {finding for finding, name in names.items() if name in listed}


def begin(project: Project, result: Result) -> str:
    """Write what a run of all rules found into a new baseline, and say so; raise CannotRunError where there is one."""
    if os.path.exists(os.path.join(project.root, BASELINE)):
        msg = f"there is a {BASELINE} already, and it may only become shorter: `ml-checks baseline --prune`"
        raise CannotRunError(msg)
    _refuse_crash(result)
    named = fingerprints(project, [*result.findings, *(finding for finding, _ in result.waived)])
    entries = [named[finding] for finding in result.findings if not finding.code.startswith(UNWAIVABLE)]
    return _written(project, entries) if entries else "Nothing is found, so there is nothing to put into a baseline."


def prune(project: Project, result: Result) -> str:
    """Take out of the baseline what a run of all rules did not find, and say what is left; raise CannotRunError."""
    if not os.path.exists(os.path.join(project.root, BASELINE)):
        raise CannotRunError(f"there is no {BASELINE} to prune")
    _refuse_crash(result)
    for finding in result.findings:
        if finding.code in UNJUDGED:
            raise CannotRunError(f"{line(finding)}; {UNKNOWN}")
    if left := [entry for entry in project.baseline if entry not in project.stale]:
        return _written(project, left)
    os.remove(os.path.join(project.root, BASELINE))
    return f"Everything in {BASELINE} is mended, so it is removed."


def _refuse_crash(result: Result) -> None:
    for crash in result.crashes:
        raise CannotRunError(f"{crash}; {UNKNOWN}")


def _written(project: Project, entries: Iterable[str]) -> str:
    ordered = sorted(set(entries))
    rows = "".join(f"- {json.dumps(entry)}\n" for entry in ordered)
    write_text(os.path.join(project.root, BASELINE), HEAD + rows)
    return f"{BASELINE} holds {count(len(ordered), 'finding')}. Commit it."
