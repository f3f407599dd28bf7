"""The values of the standards: what names, types, owners and pages have to be."""

from __future__ import annotations

import os
import re
from functools import cached_property

from ml_checks.codeowners import Line, Ownership
from ml_checks.errors import CannotRunError
from ml_checks.reading import yaml
from ml_checks.reading.text import read_text
from ml_checks.record import Record
from ml_checks.values import Map

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from typing import Protocol

    from ml_checks.reading.cache import Key
    from ml_checks.standards.contracts import ContractStandards
    from ml_checks.values import Location, Value

    # Which overrides hold, by their numbers.
    Variant = tuple[int, ...]

    class Layers(Protocol):
        """What other files put on the company's standards."""

        @property
        def project(self) -> Map:
            """What the project's own file says."""

        @property
        def files(self) -> Collection[str]:
            """The real paths of the files in which it is written."""

        @property
        def overrides(self) -> tuple[object, ...]:
            """What holds for some paths only."""

        def variant(self, path: str) -> Variant:
            """Return which overrides cover a path."""

        def standards_of(self, variant: Variant) -> Standards:
            """Return the standards where these overrides hold."""


FOLDER = os.path.dirname(os.path.dirname(__file__))
PROJECT_FILE = "standards.yaml"
COMPANY_FILE = "ml_checks/standards.yaml"  # wherever it is installed
# What a path is that no rule reads.
EXCLUDED = "excluded"
# Where a word begins in `departedAt`: what is written in another way than the company does still says what it says.
_HUMP = r"(?<=[a-z0-9])(?=[A-Z])"
# Where hosts find the text that a new pull or merge request begins with.
# Sources: GitHub's page "Creating a pull request template for your repository", Azure's "Improve pull request
# descriptions with templates", GitLab's "Description templates". Others, which authors pick by hand, bind nobody.
_TEMPLATE_NAMES = frozenset(["pull_request_template.md", "pull_request_template.txt"])
_TEMPLATE_FOLDERS = {
    "": "shared_templates",  # where GitHub and Azure both look
    "docs": "shared_templates",
    ".github": "github_templates",
    ".azuredevops": "azure_templates",
    ".vsts": "azure_templates",
}
TEMPLATES_OF = {
    "GitHub": ("shared_templates", "github_templates"),
    "GitLab": ("gitlab_templates",),
    "Azure": ("shared_templates", "azure_templates"),
}
_GITLAB_TEMPLATE = (".gitlab/merge_request_templates", "default.md")


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

    def __init__(
        self, company: Map, layers: Layers | None = None, identity: Key = (), late: Callable[[str], Map] | None = None
    ) -> None:
        """Take the company's values, with what `layers` of other files put on them; they are complete.

        `identity` tells these standards from others, and `late` gives those values that few runs ask for.
        """
        self._layers, self.identity, self._late = layers, identity, late or company.mapping
        names, quantities = company.mapping("names"), company.mapping("quantities")
        self.name_pattern = expression(names, "pattern")
        self.name_example = names.must("example")
        self._by_format = names.mapping("by_format")
        self.max_name_length = int(names.must("max_length"))
        self.local_names = frozenset(names.texts("local"))
        self.reserved = frozenset(names.texts("reserved"))
        self.types = tuple(company.texts("types"))
        affixes = tuple(company.mappings("affixes"))
        self._prefixes = _affixes(affixes, "prefixes")
        self._suffixes = _affixes(affixes, "suffixes")
        self.required_affixes = _affixes([entry for entry in affixes if entry.get("required") == "true"], "types")
        self.quantities = frozenset(quantities.texts("words"))
        self.uncounted = self.quantities.difference(quantities.texts("counts"))
        self.units = frozenset(quantities.texts("units"))
        self.terms = dict(terms(company.mapping("glossary"), "not"))
        self.last_terms = self.terms | dict(terms(company.mapping("glossary"), "not_last"))
        self.person = expression(company.mapping("owners"), "person")
        owners = company.mapping("owners")
        self.persons, self.groups = (frozenset(map(str.lower, owners.texts(key))) for key in ("persons", "groups"))
        self.owner_label = company.mapping("owners").must("label")
        self.owners_host = str(company.mapping("owners").must("host"))
        self.sections = {page: _sections(company.mapping(page)) for page in ("readme", "model_card")}
        self.review_points = dict(_points(company.mapping("pull_request").mapping("points")))
        self.min_description = int(company.mapping("descriptions").must("min_length"))
        drafts = company.mapping("drafts")
        self.draft_states, self.draft_stages = (tuple(map(str, drafts.texts(key))) for key in ("contracts", "models"))
        self.rules_page = str(company.must("rules_page"))
        self.max_page_lag_days = int(company.must("max_page_lag_days"))
        self.max_waiver_days = int(company.must("max_waiver_days"))
        self._placeholder_texts: tuple[str, ...] = tuple(company.texts("placeholders"))
        self._files = company.mapping("files")
        self._exclude = tuple(company.texts("exclude"))

    @property
    def project(self) -> Map:
        """What the project's own file says."""
        return self._layers.project if self._layers else Map()

    @property
    def files(self) -> Collection[str]:
        """The real paths of the files that a project's standards are written in."""
        return self._layers.files if self._layers else ()

    @property
    def overrides(self) -> tuple[object, ...]:
        """What holds for some paths only."""
        return self._layers.overrides if self._layers else ()

    def variant(self, path: str) -> Variant:
        """Return which overrides cover a path, by their numbers."""
        return self._layers.variant(path) if self._layers and self._layers.overrides else ()

    def under(self, variant: Variant) -> Standards:
        """Return the standards where these overrides hold."""
        return self._layers.standards_of(variant) if self._layers and variant else self

    @cached_property
    def _placeholder(self) -> re.Pattern[str]:
        return re.compile(rf"(?:{'|'.join(map(re.escape, self._placeholder_texts))})(?!\w)")

    def placeholders(self, text: str) -> list[re.Match[str]]:
        """Return what stands in a text as long as nobody has written it; as whole words only."""
        if not any(placeholder in text for placeholder in self._placeholder_texts):
            return []  # as nearly everywhere: nothing to compile a pattern for
        from ml_checks.standards.placeholders import stands_for_text

        return [match for match in self._placeholder.finditer(text) if stands_for_text(match)]

    def is_unwritten(self, text: str) -> bool:
        """Tell whether a text begins with what stands there as long as nobody has written it."""
        return any(match.start() == 0 for match in self.placeholders(text)[:1])

    @cached_property
    def contracts(self) -> ContractStandards:
        """What holds for data contracts."""
        from ml_checks.standards.contracts import ContractStandards

        return ContractStandards(self._late("contracts"))

    @cached_property
    def _type_names(self) -> Map:
        return self._late("type_names")

    def is_usual_in(self, kind: str, key: str, name: str) -> bool:
        """Tell whether files of a kind may call it so too: a dataset or a field, by the `key` of its pattern."""
        patterns = self._by_format.mapping(kind)
        return key in patterns and expression(patterns, key).fullmatch(name) is not None

    def logical_types(self, language: str) -> dict[str, str]:
        """Return the type of the vocabulary for each type that a language has, as far as it has one."""
        names = self._type_names.mapping(language)
        return {name: logical for logical in names for name in names.texts(logical)}

    def affixes_on(self, name: str) -> list[Affix]:
        """Return what the first and the last word of a name promise; a lone word promises nothing."""
        words = words_of(name)
        if len(words) == 1:
            return []
        return list(filter(None, (self._prefixes.get(words[0]), self._suffixes.get(words[-1]))))

    def kinds(self, paths: Iterable[str]) -> dict[str, str]:
        """Return what each path is, empty for what no rule reads; the last pattern that matches wins."""
        line_of = Ownership(self._lines(), paths).line_of
        return {path: _kind(path, line_of(path)) for path in paths}

    def without_exclusions(self) -> Standards:
        """Return the same, with nothing excluded."""
        from copy import copy

        standards = copy(self)
        vars(standards).update(_exclude=(), identity=(*self.identity, "nothing excluded"))
        return standards

    def _lines(self) -> Iterator[Line]:
        """Yield the patterns of paths as lines of CODEOWNERS, where the kind stands for the owner."""
        for kind in self._files:
            for pattern in self._files.texts(kind):
                yield Line(pattern, (kind,), 0, 0, None)
        for pattern in self._exclude:
            yield Line(pattern, (EXCLUDED,), 0, 0, None)


