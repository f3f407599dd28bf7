"""A data contract as values: what the rules ask of it."""

from __future__ import annotations

from functools import cached_property
from itertools import chain

from ml_checks.reading.document import Document, fact, levels, names, pack_names
from ml_checks.values import Dataset, Field, Text, repeated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ml_checks.reading.document import Packed
    from ml_checks.values import Location, Map

# Properties of a service level that say when something ends.
ENDS = frozenset(["endOfLife", "endOfSupport", "retirement"])
# Under which keys a dataset or a field has fields.
NESTING = frozenset(["items", "map", "properties"])
# When a field is known is not confirmed as long as what is said of it begins so.
UNCONFIRMED = ("TODO", "unconfirmed")
# How files end in which definitions are written. Without such an end, a URL may be a name in some catalogue.
DEFINED_IN = (".json", ".md", ".yaml", ".yml")


class Contract(Document):
    """A data contract (ODCS v3): one or more datasets that somebody answers for.

    To add a fact, write it here: `root` is the contract as it is written.
    """

    root: Map

    def __init__(
        self, path: str, packed: dict[str, Packed] | None, names: str, datasets: Callable[[], tuple[Dataset, ...]]
    ) -> None:
        """Take the facts where they are known, the names in its datasets, and what returns these when asked."""
        super().__init__(path, packed)
        self.names, self._datasets = names, datasets

    @classmethod
    def of(cls, root: Map) -> Contract:
        """Return the contract that a mapping is."""
        datasets = tuple(_dataset(entry) for entry in root.mappings("schema"))
        contract = cls(root.path, None, pack_names(datasets), lambda: datasets)
        contract.root = root
        return contract

    @cached_property
    def datasets(self) -> tuple[Dataset, ...]:
        """The datasets under this contract."""
        return self._datasets()

    @property
    def levels(self) -> list[tuple[str, str]]:
        """The name and the classification of each field that has both."""
        return levels(self.names)

    @property
    def column_levels(self) -> dict[str, str]:
        """The classification of each column, under its name here and in the source; empty where it has none."""
        known = dict.fromkeys(names(self.names), "") | dict(self.levels)
        return known | {there: known.get(here, "") for there, here in self.columns}

    @fact
    def at(self) -> Location:
        """Where the contract starts."""
        return self.root.at

    def texts(self, fact: str) -> tuple[Text, ...]:
        """Return the text or the texts of a fact, with their places."""
        value = getattr(self, fact)
        return value if isinstance(value, tuple) else tuple(filter(None, (value,)))

    @property
    def named_at(self) -> Location:
        """Where its id is written, or else where it starts."""
        return self.id.at if self.id else self.at

    @fact
    def owner_at(self) -> Location:
        """Where the contract names its owner, or where it should."""
        return self.owners[0].at if self.owners else self.root.at_key("team")

    @fact
    def owners(self) -> tuple[Text, ...]:
        """The team, or its members where it has no name."""
        name = self.root.mapping("team").text("name")
        return (name,) if name else tuple(_members(self.root))

    @fact
    def id(self) -> Text | None:
        """What the contract is known by."""
        return self.root.text("id")

    @fact
    def version(self) -> Text | None:
        """Its version, which should be semantic; it may be empty."""
        version = self.root.get("version")
        return version if type(version) is Text else None

    @fact
    def status(self) -> Text | None:
        """Whether it is proposed, draft, active, deprecated or retired."""
        return self.root.text("status")

    @fact
    def samples(self) -> tuple[Text, ...]:
        """The paths of its files that lie beside it."""
        servers = (server for server in self.root.mappings("servers") if server.text("type") == "local")
        return tuple(path for server in servers if (path := server.text("path")))

    @fact
    def tables(self) -> tuple[Text, ...]:
        """What its datasets are called where they are kept, or else here."""
        named = ((entry.text("physicalName") or entry.text("name")) for entry in self.root.mappings("schema"))
        return tuple(name for name in named if name)

    @fact
    def ends(self) -> tuple[Text, ...]:
        """The days on which its support or its data end."""
        promises = (one for one in self.root.mappings("slaProperties") if one.text("property") in ENDS)
        return tuple(day for promise in promises if (day := promise.text("value")))

    @fact
    def columns(self) -> tuple[tuple[Text, Text], ...]:
        """The name in the source, and the name here, of each field that has another one there."""
        named = ((one.physical_name, one.name) for one in self._fields)
        return tuple((there, here) for there, here in named if there and here and there != here)

    @fact
    def is_timed(self) -> bool:
        """Whether it is confirmed of each field when it is known."""
        return not any(map(is_untimed, self._fields))

    @property
    def _fields(self) -> Iterator[Field]:
        return chain.from_iterable(dataset.fields for dataset in self.datasets)

    @fact
    def definitions(self) -> tuple[Text, ...]:
        """The files that say what it means, as seen from its own."""
        return tuple(_definitions(self.root))


