"""Two faults have two keys: a new fault never takes the place of an old one in a baseline."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from ml_checks.project.project import Project
from ml_checks.rules import select
from ml_checks.rules.registry import RULES, RunRule
from ml_checks.run import engine, fingerprint
from ml_checks.run.baseline import ABOUT_A_CHANGE
from ml_checks.values import Finding, Location

from tests.command import repository, snapshot
from tests.test_examples import EXAMPLES, PROJECTS, repository_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

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


def finding(code: str, place: tuple[str, int, int], message: str) -> Finding:
    return Finding(Location(*place), code, message)


TABLE = 'create table flights (\n  gate_id integer, Gate text, "Kind" text\n);\n'
CASES = {
    "SCH004 a.yaml flights.dep_pct 'pct'": "name 'dep_pct' says 'pct', the company's word is 'percent'",
    "SCH004 a.yaml flights.dep_pct 'dep'": "name 'dep_pct' says 'dep', the company's word is 'departure'",
    "SCH005 a.yaml flights.dep_pct '_at'": "field 'is_x_at' has type 'integer', '_at' promises timestamp",
    "SCH005 a.yaml flights.dep_pct 'is_' or 'has_'": "field 'x' has type 'integer', 'is_' or 'has_' promises boolean",
    "CON001 a.yaml flights.dep_pct 'id', 'name' are missing": "'id', 'name' are missing",
    "CON001 a.yaml flights.dep_pct 'id' is missing": "'id' is missing",
    "CON001 a.yaml flights.dep_pct 'nmae'": "key 'nmae' is not known here; did you mean 'name'?",
    "CON001 a.yaml flights.dep_pct 'status'": "'status' is 'foo', did you mean 'draft'?",
    "CON005 a.yaml flights.dep_pct comes after": "version '1.0.0' comes after '2.0.0'",
    "CON008 a.yaml 'mail'": "column 'mail' is 'public' and holds personal data (e-mail) in 3 rows, first here",
    "CON009 a.yaml flights.dep_pct field 'mail'": "made from data that is 'x' (field 'mail'), and nowhere",
    "CON010 a.yaml flights.dep_pct contracts/a.yaml": "reads contracts/a.yaml, which no model card declares",
    "CON013 a.yaml flights.dep_pct 'gates'": "there is no contract 'gates'",
    "CON015 a.yaml flights.dep_pct 'late'": "not confirmed when field 'a' is known, and model 'late' is in 'x'",
    "OWN002 a.yaml flights.dep_pct '@a'": "contract is owned by '@a', whom CODEOWNERS never names",
    "OWN003 a.yaml flights.dep_pct '@a'": "pattern '*' is owned by '@a' alone",
    "OWN010 a.yaml flights.dep_pct CronJob": "CronJob 'train' has no label 'owner'",
    "DOC008 a.yaml 'b.md'": "link to 'b.md', which is not tracked",
    "TRC001 a.yaml flights.dep_pct 'a.py'": "'a.py' is listed and missing",
    "TRC001 a.yaml flights.dep_pct": "differs from what a.yaml lists",
}


@pytest.mark.parametrize("name", CASES)
def test_a_key_ends_in_what_tells_a_fault_from_others_there(name: str, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"a.yaml": "- name: flights\n  fields:\n    - name: dep_pct\n"}
    project = Project(snapshot(repository(tmp_path, files)))
    one = finding(name.partition(" ")[0], ("a.yaml", 3, 13), CASES[name])
    assert fingerprint.fingerprints(project, [one]) == {one: name}


def test_fields_on_one_line_have_keys_of_their_own(tmp_path: Path) -> None:
    project = Project(snapshot(repository(tmp_path, {"a.sql": TABLE})))
    messages = {3: "field 'gate_id' has type 'x'", 20: "field 'Gate' is not written like", 31: "field 'Kind' is odd"}
    found = [finding("SCH002", ("a.sql", 2, col), message) for col, message in messages.items()]
    assert list(fingerprint.fingerprints(project, found).values()) == [
        "SCH002 a.sql create table flights.gate_id",
        "SCH002 a.sql create table flights.Gate",
        "SCH002 a.sql create table flights.Kind",
    ]
