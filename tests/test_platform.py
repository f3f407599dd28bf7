"""The golden path that every project has: its own tests, in the environment of a new project."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Bake
    from tests.machine import Machine

TESTS = ROOT / "tests" / "platform"
# Parts of about the same length, which run beside each other.
PARTS = ("test_drafting_*.py", "test_[a-c]*.py", "test_[e-o]*.py", "test_[p-z]*.py", "test_di*.py")
PLATFORM = ROOT / "{{cookiecutter.project_slug}}" / "src" / "{{cookiecutter.__package}}" / "platform"
# The words of the example, of which the golden path knows none.
EXAMPLE = re.compile(
    r"\b(airlines?|airports?|arriv\w*|delay\w*|depart\w*|flights?|late|nycflights\w*|travel\w*|is_warned|warn(s|ings?)?|weather)\b",
    re.IGNORECASE,
)


def test_no_word_of_the_example_is_in_the_golden_path() -> None:
    found = {
        (path.name, word[0])
        for path in PLATFORM.rglob("*.py")
        if path.is_file()
        for word in EXAMPLE.finditer(path.read_text("utf-8"))
    }
    assert found == set()


def test_the_page_on_data_files_names_each_property_that_is_read() -> None:
    page = (ROOT / "docs" / "data-files.md").read_text("utf-8")
    listed = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", page, re.MULTILINE))))
    code = "".join((PLATFORM / name).read_text("utf-8") for name in ("source.py", "contract.py"))
    assert listed - {"unit"} == set(re.findall(r"""custom\.get\("(\w+)\"""", code))  # a unit is for ml-checks


def test_each_file_of_tests_is_in_one_part() -> None:
    parts = [path for pattern in PARTS for path in TESTS.glob(pattern)]
    assert sorted(parts) == sorted(TESTS.glob("test_*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_the_golden_path_keeps_its_promises(online: Machine, bake: Bake, builder: dict[str, str], part: str) -> None:
    project, machine = bake(), online.with_settings(**builder)
    run = ("uv", "run", "--quiet", "--with", "jsonschema>=4.23")
    place = ("--rootdir", TESTS, "--confcutdir", TESTS, "-c", "pyproject.toml", "-p", "no:cacheprovider")
    machine.ok(*run, "python", "-m", "pytest", "-q", *place, *sorted(TESTS.glob(part)), cwd=project)


# Trains, and kills a server in the middle of what is kept there.
DIES = """
import os, signal, sys
import mlflow
from flight_delays.platform.__main__ import main
log_metrics = mlflow.log_metrics
def killing(*arguments):
    os.killpg(int(sys.argv[1]), signal.SIGKILL)
    return log_metrics(*arguments)
mlflow.log_metrics = killing
sys.exit(main(["run"]))
"""


@contextmanager
def mlflow_server(machine: Machine, folder: Path) -> Iterator[tuple[str, int]]:
    """Run a server of MLflow, which keeps its runs and models in a folder, and give its address and its processes."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    places = (
        "--backend-store-uri",
        f"sqlite:///{folder}/runs.db",
        "--artifacts-destination",
        str(folder / "artifacts"),
    )
    where = ("--host", "127.0.0.1", "--port", str(port), "--workers", "1")
    command = ["uv", "run", "--quiet", "--no-project", "--with", "mlflow>=3.17", "mlflow", "server", *places, *where]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=machine.environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/health", folder / "server.log")
        yield address, server.pid
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=60)


def wait_for(address: str, log: Path) -> None:
    """Wait until a server answers."""
    last = time.monotonic() + 180
    while time.monotonic() < last:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - an address of our own
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail(log.read_text("utf-8"))


def refuse_half_a_run(machine: Machine, project: Path, address: str, group: int) -> None:
    """Let the server die in the middle of a training: one sentence says it, and nothing of the run is left."""
    there = sorted((project / "outputs").rglob("*"))
    python = ("uv", "run", "--quiet", "python", "-c", DIES, str(group))
    died = machine.run(*python, cwd=project, MLFLOW_TRACKING_URI=address)
    assert (died.returncode, died.stderr.count("\n")) == (2, 1)
    assert died.stderr.startswith(f"flight-delays: {address} does not answer any more (API request to ")
    advice = "start that server, or correct MLFLOW_TRACKING_URI"
    assert died.stderr.endswith(f" ...), and what was begun is not used: {advice}\n")
    assert sorted((project / "outputs").rglob("*")) == there


@pytest.mark.slow
def test_a_server_of_mlflow_keeps_the_runs_with_no_change_of_code(
    online: Machine, bake: Bake, builder: dict[str, str], tmp_path: Path
) -> None:
    project, machine = bake(), online.with_settings(**builder)
    kept = tmp_path / "server"
    kept.mkdir()
    with mlflow_server(machine, kept) as (address, group):

        def run(*words: str) -> str:
            return machine.ok("uv", "run", "--quiet", "flight-delays", *words, cwd=project, MLFLOW_TRACKING_URI=address)

        topics = {line.split()[0] for line in run("run").splitlines()}
        assert topics == {
            *("data", "split", "suspects", "rule", "model", "gain", "rows", "room", "gate", "evidence", "report"),
            *("predictions", "next"),
        }
        (predictions,) = (project / "outputs" / "predictions").iterdir()
        before = predictions.read_text("utf-8")
        assert f"run         {predictions.stem}," in run("trace", before.splitlines()[1].split(",")[0])
        (model,) = (project / "outputs" / "models").iterdir()
        digest = model.read_bytes()
        model.unlink()
        predictions.unlink()
        run("predict")
        assert model.read_bytes() == digest
        assert predictions.read_text("utf-8") == before
        refuse_half_a_run(machine, project, address, group)
    assert not (project / "outputs" / "mlflow.db").exists()
    gone = machine.run("uv", "run", "--quiet", "flight-delays", "predict", cwd=project, MLFLOW_TRACKING_URI=address)
    assert gone.returncode == 2
    assert gone.stderr.startswith(f"flight-delays: {address} cannot be opened (")
    assert gone.stderr.endswith("): start that server, or correct MLFLOW_TRACKING_URI\n")
