"""The baseline: what was there when the checks came stays quiet, and can only become less."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ml_checks.reading import yaml as ml_yaml
from ml_checks.reading.text import decoded
from ml_checks.rules import select
from ml_checks.rules.registry import rule
from ml_checks.rules.run import BASELINE, entries
from ml_checks.run import baseline, engine

from tests.command import CLEAN, CONTRACT, TODAY, repository, run, snapshot, write
from tests.conftest import commit, git
from tests.effort import tries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ml_checks.project.project import Project
    from ml_checks.rules.run import Result
    from ml_checks.values import Location

FIELD = """\
    properties:
      - name: dep_gate
        logicalType: string
        classification: public
        description: Where people wait for the plane.
"""
OLD = {**CLEAN, "README.md": "# Late arrivals\n\n[a](b.md) [a](b.md)\n", "docs/a.md": "[c](d.md)\n"}


def findings(folder: Path, *words: str) -> list[str]:
    """Return what is found about pages and the baseline."""
    return run(folder, "check", "--select", "DOC,REV", "--today", TODAY, *words).findings


def test_a_baseline_keeps_quiet_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    folder = repository(tmp_path, OLD)
    assert len(findings(folder)) == 6
    assert run(folder, "baseline").out == "standards.baseline.yaml holds 6 findings. Commit it.\n"
    assert findings(folder) == []
    write(folder, {"docs/a.md": "one line more\n[c](d.md) [e](f.md)\n"})
    assert findings(folder) == ["docs/a.md:2:15: DOC008 link to 'f.md', which is not tracked"]


def test_what_is_mended_leaves_the_baseline(tmp_path: Path) -> None:
    folder = repository(tmp_path, OLD)
    run(folder, "baseline")
    write(folder, {"docs/a.md": "no link\n"})
    assert findings(folder) == ["standards.baseline.yaml:8:3: REV007 \"DOC008 docs/a.md 'd.md'\" is no longer found"]
    assert run(folder, "baseline", "--prune").out == "standards.baseline.yaml holds 5 findings. Commit it.\n"
    assert findings(folder) == []
    write(folder, {"README.md": CLEAN["README.md"]})
    done = "No entry of standards.baseline.yaml is found any more, so the file is removed.\n"
    assert run(folder, "baseline", "--prune").out == done
    assert not (folder / BASELINE).exists()
    assert findings(folder) == []


def test_no_entry_comes_after_the_first_commit(tmp_path: Path) -> None:
    folder = repository(tmp_path, OLD)
    run(folder, "baseline")
    commit(folder)
    assert findings(folder) == []
    (folder / BASELINE).write_text((folder / BASELINE).read_text("utf-8") + "- \"DOC008 docs/a.md 'f.md'\"\n", "utf-8")
    write(folder, {"docs/a.md": "[c](d.md) [e](f.md)\n"})
    assert findings(folder) == ["standards.baseline.yaml:9:3: REV008 \"DOC008 docs/a.md 'f.md'\" is new"]


@pytest.mark.parametrize("is_begun", [True, False], ids=["grown after it", "begun after it"])
def test_a_branch_lets_the_baseline_not_grow_from_commit_to_commit(tmp_path: Path, *, is_begun: bool) -> None:
    folder = repository(tmp_path, OLD)
    if is_begun:
        run(folder, "baseline")
    commit(folder)
    git(folder, "branch", "begun")
    write(folder, {"docs/a.md": "[c](d.md) [e](f.md)\n"})
    entries = (folder / BASELINE).read_text("utf-8") if is_begun else ""
    write(folder, {BASELINE: entries + "- \"DOC008 docs/a.md 'f.md'\"\n"})
    commit(folder)
    write(folder, {"docs/b.md": "# More\n"})
    commit(folder)
    assert [line for line in findings(folder) if "REV008" in line] == []
    grown = ["standards.baseline.yaml:9:3: REV008 \"DOC008 docs/a.md 'f.md'\" is new"]
    assert [line for line in findings(folder, "--base", "begun") if "REV008" in line] == (grown if is_begun else [])


@pytest.mark.parametrize("text", ["a: [", "a: b", "", b"\xff"])
def test_a_committed_baseline_that_held_nothing_forbids_nothing(text: str | bytes, tmp_path: Path) -> None:
    folder = repository(tmp_path, {**OLD, BASELINE: text})
    git(folder, "commit", "--quiet", "--message", "Begin")
    (folder / BASELINE).unlink()
    run(folder, "baseline")
    assert findings(folder) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [", "2:1: FIL001 is not valid YAML: while parsing a flow node, did not find expected node content"),
        ("a: b", "1:1: FIL005 is no list of findings, as `ml-checks baseline` writes it"),
        ("", "1:1: FIL005 is no list of findings, as `ml-checks baseline` writes it"),
    ],
)
def test_a_baseline_that_cannot_be_read_allows_nothing(text: str, why: str, tmp_path: Path) -> None:
    folder = repository(tmp_path, {**CLEAN, BASELINE: f"{text}\n"})
    assert findings(folder) == [f"{BASELINE}:{why}"]


def test_what_no_baseline_can_hide_stays_out_of_it(tmp_path: Path) -> None:
    waiver = "waivers: [{code: DOC001}]\n"
    folder = repository(tmp_path, {**CLEAN, "standards.yaml": waiver, "contracts/a.odcs.yaml": "a: [\n"})
    found = run(folder, "check", "--today", TODAY).findings
    assert {line.split()[1] for line in found} == {"FIL001", "REV001", "REV002", "REV003", "REV004"}
    outcome = run(folder, "baseline")
    assert (outcome.code, outcome.out.splitlines()[:4]) == (
        1,
        [
            "Nothing can be listed, so there is nothing to put into a baseline.",
            "5 findings cannot be in a baseline:",
            f"contracts/a.odcs.yaml:2:1: FIL001 {found[0].partition('FIL001 ')[2]}",
            (
                "  Correct it, or let the checks leave it alone, by a line in standards.yaml: "
                "`exclude: [/contracts/a.odcs.yaml]`."
            ),
        ],
    )
    assert not (folder / BASELINE).exists()


@pytest.mark.parametrize(
    ("files", "words", "why"),
    [
        (
            {BASELINE: "[]"},
            [],
            "there is a standards.baseline.yaml already, and it may only become shorter: `ml-checks",
        ),
        ({}, ["--prune"], "there is no standards.baseline.yaml to prune"),
    ],
)
def test_a_baseline_is_begun_once_and_pruned_where_it_is(
    files: dict[str, str], words: list[str], why: str, tmp_path: Path
) -> None:
    outcome = run(commit(repository(tmp_path, {**OLD, **files})), "baseline", *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"ml-checks: {why}")


@pytest.mark.parametrize(
    ("path", "text", "fault"),
    [
        pytest.param("README.md", b"\xff", "README.md:1:1: FIL001 is not UTF-8: byte 0xff", id="a file it is about"),
        pytest.param(BASELINE, "<<<<<<< HEAD\n", f"{BASELINE}:1:1: FIL005 is no list", id="a conflict in it"),
        pytest.param(BASELINE, "", f"{BASELINE}:1:1: FIL005 is no list", id="nothing in it"),
    ],
)
def test_what_cannot_be_read_is_not_mended(path: str, text: str | bytes, fault: str, tmp_path: Path) -> None:
    folder = repository(tmp_path, OLD)
    run(folder, "baseline")
    write(folder, {path: text})
    kept = (folder / BASELINE).read_text("utf-8")
    assert [line for line in findings(folder) if "REV" in line] == []
    outcome = run(folder, "baseline", "--prune")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"ml-checks: {fault}")
    assert outcome.err.endswith("; nothing is written, because not everything is known\n")
    assert (folder / BASELINE).read_text("utf-8") == kept


@pytest.mark.usefixtures("rules_taken_back")
def test_nothing_is_written_where_a_rule_crashed(tmp_path: Path) -> None:
    select([])

    @rule("OWN901")
    def crashing(_: Project) -> Iterator[tuple[Location, str]]:
        """Crash."""
        raise ValueError

    outcome = run(repository(tmp_path, OLD), "baseline")
    assert crashing.__name__ == "crashing"
    assert (outcome.code, (tmp_path / BASELINE).exists()) == (2, False)
    assert "OWN901 crashed" in outcome.err


SURE = {**CLEAN, "docs/a.md": "# A\n\n[c](d.md)\n"}
DEPARTED = CONTRACT.format("flights").replace("apiVersion", FIELD + "apiVersion")
PATH = "contracts/flights.odcs.yaml"


def begun(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Return a repository with a committed baseline, under which nothing is found."""
    repository(folder, files)
    assert run(folder, "baseline", "--today", TODAY).code == 0
    git(folder, "add", "--all")
    assert run(folder, "check", "--today", TODAY) == (0, "", "")
    return commit(folder)


