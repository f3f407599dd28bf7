"""Waivers: where they hold, what they cannot hide, and how they are shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ml_checks.rules.registry import rule
from ml_checks.values import Location

from tests.command import CLEAN, TODAY, repository, run
from tests.effort import tries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ml_checks.project.project import Project

INLINE = 'until=2027-03-31 reason="as agreed" owner=@acme/flight-ops'
CENTRAL = "reason: as agreed, owner: '@acme/flight-ops', until: 2027-03-31"
README = str(CLEAN["README.md"])
ONE_WAIVED = "1 finding waived; `ml-checks waivers` lists them."
THREE_WAIVED = ONE_WAIVED.replace("1 finding", "3 findings")


def check(folder: Path, files: Mapping[str, str | bytes], *words: str) -> list[str]:
    """Return what is found in a project without a fault to which these files are added."""
    return run(repository(folder, {**CLEAN, **files}), "check", "--today", TODAY, *words).findings


WAIVER = "ml-checks: waive"
WAIVABLE = {
    "a page": ("README.md", f"{README}\n<!-- {WAIVER} DOC008 {INLINE} -->\n[a](b.md)\n"),
    "beside a link": ("README.md", f"{README}\n[a](b.md) <!-- {WAIVER} DOC008 {INLINE} -->\n"),
    "front matter": ("docs/a.md", f"---\n# {WAIVER} DOC008 {INLINE}\ndescribes: [gone.py]\n---\n# A\n"),
    "SQL": ("data/a.sql", f"create table flights (\n-- {WAIVER} SCH002 {INLINE}\nA_b text);\n"),
    "CODEOWNERS": (".github/CODEOWNERS", f"* @acme/flight-ops\n# {WAIVER} OWN005 {INLINE}\n/gone @acme/x\n"),
    "Python": (
        "src/a.py",
        f"import pydantic\nclass Flights(pydantic.BaseModel):\n    A_b: str  # {WAIVER} SCH002 {INLINE}\n",
    ),
}


@pytest.mark.parametrize(("path", "text"), WAIVABLE.values(), ids=WAIVABLE)
def test_a_comment_waives_where_it_stands(path: str, text: str, tmp_path: Path) -> None:
    bare = text.replace(WAIVER, "waive")
    assert len(check(tmp_path / "bare", {path: bare}, "--select", "SCH,OWN005,DOC008")) == 1
    assert check(tmp_path / "waived", {path: text}, "--select", "SCH,OWN005,DOC008,REV") == [ONE_WAIVED]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("docs/a.md", f"# A\n```\n<!-- ml-checks: waive DOC008 {INLINE} -->\n```\n", id="in code"),
        pytest.param("docs/a.md", f"# A\nWrite `# ml-checks: waive DOC008 {INLINE}`.\n", id="of another language"),
        pytest.param("a.schema.json", '{"description": "# ml-checks: waive SCH001"}', id="in JSON"),
        pytest.param("notes.txt", f"# ml-checks: waive SCH001 {INLINE}\n", id="in what nobody reads"),
    ],
)
def test_what_only_looks_like_a_waiver_is_none(path: str, text: str, tmp_path: Path) -> None:
    assert check(tmp_path, {path: text}, "--select", "REV") == []


def test_a_finding_on_a_whole_file_is_waived_in_its_first_line(tmp_path: Path) -> None:
    text = f"<!-- ml-checks: waive DOC002 {INLINE} -->\n# Late arrivals\n"
    assert check(tmp_path, {"README.md": text}, "--select", "DOC,REV") == [THREE_WAIVED]


def test_one_waiver_is_enough_and_a_second_counts_as_used(tmp_path: Path) -> None:
    entries = f"  - {{code: DOC002, path: README.md, {CENTRAL}}}\n" * 2
    files = {"README.md": "# Late arrivals\n", "standards.yaml": f"waivers:\n{entries}"}
    assert check(tmp_path, files, "--select", "DOC,REV") == [THREE_WAIVED]


@pytest.mark.parametrize("text", ["waivers:\n  -\n", "waivers: []\n"])
def test_an_empty_waiver_says_nothing(text: str, tmp_path: Path) -> None:
    assert check(tmp_path, {"standards.yaml": text}, "--select", "REV") == []


@pytest.mark.parametrize(
    ("code", "path", "why"),
    [
        ("SCH04", "/", "there is no rule 'SCH04'; did you mean 'SCH004'?"),
        ("sch004", "README.md", "there is no rule 'sch004'; did you mean 'SCH004'?"),
        ("SCH", "README.md", "'SCH' is the beginning of several codes, and a waiver is for one rule"),
        ("SCH004", "/", "pattern '/' matches nothing ('*' is every file)"),
        ("SCH004", "'!a.md'", "pattern '!a.md' starts with '!', but CODEOWNERS cannot negate"),
    ],
)
def test_a_waiver_that_is_for_nothing_says_why(code: str, path: str, why: str, tmp_path: Path) -> None:
    text = f"waivers:\n  - {{code: {code}, path: {path}, {CENTRAL}}}\n"
    assert f"standards.yaml:2:5: REV001 {why}" in check(tmp_path, {"standards.yaml": text}, "--select", "REV")


def test_the_family_alone_knows_what_the_other_rules_find(tmp_path: Path) -> None:
    entries = "".join(f"  - {{code: {code}, path: README.md, {CENTRAL}}}\n" for code in ("DOC002", "DOC003"))
    files = {"README.md": "# Late arrivals\n", "standards.yaml": f"waivers:\n{entries}"}
    assert check(tmp_path, files, "--select", "REV") == [
        "standards.yaml:3:5: REV006 no finding of DOC003 is left to waive"
    ]


def test_a_waiver_of_what_cannot_be_read_may_be_needed(tmp_path: Path) -> None:
    text = f"waivers:\n  - {{code: DOC002, path: README.md, {CENTRAL}}}\n"
    files: dict[str, str | bytes] = {"README.md": b"\xff", "standards.yaml": text}
    assert check(tmp_path, files, "--select", "REV") == ["README.md:1:1: FIL001 is not UTF-8: byte 0xff"]


@pytest.mark.usefixtures("rules_taken_back")
def test_a_waiver_of_a_rule_that_crashed_may_be_needed(tmp_path: Path) -> None:
    @rule("OWN901")
    def crashing(_: Project) -> Iterator[tuple[Location, str]]:
        """Crash after the first finding."""
        yield Location("README.md", 1, 1), "first"
        raise ValueError

    text = f"waivers:\n  - {{code: OWN901, path: README.md, {CENTRAL}}}\n"
    outcome = run(repository(tmp_path, {**CLEAN, "standards.yaml": text}), "check", "--select", "OWN901,REV")
    assert (crashing.__name__, outcome.code, outcome.out) == ("crashing", 3, f"{ONE_WAIVED}\n")


STANDARDS = f"""\
waivers:
  - {{code: DOC002, path: README.md, {CENTRAL}}}
  - {{code: DOC003, path: README.md, reason: old, owner: '@acme/x', until: 2026-01-31}}
  - broken
