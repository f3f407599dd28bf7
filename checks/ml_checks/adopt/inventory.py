"""What is in a repository: which files are read as what, and what builds a site of its pages."""

from __future__ import annotations

import posixpath

from ml_checks.contracts.personal_data import CSV, JSON_LINES, MAX_BYTES, named_personal
from ml_checks.project.data_files import samples
from ml_checks.record import Record
from ml_checks.standards import EXCLUDED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.project.project import Project

# What each generator of sites is known by: a file, in whatever folder.
GENERATORS = {
    "mkdocs.yml": "MkDocs",
    "mkdocs.yaml": "MkDocs",
    "docusaurus.config.js": "Docusaurus",
    "docusaurus.config.ts": "Docusaurus",
    "hugo.toml": "Hugo",
    "hugo.yaml": "Hugo",
    "_config.yml": "Jekyll",
    "astro.config.mjs": "Astro",
    "astro.config.ts": "Astro",
    "_quarto.yml": "Quarto",
    "conf.py": "Sphinx",
}
NOUNS = {
    "contracts": "data contracts",
    "charters": "charters",
    "pages": "pages",
    "model_cards": "model cards",
    "compose": "compose files",
    "kubernetes": "Kubernetes manifests",
    "json_schema": "JSON Schemas",
    "avro": "Avro schemas",
    "sql": "SQL files",
    "dbt": "dbt properties",
    "python": "Python modules",
    "data": "data files",
    "samples": "samples",
}


class Kind(Record):
    """A kind of files: how many there are, how many are read, and examples of those that are not."""

    name: str
    there: int
    read: int
    unread: tuple[str, ...]


class Personal(Record):
    """A data file under no contract, with its columns that look personal, each with its kind."""

    path: str
    columns: tuple[tuple[str, str], ...]


def inventory(project: Project) -> list[Kind]:
    """Return which kinds of files there are, and how many of each are read."""
    counts: dict[str, int] = {}
    for path, kind in project.kinds_of_paths.items():
        if path in project.tracked and kind in NOUNS:
            counts[kind] = counts.get(kind, 0) + 1
    return [Kind(NOUNS[kind], counts[kind], counts[kind], ()) for kind in NOUNS if kind in counts]


def generators(project: Project) -> dict[str, str]:
    """Return what builds sites of the pages here, under the path that tells it."""
    return {path: GENERATORS[name] for path in project.paths if (name := posixpath.basename(path)) in GENERATORS}


def personal(project: Project) -> list[Personal]:
    """Return the data files under no contract whose columns look personal by their names."""
    named = {path for contract in project.contracts for path in samples(project, contract)}
    return list(_personal(project, named))


def _personal(project: Project, named: set[str]) -> Iterator[Personal]:
    for path, kind in project.kinds_of_paths.items():
        if path.lower().endswith(CSV + JSON_LINES) and kind != EXCLUDED and path not in named:
            text = project.first_lines(path, MAX_BYTES)
            if found := tuple(named_personal(path, text, project.standards.contracts)):
                yield Personal(path, found)
