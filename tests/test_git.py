"""Git as it is used: whatever the environment, the history and the clone are like, what is unknown is said."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.command import CLEAN, COMMAND, CONTRACT, README, TODAY, Outcome, repository, run, write
from tests.conftest import commit, git
from tests.history import FIELD, FLIGHTS, LOST, PATH, committed

if TYPE_CHECKING:
    from pathlib import Path

RENAMED = "field 'carrier_code' of dataset 'flights' was renamed to 'airline_code'"
GUIDE = "---\ndescribes: [model.py]\n---\n# Guide\n\nHow the model is run.\n"


NAME_ONE = "name a branch, a tag or a commit, and fetch first what only the remote has"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project without a fault, committed on its branch `main`."""
    return committed(tmp_path / "project")


def clone(origin: Path, folder: Path, *options: str) -> Path:
    """Clone over git's own protocol, which alone knows shallow and partial clones."""
    git(origin, "config", "uploadpack.allowFilter", "true")
    git(origin.parent, "clone", "--quiet", *options, f"file://{origin}", str(folder))
    return folder


def within(folder: Path, *words: str, **environment: str) -> Outcome:
    """Run `ml-checks WORDS` with these settings in the environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return run(folder, *words)


def version(number: str, text: str = FLIGHTS) -> dict[str, str | bytes]:
    return {PATH: text.replace("version: 1.0.0", f"version: {number}")}


@pytest.mark.parametrize("place", [".", "contracts"])
@pytest.mark.parametrize("kind", ["bare", "absolute", "relative"])
def test_the_environment_may_say_where_the_repository_is(kind: str, place: str, project: Path, tmp_path: Path) -> None:
    tree, where = project, str(project / ".git")
    if kind == "bare":
        git(tmp_path, "clone", "--quiet", "--bare", "project", "bare.git")
        tree, where = tmp_path / "tree", str(tmp_path / "bare.git")
        tree.mkdir()
        git(tree, f"--git-dir={where}", f"--work-tree={tree}", "checkout", "--force", "main")
    write(tree, {PATH: CONTRACT.format("flights")})
    start = tree / place
    paths = (os.path.relpath(where, start), os.path.relpath(tree, start)) if kind == "relative" else (where, str(tree))
    outcome = within(start, "check", "--select", "CON", GIT_DIR=paths[0], GIT_WORK_TREE=paths[1])
    assert (outcome.code, outcome.findings, outcome.err) == (1, [f"{PATH}:4:5: CON002 {LOST}"], "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("GIT_GLOB_PATHSPECS", "1"),
        ("GIT_ICASE_PATHSPECS", "1"),
        ("GIT_PREFIX", "contracts/"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_CEILING_DIRECTORIES", "/nowhere"),
        ("GIT_CONFIG_PARAMETERS", "'core.quotePath'='false' 'log.follow'='true' 'diff.renames'='copies'"),
        ("GIT_EXTERNAL_DIFF", "false"),
        ("GIT_DIFF_OPTS", "-u9"),
        ("GIT_PAGER", "false"),
    ],
)
def test_settings_in_the_environment_change_no_finding(name: str, value: str, project: Path) -> None:
    write(project, {"docs/ä guide.md": GUIDE, "docs/model.py": "x = 1\n", "model.py": "x = 1\n"})
    old = git(project, "log", "-1", "--format=%ct").strip()
    commit(project)
    write(project, {"model.py": "x = 2\n", PATH: CONTRACT.format("flights")})
    outcome = within(project, "check", "--today", "2027-01-01", ML_CHECKS_CACHE="", **{name: value})
    assert outcome.findings == [f"{PATH}:4:5: CON002 {LOST}"]
    git(project, "add", "--all")
    outcome = within(project, "check", "--today", "2027-01-01", ML_CHECKS_CACHE="", **{name: value})
    stale = "docs/ä guide.md:2:13: DOC009 'model.py' changed 365 days after this page"
    assert (old, outcome.findings) == ("1767225600", [f"{PATH}:4:5: CON002 {LOST}", stale])


def test_a_partial_commit_is_judged_by_its_own_index(project: Path) -> None:
    shutil.copy(project / ".git" / "index", project / ".git" / "next-index")
    write(project, {"docs/new.md": "# New\n\n[a](gone.md)\n"})
    git(project, "add", "--all")
    assert run(project, "check").code == 1
    assert within(project, "check", GIT_INDEX_FILE=str(project / ".git" / "next-index")) == (0, "", "")


def test_a_hook_of_git_says_where_its_repository_is(project: Path) -> None:
    hook = project / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec {COMMAND} check --select CON\n", "utf-8")
    hook.chmod(0o755)
    git(project, "worktree", "add", "--quiet", "../linked")
    linked = project.parent / "linked"
    write(linked, {"README.md": f"{README}\nMore.\n"})
    git(linked, "commit", "--quiet", "--message", "Only the page", "README.md")
    write(linked, {PATH: CONTRACT.format("flights")})
    with pytest.raises(subprocess.CalledProcessError):
        git(linked, "commit", "--quiet", "--message", "The contract", PATH)
    assert git(linked, "log", "--format=%s").splitlines() == ["Only the page", "Change"]


def test_a_submodule_is_a_repository_of_its_own(project: Path, tmp_path: Path) -> None:
    outer = commit(repository(tmp_path / "outer", CLEAN))
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(project), "inner")
    write(outer, {f"inner/{PATH}": CONTRACT.format("flights")})
    assert run(outer, "check") == (0, "", "")
    assert run(outer / "inner" / "contracts", "check").findings == [f"{PATH}:4:5: CON002 {LOST}"]


def test_a_ceiling_hides_what_is_above_it(project: Path) -> None:
    outcome = within(project / "contracts", "check", GIT_CEILING_DIRECTORIES=str(project))
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("ml-checks: git refuses: fatal: not a git repository (or any of the parent")


def test_a_repository_of_somebody_else_is_refused_with_what_trusts_it(project: Path) -> None:
    outcome = within(project, "check", GIT_TEST_ASSUME_DIFFERENT_OWNER="1", GIT_CONFIG_GLOBAL=os.devnull)
    told = f"git refuses: fatal: detected dubious ownership in repository at '{project}'"
    trust = f"if you trust it, `git config --global --add safe.directory {project}` says so"
    assert outcome == (2, "", f"ml-checks: {told}; {trust}\n")


def test_a_bare_repository_has_nothing_to_check(project: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(project), "bare.git")
    why = "'.' is a bare repository, which has no files to check; run the checks in a clone of it"
    assert run(tmp_path / "bare.git", "check") == (2, "", f"ml-checks: {why}\n")


def test_git_looks_on_above_an_empty_folder_of_its_name(project: Path) -> None:
    (project / "contracts" / ".git").mkdir()
    assert run(project / "contracts", "check") == (0, "", "")


def test_a_last_commit_that_cannot_be_read_is_no_empty_history(project: Path) -> None:
    tree = git(project, "rev-parse", "HEAD^{tree}").strip()
    (project / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    assert run(project, "check") == (2, "", "ml-checks: git refuses: error: bad tree object HEAD\n")


def crosswise(project: Path, first: dict[str, str | bytes], second: dict[str, str | bytes]) -> None:
    """Let `main` and `branch` change files and merge each other's change, so that they left each other twice."""
    git(project, "branch", "branch")
    write(project, first)
    commit(project)
    git(project, "checkout", "--quiet", "branch")
    write(project, second)
    commit(project)
    git(project, "tag", "second")
    git(project, "merge", "--quiet", "--no-edit", "main")
    git(project, "checkout", "--quiet", "main")
    git(project, "merge", "--quiet", "--no-edit", "second")
    git(project, "checkout", "--quiet", "branch")
    assert len(git(project, "merge-base", "--all", "main", "branch").split()) == 2


