"""The commands lead from the data to traced predictions, and fail with one sentence."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import polars as pl
import pytest
from flight_delays.platform import PROGRAM, lineage, tracking
from flight_delays.tests.conftest import command

from .conftest import Finished, git

if TYPE_CHECKING:
    from pathlib import Path

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def lines(finished: Finished) -> dict[str, list[str]]:
    """Return what was printed, by the word at the beginning of the line."""
    printed: dict[str, list[str]] = {}
    for line in finished.output.splitlines():
        topic, _, text = line.partition(" ")
        printed.setdefault(topic, []).append(text.strip())
    return printed


def predictions_of(finished: Finished) -> pl.DataFrame:
    (path,) = (finished.folder / lineage.PREDICTIONS).iterdir()
    return pl.read_csv(path)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_run_says_each_step_in_its_order(finished: Finished) -> None:
    assert (finished.code, finished.errors) == (0, "")
    assert [line.split()[0] for line in finished.output.splitlines()] == [
        *("data", "data", "split", "suspects", "rule", "model", "gain", "rows", "room", "gate", "gate", "evidence"),
        *("report", "predictions", "next"),
    ]
    (gain,) = lines(finished)["gain"]
    pattern = (
        r"1\.2\d times the rule's precision_at_20_percent, between 1\.\d+ and 1\.\d+ when the 92 days are resampled"
    )
    assert re.fullmatch(pattern, gain)
    (room,) = lines(finished)["room"]
    sums = r"the rule hits 6\d, the model 8\d, a perfect model 200; 1\d% of the way from the rule to perfect"
    assert re.fullmatch(rf"of 1,000 rows 200 are chosen: {sums}", room)


def test_predicting_again_gives_the_same_predictions(finished: Finished) -> None:
    before = predictions_of(finished)
    assert command(finished.folder, "predict").code == 0
    assert predictions_of(finished).equals(before)
    assert command(finished.folder, "predict", "--run", str(before["run_id"][0])).code == 0
    assert predictions_of(finished).equals(before)


def test_new_rows_without_their_outcome_are_scored_as_the_old_ones_were(finished: Finished, tmp_path: Path) -> None:
    known = predictions_of(finished)
    flights = pl.read_csv(finished.folder / "data" / "sample" / "flights.csv", infer_schema=False)
    later = ["departure_delay_minutes", "arrival_delay_minutes", "air_time_minutes"]
    few = flights.filter(pl.col("flight_id").is_in(known["flight_id"].head(50).cast(pl.String).to_list())).drop(later)
    few.write_csv(tmp_path / "today.csv")
    done = command(
        finished.folder, "predict", "--input", str(tmp_path / "today.csv"), "--output", str(tmp_path / "o.csv")
    )
    assert (done.code, done.errors) == (0, "")
    found = pl.read_csv(tmp_path / "o.csv").join(known, on="flight_id")
    assert len(found) == 50
    assert found["late_arrival_probability"].equals(found["late_arrival_probability_right"], null_equal=False)
    assert found["prediction_id"].equals(found["prediction_id_right"])


def test_new_rows_that_lack_what_the_model_reads_are_refused(finished: Finished, tmp_path: Path) -> None:
    flights = pl.read_csv(finished.folder / "data" / "sample" / "flights.csv", infer_schema=False)
    flights.head(3).drop("carrier_code").write_csv(tmp_path / "today.csv")
    done = command(finished.folder, "predict", "--input", str(tmp_path / "today.csv"))
    assert (done.code, done.errors) == (
        2,
        f"{PROGRAM}: the rows lack carrier_code, which the model reads: add what is missing\n",
    )


@needs_git
def test_a_failed_gate_is_said_and_kept_and_neither_recorded_nor_used(project: Path) -> None:
    gate = project / "gates" / "late_arrival" / "feasibility.yaml"
    replace(gate, "threshold: 1.0", "threshold: 9")
    git(project, "commit", "--all", "--quiet", "--no-verify", "--message", "Ask for too much")
    trained = command(project, "run")
    assert trained.code == 1
    claim = "precision_at_20_percent (ratio to the rule) > 9"
    assert lines(trained)["gate"][0].startswith(f"fail: {claim}: 1.2")
    assert len(predictions_of(trained)) > 2_000
    recorded = command(project, "record")
    assert (recorded.code, recorded.errors) == (
        2,
        f"{PROGRAM}: not recorded: the run did not pass its gate: {claim}\n",
    )
    assert not (project / "evidence").exists()
    unnamed = command(project, "predict")
    assert unnamed.code == 2
    named = re.fullmatch(
        rf"{PROGRAM}: no late_arrival model has passed its gate yet: .* such as --run (\w+)\n", unnamed.errors
    )
    assert named
    scored = command(project, "predict", "--run", named[1])
    assert (scored.code, lines(scored)["attention"]) == (0, [f"run {named[1]} did not pass its gate: {claim}"])


@needs_git
def test_a_run_that_passed_is_recorded(finished: Finished, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(finished.folder, folder)
    recorded = command(folder, "record")
    assert recorded.code == 0
    assert re.fullmatch(r"recorded    evidence/late_arrival/\w{32}\.intoto\.jsonl: commit it\n", recorded.output)
    assert git(folder, "status", "--porcelain") == "?? evidence/\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        pytest.param(["predict"], "no late_arrival model was trained yet: use `train` or `run` first", id="untrained"),
        pytest.param(["record"], "no late_arrival model was trained yet: use `train` or `run` first", id="no run"),
        pytest.param(
            ["predict", "--run", "x'y"],
            'outputs/mlflow.db knows no late_arrival model of run "x\'y": outputs/evidence names each run',
            id="unknown run",
        ),
        pytest.param(["run", "--model", "x"], "project.yaml has no model 'x': it has late_arrival", id="unknown model"),
        pytest.param(
            ["trace", "x"],
            "no file in outputs/predictions holds the prediction 'x': copy an id from there",
            id="unknown prediction",
        ),
    ],
)
def test_what_is_not_there_is_one_sentence(project: Path, arguments: list[str], reason: str) -> None:
    assert command(project, *arguments) == Finished(project, 2, "", f"{PROGRAM}: {reason}\n")
    assert not (project / "outputs").exists()


@pytest.mark.parametrize(
    ("path", "old", "new", "reason"),
    [
        pytest.param(
            "project.yaml",
            "target: arrival_delay_minutes",
            "target: delay",
            "project.yaml names 'delay', which contracts/flights.odcs.yaml does not have: it has flight_id",
            id="a target that is not there",
        ),
        pytest.param(
            "project.yaml",
            "stage: feasibility",
            "stage: testing",
            "gates/late_arrival/testing.yaml is missing: write what late_arrival has to show before it leaves testing",
            id="a stage without a gate",
        ),
        pytest.param(
            "project.yaml",
            "stage: feasibility",
            "stage: retired",
            "project.yaml names no model that is in use",
            id="no",
        ),
    ],
)
def test_what_does_not_fit_is_one_sentence_before_any_training(
    project: Path, path: str, old: str, new: str, reason: str
) -> None:
    replace(project / path, old, new)
    stopped = command(project, "run")
    assert stopped.code == 2
    assert stopped.errors.startswith(f"{PROGRAM}: {reason}")
    assert not (project / "outputs").exists()


def test_missing_data_is_one_sentence_and_leaves_nothing(project: Path) -> None:
    (project / "data" / "sample" / "flights.csv").unlink()
    stopped = command(project, "run")
    sentence = "data/sample/flights.csv is missing: put the file there, or correct `servers` in its contract"
    assert stopped == Finished(project, 2, "", f"{PROGRAM}: {sentence}\n")
    assert not (project / "outputs").exists()


def test_a_database_that_is_none_is_one_sentence(project: Path) -> None:
    tracking.DATABASE.parent.mkdir()
    tracking.DATABASE.write_text("not a database", encoding="utf-8")
    stopped = command(project, "record")
    assert stopped.code == 2
    assert stopped.errors.startswith(f"{PROGRAM}: outputs/mlflow.db cannot be opened (")
    assert stopped.errors.count("\n") == 1


def test_outside_of_a_project_it_says_where_to_go(tmp_path: Path) -> None:
    assert command(tmp_path, "run").errors.endswith("change to the project's folder\n")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_ctrl_c_is_one_line_and_the_next_run_works(project: Path) -> None:
    started = subprocess.Popen(
        [sys.executable, "-m", "flight_delays.platform", "run"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert started.stdout is not None
    started.stdout.readline()  # it is at work
    started.send_signal(signal.SIGINT)
    _, errors = started.communicate(timeout=60)
    assert errors == f"\n{PROGRAM}: interrupted; no file was left half-written\n"
    # Python may end by the signal itself after main has returned 130. A shell shows 130 for both.
    assert started.returncode in (130, -signal.SIGINT)
    assert [path.name for path in project.rglob(".*.csv.*")] == []
    assert command(project, "train").code == 0
