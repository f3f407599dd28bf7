"""Writes what a run was made of as in-toto statements, and follows a prediction back to it."""

from __future__ import annotations

import csv
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import judge
from .errors import Stopped
from .files import sha256, write

if TYPE_CHECKING:
    from .charter import Model
    from .contract import Contract
    from .judge import Verdict

PREDICTION_ID, RUN_ID = "prediction_id", "run_id"
# What the evidence calls a model whose predictions another one reads.
READS = "reads"
# And where a model comes from that was trained elsewhere.
ORIGIN = "origin"
RUNS = Path("outputs/evidence")
PREDICTIONS = Path("outputs/predictions")
RECORDED = Path("evidence")
LOCK = Path("uv.lock")
# https://in-toto.io/Statement/v1, https://slsa.dev/spec/v1.0/provenance, and in-toto's test-result v0.1
STATEMENT = "https://in-toto.io/Statement/v1"
PROVENANCE = "https://slsa.dev/provenance/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
TRAINING = "https://github.com/org/ml-template/training/v1"
# What in-toto calls the verdicts: it has no word for what could not be decided.
RESULTS = {judge.PASS: "PASSED", judge.UNDECIDED: "WARNED", judge.FAIL: "FAILED", judge.INVALID: "FAILED"}

# The dependencies that a trace names, in this order.
TRACED = (ORIGIN, READS, "data", "contract", "gate")

Statement = dict[str, Any]


def git(*arguments: str) -> str | None:
    """Return what git prints, or nothing where there is no git or no commit."""
    program = shutil.which("git")
    if program is None:
        return None
    done = subprocess.run([program, *arguments], capture_output=True, text=True, encoding="utf-8", check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def code() -> dict[str, Any]:
    """Say which commit the code is, and whether the files differ from it. Without git, the image may know."""
    commit = git("rev-parse", "--verify", "HEAD")
    if commit is None:
        is_dirty = {"yes": True, "no": False}.get(os.environ.get("GIT_IS_DIRTY", ""))
        return {"commit": os.environ.get("GIT_COMMIT") or None, "is_dirty": is_dirty}
    # Of this folder only: what other teams have beside it is not this project's code.
    return {"commit": commit, "is_dirty": git("status", "--porcelain", "--", ".") != ""}


def describe(state: Mapping[str, Any]) -> str:
    """Say in words which code it was."""
    if state["commit"] is None:
        return "unknown, since there was no git repository"
    changes = {True: ", with uncommitted changes", False: "", None: ", as given by GIT_COMMIT"}
    return f"commit {state['commit']}{changes[state['is_dirty']]}"


def gather(
    run_id: str,
    model: Model,
    digest: str,
    inputs: Iterable[Contract],
    parameters: Mapping[str, Any],
    held: Mapping[str, Any],
    gate: Path,
    verdicts: Sequence[Verdict],
    others: Sequence[Mapping[str, Any]] = (),
) -> list[Statement]:
    """Gather what a training run was made of, and what came of it: two statements about the model's file."""
    subject = [{"name": f"{model.name}.skops", "digest": {"sha256": digest}}]
    state = code()
    made = {
        "buildDefinition": {
            "buildType": TRAINING,
            "externalParameters": {"model": model.name, "stage": model.stage, **parameters},
            "internalParameters": {"python": platform.python_version(), "code": state},
            "resolvedDependencies": [*_code(state), *_data(inputs), *_locks(), _file(gate, "gate"), *others],
        },
        "runDetails": {
            "builder": {"id": TRAINING},
            "metadata": {"invocationId": run_id, "finishedOn": datetime.now(UTC).isoformat(timespec="seconds")},
            "byproducts": [{"name": "metrics", "annotations": dict(held)}],
        },
    }
    tested = {
        "result": RESULTS[judge.overall(verdicts)],
        "configuration": [_file(gate, "gate")],
        "passedTests": [verdict.claim for verdict in verdicts if verdict.result == judge.PASS],
        "warnedTests": [verdict.claim for verdict in verdicts if verdict.result == judge.UNDECIDED],
        "failedTests": [verdict.claim for verdict in verdicts if verdict.result in (judge.FAIL, judge.INVALID)],
    }
    head = {"_type": STATEMENT, "subject": subject}
    return [
        {**head, "predicateType": PROVENANCE, "predicate": made},
        {**head, "predicateType": TEST_RESULT, "predicate": tested},
    ]


def _code(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"name": "code", "digest": {"gitCommit": state["commit"]}}] if state["commit"] else []


def _data(inputs: Iterable[Contract]) -> list[dict[str, Any]]:
    return [
        described
        for source in inputs
        for described in (
            {**_file(Path(source.data), "data"), "annotations": {"dataset": source.dataset}},
            {
                **_file(source.path, "contract"),
                "annotations": {"dataset": source.dataset, "version": source.version, "owner": source.owner},
            },
        )
    ]