@pytest.mark.parametrize("is_first", [True, False], ids=["from main", "from the branch"])
def test_after_merges_crosswise_only_what_differs_from_both_beginnings_is_new(is_first: bool, project: Path) -> None:  # noqa: FBT001  # a column
    added = FIELD.format("carrier_code") + FIELD.format("gate_code").partition("\n")[2]
    wider = version("1.1.0", FLIGHTS.replace(FIELD.format("carrier_code"), added))
    other: dict[str, str | bytes] = {"docs/other.md": "# Other\n\nSome words.\n"}
    crosswise(project, *((wider, other) if is_first else (other, wider)))
    assert run(project, "check", "--select", "CON", "--base", "main") == (0, "", "")
    write(project, {PATH: str(wider[PATH]).replace("name: gate_code", "name: gate")})
    lost = "field 'gate_code' of dataset 'flights' was renamed to 'gate', which needs version 2.0.0"
    found = run(project, "check", "--select", "CON", "--base", "main").findings
    assert [line.partition(";")[0] for line in found] == [f"{PATH}:11:9: CON002 {lost}"]


def test_crosswise_merges_of_histories_that_share_no_commit_have_no_common_beginning(project: Path) -> None:
    git(project, "checkout", "--quiet", "--orphan", "branch")
    git(project, "commit", "--quiet", "--message", "Another beginning")
    git(project, "tag", "second")
    git(project, "merge", "--quiet", "--no-edit", "--allow-unrelated-histories", "main")
    git(project, "checkout", "--quiet", "main")
    git(project, "merge", "--quiet", "--no-edit", "--allow-unrelated-histories", "second")
    write(project, {PATH: CONTRACT.format("flights")})
    assert run(project, "check", "--select", "CON", "--base", "branch").findings == [f"{PATH}:4:5: CON002 {LOST}"]


