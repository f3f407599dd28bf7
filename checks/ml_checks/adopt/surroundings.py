"""What is in a repository beside what rules read: what builds a site of its pages, and data about persons."""

from __future__ import annotations

import posixpath
from itertools import chain

from ml_checks.contracts.personal_data import CSV, JSON_LINES, MAX_BYTES, named_personal
from ml_checks.project.data_files import samples
from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
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


class Personal(Record):
    """A data file under no contract, with its columns that look personal, each with its kind."""

    path: str
    columns: tuple[tuple[str, str], ...]


def generators(project: Project) -> dict[str, str]:
    """Return what builds sites of the pages here, under the path that tells it."""
    return {path: GENERATORS[name] for path in project.paths if (name := posixpath.basename(path)) in GENERATORS}


def personal(project: Project) -> list[Personal]:
    """Return the data files under no contract whose columns look personal by their names."""
    named = set(chain.from_iterable(samples(project, contract) for contract in project.contracts))
    found = (Personal(path, _columns(project, path)) for path in _tables(project) if path not in named)
    return [one for one in found if one.columns]


def _tables(project: Project) -> list[str]:
    """Return the files that hold tables, as far as the checks read such."""
    return [path for path in project.paths if _is_table(path) and path not in project.excluded]


def _is_table(path: str) -> bool:
    return path.lower().endswith(CSV + JSON_LINES)


def _columns(project: Project, path: str) -> tuple[tuple[str, str], ...]:
    text = project.first_lines(path, MAX_BYTES)
    return tuple(named_personal(path, text, project.standards.contracts))