def words_of(name: str) -> list[str]:
    """Return the words of a name in small letters: `departed_at` and `departedAt` have two."""
    return name.split("_") if name.islower() else re.sub(_HUMP, "_", name).lower().split("_")


def _kind(path: str, line: Line | None) -> str:
    """Return what a path is, by the last line that matches it and by the names under which hosts look for templates."""
    kind = line.owners[0] if line else ""
    return kind if kind == EXCLUDED else kind_of_template(path) or kind


def kind_of_template(path: str) -> str:
    """Return which kind of template the path is of a file that a host puts into each new request; empty for others."""
    folder, _, name = path.lower().rpartition("/")
    if name in _TEMPLATE_NAMES:
        return _TEMPLATE_FOLDERS.get(folder, "")
    return "gitlab_templates" if (folder, name) == _GITLAB_TEMPLATE else ""


def read(path: str, name: str, text: str | None = None) -> Map:
    """Read one file of standards, called by a name, or a text in its place; one that is absent says nothing."""
    roots = _documents(path, name, text)
    if not any(roots):
        return Map()
    if len(roots) != 1 or type(roots[0]) is not Map:
        raise CannotRunError(f"{name}:1:1: is not one mapping with keys such as `exclude:`")
    return roots[0]


def _documents(path: str, name: str, text: str | None) -> list[Value]:
    try:
        written = read_text(os.path.realpath(path)) if text is None else text
        roots, findings = yaml.read(name, written or "")
    except yaml.UnreadableError as error:
        raise CannotRunError(f"{name}:{error.line}:{error.col}: {error}") from error
    if findings:
        raise CannotRunError(f"{placed(findings[0].at)}: {findings[0].message}")
    return roots


