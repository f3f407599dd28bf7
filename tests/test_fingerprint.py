"""Fingerprints stay when lines move, and change when what they name does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ml_checks.project.project import Project
from ml_checks.rules import select
from ml_checks.run import engine, fingerprint
from ml_checks.values import Finding, Location

from tests.command import repository, snapshot
from tests.effort import tries

if TYPE_CHECKING:
    from pathlib import Path

CONTRACT = """\
id: flights
team:
  name: "@acme/flight-ops"
tags: [late, {odd: pair}, [nested]]
? [a, list]
: {of: two}
schema:
  - name: flights
    description: One row for each departure.
    properties:
      - name: delay
        logicalType: no
      - id: second
        description: >
          Two
          lines.
      - logicalType: string
  - name: weather
    properties: [{name: wind, logicalType: number}]
    quality:
      - {rule: unique}
  - name:
    description: Nobody named it.
"""
MANIFESTS = """\
kind: Job
metadata: {name: score}
---
kind: CronJob
metadata: {name: train}
---
- kind: list
---
metadata: plain
"""
PAGE = """\
---
owner: "@acme/flight-ops"
describes: [src/model.py]
---
Before.

# Late arrivals

See [how](docs/run.md).

## Owner
"""
CODEOWNERS = "* @acme/all\n\n  /my\\ docs/ acme\n"
CODE = """\
class Flights(Model):

    class Meta:
        strict = True
    # Minutes.
    delay: int = Field(gt=0)


TABLE = 1
COLUMNS = {
    "gate": Column(str),
}
def read():
    return load("data/flights.csv")
"""
TABLES = """\
create table flights (
  delay integer,
  "Gate" varchar(9)
);
CREATE TABLE [dbo].[Gates]
  ( [Id] int
  , [Name] text );
do $$
  create table late (gate text);
$$
"""
FILES: dict[str, str | bytes] = {
    "contract.yaml": CONTRACT,
    "manifests.yaml": MANIFESTS,
    "page.md": PAGE,
    "first.md": "Owner\n=====\n",
    "CODEOWNERS": CODEOWNERS,
    "model.py": CODE,
    "table.sql": TABLES,
    "models.yaml": "models:\n  - columns:\n      - {}\n    name: late\n",
    "broken.yaml": "a: [\n",
    "binary.yaml": b"\xff",
}


def project_of(folder: Path, files: dict[str, str | bytes]) -> Project:
    return Project(snapshot(repository(folder, files)))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project with one file of each format."""
    return project_of(tmp_path_factory.mktemp("formats"), FILES)


def finding(path: str, line: int, col: int, message: str = "is wrong") -> Finding:
    return Finding(Location(path, line, col), "SCH001", message)


