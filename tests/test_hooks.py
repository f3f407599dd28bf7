"""Real commits in a generated project: what breaks a rule is refused with its place, and what does not goes through."""

from __future__ import annotations

import re
import shlex
import shutil
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.machine import Machine, fresh_machine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

pytestmark = pytest.mark.slow

WEATHER = "contracts/weather.odcs.yaml"
CARD = "models/late_arrival/README.md"
JUDGE = "src/flight_delays/platform/judge.py"
CHECKLIST = ".github/pull_request_template.md"
FINDING = re.compile(r"^\S+:\d+:\d+: [A-Z]{3}\d{3} .*$", re.MULTILINE)
FAILED = re.compile(r"^(.*?)\.+Failed$", re.MULTILINE)
# The shape of an AWS key, in two parts so that it is found in the generated project only.
AWS_KEY = "AKIA" + "Z7QXV3JM5L2KT8WB"
NOTEBOOK = """\
{
 "cells": [
  {
   "cell_type": "code",
   "execution_count": 1,
   "id": "a",
   "metadata": {},
   "outputs": [
    {"name": "stdout", "output_type": "stream", "text": ["a customer's name\\n"]}
   ],
   "source": ["1"]
  }
 ],
 "metadata": {},
 "nbformat": 4,
 "nbformat_minor": 5
}
"""


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory, github: Path, shared: Path) -> Machine:
    """Return the machine of somebody who generated a project from the stand-in for github.com."""
    folder = tmp_path_factory.mktemp("user")
    machine = fresh_machine(tmp_path_factory.mktemp("home"), folder, github, shared)
    machine.ok("git", "config", "--global", "user.name", "Ada")
    machine.ok("git", "config", "--global", "user.email", "ada@acme.example")
    machine.ok("cookiecutter", "gh:org/ml-template", "--no-input")
    return machine


@pytest.fixture
def project(user: Machine, tmp_path: Path) -> Path:
    """Return a copy of the generated project, its history and its hooks included; the weather is promised to others."""
    copy = shutil.copytree(user.folder / "flight-delays", tmp_path / "flight-delays", symlinks=True)
    edit(copy / WEATHER, "status: draft # promises nothing yet: the example may go", "status: active")
    user.ok("git", "commit", "--all", "--quiet", "--no-verify", "--amend", "--no-edit", cwd=copy)
    return copy


def edit(path: Path, old: str, new: str) -> tuple[int, int]:
    """Replace one place in a file, and return the line and the column where it begins."""
    text = path.read_text("utf-8")
    before, found, after = text.partition(old)
    assert found, f"{old!r} is not in {path}"
    path.write_text(before + new + after, "utf-8")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def commit(user: Machine, project: Path) -> CompletedProcess[str]:
    """Stage everything and commit it, as a user does."""
    user.ok("git", "add", "--all", cwd=project)
    return user.run("git", "commit", "--quiet", "--message", "Change", cwd=project)


def commits(user: Machine, project: Path) -> int:
    """Return how many commits there are."""
    return int(user.ok("git", "rev-list", "--count", "HEAD", cwd=project))


def abbreviate(project: Path) -> list[str]:
    line, column = edit(project / WEATHER, "- name: temperature_fahrenheit", "- name: dep_temperature_fahrenheit")
    field, name = f"{WEATHER}:{line}:{column + len('- ')}", f"{WEATHER}:{line}:{column + len('- name: ')}"
    renamed = "field 'temperature_fahrenheit' of dataset 'weather' was renamed to 'dep_temperature_fahrenheit'"
    return [
        f"{field}: CON002 {renamed}, which needs version 2.0.0; it was 1.0.0 and is 1.0.0",
        f"{name}: SCH004 name 'dep_temperature_fahrenheit' says 'dep', the company's word is 'departure'",
    ]


def take_the_owner(project: Path) -> list[str]:
    edit(project / WEATHER, 'team:\n  name: "@acme/flight-ops"\n', "")
    return [f"{WEATHER}:2:1: OWN001 contract declares no owner"]


