"""A model is kept with its run, comes back as it was, and predicts once it has passed its gate."""

from __future__ import annotations

from pathlib import Path

import mlflow
import numpy as np
import pytest
from flight_delays.platform import model_file, tracking
from flight_delays.platform.errors import Stopped
from mlflow.exceptions import MlflowException
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

ROWS, LABELS = np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([0, 0, 1, 1])


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def kept(*, is_passed: bool) -> tuple[str, str]:
    with tracking.started("late", "c0ffee") as run_id:
        fitted = make_pipeline(LogisticRegression()).fit(ROWS, LABELS)
        digest = tracking.log(run_id, {"seed": 0}, {"roc_auc": 0.5}, fitted)
    tracking.register("late", run_id, is_passed=is_passed)
    return run_id, digest


def test_models_become_versions_and_come_back_as_they_were() -> None:
    (run_id, digest), (other, same) = kept(is_passed=True), kept(is_passed=True)
    assert digest == same
    assert [tracking.version_of("late", run) for run in (run_id, other)] == [1, 2]
    assert tracking.last_run("late") == other
    loaded = tracking.load("late", run_id, digest)
    np.testing.assert_array_equal(
        loaded.predict_proba(ROWS), LogisticRegression().fit(ROWS, LABELS).predict_proba(ROWS)
    )

    data = tracking.open_store().get_run(run_id).data
    assert (data.params, data.metrics) == ({"seed": "0"}, {"roc_auc": 0.5})
    assert data.tags["mlflow.source.git.commit"] == "c0ffee"

    with pytest.raises(Stopped, match="is not the file that the run's evidence names by its digest: train again"):
        tracking.load("late", run_id, "0" * 64)
    tracking.path_of(run_id).unlink()
    with pytest.raises(Stopped, match=f"the model of run {run_id} is gone"):
        tracking.load("late", run_id, digest)


def test_only_a_passed_gate_moves_what_predicts() -> None:
    with pytest.raises(Stopped, match="no late model was trained yet: use `train` or `run` first"):
        tracking.champion("late")
    failed, _ = kept(is_passed=False)
    with pytest.raises(
        Stopped, match=f"no late model has passed its gate yet: name the run .* such as --run {failed}$"
    ):
        tracking.champion("late")
    passed, _ = kept(is_passed=True)
    kept(is_passed=False)
    assert tracking.champion("late") == passed


def test_a_run_that_fails_leaves_no_version() -> None:
    with pytest.raises(KeyboardInterrupt), tracking.started("late", "c0ffee"):
        raise KeyboardInterrupt
    with pytest.raises(Stopped, match="no late model was trained yet"):
        tracking.last_run("late")


@pytest.mark.parametrize("estimator", [LogisticRegression(), RandomForestClassifier(20, random_state=0)])
def test_the_same_training_gives_the_same_bytes_whatever_was_made_in_between(estimator: object) -> None:
    files = [Path(f"{number}.skops") for number in range(2)]
    hoard = []
    for file in files:
        hoard.append([object() for _ in range(10_000)])
        model_file.dump(make_pipeline(estimator).fit(ROWS, LABELS), file)
    assert files[0].read_bytes() == files[1].read_bytes()
    loaded = model_file.load(files[0], model_file.sha256(files[0]))
    np.testing.assert_array_equal(loaded.predict(ROWS), LABELS)


def test_another_training_gives_other_bytes() -> None:
    digests = {
        model_file.dump(LogisticRegression(C=strength).fit(ROWS, LABELS), Path("a.skops")) for strength in (1, 2)
    }
    assert len(digests) == 2


def test_what_another_training_has_just_made_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    kept(is_passed=True)
    client = tracking.open_store()
    for method, nothing in (("search_registered_models", []), ("get_experiment_by_name", None)):
        monkeypatch.setattr(type(client), method, lambda *_, nothing=nothing: nothing)
    run_id, _ = kept(is_passed=False)
    assert tracking.version_of("late", run_id) == 2


@pytest.mark.parametrize("where", ["log_params", "log_metrics", "set_tag", "start_run"])
def test_a_store_that_stops_to_answer_is_one_sentence_and_leaves_no_model(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed, _ = kept(is_passed=True)

    def dead(*_: object, **__: object) -> None:
        message = f"no answer\n{'a' * 500}"
        raise MlflowException(message)

    monkeypatch.setattr(mlflow, where, dead)
    with pytest.raises(
        Stopped, match=r"^outputs/mlflow\.db does not answer any more \(no answer \.\.\.\), and what was"
    ):
        kept(is_passed=True)
    assert [path.stem for path in tracking.MODELS.iterdir()] == [passed]
    assert tracking.champion("late") == passed
