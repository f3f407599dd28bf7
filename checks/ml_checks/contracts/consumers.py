"""Who reads which data: what models and jobs declare, and what the code names."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from functools import cached_property
from itertools import chain
from operator import attrgetter

from ml_checks.record import Record
from ml_checks.values import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ast import Constant
    from collections.abc import Callable, Iterator, Sequence

    from ml_checks.contracts.contract import Contract
    from ml_checks.values import Text


class Consumer(Record):
    """A model card, a service or a workload: its project folder, and the contracts it says it reads and writes."""

    folder: str
    inputs: tuple[Text, ...]
    outputs: tuple[Text, ...]

    @property
    def names(self) -> tuple[Text, ...]:
        """All contracts that it declares."""
        return (*self.inputs, *self.outputs)


class Flows:
    """Which contracts the consumers of a project read and write."""

    def __init__(
        self,
        consumers: Sequence[Consumer],
        contracts: Sequence[Contract],
        folder_of: Callable[[str], str],
        modules: Callable[[str], Sequence[str]],
        source: Callable[[str], str | None],
    ) -> None:
        """Take who declares what; what returns the project folder of a path, a folder's modules, and a file's text."""
        self.consumers = consumers
        self._contracts, self._folder_of, self._modules, self._source = contracts, folder_of, modules, source

    @cached_property
    def _by_name(self) -> dict[str, Contract]:
        found: dict[str, Contract] = {}
        for contract in self._contracts:
            folder = self._folder_of(contract.path)
            for name in (contract.path, posixpath.join(folder, str(contract.id))):
                found.setdefault(name, contract)
        return found

    def found(self, consumer: Consumer, names: Sequence[Text]) -> list[Contract]:
        """Return the contracts that a consumer names, as far as there are such."""
        return [contract for name in names if (contract := self.contract(consumer, name))]

    def contract(self, consumer: Consumer, name: Text) -> Contract | None:
        """Return the contract that a path, from the project's folder, or an id means."""
        return self._by_name.get(posixpath.normpath(posixpath.join(consumer.folder, name)))

    def undeclared(self) -> Iterator[Contract]:
        """Yield the contracts that no consumer declares, where there is one that could."""
        folders = {consumer.folder for consumer in self.consumers}
        declared = self._declared()
        for contract in self._contracts:
            if contract.path not in declared and self._folder_of(contract.path) in folders:
                yield contract

    def _declared(self) -> set[str]:
        """Return the paths of the contracts that some consumer declares."""
        found = chain.from_iterable(self.found(consumer, consumer.names) for consumer in self.consumers)
        return {contract.path for contract in found}

    def readers(self) -> dict[str, list[Location]]:
        """Return where the code names each contract that nobody declares, under the contract's path."""
        readers: dict[str, list[Location]] = defaultdict(list)
        if not any(self._modules(consumer.folder) for consumer in self.consumers):
            return readers
        for folder, known in self._undeclared_names().items():
            for name, at in self._constants(folder, known):
                readers[known[name]].append(at)
        return readers

    def _undeclared_names(self) -> dict[str, dict[str, str]]:
        """Return by folder what code may call each contract that nobody declares, with the contract's path."""
        names: dict[str, dict[str, str]] = defaultdict(dict)
        for contract in self.undeclared():
            folder = self._folder_of(contract.path)
            names[folder] |= dict.fromkeys(_names(contract, folder), contract.path)
        return names

    def _constants(self, folder: str, names: dict[str, str]) -> Iterator[tuple[str, Location]]:
        """Yield the first place in each module of a folder where each name is a text of its own."""
        for path in self._modules(folder):
            yield from _constants(path, self._source(path) or "", names)


def _names(contract: Contract, folder: str) -> Iterator[str]:
    """Yield what code may call a contract: its id, its file, and the paths from the project's folder."""
    if contract.id:
        yield str(contract.id)
    yield posixpath.basename(contract.path)
    for path in (contract.path, posixpath.relpath(contract.path, folder or "."), *contract.samples):
        plain = posixpath.normpath(path)
        yield from (plain, f"./{plain}")


def _constants(path: str, text: str, names: dict[str, str]) -> Iterator[tuple[str, Location]]:
    """Yield the first place in a file of Python where each name is a text of its own."""
    if names.keys().isdisjoint(text.replace("'", '"').split('"')):
        return  # what is a text of its own stands between quotes, and nearly no file names a contract
    seen = set()
    for node in sorted(_texts(text), key=attrgetter("lineno", "col_offset")):
        name = str(node.value)
        if name in names and names[name] not in seen:
            seen.add(names[name])
            before = text.split("\n")[node.lineno - 1].encode()[: node.col_offset]
            yield name, Location(path, node.lineno, len(before.decode()) + 1)


def _texts(module: str) -> list[Constant]:
    """Return the texts in a module of Python; nothing where it cannot be read."""
    import ast

    try:
        nodes = ast.walk(ast.parse(module))
    except (SyntaxError, ValueError, RecursionError):
        return []  # Python itself tells
    return [node for node in nodes if isinstance(node, ast.Constant) and type(node.value) is str]
