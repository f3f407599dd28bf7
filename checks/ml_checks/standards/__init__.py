"""The company's standards, read from standards.yaml, and what a project adds to them."""

from __future__ import annotations

import os

from ml_checks.reading import cache, yaml
from ml_checks.standards.values import COMPANY_FILE, EXCLUDED, FOLDER, PROJECT_FILE, Standards, read

__all__ = ["COMPANY_FILE", "EXCLUDED", "FOLDER", "PROJECT_FILE", "Standards", "load", "read"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ml_checks.reading.cache import Key


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
        return Standards(yaml.placeless(known), identity=key)
    company = read(path, COMPANY_FILE)
    standards = Standards(company, identity=key)  # first: what cannot be used is not kept
    cache.keep("standards", key, yaml.plain(company))
    return standards
