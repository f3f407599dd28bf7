"""Finds the gate of a model, which was written before there were results."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import judge
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


def first_claim(demands: Mapping[str, Any]) -> tuple[str, str]:
    """Return the metric of the first claim, and what it asks it of; no metric where the claim cannot be read."""
    claims = demands.get("claims")
    first = claims[0] if isinstance(claims, list) and claims else None
    claim = first if isinstance(first, dict) else {}
    return str(claim.get("metric", "")), str(claim.get("of", judge.OF[0]))


def in_order(held: Held, demands: Mapping[str, Any]) -> Held:
    """Return what was measured with the metric of the first claim in front: run, report and gate speak of that one."""
    main, _ = first_claim(demands)
    return held._replace(metrics=dict(sorted(held.metrics.items(), key=lambda item: item[0] != main)))


def plain(held: Held) -> Mapping[str, Any]:
    """Return what was measured as plain values, as the judge and the evidence have it."""
    metrics = {
        name: {of: interval._asdict() for of, interval in measured._asdict().items()}
        for name, measured in held.metrics.items()
    }
    return {**held._asdict(), "metrics": metrics}
