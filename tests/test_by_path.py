"""Which standards a rule is judged by: those of each path, or those of the repository; each mark is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ml_checks import standards
from ml_checks.project.batch import Batch
from ml_checks.project.project import Project
from ml_checks.project.snapshot import DATASETS, INFRASTRUCTURE
from ml_checks.rules.registry import RULES, FileRule, ProjectRule, found

from tests.command import CLEAN, CONTRACT, repository, run, snapshot, write
from tests.conftest import git
from tests.test_examples import CODES, EXAMPLES, repository_of

# What a rule asks of the standards that no override may say otherwise.
EVERYWHERE = {
    "draft_stages",
    "excluded",
    "files",
    "identity",
    "kinds",
    "logical_types",
    "owner_label",
    "owners_host",
    "rules_page",
}
ON_PROJECT = [code for code in CODES if isinstance(RULES[code], ProjectRule)]
ON_FILES = [code for code in CODES if isinstance(RULES[code], FileRule)]


class Case(NamedTuple):
    """A repository in which a rule comes out otherwise under the standards of a path than under the repository's."""

    files: dict[str, str | bytes]
    standards: str
    by_path: list[str]
    once: list[str]
    before: dict[str, str | bytes] | None = None


def contract(name: str, *fields: str, status: str = "active", **keys: str) -> str:
    """Return a contract with fields of the form `name type classification`."""
    text = CONTRACT.format(name).replace("id: flights", f"id: {name}").replace("status: active", f"status: {status}")
    rows = "".join(
        f"      - {{name: {one}, logicalType: {kind}, classification: {level}}}\n"
        for one, kind, level in map(str.split, fields)
    )
    if rows:
        text = text.replace("departure.\n", f"departure.\n    properties:\n{rows}")
    return text + "".join(f"{key}: {value}\n" for key, value in keys.items())


CARD = "---\nowner: '@acme/flight-ops'\ninputs: [flights]\noutputs: [late]\n---\n# Late\n"
EXPOSED = "is 'internal' and holds personal data (badge) in 1 row, first here"
UNNAMED = "no contract names this file as its data"
NEEDS = "which needs version"
SAME = "; it was 1.0.0 and is 1.0.0"
UNPROMISED = "overrides: [{paths: [contracts/old/], contracts: {unpromised: [proposed]}}]\n"
DRAFT = contract("trains", "stop_id string internal", status="draft")
PLACE, TRAINS, LATE = "contracts/old/trains.odcs.yaml", "contracts/trains.odcs.yaml", "contracts/late.odcs.yaml"
CASES = {
    "CON002": Case(
        {PLACE: DRAFT.replace("stop_id", "station_id")},
        UNPROMISED,
        [f"{PLACE}:7:10: CON002 field 'stop_id' of dataset 'trains' was renamed to 'station_id', {NEEDS} 2.0.0{SAME}"],
        [],
        before={PLACE: DRAFT},
    ),
    "CON003": Case(
        {PLACE: contract("trains", "line_id string internal", "stop_id string internal", status="draft")},
        UNPROMISED,
        [f"{PLACE}:7:10: CON003 field 'line_id' of dataset 'trains' was added, which needs version 1.1.0{SAME}"],
        [],
        before={PLACE: DRAFT},
    ),
    "CON004": Case(
        {PLACE: DRAFT.replace("scheduled departure", "departure on time")},
        UNPROMISED,
        [f"{PLACE}:5:5: CON004 'description' of dataset 'trains' changed, which needs version 1.0.1{SAME}"],
        [],
        before={PLACE: DRAFT},
    ),
    "CON008": Case(
        {
            TRAINS: contract("trains", "stop_id string internal", servers="[{type: local, path: data/trains.csv}]"),
            "data/trains.csv": "stop_id\nAB-1234\n",
        },
        "overrides: [{paths: [data/], contracts: {personal: {values: {badge: {pattern: '[A-Z]{2}-[0-9]{4}'}}}}}]\n",
        [f"data/trains.csv:2:1: CON008 column 'stop_id' {EXPOSED}"],
        [],
    ),
    "CON009": Case(
        {
            "models/late/README.md": CARD,
            "contracts/flights.odcs.yaml": contract("flights", "stop_id string restricted"),
            LATE: contract("late", "stop_id string internal"),
        },
        f"overrides: [{{paths: [{LATE}], contracts: {{classifications: [restricted, confidential, internal]}}}}]\n",
        [],
        [
            f"{LATE}:7:62: CON009 field 'stop_id' is 'internal' here and 'restricted' in what it is made from",
            f"{LATE}:10:5: CON009 made from data that is 'restricted' (field 'stop_id'), and nowhere as confidential",
        ],
    ),
    "CON011": Case(
        {
            "models/late/README.md": CARD,
            LATE: contract("late"),
            PLACE: DRAFT,
        },
        UNPROMISED,
        [f"{PLACE}:10:5: CON011 no model card, service, workload or code reads this dataset"],
        [],
    ),
    "CON014": Case(
        {"data/trains.csv": "stop_id,badge_code\nAB-1234,7\n"},
        "overrides: [{paths: [data/], contracts: {personal: {names: {badge: [badge_code]}}}}]\n",
        [f"data/trains.csv:1:1: CON014 {UNNAMED}; by their names, these columns are personal: 'badge_code' (badge)"],
        [f"data/trains.csv:1:1: CON014 {UNNAMED}"],
    ),
    "OWN003": Case(
        {TRAINS: contract("trains").replace("@acme/flight-ops", "@ada")},
        "overrides: [{paths: [contracts/trains.odcs.yaml], owners: {person: nobody}}]\n",
        [],
        [f"{TRAINS}:2:9: OWN003 contract is owned by '@ada' alone"],
    ),
    "DOC009": Case(
        {"src/late.py": "LATE = 15\n"},
        "max_page_lag_days: 90\noverrides: [{paths: [docs/], max_page_lag_days: 0}]\n",
        ["docs/late.md:2:13: DOC009 'src/late.py' changed 59 days after this page"],
        [],
        before={"docs/late.md": "---\ndescribes: [src/late.py]\n---\n# Late\n", "src/late.py": "LATE = 5\n"},
    ),
    "SCH009": Case(
        {
            "contracts/buses.odcs.yaml": contract("buses", "title string internal"),
            TRAINS: contract("trains", "title integer internal"),
        },
        "overrides: [{paths: [contracts/trains.odcs.yaml], names: {local: [code]}}]\n",
        [f"{TRAINS}:7:36: SCH009 field 'title' is 'integer' here and 'string' in contracts/buses.odcs.yaml:7"],
        [],
    ),
}


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a project loosen more of the company's standards than it may as they are shipped."""
    folder = tmp_path / "company"
    folder.mkdir()
    text = Path(standards.FOLDER, standards.PROJECT_FILE).read_text("utf-8")
    assert "\noverridable:\n" in text
    loose = text.replace("\noverridable:\n", "\noverridable:\n  owners.person: a\n  contracts.classifications: a\n")
    (folder / standards.PROJECT_FILE).write_text(loose, "utf-8")
    monkeypatch.setattr(standards, "FOLDER", str(folder))


