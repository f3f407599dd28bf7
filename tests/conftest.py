"""Fixtures: the template as it lies in the work tree, and a machine to bake it on."""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
from hypothesis import settings
from ml_checks.rules.registry import RULES

from tests import effort
from tests.machine import Machine, fresh_machine

if TYPE_CHECKING:
    from collections.abc import Iterator

# Here, because the command line may ask for another one.
settings.load_profile(effort.QUICK)
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def cache_apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests out of the cache of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ML_CHECKS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def rules_taken_back() -> Iterator[None]:
    """Take back the rules that a test registers; the others are the package's own."""
    yield
    for code, rule in [*RULES.items()]:
        if not rule.function.__module__.startswith("ml_checks."):
            del RULES[code]


class Bake(Protocol):
    """Generates a project from the template in the work tree."""

    def __call__(self, *options: str, **answers: str) -> Path:
        """Return the project's folder."""


def git(folder: Path, *arguments: str) -> str:
    """Run git for the test itself, with a name and a date that make the same commit each time."""
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgSign=false")
    date = {"GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}
    return subprocess.run(
        ["git", *identity, *arguments],
        cwd=folder,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, **date},
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout


def commit(folder: Path) -> Path:
    """Commit whatever has changed, and nothing if nothing has."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "Change")
    return folder


@pytest.fixture(scope="session")
def version() -> str:
    """Return this repository's version."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, version: str) -> Path:
    """Return a repository with the files of the work tree, committed or not, and the version's tag."""
    copy = tmp_path_factory.mktemp("template") / "ml-template"
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():  # not those that are deleted but still in the index
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    git(copy, "init", "--quiet", "--template=")
    git(copy, "symbolic-ref", "HEAD", "refs/heads/main")
    git(copy, "add", "--all")
    git(copy, "commit", "--quiet", "--message", f"Version {version}")
    git(copy, "tag", f"v{version}")
    return copy


@pytest.fixture(scope="session")
def github(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Path:
    """Return the folder that stands in for github.com; it holds `org/ml-template`."""
    host = tmp_path_factory.mktemp("github")
    git(host, "clone", "--quiet", "--bare", str(template), str(host / "org" / "ml-template.git"))
    return host


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all workers of this test run share, for the environments of the hooks."""
    base = tmp_path_factory.getbasetemp()
    return base.parent / "shared" if "PYTEST_XDIST_WORKER" in os.environ else base / "shared"


@pytest.fixture(scope="session")
def resolved(tmp_path_factory: pytest.TempPathFactory, github: Path, template: Path, shared: Path) -> dict[str, str]:
    """Let uv ask the registry once what a project needs; return settings by which it locks others from memory."""
    machine = fresh_machine(tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("first"), github, shared)
    machine.ok("cookiecutter", template, "--no-input")
    return {"UV_OFFLINE": "1"}


@pytest.fixture
def online(tmp_path: Path, github: Path, shared: Path) -> Machine:
    """Return a fresh machine."""
    home, folder = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    folder.mkdir()
    return fresh_machine(home, folder, github, shared)


@pytest.fixture
def machine(online: Machine, resolved: dict[str, str]) -> Machine:
    """Return the same where uv asks nobody: most tests only generate, and to ask takes longer than all else."""
    return online.with_settings(**resolved)


@pytest.fixture
def bake(machine: Machine, template: Path) -> Bake:
    """Return the function that generates a project on the fresh machine."""

    def generate(*options: str, **answers: str) -> Path:
        given = [f"{name}={answer}" for name, answer in answers.items()]
        before = set(machine.folder.iterdir())
        machine.ok("cookiecutter", template, "--no-input", *options, *given)
        (made,) = set(machine.folder.iterdir()) - before
        return made

    return generate


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return settings by which projects share an environment and what mypy knows of it, as they differ in nothing."""
    folder = tmp_path_factory.mktemp("builder")
    return {"UV_PROJECT_ENVIRONMENT": str(folder / "environment"), "MYPY_CACHE_DIR": str(folder / "mypy")}
