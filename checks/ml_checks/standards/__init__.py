"""The company's standards, read from standards.yaml, and what a project adds to them."""

from __future__ import annotations

import os
from functools import partial

from ml_checks.reading import cache, yaml
from ml_checks.standards.values import COMPANY_FILE, EXCLUDED, FOLDER, PROJECT_FILE, Standards, read

__all__ = ["COMPANY_FILE", "EXCLUDED", "FOLDER", "PROJECT_FILE", "Standards", "load", "read"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ml_checks.reading.cache import Key
    from ml_checks.reading.yaml import Plain
    from ml_checks.values import Map


# What few runs ask for, which is nearly half of all.
LATE = ("contracts", "type_names")


def load(root: str, text: str | None = None) -> Standards:
    """Read the company's standards and those in `root`, or `text` in their place; raise CannotRunError."""
    file = os.path.join(root, PROJECT_FILE)
    project = read(file, os.path.relpath(file), text)
    path = os.path.join(FOLDER, PROJECT_FILE)
    status = os.stat(path)
    key: Key = (path, status.st_mtime_ns, status.st_size)
    if not project:
        return _of_company(path, key)
    from ml_checks.standards.layers import Layers

    layers = Layers(read(path, COMPANY_FILE), project, file)
    parts = (layers.values, *(override.values for override in layers.overrides))
    return Standards(layers.values, layers, (*key, *(repr(yaml.plain(part)) for part in parts)))


def _of_company(path: str, key: Key) -> Standards:
    """Read the company's standards alone, as they were taken apart when they were last read."""
    if known := cache.recall("standards", key):
        late = {name: known.pop(name) for name in LATE}
        return Standards(yaml.placeless(known), identity=key, late=partial(_part, late))
    company = read(path, COMPANY_FILE)
    standards = Standards(company, identity=key)  # first: what cannot be used is not kept
    cache.keep("standards", key, yaml.plain(company))
    return standards


def _part(late: dict[str, Plain], name: str) -> Map:
    """Return values that were not turned into a mapping before."""
    part: Map = yaml.placeless(late[name])
    return part
