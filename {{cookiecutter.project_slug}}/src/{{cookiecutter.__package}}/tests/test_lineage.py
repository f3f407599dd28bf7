"""What is written down about a run is true, whole, and only recorded when it can be repeated."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from .. import lineage
from ..errors import Stopped
from .conftest import Finished, git

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
RUN = "0" * 31 + "1"
EVIDENCE: dict[str, Any] = {
    "model": "late",
    "code": {"commit": "c0ffee", "is_dirty": False},
    "gates": [{"metric": "auc", "minimum": 0.6, "value": 0.7, "is_passed": True}],
}


def evidence_of(finished: Finished) -> dict[str, Any]:
    (path,) = (finished.folder / lineage.RUNS).iterdir()
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    assert path.stem == loaded["run_id"]
    return loaded


def test_the_evidence_names_the_data_by_its_hash_and_its_contract(finished: Finished) -> None:
    contracts = evidence_of(finished)["contracts"]
    assert [(source["dataset"], source["version"]) for source in contracts] == [
        ("flights", "1.0.0"),
        ("weather", "1.0.0"),
    ]
    for source in contracts:
        content = (finished.folder / source["data"]).read_bytes()
        assert source["data_sha256"] == hashlib.sha256(content).hexdigest()
        assert (finished.folder / source["path"]).is_file()
        assert source["owner"]


def test_the_evidence_names_parameters_metrics_and_environment(finished: Finished) -> None:
    evidence = evidence_of(finished)
    assert evidence["parameters"]["held_out_share"] == 0.25
    assert evidence["parameters"]["random_state"] == 0
    assert evidence["metrics"]["lift_over_rule"] > 1
    assert {gate["metric"] for gate in evidence["gates"]} <= set(evidence["metrics"])
    lock = finished.folder / "uv.lock"
    expected = hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else None
    assert evidence["environment"]["lock_sha256"] == expected


@needs_git
def test_the_evidence_names_the_commit_and_that_nothing_was_changed(finished: Finished) -> None:
    head = git(finished.folder, "rev-parse", "HEAD").strip()
    assert evidence_of(finished)["code"] == {"commit": head, "is_dirty": False}


@needs_git
def test_an_uncommitted_change_makes_the_code_dirty(project: Path) -> None:
    assert lineage.code()["is_dirty"] is False
    (project / "project.yaml").write_text("changed: true\n", encoding="utf-8")
    assert lineage.code()["is_dirty"] is True
    assert lineage.describe(lineage.code()).endswith(", with uncommitted changes")


def test_without_git_the_commit_comes_from_the_build_of_the_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    assert lineage.code() == {"commit": None, "is_dirty": None}
    assert lineage.describe(lineage.code()) == "unknown, since there was no git repository"
    monkeypatch.setenv("GIT_COMMIT", "c0ffee")
    assert lineage.code() == {"commit": "c0ffee", "is_dirty": None}
    assert lineage.describe(lineage.code()) == "commit c0ffee, as given by GIT_COMMIT"


def test_evidence_that_passed_is_recorded_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lineage.keep(RUN, EVIDENCE)
    assert lineage.record(RUN) == Path("evidence/late.json")
    assert json.loads(Path("evidence/late.json").read_text(encoding="utf-8")) == {"run_id": RUN, **EVIDENCE}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"code": {"commit": "c0ffee", "is_dirty": True}}, "the run's code was not committed", id="dirty"),
        pytest.param({"code": {"commit": None, "is_dirty": None}}, "the run's code was not committed", id="no git"),
        pytest.param(
            {"code": {"commit": "c0ffee", "is_dirty": None}}, "the run's code was not committed", id="unknown"
        ),
        pytest.param(
            {"gates": [EVIDENCE["gates"][0] | {"is_passed": False}]}, "did not pass its gate auc", id="failed"
        ),
    ],
)
def test_evidence_that_cannot_be_repeated_or_did_not_pass_is_not_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    lineage.keep(RUN, EVIDENCE | change)
    with pytest.raises(Stopped, match=f"^not recorded: .*{reason}"):
        lineage.record(RUN)
    assert not lineage.RECORDED.exists()


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path) -> None:
    path = lineage.write(tmp_path / "kept.json", "old\n")
    with pytest.raises(UnicodeEncodeError):
        lineage.write(path, "half of it \udcff")
    assert path.read_text(encoding="utf-8") == "old\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept.json"]


def test_evidence_that_is_missing_or_damaged_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for text in (None, "{"):
        if text:
            lineage.write(lineage.RUNS / f"{RUN}.json", text)
        with pytest.raises(Stopped, match="is missing or damaged"):
            lineage.load(RUN)
