"""Writes a model without pickle, and such that the same training gives the same bytes.

MLflow's own way with scikit-learn needs pandas and three more seconds.
"""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import skops.io

from .errors import Stopped
from .files import sha256, unfinished

SCHEMA = "schema.json"
# skops names parts by the addresses of their objects; here they are counted, and have the first date of a zip file.
ADDRESS = re.compile(r"\d{6,}")
FIRST_DATE = (1980, 1, 1, 0, 0, 0)


def dump(model: Any, path: Path) -> str:
    """Write a model, and return the digest of the file."""
    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(model))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(members.pop(SCHEMA))
    numbers: dict[str, str] = {}
    _count(schema, numbers)
    with unfinished(path) as place, zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        renamed = {_renamed(name, numbers): content for name, content in members.items()}
        for name in sorted(renamed):
            archive.writestr(zipfile.ZipInfo(name, FIRST_DATE), renamed[name], zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo(SCHEMA, FIRST_DATE), json.dumps(schema), zipfile.ZIP_DEFLATED)
    return sha256(path)


def _count(node: Any, numbers: dict[str, str]) -> None:
    """Give each address in a schema a number, in the order in which they stand there, and write it in its place."""
    if isinstance(node, dict):
        if "__id__" in node:
            address = str(node["__id__"])
            node["__id__"] = int(numbers.setdefault(address, str(len(numbers) + 1)))
        if isinstance(node.get("file"), str):
            node["file"] = ADDRESS.sub(lambda found: numbers.setdefault(found[0], str(len(numbers) + 1)), node["file"])
        for value in node.values():
            _count(value, numbers)
    elif isinstance(node, list):
        for value in node:
            _count(value, numbers)


def _renamed(name: str, numbers: dict[str, str]) -> str:
    return ADDRESS.sub(lambda found: numbers.get(found[0], found[0]), name)


def load(path: Path, digest: str) -> Any:
    """Read a model whose digest the evidence of its run names: nobody else's model is run."""
    if sha256(path) != digest:
        message = f"{path.name} is not the file that the run's evidence names by its digest: train again"
        raise Stopped(message)
    return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
