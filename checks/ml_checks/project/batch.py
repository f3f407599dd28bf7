"""Some files of a project, read: what the rules look at that judge each file by itself."""

from __future__ import annotations

from functools import cached_property
from itertools import chain

from ml_checks.contracts.contract import Contract
from ml_checks.project.infrastructure import pods_of, workloads_in
from ml_checks.project.pages import Page
from ml_checks.project.snapshot import CHARTERS, CONTRACTS, PAGES, TYPE_LANGUAGES
from ml_checks.reading import yaml
from ml_checks.reading.document import pack_names
from ml_checks.reading.reader import Reader
from ml_checks.reading.text import TEMPLATE
from ml_checks.values import Finding, Location, Map, maps, scalars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ml_checks.formats.dockerfile import Dockerfile
    from ml_checks.formats.source import Source
    from ml_checks.project.snapshot import File
    from ml_checks.reading.markdown import Markdown
    from ml_checks.standards import Standards
    from ml_checks.values import Dataset, Field, Text


class Batch:
    """Files that are judged by themselves, under standards that hold for all of them; each is read once."""

    def __init__(self, root: str, unsaved: Mapping[str, bytes], files: Sequence[File], standards: Standards) -> None:
        """Take files, each with its kind."""
        self.standards, self.files = standards, files
        self._reader = Reader(root, unsaved)
        self._unread: dict[str, str] = {}

    @property
    def faults(self) -> list[Finding]:
        """What could not be read so far, and what is read in two ways."""
        return self._reader.faults

    @property
    def unread(self) -> dict[str, str]:
        """Why files were not read so far that are no fault."""
        return self._unread | dict.fromkeys(self._reader.templates, TEMPLATE)

    @property
    def crashes(self) -> list[str]:
        """A sentence for each file on which the reader itself failed."""
        return self._reader.crashes

    @property
    def marked(self) -> set[str]:
        """The files that hold the mark of a waiver."""
        return self._reader.marked

    @cached_property
    def roots(self) -> tuple[Map, ...]:
        """Every contract as it is written."""
        return self._reader.mappings(self._paths(CONTRACTS), "a data contract")

    @cached_property
    def contracts(self) -> tuple[Contract, ...]:
        """Every data contract."""
        return tuple(map(Contract.of, self.roots))

    @property
    def purposes(self) -> Iterator[Text]:
        """What contracts say about themselves as a whole."""
        abouts = (root.mapping("description") for root in self.roots)
        return (text for about in abouts for key in about if (text := about.text(key)))

    @property
    def chartered(self) -> Iterator[Text]:
        """What charters say, wherever it stands in them."""
        return scalars(self._reader.mappings(self._paths(CHARTERS), "a project charter"))

    @cached_property
    def contracted(self) -> tuple[Dataset, ...]:
        """Every dataset under contract."""
        return tuple(chain.from_iterable(contract.datasets for contract in self.contracts))

    @cached_property
    def contracted_fields(self) -> tuple[Field, ...]:
        """Every field of every dataset under contract."""
        return _fields(self.contracted)

    @cached_property
    def explained(self) -> tuple[Dataset, ...]:
        """Every dataset whose file is where people look for what it means: under contract, or made by dbt."""
        made = chain.from_iterable(map(self._described.__getitem__, self._paths(("dbt",))))
        # What a source of dbt holds has no name here: its owner explains it.
        return self.contracted + tuple(dataset for dataset in made if dataset.name)

    @cached_property
    def datasets(self) -> tuple[Dataset, ...]:
        """Every dataset that is described in any format."""
        return self.contracted + tuple(chain.from_iterable(self._described.values()))

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Every field of every dataset."""
        return _fields(self.datasets)

    @cached_property
    def dataset_names(self) -> tuple[Text, ...]:
        """The name of every dataset that has one."""
        return tuple(dataset.name for dataset in self.datasets if dataset.name)

    @cached_property
    def field_names(self) -> tuple[Text, ...]:
        """The name of every field that has one."""
        return tuple(field.name for field in self.fields if field.name)

    @cached_property
    def typed_names(self) -> tuple[tuple[Text, Text], ...]:
        """The name and the type of every field that has both."""
        return tuple((field.name, field.type) for field in self.fields if field.name and field.type)

    @cached_property
    def pages(self) -> tuple[tuple[Page, Markdown], ...]:
        """Every page of Markdown, and all that it says."""
        return tuple(self._pages())

    @cached_property
    def dockerfiles(self) -> tuple[Dockerfile, ...]:
        """Every Dockerfile."""
        return tuple(self._dockerfiles())

    @property
    def services(self) -> Iterator[tuple[Text, Map]]:
        """The services of compose files, each with its name."""
        for root in self._documents("compose"):
            services = root.mapping("services")
            yield from ((name, services.mapping(name)) for name in services.names())

    @property
    def pods(self) -> Iterator[tuple[str, Map]]:
        """What the workloads of Kubernetes run together, each with the kind of the workload."""
        for workload in workloads_in(self._documents("kubernetes")):
            yield from ((str(workload.text("kind")), pod) for pod in pods_of(workload.mapping("spec")))

    @property
    def containers(self) -> Iterator[tuple[str, Map, Map]]:
        """The containers of workloads that go on running, each behind the kind of the workload and its pod."""
        for kind, pod in self.pods:
            yield from ((kind, pod, container) for container in pod.mappings("containers"))

    @cached_property
    def names(self) -> dict[str, str]:
        """The names in each file that describes datasets, packed."""
        contracted = {contract.path: contract.names for contract in self.contracts}
        return contracted | {path: pack_names(datasets) for path, datasets in self._described.items()}

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The kind of each file."""
        return dict(self.files)

    def _paths(self, kinds: Sequence[str]) -> Iterator[str]:
        return (path for path, kind in self.files if kind in kinds)

    @cached_property
    def _described(self) -> dict[str, tuple[Dataset, ...]]:
        """What each file in another format than a contract describes."""
        return {path: self._datasets(path, kind) for path, kind in self.files if kind in TYPE_LANGUAGES}

    def _datasets(self, path: str, kind: str) -> tuple[Dataset, ...]:
        if (text := self._reader.text(path)) is None:
            return ()
        from ml_checks.formats import datasets
        from ml_checks.formats.source import Source as Opened

        source = Opened(path, text, self.standards.logical_types(TYPE_LANGUAGES[kind]))
        try:
            return tuple(datasets(kind, source))
        except yaml.UnreadableError as error:
            self._reader.add_unreadable(path, error, text)
            return ()
        finally:
            self._add(source)

    def _add(self, source: Source) -> None:
        """Add what was noticed in a file; where it is a template, all of that is about what will be filled in."""
        if source.path not in self._reader.templates:
            self._reader.faults.extend(source.faults)
        if source.unread:
            self._unread[source.path] = source.unread

    def _documents(self, kind: str) -> Iterator[Map]:
        """Return each mapping in the files of a kind."""
        return maps(chain.from_iterable(self._reader.documents(path) or () for path in self._paths((kind,))))

    def _dockerfiles(self) -> Iterator[Dockerfile]:
        for path in self._paths(("dockerfiles",)):
            if (text := self._reader.text(path)) is not None:
                from ml_checks.formats import dockerfile

                yield dockerfile.read(path, text)

    def _pages(self) -> Iterator[tuple[Page, Markdown]]:
        for path, kind in self.files:
            if kind in PAGES and (text := self._reader.text(path)) is not None:
                from ml_checks.reading.markdown import Markdown

                written = Markdown(text)
                yield Page.of(path, kind, written, self._front(path, written)), written

    def _front(self, path: str, written: Markdown) -> Map | None:
        """Return the mapping that the front matter of a page holds, if it does; a template of one holds none."""
        is_template = "\n{{" in written.front or "\n{%" in written.front
        roots = self._reader.documents_in(path, written.front) if written.front and not is_template else None
        if written.late_front:
            why = "front matter begins here, where no tool looks for it; it belongs on the first line"
            self._reader.faults.append(Finding(Location(path, written.late_front, 1), "FIL006", why))
        return roots[0] if roots and type(roots[0]) is Map else None


def _fields(datasets: Iterable[Dataset]) -> tuple[Field, ...]:
    return tuple(chain.from_iterable(dataset.fields for dataset in datasets))
