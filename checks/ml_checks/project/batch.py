"""Some files of a project, read: what the rules look at that judge each file by itself."""

from __future__ import annotations

from functools import cached_property

from ml_checks.contracts.contract import contract
from ml_checks.project.pages import kept, page
from ml_checks.reading import yaml
from ml_checks.reading.extract import named
from ml_checks.reading.reader import Reader
from ml_checks.rules.registry import found
from ml_checks.values import Map

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from ml_checks.contracts.contract import Contract
    from ml_checks.project.pages import Page
    from ml_checks.reading.markdown import Markdown
    from ml_checks.rules.registry import File
    from ml_checks.standards.values import Standards
    from ml_checks.values import Dataset, Field

# The kinds of files that hold schemas, each the name of its module in `formats`, with whose types they name.
SCHEMAS = {"json_schema": "json_schema", "avro": "avro", "sql": "sql", "dbt": "sql", "python": "python"}
PAGES = ("readme", "model_card", "review_template", "page")


class Batch:
    """Files that are judged by themselves, under standards that hold for all of them; each is read once."""

    def __init__(self, root: str, unsaved: Mapping[str, bytes], files: Sequence[File], standards: Standards) -> None:
        """Take files, each with its kind."""
        self.standards = standards
        self._files = files
        self._reader = Reader(root, unsaved)

    @cached_property
    def roots(self) -> tuple[Map, ...]:
        """Every contract as it is written."""
        read = (self._reader.mapping(path, "a data contract") for path, kind in self._files if kind == "contracts")
        return tuple(root for root in read if root is not None)

    @cached_property
    def contracts(self) -> tuple[Contract, ...]:
        """Every data contract."""
        return tuple(contract(root.path, root) for root in self.roots)

    @cached_property
    def contracted(self) -> tuple[Dataset, ...]:
        """Every dataset under contract."""
        return tuple(dataset for contract in self.contracts for dataset in contract.datasets)

    @cached_property
    def explained(self) -> tuple[Dataset, ...]:
        """Every dataset whose file is where people look for what it means: under contract, or made by dbt."""
        paths = (path for path, kind in self._files if kind == "dbt")
        # What a source of dbt holds has no name here: its owner explains it.
        return self.contracted + tuple(made for path in paths for made in self._described[path] if made.name)

    @cached_property
    def datasets(self) -> tuple[Dataset, ...]:
        """Every dataset that is described in any format."""
        return self.contracted + tuple(dataset for datasets in self._described.values() for dataset in datasets)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Every field of every dataset."""
        return tuple(field for dataset in self.datasets for field in dataset.fields)

    @cached_property
    def pages(self) -> tuple[tuple[Page, Markdown], ...]:
        """Every page of Markdown, and all that it says."""
        return tuple(self._pages())

    def extracts(self, codes: Iterable[str]) -> tuple[dict[str, tuple[Any, ...]], list[str]]:
        """Judge by these rules; return each file's extract, and a sentence for each rule that crashed."""
        findings, crashes = found(codes, self)
        by_path: dict[str, list[tuple[str, int, int, str]]] = {path: [] for path, _ in self._files}
        contracts = {contract.path: contract for contract in self.contracts}
        told = {path: contract.named for path, contract in contracts.items()}
        told |= {path: named(datasets) for path, datasets in self._described.items()}
        pages = {page.path: kept(page) for page, _ in self.pages}
        for (path, line, col), code, message in {*findings, *self._reader.faults}:
            by_path[path].append((code, line, col, str(message)))
        return {
            path: (
                tuple(wrong),
                path in self._reader.marked,
                told.get(path, ""),
                tuple(contracts[path].head) if path in contracts else None,
                pages.get(path),
            )
            for path, wrong in by_path.items()
        }, crashes

    @cached_property
    def _described(self) -> dict[str, tuple[Dataset, ...]]:
        """What each file in another format than a contract describes."""
        return {path: self._schemas(path, kind) for path, kind in self._files if kind in SCHEMAS}

    def _schemas(self, path: str, kind: str) -> tuple[Dataset, ...]:
        if (text := self._reader.text(path)) is None:
            return ()
        from ml_checks.formats import Source

        source = Source(path, text, self.standards.logical_types(SCHEMAS[kind]))
        try:
            return tuple(source.datasets(kind))
        except yaml.UnreadableError as error:
            self._reader.note(path, error)
            return ()
        finally:
            self._reader.faults.extend(source.faults)

    def _pages(self) -> Iterator[tuple[Page, Markdown]]:
        for path, kind in self._files:
            if kind in PAGES and (text := self._reader.text(path)) is not None:
                from ml_checks.reading.markdown import Markdown

                written = Markdown(text)
                roots = self._reader.loaded(path, written.front) if written.front else None
                front = roots[0] if roots and type(roots[0]) is Map else None
                yield page(path, kind, written, front), written
