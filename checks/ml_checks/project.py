"""The repository as values: the only module that asks for tracked files."""

from __future__ import annotations

import os
from functools import cached_property

from ml_checks import contracts, files, nodes
from ml_checks.codeowners import Ownership, dialect_of, parse
from ml_checks.record import Record
from ml_checks.values import Finding, List, Location, Map, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator

    from ml_checks.codeowners import Dialect, Line
    from ml_checks.consumers import Flows
    from ml_checks.contract_history import Pair
    from ml_checks.contracts import Contract
    from ml_checks.git import Repository
    from ml_checks.markdown import Link, Section
    from ml_checks.standards import Standards
    from ml_checks.values import Dataset, Field, Value
    from ml_checks.waivers import Waiver

# GitHub reads no larger file, and nobody should have to.
CODEOWNERS_MAX_BYTES = 3_000_000
# The kinds of files that hold schemas, each the name of its module in `formats`, with whose types they name.
SCHEMAS = {"json_schema": "json_schema", "avro": "avro", "sql": "sql", "dbt": "sql", "python": "python"}
# Findings that were there when the checks came.
BASELINE = "standards.baseline.yaml"
# What a comment that waives a finding begins with.
MARK = "ml-checks: waive"
WORKLOADS = frozenset(["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "StatefulSet"])


class Component(Record):
    """Something that needs an owner; `at` is where it names one, or where it should."""

    kind: str
    path: str
    at: Location
    owners: tuple[Text, ...]


class Service(Record):
    """A service of a compose file or a workload of Kubernetes; `at` is where it is named."""

    kind: str
    name: str
    at: Location
    has_owner: bool


class Model(Record):
    """A model that a charter lists or that has a folder under `models/`; `card` is the path its card must have."""

    name: str
    card: str
    at: Location


class Page(Record):
    """A page of Markdown; `kind` is readme, model_card or page, `front` its front matter."""

    path: str
    kind: str
    front: Map | None
    sections: tuple[Section, ...]
    links: tuple[Link, ...]
    prose: str

    @property
    def at(self) -> Location:
        """The page as a whole."""
        return Location(self.path, 1, 1)


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
        self.faults: list[Finding] = []
        self.marked: set[str] = set()
        """The files that were read and hold the mark of a waiver."""
        self.unused: tuple[Waiver, ...] = ()
        self.stale: tuple[Text, ...] = ()
        """Waivers and entries of the baseline that are of no use; the engine knows once the rules have run."""
        self.validates = False
        self.base = ""
        """Whether contracts are held to their schema, and the commit they are compared with, if not the last one."""
        self._repository = repository
        self._unsaved: dict[str, bytes] = {}

    def put(self, path: str, content: bytes) -> None:
        """Let a text that an editor has not saved stand for that file, which may be new; before anything is read."""
        self._unsaved[path] = content
        self.paths = tuple(sorted({*self.paths, path}, key=os.fsencode))

    def judged_by(self, standards: Standards) -> Project:
        """Return this project under other standards; what is read already is read for both."""
        from copy import copy

        other = copy(self)
        other.standards = standards
        return other

    def read(self) -> None:
        """Read every file that any rule reads."""
        for part in ("datasets", "charters", "services", "pages", "codeowners"):
            getattr(self, part)

    @cached_property
    def contracts(self) -> tuple[Contract, ...]:
        """Every data contract."""
        found = self._mappings("contracts", "a data contract")
        return tuple(contracts.contract(path, root, validates=self.validates) for path, root in found)

    @cached_property
    def changed_contracts(self) -> tuple[Pair, ...]:
        """Every contract that changed since the base, as it was and as it is."""
        from ml_checks.contract_history import pairs

        return tuple(pairs(self))

    @cached_property
    def contracted(self) -> tuple[Dataset, ...]:
        """Every dataset under contract."""
        return tuple(dataset for contract in self.contracts for dataset in contract.datasets)

    @cached_property
    def datasets(self) -> tuple[Dataset, ...]:
        """Every dataset that is described in any format; first those under contract, which have the last word."""
        return self.contracted + tuple(self._described())

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Every field of every dataset."""
        return tuple(field for dataset in self.datasets for field in dataset.fields)

    @cached_property
    def charters(self) -> tuple[Map, ...]:
        """Every project charter (project.yaml)."""
        return tuple(root for _, root in self._mappings("charters", "a project charter"))

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """Everything that needs an owner."""
        contracts = [Component("contract", one.path, one.owner_at, one.owners) for one in self.contracts]
        charters = [_component("charter", charter.path, charter) for charter in self.charters]
        cards = [_component("model card", page.path, page.front) for page in self.pages if page.kind == "model_card"]
        return (*contracts, *charters, *cards)

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """Every service and job of the infrastructure."""
        label = self.standards.owner_label
        composed = (_composed(root, label) for root in self._documents("compose"))
        deployed = (_deployed(root, label) for root in self._documents("kubernetes"))
        return tuple(service for services in (*composed, *deployed) for service in services)

    @cached_property
    def composed(self) -> tuple[Map, ...]:
        """Every service of a compose file, as it is written."""
        services = (root.mapping("services") for root in self._documents("compose"))
        return tuple(service for named in services for service in named.values() if type(service) is Map)

    @cached_property
    def flows(self) -> Flows:
        """Which contracts models and services read and write."""
        from ml_checks.consumers import Flows

        return Flows(self)

    def sources(self, folder: str) -> list[str]:
        """Return the paths of the Python modules of a project folder, without its tests."""
        paths = (path for path in self._files("python") if "/tests/" not in path)
        return [path for path in paths if self.folder_of(path) == folder]

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """Every page of Markdown."""
        paths = [(path, "model_card") for path in self._files("model_cards")]
        paths += [(path, self._kind_of_page(path)) for path in self._files("pages")]
        read = ((path, kind, self._text(path)) for path, kind in paths)
        return tuple(self._page(path, kind, text) for path, kind, text in read if text is not None)

    @cached_property
    def codeowners(self) -> Codeowners | None:
        """The CODEOWNERS file in force, if there is one that the host reads."""
        present = [path for path in self.dialect.paths if path in self._regular]
        text = self._text(present[0], CODEOWNERS_MAX_BYTES) if present else None
        if text is None:
            return None
        lines = parse(text, self.dialect)
        return Codeowners(present[0], lines, Ownership(lines, self.paths, self.dialect), tuple(present[1:]))

    @cached_property
    def dialect(self) -> Dialect:
        """How the host of the repository reads CODEOWNERS."""
        return dialect_of(self.tracked)

    @cached_property
    def models(self) -> tuple[Model, ...]:
        """Every model that a charter lists, and every other that has a folder."""
        found: dict[str, Model] = {}
        for charter in self.charters:
            for name in charter.texts("models"):
                folder = _join(charter.path.rpartition("/")[0], f"models/{name}")
                found[folder] = Model(name, f"{folder}/README.md", name.at)
        for folder in sorted(self.folders):
            parent, _, folder_name = folder.rpartition("/")
            if parent in {_join(place, "models") for place in self.project_folders}:
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
        from ml_checks.waivers import gathered

        return tuple(gathered(self))

    @cached_property
    def baseline(self) -> tuple[Text, ...]:
        """The entries of the baseline, tracked or not: it is committed together with what it allows."""
        if not os.path.exists(os.path.join(self.root, BASELINE)) or (text := self._text(BASELINE)) is None:
            return ()
        roots = self._load(BASELINE, text)
        if roots is not None and type(roots[0] if roots else None) is not List:
            self._note(BASELINE, 1, 1, "FIL005", "is no list of findings, as `ml-checks baseline` writes it")
        return _entries(roots or [])

    @cached_property
    def committed_baseline(self) -> frozenset[Text]:
        """The entries of the baseline of the last commit; none where it had none."""
        content = self._repository.committed(BASELINE) if self.baseline else None
        try:
            return frozenset(_entries(nodes.load(BASELINE, content or "")[0]))
        except nodes.UnreadableError:
            return frozenset()

    @cached_property
    def excluded(self) -> frozenset[str]:
        """The tracked paths that the project's standards tell the checks to leave alone."""
        return frozenset(self._kinds["excluded"])

    @cached_property
    def _kinds(self) -> dict[str, list[str]]:
        return self.standards.kinds(self.paths)

    def _files(self, kind: str) -> list[str]:
        return [path for path in self._kinds[kind] if path in self._regular]

    @cached_property
    def _regular(self) -> frozenset[str]:
        return self._repository.regular.union(self._unsaved)

    @cached_property
    def _cards(self) -> frozenset[str]:
        return frozenset(model.card for model in self.models)

    def _kind_of_page(self, path: str) -> str:
        if path in self._cards:
            return "model_card"
        folder, _, name = path.rpartition("/")
        return "readme" if name == "README.md" and folder in self.project_folders else "page"

    def _page(self, path: str, kind: str, text: str) -> Page:
        from ml_checks.markdown import Markdown

        page = Markdown(text)
        roots = self._load(path, page.front) if page.front else []
        front = roots[0] if roots and type(roots[0]) is Map else None
        return Page(path, kind, front, page.sections, tuple(page.links()), page.prose)

    def _mappings(self, kind: str, name: str) -> Iterator[tuple[str, Map]]:
        """Yield each file of a kind that holds one mapping; note the others."""
        for path in self._files(kind):
            text = self._text(path)
            roots = None if text is None else self._load(path, text)
            if roots is None:
                continue
            if len(roots) == 1 and type(roots[0]) is Map:
                yield path, roots[0]
            else:
                self._note(path, 1, 1, "FIL005", f"holds {_described(roots)}, where {name} is one mapping")

    def _described(self) -> Iterator[Dataset]:
        """Yield what files in other formats than a contract describe."""
        for kind in SCHEMAS:
            for path in self._files(kind):
                if (text := self._text(path)) is not None:
                    yield from self._schema(kind, path, text)

    def _schema(self, kind: str, path: str, text: str) -> list[Dataset]:
        from ml_checks.formats import Source

        source = Source(path, text, self.standards.logical_types(SCHEMAS[kind]))
        try:
            return source.datasets(kind)
        except nodes.UnreadableError as error:
            self._note(path, error.line, error.col, "FIL001", str(error))
            return []
        finally:
            self.faults.extend(source.faults)

    def _documents(self, kind: str) -> Iterator[Map]:
        """Yield each mapping in the files of a kind."""
        for path in self._files(kind):
            text = self._text(path)
            roots = None if text is None else self._load(path, text)
            yield from (root for root in roots or () if type(root) is Map)

    def _load(self, path: str, text: str) -> list[Value] | None:
        """Return the YAML documents of a text; None, and a note, where it cannot be read."""
        try:
            roots, findings = nodes.load(path, text)
        except nodes.UnreadableError as error:
            self._note(path, error.line, error.col, "FIL001", str(error))
            return None
        self.faults.extend(findings)
        return roots

    def source(self, path: str) -> str | None:
        """Return the text of a file for those who show it; None where it is not tracked or cannot be read."""
        try:
            return self._content(path, CODEOWNERS_MAX_BYTES) if path in self._regular else None
        except nodes.UnreadableError:
            return None

    def head(self, path: str, size: int) -> str:
        """Return the first whole lines of a file of any size; nothing where it is no file."""
        return files.head(os.path.join(self.root, path), size) if path in self._regular else ""

    def _text(self, path: str, max_bytes: int = files.MAX_BYTES) -> str | None:
        """Return the text of a file; None where it is gone, and None with a note where it cannot be read."""
        try:
            return self._content(path, max_bytes)
        except nodes.UnreadableError as error:
            self._note(path, error.line, error.col, "FIL001", str(error))
            return None

    def _content(self, path: str, max_bytes: int) -> str | None:
        if path in self._unsaved:
            text: str | None = files.decoded(self._unsaved[path], max_bytes)
        else:
            text = files.read(os.path.join(self.root, path), max_bytes)
        if text and MARK in text:
            self.marked.add(path)
        return text

    def _note(self, path: str, line: int, col: int, code: str, message: str) -> None:
        self.faults.append(Finding(Location(path, line, col), code, message))


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _entries(roots: list[Value]) -> tuple[Text, ...]:
    """Return the texts of the list that a baseline is."""
    first = roots[0] if roots else None
    return tuple(item for item in first if type(item) is Text) if type(first) is List else ()


def _described(roots: list[Value]) -> str:
    """Say what a YAML file holds instead of one mapping."""
    if len(roots) > 1:
        return f"{len(roots)} documents"
    if not roots or roots[0] is None:
        return "nothing"
    return "a single value" if type(roots[0]) is Text else "a list"


def _component(kind: str, path: str, values: Map | None) -> Component:
    """Read the owner that a charter or a model card names, or the list of its owners."""
    if values is None:
        return Component(kind, path, Location(path, 1, 1), ())
    owner = values.text("owner")
    owners = (owner,) if owner else tuple(values.texts("owner"))
    return Component(kind, path, owners[0].at if owners else values.at_key("owner"), owners)


def _composed(root: Map, label: str) -> Iterator[Service]:
    """Yield the services of a compose file; labels are a mapping or a list of `name=value`."""
    services = root.mapping("services")
    for name in services:
        service = services.mapping(name)
        listed = any(text.startswith(f"{label}=") and text != f"{label}=" for text in service.texts("labels"))
        has_owner = listed or service.mapping("labels").text(label) is not None
        yield Service("service", name, services.at_key(name), has_owner)


def _deployed(root: Map, label: str) -> Iterator[Service]:
    """Yield the workload that a manifest of Kubernetes describes, if it does."""
    kind, metadata = root.text("kind"), root.mapping("metadata")
    name = metadata.text("name")
    if kind in WORKLOADS and name:
        yield Service(str(kind), name, name.at, metadata.mapping("labels").text(label) is not None)
