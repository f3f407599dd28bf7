"""The engine: what it leaves out, what it asks git, what it imports, and that order changes nothing."""

from __future__ import annotations

import datetime
import os
from typing import TYPE_CHECKING

import pytest
from ml_checks.cli import FEW_PATHS
from ml_checks.errors import CannotRunError
from ml_checks.reading import command
from ml_checks.reading.command import Command
from ml_checks.reading.git import Repository
from ml_checks.rules import FAMILIES, select
from ml_checks.rules.registry import RULES

from tests.command import CLEAN, CONTRACT, TODAY, repository, run, spawn, write
from tests.conftest import git

if TYPE_CHECKING:
    from pathlib import Path

FOUND = ["contracts/flights.odcs.yaml:1:1: OWN001 contract declares no owner"]
# What a one-file run has no time to import; each costs a tenth of it or more.
HEAVY = {
    "argparse",
    "asyncio",
    "dataclasses",
    "difflib",
    "importlib.metadata",
    "inspect",
    "json",
    "jsonschema",
    "jsonschema_rs",
    "logging",
    "pathlib",
    "subprocess",
    "tempfile",
    "typing",
    "urllib.parse",
}


DATA = ("bin", "csv")
CODE = {
    **dict.fromkeys(
        [
            "Dockerfile",
            "dbt_project.yml",
            "k8s/job.yml",
            "model.py",
            "old.py",
            "other.yaml",
            "src/late/model.py",
            "train.sh",
        ],
        "",
    ),
    "docs/image.md": "---\ndescribes: [Dockerfile]\n---\n# The image\n",
    "standards.yaml": "extends: team.yaml\n",
    "team.yaml": "exclude: []\n",
}


@pytest.fixture(params=["small", "large"])
def size(request: pytest.FixtureRequest) -> int:
    """Return how many further files a repository has."""
    return {"small": 0, "large": FEW_PATHS}[request.param]


