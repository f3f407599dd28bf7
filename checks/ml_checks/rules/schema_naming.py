"""SCH: names and types that a whole company shares."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain

from ml_checks.errors import quoted, suggestion
from ml_checks.project.snapshot import CONTRACTS, DATASETS
from ml_checks.reading.document import NEXT
from ml_checks.rules.registry import file_rule, rule
from ml_checks.standards.values import words_of
from ml_checks.values import repeated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from ml_checks.contracts.contract import Contract
    from ml_checks.project.batch import Batch
    from ml_checks.project.joined import Told
    from ml_checks.project.project import Project
    from ml_checks.standards.values import Affix, Standards
    from ml_checks.values import Dataset, Field, Location, Text

    # What something is told of: a dataset or a field, and its name.
    Subject = tuple[str, str]

# The formats that describe tables, or what becomes one.
TABLES = (*CONTRACTS, "avro", "dbt", "sql")
# The types that a quantity has.
NUMBERS = frozenset(["integer", "number"])
# What tells the path of a version from that of another one: `v2`, `3.1.0`, `20260505`, `latest`. Not compiled here: few
# runs need it.
_VERSION = (
    r"[-_.]?(?:\b|(?<=_))"
    r"(?:v[0-9]+(?:[.][0-9]+)*|[0-9]+(?:[.][0-9]+)+|[0-9]{8}|latest|current|next|previous|strict)(?=[-_./]|$)"
)
# What a contract states of a quantity that has no unit.
NO_UNIT = "none"


@file_rule("SCH001", DATASETS)
def dataset_name_off_pattern(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A dataset's name does not follow the naming pattern.

    Every query, path and job repeats the name, and an odd one needs quotes or a second look. Rename the dataset, and
    its file with it, before anyone reads it.
    """
    return _off_pattern("dataset", batch.dataset_names, batch)


