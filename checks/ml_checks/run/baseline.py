"""The baseline: findings that were there when the checks came, and that may only become fewer."""

from __future__ import annotations

import json
import os

from ml_checks.errors import CannotRunError, count, typed
from ml_checks.reading.output import write_text
from ml_checks.rules.registry import RULES, RunRule, is_on_unread
from ml_checks.rules.run import BASELINE
from ml_checks.run.fingerprint import fingerprints
from ml_checks.values import line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ml_checks.project.project import Project
    from ml_checks.rules.run import Result
    from ml_checks.values import Finding, Text

HEAD = """\
# Findings that were there when the checks came. The list may only become shorter:
# `ml-checks baseline --prune` removes what is no longer found.
"""
UNKNOWN = "nothing is written, because not everything is known"


def settle(
    project: Project, baseline: Sequence[Text], findings: set[Finding], crashed: set[str]
) -> tuple[set[Finding], tuple[Text, ...]]:
    """Return the findings that are not in the baseline, and the entries that occur no more: not of a crashed rule."""
    names = fingerprints(project, findings)
    listed, occurring = set(baseline), set(names.values())
    stale = (entry for entry in baseline if entry not in occurring and entry.partition(" ")[0] not in crashed)
    return {finding for finding, name in names.items() if name not in listed}, tuple(stale)


def begin(result: Result) -> str:
    """Write what a run of all rules found into a new baseline, and say so; raise CannotRunError where there is one."""
    root = result.run.project.root
    if os.path.exists(os.path.join(root, BASELINE)):
        msg = f"there is a {BASELINE} already, and it may only become shorter: `ml-checks baseline --prune`"
        raise CannotRunError(msg)
    _refuse_crash(result)
    named = fingerprints(result.run.project, [*result.findings, *(finding for finding, _ in result.waived)])
    listed = [named[finding] for finding in result.findings if not isinstance(RULES[finding.code], RunRule)]
    return _written(root, listed) if listed else "Nothing is found, so there is nothing to put into a baseline."


def prune(result: Result) -> str:
    """Take out of the baseline what a run of all rules did not find, and say what is left; raise CannotRunError."""
    path = os.path.join(result.run.project.root, BASELINE)
    if not os.path.exists(path):
        raise CannotRunError(f"there is no {BASELINE} to prune")
    _refuse_crash(result)
    for finding in result.findings:
        if is_on_unread(finding):
            raise CannotRunError(f"{line(finding)}; {UNKNOWN}")
    if left := [entry for entry in result.run.baseline if entry not in result.run.stale]:
        return _written(result.run.project.root, left)
    os.remove(path)
    return f"No entry of {BASELINE} is found any more, so the file is removed."


def _refuse_crash(result: Result) -> None:
    for crash in result.crashes:
        raise CannotRunError(f"{crash}; {UNKNOWN}")


def _written(root: str, entries: Iterable[str]) -> str:
    ordered = sorted(set(entries))
    rows = (f"- {json.dumps(entry)}\n" for entry in ordered)
    write_text(os.path.join(root, BASELINE), (typed(HEAD), *rows))
    return f"{BASELINE} holds {count(len(ordered), 'finding')}. Commit it."