def entries_of(folder: Path) -> list[str]:
    """Return the entries of a baseline as YAML has them."""
    return [str(entry) for entry in yaml.safe_load((folder / BASELINE).read_text("utf-8"))]


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("🚀 Links", "🚀 Links"),
        ('a "b" \\ c', 'a \\"b\\" \\\\ c'),
        ("a\u2028b\x85c\x7f\ufeff", "a\\U00002028b\\U00000085c\\U0000007f\\U0000feff"),
        ("e\u0301 \u200d \U0010ffff", "e\u0301 \\U0000200d \\U0010ffff"),
    ],
)
def test_what_is_written_is_read_back_whatever_is_in_it(title: str, shown: str, tmp_path: Path) -> None:
    page = f"# A\n\n## {title}\n\nTODO write\n"
    folder = begun(tmp_path, {**CLEAN, "docs/a.md": page})
    assert f"- \"DOC004 docs/a.md {shown} 'TODO'\"\n" in (folder / BASELINE).read_text("utf-8")
    assert run(folder, "check", "--today", TODAY) == (0, "", "")


def test_a_path_that_is_no_text_is_read_back(tmp_path: Path) -> None:
    folder = begun(tmp_path, {**CLEAN, os.fsdecode(b"docs/\xff\n.md"): "# A\n\n[c](d.md)\n"})
    assert entries_of(folder) == ["DOC008 docs/\\udcff\n.md 'd.md'"]


