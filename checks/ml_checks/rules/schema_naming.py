"""SCH: names and types that a whole company shares."""

from __future__ import annotations

from collections import Counter

from ml_checks.errors import quoted
from ml_checks.project.snapshot import CONTRACTS, DATASETS
from ml_checks.reading.document import NEXT
from ml_checks.rules.registry import file_rule, rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ml_checks.project.batch import Batch
    from ml_checks.project.project import Project
    from ml_checks.standards.values import Standards
    from ml_checks.values import Dataset, Location, Text


@file_rule("SCH001", DATASETS)
def dataset_name_off_pattern(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A dataset's name does not follow the naming pattern.

    Every query, path and job repeats the name, and an odd one needs quotes or a second look. Rename the dataset, and
    its file with it, before anyone reads it.
    """
    for dataset in batch.datasets:
        if dataset.name and (why := _off_pattern(dataset.name, batch.standards)):
            yield dataset.name.at, f"dataset {dataset.name!r} {why}"


@file_rule("SCH002", DATASETS)
def field_name_off_pattern(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A field's name does not follow the naming pattern.

    If one name is written in several ways, a join uses the wrong one sooner or later. Rename the field where the data
    enters, and keep the old name in `physicalName` if the source still uses it.
    """
    for field in batch.fields:
        if field.name and (why := _off_pattern(field.name, batch.standards)):
            yield field.name.at, f"field {field.name!r} {why}"


def _off_pattern(name: Text, standards: Standards) -> str | None:
    if len(name) > standards.max_name_length:
        return f"has {len(name)} characters, {standards.max_name_length} are allowed"
    if not standards.name_pattern.fullmatch(name):
        return f"is not written like {standards.name_example!r}"
    return None


@file_rule("SCH003", DATASETS)
def name_reserved(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A dataset or a field has a name that SQL reserves.

    Every query on it fails until somebody puts the name in quotes. Make the name longer, so that it says more:
    `customer_user`, `sort_order`.
    """
    for name in _names(batch.datasets):
        if name.lower() in batch.standards.reserved:
            yield name.at, f"name {name!r} is reserved in SQL"


@file_rule("SCH004", DATASETS)
def synonym_used(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A name uses an abbreviation or a synonym of a word that the company has settled on.

    Two words for one thing become two columns that nobody joins. Use the word of the glossary (`glossary` in the
    standards), or propose a better one there.
    """
    terms, last_terms = batch.standards.terms, batch.standards.last_terms
    for name in _names(batch.datasets):
        *words, last = name.lower().split("_")
        # A word alone stands for no affix: nobody would call a field `at`.
        known_last = last_terms if words else terms
        for word, term in (*((word, terms.get(word)) for word in words), (last, known_last.get(last))):
            if term:
                yield name.at, f"name {name!r} says {quoted(word)}, the company's word is {term!r}"


@file_rule("SCH005", DATASETS)
def affix_contradicts_type(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A field's name promises another type than the field has.

    People see `_at` and calculate with time, and their code fails late and far away. Change the type, or the name.
    """
    standards = batch.standards
    for field in batch.fields:
        if field.name and field.type in standards.types:
            for affix in standards.affixes_on(field.name):
                if field.type not in affix.types:
                    promised = " or ".join(affix.types)
                    yield (
                        field.type.at,
                        f"field {field.name!r} has type {field.type!r}, {affix} promises {promised}",
                    )


@file_rule("SCH006", DATASETS)
def affix_missing(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A field's name does not show the type that names of this type always show.

    People have to look up each time that this is a timestamp or a boolean. Add the affix, such as `_at` or `is_`.
    """
    standards = batch.standards
    for field in batch.fields:
        affix = standards.required_affixes.get(field.type or "")
        if not affix or not field.name:
            continue
        carried = standards.affixes_on(field.name)
        _, joint, last = field.name.lower().rpartition("_")
        if joint and standards.last_terms.get(last) in affix.prefixes + affix.suffixes:
            continue  # the word that stands for the affix is for SCH004, which asks for the same
        # A name that promises another type is for SCH005: changing the type may be the right answer.
        if affix not in carried and all(field.type in other.types for other in carried):
            yield field.name.at, f"field {field.name!r} has type {field.type!r}, its name needs {affix}"


@file_rule("SCH007", DATASETS)
def unit_missing(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A field holds a quantity, and its name does not end in the unit.

    No error is raised when somebody takes minutes for hours. End the name in the unit (`quantities.units` in the
    standards).
    """
    standards = batch.standards
    for field in batch.fields:
        if not field.name or field.type not in {"number", "integer"}:
            continue
        words = field.name.split("_")
        if words[-1] not in standards.units and (word := next(filter(standards.quantities.__contains__, words), None)):
            yield field.name.at, f"field {field.name!r} is a quantity ({word}) without its unit"


@file_rule("SCH008", CONTRACTS)
def type_unknown(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A field under contract has a type outside the company's vocabulary, or none.

    If only one database knows a type, other tools can neither check nor read it. Use a logical type, and keep the
    type of the database in `physicalType`.
    """
    known = ", ".join(batch.standards.types)
    for field in (field for dataset in batch.contracted for field in dataset.fields):
        if field.type is None:
            yield field.at, f"field {field.name or '?'!r} has no logicalType; known are {known}"
        elif field.type not in batch.standards.types:
            yield field.type.at, f"type {field.type!r} is not known; known are {known}"


@rule("SCH009")
def type_differs(project: Project) -> Iterator[tuple[Location, str]]:
    """A field has one type here and another one elsewhere.

    A join of a string with a number finds nothing, or everything. Agree on one type, and convert where the data
    enters. If a name means nothing outside of its dataset, add it to `names.local` in the standards.
    """
    typed = _repeated([name for name, kind in project.vocabulary if kind])
    disputed = typed - project.standards.local_names
    first: dict[str, Text] = {}
    for field in (field for dataset in project.datasets_with(disputed) for field in dataset.fields):
        if field.name in disputed and field.type and (known := first.setdefault(field.name, field.type)) != field.type:
            yield (
                field.type.at,
                f"field {field.name!r} is {field.type!r} here and {known!r} in {_place(known.at)}",
            )


@rule("SCH010")
def spelling_differs(project: Project) -> Iterator[tuple[Location, str]]:
    """Two names of datasets, or two of fields, differ only by case or by underscores.

    People confuse the two, and some databases cannot tell them apart. Keep one spelling.
    """
    datasets = _alike({name for name, kind in project.vocabulary if kind is None})
    fields = _alike({name for name, kind in project.vocabulary if kind is not None})
    first: dict[tuple[str, str], Text] = {}
    for dataset in project.datasets_with(datasets | fields):
        for what, name in (("dataset", dataset.name), *(("field", field.name) for field in dataset.fields)):
            if name and (known := first.setdefault((what, _folded(name)), name)) != name:
                yield name.at, f"name {name!r} is spelt {known!r} in {_place(known.at)}"


@file_rule("SCH011", CONTRACTS)
def file_named_otherwise(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A contract's file is not named after its dataset.

    People look for the contract of a dataset by its name. Rename the file to `<dataset>.odcs.yaml`.
    """
    for contract in batch.contracts:
        stem = contract.path.rpartition("/")[2].partition(".")[0]
        names = [dataset.name for dataset in contract.datasets if dataset.name]
        if names and stem not in names:
            yield names[0].at, f"dataset {names[0]!r} is in a file named {quoted(stem)}"


def _names(datasets: Iterable[Dataset]) -> Iterator[Text]:
    """Yield the names of datasets and of their fields."""
    for dataset in datasets:
        if dataset.name:
            yield dataset.name
        yield from (field.name for field in dataset.fields if field.name)


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


def _place(at: Location) -> str:
    return f"{at.path}:{at.line}"