def is_untimed(field: Field) -> bool:
    """Tell whether nobody has confirmed when a field is known (`availableAt` among its custom properties)."""
    return field.available_at is None or field.available_at.startswith(UNCONFIRMED)


def _members(root: Map) -> Iterator[Text]:
    """Yield the members of a contract's team, which until ODCS 3.0 is their list, and has one since."""
    for member in (*root.mappings("team"), *root.mapping("team").mappings("members")):
        if username := member.text("username"):
            yield username


def _dataset(entry: Map) -> Dataset:
    fields = tuple(_fields(entry))
    names = {field.name for field in fields}
    # Where all names differ, as nearly everywhere, no object has one of them twice.
    twice = tuple(_twice(entry)) if len(names) < len(fields) else ()
    return Dataset(entry.text("name"), entry.text("description"), entry.at, fields, twice)


def _twice(entry: Map) -> Iterator[Text]:
    """Yield the names of fields that an object has already, and those in the objects within it."""
    fields = list(entry.mappings("properties"))
    yield from repeated(field.text("name") for field in fields)
    for part in (*fields, *_elements(entry)):
        yield from _twice(part)


def _fields(entry: Map) -> Iterator[Field]:
    """Yield the fields of an object, of an array's items or of a map's values, and those of the objects in it."""
    for field in entry.mappings("properties"):
        text = field.text
        named = (text("name"), text("logicalType"), text("description"), text("classification"), text("physicalName"))
        custom = _custom(field) if "customProperties" in field else {}
        yield Field(*named, custom.get("unit"), custom.get("availableAt"), field.path, field.node.start_mark)
        if not NESTING.isdisjoint(field):  # few fields hold others
            yield from _fields(field)
    for element in _elements(entry):
        yield from _fields(element)


def _custom(field: Map) -> dict[str, Text]:
    """Return what the custom properties of a field say, under their names."""
    entries = ((one.text("property"), one.text("value")) for one in field.mappings("customProperties"))
    return {name: value for name, value in entries if name and value}


def _elements(entry: Map) -> Iterator[Map]:
    """Yield what each item of an array, or each value of a map, is like."""
    if "items" in entry:
        yield entry.mapping("items")
    if "map" in entry:
        yield entry.mapping("map").mapping("value")


def _definitions(root: Map) -> Iterator[Text]:
    """Yield the files to which a contract, its datasets and its fields refer for what they mean."""
    parts = [root, root.mapping("description"), *root.mappings("schema")]
    while parts:
        part = parts.pop()
        if "authoritativeDefinitions" in part:
            yield from _defining_files(part)
        if not NESTING.isdisjoint(part):
            parts += (*part.mappings("properties"), *_elements(part))


def _defining_files(part: Map) -> Iterator[Text]:
    urls = (entry.text("url") for entry in part.mappings("authoritativeDefinitions"))
    return filter(_is_file, filter(None, urls))


def _is_file(url: str) -> bool:
    """Tell whether a URL leads to a file as seen from the contract, and not from some host."""
    return not url.startswith("/") and ":" not in url and url.partition("#")[0].endswith(DEFINED_IN)
