"""Reports for programs: valid by their schemas, escaped, and true about places."""

from __future__ import annotations

import copy
import datetime
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

import jsonschema
import pytest
import xmlschema
from ml_checks import __version__, report
from ml_checks.report import model
from ml_checks.rules import select
from ml_checks.run import engine
from ml_checks.values import Finding, Location

from tests.command import CLEAN, README, TODAY, repository, run, snapshot
from tests.conftest import ROOT
from tests.test_examples import EXAMPLES, PROJECTS, repository_of

if TYPE_CHECKING:
    from pathlib import Path

SCHEMAS = ROOT / "tests" / "schemas"
OWN_SCHEMA = json.loads((ROOT / "checks" / "ml_checks" / "report" / "report.schema.json").read_text("utf-8"))
SARIF_SCHEMA = json.loads((SCHEMAS / "sarif-2.1.0.json").read_text("utf-8"))
JUNIT_SCHEMA = xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")
RULES_PAGE = "https://github.com/org/ml-template/blob/main/docs/rules.md"
ODD = "docs/50%, a:b\n<é>.md"
ODD_MESSAGE = "link to 'ü,%:&.md', which is not tracked"
FILES: dict[str, str | bytes] = {
    **CLEAN,
    "README.md": README.replace("@acme/flight-ops\n", ""),
    ODD: "# Odd\n\nSee [how](ü,%:&.md).\n",
}
CRASH = "SCH001 crashed in rules.py:7: KeyError: 'a\x00b, 100%'"


class Waiver(NamedTuple):
    """Why a finding is allowed."""

    reason: str
    owner: str
    until: datetime.date
    at: Location


WAIVER = Waiver("written in <March>", "@acme/docs", datetime.date(2026, 12, 31), Location("standards.yaml", 3, 5))


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> model.Report:
    """Return a report of one finding, one that is waived, and one rule that crashed."""
    folder = repository(tmp_path_factory.mktemp("full"), FILES)
    codes = select(["SCH001", "DOC003", "DOC008"])
    result = engine.run(snapshot(folder), codes)
    empty, broken = result.findings
    return model.Report(result.run.project, codes, [broken], waived=[(empty, WAIVER)], crashes=[CRASH])


def rendered(name: str, shown: model.Report) -> str:
    """Return a whole report."""
    return "".join(report.render(name, shown))


@pytest.fixture(scope="module")
def nothing(full: model.Report) -> model.Report:
    """Return a report of nothing."""
    return model.Report(full.project, full.codes, [])


def test_the_version_is_that_of_the_package() -> None:
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_json_holds_all_that_is_known(full: model.Report) -> None:
    document = json.loads(rendered("json", full))
    prints = [document[kind][0].pop("fingerprint") for kind in ("findings", "waived")]
    assert document == {
        "version": 1,
        "tool": {"name": "ml-checks", "version": __version__},
        "findings": [
            {
                "code": "DOC008",
                "path": ODD,
                "line": 3,
                "col": 11,
                "end_col": None,
                "logical_key": "Odd",
                "message": ODD_MESSAGE,
            }
        ],
        "waived": [
            {
                "code": "DOC003",
                "path": "README.md",
                "line": 3,
                "col": 1,
                "end_col": None,
                "logical_key": "Owner",
                "message": "section 'Owner' is empty",
                "waiver": {"reason": "written in <March>", "owner": "@acme/docs", "until": "2026-12-31"},
            }
        ],
        "gaps": [],
        "crashes": [CRASH],
        "summary": [
            {
                "code": "DOC008",
                "fault": model.documentation("DOC008")[0],
                "findings": 1,
                "files": 1,
                "names": [{"name": "ü,%:&.md", "findings": 1}],
            }
        ],
        "kinds": {"contracts": {"looks_like": 1, "read": 1, "excluded": 0, "unread": []}},
        "rules": {
            code: {
                "family": {"S": "schema-naming", "D": "docs-present", "F": "files-readable"}[code[0]],
                "fault": model.documentation(code)[0],
                "advice": model.documentation(code)[1],
                "page": f"{RULES_PAGE}#{code.lower()}",
            }
            for code in full.codes
        },
    }
    assert list(document["rules"]) == [
        "SCH001",
        "DOC003",
        "DOC008",
        "FIL001",
        "FIL002",
        "FIL003",
        "FIL004",
        "FIL005",
        "FIL006",
    ]
    assert len(set(prints)) == 2


