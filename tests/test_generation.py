"""Ways to generate a project, and what the hook that runs afterwards does on machines that lack something."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from hooks import post_gen_project, pre_gen_project
from local_extensions import template_version
from tests.conftest import git

if TYPE_CHECKING:
    from types import ModuleType

    from tests.conftest import Bake
    from tests.machine import Machine

URL = "https://github.com/org/ml-template.git"
RAW = "https://raw.githubusercontent.com/org/ml-template"
POINTS = ".github/pull_request_template.md"
NEXT = """\
flight-delays is ready. Next:
    cd flight-delays
    uv run flight-delays run
    uv run pre-commit run --all-files
"""
NO_IDENTITY = (
    "For later: git does not know you: set user.name and user.email, then `git commit --amend --reset-author`\n"
)
NO_HISTORY = "For later: updates: the template came without its history; run `uvx cruft link {}`\n"
NO_GIT = "For later: git is not installed: install it, then run `git init`, `git add --all` and `git commit`\n"
NO_UV = "For later: uv is not installed: see https://docs.astral.sh/uv/, then run `uv lock` and commit uv.lock\n"
NO_LOCK = "For later: uv.lock could not be written (is there a network?): run `uv lock` and commit uv.lock\n"
NO_HOOKS = "For later: the hooks do not watch your commits yet: run `uv run pre-commit install`\n"
STANDARDS = "For later: the checks look at the top only: move standards.yaml there\n"
MOVED = "For later: at the top of the repository, where the code host looks, there is now {}\n"
ON_GITHUB = (
    *(".github/workflows/flight-delays.yml", ".github/dependabot.yml", ".github/CODEOWNERS"),
    ".github/pull_request_template.md",
)
AT_THE_TOP = MOVED.format(", ".join(ON_GITHUB)) + STANDARDS
NO_HOOKS_AT_ALL = "For later: no hook watches this repository yet: run `uv run pre-commit install` in flight-delays\n"
HOOKS_AT_THE_TOP = (
    "For later: the hooks of this repository are those at its top: "
    "add those of flight-delays/.pre-commit-config.yaml there\n"
)
SHARED_HOOKS = "For later: git takes its hooks from {}: let `pre-commit` in it run `uv run pre-commit run`\n"
NO_TAG = (
    "For later: {} has no tag {}, from which the hooks come: "
    "add it there, or write another `rev` into .pre-commit-config.yaml\n"
)
NO_ANSWER = "For later: {} did not answer (is there a network?): your next commit fetches the hooks from there\n"
INSIDE = "For later: this folder is in a git repository already: look at `git status`, then commit\n"


def hooks_url(project: Path) -> str:
    """Return where the project gets its hooks from."""
    config = yaml.safe_load((project / ".pre-commit-config.yaml").read_text("utf-8"))
    return str(config["repos"][0]["repo"])


def state_of(project: Path) -> dict[str, Any]:
    """Return what the project knows about its template."""
    state: dict[str, Any] = json.loads((project / ".cruft.json").read_text("utf-8"))
    return state


def identified(machine: Machine) -> Machine:
    """Return the machine after its user has told git who they are."""
    machine.ok("git", "config", "--global", "user.name", "Ada")
    machine.ok("git", "config", "--global", "user.email", "ada@acme.example")
    return machine


def test_from_github_the_project_is_a_clean_repository_on_main(machine: Machine, template: Path, version: str) -> None:
    printed = identified(machine).ok("cookiecutter", "gh:org/ml-template", "--no-input")
    assert printed == NEXT
    project = machine.folder / "flight-delays"
    assert machine.ok("git", "log", "--format=%an %ae %s", cwd=project) == (
        "Ada ada@acme.example Start the project from its template\n"
    )
    assert machine.ok("git", "status", "--porcelain", "--branch", cwd=project) == "## main\n"
    assert "uv.lock" in machine.ok("git", "ls-files", cwd=project).splitlines()
    assert "pre-commit" in (project / ".git" / "hooks" / "pre-commit").read_text("utf-8")
    assert hooks_url(project) == URL
    assert f"rev: v{version}\n" in (project / ".pre-commit-config.yaml").read_text("utf-8")
    assert state_of(project) == {
        "template": URL,
        "commit": git(template, "rev-parse", "HEAD").strip(),
        "checkout": None,
        "directory": None,
        "context": {
            "cookiecutter": {
                "project_name": "Flight delays",
                "project_slug": "flight-delays",
                "description": "Warn travellers three hours before departure that their flight will arrive late",
                "owner": "@acme/flight-ops",
                "project_type": "tabular",
                "infrastructure": "container",
                "ci": "github",
                "license": "Proprietary",
            }
        },
    }


def test_a_tag_is_remembered(machine: Machine, version: str) -> None:
    machine.ok("cookiecutter", "gh:org/ml-template", "--no-input", "--checkout", f"v{version}")
    assert state_of(machine.folder / "flight-delays")["checkout"] == f"v{version}"


def test_an_abbreviation_of_the_users_own_is_resolved(machine: Machine) -> None:
    settings = machine.folder.parent / "settings.yaml"
    settings.write_text("abbreviations:\n  acme: https://github.com/org/{0}\n")
    machine.ok("cookiecutter", "acme:ml-template", "--no-input", "--config-file", settings)
    project = machine.folder / "flight-delays"
    assert hooks_url(project) == state_of(project)["template"] == "https://github.com/org/ml-template"
    # The clone that cookiecutter keeps can be named without its address.
    again = machine.run("cookiecutter", "ml-template", "--no-input", "-o", "again")
    assert again.returncode == 0, again.stderr
    assert hooks_url(machine.folder / "again" / "flight-delays") == "https://github.com/org/ml-template"


def test_credentials_reach_no_file(machine: Machine, github: Path) -> None:
    secret = machine.folder.parent.name  # any word that is nowhere in the template
    machine = machine.with_settings(
        GIT_CONFIG_COUNT="1",
        GIT_CONFIG_KEY_0=f"url.{github.as_uri()}/.insteadOf",
        GIT_CONFIG_VALUE_0=f"https://user:{secret}@github.com/",
    )
    printed = machine.ok("cookiecutter", f"https://user:{secret}@github.com/org/ml-template.git", "--no-input")
    project = machine.folder / "flight-delays"
    assert hooks_url(project) == state_of(project)["template"] == URL
    assert secret not in printed
    assert [path for path in project.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()] == []


def test_a_local_folder_is_named_by_its_whole_path(machine: Machine, template: Path) -> None:
    away = os.path.relpath(template, machine.folder)
    machine.ok("cookiecutter", away, "--no-input")
    project = machine.folder / "flight-delays"
    assert hooks_url(project) == state_of(project)["template"] == str(template)


def test_a_template_in_a_folder_of_a_repository_is_found_again(machine: Machine, template: Path) -> None:
    repository = machine.folder / "platform"
    listed = git(template, "ls-files", "-z").split("\0")
    for name in filter(None, listed):
        (repository / "templates" / "ml" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(template / name, repository / "templates" / "ml" / name)
    git(repository, "init", "--quiet")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "All")
    machine.ok("cookiecutter", "platform", "--no-input", "--directory", "templates/ml")
    project = machine.folder / "flight-delays"
    state = state_of(project)
    assert (state["template"], state["directory"]) == (str(repository), "templates/ml")
    assert hooks_url(project) == str(repository)
    assert "up to date" in machine.ok("cruft", "check", cwd=project)


def test_a_zip_file_has_no_history_to_update_from(machine: Machine, template: Path) -> None:
    archive = machine.folder.parent / "ml-template.zip"
    git(template, "archive", "--prefix=ml-template/", "--output", str(archive), "HEAD")
    printed = identified(machine).ok("cookiecutter", archive, "--no-input")
    assert printed == NEXT + NO_HISTORY.format("https://github.com/org/ml-template")
    project = machine.folder / "flight-delays"
    assert not (project / ".cruft.json").exists()
    assert hooks_url(project) == "https://github.com/org/ml-template"
    assert machine.ok("git", "status", "--porcelain", cwd=project) == ""


def test_generating_again_in_place_leaves_the_history_to_the_user(machine: Machine, bake: Bake, template: Path) -> None:
    project = bake()
    commits = machine.ok("git", "rev-list", "--all", cwd=project)
    (project / "README.md").write_text("mine\n", encoding="utf-8")
    (project / "mine.txt").write_text("mine\n", encoding="utf-8")
    assert machine.ok("cookiecutter", template, "--no-input", "-f", "license=MIT") == NEXT + INSIDE
    assert machine.ok("git", "rev-list", "--all", cwd=project) == commits
    changed = machine.ok("git", "status", "--porcelain", cwd=project).splitlines()
    assert {" M LICENSE", " M .cruft.json", "?? mine.txt"} <= set(changed)
    assert " M README.md" not in changed


def test_inside_a_repository_nothing_is_committed(machine: Machine, template: Path) -> None:
    machine.ok("git", "init", "--quiet")
    assert machine.ok("cookiecutter", template, "--no-input") == NEXT + AT_THE_TOP + NO_HOOKS_AT_ALL + INSIDE
    project = machine.folder / "flight-delays"
    assert not (project / ".git").exists()
    assert machine.ok("git", "status", "--porcelain") == "?? .github/\n?? flight-delays/\n"
    assert state_of(project)["template"] == str(template)
    assert (project / "uv.lock").exists()
    config = yaml.safe_load((project / ".pre-commit-config.yaml").read_text("utf-8"))
    assert re.match(config["files"], "flight-delays/README.md")
    assert not re.match(config["files"], "others/flight-delays/README.md")
    assert config["repos"][0]["hooks"][0]["args"] == ["flight-delays"]


def test_cruft_joins_a_repository_too(machine: Machine, template: Path) -> None:
    machine.ok("git", "init", "--quiet")
    printed = machine.ok("cruft", "create", str(template), "--no-input")
    assert printed == AT_THE_TOP + NO_HOOKS_AT_ALL
    project = machine.folder / "flight-delays"
    assert not (project / ".git").exists()
    assert (project / "uv.lock").exists()
    assert 'args: ["flight-delays"]' in (project / ".pre-commit-config.yaml").read_text("utf-8")


def test_the_hooks_of_a_repository_are_not_replaced(machine: Machine, template: Path) -> None:
    machine.ok("git", "init", "--quiet")
    (machine.folder / ".pre-commit-config.yaml").write_text("repos: []\n", "utf-8")
    assert machine.ok("cookiecutter", template, "--no-input") == NEXT + AT_THE_TOP + HOOKS_AT_THE_TOP + INSIDE
    assert (machine.folder / ".pre-commit-config.yaml").read_text("utf-8") == "repos: []\n"


def below_teams(machine: Machine, template: Path, *answers: str) -> str:
    """Generate a project in a folder of a repository that holds more, and return what is said."""
    teams = machine.folder / "our teams"
    teams.mkdir(exist_ok=True)
    machine.ok("git", "init", "--quiet")
    return machine.ok("cookiecutter", template, "--no-input", *answers, cwd=teams)


def at_the_top(machine: Machine) -> dict[str, str]:
    """Return the files of the repository that lie in no team's folder."""
    names = machine.ok("git", "-c", "core.quotePath=off", "ls-files", "--others", "--cached").splitlines()
    return {name: (machine.folder / name).read_text("utf-8") for name in names if "our teams/" not in name}


