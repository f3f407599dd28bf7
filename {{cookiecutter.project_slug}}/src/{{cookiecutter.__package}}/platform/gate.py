"""Finds the gate of a model, which was written before there were results."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .charter import Model, read_yaml
from .errors import Stopped
from .metrics import Held

FOLDER = Path("gates")


def path_of(model: Model) -> Path:
    """Return the file of the gate at which a model stands."""
    return FOLDER / model.name / f"{model.stage}.yaml"


def load(model: Model) -> dict[str, Any]:
    """Read the gate at which a model stands."""
    path = path_of(model)
    if not path.is_file():
        message = f"{path.as_posix()} is missing: write what {model.name} has to show before it leaves {model.stage}"
        raise Stopped(message)
    return read_yaml(path)


def plain(held: Held) -> Mapping[str, Any]:
    """Return what was measured as plain values, as the judge and the evidence have it."""
    metrics = {
        name: {of: interval._asdict() for of, interval in measured._asdict().items()}
        for name, measured in held.metrics.items()
    }
    return {**held._asdict(), "metrics": metrics}
