"""The commands lead from the data to traced predictions, and fail with one sentence."""

import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from .. import PROGRAM, contract, lineage, tracking
from .conftest import PROJECT, Finished, command, git

PACKAGE = __name__.split(".", maxsplit=1)[0]
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


def test_a_run_passes_and_says_each_step_in_its_order(finished: Finished) -> None:
    assert (finished.code, finished.errors) == (0, "")
    assert [line.split()[0] for line in finished.output.splitlines()] == [
        "data",
        "data",
        "split",
        "rule",
        "model",
        "lift",
        "gate",
        "gate",
        "evidence",
        "predictions",
        "next",
    ]
    assert all(verdict.startswith("passed: ") for verdict in lines(finished)["gate"])


def test_the_predictions_cover_the_held_out_days_and_keep_their_contract(
    finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(finished.folder)
    (path,) = lineage.PREDICTIONS.iterdir()
    rows = contract.read(contract.load("late_arrival_predictions")._replace(data=str(path)))
    held_out = int(lines(finished)["split"][0].split(", ")[1].split()[0].replace(",", ""))
    assert len(rows) == held_out
    assert rows["run_id"].unique().to_list() == [path.stem]
    assert rows["is_warned"].sum() == round(held_out * 0.2)


def test_the_model_card_says_what_the_pipeline_measured(finished: Finished) -> None:
    card = (PROJECT / "models" / "late_arrival" / "README.md").read_text(encoding="utf-8")
    evaluation = card.split("## Evaluation")[1].split("\n## ")[0]
    said = [float(number) for number in re.findall(r"(?<![\w-])\d+\.\d+", evaluation)]
    (evidence,) = (finished.folder / lineage.RUNS).iterdir()
    with_run = json.loads(evidence.read_text(encoding="utf-8"))
    metrics, gates = with_run["metrics"], {gate["metric"]: gate["minimum"] for gate in with_run["gates"]}
    measured = [
        metrics["precision_at_20_percent"] * 100,
        metrics["rule_precision_at_20_percent"] * 100,
        metrics["auc"],
        metrics["rule_auc"],
        metrics["base_rate"] * 100,
        metrics["lift_over_rule"],
        gates["lift_over_rule"],
    ]
    # Other versions of the libraries may round the model a little differently.
    assert said == pytest.approx(measured, rel=0.03)


@needs_git
def test_a_run_leaves_git_clean(finished: Finished) -> None:
    assert git(finished.folder, "status", "--porcelain") == ""


def test_a_prediction_leads_to_model_code_data_contract_and_owner(finished: Finished) -> None:
    row = predictions_of(finished).row(7, named=True)
    traced = command(finished.folder, "trace", row["prediction_id"])
    assert (traced.code, traced.errors) == (0, "")
    printed = lines(traced)
    assert printed["prediction"] == [
        f"flight {row['flight_id']} is late with probability {row['late_arrival_probability']:.2f}"
    ]
    assert printed["run"][0].startswith(row["run_id"])
    assert printed["model"] == ["late_arrival version 1"]
    assert [data.split()[0] for data in printed["data"]] == ["data/sample/flights.csv", "data/sample/weather.csv"]
    assert [data.split()[0] for data in printed["contract"]] == [
        "contracts/flights.odcs.yaml",
        "contracts/weather.odcs.yaml",
    ]
    assert printed["owner"][0].split(" answers for ")[0]


def test_the_hint_at_the_end_of_a_run_can_be_followed(finished: Finished) -> None:
    hint = lines(finished)["next"][0].split(f"uv run {PROGRAM} ")[1].split()
    assert command(finished.folder, *hint).code == 0


def test_predicting_again_gives_the_same_predictions(finished: Finished) -> None:
    before = predictions_of(finished)
    assert command(finished.folder, "predict").code == 0
    assert predictions_of(finished).equals(before)
    assert command(finished.folder, "predict", "--run", str(before["run_id"][0])).code == 0
    assert predictions_of(finished).equals(before)


@needs_git
def test_a_failed_gate_is_said_and_kept_and_not_recorded(project: Path) -> None:
    charter = project / "project.yaml"
    charter.write_text(charter.read_text(encoding="utf-8").replace("minimum: 1.1", "minimum: 9"), encoding="utf-8")
    git(project, "commit", "--all", "--quiet", "--no-verify", "--message", "Ask for too much")
    trained = command(project, "run")
    assert trained.code == 1
    assert lines(trained)["gate"][0].startswith("FAILED: lift_over_rule is 1.")
    assert len(predictions_of(trained)) > 2_000
    recorded = command(project, "record")
    assert recorded.code == 2
    assert recorded.errors == f"{PROGRAM}: not recorded: the run did not pass its gate lift_over_rule\n"
    assert not (project / "evidence").exists()


@needs_git
def test_a_run_that_passed_is_recorded(finished: Finished, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(finished.folder, folder)
    recorded = command(folder, "record")
    assert (recorded.code, recorded.output) == (0, "recorded    evidence/late_arrival.json: commit it\n")
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
        [sys.executable, "-m", PACKAGE, "run"],
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
