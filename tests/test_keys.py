"""Two faults have two keys: a new fault never takes the place of an old one in a baseline."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from ml_checks.rules import select
from ml_checks.rules.registry import RULES, RunRule
from ml_checks.run import engine, fingerprint
from ml_checks.run.baseline import ABOUT_A_CHANGE

from tests.command import snapshot
from tests.test_examples import EXAMPLES, PROJECTS, repository_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ml_checks.project.project import Project
    from ml_checks.values import Finding

NUMBERED = re.compile(r" #[0-9]+$")


def shared_keys(project: Project, findings: Iterable[Finding]) -> dict[str, set[str]]:
    """Return the names that different faults share, each with the messages of these."""
    names: dict[str, set[str]] = {}
    for finding, name in fingerprint.fingerprints(project, findings).items():
        if finding.code not in ABOUT_A_CHANGE and not isinstance(RULES[finding.code], RunRule):
            names.setdefault(NUMBERED.sub("", name), set()).add(re.sub("[0-9]+", "0", finding.message))
    return {name: messages for name, messages in names.items() if len(messages) > 1}


@pytest.mark.parametrize("name", PROJECTS)
def test_no_two_faults_of_an_example_have_one_key(name: str, tmp_path: Path) -> None:
    result = engine.run(snapshot(repository_of(EXAMPLES / name, tmp_path)), select([]))
    assert shared_keys(result.run.project, result.findings + result.gaps) == {}