@given(st.lists(st.text(st.characters(exclude_categories=[])), unique_by=baseline.encodable))
@tries()
def test_any_names_come_back_as_they_were(names: list[str]) -> None:
    called = {baseline.encodable(name) for name in names}
    roots, faults = ml_yaml.read(BASELINE, decoded(baseline.text_of(called).encode()))
    assert ({*entries(roots)}, faults) == (called, [])


def test_a_list_of_many_megabytes_is_read(tmp_path: Path) -> None:
    folder = begun(tmp_path, SURE)
    text = (folder / BASELINE).read_text("utf-8") + f"# {'x' * 2_500_000}\n"
    write(folder, {BASELINE: text})
    assert run(folder, "check", "--today", TODAY) == (0, "", "")


def test_the_list_itself_needs_an_owner_and_may_settle_a_pattern(tmp_path: Path) -> None:
    owners = "/docs/ @acme/a\n/README.md @acme/a\n/contracts/ @acme/flight-ops\n/.github/ @acme/a\n"
    folder = begun(tmp_path / "a", {**SURE, ".github/CODEOWNERS": owners})
    assert entries_of(folder) == ["DOC008 docs/a.md 'd.md'", f"OWN004 {BASELINE}"]
    more = f"{owners}/{BASELINE} @acme/a\n"
    assert entries_of(begun(tmp_path / "b", {**SURE, ".github/CODEOWNERS": more})) == ["DOC008 docs/a.md 'd.md'"]
    folder = repository(tmp_path / "c", {**CLEAN, ".github/CODEOWNERS": owners.partition("\n")[2]})
    assert run(folder, "baseline").out == "Nothing is found, so there is nothing to put into a baseline.\n"