@file_rule("SCH002", DATASETS)
def field_name_off_pattern(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A field's name does not follow the naming pattern.

    If one name is written in several ways, a join uses the wrong one sooner or later. Rename the field where the data
    enters, and keep the old name in `physicalName` if the source still uses it.
    """
    return _off_pattern("field", batch.field_names, batch)


def _off_pattern(what: str, names: Iterable[Text], batch: Batch) -> Iterator[tuple[Location, str]]:
    standards, most = batch.standards, batch.standards.max_name_length
    for name in names:
        if len(name) > most:
            yield name.at, f"{what} {name!r} has {len(name)} characters, {most} are allowed"
        elif not standards.name_pattern.fullmatch(name) and not _is_usual(what, name, batch):
            yield name.at, f"{what} {name!r} is not written like {standards.name_example!r}"


def _is_usual(what: str, name: Text, batch: Batch) -> bool:
    """Tell whether the format of the file, or the data in it, has names of its own."""
    return batch.standards.is_usual_in(batch.kinds[name.path], f"{what}s", name)


@file_rule("SCH003", DATASETS)
def name_reserved(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A dataset or a field has a name that SQL reserves.

    Every query on it fails until somebody puts the name in quotes. Make the name longer, so that it says more:
    `customer_user`, `sort_order`. What JSON Schema and Python describe is no table, so it may be called so.
    """
    for name in (*batch.dataset_names, *batch.field_names):
        if name.lower() in batch.standards.reserved and batch.kinds[name.path] in TABLES:
            yield name.at, f"name {name!r} is reserved in SQL"


@file_rule("SCH004", DATASETS)
def synonym_used(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A name uses an abbreviation or a synonym of a word that the company has settled on.

    Two words for one thing become two columns that nobody joins. Use the word of the glossary (`glossary` in the
    standards), or propose a better one there.
    """
    for name in (*batch.dataset_names, *batch.field_names):
        for word, term in _synonyms(name, batch.standards):
            yield name.at, f"name {name!r} says {quoted(word)}, the company's word is {term!r}"


def _synonyms(name: Text, standards: Standards) -> Iterator[tuple[str, str]]:
    """Yield each word of a name that the company does not use, with the one that it uses."""
    *words, last = name.lower().split("_")
    # A word alone stands for no affix: nobody would call a field `at`.
    known_last = standards.last_terms if words else standards.terms
    found = [*((word, standards.terms.get(word)) for word in words), (last, known_last.get(last))]
    return ((word, term) for word, term in found if term)


@file_rule("SCH005", DATASETS)
def affix_contradicts_type(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A field's name promises another type than the field has.

    People see `_at` and calculate with time, and their code fails late and far away. Change the type, or the name.
    """
    for name, kind in batch.typed_names:
        for affix in _broken_affixes(name, kind, batch.standards):
            promised = " or ".join(affix.types)
            yield kind.at, f"field {name!r} has type {kind!r}, {affix} promises {promised}"


def _broken_affixes(name: Text, kind: Text, standards: Standards) -> list[Affix]:
    """Return the affixes of a name that promise another type; none where the company does not know the type."""
    affixes = standards.affixes_on(name) if kind in standards.types else []
    return [affix for affix in affixes if kind not in affix.types]


@file_rule("SCH006", DATASETS)
def affix_missing(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A field's name does not show the type that names of this type always show.

    People have to look up each time that this is a timestamp or a boolean. Add the affix, such as `_at` or `is_`.
    """
    for name, kind in batch.typed_names:
        affix = batch.standards.required_affixes.get(kind)
        if affix and _is_missing(affix, name, kind, batch.standards):
            yield name.at, f"field {name!r} has type {kind!r}, its name needs {affix}"


def _is_missing(affix: Affix, name: Text, kind: Text, standards: Standards) -> bool:
    """Tell whether a name has to get an affix."""
    if _says_its_type(affix, name, kind, standards):
        return False
    carried = standards.affixes_on(name)
    # A name that promises another type is for SCH005: changing the type may be the right answer.
    return affix not in carried and all(kind in other.types for other in carried)


def _says_its_type(affix: Affix, name: Text, kind: Text, standards: Standards) -> bool:
    """Tell whether a name says its type by other words than an affix: a date that is called `date_of_birth`."""
    *words, last = words_of(name)
    told = (*affix.prefixes, *affix.suffixes)
    if kind in words or last in {kind, *(told if not words else ())}:
        return True
    # The word that stands for the affix is for SCH004, which asks for the same.
    return (standards.last_terms if words else standards.terms).get(last) in told


@file_rule("SCH007", DATASETS, gap="unit")
def unit_missing(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A field holds a quantity, and neither its name nor its contract says in which unit.

    No error is raised when somebody takes minutes for hours. End the name in the unit (`quantities.units` in the
    standards), or give the field the custom property `unit`; its value is `none` where there is no unit.
    """
    for field in batch.fields:
        if field.unit is not None:
            yield from _unit_faults(field, field.unit, batch.standards)
        elif field.name and field.type in NUMBERS and (word := _quantity(field.name, field.type, batch.standards)):
            yield field.name.at, f"field {field.name!r} is a quantity ({word}) without its unit"


def _unit_faults(field: Field, unit: Text, standards: Standards) -> Iterator[tuple[Location, str]]:
    """Yield why the unit that a contract states is none."""
    if standards.is_unwritten(unit):
        yield unit.at, f"the unit of field {field.shown} is still to be written"
    elif unit not in standards.units and unit != NO_UNIT:
        nearest = suggestion(unit, sorted(standards.units))
        yield unit.at, f"unit {unit!r} of field {field.shown} is not known; {nearest}"


def _quantity(name: Text, kind: Text, standards: Standards) -> str | None:
    """Return the word of a name that says it is a quantity, if its unit is missing."""
    words = name.split("_")
    # What stands for a unit is for SCH004, which asks for the unit.
    if words[-1] in standards.units or standards.last_terms.get(words[-1]) in standards.units:
        return None
    quantities = standards.uncounted if kind == "integer" else standards.quantities
    return next(filter(quantities.__contains__, words), None)


@file_rule("SCH008", CONTRACTS)
def type_unknown(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A field under contract has a type outside the company's vocabulary, or none.

    If only one database knows a type, other tools can neither check nor read it. Use a logical type, and keep the
    type of the database in `physicalType`.
    """
    known = ", ".join(batch.standards.types)
    for field in batch.contracted_fields:
        if field.type is None:
            yield field.at, f"field {field.shown} has no logicalType; known are {known}"
        elif field.type not in batch.standards.types:
            yield field.type.at, f"type {field.type!r} is not known; known are {known}"


@rule("SCH009")
def type_differs(project: Project) -> Iterator[tuple[Location, str]]:
    """A field has one type here and another one elsewhere.

    A join of a string with a number finds nothing, or everything. Agree on one type, and convert where the data
    enters. If a name means nothing outside of its dataset, add it to `names.local` in the standards. Contracts are
    compared with each other and with all in their project, and else what can be joined: tables of one project, models
    of one, schemas of one owner.
    """
    disputed = _repeated([name for name, kind in project.vocabulary if kind]) - project.standards.local_names
    for (_, name), kind, known in _disputes(project, _typed(project.datasets_with(disputed), disputed), str.lower):
        yield kind.at, f"field {name!r} is {kind!r} here and {known!r} in {_place(known.at)}"


def _typed(datasets: Iterable[Dataset], names: Collection[str]) -> Iterator[tuple[Subject, Told]]:
    """Yield name and type of each field that has one of the names, and a type."""
    for dataset in datasets:
        fields = (field for field in dataset.fields if field.name in names and field.name and field.type)
        yield from ((("field", str(field.name)), (field.type, dataset.name)) for field in fields if field.type)


@rule("SCH010")
def spelling_differs(project: Project) -> Iterator[tuple[Location, str]]:
    """Two names of datasets, or two of fields, differ only by case or by underscores.

    People confuse the two, and some databases cannot tell them apart. Keep one spelling.
    """
    datasets = _alike({name for name, kind in project.vocabulary if kind is None})
    fields = _alike({name for name, kind in project.vocabulary if kind is not None})
    for _, name, known in _disputes(project, _called(project.datasets_with(datasets | fields)), str):
        yield name.at, f"name {name!r} is spelt {known!r} in {_place(known.at)}"


def _called(datasets: Iterable[Dataset]) -> Iterator[tuple[Subject, Told]]:
    """Yield each name of a dataset and of a field, with what it is the name of."""
    for dataset in datasets:
        names = [("dataset", dataset.name), *(("field", field.name) for field in dataset.fields)]
        yield from (((what, _folded(name)), (name, dataset.name)) for what, name in names if name)


def _disputes(
    project: Project, told: Iterable[tuple[Subject, Told]], same: Callable[[str], str]
) -> Iterator[tuple[Subject, Text, Text]]:
    """Yield what is told of a subject, with what it contradicts of those that it is joined with."""
    texts: dict[Subject, list[Told]] = {}
    for subject, one in told:
        texts.setdefault(subject, []).append(one)
    if not texts:
        return
    from ml_checks.project.joined import Joined

    joined = Joined(project)
    for subject, ones in texts.items():
        for text, known in joined.pairs(ones):
            if _differs(same(text) != same(known), known, text):
                yield subject, text, known


@file_rule("SCH011", CONTRACTS)
def file_named_otherwise(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A contract's file is not named after its dataset.

    People look for the contract of a dataset by its name. Rename the file to `<dataset>.odcs.yaml`.
    """
    for contract in batch.contracts:
        stem = contract.path.rpartition("/")[2].partition(".")[0]
        names = [dataset.name for dataset in contract.datasets if dataset.name]
        if names and stem not in {*names, *_id_of_several(contract, names)}:
            yield names[0].at, f"dataset {names[0]!r} is in a file named {quoted(stem)}"


def _id_of_several(contract: Contract, names: list[Text]) -> tuple[Text, ...]:
    """Return the id of a contract where it is about several datasets."""
    return contract.texts("id") if len(names) > 1 else ()


@file_rule("SCH012", DATASETS)
def name_twice(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A dataset has two fields of one name, or a file describes two datasets of one name.

    Each tool takes another one of the two, and what the other one says is lost. Remove one, or give it its own name.
    """
    for dataset in filter(_has_field_twice, batch.datasets):
        yield from ((name.at, f"field {name!r} of dataset {dataset.shown} is there already") for name in dataset.twice)
    yield from ((name.at, f"dataset {name!r} is there already") for name in _datasets_twice(batch))


def _has_field_twice(dataset: Dataset) -> bool:
    return bool(dataset.twice)


def _datasets_twice(batch: Batch) -> Iterator[Text]:
    """Yield the name of each dataset that is in its file already."""
    names: dict[str, list[Text]] = {}
    for name in batch.dataset_names:
        names.setdefault(name.path, []).append(name)
    # A file of SQL may take a table away and create it anew.
    return chain.from_iterable(repeated(found) for path, found in names.items() if batch.kinds[path] != "sql")


def _repeated(names: list[str]) -> set[str]:
    """Return what is there more than once; in nearly every repository nothing, which is told in no time."""
    if len(set(names)) == len(names):
        return set()
    return {name for name, count in Counter(names).items() if count > 1}


def _alike(names: Iterable[str]) -> set[str]:
    """Return those names that differ from another one only by their spelling."""
    names = list(names)
    folded = _folded(NEXT.join(names)).split(NEXT)  # all at once, which is five times as fast as one by one
    alike = _repeated(folded)
    return {name for name, one in zip(names, folded, strict=True) if one in alike} if alike else set()


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


def _differs(is_other: bool, one: Text, other: Text) -> bool:  # noqa: FBT001  # what the rule compares
    """Tell whether what is another text is a fault: two versions of one schema may differ."""
    return is_other and (one.path == other.path or _unversioned(one.path) != _unversioned(other.path))


def _unversioned(path: str) -> str:
    """Return a path without what tells a version of a file from another one."""
    return re.sub(_VERSION, "", path)


def _place(at: Location) -> str:
    return f"{at.path}:{at.line}"
