"""What is written down about a run is true, whole, and only recorded when it can be repeated."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flight_delays.platform import files, lineage
from flight_delays.platform.errors import Stopped
from flight_delays.platform.judge import Verdict

from .conftest import Finished, git
from .test_charter import MODEL
from .test_split import model

if TYPE_CHECKING:
    from flight_delays.platform.lineage import Evidence

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
RUN = "0" * 31 + "1"


def evidence_of(finished: Finished) -> Evidence:
    (path,) = (finished.folder / lineage.RUNS).iterdir()
    evidence = lineage.load_file(path)
    assert path.name == f"{evidence.run_id}.intoto.jsonl"
    return evidence


def test_the_evidence_is_two_in_toto_statements_about_the_model(finished: Finished) -> None:
    evidence = evidence_of(finished)
    assert [statement["predicateType"] for statement in evidence.statements] == [
        "https://slsa.dev/provenance/v1",
        "https://in-toto.io/attestation/test-result/v0.1",
    ]
    assert {statement["_type"] for statement in evidence.statements} == {"https://in-toto.io/Statement/v1"}
    subjects = [statement["subject"] for statement in evidence.statements]
    assert subjects[0] == subjects[1]
    (model_file,) = (finished.folder / "outputs" / "models").iterdir()
    assert evidence.digest == hashlib.sha256(model_file.read_bytes()).hexdigest()


def test_each_dependency_is_named_by_its_content(finished: Finished) -> None:
    evidence = evidence_of(finished)
    assert [dependency["uri"] for dependency in evidence.dependencies if "uri" in dependency] == [
        "data/sample/flights.csv",
        "contracts/flights.odcs.yaml",
        "data/sample/weather.csv",
        "contracts/weather.odcs.yaml",
        "uv.lock",
        "gates/late_arrival/feasibility.yaml",
    ]
    for dependency in evidence.dependencies:
        if "uri" in dependency:
            content = (finished.folder / dependency["uri"]).read_bytes()
            assert dependency["digest"] == {"sha256": hashlib.sha256(content).hexdigest()}
    assert {dependency["annotations"]["version"] for dependency in evidence.named("contract")} == {"1.0.0", "1.0.1"}


def test_it_says_what_was_chosen_measured_and_judged(finished: Finished) -> None:
    evidence = evidence_of(finished)
    chosen = evidence.statements[0]["predicate"]["buildDefinition"]["externalParameters"]
    assert (chosen["model"], chosen["held_out"], chosen["random_state"]) == ("late_arrival", 0.25, 0)
    assert evidence.held["unit"] == "day"
    assert evidence.held["metrics"]["roc_auc"]["model"]["low"] > 0.6
    tested = evidence.statements[1]["predicate"]
    assert tested["result"] == "PASSED"
    assert tested["passedTests"] == ["precision_at_20_percent (ratio to the rule) > 1.0", "roc_auc > 0.6"]
    assert evidence.failed == []


@needs_git
def test_it_names_the_commit_and_that_nothing_was_changed(finished: Finished) -> None:
    head = git(finished.folder, "rev-parse", "HEAD").strip()
    assert evidence_of(finished).code == {"commit": head, "is_dirty": False}
    assert evidence_of(finished).named("code") == [{"name": "code", "digest": {"gitCommit": head}}]


@needs_git
def test_an_uncommitted_change_makes_the_code_dirty(project: Path) -> None:
    assert lineage.code()["is_dirty"] is False
    (project / "project.yaml").write_text("changed: true\n", encoding="utf-8")
    assert lineage.code()["is_dirty"] is True


@needs_git
def test_files_of_others_in_the_same_repository_are_not_its_code(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = project / "ours"
    ours.mkdir()
    (ours / "mine.txt").write_text("mine", encoding="utf-8")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--no-verify", "--message", "Ours")
    (project / "project.yaml").unlink()
    (project / "new.txt").touch()
    monkeypatch.chdir(ours)
    assert lineage.code()["is_dirty"] is False
    (ours / "new.txt").touch()
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


def statements(monkeypatch: pytest.MonkeyPatch, state: dict[str, Any], *results: str) -> list[dict[str, Any]]:
    gate = files.write(Path("gates/late/testing.yaml"), "claims: []\n")
    monkeypatch.setattr(lineage, "code", lambda: state)
    verdicts = [Verdict(f"claim {number}", result, "") for number, result in enumerate(results)]
    held = {"rows": 3, "metrics": {}}
    return lineage.gather(RUN, model("random", None), "0" * 64, [], {}, held, gate, verdicts)


CLEAN = {"commit": "c0ffee", "is_dirty": False}


def test_evidence_that_passed_is_recorded_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kept = lineage.keep(RUN, statements(monkeypatch, CLEAN, "pass"))
    assert lineage.record(RUN) == Path(f"evidence/late/{RUN}.intoto.jsonl")
    assert lineage.record(RUN).read_bytes() == kept.read_bytes()


@pytest.mark.parametrize(
    ("state", "result", "reason"),
    [
        pytest.param({"commit": "c0ffee", "is_dirty": True}, "pass", "the run's code was not committed", id="dirty"),
        pytest.param({"commit": None, "is_dirty": None}, "pass", "the run's code was not committed", id="no git"),
        pytest.param({"commit": "c0ffee", "is_dirty": None}, "pass", "the run's code was not committed", id="unknown"),
        pytest.param(CLEAN, "fail", "did not pass its gate: claim 0", id="failed"),
        pytest.param(CLEAN, "undecided", "did not pass its gate: claim 0", id="undecided"),
        pytest.param(CLEAN, "invalid", "did not pass its gate: claim 0", id="invalid"),
    ],
)
def test_evidence_that_cannot_be_repeated_or_did_not_pass_is_not_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: dict[str, Any], result: str, reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    lineage.keep(RUN, statements(monkeypatch, state, result))
    with pytest.raises(Stopped, match=f"^not recorded: .*{reason}"):
        lineage.record(RUN)
    assert not lineage.RECORDED.exists()


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path) -> None:
    path = files.write(tmp_path / "kept.json", "old\n")
    with pytest.raises(UnicodeEncodeError):
        files.write(path, "half of it \udcff")
    assert path.read_text(encoding="utf-8") == "old\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept.json"]


@pytest.mark.parametrize("text", [None, "{", "{}\n{}\n", json.dumps(MODEL)])
def test_evidence_that_is_missing_or_damaged_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    if text:
        files.write(lineage.RUNS / f"{RUN}.intoto.jsonl", text)
    with pytest.raises(Stopped, match="is missing or damaged"):
        lineage.load(RUN)
