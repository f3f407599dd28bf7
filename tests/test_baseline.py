"""The baseline: what was there when the checks came stays quiet, and can only become less."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ml_checks.rules import select
from ml_checks.rules.registry import rule
from ml_checks.rules.run import BASELINE

from tests.command import CLEAN, TODAY, repository, run, write
from tests.conftest import commit, git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ml_checks.project.project import Project
    from ml_checks.values import Location

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
    assert findings(folder) == ["standards.baseline.yaml:8:3: REV007 'DOC008 docs/a.md' is no longer found"]
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
    (folder / BASELINE).write_text((folder / BASELINE).read_text("utf-8") + '- "DOC008 docs/a.md #2"\n', "utf-8")
    write(folder, {"docs/a.md": "[c](d.md) [e](f.md)\n"})
    assert findings(folder) == ["standards.baseline.yaml:9:3: REV008 'DOC008 docs/a.md #2' is new"]


@pytest.mark.parametrize("is_begun", [True, False], ids=["grown after it", "begun after it"])
def test_a_branch_lets_the_baseline_not_grow_from_commit_to_commit(tmp_path: Path, *, is_begun: bool) -> None:
    folder = repository(tmp_path, OLD)
    if is_begun:
        run(folder, "baseline")
    commit(folder)
    git(folder, "branch", "begun")
    write(folder, {"docs/a.md": "[c](d.md) [e](f.md)\n"})
    entries = (folder / BASELINE).read_text("utf-8") if is_begun else ""
    write(folder, {BASELINE: entries + '- "DOC008 docs/a.md #2"\n'})
    commit(folder)
    write(folder, {"docs/b.md": "# More\n"})
    commit(folder)
    assert [line for line in findings(folder) if "REV008" in line] == []
    grown = ["standards.baseline.yaml:9:3: REV008 'DOC008 docs/a.md #2' is new"]
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
    assert run(folder, "baseline").out == "Nothing is found, so there is nothing to put into a baseline.\n"
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
    outcome = run(repository(tmp_path, {**OLD, **files}), "baseline", *words)
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
    assert [line for line in findings(folder, "--select", "REV") if "FIL" not in line] == []
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