def test_what_github_reads_lies_at_the_top_and_is_about_the_folder(machine: Machine, template: Path) -> None:
    said = below_teams(machine, template)
    assert MOVED.format(", ".join(ON_GITHUB)) in said
    files = at_the_top(machine)
    assert set(files) == set(ON_GITHUB)
    assert files[".github/CODEOWNERS"].splitlines()[-1] == r"/our\ teams/flight-delays/ @acme/flight-ops"
    workflow = yaml.safe_load(files[".github/workflows/flight-delays.yml"])
    assert (workflow["name"], workflow["env"]) == ("CI of flight-delays", {"FOLDER": "our teams/flight-delays"})
    updates = yaml.safe_load(files[".github/dependabot.yml"])["updates"]
    assert {entry["package-ecosystem"]: entry["directory"] for entry in updates} == {
        "uv": "/our teams/flight-delays",
        "github-actions": "/",
        "docker": "/our teams/flight-delays/infra",
    }
    assert not (machine.folder / "our teams/flight-delays/.github/CODEOWNERS").exists()
    # Once more, in place: what it put there is its own.
    again = machine.ok("cookiecutter", template, "--no-input", "-f", cwd=machine.folder / "our teams")
    assert "is there already" not in again
    assert at_the_top(machine) == files


def test_what_another_team_has_at_the_top_stays(machine: Machine, template: Path) -> None:
    others = {
        ".github/dependabot.yaml": "version: 2\n",
        ".github/workflows/flight-delays.yml": "on: push\n",
        "CODEOWNERS": "* @acme/all\n",
        "docs/PULL_REQUEST_TEMPLATE.md": "Why?\n",
    }
    for name, text in others.items():
        (machine.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (machine.folder / name).write_text(text, "utf-8")
    said = below_teams(machine, template)
    assert at_the_top(machine) == others
    there = "For later: {} is there already: add to it what our teams/flight-delays/.github/{} says\n"
    assert (
        "".join(
            there.format(taken, ours)
            for taken, ours in (
                (".github/workflows/flight-delays.yml", "workflows/ci.yml"),
                (".github/dependabot.yaml", "dependabot.yml"),
                ("CODEOWNERS", "CODEOWNERS"),
                ("docs/PULL_REQUEST_TEMPLATE.md", "pull_request_template.md"),
            )
        )
        in said
    )
    # What is to be added is right for the folder.
    owners = (machine.folder / "our teams/flight-delays/.github/CODEOWNERS").read_text("utf-8")
    assert owners.endswith("\n/our\\ teams/flight-delays/ @acme/flight-ops\n")


def test_gitlab_includes_the_pipeline_of_a_folder(machine: Machine, template: Path) -> None:
    said = below_teams(machine, template, "ci=gitlab")
    pipeline = "/our teams/flight-delays/.gitlab-ci.yml"
    assert f"at the top of the repository there is now .gitlab-ci.yml, which includes {pipeline}\n" in said
    files = at_the_top(machine)
    moved = {".gitlab/CODEOWNERS", ".gitlab/merge_request_templates/Default.md", ".gitlab/renovate.json"}
    assert set(files) == {".gitlab-ci.yml", *moved}
    assert yaml.safe_load(files[".gitlab-ci.yml"]) == {"include": [{"local": pipeline}]}
    own = yaml.safe_load((machine.folder / pipeline[1:]).read_text("utf-8"))
    assert own[".flight-delays"]["variables"]["FOLDER"] == "our teams/flight-delays"
    (machine.folder / ".gitlab-ci.yml").write_text("stages: [test]\n", "utf-8")
    again = machine.ok("cookiecutter", template, "--no-input", "-f", "ci=gitlab", cwd=machine.folder / "our teams")
    assert f".gitlab-ci.yml is there already: add `- local: {pipeline}` to its `include`\n" in again
    (machine.folder / ".gitlab-ci.yml").write_text(f"include: [{{local: '{pipeline}'}}]\n", "utf-8")
    again = machine.ok("cookiecutter", template, "--no-input", "-f", "ci=gitlab", cwd=machine.folder / "our teams")
    assert "is there already" not in again


def test_azure_is_told_where_the_pipeline_lies(machine: Machine, template: Path) -> None:
    said = below_teams(machine, template, "ci=azure")
    pipeline = "our teams/flight-delays/.azuredevops/pipelines/ci.yml"
    assert f"For later: Azure DevOps asks where a new pipeline lies: in {pipeline}\n" in said
    moved = {".azuredevops/CODEOWNERS", ".azuredevops/pull_request_template.md", "renovate.json"}
    assert set(at_the_top(machine)) == moved
    own = yaml.safe_load((machine.folder / pipeline).read_text("utf-8"))
    assert own["variables"]["FOLDER"] == "our teams/flight-delays"


@pytest.mark.slow
def test_a_project_and_other_teams_share_a_repository_in_peace(
    online: Machine, template: Path, builder: dict[str, str]
) -> None:
    machine = identified(online).with_settings(**builder)
    machine.ok("git", "init", "--quiet")
    others = {"README.md": "# All of us  \n\nText", "others/load.py": "import os;x=1 \n", "others/data.csv": "a,a "}
    for name, text in others.items():
        (machine.folder / name).parent.mkdir(exist_ok=True)
        (machine.folder / name).write_text(text, "utf-8")
    machine.ok("git", "add", "--all")
    machine.ok("git", "commit", "--quiet", "--message", "Of others")
    machine.ok("cookiecutter", template, "--no-input")
    project = machine.folder / "flight-delays"
    machine.ok("uv", "run", "--quiet", "pre-commit", "install", cwd=project)
    machine.ok("git", "add", "--all")
    machine.ok("git", "commit", "--quiet", "--message", "Ours")
    machine.ok("pre-commit", "run", "--all-files", cwd=project)
    assert machine.ok("git", "status", "--porcelain") == ""

    (machine.folder / "others" / "new.py").write_text("x=1 ", "utf-8")
    machine.ok("uv", "run", "flight-delays", "train", cwd=project)
    machine.ok("uv", "run", "flight-delays", "record", cwd=project)  # refuses code that is not committed
    machine.ok("git", "add", "others")
    machine.ok("git", "commit", "--quiet", "--message", "More of others")

    contract = project / "contracts" / "flights.odcs.yaml"
    contract.write_text(
        contract.read_text("utf-8").replace("name: departure_delay_minutes", "name: dep_delay"), "utf-8"
    )
    refused = machine.run("git", "commit", "--quiet", "--all", "--message", "A fault")
    assert (refused.returncode, "flight-delays/contracts/flights.odcs.yaml:" in refused.stderr) == (1, True), refused


def test_a_fork_without_the_tag_is_told_at_once(machine: Machine, template: Path, version: str) -> None:
    fork = machine.folder.parent / "fork"
    git(template, "clone", "--quiet", "--no-tags", str(template), str(fork))
    git(fork, "remote", "remove", "origin")
    printed = identified(machine).ok("cookiecutter", fork, "--no-input")
    assert printed == NEXT + NO_TAG.format(fork, f"v{version}")


def test_hooks_that_cannot_be_fetched_are_told_at_once(machine: Machine) -> None:
    machine.ok("cookiecutter", "gh:org/ml-template", "--no-input", "-o", "first")
    clone = Path(machine.environment["HOME"]) / ".cookiecutters" / "ml-template"
    away = machine.with_settings(GIT_CONFIG_KEY_0=f"url.{machine.folder.as_uri()}/nowhere/.insteadOf")
    printed = identified(away).ok("cookiecutter", "ml-template", "--no-input")
    assert (clone.exists(), printed) == (True, NEXT + NO_ANSWER.format(URL))


def test_settings_of_this_machine_do_not_break_the_first_commit(machine: Machine, template: Path) -> None:
    home = Path(machine.environment["HOME"])
    (home / "hooks").mkdir()
    for name in ("pre-commit", "commit-msg"):
        hook = home / "hooks" / name
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
    (home / "ignored").write_text("*.csv\n*.json\n")
    for name, value in {
        "init.templateDir": str(home),
        "init.defaultBranch": "trunk",
        "commit.gpgSign": "true",
        "gpg.program": "false",
        "core.excludesFile": str(home / "ignored"),
        "core.hooksPath": str(home / "hooks"),
    }.items():
        identified(machine).ok("git", "config", "--global", name, value)
    printed = machine.ok("cookiecutter", template, "--no-input")
    assert printed == NEXT + SHARED_HOOKS.format(home / "hooks")
    project = machine.folder / "flight-delays"
    files = set(machine.ok("git", "ls-files", cwd=project).splitlines())
    assert {".cruft.json", "data/sample/flights.csv"} <= files
    assert machine.ok("git", "branch", "--show-current", cwd=project) == "main\n"


@pytest.mark.parametrize(
    ("lacking", "notes"),
    [("git", NO_HISTORY + NO_GIT), ("uv", NO_UV), ("pre-commit", NO_HOOKS)],
)
def test_a_missing_program_is_named(machine: Machine, template: Path, lacking: str, notes: str) -> None:
    programs = machine.folder.parent / "programs"
    programs.mkdir()
    for name in {"git", "uv", "pre-commit", "cookiecutter"} - {lacking}:
        found = shutil.which(name, path=machine.environment["PATH"])
        assert found
        (programs / name).symlink_to(found)
    printed = identified(machine).with_settings(PATH=str(programs)).ok("cookiecutter", template, "--no-input")
    assert printed == NEXT + notes.format(template)
    assert (machine.folder / "flight-delays" / ".git").exists() == (lacking != "git")


def test_without_a_network_the_lock_is_left_for_later(machine: Machine, template: Path) -> None:
    offline = identified(machine).with_settings(UV_OFFLINE="1", UV_CACHE_DIR=str(machine.folder.parent / "cache"))
    assert offline.ok("cookiecutter", template, "--no-input") == NEXT + NO_LOCK
    project = machine.folder / "flight-delays"
    assert machine.ok("git", "status", "--porcelain", cwd=project) == ""


def test_somebody_whom_git_does_not_know_gets_a_commit_and_a_hint(machine: Machine, template: Path) -> None:
    assert machine.ok("cookiecutter", template, "--no-input") == NEXT + NO_IDENTITY
    author = machine.ok("git", "log", "--format=%an <%ae>", cwd=machine.folder / "flight-delays")
    assert author == "ml-template <ml-template@localhost>\n"


def test_somebody_who_is_known_by_the_environment_is_the_author(machine: Machine, template: Path) -> None:
    names = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")
    known = machine.with_settings(**dict(zip(names, ("Ada", "ada@acme.example") * 2, strict=True)))
    assert known.ok("cookiecutter", template, "--no-input") == NEXT
    author = machine.ok("git", "log", "--format=%an <%ae>", cwd=machine.folder / "flight-delays")
    assert author == "Ada <ada@acme.example>\n"


def test_the_message_leads_to_a_folder_elsewhere(machine: Machine, template: Path) -> None:
    printed = machine.ok("cookiecutter", template, "--no-input", "-o", "my projects")
    assert printed.splitlines()[1] == "    cd 'my projects/flight-delays'"


def test_prek_installs_the_hooks_where_pre_commit_is_missing(machine: Machine, template: Path) -> None:
    programs = machine.folder.parent / "programs"
    programs.mkdir()
    for name in ("git", "uv", "prek", "cookiecutter"):
        found = shutil.which(name, path=machine.environment["PATH"])
        assert found
        (programs / name).symlink_to(found)
    assert identified(machine).with_settings(PATH=str(programs)).ok("cookiecutter", template, "--no-input") == NEXT
    assert "prek" in (machine.folder / "flight-delays" / ".git" / "hooks" / "pre-commit").read_text("utf-8")


# cruft: it renders the old template and the new one, compares them, and applies the difference.


def test_cruft_create_makes_the_same_tree_and_keeps_its_own_record(machine: Machine, bake: Bake) -> None:
    baked = bake("--accept-hooks", "no")
    machine.ok("cruft", "create", URL, "--no-input", "--output-dir", "cruft")
    created = machine.folder / "cruft" / "flight-delays"
    assert state_of(created)["template"] == hooks_url(created) == URL
    for path in baked.rglob("*"):
        # These name where they came from: a folder, not a URL.
        if path.is_file() and path.name not in {".pre-commit-config.yaml", "standards.yaml"}:
            assert (created / path.relative_to(baked)).read_bytes() == path.read_bytes(), path
    first, _, rest = (created / "standards.yaml").read_text("utf-8").partition("\n")
    schema = f"{RAW}/HEAD/checks/ml_checks/project-standards.schema.json"
    assert (first, rest) == (f"# yaml-language-server: $schema={schema}", (baked / "standards.yaml").read_text("utf-8"))
    assert {path.name for path in created.iterdir()} - {path.name for path in baked.iterdir()} == {".cruft.json"}


BY_A_PROGRAM = "import sys, json, cookiecutter.main as made; made.cookiecutter({!r}, no_input=True, extra_context={!r})"


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"infrastructure": "k8s"}, "infrastructure 'k8s' is not offered: choose container or none"),
        ({"licence": "MIT"}, "there is no question 'licence': did you mean license?"),
        ({"__package": "x"}, "there is no question '__package': did you mean "),
        ({"owner": ""}, "owner '' holds no text: answer it in words"),
    ],
)
@pytest.mark.parametrize("way", ["cruft", "Python"])
def test_a_bad_answer_is_refused_on_each_way(
    machine: Machine, template: Path, way: str, answers: dict[str, str], sentence: str
) -> None:
    by_cruft = ("cruft", "create", URL, "--no-input", "--extra-context", json.dumps(answers))
    by_a_program = ("python", "-c", BY_A_PROGRAM.format(str(template), answers))
    done = machine.run(*(by_cruft if way == "cruft" else by_a_program))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: {sentence}")
    assert done.stderr.count("\n") == 1
    assert list(machine.folder.iterdir()) == []