def _locks() -> list[dict[str, Any]]:
    return [_file(LOCK, "lock")] if LOCK.is_file() else []


def _file(path: Path, name: str) -> dict[str, Any]:
    return {"name": name, "uri": path.as_posix(), "digest": {"sha256": sha256(path)}}


def text_of(statements: Iterable[Statement]) -> str:
    """Return statements as in-toto bundles them: each a line of JSON."""
    return "".join(f"{json.dumps(statement)}\n" for statement in statements)


def keep(run_id: str, statements: Iterable[Statement]) -> Path:
    """Write the evidence of a run under its id."""
    return write(RUNS / f"{run_id}.intoto.jsonl", text_of(statements))


class Evidence:
    """What a run's statements say."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        """Take the two statements; raise KeyError, IndexError or TypeError where they are others."""
        made, tested = (statement["predicate"] for statement in statements)
        definition, details = made["buildDefinition"], made["runDetails"]
        self.statements = statements
        self.digest: str = statements[0]["subject"][0]["digest"]["sha256"]
        self.parameters: dict[str, Any] = definition["externalParameters"]
        self.model: str = self.parameters["model"]
        self.code: dict[str, Any] = definition["internalParameters"]["code"]
        self.run_id: str = details["metadata"]["invocationId"]
        self.finished: str = details["metadata"]["finishedOn"]
        self.held: dict[str, Any] = details["byproducts"][0]["annotations"]
        self.failed: list[str] = tested["failedTests"] + tested["warnedTests"]
        self.dependencies: list[dict[str, Any]] = definition["resolvedDependencies"]

    def named(self, name: str) -> list[dict[str, Any]]:
        """Return the dependencies of one name."""
        return [dependency for dependency in self.dependencies if dependency["name"] == name]


def load(run_id: str) -> Evidence:
    """Read the evidence of a run."""
    path = RUNS / f"{run_id}.intoto.jsonl"
    try:
        return load_file(path)
    except (FileNotFoundError, ValueError, KeyError, IndexError, TypeError) as error:
        message = f"{path.as_posix()} is missing or damaged, so run {run_id!r} cannot be traced: train again"
        raise Stopped(message) from error


def load_file(path: Path) -> Evidence:
    """Read the evidence in a file; raise OSError, ValueError, KeyError, IndexError or TypeError where it is none."""
    return Evidence([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()])


def find(prediction_id: str, path: Path | None = None) -> dict[str, str]:
    """Return the row of a prediction, from a file or from where predictions lie."""
    run_id = prediction_id.partition("-")[0]
    by_run = sorted(PREDICTIONS.glob(f"{run_id}*.csv")) if run_id.isalnum() else []
    for place in [path] if path else by_run:
        with place.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row.get(PREDICTION_ID) == prediction_id and row.get(RUN_ID):
                    return row
    where = path.as_posix() if path else f"no file in {PREDICTIONS.as_posix()}"
    verb = "does not hold" if path else "holds"
    message = f"{where} {verb} the prediction {prediction_id!r}: copy an id from there"
    raise Stopped(message)


def trace(prediction_id: str, owner: str, file: Path | None = None) -> Iterator[tuple[str, str]]:
    """Yield the way from a prediction, in a file, back to who answers for it, each step with its topic."""
    row = find(prediction_id, file)
    evidence = load(row[RUN_ID])
    values = (f"{name} {value}" for name, value in row.items() if name not in (PREDICTION_ID, RUN_ID))
    yield "prediction", ", ".join(values)
    yield "run", f"{evidence.run_id}, {evidence.finished}"
    yield "model", f"{evidence.model} sha256 {evidence.digest}"
    yield "code", describe(evidence.code)
    for dependency in (named for name in TRACED for named in evidence.named(name)):
        notes = dependency.get("annotations", {})
        said = "".join(f" {key} {notes[key]}" for key in ("version", "owner", "model", "run", "vendor") if key in notes)
        yield dependency["name"], f"{dependency['uri']}{said} sha256 {dependency['digest']['sha256']}"
    yield "owner", owner


def record(run_id: str) -> Path:
    """Copy the evidence of a run to where it is committed. Only what can be repeated and passed may go there."""
    evidence = load(run_id)
    if evidence.code["commit"] is None or evidence.code["is_dirty"] is not False:
        message = "not recorded: the run's code was not committed, or no git was there to say so. Commit, and run again"
        raise Stopped(message)
    if evidence.failed:
        message = f"not recorded: the run did not pass its gate: {', '.join(evidence.failed)}"
        raise Stopped(message)
    return write(RECORDED / evidence.model / f"{run_id}.intoto.jsonl", text_of(evidence.statements))
