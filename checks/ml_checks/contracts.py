"""A data contract as values: what the rules ask of it."""

from __future__ import annotations

from ml_checks.record import Record
from ml_checks.values import Dataset, Field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.values import Location, Map, Text

# Properties of a service level that say when something ends.
ENDS = frozenset(["endOfLife", "endOfSupport", "retirement"])


class Contract(Record):
    """A data contract (ODCS v3): one or more datasets that somebody answers for.

    `samples` are the paths of its files that lie beside it, `ends` the days on which its support or its data end,
    and `faults` where it is not what the schema of its version says.
    """

    path: str
    at: Location
    owners: tuple[Text, ...]
    owner_at: Location
    datasets: tuple[Dataset, ...]
    id: Text | None
    version: Text | None
    status: Text | None
    samples: tuple[Text, ...]
    ends: tuple[Text, ...]
    faults: tuple[tuple[Location, str], ...]


def contract(path: str, root: Map, *, validates: bool) -> Contract:
    """Read what the rules ask of a contract; only where it is wanted hold it to its schema, which takes a while."""
    name = root.mapping("team").text("name")
    owners = (name,) if name else tuple(_members(root))
    owner_at = owners[0].at if owners else root.at_key("team")
    datasets = tuple(_dataset(entry) for entry in root.mappings("schema"))
    faults: tuple[tuple[Location, str], ...] = ()
    if validates:
        from ml_checks import contract_schema

        faults = tuple(contract_schema.faults(root))
    texts = (root.text("id"), root.text("version"), root.text("status"))
    return Contract(
        path, root.at, owners, owner_at, datasets, *texts, tuple(_samples(root)), tuple(_ends(root)), faults
    )


def _members(root: Map) -> Iterator[Text]:
    """Yield the members of a contract's team, which until ODCS 3.0 is their list, and has one since."""
    for member in (*root.mappings("team"), *root.mapping("team").mappings("members")):
        if username := member.text("username"):
            yield username


def _dataset(entry: Map) -> Dataset:
    name = entry.text("name")
    return Dataset(name, entry.text("description"), entry.at, tuple(_fields(entry)))


def _fields(entry: Map) -> Iterator[Field]:
    """Yield the fields of an object or of an array's items, and those of the objects in it."""
    for field in entry.mappings("properties"):
        text, mark = field.text, field.node.start_mark
        yield Field(text("name"), text("logicalType"), text("description"), text("classification"), field.path, mark)
        if "properties" in field or "items" in field:
            yield from _fields(field)
    if "items" in entry:
        yield from _fields(entry.mapping("items"))


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
