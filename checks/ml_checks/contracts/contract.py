"""A data contract as values: what the rules ask of it."""

from __future__ import annotations

from functools import cached_property

from ml_checks.reading.extract import levels, named
from ml_checks.record import Record
from ml_checks.values import Dataset, Field, Location, Text, all_noted, noted, said, text_of, texts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ml_checks.values import Map

# Properties of a service level that say when something ends.
ENDS = frozenset(["endOfLife", "endOfSupport", "retirement"])
# Under which keys a dataset or a field has fields.
NESTING = frozenset(["items", "map", "properties"])
# How files end in which definitions are written. Without such an end, a URL may be a name in some catalogue.
DEFINED_IN = (".json", ".md", ".yaml", ".yml")


class Head(Record):
    """What a contract says of itself, in plain types, so that it can be kept.

    `samples` are the paths of its files that lie beside it, `ends` the days on which its support or its data end,
    `definitions` the files that say what it means, as seen from its own.
    """

    at: tuple[int, int]
    owner_at: tuple[int, int]
    owners: tuple[str, ...]
    id: str | None
    version: str | None
    status: str | None
    samples: tuple[str, ...]
    ends: tuple[str, ...]
    definitions: tuple[str, ...]


class Contract:
    """A data contract (ODCS v3): one or more datasets that somebody answers for. See Head."""

    def __init__(self, path: str, head: Head, named: str, datasets: Callable[[], tuple[Dataset, ...]]) -> None:
        """Take what a contract says of itself, what is named in its datasets, and what returns them when asked."""
        self.path, self.head, self.named = path, head, named
        self._datasets = datasets

    @cached_property
    def datasets(self) -> tuple[Dataset, ...]:
        """The datasets under this contract."""
        return self._datasets()

    @property
    def levels(self) -> list[tuple[str, str]]:
        """The name and the classification of each field that has both."""
        return levels(self.named)

    @property
    def at(self) -> Location:
        """Where the contract starts."""
        return Location(self.path, *self.head.at)

    @property
    def owner_at(self) -> Location:
        """Where the contract names its owner, or where it should."""
        return Location(self.path, *self.head.owner_at)

    @property
    def owner_names(self) -> tuple[str, ...]:
        """The owners, wherever they stand."""
        return tuple([said(told) for told in self.head.owners])

    @property
    def owners(self) -> tuple[Text, ...]:
        """The team, or its members where it has no name."""
        return texts_of(self.path, self.head.owners)

    @property
    def id(self) -> Text | None:
        """What the contract is known by."""
        return text_of(self.path, self.head.id)

    @property
    def version(self) -> Text | None:
        """Its version, which should be semantic."""
        return text_of(self.path, self.head.version)

    @property
    def version_name(self) -> str:
        """Its version, wherever it stands; empty where there is none."""
        return said(self.head.version) if self.head.version else ""

    @property
    def status(self) -> Text | None:
        """Whether it is proposed, draft, active, deprecated or retired."""
        return text_of(self.path, self.head.status)

    @property
    def samples(self) -> tuple[Text, ...]:
        """The paths of its files that lie beside it."""
        return texts_of(self.path, self.head.samples)

    @property
    def ends(self) -> tuple[Text, ...]:
        """The days on which its support or its data end."""
        return texts_of(self.path, self.head.ends)

    @property
    def definitions(self) -> tuple[Text, ...]:
        """The files that say what it means, as seen from its own."""
        return texts_of(self.path, self.head.definitions)


def contract(path: str, root: Map) -> Contract:
    """Read what the rules ask of a contract."""
    name = root.mapping("team").text("name")
    owners = (name,) if name else tuple(_members(root))
    owner_at = owners[0].at if owners else root.at_key("team")
    datasets = tuple(_dataset(entry) for entry in root.mappings("schema"))
    own_id, status = noted(root.text("id")), noted(root.text("status"))
    written = root.get("version")
    version = noted(written) if type(written) is Text else None  # an empty one too, for CON005 to complain of
    lists = (all_noted(_samples(root)), all_noted(_ends(root)), all_noted(_definitions(root)))
    head = Head(root.at[1:], owner_at[1:], all_noted(owners), own_id, version, status, *lists)
    return Contract(path, head, named(datasets), lambda: datasets)


def _members(root: Map) -> Iterator[Text]:
    """Yield the members of a contract's team, which until ODCS 3.0 is their list, and has one since."""
    for member in (*root.mappings("team"), *root.mapping("team").mappings("members")):
        if username := member.text("username"):
            yield username


def _dataset(entry: Map) -> Dataset:
    name = entry.text("name")
    return Dataset(name, entry.text("description"), entry.at, tuple(_fields(entry)))


def _fields(entry: Map) -> Iterator[Field]:
    """Yield the fields of an object, of an array's items or of a map's values, and those of the objects in it."""
    for field in entry.mappings("properties"):
        text, mark = field.text, field.node.start_mark
        yield Field(text("name"), text("logicalType"), text("description"), text("classification"), field.path, mark)
        if not NESTING.isdisjoint(field):  # few fields hold others
            yield from _fields(field)
    for element in _elements(entry):
        yield from _fields(element)


def _elements(entry: Map) -> Iterator[Map]:
    """Yield what each item of an array, or each value of a map, is like."""
    if "items" in entry:
        yield entry.mapping("items")
    if "map" in entry:
        yield entry.mapping("map").mapping("value")


def _samples(root: Map) -> Iterator[Text]:
    """Yield the paths of the files in the repository that a contract is about."""
    for server in root.mappings("servers"):
        path = server.text("path")
        if path and server.text("type") == "local":
            yield path


def _ends(root: Map) -> Iterator[Text]:
    for promise in root.mappings("slaProperties"):
        if promise.text("property") in ENDS and (day := promise.text("value")):
            yield day


def _definitions(root: Map) -> Iterator[Text]:
    """Yield the files to which a contract, its datasets and its fields refer for what they mean."""
    parts = [root, root.mapping("description"), *root.mappings("schema")]
    while parts:
        part = parts.pop()
        if "authoritativeDefinitions" in part:
            urls = (entry.text("url") for entry in part.mappings("authoritativeDefinitions"))
            yield from (url for url in urls if url and _is_file(url))
        if not NESTING.isdisjoint(part):
            parts += (*part.mappings("properties"), *_elements(part))


def _is_file(url: str) -> bool:
    """Tell whether a URL leads to a file as seen from the contract, and not from some host."""
    return not url.startswith("/") and ":" not in url and url.partition("#")[0].endswith(DEFINED_IN)
