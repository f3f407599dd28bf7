"""Personal data in the samples that a contract brings along, as far as their first rows show it."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import islice

from ml_checks.errors import quoted
from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ml_checks.standards.contracts import ContractStandards, ValuePattern

    # A number of a line, and the values that end on it, under their names.
    Row = tuple[int, Iterable[tuple[str, str]]]
    # The name of a column, and what kind of personal data is in it.
    ColumnKind = tuple[str, str]

# Enough to see what a column holds; a sample may have millions of rows, and this runs on every commit.
MAX_BYTES = 64_000
# The one that a header has most of; a comma where it has none.
DELIMITERS = ",;\t|"
CSV = (".csv", ".tsv")
JSON_LINES = (".jsonl", ".ndjson")
JSON = (".json", *JSON_LINES)
# How a file begins that Git LFS puts in the place of a large one.
LFS = "version https://git-lfs.github.com/spec/"
_QUOTED = '"[^"]*"'


class Column(Record):
    """A column that holds personal data: what kind, where it is first seen, and in how many rows."""

    name: str
    kind: str
    line: int
    col: int
    rows: int


def exposed(path: str, text: str, levels: Mapping[str, str], standards: ContractStandards) -> Iterator[Column]:
    """Yield the columns of a sample, a text under a path, that hold what their classifications forbid."""
    if not path.lower().endswith(CSV + JSON):
        return
    # Nearly every sample holds nothing that looks personal, and the search in all of it says so at once.
    found = standards.value_patterns_in(text)
    for column in columns(path, text, found) if found else ():
        if column.name in levels and standards.is_open(levels[column.name]):
            yield column


def announced(path: str, text: str, standards: ContractStandards) -> str:
    """Say which columns of a data file look personal by their names, or why that is not known; nothing for others.

    `text` is how the file begins.
    """
    if not path.lower().endswith(CSV + JSON_LINES):
        return "; its columns were not read, for only CSV and JSON lines are"
    if text.startswith(LFS):
        return "; its columns were not read, for Git LFS keeps them elsewhere"
    if not text.strip() or "\0" in text:
        return "; its columns were not read, for it has no first line that can be"
    personal = ", ".join(f"{quoted(name)} ({kind})" for name, kind in named_personal(path, text, standards))
    return f"; by their names, these columns are personal: {personal}" if personal else ""


def named_personal(path: str, text: str, standards: ContractStandards) -> Iterator[ColumnKind]:
    """Yield the columns of a data file that look personal by their names, each with its kind; `text` is its start."""
    for name in header(path, text):
        if kind := standards.personal_in(_plain(name)):
            yield name, kind


def header(path: str, text: str) -> list[str]:
    """Return the names of the columns of a sample, as far as its first row tells."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if path.lower().endswith(JSON):
        return [name for _, row in islice(_json_rows(lines), 1) for name, _ in row]
    return _csv_names(_csv_records(lines))


def _plain(name: str) -> str:
    """Return a name as the company writes names: `E-Mail` and `eMail` are `e_mail`."""
    return re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).strip("_").lower()


def columns(path: str, text: str, patterns: Sequence[ValuePattern]) -> Iterator[Column]:
    """Yield each column of a sample that holds what one of the patterns describes, named after the first kind."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    rows = (_json_rows if path.lower().endswith(JSON) else _csv_rows)(lines)
    places, failed = _matches(rows, lines, patterns)
    found: dict[str, Column] = {}
    for (name, kind), there in places.items():
        # One of ten numbers of any kind passes the sum that all cards pass.
        if len(there) > failed[name, kind]:
            first = found.get(name, Column(name, kind, *there[0], 0))
            found[name] = Column(*first[:-1], first.rows + len(there))
    yield from found.values()


def _matches(
    rows: Iterable[Row], lines: Sequence[str], patterns: Sequence[ValuePattern]
) -> tuple[dict[ColumnKind, list[tuple[int, int]]], dict[ColumnKind, int]]:
    """Return where values match a pattern, and how many match but for its arithmetic."""
    unchecked = [pattern.unchecked for pattern in patterns if pattern.check]
    places: dict[ColumnKind, list[tuple[int, int]]] = defaultdict(list)
    failed: dict[ColumnKind, int] = defaultdict(int)
    for number, row in rows:
        for name, value in row:
            if kind := kind_of(value, patterns):
                places[name, kind].append((number, max(lines[number - 1].find(value) + 1, 1)))
            elif kind := kind_of(value, unchecked):
                failed[name, kind] += 1
    return places, failed


def _csv_rows(lines: Sequence[str]) -> Iterator[Row]:
    records = _csv_records(lines)
    names = _csv_names(records)
    return ((number, zip(names, row, strict=False)) for number, row in records)


def _csv_records(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each record, with the number of the line on which it ends."""
    import csv

    header = re.sub(_QUOTED, "", next(filter(str.strip, lines), ""))
    reader = csv.reader(lines, delimiter=max(DELIMITERS, key=header.count))
    return ((reader.line_num, row) for row in reader)


def _csv_names(records: Iterable[tuple[int, list[str]]]) -> list[str]:
    """Return the names in the first record that is not empty."""
    return [name.strip() for name in next((row for _, row in records if row), [])]


def _json_rows(lines: Sequence[str]) -> Iterator[Row]:
    """Yield the values of each line that is a document of its own."""
    import json

    for number, line in enumerate(lines, 1):
        try:
            yield number, list(_values("", json.loads(line)))
        except (ValueError, RecursionError):  # a document over several lines, or none
            continue


def _values(name: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield each value in a document of JSON under the name that is nearest."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _values(key, item)
    elif isinstance(value, list):
        for item in value:
            yield from _values(name, item)
    else:
        yield name, str(value)


def kind_of(value: str, patterns: Sequence[ValuePattern]) -> str | None:
    """Return what kind of personal data a value holds, if any."""
    for kind, pattern, check in patterns:
        for found in pattern.finditer(value):
            if check is None or CHECKS[check](found[0]):
                return kind
    return None


def luhn(number: str) -> bool:
    """Tell whether the digits of a card pass the sum that the last one completes."""
    digits = _digits_backwards(number)
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def iban(number: str) -> bool:
    """Tell whether an account number leaves 1 when it is divided by 97, as ISO 13616 has it."""
    letters = number.replace(" ", "")
    return int("".join(str(int(letter, 36)) for letter in letters[4:] + letters[:4])) % 97 == 1


def ean(number: str) -> bool:
    """Tell whether the digits pass the sum of European article numbers, every second one times three."""
    digits = _digits_backwards(number)
    return (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


def _digits_backwards(number: str) -> list[int]:
    return [int(digit) for digit in reversed(number) if digit.isdecimal()]


CHECKS: dict[str, Callable[[str], bool]] = {"luhn": luhn, "iban": iban, "ean": ean}
