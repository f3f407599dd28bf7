"""What a notebook opens with is what a run reads and measured."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from flight_delays.platform import lineage, notebook
from flight_delays.platform.errors import Stopped

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Finished


def test_it_opens_with_rows_fields_and_features_from_any_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "notebooks").mkdir(exist_ok=True)
    monkeypatch.chdir(project / "notebooks")
    opened = notebook.open_model()
    assert opened.model.name == "late_arrival"
    assert len(opened.rows) == len(opened.features) == 10_000
    fields = opened.fields.filter(dataset="flights", field="arrival_delay_minutes")
    assert fields.rows() == [("flights", "arrival_delay_minutes", "integer", "arrival")]
    assert "arrival_delay_minutes" not in opened.features.columns
    assert set(opened.fields["dataset"]) == {"flights", "weather"}
    with pytest.raises(Stopped, match="no model 'other'"):
        notebook.open_model("other")


@pytest.mark.usefixtures("project")
def test_without_a_run_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert notebook.last_run(notebook.open_model().model) is None
    assert capsys.readouterr().out == "late_arrival has no run yet: use `run` first\n"


def test_the_last_run_of_the_model_is_shown_as_it_was_measured(
    finished: Finished, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(finished.folder / lineage.RUNS, project / lineage.RUNS)
    (path,) = (project / lineage.RUNS).iterdir()
    evidence, text = lineage.load_file(path), path.read_text("utf-8")
    others = {
        "0" * 32: text.replace(evidence.finished, "2020-01-01T00:00:00+00:00"),
        "1" * 32: text.replace('"model": "late_arrival"', '"model": "other"').replace(evidence.finished, "2099"),
    }
    for run_id, other in others.items():
        (path.parent / f"{run_id}.intoto.jsonl").write_text(other.replace(evidence.run_id, run_id), "utf-8")
    measured = notebook.last_run(notebook.open_model().model)
    assert capsys.readouterr().out == f"run {evidence.run_id} of {evidence.finished} passed its gate\n"
    assert measured is not None
    (row,) = measured.filter(metric="roc_auc", of="model").to_dicts()
    assert {key: row[key] for key in ("value", "low", "high")} == evidence.held["metrics"]["roc_auc"]["model"]
