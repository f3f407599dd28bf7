"""CON: data contracts that hold, and change only as they say."""

from __future__ import annotations

from ml_checks.registry import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.project import Project
    from ml_checks.values import Location


@rule("CON001")
def contract_invalid(project: Project) -> Iterator[tuple[Location, str]]:
    """A contract is not what its version of the Open Data Contract Standard says.

    Tools skip a key that they do not know, and the promise behind it is checked by nobody. Correct the key or the
    value; `apiVersion` says which version of the standard holds.
    """
    for contract in project.contracts:
        yield from contract.faults


@rule("CON006")
def classification_missing(project: Project) -> Iterator[tuple[Location, str]]:
    """A field under contract has no classification, or one that the company does not know.

    Nobody can say who may see it, so sooner or later everybody does. Write one of `contracts.classifications` in
    the standards.
    """
    levels = project.standards.contracts.levels
    known = ", ".join(levels)
    for field in (field for dataset in project.contracted for field in dataset.fields):
        if field.classification is None:
            yield field.at, f"field {field.name or '?'!r} has no classification; known are {known}"
        elif field.classification not in levels:
            yield field.classification.at, f"classification {field.classification!r} is not known; known are {known}"


@rule("CON007")
def personal_unclassified(project: Project) -> Iterator[tuple[Location, str]]:
    """A field's name looks like personal data, and its classification is for other data.

    What is about a person needs a purpose, a term and a lock, and the classification is what sets them. Raise it,
    or give the field a name that says what it really holds.
    """
    standards = project.standards.contracts
    for field in (field for dataset in project.contracted for field in dataset.fields):
        if not field.name or not field.classification or field.classification not in standards.open:
            continue
        if kind := standards.personal_in(field.name):
            why = f"looks personal ({kind}) and is {field.classification!r}, not {standards.personal!r} or more"
            yield field.classification.at, f"field {field.name!r} {why}"


@rule("CON012")
def deprecation_endless(project: Project) -> Iterator[tuple[Location, str]]:
    """A contract is deprecated and does not say until when it holds.

    Who still reads the data cannot plan the move, and waits. Add an entry `endOfSupport` or `endOfLife` with a day
    to `slaProperties`.
    """
    for contract in project.contracts:
        if contract.status == "deprecated" and not contract.ends:
            yield contract.status.at, "contract is deprecated without an end; slaProperties has no endOfSupport"
