"""A project works wherever it lies: moved, copied, with any signs in its path, and while another one trains."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from flight_delays.platform import lineage, tracking

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Finished

MODULES = """
import json, sys
from flight_delays.platform.__main__ import main
code = main(["trace", sys.argv[1]])
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


@pytest.fixture
def copied(finished: Finished, tmp_path: Path) -> Path:
    """Return a copy of the project and of all that a run has left in it, at a place that is hard to spell."""
    return shutil.copytree(finished.folder, tmp_path / "a b?c %41 é #1" / "project")


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts}


def done(folder: Path, *words: str) -> str:
    """Run a command as users do, in a process of its own."""
    program = [sys.executable, "-m", "flight_delays.platform", *words]
    return subprocess.run(program, cwd=folder, capture_output=True, encoding="utf-8", check=True).stdout


def test_a_copy_predicts_and_trains_by_itself(copied: Path, finished: Finished) -> None:
    original = files(finished.folder)
    assert "predictions " in done(copied, "predict")
    done(copied, "train")
    assert files(finished.folder) == original
    assert len(list((copied / lineage.RUNS).iterdir())) == 2
    assert len(list((copied / tracking.MODELS).iterdir())) == 2


def test_the_first_training_works_at_any_place(copied: Path) -> None:
    shutil.rmtree(copied / "outputs")
    done(copied, "train")
    assert sorted(path.name for path in (copied / "outputs").iterdir()) == [
        "evidence",
        "mlflow.db",
        "models",
        "reports",
    ]
    assert [path.name for path in copied.parent.parent.iterdir()] == ["a b?c %41 é #1"]


def test_nothing_that_a_run_leaves_names_its_place(finished: Finished) -> None:
    place = str(finished.folder).encode()
    left = {path: content for path, content in files(finished.folder / "outputs").items() if not path.endswith(".db")}
    assert left
    assert [path for path, content in left.items() if place in content] == []


def test_two_first_trainings_at_once_both_count(project: Path) -> None:
    words = [sys.executable, "-m", "flight_delays.platform", "train"]
    started = [
        subprocess.Popen(words, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        for _ in range(2)
    ]
    errors = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0], errors
    runs = {path.name.partition(".")[0] for path in (project / lineage.RUNS).iterdir()}
    assert {tracking.version_of("late_arrival", run) for run in runs} == {1, 2}
    assert not list((project / "outputs").glob(".mlflow*"))


def test_a_trace_needs_none_of_the_libraries_that_made_it(finished: Finished) -> None:
    prediction = finished.output.splitlines()[-1].partition(" trace ")[2]
    done = subprocess.run(
        [sys.executable, "-c", MODULES, prediction], cwd=finished.folder, capture_output=True, text=True, check=True
    )
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0
    assert {"flight_delays", "yaml"} <= set(modules)
    assert {"mlflow", "numpy", "pandera", "polars", "sklearn", "skops"}.isdisjoint(modules)
