"""A model may read the predictions of another, which knew the outcome of no row that it predicts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
import yaml
from flight_delays import baseline, features, model
from flight_delays.platform import PROGRAM, ensemble, lineage, source, split
from flight_delays.platform.charter import Model, Split
from flight_delays.tests.conftest import command
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsRegressor

from .test_kinds import TYPES, contract, rows

if TYPE_CHECKING:
    from pathlib import Path

    from flight_delays.platform.tables import Tables

SPLIT = {"by": "group", "field": "nest_code", "held_out": 0.3}
ENTRY = {"stage": "testing", "kind": "regression", "rows": "animals", "id": "animal_id", "target": "weight_g"}
NEAREST, BOTH = ({"name": name, **ENTRY, "split": SPLIT} for name in ("nearest", "both"))
GATE = {"unit": "group", "minimum_rows": 20, "claims": [{"metric": "r2", "comparator": ">", "threshold": -9}]}
# What the second model was given when it learned.
GIVEN: list[pl.DataFrame] = []


def known(tables: Tables) -> pl.DataFrame:
    return tables.known(tables["animals"], ["seen"]).drop("place")


def with_nearest(tables: Tables) -> pl.DataFrame:
    found = known(tables).join(tables.predictions("nearest"), on="animal_id")
    GIVEN.append(found)
    return found


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a project of two models, the second of which reads the first and stands before it."""
    # The weight is a matter of chance: only who has seen it can know it, as the nearest neighbour of itself.
    animals = rows().with_columns(weight_g=pl.Series(np.random.default_rng(1).normal(size=400)))
    animals.write_csv(tmp_path / "animals.csv")
    write(tmp_path, [{**BOTH, "reads": ["nearest"]}, NEAREST])
    for name in ("nearest", "both"):
        fields = {
            "prediction_id": "string, primaryKey: true, required: true",
            "run_id": "string",
            "animal_id": "string",
            f"{name}_g": "number, customProperties: [{property: role, value: score}]",
        }
        put(tmp_path / f"gates/{name}/testing.yaml", yaml.safe_dump(GATE))
        put(
            tmp_path / f"contracts/{name}_predictions.odcs.yaml",
            contract(f"{name}_predictions", f"{name}.csv", fields),
        )
        monkeypatch.setattr(baseline, name, lambda features: features["length_cm"] * 0, raising=False)
    put(tmp_path / "contracts/animals.odcs.yaml", contract("animals", "animals.csv", TYPES))
    for module, name, function in (
        (features, "nearest", known),
        (features, "both", with_nearest),
        (model, "nearest", lambda _: KNeighborsRegressor(1)),
        (model, "both", lambda _: LinearRegression()),
    ):
        monkeypatch.setattr(module, name, function, raising=False)
    GIVEN.clear()
    return tmp_path


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write(folder: Path, models: list[dict[str, Any]]) -> None:
    put(folder / "project.yaml", yaml.safe_dump({"name": "Zoo", "owner": "@acme/lab", "models": models}))


def runs(folder: Path) -> dict[str, str]:
    """Return the only run of each model."""
    found = [lineage.load_file(path) for path in (folder / lineage.RUNS).iterdir()]
    assert len(found) == len({evidence.model for evidence in found})
    return {evidence.model: evidence.run_id for evidence in found}