def test_what_cannot_be_listed_is_named_with_what_settles_it(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        **SURE,
        "schemas/ping.schema.json": "{@FIELDS@}\n",
        "my schemas/a.schema.json": "{@\n",
        "my schemas/b.schema.json": '{"title": "b", "description": "What people ask for."}\n',
        "a.odcs.yaml": "a: [\n",
    }
    del files[".github/CODEOWNERS"]
    folder = repository(tmp_path, files)
    outcome = run(folder, "baseline")
    assert (outcome.code, outcome.err) == (1, "")
    head, number, *lines = outcome.out.splitlines()
    assert (head, number) == (f"{BASELINE} holds 1 finding. Commit it.", "4 findings cannot be in the list:")
    leave = "  Correct it, or let the checks leave it alone, by a line in standards.yaml:"
    pairs = zip(lines[::2], lines[1::2], strict=True)
    assert [(line.split(": ")[0], line.split(": ")[1][:6], remedy) for line, remedy in pairs] == [
        (".github/CODEOWNERS:1:1", "OWN011", "  Add the file, with one line at least: `* @org/team`."),
        ("a.odcs.yaml:2:1", "FIL001", f"{leave} `exclude: [/a.odcs.yaml]`."),
        ("my schemas/a.schema.json:1:2", "FIL001", f'{leave} `exclude: ["/my schemas/a.schema.json"]`.'),
        ("schemas/ping.schema.json:1:2", "FIL001", f"{leave} `exclude: [/schemas/]`."),
    ]  # fmt: skip
    kept = ["/schemas/", "/my schemas/a.schema.json", "/a.odcs.yaml"]
    write(folder, {"standards.yaml": f"exclude: {json.dumps(kept)}\n", ".github/CODEOWNERS": "* @acme/flight-ops\n"})
    git(folder, "add", "--all")
    assert run(folder, "baseline").code == 0
    assert run(folder, "check", "--today", TODAY) == (0, "", "")


def test_a_change_without_its_version_is_no_old_fault(tmp_path: Path) -> None:
    folder = commit(repository(tmp_path, {**CLEAN, PATH: DEPARTED.replace("dep_", "departure_")}))
    write(folder, {PATH: CONTRACT.format("flights")})
    outcome = run(folder, "baseline")
    assert (outcome.code, "CON002" in outcome.out) == (1, True)
    assert not (folder / BASELINE).exists()


def test_what_was_drafted_is_no_old_fault(tmp_path: Path) -> None:
    folder = repository(tmp_path, {**SURE, "docs/b.md": "# B\n\nTODO\n", "docs/c.md": "# C\n\nTODO\n"})
    opened = snapshot(folder)

    def checked(unsaved: Mapping[str, bytes]) -> Result:
        return engine.run(opened._replace(unsaved=unsaved), select([]))

    written = baseline.begin(checked, ["docs/b.md"])
    assert [finding.at.path for finding in written.left] == ["docs/b.md"]
    assert entries_of(folder) == ["DOC004 docs/c.md C 'TODO'", "DOC008 docs/a.md 'd.md'"]


OWNERLESS = CONTRACT.format("flights").replace('  name: "@acme/flight-ops"', "  description: Late flights.")