def empty_a_section(project: Path) -> list[str]:
    line = empty(project / "README.md", "## Test\n", "## Where things are")
    return [f"README.md:{line}:1: DOC003 section 'Test' is empty"]


def empty(page: Path, title: str, after: str) -> int:
    """Take the text of a section out of a page, up to the title of the next one, and return the line of its title."""
    text = page.read_text("utf-8")
    start, end = text.index(title) + len(title), text.index(after)
    page.write_text(text[:start] + "\n" + text[end:], "utf-8")
    return text[:start].count("\n")


def delete_the_page(project: Path) -> list[str]:
    (project / "README.md").unlink()
    return ["README.md:1:1: DOC001 the project has no README.md"]


def delete_codeowners(project: Path) -> list[str]:
    (project / ".github" / "CODEOWNERS").unlink()
    return [".github/CODEOWNERS:1:1: OWN011 no CODEOWNERS file, so nobody owns any file"]


def delete_the_checklist(project: Path) -> list[str]:
    (project / CHECKLIST).unlink()
    return [f"{CHECKLIST}:1:1: PRC001 no template that the host puts into new pull requests"]


def tick_from_the_start(project: Path) -> list[str]:
    line, column = edit(project / CHECKLIST, "- [ ] The lift", "- [x] The lift")
    text = "The lift is worth what the model costs to run and to look after."
    return [f"{CHECKLIST}:{line}:{column + len('- ')}: PRC003 box {text!r} is ticked from the start"]


def tune_the_judge(project: Path) -> list[str]:
    edit(project / JUDGE, "undecided or invalid", "invalid or undecided")
    return [f"{JUDGE}:1:1: TRC001 differs from what {JUDGE.replace('judge.py', 'manifest.json')} lists"]


@pytest.mark.parametrize(
    "break_a_rule",
    [
        abbreviate,
        take_the_owner,
        empty_a_section,
        delete_the_page,
        delete_codeowners,
        delete_the_checklist,
        tick_from_the_start,
        tune_the_judge,
    ],
)
def test_a_commit_that_breaks_a_rule_is_refused_with_its_place(
    user: Machine, project: Path, break_a_rule: Callable[[Path], list[str]]
) -> None:
    findings = break_a_rule(project)
    done = commit(user, project)
    assert FINDING.findall(done.stdout + done.stderr) == findings
    assert FAILED.findall(done.stdout + done.stderr) == ["The company's rules hold (uv run flight-delays checks)"]
    assert (done.returncode, commits(user, project)) == (1, 1)


def rename_the_file(project: Path) -> None:
    (project / "contracts" / "sources").mkdir()
    (project / WEATHER).rename(project / "contracts" / "sources" / "weather.odcs.yaml")
    text = (project / CARD).read_text("utf-8")
    (project / CARD).write_text(text.replace("contracts/weather", "contracts/sources/weather"), "utf-8")


def comment(project: Path) -> None:
    edit(project / WEATHER, "schema:\n", "# Asked of the weather service every day.\nschema: # one dataset\n")


def empty_a_section_of_a_draft(project: Path) -> None:
    empty(project / CARD, "## Intended use\n", "## Out-of-scope use")


def reorder(project: Path) -> None:
    edit(project / WEATHER, "version: 1.0.0\nstatus: active\n", "status: active\nversion: 1.0.0\n")


def delete_what_no_rule_needs(project: Path) -> None:
    (project / ".gitattributes").unlink()


