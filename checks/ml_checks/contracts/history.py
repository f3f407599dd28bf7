"""The contracts that changed since a commit, each beside what it was."""

from __future__ import annotations

from functools import partial
from itertools import chain, product, starmap

from ml_checks.contracts.contract import Contract
from ml_checks.contracts.evolution import Change, Evolution
from ml_checks.contracts.versions import MAJOR, NONE, brought, is_lower, needed, numbers
from ml_checks.reading import yaml
from ml_checks.reading.text import decoded
from ml_checks.values import Location, Map

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from ml_checks.standards.contracts import ContractStandards
    from ml_checks.values import Text

    # A contract as it was, and as it is; None where it was removed.
    Pair = tuple[Contract, Contract | None]


def contracts_in(contents: Iterable[tuple[str, bytes]]) -> list[Contract]:
    """Return the contracts that files hold, each a path and a content."""
    return list(chain.from_iterable(starmap(_contract_in, contents)))


def _contract_in(path: str, content: bytes) -> list[Contract]:
    """Return the contract that a file holds, with all that it says; none where it cannot be read."""
    try:
        roots, _ = yaml.read(path, decoded(content))
    except yaml.UnreadableError:
        return []
    return [Contract.of(root) for root in roots[:1] if type(root) is Map]


def pairs(before: Sequence[Contract], after: Sequence[Contract], there: Collection[str]) -> list[Pair]:
    """Return each contract as it was, with what it is now; `there` are the paths that still are contracts.

    A file that is there and holds no contract any more was not removed: it cannot be read, and that is reported.
    """
    found = _matched(before, after)
    readable = {new.path for new in after}
    gone = {index for index, old in enumerate(before) if old.path in readable or old.path not in there}
    return [(before[index], found.get(index)) for index in sorted(found.keys() | gone)]


def _matched(before: Sequence[Contract], after: Sequence[Contract]) -> dict[int, Contract]:
    """Return under the number of each old contract the new one that seems to be the same, the surest matches first."""
    left = list(after)
    found: dict[int, Contract] = {}
    for is_same, (index, old) in product((_same_in_place, _same_id, _same_path, _same_dataset), enumerate(before)):
        if index not in found and (new := next(filter(partial(is_same, old), left), None)):
            found[index] = new
            left.remove(new)
    return found


def unannounced(pair: Pair, standards: ContractStandards) -> Iterator[Change]:
    """Yield the changes that need more than the new version brings, with what they need."""
    old, new = pair
    if old.status in standards.unpromised:
        return
    if new is None:
        yield _removal(old)
    elif versions := _versions(old, new):
        yield from _excess(list(Evolution(standards.rank).changes(old.root, new.root)), *versions)


def _removal(old: Contract) -> Change:
    why = f"contract {old.id or '?'!r} was removed while it was {old.status or '?'!r}"
    return Change(MAJOR, Location(old.path, 1, 1), f"{why}; retire it first")


def _excess(changes: Sequence[Change], was: Text, now: Text) -> Iterator[Change]:
    """Yield the changes that need most, where that is more than the new version brings."""
    most = max((change.level for change in changes), default=NONE)
    if most > brought(was, now):
        lack = f"which needs version {needed(most, was)}; it was {was} and is {now}"
        yield from (Change(most, change.at, f"{change.what}, {lack}") for change in changes if change.level == most)


def version_lower(pair: Pair) -> Text | None:
    """Return the new version where it is lower than the old one."""
    old, new = pair
    versions = _versions(old, new) if new else None
    if versions is None:
        return None
    was, now = versions
    return now if is_lower(now, was) else None


def _versions(old: Contract, new: Contract) -> tuple[Text, Text] | None:
    """Return the versions of a contract where both are semantic."""
    was, now = _semantic_version(old), _semantic_version(new)
    return (was, now) if was and now else None


def _semantic_version(contract: Contract) -> Text | None:
    return contract.version if numbers(contract.version) else None


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
