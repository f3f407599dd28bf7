"""Every combination of the offered answers: each file can be read, and each check is green."""

from __future__ import annotations

import ast
import itertools
import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import local_extensions
from tests.test_platform import EXAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Bake
    from tests.machine import Machine

CHOICES: dict[str, list[str]] = local_extensions.QUESTIONS["_choices"]
COMBINATIONS = [dict(zip(CHOICES, answers, strict=True)) for answers in itertools.product(*CHOICES.values())]
# Where a project runs and lies; each licence is in some of them.
PLACES = [
    {"infrastructure": infrastructure, "ci": ci}
    for infrastructure, ci in itertools.product(CHOICES["infrastructure"], CHOICES["ci"])
]
LICENSED = [
    {**place, "license": name} for place, name in zip(PLACES, itertools.cycle(CHOICES["license"]), strict=False)
]
PARSERS: dict[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".lock": tomllib.loads,
    ".toml": tomllib.loads,
    ".yaml": yaml.safe_load,
    ".yml": yaml.safe_load,
}


def named(answers: dict[str, str]) -> str:
    """Return the name of a combination in the test's output."""
    return "-".join(answers.values())


def test_questions_and_choices_are_only_ever_added() -> None:
    # A question that is renamed loses its answer in `cruft update`, and a choice that is dropped stops it.
    # So this record of what was offered may grow, and nothing in it may change.
    assert local_extensions.NAMES[:8] == [
        "project_name",
        "project_slug",
        "description",
        "owner",
        "project_type",
        "infrastructure",
        "ci",
        "license",
    ]
    offered = {
        "project_type": {"tabular"},
        "infrastructure": {"container", "none"},
        "ci": {"github", "gitlab", "azure"},
        "license": {"Proprietary", "Apache-2.0", "MIT"},
    }
    assert set(CHOICES) == set(offered)
    assert {question for question in offered if not offered[question] <= set(CHOICES[question])} == set()


def files_of(project: Path) -> list[Path]:
    """Return the project's own files."""
    return [path for path in project.rglob("*") if path.is_file() and ".git" not in path.parts]


@pytest.mark.parametrize("answers", COMBINATIONS, ids=named)
def test_every_file_of_a_project_can_be_read(machine: Machine, bake: Bake, answers: dict[str, str]) -> None:
    project = bake(**answers)
    tracked = set(machine.ok("git", "ls-files", cwd=project).splitlines())
    files = files_of(project)
    assert tracked == {path.relative_to(project).as_posix() for path in files}
    for path in files:
        text = path.read_bytes().decode("utf-8")
        assert_rendered(path, text)
        assert_parses(path, text)
    folders = {folder for folder in project.rglob("*") if folder.is_dir() and ".git" not in folder.parts}
    used = set(itertools.chain.from_iterable(path.parents for path in files))
    assert folders - used <= {project / "outputs"}  # the first run fills it; git ignores it


def assert_rendered(path: Path, text: str) -> None:
    """Fail where something of the template is left in a file."""
    assert "cookiecutter." not in text.replace(".cookiecutter.", ""), path
    assert "{%" not in text, path
    # `${{ }}` belongs to GitHub's workflows.
    assert "{{" not in text.replace("${{", ""), path
    assert text.endswith("\n"), path


def assert_parses(path: Path, text: str) -> None:
    """Fail where a file of Python, or of a format that has a parser, is none."""
    if path.suffix == ".py":
        compile(text, path, "exec")
    elif path.suffix in PARSERS:
        assert PARSERS[path.suffix](text), path


def test_nothing_speaks_of_containers_where_there_are_none(bake: Bake) -> None:
    project = bake(infrastructure="none")
    words = ("container", "docker", "compose.yaml")  # scikit-learn has a module `compose`
    speaking = {
        path.relative_to(project).as_posix()
        for path in files_of(project)
        if path.name != "uv.lock" and any(word in path.read_text("utf-8").lower() for word in words)
    }
    # The golden path is the same in every project.
    platform = "src/flight_delays/platform/"
    assert {name for name in speaking if not name.startswith(platform)} == set()
    assert not (project / "infra").exists()
    assert not (project / ".dockerignore").exists()


MARK = "Example (replace it)"


OWN_PAGES = ("README.md", "models/late_arrival/README.md", "project.yaml")


@pytest.fixture
def churn(bake: Bake) -> dict[str, str]:
    """Return the files of a project that is not about flights, but for its data and the golden path."""
    project = bake(
        project_name="Churn", project_slug="churn", description="Ask those who may cancel to stay", owner="@acme/crm"
    )
    names = ((path.relative_to(project).as_posix(), path) for path in files_of(project))
    apart = re.compile(r"^data/|/platform/|^uv\.lock$")
    return {name: path.read_text("utf-8") for name, path in names if not apart.search(name)}


def test_what_belongs_to_the_example_is_marked(churn: dict[str, str]) -> None:
    assert {name for name, text in churn.items() if EXAMPLE.search(text) and MARK not in text} == set()


