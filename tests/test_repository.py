"""What this repository says about itself is true, and it holds nothing that does not belong into it."""

from __future__ import annotations

import importlib.metadata
import inspect
import itertools
import os
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from ml_checks.rules import owner_declared
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT, git

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.machine import Machine

TEMPLATE = "{{cookiecutter.project_slug}}"
TRACKED = [
    path
    for path in git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    if (ROOT / path).is_file()  # the list ends in an empty name, and holds what is deleted but not staged
]
# The examples hold faults on purpose, and the links of the template are right once a project is generated.
PAGES = [path for path in TRACKED if path.endswith(".md") and not path.startswith(("tests/examples/", TEMPLATE))]
DECISIONS = sorted(path for path in TRACKED if path.startswith("docs/adr/"))
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT: dict[str, Any] = PYPROJECT["project"]
LIST = "dev/requirements.txt"
CHOICES = ("NEWEST", "LOWEST", "VERSIONS")
LISTED = dict(re.findall(r"^([^#=\s]+)==(\S+)", (ROOT / LIST).read_text("utf-8"), re.MULTILINE))
# Where packages come from is a matter of each machine, and so is where its users live.
FOREIGN = re.compile(r"\b(?:pypi|pythonhosted)[.]org\b|(?<![\w.~/-])/(?:root|home|Users|work)/[\w.]")
MAX_BYTES = 2_000_000
PAGE_OF_LINES = 60


def text(path: str) -> str:
    """Return the text of a file of this repository."""
    return (ROOT / path).read_text("utf-8")


def is_listed(asked: Requirement) -> bool:
    """Tell whether a version that is listed is one of those that are asked for."""
    name = canonicalize_name(asked.name)
    return name in LISTED and asked.specifier.contains(LISTED[name])


def test_the_version_is_the_newest_in_the_changelog() -> None:
    released = re.findall(r"^## \[(.*?)\] - \d{4}-\d\d-\d\d$", text("CHANGELOG.md"), re.MULTILINE)
    assert released[0] == PROJECT["version"]


def test_every_link_of_a_page_leads_somewhere() -> None:
    targets = [
        (page, target)
        for page in PAGES
        for target in re.findall(r"\]\((?!\w+:)([^)#\s]+)", re.sub(r"(?ms)^```.*?^```", "", text(page)))
    ]
    assert ("README.md", "CONTRIBUTING.md") in targets
    assert [link for link in targets if not (ROOT / link[0]).parent.joinpath(link[1]).exists()] == []


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE)
    named = {name for page in PAGES for name in re.findall(r"(?m)(?:`|^)make ([a-z]+)", text(page))}
    assert {"demo", "test"} <= named <= set(targets)


def test_every_make_target_is_explained() -> None:
    targets = re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE)
    explained = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, check=True)
    assert re.findall(r"^make ([a-z]+) +\w", explained.stdout.decode(), re.MULTILINE) == targets


def test_the_rule_that_contributing_shows_is_the_real_one() -> None:
    assert f"```python\n{inspect.getsource(owner_declared.owner_missing)}```" in text("CONTRIBUTING.md")


def test_no_file_names_a_registry_or_a_home() -> None:
    found = {path: FOREIGN.findall((ROOT / path).read_bytes().decode("utf-8", "replace")) for path in TRACKED}
    assert {path: names for path, names in found.items() if names} == {}


def test_no_file_is_too_large() -> None:
    assert [path for path in TRACKED if (ROOT / path).stat().st_size > MAX_BYTES] == []