def test_what_nobody_answers_for_stands_first(tmp_path: Path) -> None:
    folder = begun(
        tmp_path,
        {
            **SURE,
            PATH: CONTRACT.format("flights").replace('  name: "@acme/flight-ops"', "  description: Late flights."),
        },
    )
    lines = (folder / BASELINE).read_text("utf-8").splitlines()
    assert lines[2:] == [
        "# First name the owners: nobody answers for these, and so nobody will correct the rest.",
        f'- "OWN001 {PATH} team"',
        "# All other findings.",
        "- \"DOC008 docs/a.md 'd.md'\"",
    ]
    only = begun(tmp_path / "only", {**CLEAN, PATH: OWNERLESS})
    assert len((only / BASELINE).read_text("utf-8").splitlines()) == 4


SLOTS: dict[str, str | bytes] = {
    **CLEAN,
    "README.md": "# Late\n\n## Owner\n\n@acme/flight-ops\n\n## Links\n\nSee [a](old.md).\n",
    PATH: DEPARTED,
}


@pytest.mark.parametrize(
    ("path", "old", "new", "found"),
    [
        ("README.md", "# Owner\n", "# Run\n", "DOC002 no section 'Owner' (or 'Owners', 'Contact')"),
        ("README.md", "old.md", "new.md", "DOC008 link to 'new.md', which is not tracked"),
        (PATH, "dep_gate", "departure_pct", "SCH004 name 'departure_pct' says 'pct', the company's word is 'percent'"),
    ],
)  # fmt: skip
def test_a_new_fault_never_takes_the_place_of_an_old_one(
    path: str, old: str, new: str, found: str, tmp_path: Path
) -> None:
    folder = begun(tmp_path, SLOTS)
    write(folder, {path: str(SLOTS[path]).replace(old, new)})
    outcome = run(folder, "check", "--select", "DOC,SCH,REV", "--today", TODAY)
    codes = [line.partition(": ")[2] for line in outcome.findings]
    assert found in codes
    assert any(line.startswith("REV007") for line in codes)


def test_a_moved_link_and_a_moved_section_stay_old(tmp_path: Path) -> None:
    folder = begun(tmp_path, SLOTS)
    write(folder, {"README.md": str(SLOTS["README.md"]).replace("## Links", "## Further pages")})
    assert run(folder, "check", "--today", TODAY) == (0, "", "")


def test_a_mapping_that_lacks_fewer_keys_is_corrected_in_part(tmp_path: Path) -> None:
    lacking = CONTRACT.format("flights").replace("version: 1.0.0\nstatus: active\n", "")
    folder = begun(tmp_path, {**CLEAN, PATH: lacking})
    assert entries_of(folder) == [f"CON001 {PATH} team 'version', 'status' are missing"]
    write(folder, {PATH: f"{lacking}version: 1.0.0\n"})
    assert run(folder, "check", "--select", "CON001,REV", "--today", TODAY) == (0, "", "")
    run(folder, "baseline", "--prune")
    assert entries_of(folder) == [f"CON001 {PATH} team 'status' is missing"]
    assert run(folder, "check", "--select", "CON001,REV", "--today", TODAY) == (0, "", "")
    write(folder, {PATH: f"{lacking}status: active\n"})
    assert run(folder, "check", "--select", "CON001,REV", "--today", TODAY).findings == [
        f"{PATH}:1:1: CON001 'version' is missing",
        f"{BASELINE}:3:3: REV007 \"CON001 {PATH} team 'status' is missing\" is no longer found",
    ]


FORMER = """\
- DOC002 README.md
- "DOC002 README.md #2"
- DOC008 README.md Links
- SCH004 contracts/flights.odcs.yaml flights.dep_gate
"""


def test_a_list_of_the_last_version_holds_and_is_renewed_by_one_command(tmp_path: Path) -> None:
    folder = commit(repository(tmp_path, {**SLOTS, BASELINE: FORMER}))
    assert run(folder, "check", "--today", TODAY) == (0, "", "")
    told = "standards.baseline.yaml holds 4 findings, 4 of them under a new name. Commit it.\n"
    assert run(folder, "baseline", "--prune").out == told
    assert entries_of(folder)[0] == "DOC002 README.md 'Run'"
    assert run(folder, "check", "--today", TODAY) == (0, "", "")
    commit(folder)
    assert run(folder, "check", "--today", TODAY) == (0, "", "")


