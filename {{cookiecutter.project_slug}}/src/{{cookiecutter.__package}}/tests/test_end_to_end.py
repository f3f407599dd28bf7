# Example (replace it)
"""The whole on the sample: from data to predictions that can be traced, and a card that tells the truth about them."""

import re
import shutil

import polars as pl
import pytest

from ..platform import lineage
from .conftest import PROJECT, Finished, command, git

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def test_a_run_passes_its_gate_and_leaves_git_clean(finished: Finished) -> None:
    assert (finished.code, finished.errors) == (0, "")
    gates = [line for line in finished.output.splitlines() if line.startswith("gate ")]
    assert gates
    assert all(" pass: " in gate for gate in gates)


@needs_git
def test_a_run_leaves_git_clean(finished: Finished) -> None:
    assert git(finished.folder, "status", "--porcelain") == ""


def test_each_held_out_flight_is_scored_and_a_fifth_is_warned_of(finished: Finished) -> None:
    (path,) = (finished.folder / lineage.PREDICTIONS).iterdir()
    rows = pl.read_csv(path)
    assert len(rows) == 2_520
    assert rows["flight_id"].n_unique() == 2_520
    assert rows["is_warned"].sum() == 504
    chosen = rows.filter("is_warned")["late_arrival_probability"].min()
    others = rows.filter(~pl.col("is_warned"))["late_arrival_probability"].max()
    assert pl.Series([chosen]).ge(others).all()


def test_a_prediction_leads_to_its_data_and_owner(finished: Finished) -> None:
    hint = finished.output.splitlines()[-1].partition(" trace ")[2]
    traced = command(finished.folder, "trace", hint)
    assert (traced.code, traced.errors) == (0, "")
    for place in ("data/sample/flights.csv", "contracts/weather.odcs.yaml", "gates/late_arrival/"):
        assert place in traced.output


def test_the_model_card_says_what_the_pipeline_measured(finished: Finished) -> None:
    card = (PROJECT / "models" / "late_arrival" / "README.md").read_text(encoding="utf-8")
    evaluation = card.split("## Evaluation")[1].split("\n## ")[0]
    said = [float(number) for number in re.findall(r"(?<![\w-])\d+\.\d+", evaluation)]
    (path,) = (finished.folder / lineage.RUNS).iterdir()
    held = lineage.load_file(path).held["metrics"]
    precision, area = held["precision_at_20_percent"], held["roc_auc"]
    measured = [
        precision["model"]["value"] * 100,
        precision["rule"]["value"] * 100,
        area["model"]["value"],
        area["rule"]["value"],
        precision["model"]["value"] / held["lift_at_20_percent"]["model"]["value"] * 100,
        precision["ratio"]["value"],
        precision["ratio"]["low"],
        precision["ratio"]["high"],
    ]
    # Other versions of the libraries may round the model a little differently.
    assert said == pytest.approx(measured, rel=0.03)