def committed(folder: Path, size: int) -> Path:
    """Return a repository with a fault, an old commit, and as many data files as `size`."""
    files: dict[str, str | bytes] = {f"data/{number}.{kind}": "" for number in range(size // 2) for kind in DATA}
    repository(folder, {**CLEAN, **files, "contracts/flights.odcs.yaml": "schema:\n", **CODE})
    git(folder, "commit", "--quiet", "--message", "All of it")
    return folder


@pytest.mark.parametrize(
    ("change", "is_relevant"),
    [
        ({"train.sh": "true\n"}, False),
        ({"data/0.bin": "1\n", "train.sh": "true\n"}, False),
        ({"data/0.csv": "1\n"}, True),
        ({"model.py": "DEPTH = 6\n"}, False),
        ({"model.py": "from pydantic import BaseModel\n"}, True),
        ({"src/late/model.py": "DEPTH = 6\n"}, True),
        ({"Dockerfile": "FROM python\n"}, True),
        ({"standards.yaml": "exclude: [old/]\n"}, True),
        ({"team.yaml": "exclude: [new/]\n"}, True),
        ({"other.yaml": "a: b\n"}, False),
        ({"other.yaml": "apiVersion: batch/v1\nkind: Job\n"}, True),
        ({"dbt_project.yml": "name: late\n"}, True),
        ({"README.md": "# Late arrivals\n"}, True),
        ({".github/CODEOWNERS": "* @acme/data\n"}, True),
        ({"k8s/job.yml": "kind: Job\n"}, True),
        ({"new.py": ""}, True),
        ({"old.py": None}, True),
        ({}, True),
    ],
    ids=[
        "code",
        "code and data",
        "a table that may be a sample",
        "code that is no part of the project",
        "code that holds a schema",
        "code that may hold a schema",
        "what a page describes",
        "the standards",
        "what they extend",
        "settings of another tool",
        "a workload by its content",
        "what says what others are",
        "a page",
        "owners",
        "a manifest",
        "a new file",
        "a deleted file",
        "nothing",
    ],
)
def test_a_large_repository_is_left_at_once_where_nothing_staged_can_matter(
    change: dict[str, str | None], size: int, tmp_path: Path, *, is_relevant: bool
) -> None:
    folder = committed(tmp_path, size)
    for path, text in change.items():
        if text is None:
            (folder / path).unlink()
        elif size or not path.startswith("data/"):
            write(folder, {path: text})
    git(folder, "add", "--all")
    outcome = run(folder, "check", "--if-staged", "--select", "OWN001")
    is_checked = is_relevant or not size
    assert (outcome.code, outcome.findings) == ((1, FOUND) if is_checked else (0, []))


def test_before_the_first_commit_everything_is_checked(size: int, tmp_path: Path) -> None:
    files = {f"data/{number}.csv": "" for number in range(size)}
    folder = repository(tmp_path, {**CLEAN, **files, "contracts/flights.odcs.yaml": "schema:\n"})
    assert run(folder, "check", "--if-staged", "--select", "OWN001").findings == FOUND


@pytest.fixture(params=[True, False], ids=["posix_spawn", "subprocess"])
def can_spawn(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Start git in each of the two ways."""
    monkeypatch.setattr(command, "CAN_SPAWN", request.param)
    return bool(request.param)


@pytest.mark.usefixtures("can_spawn")
def test_git_tells_the_same_however_it_is_started(tmp_path: Path) -> None:
    committed(tmp_path, 0)
    (tmp_path / "link").symlink_to("model.py")
    write(tmp_path, {"a\n\tb é": "", "model.py": "DEPTH = 6\n"})
    (tmp_path / "old.py").unlink()
    git(tmp_path, "add", "--all")
    opened = Repository(str(tmp_path))
    regular = {*CLEAN, *CODE, "a\n\tb é"} - {"old.py"}
    assert opened.paths == tuple(sorted({*regular, "link"}))
    assert opened.regular == regular
    assert opened.staged == {"a\n\tb é": "A", "link": "A", "model.py": "M", "old.py": "D"}
    today, committed_on = datetime.date.fromisoformat(TODAY), datetime.date(2026, 1, 1)
    asked = [["README.md"], ["model.py"], ["none.py"], ["none.py", "README.md"], ["README.md", "model.py"]]
    assert opened.last_changes(asked, today) == [committed_on, today, None, committed_on, today]


@pytest.mark.usefixtures("can_spawn")
def test_where_git_fails_its_own_words_are_told(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": "nonsense"})
    with pytest.raises(CannotRunError, match=r"^git refuses: fatal: not a git repository"):
        _ = Repository(str(tmp_path)).paths


@pytest.mark.usefixtures("can_spawn")
def test_where_git_fails_without_a_word_its_exit_status_is_told(tmp_path: Path) -> None:
    repository(tmp_path, CLEAN)
    command = Command(str(tmp_path), "diff", "--quiet", "--no-index", "README.md", ".github/CODEOWNERS")
    assert command.output() is None
    assert command.complaint() == "git refuses: exit status 1"


@pytest.mark.usefixtures("can_spawn")
def test_without_git_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository(tmp_path / "project", CLEAN)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotRunError, match=r"^git is not on the PATH"):
        Repository(str(tmp_path / "project"))


@pytest.mark.parametrize("where", ["a branch", "a commit", "a linked work tree"])
def test_when_a_page_last_changed_is_asked_once_a_commit(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ML_CHECKS_CACHE", str(tmp_path / "cache"))
    folder = committed(tmp_path / "project", 0)
    if where == "a commit":
        git(folder, "checkout", "--quiet", "--detach")
    if where == "a linked work tree":
        git(folder, "worktree", "add", "--quiet", "../linked")
        folder = tmp_path / "linked"
    day = [datetime.date(2026, 1, 1)]
    assert Repository(str(folder)).last_changes([["model.py"]], datetime.date.max) == day
    kept = [*(tmp_path / "cache").glob("changed-*")]
    assert len(kept) == (where != "a linked work tree")  # where it takes a process to know the commit
    for path in kept:
        os.utime(path, (0, 0))
    assert Repository(str(folder)).last_changes([["model.py"]], datetime.date.max) == day
    assert [path.stat().st_mtime for path in kept] == [0] * len(kept)
    git(folder, "commit", "--allow-empty", "--quiet", "--message", "Another")
    assert Repository(str(folder)).last_changes([["model.py"]], datetime.date.max) == day
    assert [path for path in kept if path.stat().st_mtime == 0] == []


def test_a_file_that_becomes_a_link_is_staged_as_another_type(tmp_path: Path) -> None:
    folder = committed(tmp_path, 0)
    (folder / "model.py").unlink()
    (folder / "model.py").symlink_to("train.sh")
    git(folder, "add", "--all")
    assert Repository(str(folder)).staged == {"model.py": "T"}


SIGNER = """\
#!/bin/sh
cat > /dev/null
echo "
[GNUPG:] SIG_CREATED " >&2
echo "-----BEGIN PGP SIGNATURE-----"
"""


def test_a_signature_is_no_time(tmp_path: Path) -> None:
    folder = committed(tmp_path / "project", 0)
    write(tmp_path, {"signer": SIGNER})
    (tmp_path / "signer").chmod(0o755)
    git(folder, "config", "gpg.program", str(tmp_path / "signer"))
    git(folder, "commit", "--quiet", "--amend", "--no-edit", "--gpg-sign=test")
    git(folder, "config", "log.showSignature", "true")
    assert "SIG_CREATED" in git(folder, "log")
    assert Repository(str(folder)).last_changes([["model.py"]], datetime.date.max) == [datetime.date(2026, 1, 1)]


def test_a_selection_imports_and_runs_no_other_family(tmp_path: Path) -> None:
    repository(tmp_path, CLEAN)
    assert {"owner_declared", "files_readable"} == {
        module.removeprefix("ml_checks.rules.")
        for module in imported(tmp_path, "--select", "OWN")
        if module.removeprefix("ml_checks.rules.") in {family.hook.replace("-", "_") for family in FAMILIES}
    }


def test_a_run_imports_nothing_heavy(tmp_path: Path) -> None:
    repository(tmp_path, {**CLEAN, "contracts/flights.odcs.yaml": CONTRACT.format("Flights")})
    assert imported(tmp_path, "--select", "SCH,OWN,DOC") & HEAVY == set()


def test_no_family_imports_anything_heavy_for_files_that_are_known(tmp_path: Path) -> None:
    table = "create table flights (origin_code varchar(3) not null);\n"
    repository(tmp_path, {**CLEAN, "schemas/flights.sql": table})
    git(tmp_path, "commit", "--quiet", "--message", "All of it")
    assert {"jsonschema_rs", "sqlglot"} <= imported(tmp_path)
    known = imported(tmp_path)
    assert (
        known
        & {*HEAVY, "sqlglot", "ml_checks.project.batch", "ml_checks.reading.markdown", "ml_checks.project.workers"}
        == set()
    )


def test_the_projects_standards_cost_imports_only_when_they_are_new(tmp_path: Path) -> None:
    repository(tmp_path, {**CLEAN, "standards.yaml": "exclude: [data/]\n"})
    assert "jsonschema_rs" in imported(tmp_path, "--select", "OWN")
    assert imported(tmp_path, "--select", "OWN") & HEAVY == set()
    write(tmp_path, {"standards.yaml": "exclude: [logs/]\n"})
    assert "jsonschema_rs" in imported(tmp_path, "--select", "OWN")


def imported(folder: Path, *words: str) -> set[str]:
    """Return the modules that a run of the command imports."""
    outcome = spawn(folder, "check", *words, PYTHONPROFILEIMPORTTIME="1")
    rows = [line for line in outcome.err.splitlines() if line.startswith("import time:")]
    assert len(rows) > 50
    return {row.rpartition("|")[2].strip() for row in rows}


def test_rules_run_by_family_and_those_on_files_last() -> None:
    codes = select([])
    assert list(dict.fromkeys(code[:3] for code in codes)) == [family.prefix for family in FAMILIES]
    assert set(codes) == set(RULES)
    assert [family.prefix for family in FAMILIES if family.is_always_selected] == ["FIL"]


def test_the_order_of_the_files_in_the_index_changes_nothing(tmp_path: Path) -> None:
    names = ["b", "a", "d", "c"]
    files: dict[str, str | bytes] = {f"contracts/{name}.odcs.yaml": "id: yes\n" for name in names}
    outcomes = []
    for order in (names, sorted(names)):
        folder = repository(tmp_path / "".join(order), CLEAN)
        for name in order:
            write(folder, {path: text for path, text in files.items() if path.startswith(f"contracts/{name}.")})
            git(folder, "add", "--all")
        outcomes.append(run(folder, "check"))
    assert outcomes[0] == outcomes[1]
    # Three faults in each, and all but the first have the id of another.
    assert len(outcomes[0].findings) == 3 * len(names) + len(names[1:])