@pytest.mark.parametrize("name", ["full", "nothing"])
def test_json_is_valid_by_the_schema_that_is_shipped(name: str, request: pytest.FixtureRequest) -> None:
    jsonschema.Draft202012Validator.check_schema(OWN_SCHEMA)
    validator = jsonschema.Draft202012Validator(OWN_SCHEMA, format_checker=jsonschema.FormatChecker())
    validator.validate(json.loads(rendered("json", request.getfixturevalue(name))))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (["version"], 2),
        (["tool", "name"], "another"),
        (["findings", 0, "line"], 0),
        (["findings", 0, "fingerprint"], "short"),
        (["findings", 0, "code"], "DOC8"),
        (["waived", 0, "waiver", "until"], "soon"),
        (["waived", 0, "path"], ""),
        (["crashes"], None),
        (["rules", "doc"], {}),
    ],
)
def test_the_schema_of_json_refuses_another_form(place: list[str | int], value: object, full: model.Report) -> None:
    document = json.loads(rendered("json", full))
    inner: Any = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    validator = jsonschema.Draft202012Validator(OWN_SCHEMA, format_checker=jsonschema.FormatChecker())
    assert not validator.is_valid(document)


def sarif(document: str) -> dict[str, Any]:
    """Return the one run of a valid log."""
    log: dict[str, Any] = json.loads(document)
    jsonschema.Draft4Validator(SARIF_SCHEMA).validate(log)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return dict(run)


def test_sarif_points_at_places_and_keeps_what_is_waived(full: model.Report) -> None:
    log = sarif(rendered("sarif", full))
    found, waived = copy.deepcopy(log["results"])
    prints = [result.pop("partialFingerprints")["ruleAndKey/v2"] for result in (found, waived)]
    assert prints == full.subjects.digests
    assert found == {
        "ruleId": "DOC008",
        "ruleIndex": 2,
        "level": "error",
        "message": {"text": ODD_MESSAGE},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {
                        "uri": "docs/50%25%2C%20a%3Ab%0A%3C%C3%A9%3E.md",
                        "uriBaseId": "%SRCROOT%",
                    },
                    "region": {"startLine": 3, "startColumn": 11},
                },
                "logicalLocations": [{"fullyQualifiedName": "Odd"}],
            }
        ],
        "suppressions": [],
    }
    assert waived["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "written in <March> (owner @acme/docs, until 2026-12-31)",
        }
    ]
    assert "automationDetails" not in log
    assert log["columnKind"] == "unicodeCodePoints"
    assert list(log["originalUriBaseIds"]) == ["%SRCROOT%"]


def test_sarif_tells_a_waiver_beside_the_finding_from_one_elsewhere(full: model.Report) -> None:
    finding = full.findings[0]
    beside = WAIVER._replace(at=Location(finding.at.path, 2, 1))
    log = sarif(rendered("sarif", model.Report(full.project, full.codes, [], waived=[(finding, beside)])))
    assert [entry["kind"] for entry in log["results"][0]["suppressions"]] == ["inSource"]


def test_sarif_explains_each_rule_that_ran(full: model.Report) -> None:
    driver = sarif(rendered("sarif", full))["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("ml-checks", __version__)
    assert [rule["id"] for rule in driver["rules"]] == full.codes
    fault, advice = model.documentation("DOC008")
    assert driver["rules"][2] == {
        "id": "DOC008",
        "name": "LinkBroken",
        "shortDescription": {"text": fault},
        "fullDescription": {"text": f"{fault} {advice}"},
        "help": {
            "text": f"{advice}\n\n{RULES_PAGE}#doc008",
            "markdown": f"{advice}\n\n[DOC008]({RULES_PAGE}#doc008)",
        },
        "helpUri": f"{RULES_PAGE}#doc008",
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["docs-present"]},
    }


def test_sarif_tells_of_a_crash_and_of_none(full: model.Report, nothing: model.Report) -> None:
    assert sarif(rendered("sarif", full))["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [
                {"level": "error", "message": {"text": CRASH}, "associatedRule": {"id": "SCH001"}}
            ],
        }
    ]
    log = sarif(rendered("sarif", nothing))
    assert (log["results"], log["invocations"]) == (
        [],
        [{"executionSuccessful": True, "toolExecutionNotifications": []}],
    )


def test_the_schema_of_sarif_refuses_another_form(full: model.Report) -> None:
    log = json.loads(rendered("sarif", full))
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert not jsonschema.Draft4Validator(SARIF_SCHEMA).is_valid(log)


@pytest.mark.parametrize("name", PROJECTS)
def test_the_regions_of_sarif_lie_in_the_files_and_hold_what_is_wrong(name: str, tmp_path: Path) -> None:
    folder = repository_of(EXAMPLES / name, tmp_path)
    results = sarif(run(folder, "check", "--today", TODAY, "--format", "sarif").out)["results"]
    assert any(not result["suppressions"] for result in results) == (name != "clean")
    assert len({result["partialFingerprints"]["ruleAndKey/v2"] for result in results}) == len(results)
    for result in results:
        place = result["locations"][0]["physicalLocation"]
        file, region = folder / unquote(place["artifactLocation"]["uri"]), place["region"]
        lines = file.read_text("utf-8").splitlines() if file.exists() else [""]
        line = lines[region["startLine"] - 1]
        held = line[region["startColumn"] - 1 : region.get("endColumn", len(line)) - 1]
        assert held.strip() == held
        assert held or not file.exists()