def test_right_answers_of_a_program_make_a_project(machine: Machine, template: Path) -> None:
    machine.ok("python", "-c", BY_A_PROGRAM.format(str(template), {"license": "MIT"}))
    assert state_of(machine.folder / "flight-delays")["context"]["cookiecutter"]["license"] == "MIT"


def test_a_question_of_a_fork_that_has_no_check_is_a_sentence(machine: Machine, template: Path) -> None:
    fork = shutil.copytree(template, machine.folder.parent / "fork")
    questions = json.loads((fork / "cookiecutter.json").read_text("utf-8"))
    (fork / "cookiecutter.json").write_text(json.dumps({"region": "eu", **questions}), "utf-8")
    done = machine.run("cookiecutter", fork, "--no-input")
    advice = "add its `_choices`, or a function to PROBLEMS in local_extensions.py"
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Error: question 'region' has no check: {advice}\n"
    assert list(machine.folder.iterdir()) == []


def next_version(template: Path, host: Path) -> None:
    """Publish version 9.0.0: a line more in the page, made by a filter that no version had before."""
    clone = host / "next"
    git(host, "clone", "--quiet", str(template), str(clone))
    extension, page = clone / "local_extensions.py", clone / "templates" / "review.md"
    old = extension.read_text("utf-8")
    new = old.replace("for function in (", "for function in (shouted, ").replace(
        "\nclass Answers(", "\ndef shouted(text: str) -> str:\n    return text.upper()\n\n\nclass Answers("
    )
    assert new != old
    extension.write_text(new, encoding="utf-8")
    with page.open("a", encoding="utf-8") as end:
        end.write("\nLICENCE: {{ cookiecutter.license | shouted }}\n")
    metadata = clone / "pyproject.toml"
    version = git(clone, "describe", "--tags").strip().removeprefix("v")
    metadata.write_text(metadata.read_text("utf-8").replace(f'version = "{version}"', 'version = "9.0.0"'), "utf-8")
    git(clone, "commit", "--quiet", "--all", "--message", "Version 9.0.0")
    git(clone, "tag", "v9.0.0")
    shutil.rmtree(host / "org" / "ml-template.git", ignore_errors=True)
    git(host, "clone", "--quiet", "--bare", str(clone), str(host / "org" / "ml-template.git"))


