"""Drafts: what is left to write in them blocks nothing, until they are drafts no more."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from ml_checks.rules.registry import gaps

from tests.command import CLEAN, CONTRACT, TODAY, Outcome, repository, run, write
from tests.conftest import git
from tests.test_examples import CODES, EXAMPLES, repository_of

if TYPE_CHECKING:
    from pathlib import Path

assert CODES  # importing all rules registers their gaps
TICKETS, CARD = "contracts/tickets.odcs.yaml", "models/boarding_time/README.md"
FIELDS = """\
    properties:
      - {name: ticket_price, logicalType: number, classification: TODO, description: TODO}
      - {name: fare_code, logicalType: string, classification: public, description: TODO}
"""
DRAFT = CONTRACT.format("tickets").replace("id: flights", "id: tickets").replace("active", "draft")
DRAFT = DRAFT.replace("departure.\n", f"departure.\n{FIELDS}")
SECTIONS = ("Intended use", "Training data", "Evaluation", "Limitations", "Owner and review")
UNWRITTEN = "".join(f"\n## {title}\n\nTODO\n" for title in SECTIONS)
PAGE = f'---\nowner: "@acme/flight-ops"\n---\n# Boarding time\n{UNWRITTEN}'
CHARTER = "name: Boarding\nowner: '@acme/flight-ops'\nmodels: [{name: boarding_time, stage: feasibility}]\n"
QUESTIONS = (EXAMPLES / "clean" / ".github" / "pull_request_template.md").read_text("utf-8")
FILES: dict[str, str | bytes] = {
    **CLEAN,
    TICKETS: DRAFT,
    CARD: PAGE,
    "project.yaml": CHARTER,
    ".github/pull_request_template.md": QUESTIONS,
}
STATES = "a contract blocks once it is no longer proposed or draft"
UNTIL = f"{STATES}, a card or charter once its model leaves feasibility.\n"
LEFT = (
    "9 gaps left to write in drafts: models/boarding_time/README.md (5 placeholders), "
    f"contracts/tickets.odcs.yaml (2 placeholders, 1 unit, 1 classification); {UNTIL}"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return repository(tmp_path / "project", FILES)


def check(folder: Path, *words: str) -> Outcome:
    return run(folder, "check", "--today", TODAY, *words)


def edit(folder: Path, path: str, old: str, new: str) -> None:
    """Write something else into a file, and stage it."""
    text = (folder / path).read_text("utf-8")
    assert text.count(old) == 1
    write(folder, {path: text.replace(old, new)})
    git(folder, "add", "--all")


def test_what_is_left_to_write_in_drafts_is_one_line_and_no_finding(folder: Path) -> None:
    assert check(folder) == Outcome(0, LEFT, "")


def test_what_is_left_is_found_once_the_contract_is_active_or_the_model_goes_further(folder: Path) -> None:
    check(folder)  # what is kept of each file must not depend on another one
    edit(folder, "project.yaml", "feasibility", "testing")
    outcome = check(folder)
    assert [finding.split(": ")[1] for finding in outcome.findings] == ["DOC004 placeholder 'TODO'"] * 5
    assert outcome.code == 1
    last = f"4 gaps left to write in drafts: {TICKETS} (2 placeholders, 1 unit, 1 classification); {UNTIL}"
    assert outcome.out.endswith(f"\n5 findings in 1 file.\n{last}")
    edit(folder, TICKETS, "status: draft", "status: active")
    edit(folder, "project.yaml", "testing", "feasibility")
    outcome = check(folder)
    assert [finding.split()[1] for finding in outcome.findings] == ["SCH007", "CON006", "DOC004", "DOC004"]
    assert outcome.out.endswith(
        f"\n4 findings in 1 file.\n5 gaps left to write in drafts: {CARD} (5 placeholders); {UNTIL}"
    )


def test_who_asks_for_drafts_sees_each_gap_in_its_place(folder: Path) -> None:
    outcome = check(folder, "--drafts")
    assert outcome.findings[0] == f"{TICKETS}:7:16: SCH007 field 'ticket_price' is a quantity (price) without its unit"
    assert (outcome.code, len(outcome.findings)) == (1, 9)
    assert outcome.out.endswith("\n9 findings in 2 files.\n")


@pytest.mark.parametrize(
    ("state", "code"), [("proposed", 0), ("draft", 0), ("active", 1), ("deprecated", 1), ("retired", 1)]
)
def test_a_state_in_which_a_contract_is_no_draft_blocks_as_before(state: str, code: int, folder: Path) -> None:
    edit(folder, TICKETS, "status: draft", f"status: {state}")
    assert check(folder, "--select", "DOC").code == code


@pytest.mark.parametrize("code", gaps())
def test_each_rule_on_what_may_be_missing_finds_it_where_the_draft_is_none(code: str, tmp_path: Path) -> None:
    folder = repository_of(EXAMPLES / code, tmp_path)
    before = check(folder, "--select", code)
    for path in (TICKETS, "project.yaml"):
        if (folder / path).exists():
            text = (folder / path).read_text("utf-8")
            for old in ("status: draft", "status: proposed"):
                text = text.replace(old, "status: active")
            write(folder, {path: text.replace("feasibility", "production")})
    after = check(folder, "--select", code)
    new = [finding for finding in after.findings if finding not in before.findings]
    assert {finding.split(":")[0] for finding in new} <= {TICKETS, CARD}
    assert f"{len(new)} gap" in before.out
    assert new
    assert "left to write" not in after.out


def test_json_lists_each_gap_and_other_reports_say_one_line(folder: Path) -> None:
    document = json.loads(check(folder, "--format", "json").out)
    assert document["findings"] == []
    assert document["gaps"][0] == {
        "code": "SCH007",
        "path": TICKETS,
        "line": 7,
        "col": 16,
        "message": "field 'ticket_price' is a quantity (price) without its unit",
    }
    assert [gap["code"] for gap in document["gaps"]] == ["SCH007", "CON006", *["DOC004"] * 7]
    assert check(folder, "--format", "github").out == f"::notice title=ml-checks::{LEFT}"
    assert check(folder, "--summary").out == f"0 findings in 0 files.\n{LEFT}"
    assert json.loads(check(folder, "--format", "sarif").out)["runs"][0]["results"] == []
    assert json.loads(check(folder, "--format", "gitlab").out) == []


def test_only_what_is_selected_or_named_is_counted(folder: Path) -> None:
    assert check(folder, "--select", "SCH").out == f"1 gap left to write in drafts: {TICKETS} (1 unit); {UNTIL}"
    assert check(folder, "models").out == f"5 gaps left to write in drafts: {CARD} (5 placeholders); {UNTIL}"
    assert check(folder, "README.md") == Outcome(0, "", "")


def test_the_drafts_with_the_most_gaps_are_named_and_the_others_counted(tmp_path: Path) -> None:
    drafts = {f"contracts/tickets_{number}.odcs.yaml": DRAFT for number in range(5)}
    outcome = check(repository(tmp_path, {**CLEAN, **drafts}), "--select", "SCH007")
    names = ", ".join(f"contracts/tickets_{number}.odcs.yaml (1 unit)" for number in range(3))
    assert outcome.out == f"5 gaps left to write in drafts: {names}, 2 other files; {UNTIL}"


def test_personal_data_that_is_not_classified_so_blocks_in_a_draft_too(folder: Path) -> None:
    edit(
        folder,
        TICKETS,
        "name: fare_code, logicalType: string, classification: public",
        "name: email, logicalType: string",
    )
    outcome = check(folder)
    why = "field 'email' looks personal (email) and has no classification; it needs 'confidential' or more"
    assert outcome.findings == [f"{TICKETS}:8:9: CON007 {why}"]
    assert outcome.code == 1


def test_a_waiver_and_a_baseline_come_first(folder: Path) -> None:
    edit(
        folder,
        TICKETS,
        "    properties:\n",
        "    properties:\n      # ml-checks: waive SCH007 until=2027-01-31 reason=later owner=@acme/flight-ops\n",
    )
    write(folder, {"standards.baseline.yaml": f'- "CON006 {TICKETS} tickets.ticket_price"\n'})
    outcome = check(folder)
    assert outcome.code == 0
    first, last = outcome.out.splitlines(keepends=True)
    assert first == "1 finding waived; `ml-checks waivers` lists them.\n"
    assert last.startswith("7 gaps left to write in drafts: models/boarding_time/README.md (5 placeholders), ")


def test_a_company_may_take_less_for_a_draft(folder: Path) -> None:
    write(folder, {"standards.yaml": "drafts: {contracts: [proposed]}\n"})
    assert check(folder, "--select", "SCH007").code == 1


@pytest.mark.parametrize(
    ("models", "blocks"),
    [
        ("[{name: boarding_time, stage: feasibility}]", False),
        ("[]", False),
        ("[{name: boarding_time, stage: feasibility}, {name: late, stage: testing}]", True),
        ("[{name: boarding_time, stage: retired}]", True),
        ("[{name: boarding_time}]", True),
        ("[boarding_time]", True),
    ],
)
def test_a_charter_is_a_draft_while_all_its_models_are_only_tried_out(
    models: str, *, blocks: bool, folder: Path
) -> None:
    value = "value: {metric: &later TODO, unit: TODOS, target: *later, baseline: }"
    options = "alternatives: [{outcome: is to be defined}]"
    write(
        folder, {"project.yaml": f"name: Boarding\nowner: '@acme/flight-ops'\n{value}\n{options}\nmodels: {models}\n"}
    )
    outcome = check(folder, "--select", "DOC004", "project.yaml")
    left = ["3:17: DOC004 placeholder 'TODO'", "4:26: DOC004 placeholder 'is to be defined'"]
    assert [
        line.removeprefix("project.yaml:") for line in outcome.out.splitlines()[: len(left)] if blocks
    ] == left * blocks
    assert (outcome.out == f"2 gaps left to write in drafts: project.yaml (2 placeholders); {UNTIL}") != blocks


def test_a_model_that_only_a_folder_or_a_bare_name_tells_of_is_no_draft(folder: Path) -> None:
    edit(folder, "project.yaml", "[{name: boarding_time, stage: feasibility}]", "[boarding_time]")
    assert len(check(folder, "--select", "DOC004", "models").findings) == 5


@pytest.mark.parametrize("words", [(), ("--base", "main")], ids=["since the last commit", "since the branch began"])
def test_a_draft_changes_freely(words: tuple[str, ...], folder: Path) -> None:
    git(folder, "commit", "--quiet", "--message", "As it was")
    git(folder, "branch", "--force", "main")
    git(folder, "checkout", "--quiet", "-b", "work")
    edit(
        folder,
        TICKETS,
        "      - {name: fare_code, logicalType: string, classification: public, description: TODO}\n",
        "",
    )
    edit(folder, TICKETS, "logicalType: number", "logicalType: string")
    if words:
        git(folder, "commit", "--quiet", "--message", "Think again")
    assert check(folder, "--select", "CON002,CON003,CON004,CON005", *words) == Outcome(0, "", "")
    edit(folder, TICKETS, "status: draft", "status: active")
    assert check(folder, "--select", "CON002,CON003,CON004,CON005", *words) == Outcome(0, "", "")
    git(folder, "commit", "--all", "--quiet", "--message", "Agreed")
    git(folder, "branch", "--force", "main")
    edit(folder, TICKETS, "logicalType: string", "logicalType: integer")
    if words:
        git(folder, "commit", "--quiet", "--message", "Changed")
    assert check(folder, "--select", "CON002", *words).code == 1


def test_a_contract_may_be_committed_before_its_reader(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLES / "CON011", tmp_path / "example")
    write(folder, {TICKETS: DRAFT})
    git(folder, "init", "--quiet", "--template=")
    git(folder, "add", "--all")
    assert not [finding for finding in check(folder, "--select", "CON011").findings if TICKETS in finding]
    edit(folder, TICKETS, "status: draft", "status: active")
    assert [finding for finding in check(folder, "--select", "CON011").findings if TICKETS in finding]
