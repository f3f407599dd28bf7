"""The repository as values: the only module that asks for tracked files."""

from __future__ import annotations

import os
from collections import defaultdict
from functools import cached_property, partial

from ml_checks.codeowners import Ownership, dialect_of, parse
from ml_checks.contracts.contract import Contract, Head
from ml_checks.project import infrastructure
from ml_checks.project.facts import Examination
from ml_checks.project.pages import owned, page_of
from ml_checks.reading import cache, yaml
from ml_checks.reading.extract import HAS, names
from ml_checks.reading.reader import Reader
from ml_checks.reading.text import decoded, first_lines
from ml_checks.record import Record
from ml_checks.rules.registry import UNREAD
from ml_checks.values import List, Location, Map, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Collection, Iterator

    from ml_checks.codeowners import Dialect, Line
    from ml_checks.contracts.consumers import Flows
    from ml_checks.contracts.history import Pair
    from ml_checks.project.infrastructure import Service
    from ml_checks.project.pages import Owned, Page
    from ml_checks.reading.extract import Extract
    from ml_checks.reading.git import Difference, Repository
    from ml_checks.rules.registry import File
    from ml_checks.run.waivers import Waiver
    from ml_checks.standards.values import Standards
    from ml_checks.values import Dataset, Finding, Value

# GitHub reads no larger file, and nobody should have to.
CODEOWNERS_MAX_BYTES = 3_000_000
# The kinds of files that hold schemas in other formats than a contract.
SCHEMAS = ("json_schema", "avro", "sql", "dbt", "python")
# The kinds of files that are pages of Markdown, cards apart.
MARKDOWN = ("pages", "github_templates", "gitlab_templates")
# Findings that were there when the checks came.
BASELINE = "standards.baseline.yaml"


class Component(Record):
    """Something that needs an owner, the names of its owners, and what knows where they are written."""

    kind: str
    path: str
    names: tuple[str, ...]
    declared: Contract | Owned

    @property
    def owners(self) -> tuple[Text, ...]:
        """The owners, each with its place."""
        return self.declared.owners

    @property
    def at(self) -> Location:
        """Where it names an owner, or where it should."""
        return self.declared.owner_at


class Model(Record):
    """A model that a charter lists or that has a folder under `models/`; `card` is the path its card must have."""

    name: str
    card: str
    at: Location


class Codeowners(Record):
    """The CODEOWNERS file that the host reads, and the `others` that it would read if that were not there."""

    path: str
    lines: tuple[Line, ...]
    ownership: Ownership
    others: tuple[str, ...]