@pytest.mark.parametrize(
    ("place", "subject"),
    [
        pytest.param(("contract.yaml", 1, 1), ("", 3), id="the first key stands for the whole contract"),
        pytest.param(("contract.yaml", 1, 5), ("", 12), id="a value of the contract itself"),
        pytest.param(("contract.yaml", 3, 9), ("team", 27), id="a value of a mapping, its quotes included"),
        pytest.param(("contract.yaml", 2, 1), ("team", 5), id="a key that opens a mapping"),
        pytest.param(("contract.yaml", 2, 3), ("team", None), id="a place within a key"),
        pytest.param(("contract.yaml", 4, 8), ("tags.late", 12), id="one of a list"),
        pytest.param(("contract.yaml", 4, 15), ("tags", 18), id="a mapping without a name in a list"),
        pytest.param(("contract.yaml", 4, 28), ("tags.nested", 34), id="a list in a list"),
        pytest.param(("contract.yaml", 4, 27), ("tags", None), id="a bracket"),
        pytest.param(("contract.yaml", 4, 14), ("tags", None), id="a brace"),
        pytest.param(("contract.yaml", 6, 8), ("", 11), id="a value under a key that is a list"),
        pytest.param(("contract.yaml", 8, 5), ("flights", 9), id="where a dataset starts"),
        pytest.param(("contract.yaml", 8, 11), ("flights", 18), id="the name of a dataset"),
        pytest.param(("contract.yaml", 11, 15), ("flights.delay", 20), id="the name of a field"),
        pytest.param(("contract.yaml", 12, 22), ("flights.delay", 24), id="the type of a field"),
        pytest.param(("contract.yaml", 14, 22), ("flights.second", None), id="a value of several lines"),
        pytest.param(("contract.yaml", 17, 9), ("flights.properties", 20), id="a field without a name"),
        pytest.param(("contract.yaml", 19, 25), ("weather.wind", 29), id="the name of a field, in one line"),
        pytest.param(("contract.yaml", 21, 10), ("weather.quality", 14), id="a rule without a name"),
        pytest.param(("contract.yaml", 22, 5), ("schema", 9), id="a dataset whose name is empty"),
        pytest.param(("contract.yaml", 99, 1), ("", None), id="behind the end"),
        pytest.param(("manifests.yaml", 2, 18), ("score.metadata", 23), id="the first document of several"),
        pytest.param(("manifests.yaml", 2, 11), ("score.metadata", None), id="the brace of a mapping"),
        pytest.param(("manifests.yaml", 5, 18), ("train.metadata", 23), id="the second document of several"),
        pytest.param(("manifests.yaml", 7, 3), ("", 7), id="a document that is a list"),
        pytest.param(("manifests.yaml", 9, 11), ("", 16), id="a document whose metadata is a text"),
        pytest.param(("models.yaml", 2, 5), ("late", 12), id="an entry, whichever key is first in it"),
        pytest.param(
            ("models.yaml", 2, 5, "key 'columns' is odd"), ("late.columns", 12), id="the first key of an entry"
        ),
        pytest.param(("models.yaml", 3, 9), ("late.columns", None), id="an empty entry"),
        pytest.param(("page.md", 1, 1), ("", None), id="a page"),
        pytest.param(("page.md", 2, 8), ("", 26), id="a value of the front matter"),
        pytest.param(("page.md", 3, 13), ("describes.src/model.py", 25), id="one of a list in the front matter"),
        pytest.param(("page.md", 5, 1), ("", None), id="before the first section"),
        pytest.param(("page.md", 9, 11), ("Late arrivals", None), id="in a section"),
        pytest.param(("page.md", 11, 1), ("Owner", None), id="the title of a section"),
        pytest.param(("first.md", 1, 1), ("", None), id="a page that starts with a title"),
        pytest.param(("first.md", 1, 1, "section 'Owner' is empty"), ("Owner", None), id="its first title"),
        pytest.param(("CODEOWNERS", 1, 1, "pattern '*' is wrong"), ("*", 2), id="the first pattern"),
        pytest.param(("CODEOWNERS", 1, 1, "is ignored"), ("", None), id="the file of patterns"),
        pytest.param(("CODEOWNERS", 3, 3), ("/my\\ docs/", 13), id="a pattern with a space"),
        pytest.param(("CODEOWNERS", 3, 14), ("/my\\ docs/", 18), id="an owner is found by the pattern"),
        pytest.param(("CODEOWNERS", 3, 1), ("/my\\ docs/", None), id="the space before a pattern"),
        pytest.param(("CODEOWNERS", 2, 1), ("", None), id="an empty line"),
        pytest.param(("model.py", 1, 7), ("Flights", 14), id="a class"),
        pytest.param(("model.py", 4, 9), ("class Flights.class Meta.strict", 15), id="a field of a class in a class"),
        pytest.param(("model.py", 6, 5), ("class Flights.delay", 10), id="a field below a comment and another class"),
        pytest.param(("model.py", 9, 1), ("TABLE", 6), id="a name of a module"),
        pytest.param(("model.py", 1, 1), ("", None), id="a module"),
        pytest.param(("model.py", 2, 1), ("", None), id="an empty line of code"),
        pytest.param(("model.py", 6, 12), ("class Flights.delay", 15), id="the type of a field of a class"),
        pytest.param(("model.py", 11, 5), ("COLUMNS.gate", 11), id="a key in quotes"),
        pytest.param(("model.py", 11, 20), ("COLUMNS.gate", 23), id="the type of a column in code"),
        pytest.param(("model.py", 14, 17), ("def read.data/flights.csv", 35), id="a text in code"),
        pytest.param(("table.sql", 1, 14), ("flights", 21), id="a table"),
        pytest.param(("table.sql", 2, 3), ("create table flights.delay", 8), id="a column of a table"),
        pytest.param(("table.sql", 2, 9), ("create table flights.delay", 16), id="the type of a column"),
        pytest.param(("table.sql", 3, 3), ("create table flights.Gate", 9), id="a column in quotes"),
        pytest.param(("table.sql", 5, 20), ("Gates", 27), id="a table in brackets"),
        pytest.param(("table.sql", 6, 5), ("CREATE TABLE [dbo].[Gates].Id", 9), id="the first column in brackets"),
        pytest.param(("table.sql", 7, 12), ("CREATE TABLE [dbo].[Gates].Name", 16), id="the type of one in brackets"),
        pytest.param(("table.sql", 9, 16), ("do $$.late", 20), id="a table in a block"),
        pytest.param(("broken.yaml", 2, 1), ("", None), id="a file that is no YAML"),
        pytest.param(("binary.yaml", 1, 1), ("", None), id="a file that is no text"),
        pytest.param(("models/late/README.md", 1, 1), ("", None), id="a file that is missing"),
    ],
)
def test_a_place_is_named_by_what_it_is_in(
    place: tuple[str, int, int], subject: tuple[str, int | None], project: Project
) -> None:
    one = finding(*place)
    assert fingerprint.subjects_of(project, [one])[:2] == ([subject[0]], [subject[1]])