OLD_PLACES: dict[str, str | bytes] = {
    **CLEAN,
    PATH: DEPARTED,
    "old docs/a page.md": "# A\n\n[c](d.md)\n",
    "team/project.yaml": 'name: Late\nowner: "@acme/flight-ops"\n',
}


def test_entries_follow_files_and_folders_that_move(tmp_path: Path) -> None:
    folder = begun(tmp_path, OLD_PLACES)
    git(folder, "branch", "base")
    assert "DOC001 team/README.md" in entries_of(folder)
    for old, new in (("contracts", "sub/contracts"), ("old docs", "new"), ("team", "teams/late")):
        (folder / new).parent.mkdir(exist_ok=True)
        git(folder, "mv", old, new)
    before = (folder / BASELINE).read_bytes()
    words = ("check", "--today", TODAY)
    assert run(folder, *words) == run(commit(folder), *words) == run(folder, *words, "--base", "base") == (0, "", "")
    git(folder, "mv", "new", "newer")
    write(folder, {"docs/z.md": "# Z\n\nWords.\n"})
    assert run(commit(folder), *words) == (0, "", "")
    assert (folder / BASELINE).read_bytes() == before
    told = "standards.baseline.yaml holds 3 findings, 3 of them under a new name. Commit it.\n"
    assert run(folder, "baseline", "--prune").out == told
    assert entries_of(folder) == [
        "DOC001 teams/late/README.md",
        "DOC008 newer/a page.md 'd.md'",
        "SCH004 sub/contracts/flights.odcs.yaml flights.dep_gate 'dep'",
    ]
    assert run(folder, *words) == run(folder, *words, "--base", "base") == (0, "", "")
    assert run(commit(folder), *words, "--base", "base") == (0, "", "")


def test_a_file_that_is_gone_takes_its_entries_along_and_a_new_one_brings_none(tmp_path: Path) -> None:
    folder = begun(tmp_path, SURE)
    git(folder, "rm", "--quiet", "docs/a.md")
    commit(folder)
    write(folder, {"docs/b.md": "# Something else\n\nAbout another thing, with a [link](e.md).\n"})
    git(folder, "add", "--all")
    assert findings(folder) == [
        "docs/b.md:3:36: DOC008 link to 'e.md', which is not tracked",
        f"{BASELINE}:3:3: REV007 \"DOC008 docs/a.md 'd.md'\" is no longer found",
    ]


DOCK: dict[str, str | bytes] = {**SURE, PATH: DEPARTED.replace("dep_gate", "dock_gate")}
GLOSSARY = 'glossary:\n  station: {means: "where bicycles are docked", not: [dock]}\n'


def test_a_new_word_of_the_glossary_is_taken_in_and_no_new_fault(tmp_path: Path) -> None:
    folder = begun(tmp_path, DOCK)
    git(folder, "branch", "base")
    write(folder, {"standards.yaml": GLOSSARY, "docs/a.md": "# A\n\n[c](d.md) [e](f.md)\n"})
    git(folder, "add", "--all")
    outcome = run(folder, "baseline", "--update", "--today", TODAY)
    assert (outcome.code, outcome.out.splitlines()) == (
        1,
        [
            f"{BASELINE} holds 2 findings, 1 of them new: today's rules find them in the old files, too. Commit it.",
            "1 finding cannot be in the list:",
            "docs/a.md:3:15: DOC008 link to 'f.md', which is not tracked",
            "  Correct the link, or remove it together with its promise.",
        ],
    )
    write(folder, {"docs/a.md": SURE["docs/a.md"]})
    words = ("check", "--today", TODAY)
    assert run(folder, *words) == run(commit(folder), *words) == run(folder, *words, "--base", "base") == (0, "", "")
    again = f"{BASELINE} holds 2 findings, none of them new. Commit it.\n"
    assert run(folder, "baseline", "--update", "--today", TODAY) == (0, again, "")


