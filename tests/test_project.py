"""The repository as values: contracts, charters and cards in all the shapes they come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ml_checks.project.project import Project

from tests.command import CLEAN, repository, run, snapshot

if TYPE_CHECKING:
    from pathlib import Path

FIELDS = """\
schema:
  - name: flights
    properties:
      - name: route
        logicalType: array
        items:
          logicalType: array
          items:
            logicalType: object
            properties:
              - name: stop
                properties: [{name: airport}, no field]
      - {}
  - properties: nothing
  - no dataset
"""


def project(folder: Path, files: dict[str, str]) -> Project:
    """Return a project with these files."""
    return Project(snapshot(repository(folder, {"README.md": CLEAN["README.md"], **files})))


def read_all(read: Project) -> None:
    for _, part in read.parts():
        part()


@pytest.mark.parametrize(
    ("team", "owners", "place"),
    [
        ("team: {name: '@acme/data'}", ["@acme/data"], (1, 14)),
        ("team: {name: '@acme/data', members: [{username: '@ada'}]}", ["@acme/data"], (1, 14)),
        ("team: {members: [{username: '@ada'}, {role: owner}, {username: '@grace'}]}", ["@ada", "@grace"], (1, 29)),
        ("team: [{username: '@ada'}, {username: '@grace'}]", ["@ada", "@grace"], (1, 19)),
        ("id: a\nteam: {members: [{username: ''}]}", [], (2, 1)),
        ("id: a\nteam: '@acme/data'", [], (2, 1)),
        ("id: a", [], (1, 1)),
    ],
)
def test_a_contracts_owners_are_its_team_or_the_members(
    team: str, owners: list[str], place: tuple[int, int], tmp_path: Path
) -> None:
    (contract,) = project(tmp_path, {"a.odcs.yaml": f"{team}\n"}).contracts
    assert (list(contract.owners), contract.owner_at) == (owners, ("a.odcs.yaml", *place))


@pytest.mark.parametrize(
    ("owner", "owners", "place"),
    [
        ("owner: '@acme/data'", ["@acme/data"], (1, 8)),
        ("owner: ['@ada', '@grace']", ["@ada", "@grace"], (1, 9)),
        ("name: a\nowner: {}", [], (2, 1)),
        ("name: a\nowner:", [], (2, 1)),
        ("name: a", [], (1, 1)),
    ],
)
def test_a_charter_and_a_card_name_one_owner_or_several(
    owner: str, owners: list[str], place: tuple[int, int], tmp_path: Path
) -> None:
    files = {"project.yaml": f"{owner}\n", "models/late/README.md": f"---\n{owner}\n---\n# Late\n"}
    charter, card = project(tmp_path, files).components
    line, col = place
    assert (charter.kind, list(charter.owners), charter.at) == ("charter", owners, ("project.yaml", line, col))
    assert (card.kind, list(card.owners)) == ("model card", owners)
    assert card.at == ("models/late/README.md", line + 1, col)


@pytest.mark.parametrize("front", ["", "---\n---\n", "---\n- a list\n---\n", "---\na: [\n---\n"])
def test_a_card_without_front_matter_names_nobody(front: str, tmp_path: Path) -> None:
    (card,) = project(tmp_path, {"models/late/README.md": f"{front}# Late\n"}).components
    assert (card.owners, card.at) == ((), ("models/late/README.md", 1, 1))


def test_fields_are_found_however_deep_and_whatever_else_is_there(tmp_path: Path) -> None:
    (contract,) = project(tmp_path, {"a.odcs.yaml": FIELDS}).contracts
    assert [dataset.name for dataset in contract.datasets] == ["flights", None]
    assert [(field.name, field.at.line) for dataset in contract.datasets for field in dataset.fields] == [
        ("route", 4),
        ("stop", 11),
        ("airport", 12),
        (None, 13),
    ]


def test_the_fields_of_a_maps_values_are_found(tmp_path: Path) -> None:
    values = "{logicalType: object, properties: [{name: seat}, {name: fare, map: {value: {properties: [{name: x}]}}}]}"
    text = f"schema: [{{properties: [{{name: seats, map: {{key: {{logicalType: string}}, value: {values}}}}}]}}]\n"
    (contract,) = project(tmp_path, {"a.odcs.yaml": text}).contracts
    assert [field.name for field in contract.datasets[0].fields] == ["seats", "seat", "fare", "x"]


def test_what_has_no_name_is_reported_as_such(tmp_path: Path) -> None:
    read = repository(tmp_path, {**CLEAN, "flights.odcs.yaml": f"team: {{name: '@acme/flight-ops'}}\n{FIELDS}"})
    known = "known are string, date, timestamp, time, number, integer, object, array, boolean, map, vector"
    assert run(read, "check", "--select", "SCH,DOC").findings == [
        "flights.odcs.yaml:3:5: DOC005 dataset 'flights' has no description",
        "flights.odcs.yaml:5:9: DOC005 field 'route' has no description",
        "flights.odcs.yaml:12:17: DOC005 field 'stop' has no description",
        f"flights.odcs.yaml:12:17: SCH008 field 'stop' has no logicalType; {known}",
        "flights.odcs.yaml:13:30: DOC005 field 'airport' has no description",
        f"flights.odcs.yaml:13:30: SCH008 field 'airport' has no logicalType; {known}",
        "flights.odcs.yaml:14:9: DOC005 field '?' has no description",
        f"flights.odcs.yaml:14:9: SCH008 field '?' has no logicalType; {known}",
        "flights.odcs.yaml:15:5: DOC005 dataset '?' has no description",
    ]


def test_a_file_that_cannot_be_read_is_noted_once_for_each_that_asks(tmp_path: Path) -> None:
    read = project(tmp_path, {"a.odcs.yaml": "a: [\n", "CODEOWNERS": "* @acme/data\n"})
    (tmp_path / "CODEOWNERS").write_bytes(b"\xff")
    read_all(read)
    assert read.codeowners is None
    assert sorted((fault.at, fault.code) for fault in read.faults) == [
        (("CODEOWNERS", 1, 1), "FIL001"),
        (("a.odcs.yaml", 2, 1), "FIL001"),
    ]


def test_a_path_belongs_to_the_innermost_project(tmp_path: Path) -> None:
    read = project(tmp_path, dict.fromkeys(["project.yaml", "a/project.yaml", "a/b/project.yaml"], "name: a\n"))
    assert set(read.project_folders) == {"", "a", "a/b"}
    places = {"README.md": "", "a/README.md": "a", "a/bc/x": "a", "a/b/c/x": "a/b", "ab/x": ""}
    assert {path: read.folder_of(path) for path in places} == places


def test_a_schema_that_was_deleted_and_not_yet_staged_is_none(tmp_path: Path) -> None:
    opened = project(
        tmp_path, {"flights.avsc": "{}", "weather.avsc": '{"type": "record", "name": "Weather", "fields": []}'}
    )
    (tmp_path / "flights.avsc").unlink()
    read_all(opened)
    files = [("flights.avsc", "avro"), ("weather.avsc", "avro")]
    assert [bool(opened.facts.read(file).datasets) for file in files] == [False, True]