def test_a_fingerprint_reads_as_rule_path_and_key(project: Project) -> None:
    field, page = finding("contract.yaml", 11, 15), finding("page.md", 1, 1)
    assert fingerprint.fingerprints(project, [page, field]) == {
        field: "SCH001 contract.yaml flights.delay",
        page: "SCH001 page.md",
    }


def test_findings_of_one_rule_at_one_key_are_counted_from_the_top_in_whatever_order_they_come(project: Project) -> None:
    first, second = finding("contract.yaml", 11, 15), finding("contract.yaml", 12, 22)
    expected = {first: "SCH001 contract.yaml flights.delay", second: "SCH001 contract.yaml flights.delay #2"}
    assert fingerprint.fingerprints(project, [first, second]) == expected
    assert fingerprint.fingerprints(project, [second, first]) == expected


def test_another_rule_at_the_same_key_has_a_fingerprint_of_its_own(project: Project) -> None:
    one = finding("contract.yaml", 11, 15)
    other = Finding(one.at, "SCH004", "is wrong")
    assert len(set(fingerprint.fingerprints(project, [one, other]).values())) == 2


def prints(folder: Path, text: str) -> set[str]:
    """Return the fingerprints of all findings in a contract, at whatever line they are."""
    project = project_of(folder, {"contracts/flights.odcs.yaml": text})
    codes = select(["SCH", "DOC005"])
    return set(fingerprint.fingerprints(project, engine.run(project.snapshot, codes).findings).values())


FAULTY = """schema:
  - name: flights
    description: One row for each departure.
    properties:
      - name: dep_delay_minutes
        logicalType: integer
        description: How late it left.
      - name: Carrier
        logicalType: string
"""
NAMES = {
    "SCH004 contracts/flights.odcs.yaml flights.dep_delay_minutes 'dep'",
    "SCH002 contracts/flights.odcs.yaml flights.Carrier",
    "DOC005 contracts/flights.odcs.yaml flights.Carrier",
}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param(FAULTY, NAMES, id="as it is"),
        pytest.param(f"# Ours.\n\n{FAULTY}", NAMES, id="lines above"),
        pytest.param(FAULTY.replace("minutes\n", "minutes # why\n"), NAMES, id="a comment"),
        pytest.param(FAULTY.replace("dep_delay_minutes", '"dep_delay_minutes"'), NAMES, id="quotes"),
        pytest.param(
            FAULTY.replace(
                "- name: Carrier\n        logicalType: string", "- logicalType: string\n        name: Carrier"
            ),
            NAMES,
            id="keys in another order",
        ),
        pytest.param(
            "".join([*FAULTY.splitlines(keepends=True)[:4], *FAULTY.splitlines(keepends=True)[7:9]])
            + "".join(FAULTY.splitlines(keepends=True)[4:7]),
            NAMES,
            id="fields in another order",
        ),
        pytest.param(
            FAULTY.replace("- name: flights", "- name: trips"),
            {name.replace(" flights.", " trips.") for name in NAMES} | {"SCH011 contracts/flights.odcs.yaml trips"},
            id="another dataset",
        ),
        pytest.param(
            FAULTY.replace("dep_delay", "dep_lag"),
            {name.replace("dep_delay", "dep_lag") for name in NAMES},
            id="another field",
        ),
    ],
)
def test_what_moves_keeps_its_fingerprint_and_what_is_renamed_does_not(
    text: str, names: set[str], tmp_path: Path
) -> None:
    assert prints(tmp_path, text) == names


def test_a_digest_has_one_form_whatever_a_path_holds() -> None:
    digests = {fingerprint.digest(one) for one in ("SCH001 a", "SCH001 \udcff", "SCH001 a #2")}
    assert {len(digest) for digest in digests} == {64}
    assert len(digests) == 3


WORDS = st.sampled_from(
    [*"\n\n\n  -:#{}[]&*'\"|>\\", "- ", "name: ", "a", "é", "&a ", "*a", "---\n", "```", "## ", "[x](y)"]
)


@given(
    text=st.lists(WORDS, max_size=40).map("".join),
    path=st.sampled_from(["a.yaml", "a.json", "a.md", "a.py", "CODEOWNERS"]),
    places=st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), unique=True, max_size=6),
)
@tries()
def test_any_place_in_any_text_has_a_fingerprint_of_its_own(
    text: str, path: str, places: list[tuple[int, int]], project: Project
) -> None:
    project = Project(project.snapshot._replace(unsaved={path: text.encode()}))
    findings = [finding(path, line, col) for line, col in places]
    prints = fingerprint.fingerprints(project, findings)
    assert len(set(prints.values())) == len(places)
    assert all(name.startswith(f"SCH001 {path}") for name in prints.values())