def test_the_list_grows_by_nothing_that_the_base_had_not(tmp_path: Path) -> None:
    folder = begun(tmp_path, DOCK)
    git(folder, "branch", "base")
    more = str(DOCK[PATH]).replace("apiVersion", FIELD.partition("\n")[2].replace("dep_", "dock_port_") + "apiVersion")
    write(folder, {PATH: more.replace("version: 1.0.0", "version: 1.1.0"), "standards.yaml": GLOSSARY})
    git(folder, "mv", "contracts", "agreed")
    commit(folder)
    outcome = run(folder, "baseline", "--update", "--base", "base", "--today", TODAY)
    assert (outcome.code, "dock_port_gate" in outcome.out) == (1, True)
    assert "SCH004 agreed/flights.odcs.yaml flights.dock_gate 'dock'" in entries_of(folder)
    text = (folder / BASELINE).read_text("utf-8")
    forged = "- \"SCH004 agreed/flights.odcs.yaml flights.dock_port_gate 'dock'\"\n"
    write(folder, {BASELINE: text + forged})
    grown = "REV008 \"SCH004 agreed/flights.odcs.yaml flights.dock_port_gate 'dock'\" is new"
    assert findings(folder, "--base", "base") == [f"{BASELINE}:5:3: {grown}"]


def test_update_and_prune_are_one_or_the_other(tmp_path: Path) -> None:
    why = "ml-checks: --update prunes, too; leave out --prune\n"
    assert run(repository(tmp_path, OLD), "baseline", "--update", "--prune") == (2, "", why)
    assert run(tmp_path, "baseline", "--update") == (2, "", f"ml-checks: there is no {BASELINE} to update\n")


def test_before_the_first_commit_nothing_is_old(tmp_path: Path) -> None:
    folder = repository(tmp_path, OLD)
    run(folder, "baseline")
    why = "ml-checks: git refuses: fatal: Not a valid object name HEAD\n"
    assert run(folder, "baseline", "--update") == (2, "", why)


def test_before_the_first_commit_nothing_has_moved(tmp_path: Path) -> None:
    folder = repository(tmp_path, OLD)
    run(folder, "baseline")
    (folder / "docs").rename(folder / "pages")
    git(folder, "add", "--all")
    assert findings(folder) == [
        "pages/a.md:1:5: DOC008 link to 'd.md', which is not tracked",
        f"{BASELINE}:8:3: REV007 \"DOC008 docs/a.md 'd.md'\" is no longer found",
    ]


def test_where_git_cannot_tell_what_moved_the_run_ends(tmp_path: Path) -> None:
    origin = begun(tmp_path / "origin", {**SURE, "docs/b.md": "# B\n\n[c](d.md)\n"})
    git(origin, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", "--filter=blob:none", "--no-checkout", f"file://{origin}", "copy")
    folder = tmp_path / "copy"
    git(folder, "read-tree", "HEAD")
    git(folder, "checkout", "--quiet", "HEAD", "--", *[path for path in SURE if path != "docs/a.md"], BASELINE)
    git(folder, "remote", "set-url", "origin", f"file://{tmp_path}/gone")
    write(folder, {"docs/b.md": "# Another\n\n[c](e.md)\n", "docs/z.md": "# A\n\nWords.\n\n[c](d.md)\n"})
    git(folder, "rm", "--quiet", "--cached", "docs/a.md")
    git(folder, "add", "--all")
    outcome = run(folder, "check", "--today", TODAY)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.endswith("; a partial clone needs its remote to tell which files moved\n")
