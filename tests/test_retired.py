"""A rule that is no more goes on to answer: to who asks for it, and where it is waived or listed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from ml_checks.errors import CannotRunError
from ml_checks.rules import retired, select
from ml_checks.rules.run import BASELINE

from tests.command import CLEAN, TODAY, repository, run, write
from tests.conftest import ROOT, git

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

REALLY_RETIRED = tuple(retired.RETIRED)
FAULTY = {**CLEAN, "docs/a.md": "[b](c.md)\n"}
WAIVER = """\
waivers:
  - {code: %s, path: docs/a.md, reason: the page moves, owner: "@acme/flight-ops", until: 2026-12-31}
"""


@pytest.fixture(autouse=True)
def some_are_retired(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retire a rule that was renamed twice, one that was split, one without a successor, and a whole family."""
    monkeypatch.setattr(retired, "RETIRED", {})
    monkeypatch.setattr("ml_checks.run.waivers.RETIRED", retired.RETIRED)
    retired.retire("DOC090", "0.2.0", "it was about links", "DOC091")
    retired.retire("DOC091", "0.3.0", "it was about links, too", "DOC008")
    retired.retire("DOC092", "0.3.0", "it was two rules", "DOC008", "SCH004")
    retired.retire("DOC093", "0.3.0", "it was mostly wrong")
    retired.retire("LNK001", "0.3.0", "links are documentation", "DOC008")
    retired.retire("LNK002", "0.3.0", "no file is", "FIL001")


def test_no_code_is_used_twice() -> None:
    with pytest.raises(ValueError, match="DOC090 is another rule"):
        retired.retire("DOC090", "0.4.0", "it is back")
    select([])
    with pytest.raises(ValueError, match="DOC008 is another rule"):
        retired.retire("DOC008", "0.4.0", "it is there")


def test_explain_says_what_took_its_place(tmp_path: Path) -> None:
    folder = repository(tmp_path, CLEAN)
    now = run(folder, "explain", "DOC008").out
    said = run(folder, "explain", "doc090")
    assert (said.code, said.err) == (0, "")
    assert said.out == (
        "DOC090 is no more since version 0.2.0, because it was about links; its faults are found by DOC091.\n\n" + now
    )
    split = run(folder, "explain", "DOC092").out
    assert split == (
        "DOC092 is no more since version 0.3.0, because it was two rules; "
        f"its faults are found by DOC008 and SCH004.\n\n{now}\n{run(folder, 'explain', 'SCH004').out}"
    )
    assert run(folder, "explain", "DOC093").out == (
        "DOC093 is no more since version 0.3.0, because it was mostly wrong; no rule took its place.\n"
    )


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (["DOC090"], ["DOC008"]),
        (["DOC092"], ["SCH004", "DOC008"]),
        (["DOC092", "OWN001"], ["SCH004", "OWN001", "DOC008"]),
        (["LNK"], ["DOC008"]),
        (["DOC093"], []),
    ],
)
def test_a_selection_means_what_took_its_place(words: list[str], codes: list[str]) -> None:
    assert [code for code in select(words) if not code.startswith("FIL")] == codes
    with pytest.raises(CannotRunError, match="no rule has a code that begins with 'DOC099'"):
        select([*words, "DOC099"])


def test_its_findings_are_those_of_its_place(tmp_path: Path) -> None:
    folder = repository(tmp_path, FAULTY)
    found = ["docs/a.md:1:5: DOC008 link to 'c.md', which is not tracked"]
    assert run(folder, "check", "--select", "DOC090", "--today", TODAY).findings == found
    assert run(folder, "check", "--select", "DOC093", "--today", TODAY).code == 0