@pytest.fixture
def host(machine: Machine, template: Path, tmp_path: Path) -> Path:
    """Return a github.com of the test's own, which may publish a new version."""
    folder = tmp_path / "host"
    git(template, "clone", "--quiet", "--bare", str(template), str(folder / "org" / "ml-template.git"))
    machine.environment["GIT_CONFIG_KEY_0"] = f"url.{folder.as_uri()}/.insteadOf"
    return folder


@pytest.mark.parametrize("program", ["cookiecutter", "cruft create"])
def test_cruft_update_brings_a_new_version_and_keeps_what_the_user_changed(
    machine: Machine, template: Path, host: Path, program: str
) -> None:
    identified(machine).ok(*program.split(), URL, "--no-input")
    project = machine.folder / "flight-delays"
    page = project / POINTS
    ours = page.read_text("utf-8").replace("### Value", "### Value for us")
    page.write_text(ours, "utf-8")
    if program == "cruft create":
        machine.ok("git", "init", "--quiet", cwd=project)
        machine.ok("git", "add", "--all", cwd=project)
    machine.ok("git", "commit", "--quiet", "--no-verify", "--all", "--message", "Ours", cwd=project)
    next_version(template, host)

    machine.ok("cruft", "update", "--skip-apply-ask", cwd=project)
    machine.ok("cruft", "check", cwd=project)
    assert page.read_text("utf-8") == ours + "\nLICENCE: PROPRIETARY\n"
    assert (hooks_url(project), state_of(project)["template"]) == (URL, URL)
    changed = machine.ok("git", "status", "--porcelain", cwd=project).split("\n")
    assert {line[3:] for line in changed} == {"", ".cruft.json", ".pre-commit-config.yaml", POINTS}
    assert "rev: v9.0.0\n" in (project / ".pre-commit-config.yaml").read_text("utf-8")


