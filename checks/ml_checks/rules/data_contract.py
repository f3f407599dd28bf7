"""CON: data contracts that hold, and change only as they say."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from posixpath import dirname

from ml_checks.contracts.contract import is_untimed
from ml_checks.contracts.history import unannounced, version_lower
from ml_checks.contracts.personal_data import MAX_BYTES, announced, exposed
from ml_checks.contracts.versions import MAJOR, MINOR, PATCH, numbers
from ml_checks.errors import count, quoted
from ml_checks.project.data_files import samples, uncontracted
from ml_checks.project.inputs import inputs_in_use
from ml_checks.project.snapshot import CONTRACTS
from ml_checks.rules.registry import file_rule, rule
from ml_checks.values import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ml_checks.contracts.contract import Contract
    from ml_checks.project.batch import Batch
    from ml_checks.project.project import Project
    from ml_checks.values import Text

    # Returns how confidential a classification is.
    Rank = Callable[[str | None], int]


@file_rule("CON001", CONTRACTS)
def contract_invalid(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A contract is not what its version of the Open Data Contract Standard says.

    Tools skip a key that they do not know, and nobody checks the promise behind it. Correct the key or the value;
    `apiVersion` says which version of the standard holds.
    """
    from ml_checks.contracts.odcs import faults

    for root in batch.roots:
        yield from faults(root)


@rule("CON002", by_path=True)
def change_breaking(project: Project) -> Iterator[tuple[Location, str]]:
    """A contract breaks a promise without a new major version.

    The code of the consumers fails, and they learn it from an alarm. Raise the major version and tell them; or keep
    the old field beside the new one until they have moved.
    """
    return _unannounced(project, MAJOR)


@rule("CON003", by_path=True)
def addition_unannounced(project: Project) -> Iterator[tuple[Location, str]]:
    """A contract promises more without a new minor version.

    People who need it do not see that it is there, and cannot say since which version. Raise the minor version.
    """
    return _unannounced(project, MINOR)


@rule("CON004", by_path=True)
def edit_unannounced(project: Project) -> Iterator[tuple[Location, str]]:
    """A contract says something else under the same version.

    With two texts under one version, nobody knows which one was agreed. Raise the patch version.
    """
    return _unannounced(project, PATCH)


def _unannounced(project: Project, level: int) -> Iterator[tuple[Location, str]]:
    for pair in project.changed_contracts:
        for change in unannounced(pair, project.standards.contracts):
            if change.level == level:
                yield change.at, change.what


@rule("CON005")
def version_off_order(project: Project) -> Iterator[tuple[Location, str]]:
    """A contract's version is not semantic, or lower than it was.

    Consumers pin a version and compare it with the next one; this needs three numbers that only grow. Write
    `major.minor.patch`, higher than the last version.
    """
    for contract in project.contracts:
        if not all(map(numbers, contract.plain("version"))) and (version := contract.version) is not None:
            yield version.at, f"version {version!r} is not written like '1.4.0'"
    for pair in project.changed_contracts:
        if lower := version_lower(pair):
            yield lower.at, f"version {lower!r} comes after {pair[0].version!r}"


