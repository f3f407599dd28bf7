"""What the reader of a format finds in a text, in a form that fits in a table of expectations."""

from __future__ import annotations

from ml_checks import standards
from ml_checks.formats import datasets
from ml_checks.formats.source import Source
from ml_checks.project.snapshot import TYPE_LANGUAGES

from tests.conftest import ROOT

STANDARDS = standards.load(str(ROOT / "tests"))  # the company's alone


def source(kind: str, text: str) -> Source:
    """Return a text as a file of a kind."""
    return Source("schema", text, STANDARDS.logical_types(TYPE_LANGUAGES[kind]))


def fields(kind: str, text: str) -> dict[str, str | None]:
    """Return the type of each field that a text describes."""
    found = [field for dataset in datasets(kind, source(kind, text)) for field in dataset.fields]
    return {str(field.name): str(field.type) if field.type else None for field in found}


def names(kind: str, text: str) -> list[str | None]:
    """Return the name of each dataset that a text describes."""
    return [str(dataset.name) if dataset.name else None for dataset in datasets(kind, source(kind, text))]


def places(kind: str, text: str) -> list[tuple[str, int, int]]:
    """Return every name, type and description in a text, with line and column."""
    found = []
    for dataset in datasets(kind, source(kind, text)):
        found += [dataset.name, dataset.description]
        found += [part for field in dataset.fields for part in (field.name, field.type, field.description)]
    return [(str(part), part.at.line, part.at.col) for part in found if part]
