"""The company's standards, read from standards.yaml, and what a project adds to them."""

from __future__ import annotations

import os
import re
from functools import cached_property

from ml_checks import files, nodes
from ml_checks.codeowners import Line, Ownership
from ml_checks.errors import CannotRunError, suggestion
from ml_checks.record import Record
from ml_checks.values import List, Map

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ml_checks.values import Location, Value

FOLDER = os.path.dirname(__file__)
PROJECT_FILE = "standards.yaml"


class Affix(Record):
    """First or last words of a name that promise a type."""

    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]
    types: tuple[str, ...]

    def __str__(self) -> str:
        """Name the affixes as people write them: 'is_' or 'has_', '_at'."""
        return " or ".join([f"'{word}_'" for word in self.prefixes] + [f"'_{word}'" for word in self.suffixes])


class Standards:
    """What names, types, owners and pages have to be."""

    def __init__(self, company: Map, project: Map) -> None:
        """Take the two files as values; the company's is complete, as its schema says."""
        names, quantities = company.mapping("names"), company.mapping("quantities")
        self.name_pattern = re.compile(names.must("pattern"))
        self.name_example = names.must("example")
        self.max_name_length = int(names.must("max_length"))
        self.reserved = frozenset(names.texts("reserved"))
        self.types = tuple(company.texts("types"))
        affixes = tuple(_affixes(company))
        self._prefixes = {word: affix for affix, _ in affixes for word in affix.prefixes}
        self._suffixes = {word: affix for affix, _ in affixes for word in affix.suffixes}
        self.required_affixes = {kind: affix for affix, required in affixes if required for kind in affix.types}
        self.quantities = frozenset(quantities.texts("words"))
        self.units = frozenset(quantities.texts("units"))
        self.terms = dict(_terms(company.mapping("glossary")))
        self.person = re.compile(company.mapping("owners").must("person"))
        self.owner_label = company.mapping("owners").must("label")
        self.sections = {page: _sections(company.mapping(page)) for page in ("readme", "model_card")}
        self.min_description = int(company.mapping("descriptions").must("min_length"))
        self.rules_page = str(company.must("rules_page"))
        self.max_page_lag_days = int(company.must("max_page_lag_days"))
        self._placeholder_texts: tuple[str, ...] = tuple(company.texts("placeholders"))
        self._type_names = company.mapping("type_names")
        self._files = company.mapping("files")
        self._exclude = tuple(project.texts("exclude"))

    @cached_property
    def _placeholder(self) -> re.Pattern[str]:
        # Literals first: the search then skips to their first letters, which is ten times faster.
        return re.compile(rf"(?:{'|'.join(map(re.escape, self._placeholder_texts))})(?!\w)")

    def placeholders(self, text: str) -> list[re.Match[str]]:
        """Return what stands in a text as long as nobody has written it; as whole words only."""
        found = self._placeholder.finditer(text)
        return [match for match in found if not re.match(r"\w", text[max(match.start() - 1, 0) : match.start()])]

    def logical_types(self, language: str) -> dict[str, str]:
        """Return the type of the vocabulary for each type that a language has, as far as it has one."""
        names = self._type_names.mapping(language)
        return {name: logical for logical in names for name in names.texts(logical)}

    def affixes_on(self, name: str) -> list[Affix]:
        """Return what the first and the last word of a name promise; a lone word promises nothing."""
        words = name.split("_")
        if len(words) == 1:
            return []
        found = (self._prefixes.get(words[0]), self._suffixes.get(words[-1]))
        return [affix for affix in found if affix]

    def kinds(self, paths: Iterable[str]) -> dict[str, list[str]]:
        """Sort paths by what they are; the last pattern that matches wins, as in CODEOWNERS."""
        patterns = [(pattern, kind) for kind in self._files for pattern in self._files.texts(kind)]
        patterns += [(pattern, "excluded") for pattern in self._exclude]
        lines = [Line(pattern, (kind,), 0, 0, None) for pattern, kind in patterns]
        matched: dict[str, list[str]] = {kind: [] for kind in (*self._files, "excluded")}
        deciding = Ownership(lines, paths).line_of
        for path in paths:
            if line := deciding(path):
                matched[line.owners[0]].append(path)
        return matched


def load(root: str) -> Standards:
    """Read the company's standards and those in `root`; raise CannotRunError."""
    company = _read(os.path.join(FOLDER, PROJECT_FILE))
    project = _read(os.path.join(root, PROJECT_FILE))
    _refuse_invalid(project)
    return Standards(company, project)


def _read(path: str) -> Map:
    """Read one file of standards; one that is absent or empty says nothing."""
    name = os.path.relpath(path)
    try:
        roots, findings = nodes.load(name, files.read(os.path.realpath(path)) or "")
    except nodes.UnreadableError as error:
        raise CannotRunError(f"{name}:{error.line}:{error.col}: {error}") from error
    if findings:
        raise CannotRunError(f"{_place(findings[0].at)}: {findings[0].message}")
    if not any(roots):
        return Map()
    if len(roots) != 1 or type(roots[0]) is not Map:
        raise CannotRunError(f"{name}:1:1: is not one mapping with keys such as `exclude:`")
    return roots[0]


def _refuse_invalid(project: Map) -> None:
    """Hold a project's standards to their schema; raise CannotRunError with the first fault."""
    if not project:
        return
    import json

    import jsonschema_rs

    with open(os.path.join(FOLDER, "project-standards.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    for key in project:
        if key not in schema["properties"]:
            raise CannotRunError(f"{_place(project.at_key(key))}: {_unknown(key, schema['properties'])}")
    for error in jsonschema_rs.validator_for(schema).iter_errors(_plain(project)):
        at = project.at_key(str(error.instance_path[0]))
        raise CannotRunError(f"{_place(at)}: {error.message}")


def _unknown(key: str, known: Iterable[str]) -> str:
    """Say that a key is unknown, and which known one it looks like."""
    return f"unknown key {key!r}; {suggestion(key, list(known))}"


def _place(at: Location) -> str:
    return f"{at.path}:{at.line}:{at.col}"


def _plain(value: Value) -> object:
    """Return a value as JSON has it; scalars are strings."""
    if type(value) is Map:
        return {key: _plain(item) for key, item in value.items()}
    if type(value) is List:
        return [_plain(item) for item in value]
    return None if value is None else str(value)


def _affixes(company: Map) -> Iterator[tuple[Affix, bool]]:
    """Yield each affix, and whether names of its types have to carry it."""
    for entry in company.mappings("affixes"):
        affix = Affix(*(tuple(entry.texts(key)) for key in ("prefixes", "suffixes", "types")))
        yield affix, entry.get("required") == "true"


def _terms(glossary: Map) -> Iterator[tuple[str, str]]:
    """Yield each word that the company does not use, with the one it does."""
    for term in glossary:
        for synonym in glossary.mapping(term).texts("not"):
            yield synonym, term


def _sections(page: Map) -> tuple[tuple[str, ...], ...]:
    """Return the required sections, each as the titles it may have."""
    return tuple(tuple(map(str, titles)) for titles in page.lists("sections"))