@file_rule("CON006", CONTRACTS, gap="classification")
def classification_missing(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A field under contract has no classification, or one that the company does not know.

    Nobody can say who may see it, so sooner or later everybody sees it. Write one of `contracts.classifications` in
    the standards.
    """
    standards = batch.standards.contracts
    known = ", ".join(standards.levels)
    for field in batch.contracted_fields:
        if field.classification in standards.levels or standards.personal_in(field.name or ""):
            continue  # CON007 speaks of what looks personal
        if field.classification is None:
            yield field.at, f"field {field.shown} has no classification; known are {known}"
        else:
            yield field.classification.at, f"classification {field.classification!r} is not known; known are {known}"


@file_rule("CON007", CONTRACTS)
def personal_unclassified(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A field's name looks like personal data, and its classification is for other data, or is missing.

    The classification decides who may see the data of a person, for what, and how long. Raise it, or give the field a
    name that says what it really holds.
    """
    standards = batch.standards.contracts
    for field in batch.contracted_fields:
        if standards.is_open(field.classification) and (kind := standards.personal_in(field.name or "")):
            level = field.classification
            at, what = (level.at, f"is {level!r}, not") if level else (field.at, "has no classification; it needs")
            yield at, f"field {field.shown} looks personal ({kind}) and {what} {standards.personal!r} or more"


@rule("CON008", by_path=True)
def sample_exposed(project: Project) -> Iterator[tuple[Location, str]]:
    """A sample holds personal data in a column whose classification forbids it.

    A committed value is copied to every clone and stays in the history. Replace the values by invented ones of the
    same form, and take the real ones out of the history; or raise the classification.
    """
    for contract in project.contracts:
        for path in samples(project, contract):
            text, levels = project.first_lines(path, MAX_BYTES), contract.column_levels
            for column in exposed(path, text, levels, project.standards.contracts):
                level = levels[column.name]
                what = f"is {quoted(level) if level else 'not classified'} and holds personal data ({column.kind})"
                rows = f"in {count(column.rows, 'row')}, first here"
                yield Location(path, column.line, column.col), f"column {quoted(column.name)} {what} {rows}"


@rule("CON009")
def classification_lost(project: Project) -> Iterator[tuple[Location, str]]:
    """The output of a model or a job is classified lower than its input.

    A copy of a secret is a secret, and a prediction shows something of its inputs. Raise the classification of the
    output; if it may be lower, say why in a waiver.
    """
    rank = project.standards.contracts.rank
    for consumer in project.flows.consumers:
        levels = _highest(project.flows.found(consumer, consumer.inputs), rank)
        for output in project.flows.found(consumer, consumer.outputs):
            yield from _lowered(output, levels, rank)
            yield from _nowhere_as_high(output, levels, rank)


def _highest(contracts: Iterable[Contract], rank: Rank) -> dict[str, str]:
    """Return the highest classification of each name in some contracts."""
    pairs = (pair for contract in contracts for pair in contract.levels)
    return dict(sorted(pairs, key=lambda pair: rank(pair[1])))


def _lowered(output: Contract, levels: Mapping[str, str], rank: Rank) -> Iterator[tuple[Location, str]]:
    """Yield each field that has a lower classification than the one of its name in the inputs."""
    if all(rank(level) >= rank(levels.get(name)) for name, level in output.levels):
        return  # without a look at where they stand
    for name, level in _classified(output):
        if name in levels and rank(level) < rank(levels[name]):
            yield level.at, f"field {name!r} is {level!r} here and {quoted(levels[name])} in what it is made from"


def _classified(contract: Contract) -> Iterator[tuple[Text, Text]]:
    """Yield name and classification of each field that has both."""
    fields = (field for dataset in contract.datasets for field in dataset.fields)
    return ((field.name, field.classification) for field in fields if field.name and field.classification)


def _nowhere_as_high(output: Contract, levels: Mapping[str, str], rank: Rank) -> Iterator[tuple[Location, str]]:
    """Yield the contract where none of its fields has the highest classification of the inputs."""
    top = max(levels, key=lambda name: rank(levels[name]), default=None)
    if top and max((rank(level) for _, level in output.levels), default=-1) < rank(levels[top]):
        why = f"made from data that is {quoted(levels[top])} (field {quoted(top)}), and nowhere as confidential"
        yield output.named_at, why


@rule("CON010")
def consumer_undeclared(project: Project) -> Iterator[tuple[Location, str]]:
    """The code reads a dataset that no model card and no job declares.

    People who change the data tell the declared readers; all others learn it from an alarm. Add the contract to
    `inputs` or `outputs` in the front matter of the model card, to `x-inputs` or `x-outputs` of the service in compose,
    or to the annotation `ml-checks/inputs` or `ml-checks/outputs` of the workload in Kubernetes (between commas).
    """
    for path, places in project.flows.readers().items():
        for at in places:
            yield at, f"reads {path}, which no model card, service or workload declares"


@rule("CON011", by_path=True)
def dataset_unconsumed(project: Project) -> Iterator[tuple[Location, str]]:
    """No model, service or job declares that it reads or writes a dataset, and no code names it.

    Somebody pays for it and keeps it up to date, and nobody uses it. Declare who reads it, or retire the contract.
    """
    flows = project.flows
    if not any(consumer.inputs for consumer in flows.consumers):
        return  # where nothing is declared, nothing follows from it
    read = flows.readers()
    for contract in flows.undeclared():
        if contract.path not in read and contract.status not in project.standards.contracts.unpromised:
            why = "no model card, service, workload or code reads this dataset"
            yield contract.named_at, why


@file_rule("CON012", CONTRACTS)
def deprecation_endless(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A contract is deprecated and does not say until when it holds.

    The readers of the data cannot plan the move, and wait. Add an entry `endOfSupport` or `endOfLife` with a day to
    `slaProperties`.
    """
    for contract in batch.contracts:
        if contract.status == "deprecated" and not contract.ends:
            yield contract.status.at, "contract is deprecated without an end; slaProperties has no endOfSupport"


@rule("CON013")
def input_unknown(project: Project) -> Iterator[tuple[Location, str]]:
    """A model card, a service or a workload declares a contract that is not there.

    The data was promised by nobody, or a name is misspelt. Write the path of the contract from the project's folder,
    or its id.
    """
    flows = project.flows
    for consumer in flows.consumers:
        for name in (*consumer.inputs, *consumer.outputs):
            if flows.contract(consumer, name) is None:
                yield name.at, f"there is no contract {quoted(name)}"


@rule("CON014", by_path=True)
def data_uncontracted(project: Project) -> Iterator[tuple[Location, str]]:
    """A data file is under no contract.

    Nobody answers for the file, and nobody has asked whether it holds personal data. Write a contract with a server of
    type `local` whose `path` names the file, from the project's folder, with stars or without; or take the file out.
    """
    for path in uncontracted(project):
        known = announced(path, project.first_lines(path, MAX_BYTES), project.standards.contracts)
        yield Location(path, 1, 1), f"no contract names this file as its data{known}"


@rule("CON015")
def availability_unconfirmed(project: Project) -> Iterator[tuple[Location, str]]:
    """Nobody has confirmed when a field is known that a model past feasibility may use.

    A model that learns from what is known only afterwards looks good until it is used. Write for each field of what the
    model reads in which moment it is known, as the custom property `availableAt`.
    """
    for model, contract in inputs_in_use(project):
        if contract is None:
            yield model.at, f"model {model.name!r} is about {model.rows!r}, which has no contract"
        elif not contract.is_timed:
            for field in filter(is_untimed, chain.from_iterable(one.fields for one in contract.datasets)):
                why = f"and model {model.name!r} is in {model.stage!r}"
                at = field.available_at.at if field.available_at else field.at
                yield at, f"it is not confirmed when field {field.shown} is known, {why}"


@rule("CON016")
def contract_twice(project: Project) -> Iterator[tuple[Location, str]]:
    """Two contracts have one id, or are about one dataset.

    Nobody knows which of the two holds, and a reader who names the id gets either. Remove one, or give it an id of its
    own. A new major version may stand beside the one before it.
    """
    for name, contract, other in _rivals(project, "id", project.folder_of):
        yield contract.named_at, f"id {quoted(name)} is that of {other.path} too"
    for name, contract, other in _rivals(project, "tables", dirname):
        if contract.id != other.id:
            at = contract.tables[contract.tables.index(name)].at
            yield at, f"dataset {name!r} is under the contract {other.path} too"


def _rivals(project: Project, fact: str, folder_of: Callable[[str], str]) -> Iterator[tuple[Text, Contract, Contract]]:
    """Yield each contract with an earlier one in its folder that says the same under a fact, and what that is.

    A new major version may stand beside the one before it.
    """
    first: dict[tuple[str, str, int | None], Contract] = {}
    for contract, name in _shared(project, fact):
        key = folder_of(contract.path), str(name), _major(contract)
        if (other := first.setdefault(key, contract)) is not contract:
            yield name, contract, other


def _shared(project: Project, fact: str) -> Iterator[tuple[Contract, Text]]:
    """Yield each text under a fact that several contracts say; in most repositories there is none."""
    known = Counter(chain.from_iterable(contract.plain(fact) for contract in project.contracts))
    shared = {value for value, count in known.items() if count > 1}
    for contract in project.contracts if shared else ():
        yield from ((contract, name) for name in contract.texts(fact) if name in shared)


def _major(contract: Contract) -> int | None:
    """Return the first number of a contract's version."""
    found = numbers("".join(contract.plain("version")))
    return found[0] if found else None
