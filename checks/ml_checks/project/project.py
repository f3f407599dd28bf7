"""The repository as values: the only module that asks for tracked files."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from functools import cached_property, partial
from itertools import chain

from ml_checks.codeowners import Ownership, dialect_of, parse
from ml_checks.contracts.contract import Contract
from ml_checks.errors import UncheckedError, count
from ml_checks.project import infrastructure
from ml_checks.project.facts import NO_JUDGE, Facts
from ml_checks.project.pages import Owned, Page, owned
from ml_checks.project.snapshot import GROUPS, MARKERS, PAGE_FILES
from ml_checks.reading import cache, yaml
from ml_checks.reading.document import PART, names
from ml_checks.reading.reader import Reader
from ml_checks.reading.text import MAX_BYTES, TEMPLATE
from ml_checks.record import Record
from ml_checks.standards import EXCLUDED
from ml_checks.standards.values import TEMPLATES_OF
from ml_checks.values import Location, Map, folders_of, maps

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
    from typing import Any

    from ml_checks.codeowners import Dialect, Line
    from ml_checks.contracts.consumers import Flows
    from ml_checks.contracts.history import Pair
    from ml_checks.project.facts import FileFacts, Judge
    from ml_checks.project.infrastructure import Service
    from ml_checks.project.snapshot import File, Snapshot
    from ml_checks.project.workloads import Workload
    from ml_checks.reading.git import Difference
    from ml_checks.standards import Standards
    from ml_checks.values import Dataset, Finding, Text, Value

# GitHub reads no larger file, and nobody should have to.
CODEOWNERS_MAX_BYTES = 3_000_000
# The key under which a manifest lists the files beside it.
BLOBS = "git_blobs"


class Component(Record):
    """Something that needs an owner, the names of its owners, and what knows where they are written."""

    kind: str
    path: str
    names: tuple[str, ...]
    declared: Contract | Owned | Page

    @property
    def owners(self) -> tuple[Text, ...]:
        """The owners, each with its place."""
        return self.declared.owners

    @property
    def at(self) -> Location:
        """Where it names an owner, or where it should."""
        return self.declared.owner_at


class Model(Record):
    """A model that a charter lists, or that has a folder under `models/` or a card.

    `card` is the path that its card must have. A charter may say at which stage it is, and of which dataset it judges
    each row.
    """

    name: str
    card: str
    at: Location
    stage: Text | None
    rows: Text | None


class Codeowners(Record):
    """The CODEOWNERS file that the host reads, and the `others` that it would read if that were not there."""

    path: str
    lines: tuple[Line, ...]
    ownership: Ownership
    others: tuple[str, ...]


class Project:
    """A repository as its index has it, read when a rule first asks. What it holds, nobody changes."""

    def __init__(self, snapshot: Snapshot, judge: Judge = NO_JUDGE, *, origin: Project | None = None) -> None:
        """Take what is judged, and what judges it file by file; or the project under other standards."""
        self.snapshot = snapshot
        self.root, self.paths = snapshot.repository.root, snapshot.paths
        self.standards, self.today = snapshot.standards, snapshot.today
        self._origin = origin
        self._repository = snapshot.repository
        self.reader: Reader = (
            origin.reader if origin else Reader(self.root, snapshot.unsaved, self._repository.left_out)
        )
        self.facts: Facts = origin.facts if origin else Facts(snapshot, judge)

    def under(self, standards: Standards) -> Project:
        """Return this project under the standards of some paths.

        What was read is shared, each file judged by the standards of its own path; all else is worked out anew.
        """
        return Project(self.snapshot._replace(standards=standards), origin=self)

    def parts(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """Yield each part of the files that any rule reads, with what reads it."""
        yield from ((group, partial(self._facts_of, group)) for group in GROUPS)
        others = ("charters", "services", "codeowners", "manifests")
        yield from ((name, partial(getattr, self, name)) for name in others)

    def documents(self, path: str, max_bytes: int = MAX_BYTES) -> list[Value] | None:
        """Return the YAML documents in a file, tracked or not; None where there is none, or none that can be read."""
        return self.reader.documents(path, max_bytes)

    def documents_before(self, path: str, max_bytes: int = MAX_BYTES) -> list[Value]:
        """Return the YAML documents that a file held at the base; nothing where it was not there or held none."""
        change = self.changes().get(path)
        blob = change.before if change else self._repository.blobs.get(path, "")
        if not blob.strip("0"):
            return []
        from ml_checks.reading.blobs import contents
        from ml_checks.reading.text import decoded

        ((_, content),) = _complete([(path, content) for content in contents(self.root, [blob])])
        try:
            return yaml.read(path, decoded(content, max_bytes))[0]
        except yaml.UnreadableError:
            return []

    def is_committed(self, path: str) -> bool:
        """Tell whether the last commit has a file."""
        change = self._repository.changes.get(path)
        return not change.is_new if change else path in self._repository.blobs

    @property
    def faults(self) -> list[Finding]:
        """What could not be read so far, and what is read in two ways."""
        return self.reader.faults + self.facts.faults

    @property
    def crashes(self) -> list[str]:
        """A sentence for each file so far on which a reader or a rule on files failed."""
        return self.reader.crashes + self.facts.crashes

    @property
    def marked(self) -> set[str]:
        """The files that were read so far and hold the mark of a waiver."""
        return self.reader.marked | self.facts.marked

    @cached_property
    def contracts(self) -> tuple[Contract, ...]:
        """Every data contract."""
        return tuple(
            Contract(file[0], facts.contract, facts.names, partial(self._datasets, file))
            for file, facts in self._facts_of("contracts").items()
            if facts.contract
        )

    @cached_property
    def changed_contracts(self) -> tuple[Pair, ...]:
        """Every contract that changed since the base, as it was and as it is; raise UncheckedError."""
        from ml_checks.contracts import history

        before = history.contracts_in(_complete(self._contents_before))
        if not before:
            return ()
        after = history.contracts_in(self._contents_now())
        there = {path for path, _ in self._facts_of("contracts")}  # no link, which nothing reads
        return tuple(history.pairs(before, after, there))

    @cached_property
    def _contents_before(self) -> list[tuple[str, bytes | None]]:
        """What each contract that changed held at the base, with its path; None where this clone has not got it."""
        from ml_checks.reading.blobs import contents

        blobs = {path: change.before for path, change in self.changes().items() if not change.is_new}
        kinds = self.kinds(blobs)
        paths = [path for path, kind in kinds.items() if kind == "contracts"]
        named = zip(paths, contents(self.root, list(map(blobs.__getitem__, paths))), strict=True)
        return [*named, *self._contracts_elsewhere({path: blobs[path] for path in kinds if path not in paths})]

    def _contracts_elsewhere(self, blobs: dict[str, str]) -> Iterator[tuple[str, bytes]]:
        """Return path and content of those contracts that were none by their path, and are no longer there."""
        kinds, unread = self.kinds(blobs), self._sorted[1]
        wide = {path: blob for path, blob in blobs.items() if kinds[path] in {"", "samples"} and path not in unread}
        if not wide:
            return iter(())
        from ml_checks.project.kinds import were_contracts
        from ml_checks.reading.blobs import contents

        return were_contracts(wide, partial(contents, self.root))

    def _contents_now(self) -> Iterator[tuple[str, bytes]]:
        """Yield what each contract that changed holds now, with its path."""
        changed = self.changes()
        for contract in self.contracts:
            if contract.path in changed:
                yield contract.path, (self.source(contract.path) or "").encode()

    def changes(self) -> dict[str, Difference]:
        """Return what differs from the base under its path; raise CannotRunError where git cannot tell."""
        return self._changes_since_base if self.snapshot.base else self._repository.changes

    @cached_property
    def _changes_since_base(self) -> dict[str, Difference]:
        from ml_checks.reading import branch

        return branch.changes(self.root, self.snapshot.base)

    @cached_property
    def vocabulary(self) -> tuple[tuple[str, str | None], ...]:
        """Every name of a dataset, and of a field with each type that it has, which may be empty.

        Some may be there no more.
        """
        packed = self.facts.vocabulary() if self._described else ()
        return tuple((name, kind if has else None) for name, has, kind in (one.partition(PART) for one in packed))

    def datasets_with(self, wanted: set[str]) -> Iterator[Dataset]:
        """Return the datasets that have one of the names, or a field that has one: of each the names and types alone.

        Those under contract come first, which have the last word.
        """
        described = self._described.items() if wanted else ()
        files = [file for file, facts in described if not wanted.isdisjoint(names(facts.names))]
        if not files:
            return iter(())
        from ml_checks.project.named import Named

        return Named(self.facts, self.root, self.standards.identity).datasets(files)

    @cached_property
    def described_paths(self) -> set[str]:
        """The files that describe a dataset."""
        return {path for (path, _), facts in self._described.items() if facts.names}

    @cached_property
    def _described(self) -> dict[File, FileFacts]:
        return self._facts_of("contracts") | self._facts_of("schemas")

    def _datasets(self, file: File) -> tuple[Dataset, ...]:
        return self.facts.read(file).datasets

    def _facts_of(self, group: str) -> dict[File, FileFacts]:
        """Return what each file of a group gives by itself."""
        return self.facts.of(group, partial(self._group, group))

    @cached_property
    def charters(self) -> tuple[Map, ...]:
        """Every project charter (project.yaml)."""
        return self.reader.mappings(self.files("charters"), "a project charter")

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """Everything that needs an owner."""
        contracts = (_documented("contract", contract) for contract in self.contracts)
        cards = (_documented("model card", card) for card in self.model_cards)
        return (*contracts, *map(_chartered, self.charters), *cards)

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """Every service and job of the infrastructure."""
        label = self.standards.owner_label
        composed = (infrastructure.composed(root, label) for root in self._documents("compose"))
        deployed = (infrastructure.deployed(one, label) for one in self.deployed)
        return tuple(chain(*composed, *deployed))

    @cached_property
    def composed(self) -> tuple[Map, ...]:
        """Every service of a compose file, as it is written."""
        services = (root.mapping("services").values() for root in self._documents("compose"))
        return tuple(maps(chain.from_iterable(services)))

    @cached_property
    def deployed(self) -> tuple[Workload, ...]:
        """Every workload of Kubernetes."""
        if not (paths := self.files("kubernetes")):
            return ()
        from ml_checks.project.workloads import Manifests

        return tuple(Manifests(self.reader, self.facts.blob, self.facts.certain_blob).workloads(paths))

    @cached_property
    def flows(self) -> Flows:
        """Which contracts models, services and workloads read and write."""
        from ml_checks.contracts.consumers import Consumer, Flows

        declared = self._declared_flows()
        consumers = [Consumer(self.folder_of(path), reads, writes) for path, reads, writes in declared]
        return Flows(consumers, self.contracts, self.folder_of, self._modules, self.source)

    def _declared_flows(self) -> Iterator[tuple[str, tuple[Text, ...], tuple[Text, ...]]]:
        """Yield the path of each consumer, the contracts that it reads and those that it writes."""
        yield from ((page.path, page.inputs, page.outputs) for page in self.model_cards if page.is_declared)
        yield from ((one.path, *infrastructure.flows(one)) for one in self.composed)
        yield from ((one.path, one.inputs, one.outputs) for one in self.deployed)

    def _modules(self, folder: str) -> list[str]:
        """Return the paths of the Python modules of a project folder, without its tests."""
        paths = (path for path in self.files("python") if "/tests/" not in path)
        return [path for path in paths if self.folder_of(path) == folder]

    @property
    def data_files(self) -> list[str]:
        """Every file that holds data, wherever it lies."""
        return self.files("data")

    @cached_property
    def manifests(self) -> tuple[Map, ...]:
        """Every list of the files of a golden path, each with the id that git gives to its content."""
        paths = (path for path in self.files("manifests") if BLOBS in (self.source(path) or ""))
        return self.reader.mappings(paths, "a manifest")  # others call other lists so

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """Every page of Markdown."""
        facts_of = self._facts_of("pages").items()
        return tuple(Page(*file, facts.page) for file, facts in facts_of if facts.page)

    @property
    def model_cards(self) -> list[Page]:
        """Every page that is the card of a model."""
        return [page for page in self.pages if page.kind == "model_card"]

    def described(self, page: Page) -> list[tuple[Text, str]]:
        """Return what a page says it describes, as written and as a path from the root."""
        folder = self.folder_of(page.path) if page.describes else ""
        return [(text, posixpath.normpath(posixpath.join(folder, text))) for text in page.describes]

    @cached_property
    def review_templates(self) -> frozenset[str]:
        """The files that the host puts into each new pull or merge request."""
        return frozenset(chain.from_iterable(map(self.files, TEMPLATES_OF[self.dialect.host])))

    @cached_property
    def codeowners(self) -> Codeowners | None:
        """The CODEOWNERS file in force, if there is one that the host reads."""
        present = [path for path in self.dialect.paths if path in self._regular]
        text = self.reader.text(present[0], CODEOWNERS_MAX_BYTES) if present else None
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
        """Every model that a charter lists, and every other that has a folder or a card."""
        found = dict(self._listed_models())
        for folder in self._model_folders():
            card = f"{folder}/README.md"
            found.setdefault(folder, Model(folder.rpartition("/")[2], card, Location(card, 1, 1), None, None))
        for folder, model in self._carded_models():
            found.setdefault(folder, model)
        return tuple(found.values())

    def _listed_models(self) -> Iterator[tuple[str, Model]]:
        return chain.from_iterable(map(_models_in, self.charters))

    def _carded_models(self) -> Iterator[tuple[str, Model]]:
        """Yield each model that has a card, wherever that lies, and the folder of the card."""
        for path in self.files("model_cards"):
            folder = path.rpartition("/")[0]
            yield folder, Model(folder.rpartition("/")[2], path, Location(path, 1, 1), None, None)

    @cached_property
    def drafts(self) -> frozenset[str]:
        """The contracts that promise nothing yet, and the cards and charters of models that are only tried out."""
        states, stages = set(self.standards.draft_states), set(self.standards.draft_stages)
        contracts = (one.path for one in self.contracts if not states.isdisjoint(one.plain("status")))
        cards = (model.card for model in self.models if model.stage in stages)
        charters = (one.path for one in self.charters if stages.issuperset(model.stage for _, model in _models_in(one)))
        return frozenset((*contracts, *cards, *charters))

    def _model_folders(self) -> list[str]:
        # What dbt calls a model is a table; what a package of Python calls one is code.
        places = (place for place in self.project_folders if _join(place, "dbt_project.yml") not in self.tracked)
        parents = {_join(place, "models") for place in places}
        parents -= {path.removesuffix("/__init__.py") for path in self.tracked if path.endswith("models/__init__.py")}
        return sorted(folder for folder in self.folders if folder.rpartition("/")[0] in parents)

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that holds a tracked path; the root is the empty string."""
        return folders_of(self.paths)

    @cached_property
    def tracked(self) -> frozenset[str]:
        """The tracked paths as a set."""
        return frozenset(self.paths)

    def is_link(self, path: str) -> bool:
        """Tell whether git tracks something else than a file under a path: a symbolic link, or another repository."""
        return path in self.tracked and path not in self._regular

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

    def is_change_unknown(self, path: str) -> bool:
        """Tell whether git could not tell when a file last changed."""
        return self._repository.is_unknown([path])

    @cached_property
    def project_folders(self) -> tuple[str, ...]:
        """The root, and every other folder that holds a charter."""
        return tuple(dict.fromkeys(["", *(charter.path.rpartition("/")[0] for charter in self.charters)]))

    @cached_property
    def excluded(self) -> frozenset[str]:
        """The tracked paths that the project's standards tell the checks to leave alone."""
        return frozenset(self._by_kind[EXCLUDED])

    def source(self, path: str) -> str | None:
        """Return the text of a file for those who show it; None where it is not tracked or cannot be read."""
        try:
            return self.reader.content(path, CODEOWNERS_MAX_BYTES) if path in self._regular else None
        except yaml.UnreadableError:
            return None

    def first_lines(self, path: str, size: int) -> str:
        """Return the first whole lines of a file of any size; nothing where it is no file."""
        return self.reader.first_lines(path, size) if path in self._regular else ""

    def kinds(self, paths: Collection[str]) -> dict[str, str]:
        """Return what each path is, tracked or not; empty for what no rule reads."""
        new = self.standards.kinds(_missing(paths, self.kinds_of_paths))
        return {path: self.kinds_of_paths[path] if path in self.kinds_of_paths else new[path] for path in paths}

    @property
    def kinds_of_paths(self) -> dict[str, str]:
        """What each tracked path is."""
        return self._sorted[0]

    @property
    def unread(self) -> dict[str, tuple[str, str]]:
        """What looks like a kind that rules read and is not read: its kind and the reason, where that is no fault."""
        late = self.facts.unread | dict.fromkeys(self.reader.templates, TEMPLATE)
        return self._sorted[1] | {path: (self.kinds_of_paths.get(path, ""), why) for path, why in late.items()}

    @cached_property
    def _sorted(self) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
        """What each path is, and what is not read; to find it out anew would take as long as all that is known of them.

        A path of which the standards say nothing exact is looked at, once for each content.
        """
        if self._origin:
            return self._origin._sorted  # noqa: SLF001  # which file is what, no standards of a path may say
        name, key = cache.name("kinds", self.root), (self.root, *self.standards.identity)
        known: tuple[Any, ...] = cache.recall(name, key) or ({}, {}, {}, {}, ())
        kinds, unread, blobs, _, marked = known
        stale = [*_missing(self.paths, kinds), *self.facts.changed(blobs)]
        markers = self._markers()
        if not stale and markers == marked:
            return kinds, unread
        from ml_checks.project.kinds import Sorter

        new = Sorter(self.snapshot, known, self.facts.certain_blob).sort(stale, markers)
        if new != known:
            cache.keep(name, key, tuple(new))
        return new.kinds, new.unread

    def _markers(self) -> tuple[tuple[str, str | None], ...]:
        """Return the files that say what others are, each with its content."""
        paths = [path for path in self.paths if path.endswith(MARKERS)]
        return tuple((path, self.facts.blob(path)) for path in paths if self._is_marker(path))

    def _is_marker(self, path: str) -> bool:
        return path.rpartition("/")[2] in MARKERS and path in self._regular

    @cached_property
    def _by_kind(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path in self.paths:
            found[self.kinds_of_paths[path]].append(path)
        return found

    def files(self, kind: str) -> list[str]:
        """Return the tracked files of a kind."""
        return [path for path in self._by_kind[kind] if path in self._regular]

    def _group(self, group: str) -> Iterator[File]:
        """Return the files of a group, each with its kind."""
        if group == "pages":
            return self._page_files()
        return ((path, kind) for kind in GROUPS[group] for path in self.files(kind))

    def _page_files(self) -> Iterator[File]:
        """Yield the files that are pages, the cards of models first, and the charters, which are judged like them."""
        yield from ((path, "model_card") for path in self.files("model_cards"))
        for path in chain.from_iterable(map(self.files, PAGE_FILES)):
            yield path, self._kind_of_page(path)
        yield from ((path, "charters") for path in self.files("charters"))

    @cached_property
    def _regular(self) -> frozenset[str]:
        return self._repository.regular.union(self.snapshot.unsaved)

    @cached_property
    def _cards(self) -> frozenset[str]:
        return frozenset(model.card for model in self.models)

    def _kind_of_page(self, path: str) -> str:
        if path in self._cards:
            return "model_card"
        # What a data team asks in its reviews is its own: the questions are about models.
        if self.models and path in self.review_templates:
            return "review_template"
        return "readme" if self._is_readme(path) else "page"

    def _is_readme(self, path: str) -> bool:
        """Tell whether a page is the first that one reads of a project."""
        folder, _, name = path.rpartition("/")
        return name == "README.md" and folder in self.project_folders

    def _documents(self, kind: str) -> tuple[Map, ...]:
        """Return each mapping in the files of a kind."""
        roots = chain.from_iterable(self.reader.documents(path) or () for path in self.files(kind))
        return tuple(maps(roots))


def _complete(contents: Sequence[tuple[str, bytes | None]]) -> Iterator[tuple[str, bytes]]:
    """Yield paths and what they held; raise UncheckedError where one of them is not known."""
    missing = [path for path, content in contents if content is None]
    if missing:
        others = f" and of {count(len(missing) - 1, 'other file')}" if missing[1:] else ""
        why = (
            f"the earlier content of {missing[0]}{others} is not in this partial clone, and its remote was not reached"
        )
        raise UncheckedError(f"{why}; go online, or clone without --filter")
    yield from ((path, content) for path, content in contents if content is not None)


def _documented(kind: str, document: Contract | Page) -> Component:
    return Component(kind, document.path, document.plain("owners"), document)


def _chartered(charter: Map) -> Component:
    declared = owned(charter)
    return Component("charter", charter.path, declared.owners, declared)


def _models_in(charter: Map) -> Iterator[tuple[str, Model]]:
    """Yield each model that a charter lists, by name or as a mapping with one, and the folder it should have."""
    described = ((entry.text("name"), entry) for entry in charter.mappings("models"))
    alone = ((name, Map()) for name in charter.texts("models"))
    for name, entry in chain(alone, described):
        if name:
            folder = _join(charter.path.rpartition("/")[0], f"models/{name}")
            told = entry.text("stage"), entry.text("rows")
            yield folder, Model(name, f"{folder}/README.md", name.at, *told)


def _missing(paths: Iterable[str], known: Container[str]) -> list[str]:
    """Return the paths of which nothing is known."""
    return [path for path in paths if path not in known]


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
