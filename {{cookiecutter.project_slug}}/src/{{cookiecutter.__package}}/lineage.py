"""Writes what a run was made of, and follows a prediction back to it."""

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from . import contract
from .contract import Contract
from .errors import Stopped
from .evaluate import Verdict

RUNS = Path("outputs/evidence")
PREDICTIONS = Path("outputs/predictions")
RECORDED = Path("evidence")
LOCK = Path("uv.lock")


def git(*arguments: str) -> str | None:
    """Return what git prints, or nothing where there is no git or no commit."""
    program = shutil.which("git")
    if program is None:
        return None
    done = subprocess.run([program, *arguments], capture_output=True, text=True, encoding="utf-8", check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def code() -> dict[str, Any]:
    """Say which commit the code is, and whether the files differ from it. Without git neither is known."""
    commit = git("rev-parse", "--verify", "HEAD")
    if commit is None:
        return {"commit": os.environ.get("GIT_COMMIT") or None, "is_dirty": None}
    return {"commit": commit, "is_dirty": git("status", "--porcelain") != ""}


def describe(state: Mapping[str, Any]) -> str:
    """Say in words which code it was."""
    if state["commit"] is None:
        return "unknown, since there was no git repository"
    changes = {True: ", with uncommitted changes", False: "", None: ", as given by GIT_COMMIT"}
    return f"commit {state['commit']}{changes[state['is_dirty']]}"


def gather(
    model: str,
    inputs: Iterable[Contract],
    parameters: Mapping[str, Any],
    metrics: Mapping[str, float],
    verdicts: Iterable[Verdict],
) -> dict[str, Any]:
    """Gather what a training run was made of."""
    return {
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "model": model,
        "code": code(),
        "contracts": [
            {
                "dataset": source.dataset,
                "path": source.path.as_posix(),
                "version": source.version,
                "owner": source.owner,
                "data": source.data,
                "data_sha256": contract.sha256(Path(source.data)),
            }
            for source in inputs
        ],
        "parameters": dict(parameters),
        "environment": {
            "python": platform.python_version(),
            "lock": LOCK.as_posix(),
            "lock_sha256": contract.sha256(LOCK) if LOCK.is_file() else None,
        },
        "metrics": dict(metrics),
        "gates": [verdict._asdict() for verdict in verdicts],
    }


def write(path: Path, text: str) -> Path:
    """Write a file whole or not at all: what reads it never meets half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def keep(run_id: str, gathered: Mapping[str, Any]) -> Path:
    """Write the evidence of a run under its id."""
    return write(RUNS / f"{run_id}.json", json.dumps({"run_id": run_id, **gathered}, indent=2) + "\n")


def load(run_id: str) -> dict[str, Any]:
    """Read the evidence of a run."""
    path = RUNS / f"{run_id}.json"
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError) as error:
        message = f"{path.as_posix()} is missing or damaged, so run {run_id!r} cannot be traced: train again"
        raise Stopped(message) from error
    return document


def find(prediction_id: str) -> dict[str, Any]:
    """Return the row of a prediction."""
    for path in sorted(PREDICTIONS.glob("*.csv")):
        rows = pl.read_csv(path, infer_schema=False).filter(pl.col("prediction_id") == prediction_id)
        if len(rows):
            return rows.row(0, named=True)
    message = f"no file in {PREDICTIONS.as_posix()} holds the prediction {prediction_id!r}: copy an id from there"
    raise Stopped(message)


def record(run_id: str) -> Path:
    """Copy the evidence of a run to where it is committed. Only what can be repeated and passed may go there."""
    gathered = load(run_id)
    state = gathered["code"]
    if state["commit"] is None or state["is_dirty"] is not False:
        message = "not recorded: the run's code was not committed, or no git was there to say so. Commit, and run again"
        raise Stopped(message)
    failed = [gate["metric"] for gate in gathered["gates"] if not gate["is_passed"]]
    if failed:
        message = f"not recorded: the run did not pass its gate {', '.join(failed)}"
        raise Stopped(message)
    return write(RECORDED / f"{gathered['model']}.json", json.dumps(gathered, indent=2) + "\n")
