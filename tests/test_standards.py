"""The company's standards: their schemas, judged by two implementations, and that they contradict nothing."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import ml_checks
import pytest
import yaml
from ml_checks import standards
from ml_checks.reading.yaml import read
from ml_checks.values import Map

from tests.conftest import ROOT

FOLDER = Path(ml_checks.__file__).parent
COMPANY: dict[str, Any] = yaml.safe_load((FOLDER / "standards.yaml").read_text("utf-8"))
SCHEMAS: dict[str, dict[str, Any]] = {
    name: json.loads((FOLDER / name).read_text("utf-8"))
    for name in ("standards.schema.json", "project-standards.schema.json")
}
GLOSSARY: dict[str, dict[str, Any]] = COMPANY["glossary"]
SYNONYMS = [word for term in GLOSSARY.values() for key in ("not", "not_last") for word in term.get(key, [])]
AFFIXES = [affix for entry in COMPANY["affixes"] for affix in entry.get("prefixes", []) + entry.get("suffixes", [])]


def verdicts(schema: dict[str, Any], value: object) -> list[str]:
    """Return where the value is at fault; both implementations have to say the same."""
    reference = jsonschema.Draft202012Validator(schema).iter_errors(value)
    paths = sorted("/".join(map(str, error.absolute_path)) for error in reference)
    ours = jsonschema_rs.validator_for(schema).iter_errors(value)
    assert sorted("/".join(map(str, error.instance_path)) for error in ours) == paths
    return paths


def test_the_schema_of_a_projects_standards_is_made_from_the_companys() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "project_schema.py")]
    printed = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
    assert printed == (FOLDER / "project-standards.schema.json").read_text("utf-8"), "run `make docs`"


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one_and_describes_all_that_it_names(name: str) -> None:
    schema = SCHEMAS[name]
    jsonschema.Draft202012Validator.check_schema(schema)
    assert jsonschema_rs.meta.is_valid(schema)
    assert schema["additionalProperties"] is False
    assert {"title", "description"} <= schema.keys()


def test_the_standards_are_what_their_schema_says() -> None:
    assert verdicts(SCHEMAS["standards.schema.json"], COMPANY) == []


BREAKS: dict[str, tuple[list[str | int], object]] = {
    "files": (["files"], {}),
    "files/contracts": (["files", "contracts"], []),
    "files/pages/0": (["files", "pages", 0], "!*.md"),
    "files/compose/1": (["files", "compose", 1], ""),
    "names/pattern": (["names", "pattern"], 1),
    "names/example": (["names", "example"], ""),
    "names/max_length": (["names", "max_length"], 0),
    "names/local/0": (["names", "local", 0], "Code"),
    "names/reserved/3": (["names", "reserved", 3], "All"),
    "types": (["types"], ["string", "string"]),
    "affixes/0": (["affixes", 0], {"types": ["date"]}),
    "affixes/1/required": (["affixes", 1, "required"], "yes"),
    "quantities": (["quantities", "dimensions"], []),
    "quantities/units/0": (["quantities", "units", 0], "metres per second"),
    "glossary/amount": (["glossary", "amount"], {"not": ["amt"]}),
    "glossary/amount/not": (["glossary", "amount", "not"], "amt"),
    "glossary/at/not_last/0": (["glossary", "at", "not_last", 0], "Time stamp"),
    "owners/label": (["owners", "label"], None),
    "owners/host": (["owners", "host"], "GitHub"),
    "readme/sections/0": (["readme", "sections", 0], []),
    "model_card/sections": (["model_card", "sections"], "Owner"),
    "placeholders/2": (["placeholders", 2], ""),
    "descriptions/min_length": (["descriptions", "min_length"], -1),
    "max_page_lag_days": (["max_page_lag_days"], 1.5),
    "": (["surplus"], 1),
}


@pytest.mark.parametrize("path", BREAKS)
def test_what_breaks_the_standards_is_found_where_it_is(path: str) -> None:
    (*parents, last), value = BREAKS[path]
    broken = copy.deepcopy(COMPANY)
    inner: Any = broken
    for key in parents:
        inner = inner[key]
    inner[last] = value
    assert set(verdicts(SCHEMAS["standards.schema.json"], broken)) == {path}


@pytest.mark.parametrize("key", COMPANY)
def test_no_part_of_the_standards_may_be_left_out(key: str) -> None:
    broken = {name: value for name, value in COMPANY.items() if name != key}
    assert verdicts(SCHEMAS["standards.schema.json"], broken) == [""]


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ({}, []),
        ({"exclude": []}, []),
        ({"exclude": ["vendor/", "*.csv"]}, []),
        ({"exclude": "vendor/"}, ["exclude"]),
        ({"exclude": None}, ["exclude"]),
        ({"exclude": ["vendor/", ""]}, ["exclude/1"]),
        ({"exclude": ["!vendor/"]}, ["exclude/0"]),
        ({"include": []}, [""]),
        ([], [""]),
    ],
)
def test_what_a_project_may_add(value: object, paths: list[str]) -> None:
    assert verdicts(SCHEMAS["project-standards.schema.json"], value) == paths


def test_a_word_is_a_synonym_of_one_term_only() -> None:
    assert sorted(set(SYNONYMS)) == sorted(SYNONYMS)


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(list(GLOSSARY), id="a term of the glossary"),
        pytest.param(AFFIXES, id="an affix"),
        pytest.param(COMPANY["quantities"]["words"], id="a quantity"),
        pytest.param(COMPANY["quantities"]["units"], id="a unit"),
        pytest.param(COMPANY["names"]["example"].split("_"), id="a word of the example"),
    ],
)
def test_nothing_that_is_asked_for_is_called_a_synonym(wanted: list[str]) -> None:
    assert set(SYNONYMS) & set(wanted) == set()


def test_every_name_that_is_asked_for_follows_the_pattern() -> None:
    names = COMPANY["names"]
    words = [*GLOSSARY, *AFFIXES, *COMPANY["quantities"]["words"], *COMPANY["quantities"]["units"], names["example"]]
    assert [word for word in words if not re.fullmatch(names["pattern"], word)] == []
    assert len(names["example"]) <= names["max_length"]
    assert names["example"] not in names["reserved"]


def test_an_affix_promises_known_types_and_no_two_promise_the_same_word() -> None:
    assert {kind for entry in COMPANY["affixes"] for kind in entry["types"]} <= set(COMPANY["types"])
    for place in ("prefixes", "suffixes"):
        words = [word for entry in COMPANY["affixes"] for word in entry.get(place, [])]
        assert sorted(set(words)) == sorted(words)


def test_a_type_needs_one_affix_at_most() -> None:
    needing = [kind for entry in COMPANY["affixes"] if entry.get("required") for kind in entry["types"]]
    assert sorted(set(needing)) == sorted(needing)


def test_no_quantity_is_a_unit_and_no_unit_is_reserved() -> None:
    quantities = COMPANY["quantities"]
    assert set(quantities["words"]) & set(quantities["units"]) == set()
    assert set(quantities["units"]) & set(COMPANY["names"]["reserved"]) == set()


def test_a_title_stands_for_one_section_only() -> None:
    for page in ("readme", "model_card"):
        titles = [title.lower() for titles in COMPANY[page]["sections"] for title in titles]
        assert sorted(set(titles)) == sorted(titles)


def test_the_standards_read_as_the_rules_need_them() -> None:
    company = standards.load(str(FOLDER / "nowhere"))
    assert (company.terms["cust"], company.last_terms["cust"]) == ("customer", "customer")
    assert (company.terms.get("timestamp"), company.last_terms["timestamp"]) == (None, "at")
    assert "id" in company.local_names
    assert str(company.required_affixes["boolean"]) == "'is_' or 'has_'"
    assert company.affixes_on("is_open_count") == [
        company.required_affixes["boolean"],
        *company.affixes_on("open_count"),
    ]
    assert company.affixes_on("at") == []
    assert company.affixes_on("isOpenCount") == company.affixes_on("is_open_count")
    assert company.sections["readme"][0] == ("Owner", "Owners", "Contact")
    assert company.owners_host == "auto"


def test_the_last_pattern_that_matches_says_what_a_file_is() -> None:
    (project,), _ = read("standards.yaml", "exclude: [/old/, '*.tmp.md']\n")
    (company,), _ = read("standards.yaml", (FOLDER / "standards.yaml").read_text("utf-8"))
    assert isinstance(company, Map)
    assert isinstance(project, Map)
    paths = [
        "README.md",
        "contracts/flights.yaml",
        "contracts/old/flights.yaml",
        "data/flights.csv",
        "old.csv",
        "docs/a.tmp.md",
        "models/late/README.md",
        "models/late/notes.md",
        "old/weather.odcs.yaml",
        "src/models/late/README.md",
        "weather.odcs.yml",
    ]
    company["exclude"] = project["exclude"]
    assert standards.Standards(company).kinds(paths) == {
        "README.md": "pages",
        "contracts/flights.yaml": "contracts",
        "contracts/old/flights.yaml": "",
        "data/flights.csv": "data",
        "old.csv": "samples",
        "docs/a.tmp.md": "excluded",
        "models/late/README.md": "model_cards",
        "models/late/notes.md": "pages",
        "old/weather.odcs.yaml": "excluded",
        "src/models/late/README.md": "pages",
        "weather.odcs.yml": "contracts",
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("TODO", "TODO"),
        ("is TBD.", "TBD"),
        ("a TBD.", None),
        ("TODO: say why", "TODO"),
        ("TODO (ann) say why", "TODO"),
        ("@TODO", "TODO"),
        ("| TODO |", "TODO"),
        ("**TODO**", "TODO"),
        ("TODO write this", "TODO"),
        ("Say why. TODO the unit", "TODO"),
        ("Owner: TODO", "TODO"),
        ("Release date TBD", "TBD"),
        ("the owner is TODO until Friday", "TODO"),
        ("A line.\nTODO", "TODO"),
        ("TODO list app", None),
        ("A TODO list", None),
        ("TODO() comments in the code", None),
        ("items marked as TODO.", None),
        ("whether the TODO was closed", None),
        ("a price TODO in euro", None),
        ("TODO EL MUNDO", None),
        ("EL TODO", None),
        ("M\u00c9TODO", None),
        ("ME\u0301TODO", None),
        ("TODO.md", None),
        ("a TODO-list", None),
        ("TODO/FIXME", None),
        ('the mark "TODO"', None),
        ("Lorem ipsum", "Lorem ipsum"),
        ("Lorem ipsum dolor", "Lorem ipsum"),
        ("[More Information Needed]", "[More Information Needed]"),
        ("<your name>", "<your"),
        ("TODOS", None),
        ("MXXX", None),
        ("todo", None),
        ("is to be defined by", "is to be defined"),
        ("To be written.", "To be written"),
        ("hosts to be defined in a file", None),
        ("ready to be written to disk", None),
    ],
)
def test_a_placeholder_is_a_whole_word(text: str, found: str | None) -> None:
    matches = standards.load(str(FOLDER / "nowhere")).placeholders(text)
    assert [match[0] for match in matches] == ([found] if found else [])