@pytest.mark.parametrize(
    ("base", "why"),
    [
        ("mian", "git knows no commit 'mian'; did you mean 'main'?"),
        ("HEAD:README.md", f"git knows no commit 'HEAD:README.md'; {NAME_ONE}"),
        ("-x", "--base '-x' is no commit; name a branch, a tag or the id of a commit"),
        ("other", "'other' and HEAD share no commit; name the branch that this one was made from"),
    ],
)  # fmt: skip
def test_a_base_that_is_none_says_why(base: str, why: str, project: Path) -> None:
    git(project, "checkout", "--quiet", "--orphan", "other")
    git(project, "commit", "--quiet", "--message", "Another beginning")
    git(project, "checkout", "--quiet", "main")
    assert run(project, "check", f"--base={base}") == (2, "", f"ml-checks: {why}\n")


def test_a_shallow_history_that_ends_too_early_says_so(project: Path, tmp_path: Path) -> None:
    git(project, "checkout", "--quiet", "-b", "branch")
    write(project, {"docs/a.md": "# A\n"})
    commit(project)
    copy = clone(project, tmp_path / "copy", "--depth=1", "--no-single-branch")
    git(project, "checkout", "--quiet", "main")
    commit(project)
    git(copy, "fetch", "--quiet", "--depth=1", "origin", "main")
    why = "the history of this clone is shallow, and ends before the branch left 'origin/main'"
    todo = "so nothing can be compared; run `git fetch --unshallow`"
    assert run(copy, "check", "--base", "origin/main") == (2, "", f"ml-checks: {why}, {todo}\n")


def test_before_the_first_commit_there_is_nothing_to_compare(tmp_path: Path) -> None:
    folder = repository(tmp_path, CLEAN)
    git(folder, "commit", "--quiet", "--message", "Begin")
    git(folder, "branch", "begun")
    git(folder, "checkout", "--quiet", "--orphan", "empty")
    why = "there is no commit yet that could be compared with 'begun'; commit first, or leave out --base"
    assert run(folder, "check", "--base", "begun") == (2, "", f"ml-checks: {why}\n")


@pytest.mark.parametrize(
    ("more", "others"),
    [
        ({}, ""),
        pytest.param({"contracts/gates.odcs.yaml": CONTRACT.format("gates").replace("id: f", "id: g")},
                     " and of 1 other file", id="two"),
    ],
)  # fmt: skip
def test_a_partial_clone_without_its_remote_says_what_was_not_checked(
    more: dict[str, str | bytes], others: str, project: Path, tmp_path: Path
) -> None:
    write(project, more)
    commit(project)
    git(project, "checkout", "--quiet", "-b", "feature")
    write(project, {path: str(text).replace("One row", "One line") for path, text in {PATH: FLIGHTS, **more}.items()})
    commit(project)
    copy = clone(project, tmp_path / "copy", "--filter=blob:none", "--branch=feature")
    git(copy, "remote", "set-url", "origin", f"file://{tmp_path}/gone")
    path = min({PATH, *more})
    why = f"the earlier content of {path}{others} is not in this partial clone, and its remote was not reached"
    told = (
        f"ml-checks: CON002, CON003, CON004 and CON005 were not checked: {why}; go online, or clone without --filter\n"
    )
    outcome = run(copy, "check", "--base", "origin/main")
    assert outcome == (2, "", told)
    assert run(copy, "baseline", "--base", "origin/main").code == 2
    assert "were not checked" in run(copy, "check", "--base", "origin/main", "--format", "json").out
    git(copy, "remote", "set-url", "origin", f"file://{project}")
    assert run(copy, "check", "--base", "origin/main").code == 1