def test_each_model_is_trained_judged_traced_and_predicts_from_the_same_run_of_the_other(
    zoo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = command(zoo, "run")
    assert (done.code, done.errors) == (0, "")
    assert done.output.count("\ngate ") == 2
    run = runs(zoo)
    first = pl.read_csv(zoo / lineage.PREDICTIONS / f"{run['both']}.csv")
    traced = command(zoo, "trace", first["prediction_id"][0]).output
    digest = lineage.load_file(zoo / lineage.RUNS / f"{run['nearest']}.intoto.jsonl").digest
    path = f"outputs/models/{run['nearest']}.skops"
    assert f"\nreads       {path} model nearest run {run['nearest']} sha256 {digest}\n" in traced

    assert command(zoo, "train", "--model", "nearest").code == 0  # a newer one is none of its business
    assert command(zoo, "predict", "--model", "both").code == 0
    assert pl.read_csv(zoo / lineage.PREDICTIONS / f"{run['both']}.csv").equals(first)
    monkeypatch.setattr(source, "BLOCK_BYTES", 3_000)
    held_out = pl.read_csv(zoo / "animals.csv").filter(pl.col("animal_id").is_in(first["animal_id"].to_list()))
    held_out.drop("weight_g").write_csv(zoo / "new.csv")
    new = command(zoo, "predict", "--model", "both", "--input", str(zoo / "new.csv"), "--output", str(zoo / "o.csv"))
    assert (new.code, new.errors) == (0, "")
    found = pl.read_csv(zoo / "o.csv").join(first, on="prediction_id")
    assert len(found) == len(first)
    np.testing.assert_allclose(found["both_g"], found["both_g_right"])
    assert command(zoo, "predict").errors == (
        f"{PROGRAM}: there are several models: name one with --model, nearest, both\n"
    )


@pytest.mark.parametrize(
    "by", [SPLIT, {"by": "time", "field": "seen_on", "held_out": 0.3}, {"by": "random", "held_out": 0.3}]
)
def test_a_row_to_learn_from_is_predicted_by_a_model_that_did_not_know_it(zoo: Path, by: dict[str, Any]) -> None:
    write(zoo, [{**BOTH, "reads": ["nearest"], "split": by}, {**NEAREST, "split": by}])
    for name in ("nearest", "both"):
        unit = {"time": "day", "random": "row"}.get(by["by"], "group")
        put(zoo / f"gates/{name}/testing.yaml", yaml.safe_dump({**GATE, "unit": unit}))
    assert command(zoo, "run").code == 0
    (given,) = GIVEN
    both = given.join(pl.read_csv(zoo / "animals.csv").select("animal_id", "weight_g"), on="animal_id")
    assert len(both) == 400
    assert abs(both.select(pl.corr("nearest_g", "weight_g")).item()) < 0.2  # 1.0 in the sample


def test_the_held_out_rows_are_predicted_by_the_run_that_was_trained(zoo: Path) -> None:
    assert command(zoo, "run").code == 0
    nearest = pl.read_csv(zoo / lineage.PREDICTIONS / f"{runs(zoo)['nearest']}.csv")
    found = nearest.join(GIVEN[0], on="animal_id")
    assert len(found) == len(nearest)
    np.testing.assert_allclose(found["nearest_g"], found["nearest_g_right"])


def test_a_model_that_learned_from_other_rows_has_to_be_trained_again(zoo: Path) -> None:
    assert command(zoo, "train", "--model", "both").errors == (
        f"{PROGRAM}: no nearest model was trained yet: use `train` or `run` first\n"
    )
    assert command(zoo, "train").code == 0
    pl.read_csv(zoo / "animals.csv").head(390).write_csv(zoo / "animals.csv")
    done = command(zoo, "train", "--model", "both")
    assert (done.code, done.errors) == (
        2,
        f"{PROGRAM}: the last run of nearest is about another animals.csv or project.yaml: train nearest again first\n",
    )
    assert command(zoo, "train").code == 0


def test_a_run_whose_part_is_another_one_now_is_not_used(zoo: Path) -> None:
    assert command(zoo, "run").code == 0
    run = runs(zoo)
    path = zoo / lineage.RUNS / f"{run['nearest']}.intoto.jsonl"
    statements = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    statements[0]["subject"][0]["digest"]["sha256"] = "0" * 64
    path.write_text(lineage.text_of(statements), encoding="utf-8")
    assert command(zoo, "predict", "--model", "both").errors == (
        f"{PROGRAM}: run {run['both']} reads another nearest than run {run['nearest']} has now: train both again\n"
    )
    write(zoo, [BOTH])
    gone = command(zoo, "predict", "--run", run["both"])
    assert gone.errors.endswith(
        f": run {run['both']} reads nearest, which project.yaml names no more: train both again\n"
    )


@pytest.mark.parametrize(
    ("models", "sentence"),
    [
        pytest.param(
            [{**BOTH, "reads": ["nearest"]}, {**NEAREST, "reads": ["both"]}],
            "project.yaml: both reads nearest reads both: no model can read its own predictions, so shorten one of",
            id="a circle",
        ),
        pytest.param(
            [{**BOTH, "reads": ["both"]}], "project.yaml: both reads both: no model can read its own", id="itself"
        ),
        pytest.param(
            [{**BOTH, "reads": ["far"]}, NEAREST],
            "project.yaml: both reads 'far', which is no model here: both, nearest are",
            id="an unknown one",
        ),
        pytest.param(
            [{**BOTH, "reads": ["nearest"]}, {**NEAREST, "split": {**SPLIT, "held_out": 0.2}}],
            "project.yaml: both reads nearest, so both need the same split: otherwise one learns from rows that the",
            id="another split",
        ),
        pytest.param(
            [{**BOTH, "reads": "nearest"}, NEAREST],
            "reads is 'nearest', where a list of texts is expected",
            id="a text",
        ),
        pytest.param(
            [BOTH, NEAREST],
            "features.py reads the predictions of 'nearest': add it to `reads` of the model in project.yaml",
            id="not said",
        ),
    ],
)
def test_what_does_not_fit_is_one_sentence_before_any_training(
    models: list[dict[str, Any]], sentence: str, zoo: Path
) -> None:
    write(zoo, models)
    done = command(zoo, "run", "--model", "both")
    assert (done.code, done.errors.count("\n")) == (2, 1)
    assert sentence in done.errors
    assert not (zoo / "outputs").exists()


@pytest.mark.parametrize("by", ["time", "group", "random"])
def test_a_unit_lies_in_one_fold(by: str) -> None:
    chosen = Model("m", "testing", "regression", "rows", "id", "y", None, Split(by, "f", 0.2), None)
    units = pl.DataFrame({split.UNIT: [f"2024-01-{day:02}" for day in range(1, 31) for _ in range(3)]})
    found = units.with_columns(fold=split.folds(units, chosen, ensemble.FOLDS))
    assert found.group_by(split.UNIT).agg(pl.col("fold").n_unique())["fold"].max() == 1
    assert sorted(found["fold"].unique()) == [0, 1, 2, 3, 4]
    if by == "time":
        assert found["fold"].is_sorted()
