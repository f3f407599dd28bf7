"""Reads project.yaml: who owns the project, and which thresholds its models must reach."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from .errors import Stopped

FILE = Path("project.yaml")


class Gate(NamedTuple):
    """The least value that a metric must have."""

    metric: str
    minimum: float


class Charter(NamedTuple):
    """What the pipeline needs to know of project.yaml."""

    name: str
    owner: str
    model: str
    gates: tuple[Gate, ...]


def find_root(start: Path) -> Path:
    """Return the project's folder: the nearest one upwards that holds project.yaml."""
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder
    message = f"{FILE} is neither in {start} nor above it: change to the project's folder"
    raise Stopped(message)


def load() -> Charter:
    """Read project.yaml from the working folder."""
    document = read_yaml(FILE)
    try:
        gates = tuple(Gate(str(gate["metric"]), float(gate["minimum"])) for gate in document["gates"])
        return Charter(str(document["name"]), str(document["owner"]), str(document["models"][0]), gates)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        message = f"{FILE}: name, owner, one model and gates with metric and minimum are needed ({error!r})"
        raise Stopped(message) from error


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds a mapping."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        message = f"{path} is missing: restore it with `git checkout -- {path}`"
        raise Stopped(message) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        message = f"{path} is not valid YAML: {' '.join(str(error).split())}"
        raise Stopped(message) from error
    if not isinstance(document, dict):
        message = f"{path} must hold a mapping of keys to values"
        raise Stopped(message)
    return document