# The first version of the template, by what it did not have yet; and what an owner of one of its projects did.
GOLDEN_PATH = "{{cookiecutter.project_slug}}/src/{{cookiecutter.__package}}/platform/__init__.py"
SOURCE = "src/flight_delays"
WRITTEN = {
    "contracts/tumours.odcs.yaml": "id: tumours\nstatus: active\n",
    "data/tumours.csv": "sample_id,is_malignant\n1,true\n",
    "docs/laboratory.md": "# The laboratory\n",
    "models/malignancy/README.md": "# Malignancy\n",
    f"{SOURCE}/units.py": "PIXELS_PER_MICROMETRE = 2.0\n",
    # In the place of what the template had.
    "README.md": "# Tumours\n\nIs a sample malignant?\n",
    "project.yaml": "name: Tumours\nmodels: [malignancy]\ngates: []\n",
    **{
        f"{SOURCE}/{name}.py": f'"""Our {name}."""\n'
        for name in ("data", "baseline", "model", "pipeline", "tests/test_data", "tests/conftest")
    },
}
ADDED = {
    ".github/CODEOWNERS": ("* @acme/flight-ops\n", "* @acme/flight-ops\n/docs/ @acme/pathology\n"),
    ".github/workflows/ci.yml": ("      - run: uv run mypy\n", "      - run: uv run mypy\n      - run: uv run ours\n"),
    ".gitignore": ("/dist/\n", "/dist/\n/images/\n"),
    "infra/Dockerfile": ("COPY data ./data\n", "COPY data ./data\nCOPY docs ./docs\n"),
    "pyproject.toml": ('    "numpy>=2.4",\n', '    "numpy>=2.4",\n    "packaging>=24", # ours\n'),
    "standards.yaml": ("waivers: []\n", "waivers:\n  - {code: SCH007, path: contracts/**}\n"),
}
REJECTED = [
    ".github/workflows/ci.yml",
    "README.md",
    "infra/Dockerfile",
    "project.yaml",
    f"{SOURCE}/baseline.py",
    f"{SOURCE}/model.py",
    f"{SOURCE}/tests/conftest.py",
    "standards.yaml",
]
REMOVED = ("contracts/flights.odcs.yaml", "contracts/weather.odcs.yaml", "data/sample/flights.csv")