@pytest.mark.parametrize(
    "change", [rename_the_file, comment, empty_a_section_of_a_draft, reorder, delete_what_no_rule_needs]
)
def test_a_commit_that_breaks_no_rule_goes_through(
    user: Machine, project: Path, change: Callable[[Path], None]
) -> None:
    change(project)
    done = commit(user, project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert commits(user, project) == 2
    assert user.ok("git", "status", "--porcelain", cwd=project) == ""


@pytest.mark.parametrize(
    ("path", "content", "hook"),
    [
        ("src/flight_delays/key.txt", f"key = {AWS_KEY}\n", "No password or token"),
        ("key.pem", f"-----BEGIN {'RSA'} PRIVATE KEY-----\n", "No private key"),
        ("explore.ipynb", NOTEBOOK, "Notebooks hold no output"),
        ("a.py", '"""A."""\n\nimport os\n', "Python is clean (ruff check)"),
        ("a.py", '"""A."""\n\na = {"b":1}\n', "Python is formatted (ruff format)"),
        ("a.yaml", "a: [1\n", "YAML can be read"),
        ("a.toml", "a = \n", "TOML can be read"),
        ("a.json", "{,}\n", "JSON can be read"),
        ("a.txt", "no newline", "Files end with one newline"),
        ("a.txt", "spaces  \n", "Lines end without spaces"),
        ("large.bin", "\0" * 3_000_000, "No large file is added"),
        ("readme.md", "# Another page\n\nIt differs only in case.\n", "No two names differ only in case"),
        (".github/workflows/a.yml", "on: push\njobs: 3\n", "Workflows follow the schema of GitHub"),
        (".github/dependabot.yml", "version: 1\n", "Dependabot's settings follow its schema"),
        ("infra/compose.yaml", "services: 3\n", "The compose file follows its schema"),
    ],
)
def test_the_everyday_hooks_find_what_they_are_there_for(
    user: Machine, project: Path, path: str, content: str, hook: str
) -> None:
    (project / path).write_text(content, "utf-8")
    done = commit(user, project)
    assert hook in FAILED.findall(done.stdout + done.stderr)
    assert (done.returncode, commits(user, project)) == (1, 1)


def test_what_a_hook_has_corrected_can_be_committed(user: Machine, project: Path) -> None:
    (project / "explore.ipynb").write_text(NOTEBOOK, "utf-8")
    assert commit(user, project).returncode == 1
    assert "a customer's name" not in (project / "explore.ipynb").read_text("utf-8")
    done = commit(user, project)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_merge_that_is_half_done_is_found(user: Machine, project: Path) -> None:
    for branch, line in (("main", "ours"), ("theirs", "theirs")):
        if branch == "theirs":
            user.ok("git", "checkout", "--quiet", "-b", "theirs", "HEAD~", cwd=project)
        (project / "notes.txt").write_text(f"{line}\n", "utf-8")
        user.ok("git", "add", "--all", cwd=project)
        user.ok("git", "commit", "--quiet", "--no-verify", "--message", line, cwd=project)
    assert user.run("git", "merge", "main", cwd=project).returncode == 1
    done = commit(user, project)
    assert FAILED.findall(done.stdout + done.stderr) == ["No merge is half done"]
    assert done.returncode == 1


def test_in_ci_a_contract_is_compared_with_the_branch_it_is_merged_into(user: Machine, project: Path) -> None:
    workflow = yaml.safe_load((project / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    (step,) = (step for step in workflow["jobs"]["check"]["steps"] if "pre-commit run" in step.get("run", ""))
    words = [word for word in shlex.split(step["run"]) if word not in {"uv", "run"}]
    base = user.ok("git", "rev-parse", "HEAD", cwd=project).strip()
    edit(project / WEATHER, "- name: temperature_fahrenheit", "- name: air_fahrenheit")
    user.ok("git", "commit", "--all", "--quiet", "--no-verify", "--message", "Rename a field", cwd=project)
    assert user.run(words[0], "run", *words[1:], cwd=project).returncode == 0  # once it is committed, it is as it was
    (variable,) = step["env"]
    compared = user.with_settings(**{variable: base}).run(words[0], "run", *words[1:], cwd=project)
    assert compared.returncode == 1
    assert [finding.split()[1] for finding in FINDING.findall(compared.stdout)] == ["CON002"]