def test_a_partial_clone_without_trees_and_remote_is_told_in_gits_words(project: Path, tmp_path: Path) -> None:
    git(project, "checkout", "--quiet", "-b", "feature")
    write(project, {"README.md": f"{README}\nMore.\n"})
    commit(project)
    copy = clone(project, tmp_path / "copy", "--filter=tree:0", "--branch=feature")
    git(copy, "remote", "set-url", "origin", f"file://{tmp_path}/gone")
    outcome = run(copy, "check", "--base", "origin/main")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("ml-checks: git refuses: fatal: ")
    assert "; a partial clone needs its remote to compare with " in outcome.err


def test_a_shallow_clone_says_that_it_does_not_know_when_pages_changed_and_keeps_nothing(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, {"docs/guide.md": GUIDE, "docs/more.md": GUIDE, "model.py": "x = 1\n"})
    commit(project)
    write(project, {"model.py": "x = 2\n"})
    git(project, "add", "--all")
    monkeypatch.setenv("ML_CHECKS_CACHE", str(tmp_path / "cache"))
    commit(project)
    copy = clone(project, tmp_path / "copy", "--depth=1")
    told = "this clone does not reach back to when docs/guide.md and 1 other page last changed"
    expected = (2, "", f"ml-checks: DOC009 was not checked: {told}; run `git fetch --unshallow`\n")
    for _ in range(2):
        assert run(copy, "check", "--select", "DOC009", "--today", TODAY) == expected
    git(copy, "fetch", "--quiet", "--unshallow")
    assert run(copy, "check", "--select", "DOC009", "--today", TODAY) == (0, "", "")
    (kept,) = (tmp_path / "cache").glob("changed-*")
    assert kept.stat().st_size > 0


SPARSE: dict[str, str | bytes] = {
    **CLEAN,
    PATH: FLIGHTS.replace("carrier_code", "dep_code"),
    "docs/a.md": "# A\n\n[b](gone.md)\n",
    "data/sample.csv": "id,email\n1,jane.doe@gmail.com\n",
}


@pytest.fixture
def sparse(tmp_path: Path) -> Path:
    """Return a project with faults inside and outside of what is in the work tree."""
    folder = commit(repository(tmp_path / "sparse", SPARSE))
    git(folder, "sparse-checkout", "set", "docs")
    assert not (folder / PATH).exists()
    return folder


def test_what_a_sparse_checkout_leaves_out_is_judged_too(sparse: Path, tmp_path: Path) -> None:
    whole = commit(repository(tmp_path / "whole", SPARSE))
    expected = run(whole, "check").findings
    assert {line.split()[1] for line in expected} >= {"SCH004", "DOC008", "CON014"}
    for _ in range(2):
        assert run(sparse, "check").findings == expected
    write(sparse, {PATH: FLIGHTS})
    assert [line for line in run(sparse, "check").findings if "SCH004" in line] == []


@pytest.mark.parametrize(("present", "missing"), [("docs", ".github/CODEOWNERS"), (".github docs", PATH)])
def test_what_is_neither_there_nor_to_be_had_is_one_sentence(
    present: str, missing: str, sparse: Path, tmp_path: Path
) -> None:
    copy = clone(sparse, tmp_path / "copy", "--filter=blob:none", "--no-checkout")
    git(copy, "sparse-checkout", "set", *present.split())
    git(copy, "checkout", "--quiet")
    git(copy, "remote", "set-url", "origin", f"file://{tmp_path}/gone")
    why = f"{missing} is neither in the work tree nor in this partial clone, and its remote was not reached"
    told = f"ml-checks: {why}; go online, or add it with `git sparse-checkout add`\n"
    assert run(copy, "check") == (2, "", told)
    assert run(copy, "check", "--select", "OWN004").code == 2


def test_the_standards_of_a_project_are_not_left_out_in_silence(tmp_path: Path) -> None:
    folder = commit(repository(tmp_path, {**CLEAN, "standards.yaml": "exclude: [/docs/]\n", "docs/a.md": "# A\n"}))
    git(folder, "sparse-checkout", "set", "--no-cone", "/docs/")
    why = "standards.yaml is left out of this sparse checkout; add it: `git sparse-checkout add standards.yaml`"
    assert run(folder, "check") == (2, "", f"ml-checks: {why}\n")