@pytest.fixture
def first_project(machine: Machine, host: Path) -> Path:
    """Return a project of the first version, whose template is of this version by now."""
    root = Path(__file__).resolve().parent.parent
    if git(root, "rev-parse", "--is-shallow-repository") != "false\n":
        pytest.skip("this is a shallow clone, which has no first version: `git fetch --unshallow`")
    added = git(root, "log", "--diff-filter=A", "--format=%P", "--", GOLDEN_PATH).split()
    if not added:
        pytest.skip("the history begins after the first version")
    bare = host / "org" / "ml-template.git"
    newest = git(bare, "rev-parse", "HEAD").strip()
    git(bare, "fetch", "--quiet", str(root), f"{added[-1]}:refs/heads/first")
    git(bare, "tag", "--force", "v0.1.0", "first")
    identified(machine).ok("cookiecutter", URL, "--no-input", "--checkout", "v0.1.0")
    state = state_of(machine.folder / "flight-delays")
    assert state["commit"] != newest
    return machine.folder / "flight-delays"


def committed(machine: Machine, project: Path) -> None:
    """Commit everything, without the hooks."""
    machine.ok("git", "add", "--all", cwd=project)
    machine.ok("git", "commit", "--quiet", "--no-verify", "--message", "Ours", cwd=project)


def update(machine: Machine, project: Path) -> str:
    return machine.ok("cruft", "update", "--skip-apply-ask", "--checkout", "main", cwd=project)


def files(machine: Machine, project: Path) -> dict[str, bytes]:
    """Return what git tracks, but for what holds versions of its own."""
    names = set(machine.ok("git", "ls-files", cwd=project).split()) - {".cruft.json", "uv.lock"}
    return {name: (project / name).read_bytes() for name in names}


def test_a_project_of_the_first_version_becomes_one_of_this(machine: Machine, first_project: Path) -> None:
    said = update(machine, first_project)
    assert ".rej" not in said
    committed(machine, first_project)
    machine.ok("cookiecutter", URL, "--no-input", "--output-dir", "new")
    assert files(machine, first_project) == files(machine, machine.folder / "new" / "flight-delays")
    machine.ok("ml-checks", "check", "--base", "HEAD^", cwd=first_project)


def rewrite(project: Path) -> None:
    """Do what the owner did."""
    for path, text in WRITTEN.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")
    for path, (old, new) in ADDED.items():
        before = (project / path).read_text("utf-8")
        assert old in before
        (project / path).write_text(before.replace(old, new), encoding="utf-8")
    for path in REMOVED:
        (project / path).unlink()


