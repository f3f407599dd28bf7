"""Keeps every training run in MLflow, in a file of this folder: no server is needed."""

import logging
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import mlflow
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

from . import model_file
from .errors import Stopped

DATABASE = Path("outputs/mlflow.db")
ARTIFACTS = Path("outputs/mlruns")
# The version of a model that predicts: only a passed gate moves it.
ALIAS = "champion"


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


@contextmanager
def started(name: str, commit: str) -> Iterator[str]:
    """Begin a run of a model, which is failed if what happens in it fails; give its id."""
    client = open_store()
    if client.get_experiment_by_name(name) is None:
        client.create_experiment(name, artifact_location=ARTIFACTS.resolve().as_uri())
    mlflow.set_experiment(name)
    with mlflow.start_run(run_name=name, tags={"mlflow.source.git.commit": commit}) as run:
        yield str(run.info.run_id)


def log(parameters: Mapping[str, Any], metrics: Mapping[str, float], file: Path) -> None:
    """Keep what led to a model, and its file, in the run that was started."""
    mlflow.log_params(dict(parameters))
    mlflow.log_metrics(dict(metrics))
    mlflow.log_artifact(str(file))


def register(name: str, run_id: str, *, is_passed: bool) -> int:
    """Make the model of a run a new version of its name, and the one that predicts if it passed."""
    # Last: a run that was interrupted has no version, and so is never taken for a trained model.
    client = open_store()
    if not client.search_registered_models(f"name='{name}'"):
        client.create_registered_model(name)
    version = client.create_model_version(name, f"runs:/{run_id}/{model_file.NAME}", run_id).version
    if is_passed:
        client.set_registered_model_alias(name, ALIAS, version)
    return int(version)


def champion(name: str) -> str:
    """Return the run whose model predicts: the last that passed its gate."""
    found = open_store().search_registered_models(f"name='{name}'") if DATABASE.exists() else []
    versions = _versions(name)
    if not versions:
        message = f"no {name} model was trained yet: use `train` or `run` first"
        raise Stopped(message)
    if ALIAS not in found[0].aliases:
        last = versions[max(versions)]
        message = f"no {name} model has passed its gate yet: name the run of one that did not, such as --run {last}"
        raise Stopped(message)
    return versions[int(found[0].aliases[ALIAS])]


def last_run(name: str) -> str:
    """Return the run of the newest version of the model, whether it passed or not."""
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


def load(name: str, run_id: str, digest: str) -> Any:
    """Load the model that the run trained, if it is still the one with this digest."""
    version_of(name, run_id)
    try:
        with TemporaryDirectory() as folder:
            path = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path=model_file.NAME, dst_path=folder)
            return model_file.load(Path(path), digest)
    except (MlflowException, OSError) as error:
        message = f"the model of run {run_id} is gone from {ARTIFACTS.as_posix()}: train again"
        raise Stopped(message) from error