@pytest.mark.parametrize("name", OWN_PAGES)
def test_pages_speak_of_the_project_before_they_speak_of_the_example(churn: dict[str, str], name: str) -> None:
    assert "Churn" in churn[name]
    assert "@acme/crm" in churn[name].replace("\\", "")
    body = churn[name].rpartition("\n---\n")[2]  # a card begins with names of files
    assert EXAMPLE.findall(body.partition(MARK)[0].removeprefix("\n# Late arrival")) == []


def test_one_paragraph_of_the_readme_is_about_the_example(churn: dict[str, str]) -> None:
    paragraphs = churn["README.md"].split("\n\n")
    assert [MARK in paragraph for paragraph in paragraphs if EXAMPLE.search(paragraph)] == [True]


# Files that git, a host or a tool looks for under one name, and that nobody opens to write a model.
DEMANDED = {
    *(".cruft.json", ".dockerignore", ".gitattributes", ".gitignore", ".gitlab-ci.yml", ".pre-commit-config.yaml"),
    *("LICENSE", "renovate.json", "uv.lock"),
}
HOSTS = (".github/", ".gitlab/", ".azuredevops/")


@pytest.mark.parametrize("ci", CHOICES["ci"])
@pytest.mark.parametrize("infrastructure", CHOICES["infrastructure"])
def test_a_project_stays_small(machine: Machine, bake: Bake, infrastructure: str, ci: str) -> None:
    # Apart from platform/, data and tests (ADR 20).
    opened, looked_for = {"container": (16, 11), "none": (14, 10)}[infrastructure]
    project = bake(infrastructure=infrastructure, ci=ci)
    apart = re.compile(r"^data/|/platform/|/tests/")
    files = [name for name in machine.ok("git", "ls-files", cwd=project).splitlines() if not apart.search(name)]
    demanded = [name for name in files if name in DEMANDED or name.startswith(HOSTS)]
    assert len(demanded) == looked_for, demanded
    assert len(files) == opened + looked_for, sorted({*files} - {*demanded})


def test_no_project_can_have_the_name_of_something_that_it_needs(bake: Bake) -> None:
    project = bake()
    metadata = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
    groups = metadata["dependency-groups"].values()
    required = [*metadata["project"]["dependencies"], *itertools.chain(*groups), *metadata["build-system"]["requires"]]
    needed = {requirement for line in required for requirement in re.findall(r"^[\w.-]+", line)}
    for path in project.rglob("*.py"):
        needed |= {module.partition(".")[0] for module in imported(path)}
    assert {"mlflow-skinny", "mlflow", "scikit-learn", "sklearn", "pytest", "json"} <= needed
    accepted = {name for name in needed if not local_extensions.problem({"project_slug": name}, "project_slug")}
    assert accepted == set()