def test_an_update_from_the_first_version_keeps_every_edit(machine: Machine, first_project: Path) -> None:
    rewrite(first_project)
    committed(machine, first_project)
    said = update(machine, first_project)
    now = {path: (first_project / path).read_text("utf-8") for path in [*WRITTEN, *ADDED]}
    assert WRITTEN.items() <= now.items()
    assert [path for path, (_, new) in ADDED.items() if new not in now[path]] == []
    assert [path for path in REMOVED if (first_project / path).exists()] == []
    # What found no place lies beside the file, and cruft says so.
    listed = machine.ok("git", "ls-files", "--others", "--exclude-standard", "*.rej", cwd=first_project).split()
    assert [path.removesuffix(".rej") for path in listed] == REJECTED
    assert "Project directory may have *.rej files" in said
    assert (first_project / SOURCE / "platform" / "manifest.json").exists()


def test_autoupdate_moves_the_checks_alone(machine: Machine, template: Path, host: Path) -> None:
    machine.ok("cookiecutter", "gh:org/ml-template", "--no-input")
    project = machine.folder / "flight-delays"
    config = (project / ".pre-commit-config.yaml").read_text("utf-8")
    next_version(template, host)
    machine.ok("pre-commit", "autoupdate", cwd=project)
    moved = re.sub(r"rev: v.*", "rev: v9.0.0", config)
    assert (project / ".pre-commit-config.yaml").read_text("utf-8") == moved != config


def test_an_answer_can_be_changed_later(machine: Machine, template: Path, bake: Bake) -> None:
    project = bake(license="MIT")
    answer = '{"license": "Apache-2.0"}'
    machine.ok("cruft", "update", "--skip-apply-ask", "--variables-to-update", answer, cwd=project)
    assert "Apache License" in (project / "LICENSE").read_text("utf-8")
    assert state_of(project)["context"]["cookiecutter"]["license"] == "Apache-2.0"
    assert state_of(project)["template"] == str(template)


# The hooks once more inside this process: every line and branch of them is seen to run.