class Project:
    """A repository as its index has it, read when a rule first asks."""

    def __init__(self, repository: Repository, standards: Standards, today: datetime.date) -> None:
        """Take what is tracked in a repository, judged on a day."""
        self.paths = repository.paths
        self.root = repository.root
        self.standards = standards
        self.today = today
        self.unused: tuple[Waiver, ...] = ()
        self.stale: tuple[Text, ...] = ()
        """Waivers and entries of the baseline that are of no use; the engine knows once the rules have run."""
        self.base = ""
        """The commit that contracts are compared with, if not the last one."""
        self._repository = repository
        self._unsaved: dict[str, bytes] = {}
        self._reader = Reader(self.root, self._unsaved)
        self._extracts: dict[str, dict[File, Extract]] = {}
        self._read: dict[str, tuple[Map, ...]] = {}

    def put(self, path: str, content: bytes) -> None:
        """Let a text that an editor has not saved stand for that file, which may be new; before anything is read."""
        self._unsaved[path] = content
        self.paths = tuple(sorted({*self.paths, path}, key=os.fsencode))
        for known in ("tracked", "folders"):
            self.__dict__.pop(known, None)

    def judged_by(self, standards: Standards) -> Project:
        """Return this project under other standards; what is read already is read for both."""
        from copy import copy

        other = copy(self)
        other.standards = standards
        return other

    def read(self) -> None:
        """Read every file that any rule reads."""
        for group in ("contracts", "schemas", "pages"):
            self.extracts(group)
        for part in ("charters", "services", "codeowners"):
            getattr(self, part)

    @cached_property
    def examination(self) -> Examination:
        """What is judged file by file."""
        return Examination(self._repository, self._unsaved, self.standards)

    def extracts(self, group: str) -> dict[File, Extract]:
        """Return what each file of a group gives by itself; the groups are contracts, schemas and pages."""
        if group not in self._extracts:
            self._extracts[group] = self.examination.of(group, list(self._group(group)))
        return self._extracts[group]

    @property
    def faults(self) -> list[Finding]:
        """What could not be read so far, and what is read in two ways."""
        return self._reader.faults + [fault for fault in self.examination.findings if fault.code.startswith(UNREAD)]

    @property
    def marked(self) -> set[str]:
        """The files that were read so far and hold the mark of a waiver."""
        found = (path for group in self._extracts.values() for (path, _), extract in group.items() if extract.is_marked)
        return self._reader.marked.union(found)

    @cached_property
    def contracts(self) -> tuple[Contract, ...]:
        """Every data contract."""
        return tuple(
            Contract(file[0], Head(*extract.contract), extract.named, partial(self._datasets, file))
            for file, extract in self.extracts("contracts").items()
            if extract.contract
        )

    @cached_property
    def changed_contracts(self) -> tuple[Pair, ...]:
        """Every contract that changed since the base, as it was and as it is."""
        from ml_checks.contracts.history import pairs

        return tuple(pairs(self))

    def changes(self) -> dict[str, Difference]:
        """Return what differs from the base under its path; raise CannotRunError where git cannot tell."""
        return self._repository.changes(self.base)

    @cached_property
    def vocabulary(self) -> tuple[tuple[str, str | None], ...]:
        """Every name of a dataset, and of a field with each type that it has, which may be empty.

        Some may be there no more.
        """
        told = self.examination.vocabulary() if self._described else ()
        return tuple((name, kind if has else None) for name, has, kind in (one.partition(HAS) for one in told))

    def datasets_with(self, wanted: set[str]) -> Iterator[Dataset]:
        """Yield the datasets that have one of the names, or a field that has one.

        Those under contract come first, which have the last word.
        """
        for file, extract in self._described.items() if wanted else ():
            if not wanted.isdisjoint(names(extract.named)):
                yield from self._datasets(file)

    @cached_property
    def _described(self) -> dict[File, Extract]:
        return self.extracts("contracts") | self.extracts("schemas")

    def _datasets(self, file: File) -> tuple[Dataset, ...]:
        return self.examination.read(file).datasets

    @cached_property
    def charters(self) -> tuple[Map, ...]:
        """Every project charter (project.yaml)."""
        read = (self._reader.mapping(path, "a project charter") for path in self._files("charters"))
        return tuple(root for root in read if root is not None)

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """Everything that needs an owner."""
        contracts = [Component("contract", one.path, one.owner_names, one) for one in self.contracts]
        charters = [_component("charter", charter.path, owned(charter)) for charter in self.charters]
        cards = [page for page in self.pages if page.kind == "model_card"]
        return (*contracts, *charters, *(_component("model card", card.path, card.owned) for card in cards))

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """Every service and job of the infrastructure."""
        label = self.standards.owner_label
        composed = (infrastructure.composed(root, label) for root in self._documents("compose"))
        deployed = (infrastructure.deployed(root, label) for root in self._documents("kubernetes"))
        return tuple(service for services in (*composed, *deployed) for service in services)

    @cached_property
    def composed(self) -> tuple[Map, ...]:
        """Every service of a compose file, as it is written."""
        services = (root.mapping("services") for root in self._documents("compose"))
        return tuple(service for named in services for service in named.values() if type(service) is Map)

    @cached_property
    def deployed(self) -> tuple[Map, ...]:
        """Every workload of Kubernetes, as it is written."""
        return tuple(root for root in self._documents("kubernetes") if root.text("kind") in infrastructure.WORKLOADS)

    @cached_property
    def flows(self) -> Flows:
        """Which contracts models, services and workloads read and write."""
        from ml_checks.contracts.consumers import Flows

        return Flows(self)

    def sources(self, folder: str) -> list[str]:
        """Return the paths of the Python modules of a project folder, without its tests."""
        paths = (path for path in self._files("python") if "/tests/" not in path)
        return [path for path in paths if self.folder_of(path) == folder]

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """Every page of Markdown."""
        return tuple(page_of(*file, extract.page) for file, extract in self.extracts("pages").items() if extract.page)

    @cached_property
    def review_templates(self) -> frozenset[str]:
        """The files that the host puts into each new pull or merge request."""
        return frozenset(self._files(f"{self.dialect.host.lower()}_templates"))

    @cached_property
    def codeowners(self) -> Codeowners | None:
        """The CODEOWNERS file in force, if there is one that the host reads."""
        present = [path for path in self.dialect.paths if path in self._regular]
        text = self._reader.text(present[0], CODEOWNERS_MAX_BYTES) if present else None
        if text is None:
            return None
        lines = parse(text, self.dialect)
        return Codeowners(present[0], lines, Ownership(lines, self.paths, self.dialect), tuple(present[1:]))

    @property
    def codeowners_fault(self) -> Finding | None:
        """Why a CODEOWNERS file that is there cannot be read."""
        faults = self.faults if self.codeowners is None else []
        return next((fault for fault in faults if fault.at.path in self.dialect.paths), None)

    @cached_property
    def dialect(self) -> Dialect:
        """How the host of the repository reads CODEOWNERS."""
        return dialect_of(self.tracked, self.standards.owners_host)

    @cached_property
    def models(self) -> tuple[Model, ...]:
        """Every model that a charter lists, and every other that has a folder."""
        found: dict[str, Model] = {}
        for charter in self.charters:
            for name in charter.texts("models"):
                folder = _join(charter.path.rpartition("/")[0], f"models/{name}")
                found[folder] = Model(name, f"{folder}/README.md", name.at)
        # What dbt calls a model is a table.
        places = (place for place in self.project_folders if _join(place, "dbt_project.yml") not in self.tracked)
        parents = {_join(place, "models") for place in places}
        for folder in sorted(self.folders):
            parent, _, folder_name = folder.rpartition("/")
            if parent in parents:
                card = f"{folder}/README.md"
                found.setdefault(folder, Model(folder_name, card, Location(card, 1, 1)))
        return tuple(found.values())

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that holds a tracked path; the root is the empty string."""
        folders = {""}
        for path in self.paths:
            folder = path.rpartition("/")[0]
            while folder not in folders:
                folders.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(folders)

    @cached_property
    def tracked(self) -> frozenset[str]:
        """The tracked paths as a set."""
        return frozenset(self.paths)

    def folder_of(self, path: str) -> str:
        """Return the innermost project folder that holds a path."""
        holding = [folder for folder in self.project_folders if not folder or path.startswith(f"{folder}/")]
        return max(holding, key=len)

    def is_settled(self, paths: list[str]) -> bool:
        """Tell whether this is a commit that touches none of the paths, so that nothing about them is new."""
        return self._repository.is_settled(paths)

    def last_changes(self, *groups: list[str]) -> list[datetime.date | None]:
        """Return for each group of paths the day when one of them last changed, None where that is not known."""
        return self._repository.last_changes(groups, self.today)

    @cached_property
    def project_folders(self) -> tuple[str, ...]:
        """The root, and every other folder that holds a charter."""
        return tuple(dict.fromkeys(["", *(charter.path.rpartition("/")[0] for charter in self.charters)]))

    @cached_property
    def waivers(self) -> tuple[Waiver, ...]:
        """Every waiver in the standards, and in what has been read so far."""
        layers = self.standards.layers
        if not self.marked and not (layers and "waivers" in layers.project):
            return ()
        from ml_checks.run.waivers import gathered

        return tuple(gathered(self))

    @cached_property
    def baseline(self) -> tuple[Text, ...]:
        """The entries of the baseline, tracked or not: it is committed together with what it allows."""
        roots = self._reader.documents(BASELINE)
        if roots is not None and type(roots[0] if roots else None) is not List:
            self._reader.fault(BASELINE, "FIL005", "is no list of findings, as `ml-checks baseline` writes it")
        return _entries(roots or [])

    @cached_property
    def committed_baseline(self) -> frozenset[Text]:
        """The entries of the baseline at the base; none where it had none."""
        change = self.changes().get(BASELINE) if self.baseline else None
        blob = change.before if change else self._repository.blobs.get(BASELINE, "")
        if not blob.strip("0"):
            return frozenset()
        from ml_checks.reading.git import contents

        text = b"".join(contents(self.root, [blob]))
        try:
            return frozenset(_entries(yaml.read(BASELINE, decoded(text))[0]))
        except yaml.UnreadableError:
            return frozenset()

    @cached_property
    def excluded(self) -> frozenset[str]:
        """The tracked paths that the project's standards tell the checks to leave alone."""
        return frozenset(self._by_kind["excluded"])

    def source(self, path: str) -> str | None:
        """Return the text of a file for those who show it; None where it is not tracked or cannot be read."""
        try:
            return self._reader.content(path, CODEOWNERS_MAX_BYTES) if path in self._regular else None
        except yaml.UnreadableError:
            return None

    def head(self, path: str, size: int) -> str:
        """Return the first whole lines of a file of any size; nothing where it is no file."""
        return first_lines(os.path.join(self.root, path), size) if path in self._regular else ""

    def kinds(self, paths: Collection[str]) -> dict[str, str]:
        """Return what each path is, tracked or not; empty for what no rule reads."""
        new = self.standards.kinds([path for path in paths if path not in self._kinds])
        return {path: self._kinds[path] if path in self._kinds else new[path] for path in paths}

    @cached_property
    def _kinds(self) -> dict[str, str]:
        """What each tracked path is; to find it out anew would take as long as to join all that is known of them."""
        name, key = cache.name("kinds", self.root), (self.root, *self.standards.identity)
        known: dict[str, str] = cache.recall(name, key) or {}
        if new := [path for path in self.paths if path not in known]:
            known |= self.standards.kinds(new)
            cache.keep(name, key, {path: known[path] for path in self.paths})
        return known

    @cached_property
    def _by_kind(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path in self.paths:
            found[self._kinds[path]].append(path)
        return found

    def _files(self, kind: str) -> list[str]:
        return [path for path in self._by_kind[kind] if path in self._regular]

    def _group(self, group: str) -> Iterator[File]:
        """Yield the files of a group, each with its kind."""
        if group == "pages":
            yield from ((path, "model_card") for path in self._files("model_cards"))
            pages = (path for kind in MARKDOWN for path in self._files(kind))
            yield from ((path, self._kind_of_page(path)) for path in pages)
        else:
            kinds = SCHEMAS if group == "schemas" else (group,)
            yield from ((path, kind) for kind in kinds for path in self._files(kind))

    @cached_property
    def _regular(self) -> frozenset[str]:
        return self._repository.regular.union(self._unsaved)

    @cached_property
    def _cards(self) -> frozenset[str]:
        return frozenset(model.card for model in self.models)

    def _kind_of_page(self, path: str) -> str:
        if path in self._cards:
            return "model_card"
        # What a data team asks in its reviews is its own: the questions are about models.
        if self.models and path in self.review_templates:
            return "review_template"
        folder, _, name = path.rpartition("/")
        return "readme" if name == "README.md" and folder in self.project_folders else "page"

    def _documents(self, kind: str) -> tuple[Map, ...]:
        """Return each mapping in the files of a kind, which are read once."""
        if kind not in self._read:
            roots = (root for path in self._files(kind) for root in self._reader.documents(path) or ())
            self._read[kind] = tuple(root for root in roots if type(root) is Map)
        return self._read[kind]


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _entries(roots: list[Value]) -> tuple[Text, ...]:
    """Return the texts of the list that a baseline is."""
    first = roots[0] if roots else None
    return tuple(item for item in first if type(item) is Text) if type(first) is List else ()


def _component(kind: str, path: str, declared: Owned) -> Component:
    return Component(kind, path, declared.owners, declared)