def outcome(folder: Path, case: Case, code: str) -> list[str]:
    """Return what a rule finds in a case; what changed did so on the first day of March."""
    repository(folder, {**CLEAN, **(case.before or {})})
    git(folder, "commit", "--quiet", "--message", "As it was")
    write(folder, {**case.files, "standards.yaml": case.standards})
    git(folder, "add", "--all")
    done = run(folder, "check", "--select", code, "--today", "2026-03-01")
    assert done.err == ""
    return done.findings


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("code", CASES)
def test_the_mark_of_a_rule_decides_by_which_standards_it_is_judged(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule, case = RULES[code], CASES[code]
    assert isinstance(rule, ProjectRule)
    expected = {True: case.by_path, False: case.once}
    assert outcome(tmp_path / "as it is", case, code) == expected[rule.by_path]
    monkeypatch.setitem(RULES, code, rule._replace(by_path=not rule.by_path))
    assert outcome(tmp_path / "turned round", case, code) == expected[not rule.by_path] != expected[rule.by_path]


class Spy:
    """Standards that note what is asked of them."""

    def __init__(self, real: standards.Standards, asked: set[str]) -> None:
        """Take the standards, and where to note."""
        self._real, self._asked = real, asked

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the standards have
        """Note the name."""
        self._asked.add(name)
        return getattr(self._real, name)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Return what each rule on the project asks of the standards, in its example and in all cases."""
    asked: dict[str, set[str]] = {code: set() for code in ON_PROJECT}
    for code in ON_PROJECT:
        folder = repository_of(EXAMPLES / code, tmp_path_factory.mktemp(code))
        note(folder, [code], asked)
    for code, case in CASES.items():
        folder = tmp_path_factory.mktemp(code)
        repository(folder, {**CLEAN, **(case.before or {})})
        git(folder, "commit", "--quiet", "--message", "As it was")
        write(folder, case.files)
        git(folder, "add", "--all")
        note(folder, [code], asked)
    return asked


def note(folder: Path, codes: list[str], asked: dict[str, set[str]]) -> None:
    for code in codes:
        judged = snapshot(folder)
        spied: Any = Spy(judged.standards, asked[code])
        found([code], Project(judged).under(spied))


@pytest.mark.parametrize("code", ON_PROJECT)
def test_a_rule_that_asks_for_what_may_differ_by_path_has_a_case_and_no_other_has_a_mark(
    code: str, asked: dict[str, set[str]]
) -> None:
    rule = RULES[code]
    assert isinstance(rule, ProjectRule)
    assert bool(asked[code] - EVERYWHERE) == (code in CASES)
    assert code in CASES or not rule.by_path


@pytest.mark.parametrize("code", ON_FILES)
def test_a_rule_on_files_finds_in_each_file_what_it_finds_in_all_of_them(code: str, tmp_path: Path) -> None:
    judged = snapshot(repository_of(EXAMPLES / code, tmp_path))
    project = Project(judged)
    kinds = project.kinds(project.paths).items()
    read = {*DATASETS, *INFRASTRUCTURE}
    files = [(path, kind) for path, kind in kinds if kind in read] + [(one.path, one.kind) for one in project.pages]
    alone = [found([code], Batch(project.root, {}, [file], judged.standards))[0] for file in files]
    together, crashes = found([code], Batch(project.root, {}, files, judged.standards))
    assert (together, crashes) == (set().union(*alone), [])
    assert together