"""


def test_the_command_lists_every_waiver_and_what_it_is_worth(tmp_path: Path) -> None:
    repository(tmp_path, {**CLEAN, "README.md": "# Late arrivals\n", "standards.yaml": STANDARDS})
    outcome = run(tmp_path, "waivers", "--today", TODAY)
    assert outcome.out.splitlines() == [
        "standards.yaml:2: DOC002 waives 3, until 2027-03-31, @acme/flight-ops: as agreed",
        "standards.yaml:3: DOC003 waives nothing: waiver of DOC003 expired on 2026-01-31",
        "standards.yaml:4: ? waives nothing: a waiver is a mapping with code, path, reason, owner and until",
        "3 waivers, 3 findings waived, 0 findings in the baseline.",
    ]
    assert (outcome.code, outcome.err) == (0, "")


def test_people_are_told_how_much_is_waived_beside_what_is_found(tmp_path: Path) -> None:
    repository(tmp_path, {**CLEAN, "README.md": "# Late arrivals\n", "standards.yaml": STANDARDS})
    check_all = ("check", "--today", TODAY)
    assert run(tmp_path, *check_all).out.splitlines()[-1] == "2 findings in 1 file, 3 waived."
    assert run(tmp_path, *check_all, "README.md") == (0, f"{THREE_WAIVED}\n", "")
    assert run(tmp_path, *check_all, "contracts") == (0, "", "")


def test_a_report_in_a_file_tells_too_how_much_is_waived(tmp_path: Path) -> None:
    folder = repository(tmp_path / "project", {**CLEAN, "README.md": "# Late arrivals\n", "standards.yaml": STANDARDS})
    report = tmp_path / "report"
    said = run(folder, "check", "--today", TODAY, "--output", str(report), "README.md")
    assert said == (0, f"0 findings, 3 waived, written to {report}\n", "")
    assert report.read_text("utf-8") == f"{THREE_WAIVED}\n"


def test_reports_for_programs_tell_what_is_waived(tmp_path: Path) -> None:
    repository(
        tmp_path,
        {**CLEAN, "README.md": "# Late arrivals\n", "standards.yaml": STANDARDS.partition("  - {code: DOC003")[0]},
    )
    outcome = run(tmp_path, "check", "--today", TODAY, "--format", "json", "README.md")
    assert [(one["code"], one["waiver"]) for one in json.loads(outcome.out)["waived"]] == [
        ("DOC002", {"reason": "as agreed", "owner": "@acme/flight-ops", "until": "2027-03-31"})
    ] * 3
    elsewhere = run(tmp_path, "check", "--today", TODAY, "--format", "json", "contracts")
    assert json.loads(elsewhere.out)["waived"] == []


WORDS = st.sampled_from(
    ["DOC008", "FIL001", "until=", "until=2027-01-01", 'reason="a', '"', "owner=@a", "#", "-->", "\\", "=", "\x85", "é"]
)
COMMENTS = st.lists(st.lists(st.one_of(WORDS, st.text(max_size=4)), max_size=5).map(" ".join), max_size=4)
VALUES = st.one_of(st.none(), st.text(max_size=5), st.dates().map(str), st.lists(st.text(), max_size=2))
KEYS = st.sampled_from(["code", "path", "key", "reason", "owner", "until", "other"])
ENTRIES = st.lists(st.one_of(st.dictionaries(KEYS, VALUES), VALUES), max_size=4)


@tries(0.5)
@given(COMMENTS, ENTRIES)
def test_whatever_a_waiver_says_no_rule_crashes(tmp_path: Path, comments: list[str], entries: list[object]) -> None:
    if not (tmp_path / ".git").exists():
        repository(tmp_path, {**CLEAN, "standards.yaml": ""})
    lines = "".join(f"<!-- ml-checks: waive {comment} -->\n" for comment in comments)
    (tmp_path / "README.md").write_bytes(f"{README}\n{lines}".encode(errors="replace"))
    (tmp_path / "standards.yaml").write_text(yaml.safe_dump({"waivers": entries}), "utf-8")
    outcome = run(tmp_path, "check", "--today", TODAY, "--select", "DOC,REV")
    assert outcome.code in {0, 1, 2}
    assert outcome.code != 2 or outcome.err.startswith("ml-checks: standards.yaml:")
