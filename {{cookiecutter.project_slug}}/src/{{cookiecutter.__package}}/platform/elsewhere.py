"""Takes a model that was trained or bought elsewhere, from a file or as a function, by its digest."""

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from . import model_file
from .charter import ELSEWHERE, Model
from .errors import Stopped
from .files import sha256
from .lineage import ORIGIN

# What the front matter of the card says of a model that others made.
ASKED = ("vendor", "license", "support", "digest")
Answer = Callable[[pl.DataFrame], Sequence[Any] | pl.Series]
Read = Callable[[Path], Any]


class FromFile:
    """A model in a file, which predicts as it does there."""

    def __init__(self, origin: str, digest: str, read: Read | None) -> None:
        """Take the path from the project's folder on, the digest, and what reads the file (default: skops)."""
        self.origin, self.digest, self.read = origin, digest, read

    def get_params(self, deep: bool = False) -> dict[str, Any]:  # noqa: ARG002, FBT001, FBT002 - as scikit-learn has it
        """Return where it comes from."""
        return {"origin": self.origin}

    def fit(self, features: pl.DataFrame, found: Any) -> "FromFile":  # noqa: ARG002 - it learns nothing
        """Make sure that the file is there and is the right one."""
        self._model()
        return self

    def predict(self, features: pl.DataFrame) -> Any:
        """Return what the model in the file says of each row."""
        return self._model().predict(features)

    def predict_proba(self, features: pl.DataFrame) -> Any:
        """Return the probabilities that the model in the file gives."""
        return self._model().predict_proba(features)

    def _model(self) -> Any:
        path = Path(self.origin)
        if not path.is_file():
            message = f"{path} is missing: put the model's file there, or correct the path in model.py"
            raise Stopped(message)
        if sha256(path) != self.digest:
            message = f"{path} has the digest {sha256(path)}, and not {self.digest}: another model is not taken for it"
            raise Stopped(message)
        return self.read(path) if self.read else model_file.load(path, self.digest)


class FromFunction:
    """A function that answers for each row, such as one that asks a service."""

    def __init__(self, function: Answer, digest: str) -> None:
        """Take a function of a module, and the digest of the module's file."""
        self.function, self.digest = function, digest

    @property
    def origin(self) -> str:
        """The module and the name of the function."""
        return f"{self.function.__module__}:{self.function.__qualname__}"

    def get_params(self, deep: bool = False) -> dict[str, Any]:  # noqa: ARG002, FBT001, FBT002 - as scikit-learn has it
        """Return where it comes from."""
        return {"origin": self.origin}

    def fit(self, features: pl.DataFrame, found: Any) -> "FromFunction":  # noqa: ARG002 - it learns nothing
        """Do nothing."""
        return self

    def predict(self, features: pl.DataFrame) -> Any:
        """Return what the function says of each row."""
        if (now := _digest_of(self.function)) != self.digest:
            message = f"{self.origin} has the digest {now} now, and not {self.digest} as in its run: train again"
            raise Stopped(message)
        return pl.Series(self.function(features)).to_numpy()

    def predict_proba(self, features: pl.DataFrame) -> Any:
        """Return the function's probability of yes, beside that of no."""
        yes = self.predict(features)
        return np.column_stack([1 - yes, yes])


def from_file(path: str, digest: str, read: Read | None = None) -> FromFile:
    """Return the model in a file of the project, such as one that a vendor delivers.

    `read` is a function of a module that returns an object with `predict`; without it the file is one of skops.
    """
    if read:
        _refuse_nameless(read)
    return FromFile(path, digest, read)


def from_function(function: Answer) -> FromFunction:
    """Return a function as a model: of the features it makes the probability of yes, a class or a number of each row.

    Its module is named in the evidence by a digest: give the function a file of its own.
    """
    _refuse_nameless(function)
    return FromFunction(function, _digest_of(function))


def _refuse_nameless(function: Callable[..., Any]) -> None:
    if "<" in function.__qualname__:
        message = f"model.py: {function.__name__} cannot be found again by its name: define it in a module, by `def`"
        raise Stopped(message)


def _digest_of(function: Callable[..., Any]) -> str:
    return sha256(Path(inspect.getsourcefile(function) or ""))


def card_of(model: Model) -> dict[str, Any]:
    """Return what the card says of a model of others; stop where it lacks something. Nothing is said of our own."""
    if model.trained != ELSEWHERE:
        return {}
    path = Path("models") / model.name / "README.md"
    said = _front_matter(path)
    if lacking := [key for key in ASKED if not said.get(key)]:
        message = (
            f"{path.as_posix()} does not say {', '.join(lacking)} between its first two lines of ---: "
            f"{model.name} was trained elsewhere, so its card has to"
        )
        raise Stopped(message)
    return {key: str(said[key]) for key in ASKED}


def _front_matter(path: Path) -> dict[str, Any]:
    """Return what stands between the first two lines of --- on a page; nothing where there is no such thing."""
    parts = path.read_text("utf-8").split("---\n", 2) if path.is_file() else []
    try:
        said = yaml.safe_load(parts[1]) if len(parts) == 3 and not parts[0] else None
    except yaml.YAMLError:
        said = None
    return said if isinstance(said, dict) else {}


def dependencies(model: Model, estimator: Any) -> list[dict[str, Any]]:
    """Return what the evidence says of where a model of others comes from; stop where the project says otherwise."""
    card, made = card_of(model), isinstance(estimator, FromFile | FromFunction)
    if bool(card) != made:
        found = "from elsewhere" if made else "a model to be trained"
        message = (
            f"model.py: {model.name} is {found}, and `trained` in project.yaml says otherwise: correct one of them"
        )
        raise Stopped(message)
    if not card:
        return []
    if card["digest"] != estimator.digest:
        message = (
            f"models/{model.name}/README.md: digest is {card['digest']}, "
            f"and {estimator.origin} has {estimator.digest}: make sure which one was approved"
        )
        raise Stopped(message)
    notes = {key: card[key] for key in ASKED if key != "digest"}
    return [{"name": ORIGIN, "uri": estimator.origin, "digest": {"sha256": estimator.digest}, "annotations": notes}]