@pytest.fixture
def inside(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a new folder in which this process works with the environment of the fresh machine."""
    folder = machine.folder / "flight-delays"
    folder.mkdir()
    (folder / "data.csv").write_text("a\n1\n", encoding="utf-8")
    for name in post_gen_project.LENT:
        monkeypatch.delenv(name, raising=False)
    for name, value in machine.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PWD", str(machine.folder))
    monkeypatch.chdir(folder)
    return folder


STATE: dict[str, Any] = {"template": URL, "commit": "c0ffee", "checkout": None, "directory": None, "context": {}}


def test_the_hook_does_nothing_while_cruft_is_at_work(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert post_gen_project.main(None) == 0
    assert [path.name for path in inside.iterdir()] == ["data.csv"]
    assert capsys.readouterr().out == ""


def test_a_project_that_cannot_be_locked_is_committed_all_the_same(
    inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert post_gen_project.main(STATE) == 0
    assert capsys.readouterr().out == NEXT + NO_LOCK + NO_IDENTITY
    assert sorted(path.name for path in inside.iterdir()) == [".cruft.json", ".git", "data.csv"]
    assert state_of(inside) == STATE


def test_where_nothing_is_missing_nothing_is_left_for_later(
    machine: Machine, inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    identified(machine)
    (inside / "pyproject.toml").write_text(
        '[project]\nname = "a"\nversion = "1"\nrequires-python = ">=3.11"\n', "utf-8"
    )
    assert post_gen_project.main(STATE) == 0
    assert capsys.readouterr().out == NEXT
    assert git(inside, "ls-files").split() == [".cruft.json", "data.csv", "pyproject.toml", "uv.lock"]
    assert git(inside, "branch", "--show-current") == "main\n"
    assert (inside / ".git" / "hooks" / "pre-commit").exists()


def test_inside_a_repository_files_go_to_its_top_once(
    machine: Machine, inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.ok("git", "init", "--quiet")
    files = {
        ".pre-commit-config.yaml": "repos: []\n",
        ".github/CODEOWNERS": "# All\n* @acme/flight-ops\n",
        ".github/workflows/ci.yml": "name: CI\n",
    }
    for text in ("", "# Changed\n"):
        for name, kept in files.items():
            (inside / name).parent.mkdir(parents=True, exist_ok=True)
            (inside / name).write_text(text + kept, "utf-8")
        assert post_gen_project.main(STATE) == 0
    moved = MOVED.format(".github/workflows/flight-delays.yml, .github/CODEOWNERS")
    taken = "For later: .github/CODEOWNERS is there already: "
    assert (moved in (said := capsys.readouterr().out), taken in said) == (True, True)
    assert (machine.folder / ".github/CODEOWNERS").read_text("utf-8") == "# All\n/flight-delays/ @acme/flight-ops\n"
    for name in (".github/CODEOWNERS", ".github/workflows/ci.yml"):
        (inside / name).write_text(files[name], "utf-8")
    assert post_gen_project.main(STATE) == 0
    assert not (inside / ".github/CODEOWNERS").exists()
    assert "is there already" not in capsys.readouterr().out


@pytest.mark.parametrize("ci", ["gitlab", "azure"])
def test_inside_a_repository_the_pipeline_stays_in_its_folder(
    machine: Machine, inside: Path, capsys: pytest.CaptureFixture[str], ci: str
) -> None:
    machine.ok("git", "init", "--quiet")
    (inside / ".pre-commit-config.yaml").write_text("repos: []\n", "utf-8")
    pipeline = inside / post_gen_project.PIPELINES[ci]
    pipeline.parent.mkdir(parents=True, exist_ok=True)
    top = machine.folder / ".gitlab-ci.yml"
    for text in (None, "stages: [test]\n", "include: [{local: /flight-delays/.gitlab-ci.yml}]\n"):
        pipeline.write_text("  FOLDER: . # here\n", "utf-8")
        if text is not None:
            top.write_text(text, "utf-8")
        assert post_gen_project.main(STATE) == 0
        assert pipeline.read_text("utf-8") == '  FOLDER: "flight-delays" # here\n'
    said = capsys.readouterr().out
    assert ("which includes /flight-delays/.gitlab-ci.yml" in said) == (ci == "gitlab")
    assert ("add `- local: /flight-delays/.gitlab-ci.yml` to its `include`" in said) == (ci == "gitlab")
    assert ("Azure DevOps asks where a new pipeline lies" in said) == (ci == "azure")


def test_a_second_run_changes_nothing(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    post_gen_project.main(STATE)
    before = git(inside, "rev-parse", "HEAD"), git(inside, "status", "--porcelain")
    capsys.readouterr()
    assert post_gen_project.main(STATE) == 0
    assert capsys.readouterr().out == NEXT + INSIDE
    assert (git(inside, "rev-parse", "HEAD"), git(inside, "status", "--porcelain")) == before


TAG = f"v{template_version()}"
PINNED = 'repos:\n  - repo: "{}"\n    rev: {}\n    hooks:\n      - id: ml-checks\n'


def test_in_a_folder_of_a_repository_the_hooks_keep_to_it(
    machine: Machine, inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.ok("git", "init", "--quiet")
    hooks = inside / ".pre-commit-config.yaml"
    hooks.write_text("# Hooks\nrepos:\n  - repo: local\n    hooks:\n      - id: ml-checks\n", "utf-8")
    assert post_gen_project.main(STATE) == 0
    assert capsys.readouterr().out == NEXT + NO_LOCK + STANDARDS + NO_HOOKS_AT_ALL + INSIDE
    assert yaml.safe_load(hooks.read_text("utf-8")) == {
        "files": r"^flight\-delays/",
        "repos": [{"repo": "local", "hooks": [{"id": "ml-checks", "args": ["flight-delays"]}]}],
    }
    narrowed = hooks.read_text("utf-8")
    (machine.folder / hooks.name).write_text("repos: []\n", "utf-8")
    assert post_gen_project.main(STATE) == 0
    assert hooks.read_text("utf-8") == narrowed
    assert capsys.readouterr().out == NEXT + NO_LOCK + STANDARDS + HOOKS_AT_THE_TOP + INSIDE


@pytest.mark.parametrize(
    ("pin", "note"),
    [
        pytest.param((URL, TAG), "", id="there"),
        pytest.param((URL, "v0.0.0"), NO_TAG.format(URL, "v0.0.0"), id="no such tag"),
        pytest.param((f"{URL}/nowhere", TAG), NO_ANSWER.format(f"{URL}/nowhere"), id="no repository"),
    ],
)
def test_where_the_hooks_come_from_is_asked(
    machine: Machine, inside: Path, capsys: pytest.CaptureFixture[str], pin: tuple[str, str], note: str
) -> None:
    identified(machine)
    (inside / ".pre-commit-config.yaml").write_text(PINNED.format(*pin), "utf-8")
    assert post_gen_project.main(STATE) == 0
    assert capsys.readouterr().out == NEXT + NO_LOCK + note


def test_hooks_that_git_takes_from_elsewhere_are_named(
    machine: Machine, inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    identified(machine).ok("git", "config", "--global", "core.hooksPath", "/shared/hooks")
    assert post_gen_project.main(STATE) == 0
    assert capsys.readouterr().out == NEXT + NO_LOCK + SHARED_HOOKS.format("/shared/hooks")
    assert not (inside / ".git" / "hooks").exists()


def test_a_commit_that_git_refuses_is_said(
    inside: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "no date")
    assert post_gen_project.main(STATE) == 0
    refused = "For later: git refused the first commit: run `git init`, `git add --all` and `git commit`\n"
    assert capsys.readouterr().out == NEXT + NO_LOCK + refused
    assert (inside / "data.csv").exists()


def test_without_programs_the_files_are_left_as_they_are(
    inside: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert post_gen_project.main({**STATE, "commit": ""}) == 0
    assert capsys.readouterr().out == NEXT + NO_HISTORY.format(URL) + NO_GIT
    assert [path.name for path in inside.iterdir()] == ["data.csv"]


def test_without_uv_and_with_shared_hooks_both_are_left_for_later(
    inside: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = shutil.which("git")
    assert found
    monkeypatch.setenv("PATH", str(Path(found).parent))
    git_only = [shutil.which(name) for name in ("uv", "pre-commit", "prek")]
    assert git_only == [None, None, None]
    assert post_gen_project.main(STATE) == 0
    assert capsys.readouterr().out == NEXT + NO_UV + NO_IDENTITY + NO_HOOKS
    assert git(inside, "status", "--porcelain") == ""


def test_a_program_that_takes_too_long_or_cannot_start_has_failed(
    inside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not post_gen_project.run("git", "hash-object", "--stdin-paths", "missing")
    assert not post_gen_project.run("sleep", "9", seconds=0.1)
    broken = inside / "broken"
    broken.write_bytes(b"\x7fELF")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(inside))
    assert not post_gen_project.run("broken")


def test_the_first_hook_tells_each_problem_on_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert pre_gen_project.main(["a is wrong", "b is wrong"]) == 1
    assert capsys.readouterr().err == "Error: a is wrong\nError: b is wrong\n"
    assert pre_gen_project.main([]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("hook", [pre_gen_project, post_gen_project])
def test_a_hook_that_cookiecutter_has_not_rendered_stops(inside: Path, hook: ModuleType) -> None:
    assert hook.__file__
    with pytest.raises(json.JSONDecodeError):
        runpy.run_path(hook.__file__, run_name="__main__")
    assert [path.name for path in inside.iterdir()] == ["data.csv"]
