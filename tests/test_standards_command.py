"""Standards as a project lives with them: each path judged by its own, and `ml-checks standards` that shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ml_checks.rules.registry import rule

from tests.command import CLEAN, CONTRACT, TODAY, repository, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ml_checks.project.project import Project
    from ml_checks.values import Location

STANDARDS = """\
names: {max_length: 30, example: flight}
readme: {sections: [[Changes]]}
overrides:
  - {paths: [/old/], names: {max_length: 50}, readme: {sections: [[Why it is old]]}}
  - {paths: [/old/raw/, /gone/], names: {max_length: 20}}
"""
LONG = "a_name_of_exactly_thirty_six_letters"


def findings(folder: Path, *words: str) -> list[str]:
    """Return what is found, with the place and the code cut to what differs."""
    return [line.replace(f" dataset '{LONG}' has 36 characters,", "") for line in run(folder, *words).findings]


def test_each_file_is_judged_by_the_standards_of_its_path(tmp_path: Path) -> None:
    paths = [f"{folder}{LONG}.odcs.yaml" for folder in ("", "old/", "old/raw/")]
    contracts = dict.fromkeys(paths, CONTRACT.format(LONG))
    readme = CLEAN["README.md"]
    charter = "name: old\nowner: '@acme/flight-ops'\n"
    files = {"standards.yaml": STANDARDS, "old/README.md": readme, "old/project.yaml": charter, **contracts}
    folder = repository(tmp_path, {**CLEAN, **files})
    assert findings(folder, "check", "--select", "SCH001,DOC002", "--today", TODAY) == [
        "README.md:1:1: DOC002 no section 'Changes'",
        f"{paths[0]}:4:11: SCH001 30 are allowed",
        "old/README.md:1:1: DOC002 no section 'Changes'",
        "old/README.md:1:1: DOC002 no section 'Why it is old'",
        f"{paths[2]}:4:11: SCH001 20 are allowed",
    ]


@pytest.mark.usefixtures("rules_taken_back")
def test_only_what_may_differ_by_path_is_judged_more_than_once(tmp_path: Path) -> None:
    calls = []

    @rule("OWN901")
    def once(_: Project) -> Iterator[tuple[Location, str]]:
        """Record a call."""
        calls.append("once")
        yield from ()

    @rule("OWN902", by_path=True)
    def often(project: Project) -> Iterator[tuple[Location, str]]:
        """Record a call, and crash."""
        calls.append(project.standards.name_example)
        raise ValueError

    text = "overrides:\n  - {paths: [README.md], names: {example: other}}\n"
    outcome = run(repository(tmp_path, {**CLEAN, "standards.yaml": text}), "check", "--select", "OWN901,OWN902")
    assert (once.__name__, often.__name__, calls) == ("once", "often", ["once", "departure_airport", "other"])
    assert outcome.err.count("OWN902 crashed") == 1


def test_a_finding_on_a_path_that_is_not_tracked_has_its_standards_too(tmp_path: Path) -> None:
    text = "overrides:\n  - {paths: [.github/CODEOWNERS], owners: {person: '@[^/@]+'}}\n"
    folder = repository(tmp_path, {"standards.yaml": text})
    assert run(folder, "check", "--select", "OWN011").findings == [
        ".github/CODEOWNERS:1:1: OWN011 no CODEOWNERS file, so nobody owns any file"
    ]


def test_the_command_shows_each_value_and_where_it_is_written(tmp_path: Path) -> None:
    repository(tmp_path, {"standards.yaml": STANDARDS})
    outcome = run(tmp_path, "standards", "readme", "names.max")
    company = "[Owner, Owners, Contact], [Run, Usage, Quickstart, Getting started], [Test, Tests, Testing]"
    lines = [line.partition("ml_checks/")[0] for line in outcome.out.splitlines()]
    assert lines == [
        f"readme.sections: [{company}]  # ",
        "readme.sections: [[Changes]]  # standards.yaml:2",
        "for /old/:",
        "  readme.sections: [[Why it is old]]  # standards.yaml:4",
        "names.max_length: 30  # standards.yaml:1",
        "for /old/:",
        "  names.max_length: 50  # standards.yaml:4",
        "for /old/raw/, /gone/:",
        "  names.max_length: 20  # standards.yaml:5",
    ]
    assert (outcome.code, outcome.err) == (0, "")


def test_the_command_shows_the_companys_where_a_project_has_none(tmp_path: Path) -> None:
    repository(tmp_path, CLEAN)
    lines = run(tmp_path, "standards").out.splitlines()
    may = "overridable: only a project knows what in it is not its own"
    assert [line for line in lines if line.startswith("exclude")] == [
        f"exclude: [**/platform/project-schema.json]  # ml_checks/standards.yaml:20, {may}"
    ]
    assert [line for line in lines if "# ml_checks/standards.yaml:" not in line] == []
    shown = [line for line in lines if line.startswith("affixes")]
    assert "{suffixes: [at], types: [timestamp], required: true}" in shown[0]


@pytest.mark.parametrize(
    ("key", "known"),
    [
        ("nmaes.pattern", "the standards have no key 'nmaes'; did you mean 'names'?"),
        ("names.max_lenght", "the standards have no key 'names.max_lenght'; did you mean 'names.max_length'?"),
    ],
)
def test_a_key_that_is_unknown_is_told_from_one_that_is_known(key: str, known: str, tmp_path: Path) -> None:
    repository(tmp_path, CLEAN)
    outcome = run(tmp_path, "standards", key)
    assert (outcome.code, outcome.out, outcome.err) == (2, "", f"ml-checks: {known}\n")


def test_the_reason_why_a_project_may_loosen_a_key_is_shown(tmp_path: Path) -> None:
    repository(tmp_path, {**CLEAN, "standards.yaml": "owners:\n  groups: ['@docs']\n"})
    assert run(tmp_path, "standards", "owners.groups").out == (
        "owners.groups: [@docs]  # standards.yaml:2, overridable: only a project knows which names are groups\n"
    )