@pytest.mark.parametrize("code", ["DOC090", "DOC091", "DOC092", "LNK001"])
def test_a_waiver_waives_what_took_its_place(code: str, tmp_path: Path) -> None:
    folder = repository(tmp_path, {**FAULTY, "standards.yaml": WAIVER % code})
    assert run(folder, "check", "--today", TODAY) == (0, "1 finding waived; `ml-checks waivers` lists them.\n", "")
    write(folder, {"standards.yaml": WAIVER % f"{code}, key: ''"})
    assert run(folder, "check", "--today", TODAY).code == 0
    write(
        folder, {"standards.yaml": "", "docs/a.md": f"<!-- ml-checks: waive {code} until=2026-12-31 -->\n[b](c.md)\n"}
    )
    said = run(folder, "check", "--today", TODAY).findings
    assert [one.split()[1] for one in said] == ["REV002", "REV003", "DOC008"]


def test_a_waiver_of_a_rule_without_a_successor_is_of_no_use(tmp_path: Path) -> None:
    folder = repository(tmp_path, {**CLEAN, "standards.yaml": WAIVER % "DOC093", "docs/a.md": "# A\n"})
    said = run(folder, "check", "--today", TODAY).findings
    assert said == ["standards.yaml:2:5: REV006 no finding of DOC093 is left to waive"]


def test_what_cannot_be_waived_cannot_under_an_older_code(tmp_path: Path) -> None:
    folder = repository(tmp_path, {**CLEAN, "standards.yaml": WAIVER % "LNK002", "docs/a.md": "# A\n"})
    assert run(folder, "check", "--today", TODAY).findings == ["standards.yaml:2:5: REV001 LNK002 cannot be waived"]


def test_an_entry_of_the_baseline_lists_what_took_its_place(tmp_path: Path) -> None:
    files = {**FAULTY, "schemas/a.schema.json": '{"title": "a", "properties": {"cust": {"type": "string"}}}\n'}
    entries = ["DOC090 docs/a.md 'c.md'", "DOC092 schemas/a.schema.json properties.cust 'cust'", "DOC093 README.md"]
    folder = repository(tmp_path, {**files, BASELINE: "".join(f'- "{entry}"\n' for entry in entries)})
    gone = f"{BASELINE}:3:3: REV007 'DOC093 README.md' is no longer found"
    assert run(folder, "check", "--today", TODAY).findings == [gone]
    assert run(folder, "baseline", "--prune").code == 0
    assert run(folder, "check", "--today", TODAY).code == 0
    write(folder, {"docs/a.md": "# A\n"})
    gone = f"{BASELINE}:3:3: REV007 \"DOC090 docs/a.md 'c.md'\" is no longer found"
    assert run(folder, "check", "--today", TODAY).findings == [gone]


def test_an_entry_of_the_form_of_older_versions_does_too(tmp_path: Path) -> None:
    folder = repository(tmp_path, {**FAULTY, BASELINE: '- "DOC090 docs/a.md"\n'})
    assert run(folder, "check", "--today", TODAY).code == 0
    assert run(folder, "baseline", "--prune").code == 0
    assert "- \"DOC008 docs/a.md 'c.md'\"\n" in (folder / BASELINE).read_text("utf-8")


def versions() -> list[str]:
    """Return the commits of all versions, and the first that had rules."""
    first = git(ROOT, "log", "--format=%H", "--diff-filter=A", "--", "docs/rules.md").split()[-1:]
    return [*first, *git(ROOT, "tag", "--list", "v*").split()]


def forgotten(page: str, known: Iterable[str]) -> list[str]:
    """Return the rules on a page of rules that answer no more."""
    return sorted({*re.findall(r"^#+ ([A-Z]{3}[0-9]{3})$", page, re.MULTILINE)}.difference(known))


def test_each_rule_that_a_version_had_is_there_or_retired() -> None:
    for version in versions():
        page = git(ROOT, "show", f"{version}:docs/rules.md")
        assert forgotten(page, [*select([]), *REALLY_RETIRED]) == [], version
    assert forgotten("## SCH\n### SCH001\n### SCH999\n", select([])) == ["SCH999"]
