"""Keeps every training run in MLflow, in a file of this folder: no server is needed."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import shorten
from typing import Any

import mlflow
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

from . import model_file
from .errors import Stopped
from .files import beside

DATABASE = Path("outputs/mlflow.db")
MODELS = Path("outputs/models")
VARIABLE = "MLFLOW_TRACKING_URI"
SERVER = os.environ.get(VARIABLE)
PLACE = SERVER or DATABASE.as_posix()
# What a store tells of its end may be long.
LONGEST = 120
# The version of a model that predicts: only a passed gate moves it.
ALIAS = "champion"


def open_store() -> mlflow.MlflowClient:
    """Open the store of runs: the server that `MLFLOW_TRACKING_URI` names, or a file of this folder, which is made."""
    for library in ("mlflow", "alembic"):
        logging.getLogger(library).setLevel(logging.ERROR)
    try:
        if not SERVER:
            _make_database()
        address = SERVER or _address(DATABASE)
        mlflow.set_tracking_uri(address)
        if not SERVER:
            os.environ.pop(VARIABLE, None)  # MLflow leaves there what it was told, for all programs that we start
        return _client(address, Path.cwd())
    except (MlflowException, SQLAlchemyError) as error:
        message = f"{PLACE} cannot be opened ({str(error).splitlines()[0]}): {_advice()}"
        raise Stopped(message) from error


@lru_cache(maxsize=1)
def _client(address: str, _folder: Path) -> mlflow.MlflowClient:
    """Return a client that was answered once: a command asks several times for it, from the same folder."""
    client = mlflow.MlflowClient(address)
    client.search_experiments(max_results=1)
    return client


def _advice() -> str:
    return f"start that server, or correct {VARIABLE}" if SERVER else "move it away, then train"


def _address(path: Path) -> str:
    """Return the address of a database: from the working folder on, where its whole path has signs of an address."""
    whole = path.resolve().as_posix()
    return f"sqlite:///{path.as_posix() if any(sign in whole for sign in '?%#') else whole}"


def _make_database() -> None:
    """Make the database beside its place, and put it there whole: nobody meets half of it, and the first one counts."""
    DATABASE.parent.mkdir(exist_ok=True)
    if DATABASE.exists():
        return
    unfinished = beside(DATABASE)
    try:
        mlflow.MlflowClient(_address(unfinished)).search_experiments(max_results=1)
        with suppress(FileExistsError):
            os.link(unfinished, DATABASE)
    finally:
        unfinished.unlink(missing_ok=True)


def _is_there() -> bool:
    """Tell whether there is a store: to ask is not to make."""
    return bool(SERVER) or DATABASE.exists()


@contextmanager
def _unless_it_is_there() -> Iterator[None]:
    """Make something that another training, at the same time, may just have made."""
    try:
        yield
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


@contextmanager
def started(name: str, commit: str) -> Iterator[str]:
    """Begin a run of a model, which is failed if what happens in it fails; give its id."""
    client = open_store()
    with _answering():
        if client.get_experiment_by_name(name) is None:
            with _unless_it_is_there():
                client.create_experiment(name)
        mlflow.set_experiment(name)
        run = mlflow.start_run(run_name=name, tags={"mlflow.source.git.commit": commit})
    run_id = str(run.info.run_id)
    try:
        with _answering(), run:
            yield run_id
    except BaseException:
        path_of(run_id).unlink(missing_ok=True)  # nobody will ask for it
        raise


@contextmanager
def _answering() -> Iterator[None]:
    """Say in one sentence that the store stopped to answer while the block runs."""
    try:
        yield
    except (MlflowException, SQLAlchemyError) as error:
        why = shorten(str(error), LONGEST, placeholder=" ...")
        message = f"{PLACE} does not answer any more ({why}), and what was begun is not used: {_advice()}"
        raise Stopped(message) from error


def log(run_id: str, parameters: Mapping[str, Any], metrics: Mapping[str, float], model: Any) -> str:
    """Keep what led to a model, and its file, in the run that was started. Returns the digest of the file."""
    mlflow.log_params(dict(parameters))
    mlflow.log_metrics(dict(metrics))
    MODELS.mkdir(parents=True, exist_ok=True)
    digest = model_file.dump(model, path_of(run_id))
    mlflow.set_tag("model.sha256", digest)
    if SERVER:
        mlflow.log_artifact(str(path_of(run_id)))
    return digest


def path_of(run_id: str) -> Path:
    """Return the file of a run's model. MLflow would remember its whole path, and the project could not be moved."""
    return MODELS / f"{run_id}.skops"


@_answering()
def register(name: str, run_id: str, *, is_passed: bool) -> None:
    """Make the model of a run a new version of its name, and the one that predicts if it passed."""
    # Last: a run that was interrupted has no version, and so is never taken for a trained model.
    client = open_store()
    if not client.search_registered_models(f"name='{name}'"):
        with _unless_it_is_there():
            client.create_registered_model(name)
    version = client.create_model_version(name, f"runs:/{run_id}/{path_of(run_id).name}", run_id).version
    if is_passed:
        client.set_registered_model_alias(name, ALIAS, version)


@_answering()
def champion(name: str) -> str:
    """Return the run whose model predicts: the last that passed its gate."""
    versions = _trained(name)
    (model,) = open_store().search_registered_models(f"name='{name}'")
    if ALIAS not in model.aliases:
        last = versions[max(versions)]
        message = f"no {name} model has passed its gate yet: name the run of one that did not, such as --run {last}"
        raise Stopped(message)
    return versions[int(model.aliases[ALIAS])]


def last_run(name: str) -> str:
    """Return the run of the newest version of the model, whether it passed or not."""
    versions = _trained(name)
    return versions[max(versions)]


def _trained(name: str) -> dict[int, str]:
    """Return the run of each version of the model, or stop where there is none."""
    versions = _versions(name)
    if not versions:
        message = f"no {name} model was trained yet: use `train` or `run` first"
        raise Stopped(message)
    return versions


def version_of(name: str, run_id: str) -> int:
    """Return the version of the model that the run trained."""
    for version, run in _versions(name).items():
        if run == run_id:
            return version
    message = f"{PLACE} knows no {name} model of run {run_id!r}: outputs/evidence names each run"
    raise Stopped(message)


@_answering()
def _versions(name: str) -> dict[int, str]:
    """Return the run of each version of the model."""
    found = open_store().search_model_versions(f"name='{name}'") if _is_there() else []
    return {int(version.version): str(version.run_id) for version in found}


def load(name: str, run_id: str, digest: str) -> Any:
    """Load the model that the run trained, if it is still the one with this digest."""
    version_of(name, run_id)
    path = path_of(run_id)
    try:
        if SERVER and not path.exists():
            _download(run_id, path)
        return model_file.load(path, digest)
    except (MlflowException, OSError) as error:
        if SERVER:  # which may have stopped
            with _answering():
                mlflow.MlflowClient(SERVER).search_experiments(max_results=1)
        message = (
            f"the model of run {run_id} is gone from {MODELS.as_posix()}{f' and {SERVER}' * bool(SERVER)}: train again"
        )
        raise Stopped(message) from error


def _download(run_id: str, path: Path) -> None:
    """Get the model of a run from the server, whole or not at all."""
    MODELS.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=MODELS, prefix=".") as folder:
        found = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path=path.name, dst_path=folder)
        Path(found).replace(path)
