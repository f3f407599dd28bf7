"""Reads a data contract (ODCS) and holds data against it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from . import places, source
from .charter import read_yaml
from .errors import Stopped
from .source import TYPES, Layout, Spelling

FOLDER = Path("contracts")
CHECKS: Mapping[str, Callable[[Any], pa.Check]] = {
    "minimum": lambda bound: pa.Check.ge(bound, error=f"must be at least {bound}"),
    "maximum": lambda bound: pa.Check.le(bound, error=f"must be at most {bound}"),
    "exclusiveMinimum": lambda bound: pa.Check.gt(bound, error=f"must be more than {bound}"),
    "exclusiveMaximum": lambda bound: pa.Check.lt(bound, error=f"must be less than {bound}"),
    "minLength": lambda size: pa.Check.str_length(min_value=size, error=f"must have {size} characters at least"),
    "maxLength": lambda size: pa.Check.str_length(max_value=size, error=f"must have {size} characters at most"),
    "pattern": lambda pattern: pa.Check.str_matches(pattern, error=f"must match {pattern}"),
}
# What says how a value is written: kept by reading it so.
WRITTEN = ("format", "timezone", "defaultTimezone")
SHOWN = 10

# The sentence for each fault, by column, row and check.
Problems = dict[tuple[str, int | None, str], str]


class Field(NamedTuple):
    """A field of a dataset."""

    name: str
    type: str
    is_key: bool
    is_required: bool
    is_unique: bool
    available_at: str | None
    role: str | None
    time_zone: str
    options: Mapping[str, Any]
    allowed: tuple[Any, ...]
    spelling: Spelling
    classification: str | None = None


class Contract(NamedTuple):
    """A dataset: where it lies, who answers for it, and what its fields are."""

    path: Path
    dataset: str
    version: str
    owner: str
    data: str
    layout: Layout
    fields: tuple[Field, ...]

    @property
    def keys(self) -> list[str]:
        """The names of the fields that identify a row together."""
        return [field.name for field in self.fields if field.is_key]

    def field(self, name: str) -> Field:
        """Return the field of this name, or stop and name those that there are."""
        for field in self.fields:
            if field.name == name:
                return field
        names = ", ".join(field.name for field in self.fields)
        message = f"project.yaml names {name!r}, which {self.path.as_posix()} does not have: it has {names}"
        raise Stopped(message)


def load(dataset: str) -> Contract:
    """Read the contract of a dataset."""
    path = FOLDER / f"{dataset}.odcs.yaml"
    return of(path, read_yaml(path))


def of(path: Path, document: Mapping[str, Any]) -> Contract:
    """Return what a document says, which lies or will lie under a path."""
    try:
        schema = document["schema"][0]
        _refuse_unknown(path, schema["name"], [rule.get("metric") for rule in schema.get("quality", ())])
        local = next(server for server in document["servers"] if server["server"] == "local")
        return Contract(
            path=path,
            dataset=schema["name"],
            version=str(document["version"]),
            owner=document["team"]["name"],
            data=local["path"],
            layout=source.layout_of(local, _custom(local)),
            fields=tuple(_field(path, entry) for entry in schema["properties"]),
        )
    except (KeyError, IndexError, TypeError, StopIteration) as error:
        message = f"{path}: the contract needs version, team.name, a server named local, and fields ({error!r})"
        raise Stopped(message) from error


def _field(path: Path, entry: Mapping[str, Any]) -> Field:
    custom, rules = _custom(entry), entry.get("quality", ())
    options = {key: value for key, value in entry.get("logicalTypeOptions", {}).items() if key not in WRITTEN}
    allowed = [rule["arguments"]["validValues"] for rule in rules if rule.get("metric") == "invalidValues"]
    others = [rule.get("metric") for rule in rules if rule.get("metric") != "invalidValues"]
    _refuse_unknown(path, entry["name"], [entry["logicalType"], *options, *others])
    return Field(
        name=entry["name"],
        type=entry["logicalType"],
        is_key=entry.get("primaryKey", False),
        is_required=entry.get("required", False),
        is_unique=entry.get("unique", False),
        available_at=custom.get("availableAt"),
        role=custom.get("role"),
        time_zone=str(custom.get("localTimezone", "UTC")),
        options=options,
        allowed=tuple(value for values in allowed for value in values),
        spelling=_spelling(path, entry, custom),
        classification=None if entry.get("classification") is None else str(entry["classification"]),
    )


def _custom(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {item["property"]: item["value"] for item in entry.get("customProperties", ())}


def _spelling(path: Path, entry: Mapping[str, Any], custom: Mapping[str, Any]) -> Spelling:
    try:
        return source.spelling_of(entry, custom)
    except ValueError as error:
        pattern = entry["logicalTypeOptions"]["format"]
        why = f"{str(error)!r} is not known, write dd.MM.yyyy HH:mm:ss"
        message = f"{path}: {entry['name']} has the format {pattern!r}: {why}"
        raise Stopped(message) from error


def _refuse_unknown(path: Path, name: str, promises: Sequence[str]) -> None:
    """Stop at a promise that nothing checks: it is worse than none."""
    for promise in promises:
        if promise not in TYPES and promise not in CHECKS:
            message = f"{path}: {name} uses {promise!r}, which nothing here checks: remove it from the contract"
            raise Stopped(message)


def schema(contract: Contract) -> pa.DataFrameSchema:
    """Build the pandera schema that says what the contract says."""
    return pa.DataFrameSchema(
        {field.name: _column(field, is_sole_key=contract.keys == [field.name]) for field in contract.fields},
        strict=True,
        unique=contract.keys if len(contract.keys) > 1 else None,
        name=contract.dataset,
    )


def _column(field: Field, *, is_sole_key: bool) -> pa.Column:
    checks = [CHECKS[option](value) for option, value in field.options.items()]
    if field.allowed:
        checks.append(pa.Check.isin(field.allowed, error=f"must be one of {', '.join(map(str, field.allowed))}"))
    is_unique = field.is_unique or is_sole_key
    return pa.Column(TYPES[field.type], checks=checks, nullable=not field.is_required, unique=is_unique)


def read(contract: Contract) -> pl.DataFrame:
    """Read the data of a contract, or stop and name each place that breaks it."""
    return _checked(contract, source.read(Path(contract.data), contract.layout, contract.fields))


class New(NamedTuple):
    """Some rows of another file. What is known later may be absent there, and is empty in the rows."""

    rows: pl.DataFrame
    absent: frozenset[str]
    share: float
    """How much of the file was read: 1 at its end."""


def read_new(contract: Contract, path: Path) -> Iterator[New]:
    """Yield the rows of another file in parts; stop at a part that breaks the contract, or if the whole does.

    Of each row is kept in memory what must be unique.
    """
    contract = contract._replace(data=path.as_posix())
    unique: list[pl.DataFrame] = []
    first = 0
    for text, share in source.batches(path, contract.layout, contract.fields):
        there, absent = _divided(contract, text)
        rows = _checked(contract._replace(fields=there), text, first, is_whole=share == 1)
        first += len(rows)
        unique.append(rows.select(field.name for field in there if field.is_unique or field.is_key))
        empty = (pl.lit(None, TYPES[field.type]).alias(field.name) for field in absent)
        yield New(rows.with_columns(*empty), frozenset(field.name for field in absent), share)
    if len(unique) > 1 and unique[0].columns:
        _refuse_twice(contract, pl.concat(unique))


def _divided(contract: Contract, text: pl.DataFrame) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """Return the fields that rows must have or do have, and those that are absent."""
    is_there = {field.name: field.is_key or field.name in text.columns for field in contract.fields}
    there = tuple(field for field in contract.fields if is_there[field.name])
    return there, tuple(field for field in contract.fields if not is_there[field.name])


def _refuse_twice(contract: Contract, rows: pl.DataFrame) -> None:
    """Stop where what must be unique in a file is not, though it is in each part."""
    fields = tuple(field._replace(options={}, allowed=()) for field in contract.fields if field.name in rows.columns)
    _stop_at(contract, contract.data, list(_broken(contract._replace(fields=fields), rows).values()))


def _checked(contract: Contract, text: pl.DataFrame, first: int = 0, *, is_whole: bool = True) -> pl.DataFrame:
    path = Path(contract.data)
    typed = source.typed(text, contract.layout, contract.fields)
    if text.is_empty() and first == 0:
        _stop_at(contract, path.as_posix(), ["has no rows"])
    # What cannot be read is empty in `typed`: its sentence takes the place of "is empty".
    problems = _broken(contract, typed, first) | _unreadable(contract, text, typed, first)
    # The parts below are not read any more.
    last = None if is_whole else first + len(text) - 1
    _stop_at(contract, path.as_posix(), list(problems.values()), last)
    return typed


def check(contract: Contract, rows: pl.DataFrame, first: int = 0) -> pl.DataFrame:
    """Return the rows, or stop and name each place where they break their contract; `first` rows come before them."""
    _stop_at(contract, contract.dataset, list(_broken(contract, rows, first).values()))
    return rows


def _stop_at(contract: Contract, source: str, problems: Sequence[str], last: int | None = None) -> None:
    """Stop where there are problems; `last` is the row up to which was looked, where more are below it."""
    if problems:
        # Where a row stands is asked here only: to know it, the file is read once more.
        until = "" if last is None else f" up to {_place(contract, last)}"
        shown = [f"{source} {problem}" for problem in problems[:SHOWN]]
        rest = [f"and {len(problems) - SHOWN} more{until}"] if len(problems) > SHOWN else []
        advice = f"correct the data, or agree on a new version of {contract.path.as_posix()} with {contract.owner}"
        raise Stopped("\n".join([f"{contract.dataset} breaks its contract: {advice}", *shown, *rest]))


def _unreadable(contract: Contract, text: pl.DataFrame, typed: pl.DataFrame, first: int) -> Problems:
    problems = {}
    for field in contract.fields:
        if field.name in text.columns:
            lost = ~source.is_empty(text, contract.layout, field) & typed[field.name].is_null()
            for row in lost.arg_true():
                sentence = f"{field.name} is {text[field.name][row]!r}, which cannot be read as {source.example(field)}"
                problems[field.name, row, "not_nullable"] = f"{_place(contract, first + row)}: {sentence}"
    return problems


def _broken(contract: Contract, typed: pl.DataFrame, first: int = 0) -> Problems:
    try:
        schema(contract).validate(typed, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases.iter_rows(named=True)
        return {
            (case["column"] or case["failure_case"], case["index"], case["check"]): _sentence(contract, case, first)
            for case in cases
        }
    return {}


def _column_of(contract: Contract, name: str) -> str:
    """Return the name of a field in the file."""
    return next((field.spelling.column for field in contract.fields if field.name == name), name)


def _place(contract: Contract, row: int) -> str:
    return places.place(Path(contract.data), contract.layout, row)


def _sentence(contract: Contract, case: Mapping[str, Any], first: int) -> str:
    line, value = _place(contract, first + (case["index"] or 0)), case["failure_case"]
    column = case["column"]
    sentences = {
        "column_in_schema": f"has a column {value!r} that the contract does not know",
        "column_in_dataframe": f"lacks the column {_column_of(contract, value)!r}",
        "multiple_fields_uniqueness": f"{line}: {', '.join(contract.keys)} must identify one row, but are there twice",
        "not_nullable": f"{line}: {column} is empty, but the contract requires a value",
        "field_uniqueness": f"{line}: {column} is {value!r}, which another row has too",
    }
    return sentences.get(case["check"], f"{line}: {column} is {value!r}, but {case['check']}")