def placed(at: Location) -> str:
    """Return a place as editors understand it."""
    return f"{at.path}:{at.line}:{at.col}"


def expression(values: Map, key: str) -> re.Pattern[str]:
    """Return a regular expression that is written under a key; raise CannotRunError where it is none."""
    try:
        return re.compile(values.must(key))
    except (re.error, OverflowError) as error:
        raise CannotRunError(f"{placed(values.must(key).at)}: {key} is no regular expression: {error}") from error


def _affixes(entries: Sequence[Map], key: str) -> dict[str, Affix]:
    """Return the affixes under each text that they list under a key."""
    affixes: dict[str, Affix] = {}
    for entry in reversed(entries):  # what is written first about a word counts, so no layer can redefine it
        affix = Affix(*(tuple(entry.texts(name)) for name in ("prefixes", "suffixes", "types")))
        affixes |= dict.fromkeys(entry.texts(key), affix)
    return affixes


def terms(glossary: Map, key: str) -> Iterator[tuple[str, str]]:
    """Yield each word that the company does not use, as a key of its terms has it, with the one it does."""
    return ((synonym, term) for term in glossary for synonym in glossary.mapping(term).texts(key))


def _points(points: Map) -> Iterator[tuple[str, tuple[str, tuple[str, ...]]]]:
    """Yield the name of each point, with what it asks and the words it is known by, in small letters."""
    for name in points:
        point = points.mapping(name)
        yield name, (point.must("asks"), tuple(words.lower() for words in point.texts("known_by")))


def _sections(page: Map) -> tuple[tuple[str, ...], ...]:
    """Return the required sections, each as the titles it may have."""
    return tuple(tuple(map(str, titles)) for titles in page.lists("sections"))
