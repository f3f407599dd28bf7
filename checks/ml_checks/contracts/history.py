"""The contracts that changed since a commit, each beside what it was."""

from __future__ import annotations

from ml_checks.contracts.contract import contract
from ml_checks.contracts.evolution import Change, Evolution
from ml_checks.contracts.versions import MAJOR, NONE, brought, is_lower, needed, numbers
from ml_checks.reading import yaml
from ml_checks.reading.git import contents
from ml_checks.reading.text import decoded
from ml_checks.record import Record
from ml_checks.values import Location, Map

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ml_checks.contracts.contract import Contract
    from ml_checks.project.project import Project
    from ml_checks.reading.git import Difference
    from ml_checks.standards.contracts import ContractStandards
    from ml_checks.values import Text


class Version(Record):
    """A contract as it was or is: the rules' view of it, and all of it."""

    contract: Contract
    root: Map


Pair = tuple[Version, "Version | None"]


def pairs(project: Project) -> list[Pair]:
    """Return each contract as it was at the base, if it changed since, with what it is now; raise CannotRunError."""
    changed = project.changes()
    before = _before(project, changed)
    if not before:
        return []
    left = [
        Version(contract, root)
        for contract in project.contracts
        if contract.path in changed
        for root in _now(project, contract)
    ]
    readable = {new.contract.path for new in left}
    found: dict[int, Version] = {}
    for is_same in (_same_in_place, _same_id, _same_path, _same_dataset):
        for index, old in enumerate(before):
            new = next((new for new in left if is_same(old.contract, new.contract)), None)
            if new and index not in found:
                found[index] = new
                left.remove(new)
    # A file that is there and holds no contract any more was not removed: it cannot be read, and that is told.
    paths = [old.contract.path for old in before]
    there = {path for path, _ in project.extracts("contracts")}  # no link, which nothing reads
    is_known = [index in found or path in readable or path not in there for index, path in enumerate(paths)]
    return [(old, found.get(index)) for index, old in enumerate(before) if is_known[index]]


def unannounced(pair: Pair, standards: ContractStandards) -> Iterator[Change]:
    """Yield the changes that need more than the new version brings, with what they need."""
    old, new = pair
    if old.contract.status in standards.unpromised:
        return
    if new is None:
        why = f"contract {old.contract.id or '?'!r} was removed while it was {old.contract.status or '?'!r}"
        yield Change(MAJOR, Location(old.contract.path, 1, 1), f"{why}; retire it first")
        return
    if (versions := _versions(old, new)) is None:
        return
    was, now = versions
    changes = list(Evolution(standards.rank).changes(old.root, new.root))
    most = max((change.level for change in changes), default=NONE)
    if most > brought(was, now):
        lack = f"which needs version {needed(most, was)}; it was {was} and is {now}"
        yield from (Change(most, change.at, f"{change.what}, {lack}") for change in changes if change.level == most)


def version_lower(pair: Pair) -> Text | None:
    """Return the new version where it is lower than the old one."""
    old, new = pair
    if new is None or (versions := _versions(old, new)) is None:
        return None
    was, now = versions
    return now if is_lower(now, was) else None


def _versions(old: Version, new: Version) -> tuple[Text, Text] | None:
    """Return the versions of a contract where both are semantic."""
    was, now = old.contract.version, new.contract.version
    return (was, now) if was and now and numbers(was) and numbers(now) else None


def _before(project: Project, changed: Mapping[str, Difference]) -> list[Version]:
    """Return the contracts that were changed or removed, as they were; what was no contract is left out."""
    blobs = {path: change.before for path, change in changed.items() if not change.is_new}
    paths = [path for path, kind in project.kinds(blobs).items() if kind == "contracts"]
    texts = zip(paths, contents(project.root, [blobs[path] for path in paths]), strict=True)
    return [Version(contract(path, root), root) for path, text in texts for root in _roots(path, text)]


def _now(project: Project, contract: Contract) -> list[Map]:
    return _roots(contract.path, (project.source(contract.path) or "").encode())


def _roots(path: str, content: bytes) -> list[Map]:
    """Return the mapping that a contract is; nothing where it cannot be read."""
    try:
        roots, _ = yaml.read(path, decoded(content))
    except yaml.UnreadableError:
        return []
    return [root for root in roots[:1] if type(root) is Map]


def _same_in_place(old: Contract, new: Contract) -> bool:
    """Tell whether it is the same contract and no copy of it."""
    return _same_id(old, new) and _same_path(old, new)


def _same_id(old: Contract, new: Contract) -> bool:
    return old.id is not None and old.id == new.id


def _same_path(old: Contract, new: Contract) -> bool:
    return old.path == new.path


def _same_dataset(old: Contract, new: Contract) -> bool:
    names = {dataset.name for dataset in old.datasets if dataset.name}
    return not names.isdisjoint(dataset.name for dataset in new.datasets)
