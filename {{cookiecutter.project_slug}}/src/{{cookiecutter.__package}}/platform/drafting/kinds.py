"""Finds out of what type a column is, and how its values are written, by trying its distinct values."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from ..source import TYPES, strptime_pattern

NULLS = (
    *("NA", "N.A.", "N/A", "n/a", "na", "n.a.", "#N/A", "NaN", "nan", "null", "NULL", "Null", "(null)", "\\N"),
    *("None", "none", "nil", "NIL", "Nil", "-", "--", "?", ".", "missing"),
)
TRUTHS = (
    *(("true", "false"), ("t", "f"), ("yes", "no"), ("y", "n"), ("on", "off")),
    *(("ja", "nein"), ("oui", "non"), ("si", "no"), ("sí", "no"), ("sim", "não"), ("wahr", "falsch"), ("vrai", "faux")),
)
DAYS = (
    *("yyyy-MM-dd", "yyyy/MM/dd", "yyyy.MM.dd", "yyyyMMdd", "dd.MM.yyyy", "dd/MM/yyyy", "MM/dd/yyyy", "dd-MM-yyyy"),
    *(
        "MM-dd-yyyy",
        "dd-MMM-yyyy",
        "dd MMM yyyy",
        "MMM dd, yyyy",
        "MMMM dd, yyyy",
        "dd MMMM yyyy",
        "MMM dd yyyy",
        "MMMM dd yyyy",
    ),
    *("dd.MM.yy", "dd/MM/yy", "MM/dd/yy", "dd-MMM-yy"),
)
CLOCKS = ("HH:mm:ss", "HH:mm:ss.S", "HH:mm", "hh:mm a", "hh:mm:ss a")
BETWEEN = (" ", "'T'", ", ")
DAY_FIRST, MONTH_FIRST = "day-first", "month-first"
POINT, COMMA = "point", "comma"
# Signs of thousands and of decimals. Those without signs of thousands come first: they promise less.
CONVENTIONS = (
    *(("", "."), ("", ","), (",", "."), (".", ","), ("'", "."), ("\u2019", "."), (" ", "."), (" ", ",")),
    *(("\u00a0", ","), ("\u202f", ","), ("\u00a0", "."), ("\u202f", ".")),
)
MINUS, BRACKETS = "\u2212", "()"
# What stands before or after a number, and the unit that it names.
MONEY = {
    "$": "usd",
    "US$": "usd",
    "USD": "usd",
    "€": "eur",
    "EUR": "eur",
    "£": "gbp",
    "GBP": "gbp",
    "CHF": "chf",
    "¥": "jpy",
}
AFTER = {
    **MONEY,
    **{
        "%": "percent",
        "kg": "kg",
        "g": "grams",
        "t": "tonnes",
        "lb": "pounds",
        "lbs": "pounds",
        "mm": "mm",
        "cm": "cm",
    },
    **{
        "m": "meters",
        "km": "km",
        "mi": "miles",
        "miles": "miles",
        "ft": "feet",
        "in": "inches",
        "m²": "sqm",
        "m2": "sqm",
    },
    **{"km/h": "kmh", "mph": "mph", "°C": "celsius", "°F": "fahrenheit", "s": "seconds", "sec": "seconds", "ms": "ms"},
    **{
        "min": "minutes",
        "h": "hours",
        "hours": "hours",
        "days": "days",
        "years": "years",
        "kWh": "kwh",
        "kW": "kw",
        "W": "watts",
    },
}
AROUND = re.compile(
    r"^(?P<sign>[+\-\u2212]?)(?P<before>[^\d.,'()+\-\u2212]*?)\s*(?P<number>[\d.,'+\-\u2212(].*?)\s*(?P<after>[^\d.,']*)$"
)
LONGEST_INTEGER = 18
SHOWN = 3


class Kind(NamedTuple):
    """The type of a column and how its values are written; `unit` where they name it."""

    type: str
    null_values: tuple[str, ...] = ()
    words_like_nulls: tuple[str, ...] = ()
    """What stands for no value elsewhere, and is kept as a word in this column of texts."""
    true_value: str | None = None
    false_value: str | None = None
    prefix: str = ""
    suffix: str = ""
    minus: str = "-"
    thousands: str = ""
    decimal: str = "."
    pattern: str | None = None
    is_local: bool = False
    """Times without a zone."""
    is_padded: bool = False
    """Texts with blanks around them."""
    unit: str | None = None


class Answers(NamedTuple):
    """What only a person can know: is 01/02/2024 the day or the month first, and is 1,234 more than a thousand?"""

    dates: str | None = None
    decimal: str | None = None


class Question(NamedTuple):
    """What has to be asked about some columns: the name of the option, its values, and an example."""

    option: str
    choices: tuple[str, ...]
    text: str


Ask = Callable[[Question], str]


def of_texts(table: pl.DataFrame, target: str, ask: Ask) -> dict[str, Kind]:
    """Return the kind of each column of texts, which were read as they stand in the file.

    `ask` is called once for each question that the values leave open. In the target, what stands for no value never
    counts as a word: a class of its own would be learned.
    """
    columns = {name: _present(table[name]) for name in table.columns}
    padded = {name for name in table.columns if table[name].str.contains(r"^\s|\s$").any()}
    numbers = {name: found for name, (values, _) in columns.items() if (found := _numbers(values))}
    convention = _convention(numbers, ask)
    dates: list[str] = []
    return {
        name: numbers[name].kind(convention, nulls)
        if name in numbers
        else _words(
            name, values, nulls, lambda question: _once(dates, ask, question), is_target=name == target
        )._replace(is_padded=name in padded)
        for name, (values, nulls) in columns.items()
    }


def _once(answers: list[str], ask: Ask, question: Question) -> str:
    if not answers:
        answers.append(ask(question))
    return answers[0]


def _present(column: pl.Series) -> tuple[pl.Series, tuple[str, ...]]:
    """Return the distinct values without blanks around them, and apart what stands for no value."""
    distinct = column.drop_nulls().str.strip_chars().unique().sort()
    distinct = distinct.filter(distinct != "")
    is_null = distinct.is_in(list(NULLS))
    return distinct.filter(~is_null), tuple(distinct.filter(is_null).to_list())


class _Numbers(NamedTuple):
    """Distinct values that are numbers, without what stands around them, and the conventions that they fit."""

    name: str
    values: pl.Series
    fits: tuple[tuple[str, str], ...]
    prefix: str
    suffix: str
    minus: str

    def kind(self, convention: tuple[str, str] | None, nulls: tuple[str, ...]) -> Kind:
        """Return the kind of the column, in the convention of the file if it fits."""
        thousands, decimal = convention if convention in self.fits else self.fits[0]
        read = _read(self.values, thousands, decimal)
        is_whole = not self.values.str.contains(re.escape(decimal) if decimal == "." else decimal).any()
        is_whole = is_whole and not self.values.str.contains("[eE]").any() and self.suffix != "%"
        return Kind(
            "integer" if is_whole and read.is_not_null().all() else "number",
            null_values=nulls,
            prefix=self.prefix,
            suffix=self.suffix,
            minus=self.minus,
            thousands=thousands,
            decimal=decimal,
            unit=AFTER.get(self.suffix) or MONEY.get(self.prefix),
        )


def _numbers(values: pl.Series) -> _Numbers | None:
    """Return the column as numbers, or None where they are none: codes with leading zeros, phones, days in 8 digits."""
    if values.is_empty():
        return None
    around = [AROUND.fullmatch(value) for value in values]
    if not all(around):
        return None
    matches = [match for match in around if match]
    befores, afters = ({match[side].strip() for match in matches} for side in ("before", "after"))
    bare = pl.Series(
        values.name, [match["sign"] + match["number"] + (")" if match["after"] == ")" else "") for match in matches]
    )
    is_bracketed = bool(bare.str.contains(r"^\(.*\)$").any())
    afters = afters - {")"} if is_bracketed else afters
    befores, afters = befores - {""}, afters - {""}
    if len(befores) > 1 or len(afters) > 1 or not befores <= set(MONEY) or not afters <= set(AFTER):
        return None
    minus = BRACKETS if is_bracketed else MINUS if bare.str.contains(MINUS).any() else "-"
    plain = _signed(bare, minus)
    if _is_code(plain):
        return None
    fits = tuple(convention for convention in CONVENTIONS if _fits(plain, *convention))
    if not fits:
        return None
    before, after = (next(iter(side), "") for side in (befores, afters))
    return _Numbers(values.name, plain, fits, before, after, minus)


def _signed(values: pl.Series, minus: str) -> pl.Series:
    if minus == BRACKETS:
        return values.str.replace(r"^\((.*)\)$", "-$1")
    return values.str.replace(minus, "-", literal=True)


def _is_code(values: pl.Series) -> bool:
    """Tell whether digits are no number to calculate with."""
    if values.str.contains(r"^[+-]?0\d").any() or values.str.contains(r"^\+\d{7,}$").all():
        return True
    digits = values.filter(values.str.contains(r"^[+-]?\d+$"))
    if not digits.is_empty() and int(digits.str.len_chars().max() or 0) > LONGEST_INTEGER:  # type: ignore[arg-type]
        return True
    return bool(values.str.contains(r"^(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])$").all())


def _fits(values: pl.Series, thousands: str, decimal: str) -> bool:
    point, group = re.escape(decimal), f"(?:[{thousands}]" + r"\d{3})+"
    digits = r"\d+" if not thousands else r"(?:\d{1,3}" + group + r"|\d+)"
    return bool(values.str.contains(rf"^[+-]?\s?(?:{digits}(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?$").all())


def _read(values: pl.Series, thousands: str, decimal: str) -> pl.Series:
    plain = values.str.replace_all(thousands, "", literal=True) if thousands else values
    return plain.str.replace(decimal, ".", literal=True).str.replace_all(" ", "").cast(pl.Float64, strict=False)


def _convention(numbers: Mapping[str, _Numbers], ask: Ask) -> tuple[str, str] | None:
    """Return the convention that all columns of numbers fit; ask where two of them fit and read other numbers."""
    shared = [one for one in CONVENTIONS if all(one in found.fits for found in numbers.values())]
    for found in numbers.values():
        possible = shared or found.fits
        first = _read(found.values, *possible[0])
        if any(not first.equals(_read(found.values, *other)) for other in possible[1:]):
            answer = ask(_about_decimals(found))
            sign = "." if answer == POINT else ","
            return next(one for one in possible if one[1] == sign)
    return shared[0] if shared else None


def _about_decimals(found: _Numbers) -> Question:
    shown = ", ".join(map(repr, found.values.head(SHOWN).to_list()))
    text = f"{found.name} has {shown}: is the sign of decimals a point, or a comma?"
    return Question("decimal", (POINT, COMMA), text)


def _words(name: str, values: pl.Series, nulls: tuple[str, ...], ask: Ask, *, is_target: bool) -> Kind:
    """Return the kind of a column that holds no numbers."""
    if truth := _truth(values):
        return Kind("boolean", nulls, true_value=truth[0], false_value=truth[1])
    if moment := _moment(name, values, ask):
        return moment._replace(null_values=nulls)
    return Kind("string", nulls) if is_target or values.is_empty() else Kind("string", words_like_nulls=nulls)


def _truth(values: pl.Series) -> tuple[str, str] | None:
    low = set(values.str.to_lowercase().head(5).to_list())
    return next((pair for pair in TRUTHS if low == set(pair)), None)


def _moment(name: str, values: pl.Series, ask: Ask) -> Kind | None:
    """Return the kind of a column of days or times, or None."""
    if values.is_empty() or not values.str.contains(r"\d").all():
        return None
    if values.str.contains(r"\d[T ]\d.*(Z|[+-]\d\d:?\d\d)$").all() and _parses(values, "%+"):
        return Kind("timestamp")
    days = [pattern for pattern in DAYS if _parses_day(values, pattern)]
    if days:
        return Kind("date", pattern=_settled(name, values, days, ask))
    times = [f"{day}{between}{clock}" for day in DAYS for between in BETWEEN for clock in CLOCKS]
    found = [pattern for pattern in times if _parses(values, strptime_pattern(pattern))]
    return Kind("timestamp", pattern=_settled(name, values, found, ask), is_local=True) if found else None


def _parses_day(values: pl.Series, pattern: str) -> bool:
    return _all_read(values, lambda some: some.str.to_date(strptime_pattern(pattern), strict=False), pattern)


def _parses(values: pl.Series, pattern: str) -> bool:
    zone = "UTC" if pattern == "%+" else None
    return _all_read(values, lambda some: some.str.to_datetime(pattern, strict=False, time_zone=zone), pattern)


def _all_read(values: pl.Series, read: Callable[[pl.Series], pl.Series], pattern: str) -> bool:
    """Tell whether all values are read: a few first, which settles most patterns."""
    for some in (values.head(50), values):
        found = read(some)
        if found.null_count() or (not _is_short(pattern) and (found.dt.year() < 1000).any()):
            return False
    return True


def _is_short(pattern: str) -> bool:
    return "yy" in pattern and "yyyy" not in pattern


def _settled(name: str, values: pl.Series, patterns: Sequence[str], ask: Ask) -> str:
    """Return the pattern of the values; ask where two patterns read other days."""
    read = {
        pattern: values.str.to_datetime(strptime_pattern(pattern), strict=False).to_list()
        if "H" in pattern or "h" in pattern
        else values.str.to_date(strptime_pattern(pattern), strict=False).to_list()
        for pattern in patterns
    }
    distinct = [
        pattern
        for number, pattern in enumerate(patterns)
        if all(read[pattern] != read[earlier] for earlier in patterns[:number])
    ]
    if len(distinct) == 1:
        return distinct[0]
    shown = ", ".join(map(repr, values.head(SHOWN).to_list()))
    answer = ask(
        Question("dates", (DAY_FIRST, MONTH_FIRST), f"{name} has {shown}: does the day or the month come first?")
    )
    first = "d" if answer == DAY_FIRST else "M"
    return next((pattern for pattern in distinct if pattern.startswith(first)), distinct[0])


def of_types(table: pl.DataFrame) -> Iterator[tuple[str, Kind | None]]:
    """Yield each column of a Parquet file, which has types of its own; None for a type that no field can have."""
    for name, dtype in table.schema.items():
        if dtype.is_integer():
            yield name, Kind("integer")
        elif dtype.is_numeric():
            yield name, Kind("number")
        elif isinstance(dtype, pl.Datetime):
            yield name, Kind("timestamp", is_local=dtype.time_zone is None)
        elif isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
            yield name, Kind("string")
        else:
            yield name, next((Kind(kind) for kind, known in TYPES.items() if known == dtype), None)


def ambiguous(answers: Answers, ask: Ask) -> Ask:
    """Answer a question by an option that was given, or ask."""

    def answer(question: Question) -> str:
        return getattr(answers, question.option) or ask(question)

    return answer


def remarks(kinds: Iterable[tuple[str, Kind]], *, is_zone_known: bool) -> Iterator[str]:
    """Say what whoever gave the file should know of its columns."""
    for name, kind in kinds:
        if kind.words_like_nulls:
            words = ", ".join(map(repr, kind.words_like_nulls))
            yield f"{name} holds {words}, kept as words: if they stand for no value, add `nullValues` to its contract"
        if kind.is_local and not is_zone_known:
            yield f"{name} holds times without a zone, read as UTC: write theirs in its contract (`defaultTimezone`)"