def imported(path: Path) -> Iterator[str]:
    """Yield the modules that a file of Python imports, but those of its own package."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module


def test_without_hooks_the_tree_is_the_same(machine: Machine, bake: Bake) -> None:
    with_hooks = bake()
    names = {path.relative_to(with_hooks) for path in files_of(with_hooks)}
    with_hooks.rename(machine.folder / "with-hooks")
    without = bake("--accept-hooks", "no")
    assert not (without / ".git").exists()
    made_by_hooks = names - {path.relative_to(without) for path in files_of(without)}
    assert {path.name for path in made_by_hooks} == {".cruft.json", "uv.lock"}


def schemas(project: Path) -> dict[str, list[str]]:
    """Return the schema of each file that a host or a tool reads, and how it is read there."""
    azure = ["vendor.azure-pipelines", "--data-transform", "azure-pipelines", "--regex-variant", "nonunicode"]
    known = {
        ".github/workflows/ci.yml": ["vendor.github-workflows"],
        ".github/dependabot.yml": ["vendor.dependabot"],
        ".gitlab-ci.yml": ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
        ".gitlab/renovate.json": ["vendor.renovate"],
        ".azuredevops/pipelines/ci.yml": azure,
        "renovate.json": ["vendor.renovate"],
        "infra/compose.yaml": ["vendor.compose-spec"],
    }
    return {name: words for name, words in known.items() if (project / name).exists()}


CHECKOV = "checkov==3.3.30"


@pytest.mark.slow
@pytest.mark.parametrize("answers", PLACES, ids=named)
def test_linters_find_nothing_in_pipelines_and_images(online: Machine, bake: Bake, answers: dict[str, str]) -> None:
    project = bake(**answers)
    held = schemas(project)
    assert len(held) == 2 + (answers["infrastructure"] == "container")
    for name, words in held.items():
        online.ok("check-jsonschema", "--builtin-schema", *words, name, cwd=project)
    if answers["ci"] == "github":
        online.ok("zizmor", "--offline", "--no-progress", "--quiet", ".github", cwd=project)
    if answers["infrastructure"] == "container":
        online.ok("hadolint", "--failure-threshold", "style", "infra/Dockerfile", cwd=project)
    checkov = ("uv", "tool", "run", "--quiet", "--from", CHECKOV, "checkov", "--skip-download", "--directory", ".")
    found = json.loads(online.ok(*checkov, "--output", "json", cwd=project))
    reports = found if isinstance(found, list) else [found]
    summaries = {report["check_type"]: report["summary"] for report in reports if "summary" in report}
    assert ("dockerfile" in summaries) == (answers["infrastructure"] == "container")
    assert {kind: (summary["failed"], summary["skipped"]) for kind, summary in summaries.items()} == dict.fromkeys(
        summaries, (0, 0)
    )


def read_by_hosts(project: Path) -> str:
    """Return the Dockerfile and the pipelines as one text."""
    files = (project / "infra" / "Dockerfile", *project.rglob("*.yml"))
    return "".join(path.read_text("utf-8") for path in files)


@pytest.mark.parametrize("ci", CHOICES["ci"])
def test_images_are_pinned_and_the_same_everywhere(bake: Bake, ci: str) -> None:
    text = read_by_hosts(bake(ci=ci))
    images = set(re.findall(r"^(?:FROM| *image:) (\S+/\S+|\S+:\S+)", text, re.MULTILINE))
    assert len(images) == 2
    assert [image for image in images if not re.fullmatch(r"[a-z./-]+:[\w.-]+@sha256:[0-9a-f]{64}", image)] == []
    # uv and Python are named by the same versions where they are no image.
    (version,) = re.findall(r"/uv:([\d.]+)@", text)
    assert set(re.findall(r"(?:uv==|[^-]\bversion: \")([\d.]+)", text)) == {version}
    assert set(re.findall(r"(?:python:|python-version: \"|versionSpec: \")(\d+\.\d+)", text)) == {"3.12"}


def test_compose_asks_what_a_job_asks(bake: Bake) -> None:
    project = bake()
    service = yaml.safe_load((project / "infra" / "compose.yaml").read_text("utf-8"))["services"]["pipeline"]
    assert (service["user"], service["read_only"], service["tmpfs"]) == ("1000:1000", True, ["/tmp"])  # noqa: S108
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert (service["network_mode"], service["volumes"]) == ("none", ["outputs:/app/outputs"])


def read_by_commands(project: Path) -> dict[str, bytes]:
    """Return what mypy, the tests and the pipeline may read: all but the licence, and the card that names it."""
    names = {path.relative_to(project).as_posix(): path for path in files_of(project)}
    named_in = {"LICENSE", "models/late_arrival/README.md", ".cruft.json"}
    return {name: path.read_bytes() for name, path in names.items() if name not in named_in}


@pytest.mark.slow
@pytest.mark.parametrize("infrastructure", CHOICES["infrastructure"])
def test_a_new_project_is_green(online: Machine, bake: Bake, builder: dict[str, str], infrastructure: str) -> None:
    project, machine = bake(infrastructure=infrastructure), online.with_settings(**builder)
    for command in (
        "uv sync --quiet",
        "uv run mypy",
        "uv run pytest -q",
        f"uv run {project.name} run",
        "git diff --exit-code",
    ):
        machine.ok(*command.split(), cwd=project)
    assert machine.ok("git", "status", "--porcelain", cwd=project) == ""


@pytest.mark.parametrize("licence", CHOICES["license"])
@pytest.mark.parametrize("infrastructure", CHOICES["infrastructure"])
def test_the_licence_changes_nothing_that_the_commands_read(
    machine: Machine, bake: Bake, infrastructure: str, licence: str
) -> None:
    # So what runs with one licence runs with each.
    default, other = bake(infrastructure=infrastructure), machine.folder / "default"
    default.rename(other)
    assert read_by_commands(bake(infrastructure=infrastructure, license=licence)) == read_by_commands(other)


@pytest.mark.slow
@pytest.mark.parametrize("answers", LICENSED, ids=named)
def test_the_hooks_of_a_new_project_change_nothing(online: Machine, bake: Bake, answers: dict[str, str]) -> None:
    project = bake(**answers)
    online.ok("pre-commit", "run", "--all-files", cwd=project)
    assert online.ok("git", "status", "--porcelain", cwd=project) == ""


@pytest.mark.slow
def test_prek_runs_the_same_hooks(machine: Machine, online: Machine, bake: Bake) -> None:
    project = bake()
    lines = online.ok("prek", "run", "--all-files", cwd=project).splitlines()
    config = yaml.safe_load((project / ".pre-commit-config.yaml").read_text("utf-8"))
    hooks = [hook["id"] for repo in config["repos"] for hook in repo["hooks"]]
    assert len([line for line in lines if line.endswith(("Passed", "Skipped"))]) == len(hooks)
    assert machine.ok("git", "status", "--porcelain", cwd=project) == ""