def test_github_gets_a_command_for_each_finding_with_all_escaped(full: model.Report) -> None:
    path = "docs/50%25%2C a%3Ab%0A<é>.md"
    advice = model.documentation("DOC008")[1]
    text = f"docs/50%25, a:b\\n<é>.md:3:11: DOC008 {ODD_MESSAGE.replace('%', '%25')}%0A{advice}"
    assert rendered("github", full) == (
        f"::error file={path},line=3,endLine=3,col=11,title=DOC008::{text}\n"
        "::error title=ml-checks::SCH001 crashed in rules.py:7: KeyError: 'a\\x00b, 100%25'\n"
    )


def test_github_gets_the_end_of_what_is_wrong_where_it_is_known(tmp_path: Path) -> None:
    folder = repository_of(EXAMPLES / "SCH001", tmp_path)
    command = run(folder, "check", "--select", "SCH001", "--format", "github").out.splitlines()[0]
    assert command.startswith(
        "::error file=contracts/flights_2013.odcs.yaml,line=11,endLine=11,col=11,endColumn=23,title=SCH001::"
    )


def test_github_gets_nothing_for_nothing(nothing: model.Report) -> None:
    assert rendered("github", nothing) == ""


def test_gitlab_gets_a_list_of_issues(full: model.Report, nothing: model.Report) -> None:
    assert json.loads(rendered("gitlab", full)) == [
        {
            "description": f"DOC008 {ODD_MESSAGE}",
            "content": {"body": model.documentation("DOC008")[1]},
            "check_name": "DOC008",
            "fingerprint": full.subjects.digests[0],
            "severity": "major",
            "location": {"path": ODD, "lines": {"begin": 3}},
        }
    ]
    assert rendered("gitlab", nothing) == "[]\n"


def test_junit_has_a_case_for_each_rule(full: model.Report) -> None:
    document = rendered("junit", full)
    JUNIT_SCHEMA.validate(document)
    titles = {code: f"{code} {model.documentation(code)[0]}" for code in full.codes}
    titles = {code: title.replace("&", "&amp;") for code, title in titles.items()}
    unread = "".join(
        f'    <testcase classname="ml-checks.files-readable" name="{titles[code]}" />\n'
        for code in full.codes
        if code.startswith("FIL")
    )
    assert document == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        "<testsuites>\n"
        '  <testsuite name="ml-checks" tests="9" failures="1" errors="1">\n'
        f'    <testcase classname="ml-checks.schema-naming" name="{titles["SCH001"]}">\n'
        '      <error type="crash" message="SCH001 crashed in rules.py:7: KeyError: \'a\\x00b, 100%\'" />\n'
        "    </testcase>\n"
        f'    <testcase classname="ml-checks.docs-present" name="{titles["DOC003"]}">\n'
        "      <system-out>waived until 2026-12-31 by @acme/docs: README.md:3:1: DOC003 section 'Owner' is empty"
        " (written in &lt;March&gt;)</system-out>\n"
        "    </testcase>\n"
        f'    <testcase classname="ml-checks.docs-present" name="{titles["DOC008"]}">\n'
        '      <failure type="DOC008" message="1 finding">'
        f"docs/50%, a:b\\n&lt;é&gt;.md:3:11: DOC008 {ODD_MESSAGE.replace('&', '&amp;')}\n"
        f"{model.documentation('DOC008')[1]}</failure>\n"
        "    </testcase>\n"
        f"{unread}"
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_junit_of_a_clean_project_has_no_failure(nothing: model.Report) -> None:
    document = rendered("junit", nothing)
    JUNIT_SCHEMA.validate(document)
    assert '<testsuite name="ml-checks" tests="9" failures="0" errors="0">' in document


def test_the_schema_of_junit_refuses_another_form(full: model.Report) -> None:
    assert not JUNIT_SCHEMA.is_valid(rendered("junit", full).replace("testcase", "case"))


@pytest.mark.parametrize("name", report.FORMATS)
def test_each_format_is_one_module_and_shows_any_path(name: str, full: model.Report) -> None:
    surrogate = Finding(Location("a\udcff\x1b.md", 1, 1), "DOC008", "link to '\udcff'")
    shown = rendered(name, model.Report(full.project, full.codes, [surrogate]))
    assert shown.isascii()
    assert "\x1b" not in shown
