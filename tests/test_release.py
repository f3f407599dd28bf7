"""`make release` does by itself what a release is, on a clone, and refuses what is not ready."""

from __future__ import annotations

import re
import runpy
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ROOT, commit, git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SCRIPT: dict[str, Any] = runpy.run_path(str(ROOT / "scripts" / "release.py"))
NEWS = "## [Unreleased]\n\n### Added\n\n- A rule.\n\n### Migrating\n\nNothing.\n"
LOG = f"# Changelog\n\n{NEWS}\n## [0.1.0] - 2026-01-01\n\n### Added\n\n- All.\n\n### Migrating\n\nNothing.\n"
FILES = {
    "CHANGELOG.md": LOG,
    "README.md": "rev: v0.1.0\nrev: v0.1.01\n",
    "docs/a.md": "git+https://github.com/org/ml-template@v0.1.0\n",
    "docs/b.md": "the hook, at v0.1.0\nversion 0.1.0 of a contract\n",
    "pyproject.toml": '[project]\nversion = "0.1.0"\n',
    "checks/ml_checks/__init__.py": '"""Checks."""\n\n__version__ = "0.1.0"\n',
}


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a clone of a repository of this form."""
    for name, text in FILES.items():
        (tmp_path / "origin" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "origin" / name).write_text(text, "utf-8")
    git(tmp_path / "origin", "init", "--quiet", "--template=")
    git(tmp_path / "origin", "symbolic-ref", "HEAD", "refs/heads/main")
    git(commit(tmp_path / "origin"), "tag", "v0.1.0")
    git(tmp_path, "clone", "--quiet", "origin", "clone")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@acme.example")
    return tmp_path / "clone"


def test_a_release_is_a_commit_and_a_tag(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert SCRIPT["main"](["0.2.0"], clone) == 0
    first = "v0.2.0 is committed and tagged. Publish it: git push origin main; and once CI is green there:\n"
    assert capsys.readouterr() == (f"{first}git push origin v0.2.0\n", "")
    assert git(clone, "log", "-1", "--format=%s %D").strip() == ("Release 0.2.0 HEAD -> main, tag: v0.2.0")
    assert git(clone, "status", "--porcelain") == ""
    now = {name: (clone / name).read_text("utf-8") for name in FILES}
    log = now.pop("CHANGELOG.md")
    assert now == {
        "README.md": "rev: v0.2.0\nrev: v0.1.01\n",
        "docs/a.md": "git+https://github.com/org/ml-template@v0.2.0\n",
        "docs/b.md": "the hook, at v0.2.0\nversion 0.1.0 of a contract\n",
        "pyproject.toml": '[project]\nversion = "0.2.0"\n',
        "checks/ml_checks/__init__.py": '"""Checks."""\n\n__version__ = "0.2.0"\n',
    }
    parted = re.sub(r"(?<=## \[0\.2\.0\] - )\d{4}-\d{2}-\d{2}", "DAY", log)
    assert parted == LOG.replace("## [Unreleased]\n", "## [Unreleased]\n\n## [0.2.0] - DAY\n", 1)
    # The next one has nothing to say yet.
    assert SCRIPT["main"](["0.3.0"], clone) == 1
    assert capsys.readouterr().err == "release: CHANGELOG.md has nothing under [Unreleased]; write what is new\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "say which version comes after 0.1.0: make release VERSION=1.2.3"),
        (["v0.2.0"], "say which version comes after 0.1.0: make release VERSION=1.2.3"),
        (["0.2.0", "0.3.0"], "say which version comes after 0.1.0: make release VERSION=1.2.3"),
        (["0.1.0"], "version 0.1.0 does not come after 0.1.0; choose a later one"),
        (["0.0.9"], "version 0.0.9 does not come after 0.1.0; choose a later one"),
    ],
)
def test_a_wrong_version_is_refused(
    arguments: list[str], sentence: str, clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert SCRIPT["main"](arguments, clone) == 1
    assert capsys.readouterr() == ("", f"release: {sentence}\n")


def other_branch(clone: Path) -> None:
    git(clone, "switch", "--quiet", "--create", "feature")


def no_branch(clone: Path) -> None:
    git(clone, "checkout", "--quiet", "--detach")


def taken(clone: Path) -> None:
    git(clone, "tag", "v0.2.0")


def untracked(clone: Path) -> None:
    (clone / "new.txt").write_text("", "utf-8")


def changed(clone: Path) -> None:
    (clone / "README.md").write_text("", "utf-8")


def nothing_new(clone: Path) -> None:
    log(clone, LOG.replace("- A rule.\n", ""))


def no_section(clone: Path) -> None:
    log(clone, LOG.replace(NEWS, ""))


def no_migrating(clone: Path) -> None:
    log(clone, LOG.replace("### Migrating\n\nNothing.\n", "", 1))


def log(clone: Path, text: str) -> None:
    (clone / "CHANGELOG.md").write_text(text, "utf-8")
    commit(clone)


@pytest.mark.parametrize(
    ("done", "sentence"),
    [
        (other_branch, "a release is made on main, and this is feature; switch to main"),
        (no_branch, "a release is made on main, and this is no branch; switch to main"),
        (taken, "there is a tag v0.2.0 already, and a tag never moves; choose a later version"),
        (untracked, "there is something that is not committed (new.txt); commit or remove it"),
        (changed, "there is something that is not committed (README.md); commit or remove it"),
        (nothing_new, "CHANGELOG.md has nothing under [Unreleased]; write what is new"),
        (no_section, "CHANGELOG.md has nothing under [Unreleased]; write what is new"),
        (no_migrating, "CHANGELOG.md has no Migrating under [Unreleased]; write what a project has to do, or nothing"),
    ],
)
def test_what_is_not_ready_is_refused_and_nothing_is_written(
    done: Callable[[Path], None], sentence: str, clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done(clone)
    before = git(clone, "rev-parse", "HEAD"), git(clone, "status", "--porcelain"), git(clone, "tag")
    assert SCRIPT["main"](["0.2.0"], clone) == 1
    assert capsys.readouterr() == ("", f"release: {sentence}\n")
    assert (git(clone, "rev-parse", "HEAD"), git(clone, "status", "--porcelain"), git(clone, "tag")) == before


def test_what_git_refuses_is_told_in_its_words(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hook = clone / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no >&2\nexit 1\n", "utf-8")
    hook.chmod(0o755)
    assert SCRIPT["main"](["0.2.0"], clone) == 1
    assert capsys.readouterr().err == "release: git refuses: no\n"
    assert (git(clone, "status", "--porcelain"), git(clone, "tag")) == ("", "v0.1.0\n")


def test_this_repository_is_of_this_form() -> None:
    for name, form in SCRIPT["WRITTEN"].items():
        version = git(ROOT, "show", f"HEAD:{name}")
        assert re.search(re.escape(form).replace(r"\{\}", r"\d+\.\d+\.\d+"), version), name
    assert SCRIPT["UNRELEASED"] in (ROOT / "CHANGELOG.md").read_text("utf-8")
