"""A model is kept with its run, and comes back as it was."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from .. import tracking
from ..errors import Stopped

ROWS, LABELS = np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([0, 0, 1, 1])


def test_models_become_versions_and_come_back_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model = make_pipeline(LogisticRegression()).fit(ROWS, LABELS)
    runs = [tracking.log("late", model, {"seed": 0}, {"auc": 0.5}, "c0ffee") for _ in range(2)]
    assert [tracking.version_of("late", run) for run in runs] == [1, 2]
    assert tracking.last_run("late") == runs[1]
    loaded = tracking.load("late", runs[0])
    np.testing.assert_array_equal(loaded.predict_proba(ROWS), model.predict_proba(ROWS))

    kept = tracking.open_store().get_run(runs[0]).data
    assert (kept.params, kept.metrics) == ({"seed": "0"}, {"auc": 0.5})
    assert kept.tags["mlflow.source.git.commit"] == "c0ffee"

    for file in tracking.ARTIFACTS.rglob(tracking.FILE):
        file.unlink()
    with pytest.raises(Stopped, match=f"the model of run {runs[0]} is gone"):
        tracking.load("late", runs[0])


def test_a_model_with_parts_that_nobody_looked_at_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    forest = make_pipeline(RandomForestClassifier(2)).fit(ROWS, LABELS)
    with pytest.raises(Stopped, match=r"the model holds sklearn\.tree\._tree\.Tree, which could run code"):
        tracking.log("late", forest, {}, {}, "c0ffee")
    with pytest.raises(Stopped, match="no late model was trained yet"):
        tracking.last_run("late")
