"""Contracts beside what they were: at the last commit, and where a branch left its base."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ml_checks.reading import blobs as ml_blobs
from ml_checks.reading import command

from tests.command import CLEAN, CONTRACT, run, write
from tests.conftest import commit, git
from tests.history import FLIGHTS, LOST, PATH, committed

if TYPE_CHECKING:
    from pathlib import Path

SHORTER = CONTRACT.format("flights")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project without a fault, committed on its branch `main`."""
    return committed(tmp_path / "project")


def findings(folder: Path, *words: str) -> list[str]:
    outcome = run(folder, "check", "--select", "CON", *words)
    assert outcome.err == ""
    return outcome.findings


@pytest.mark.parametrize("stages", [True, False])
@pytest.mark.parametrize("can_spawn", [True, False])
def test_a_change_is_seen_staged_or_not(
    stages: bool,  # noqa: FBT001  a column
    can_spawn: bool,  # noqa: FBT001  a column
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(command, "CAN_SPAWN", can_spawn and command.CAN_SPAWN)
    write(project, {PATH: SHORTER})
    if stages:
        git(project, "add", "--all")
    assert findings(project) == [f"{PATH}:4:5: CON002 {LOST}"]
    assert findings(commit(project)) == []


def test_a_branch_is_compared_with_where_it_left_its_base(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(project, "checkout", "--quiet", "-b", "branch")
    write(project, {PATH: SHORTER})
    commit(project)
    git(project, "checkout", "--quiet", "main")
    write(project, {PATH: FLIGHTS.replace("1.0.0", "1.0.1").replace("is called", "calls itself")})
    commit(project)
    git(project, "checkout", "--quiet", "branch")
    assert findings(project) == []
    assert findings(project, "--base", "main") == [f"{PATH}:4:5: CON002 {LOST}"]
    git(project, "tag", "--annotate", "--message", "As it was", "v1", "main")
    assert findings(project, "--base", "v1") == [f"{PATH}:4:5: CON002 {LOST}"]
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "main")
    assert findings(project) == [f"{PATH}:4:5: CON002 {LOST}"]


def test_a_base_that_git_does_not_know_ends_the_run(project: Path) -> None:
    outcome = run(project, "check", "--base", "nowhere")
    assert (outcome.code, outcome.out) == (2, "")
    advice = "name a branch, a tag or a commit, and fetch first what only the remote has"
    assert outcome.err == f"ml-checks: git knows no commit 'nowhere'; {advice}\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("contracts/departures.odcs.yaml", SHORTER, id="by its id"),
        pytest.param(PATH, SHORTER.replace("id: flights", "id: trips"), id="by its path"),
        pytest.param("contracts/trips.odcs.yaml", SHORTER.replace("id: flights", "id: trips"), id="by its dataset"),
    ],
)
def test_a_contract_is_found_again(path: str, text: str, project: Path) -> None:
    git(project, "rm", "--quiet", PATH)
    write(project, {path: text})
    git(project, "add", "--all")
    assert f"{path}:4:5: CON002 {LOST}" in findings(project)


def test_a_copy_of_a_contract_is_a_new_one(project: Path) -> None:
    write(project, {"contracts/copy.odcs.yaml": SHORTER})
    git(project, "add", "--all")
    twice = "CON016 id 'flights' is that of contracts/copy.odcs.yaml too"
    assert [line.partition(": ")[2] for line in findings(project)] == [twice]


def test_beside_a_copy_the_contract_itself_is_compared(project: Path) -> None:
    write(project, {"contracts/copy.odcs.yaml": FLIGHTS, PATH: SHORTER})
    git(project, "add", "--all")
    assert f"{PATH}:4:5: CON002 {LOST}" in findings(project)


def test_a_contract_is_removed_by_another_one_that_takes_its_place(project: Path) -> None:
    planes = CONTRACT.format("planes").replace("id: flights", "id: planes")
    write(project, {"contracts/planes.odcs.yaml": planes})
    git(commit(project), "rm", "--quiet", "contracts/planes.odcs.yaml")
    write(project, {PATH: planes})
    git(project, "add", "--all")
    assert findings(project) == [
        f"{PATH}:1:1: CON002 contract 'flights' was removed while it was 'active'; retire it first"
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            "2.0.0", "2.0.0-rc.1", ["CON005 version '2.0.0-rc.1' comes after '2.0.0'"], id="back to a candidate"
        ),
        pytest.param("2.0.0-rc.1", "2.0.0-rc.2", [], id="another candidate"),
        pytest.param("2.0.0-rc.1", "2.0.0", [], id="out"),
    ],
)
def test_a_version_that_is_not_out_may_still_break(old: str, new: str, expected: list[str], project: Path) -> None:
    write(project, {PATH: FLIGHTS.replace("1.0.0", old)})
    commit(project)
    write(project, {PATH: (FLIGHTS if expected else SHORTER).replace("1.0.0", new)})
    assert [line.partition(": ")[2] for line in findings(project)] == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("draft", []),
        ("proposed", []),
        ("retired", []),
        ("active", [f"{PATH}:1:1: CON002 contract 'flights' was removed while it was 'active'; retire it first"]),
    ],
)
def test_only_what_promises_something_cannot_just_go(status: str, expected: list[str], project: Path) -> None:
    write(project, {PATH: FLIGHTS.replace("active", status)})
    git(commit(project), "rm", "--quiet", PATH)
    assert findings(project) == expected


@pytest.mark.parametrize("text", ["", "a: [", "- a\n", FLIGHTS.replace("1.0.0", "one")])
def test_what_was_no_contract_promised_nothing(text: str, project: Path) -> None:
    write(project, {PATH: text})
    commit(project)
    write(project, {PATH: SHORTER})
    assert findings(project) == []


def test_a_contract_that_cannot_be_read_any_more_was_not_removed(project: Path) -> None:
    write(project, {PATH: "a: ["})
    assert [line.split(" ")[1] for line in findings(project)] == ["FIL001"]


def test_a_contract_that_is_a_link_now_was_removed(project: Path) -> None:
    (project / PATH).unlink()
    (project / PATH).symlink_to("../README.md")
    git(project, "add", "--all")
    assert findings(project) == [
        f"{PATH}:1:1: CON002 contract 'flights' was removed while it was 'active'; retire it first"
    ]


def test_a_contract_without_a_dataset_matches_no_other(project: Path) -> None:
    nameless = FLIGHTS.replace("id: flights\n", "").replace("  - name: flights\n", "  - physicalName: flights\n")
    write(project, {PATH: nameless})
    git(commit(project), "rm", "--quiet", PATH)
    write(project, {"contracts/trips.odcs.yaml": nameless})
    git(project, "add", "--all")
    assert f"{PATH}:1:1: CON002 contract '?' was removed while it was 'active'; retire it first" in findings(project)


def test_more_blobs_than_a_pipe_takes_are_read_in_turns(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ml_blobs, "BATCH", 2)
    ids = [git(project, "rev-parse", f"HEAD:{path}").strip() for path in ("README.md", PATH, ".github/CODEOWNERS")]
    texts = [content and content.decode() for content in ml_blobs.contents(str(project), [*ids, "0" * 40])]
    assert texts == [CLEAN["README.md"], FLIGHTS, CLEAN[".github/CODEOWNERS"], None]