@pytest.mark.parametrize(
    ("line", "name", "is_foreign"),
    [
        ("index-url = https://{}.org/simple", "pypi", True),
        ("https://files.{}.org/packages/x.whl", "pythonhosted", True),
        ("cd /{}/ada/project", "home", True),
        ("/{}/.cache", "root", True),
        ("see docs/{}/plan.md", "home", False),
        ("WORKDIR /{}", "app", False),
    ],
)
def test_what_counts_as_foreign(line: str, name: str, *, is_foreign: bool) -> None:
    # Put together here, so that this file passes too.
    assert bool(FOREIGN.search(line.format(name))) == is_foreign


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(Path(path).name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_a_decision_fits_on_a_page() -> None:
    assert [path for path in DECISIONS if len(text(path).splitlines()) > PAGE_OF_LINES] == []


def test_the_listed_versions_are_a_name_and_a_version_each() -> None:
    # A host, a path or a hash would bind everyone to where the list was made.
    lines = [line for line in text(LIST).splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; [\w.' =!<>()]+)?", line)] == []
    assert len(lines) == len(LISTED) > 50


def test_the_listed_versions_are_those_that_the_project_asks_for() -> None:
    asked = [
        *PYPROJECT["build-system"]["requires"],
        *PROJECT["dependencies"],
        *itertools.chain(*PROJECT["optional-dependencies"].values(), *PYPROJECT["dependency-groups"].values()),
    ]
    assert {"hatchling>=1.27", "pyyaml>=6.0.2", "yamllint>=1.37"} <= set(asked)
    assert [text for text in asked if not is_listed(Requirement(text))] == []


@pytest.mark.parametrize(
    ("asked", "listed"),
    [("pyyaml>=6", True), ("PyYAML>=6", True), ("pyyaml>=7", False), ("pyyamll", False)],
)
def test_what_counts_as_listed(asked: str, *, listed: bool) -> None:
    assert is_listed(Requirement(asked)) == listed


def bound_by(package: importlib.metadata.Distribution) -> Iterator[tuple[str, str]]:
    """Yield a package beside each of which it needs one version."""
    for requirement in map(Requirement, package.requires or []):
        exact = any(part.operator == "==" for part in requirement.specifier)
        if exact and (requirement.marker is None or requirement.marker.evaluate()):
            yield canonicalize_name(package.name), canonicalize_name(requirement.name)


@pytest.mark.skipif(os.environ.get("VERSIONS", "listed") != "listed", reason="other versions are installed")
def test_dependabot_raises_what_is_listed_except_what_fits_one_version_of_another() -> None:
    (ours,) = (
        entry
        for entry in yaml.safe_load(text(".github/dependabot.yml"))["updates"]
        if entry["package-ecosystem"] == "pip"
    )
    assert f"{ours['directory'].strip('/')}/requirements.txt" == LIST
    pairs = [pair for dist in importlib.metadata.distributions() for pair in bound_by(dist)]
    bound = {name for pair in pairs if set(pair) <= set(LISTED) for name in pair}
    assert {entry["dependency-name"] for entry in ours["ignore"]} == bound


@pytest.mark.parametrize("asked", [[], ["NEWEST=1"], ["LOWEST=1"]], ids=str)
def test_each_choice_of_versions_has_an_environment_of_its_own(asked: list[str]) -> None:
    command = ["make", "--no-print-directory", "--dry-run", "--always-make", "test", *asked]
    # `make test LOWEST=1` hands its choice on.
    apart = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", *CHOICES))}
    shown = subprocess.run(command, cwd=ROOT, env=apart, capture_output=True, check=True).stdout.decode()
    (name,) = {".venv", ".venv-newest", ".venv-lowest"} & set(re.findall(r"VERSIONS=\w+ (\S+)/bin/pytest", shown))
    assert name == "".join([".venv", *(f"-{word.lower()[:-2]}" for word in asked)])
    assert re.findall(r"(\S+)/bin/uv pip install", shown) == [name]
    assert ("--requirement dev/requirements.txt" in shown) == (not asked)


def test_each_hook_runs_a_program_of_the_environment() -> None:
    hooks = [hook for repo in yaml.safe_load(text(".pre-commit-config.yaml"))["repos"] for hook in repo["hooks"]]
    programs = [Path(hook["entry"].split()[0]) for hook in hooks]
    assert {str(program.parent) for program in programs} == {".venv/bin"}
    assert [path.name for path in programs if not Path(sys.executable).with_name(path.name).is_file()] == []


def test_the_hooks_of_the_template_pin_their_tools() -> None:
    lines = re.findall(r"^ +- (\S+[=<>~].*)$", text(f"{TEMPLATE}/.pre-commit-config.yaml"), re.MULTILINE)
    assert len(lines) > 3
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[\d.]+", line)] == []


def test_workflows_pin_each_action_to_one_commit_here_and_in_the_template() -> None:
    pins: dict[str, set[str]] = {}
    for path in TRACKED:
        if "/workflows/" in path:
            for action, commit in re.findall(r"uses: *([^@\s]+)@(.+)", text(path)):
                pins.setdefault(action, set()).add(commit)
    assert "actions/checkout" in pins
    assert [action for action, commits in pins.items() if len(commits) != 1] == []
    for (commit,) in pins.values():
        assert re.fullmatch(r"[0-9a-f]{40} # v\d+\.\d+\.\d+", commit)


@pytest.mark.slow
def test_the_demo_ends_with_three_refused_commits_and_a_clean_project(
    online: Machine, template: Path, tmp_path: Path
) -> None:
    online.ok("git", "clone", "--quiet", template, tmp_path / "clone")
    shown = online.ok(sys.executable, "scripts/demo.py", cwd=tmp_path / "clone")
    faults = runpy.run_path(str(ROOT / "scripts" / "demo.py"))["FAULTS"]
    refused = re.findall(r"^== Refused: .*?(?=^==)", shown, re.MULTILINE | re.DOTALL)
    assert len(refused) == len(faults) == 3
    for part, fault in zip(refused, faults, strict=True):
        assert re.search(rf"^  {fault.path}:\d+:\d+: {fault.code} ", part, re.MULTILINE)
    assert re.search(r"^  gain +\d", shown, re.MULTILINE)
    project = tmp_path / "clone" / ".demo" / "flight-delays"
    assert online.ok("git", "status", "--porcelain", cwd=project) == ""
    assert len(online.ok("git", "log", "--oneline", cwd=project).splitlines()) == 1
    # All that it makes lies in .demo, which git ignores; the home stays as it was, caches apart.
    assert online.ok("git", "status", "--porcelain", cwd=tmp_path / "clone") == ""
    # (where rustup is installed, it makes its folder as soon as pre-commit asks whether there is a Rust)
    assert {path.name for path in (tmp_path / "home").iterdir()} <= {".cache", ".local", ".rustup"}
