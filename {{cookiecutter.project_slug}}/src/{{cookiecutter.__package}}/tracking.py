"""Keeps every training run in MLflow, in a file of this folder: no server is needed."""

import logging
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import mlflow
import skops.io
from mlflow.exceptions import MlflowException
from sklearn.pipeline import Pipeline
from skops.io.exceptions import UntrustedTypesFoundException
from sqlalchemy.exc import SQLAlchemyError

from .errors import Stopped

DATABASE = Path("outputs/mlflow.db")
ARTIFACTS = Path("outputs/mlruns")
# The model is kept by skops, not pickled: reading it back cannot run code. MLflow's own way with scikit-learn would
# do the same, but needs pandas and three more seconds.
FILE = "model.skops"
# The trees of the model are the one type in it that skops does not know to be harmless.
TRUSTED = ["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"]


def open_store() -> mlflow.MlflowClient:
    """Open the database of runs, or make it."""
    for library in ("mlflow", "alembic"):
        logging.getLogger(library).setLevel(logging.ERROR)
    DATABASE.parent.mkdir(exist_ok=True)
    mlflow.set_tracking_uri(f"sqlite:///{DATABASE.resolve().as_posix()}")
    try:
        with _uninterrupted():
            return mlflow.MlflowClient()
    except (MlflowException, SQLAlchemyError) as error:
        message = f"{DATABASE.as_posix()} cannot be opened ({str(error).splitlines()[0]}): move it away, then train"
        raise Stopped(message) from error


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back: a database left half-made could not be opened again."""
    pressed: list[int] = []
    previous = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
    if pressed:
        raise KeyboardInterrupt


def log(name: str, model: Pipeline, parameters: Mapping[str, Any], metrics: Mapping[str, float], commit: str) -> str:
    """Keep a trained model with all that led to it, as a new version of its name. Returns the run's id."""
    client = open_store()
    if client.get_experiment_by_name(name) is None:
        client.create_experiment(name, artifact_location=ARTIFACTS.resolve().as_uri())
    mlflow.set_experiment(name)
    with (
        mlflow.start_run(run_name=name, tags={"mlflow.source.git.commit": commit}) as run,
        TemporaryDirectory() as folder,
    ):
        mlflow.log_params(dict(parameters))
        mlflow.log_metrics(dict(metrics))
        path = Path(folder, FILE)
        skops.io.dump(model, path)
        _refuse_untrusted(path)
        mlflow.log_artifact(str(path))
    run_id = str(run.info.run_id)
    # Last: a run that was interrupted has no version, and so is never taken for a trained model.
    if not client.search_registered_models(f"name='{name}'"):
        client.create_registered_model(name)
    client.create_model_version(name, f"runs:/{run_id}/{FILE}", run_id)
    return run_id


def _refuse_untrusted(path: Path) -> None:
    unknown = [kind for kind in skops.io.get_untrusted_types(file=path) if kind not in TRUSTED]
    if unknown:
        message = f"the model holds {unknown[0]}, which could run code: read it, then add it to TRUSTED in tracking.py"
        raise Stopped(message)


def last_run(name: str) -> str:
    """Return the run of the newest version of the model."""
    versions = _versions(name)
    if not versions:
        message = f"no {name} model was trained yet: use `train` or `run` first"
        raise Stopped(message)
    return versions[max(versions)]


def version_of(name: str, run_id: str) -> int:
    """Return the version of the model that the run trained."""
    for version, run in _versions(name).items():
        if run == run_id:
            return version
    message = f"{DATABASE.as_posix()} knows no {name} model of run {run_id!r}: outputs/evidence names each run"
    raise Stopped(message)


def _versions(name: str) -> dict[int, str]:
    """Return the run of each version of the model."""
    # To ask is not to make: without a database there is no model.
    found = open_store().search_model_versions(f"name='{name}'") if DATABASE.exists() else []
    return {int(version.version): str(version.run_id) for version in found}


def load(name: str, run_id: str) -> Pipeline:
    """Load the model that the run trained."""
    version_of(name, run_id)
    try:
        with TemporaryDirectory() as folder:
            path = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path=FILE, dst_path=folder)
            return skops.io.load(path, trusted=TRUSTED)
    except (MlflowException, OSError, UntrustedTypesFoundException) as error:
        message = f"the model of run {run_id} is gone from {ARTIFACTS.as_posix()}, or was changed there: train again"
        raise Stopped(message) from error
