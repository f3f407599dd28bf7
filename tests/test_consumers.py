"""Who reads which data: what is declared, and what the code names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.command import CLEAN, CONTRACT, README, repository, run

if TYPE_CHECKING:
    from pathlib import Path

CARD = "---\nowner: '@acme/flight-ops'\ninputs: [contracts/flights.odcs.yaml]\n---\n# Late\n"
PLANES = CONTRACT.format("planes").replace("id: flights", "id: planes")
UNREAD = "contracts/planes.odcs.yaml:8:5: CON011 no model card, service, workload or code reads this dataset"


def findings(folder: Path, files: dict[str, str | bytes]) -> list[str]:
    made = repository(folder, {**CLEAN, "models/late/README.md": CARD, "contracts/planes.odcs.yaml": PLANES, **files})
    outcome = run(made, "check", "--select", "CON")
    assert outcome.err == ""
    return outcome.findings


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("", [UNREAD], id="nothing"),
        pytest.param("'planes", [UNREAD], id="a syntax error"),
        pytest.param("x = '\\0planes'\0", [UNREAD], id="no text"),
        pytest.param("x = 'contracts/planes.odcs.yaml'", ["src/a.py:1:5: CON010 {}"], id="by its path"),
        pytest.param("x = './contracts/planes.odcs.yaml'", ["src/a.py:1:5: CON010 {}"], id="by its path from here"),
        pytest.param("x = ['planes', 'planes']", ["src/a.py:1:6: CON010 {}"], id="twice"),
        pytest.param("x = 1\ny = {'planes': 1}", ["src/a.py:2:6: CON010 {}"], id="as a key"),
        pytest.param("x = f'planes {1}'", [UNREAD], id="in a longer text"),
        pytest.param("planes = b'planes'", [UNREAD], id="as a name and as bytes"),
    ],
)
def test_code_reads_what_it_names(code: str, expected: list[str], tmp_path: Path) -> None:
    message = "reads contracts/planes.odcs.yaml, which no model card, service or workload declares"
    found = findings(tmp_path, {"src/a.py": code})
    assert found == [line.format(message) for line in expected]


def test_each_project_of_a_repository_has_its_own_contracts(tmp_path: Path) -> None:
    other = {
        "late/project.yaml": "owner: '@acme/flight-ops'\n",
        "late/README.md": README,
        "late/contracts/trips.odcs.yaml": PLANES,
        "late/src/a.py": "x = 'planes'\n",
    }
    assert findings(tmp_path, {**other}) == [UNREAD]


def test_code_names_a_contract_by_the_path_from_its_own_project(tmp_path: Path) -> None:
    other = {
        "late/project.yaml": "owner: '@acme/flight-ops'\n",
        "late/compose.yaml": "services: {a: {x-inputs: contracts/trips.odcs.yaml}}\n",
        "late/contracts/trips.odcs.yaml": PLANES.replace("planes", "trips"),
        "late/contracts/gates.odcs.yaml": PLANES.replace("planes", "gates"),
        "late/src/a.py": "x = 'contracts/gates.odcs.yaml'\n",
    }
    message = "reads late/contracts/gates.odcs.yaml, which no model card, service or workload declares"
    assert findings(tmp_path, {**other}) == [UNREAD, f"late/src/a.py:1:5: CON010 {message}"]


def test_nothing_follows_where_nothing_is_declared(tmp_path: Path) -> None:
    assert findings(tmp_path, {"models/late/README.md": CARD.replace("inputs", "tags")}) == []


@pytest.mark.parametrize(
    "written", ["services: [a]\n", "services: {a: b}\n", "services: {a: {x-inputs: {a: planes}}}\n"]
)
def test_a_service_that_declares_nothing_reads_nothing(written: str, tmp_path: Path) -> None:
    assert findings(tmp_path, {"compose.yaml": written}) == [UNREAD]


def test_one_input_needs_no_list(tmp_path: Path) -> None:
    card = CARD.replace("[contracts/flights.odcs.yaml]", "flights")
    service = "services: {a: {x-inputs: planes}}\n"
    assert findings(tmp_path, {"models/late/README.md": card, "compose.yaml": service}) == []


@pytest.mark.parametrize(
    "written",
    [
        "kind: Job\n",
        "kind: Job\nmetadata: []\n",
        "kind: Job\nmetadata: {annotations: {ml-checks/inputs: [planes]}}\n",
        "kind: Job\nmetadata: {annotations: {ml-checks/inputs: ' , '}}\n",
        "kind: Service\nmetadata: {annotations: {ml-checks/inputs: planes}}\n",
        "- kind: Job\n",
    ],
)
def test_a_workload_that_declares_nothing_reads_nothing(written: str, tmp_path: Path) -> None:
    assert findings(tmp_path, {"k8s/job.yaml": written}) == [UNREAD]


@pytest.mark.parametrize("key", ["inputs", "outputs"])
def test_a_workload_declares_between_commas(key: str, tmp_path: Path) -> None:
    written = f"kind: Job\nmetadata:\n  annotations:\n    ml-checks/{key}: trips,planes , contracts/trips.odcs.yaml\n"
    place = f"k8s/job.yaml:4:{len(key) + 17}: CON013 there is no contract"
    assert findings(tmp_path, {"k8s/job.yaml": written}) == [
        f"{place} 'contracts/trips.odcs.yaml'",
        f"{place} 'trips'",
    ]


def test_an_input_that_is_not_there_is_told_once_and_passed_over(tmp_path: Path) -> None:
    card = CARD.replace("[contracts/flights.odcs.yaml]", "[nothing, flights, planes]")
    assert findings(tmp_path, {"models/late/README.md": card}) == [
        "models/late/README.md:3:10: CON013 there is no contract 'nothing'"
    ]


@pytest.mark.parametrize("identity", ["id: planes\n", ""])
def test_a_contract_without_an_id_is_told_at_its_first_line(identity: str, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"contracts/planes.odcs.yaml": PLANES.replace("id: planes\n", identity)}
    found = findings(tmp_path, {**files, "src/a.py": "x = 'trips'\n"})
    places = [line.partition(": CON011")[0] for line in found if "CON011" in line]
    assert places == [f"contracts/planes.odcs.yaml:{'8:5' if identity else '1:1'}"]
