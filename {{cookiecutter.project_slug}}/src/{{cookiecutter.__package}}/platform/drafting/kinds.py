"""Finds out of what type a column is, and how its values are written, by trying its distinct values."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from ..source import AFTER_SIGN, BRACKETED, TYPES, strptime_pattern

NULLS = (
    *("NA", "N.A.", "N/A", "n/a", "na", "n.a.", "#N/A", "#NA", "<NA>", "k.A.", "NaN", "nan", "-nan", "NAN", "NaT"),
    *("null", "NULL", "Null", "(null)", "\\N", "None", "none", "NONE", "nil", "NIL", "Nil", "missing"),
    *("-", "--", "?", ".", "#DIV/0!", "#VALUE!", "#REF!"),
)
TRUTHS = (
    *(("true", "false"), ("t", "f"), ("yes", "no"), ("y", "n"), ("on", "off")),
    *(("ja", "nein"), ("oui", "non"), ("si", "no"), ("sí", "no"), ("sim", "não"), ("wahr", "falsch"), ("vrai", "faux")),
)
DAYS = (
    *("yyyy-MM-dd", "yyyy/MM/dd", "yyyy.MM.dd", "yyyyMMdd", "dd.MM.yyyy", "dd/MM/yyyy", "MM/dd/yyyy", "dd-MM-yyyy"),
    *("MM-dd-yyyy", "dd-MMM-yyyy", "dd MMM yyyy", "MMM dd, yyyy", "MMMM dd, yyyy", "dd MMMM yyyy", "MMM dd yyyy"),
    *("MMMM dd yyyy", "dd.MM.yy", "dd/MM/yy", "MM/dd/yy", "dd-MMM-yy"),
)
CLOCKS = ("HH:mm:ss", "HH:mm:ss.S", "HH:mm", "hh:mm a", "hh:mm:ss a")
TIMES = tuple(f"{day}{between}{clock}" for day in DAYS for between in (" ", "'T'", ", ") for clock in CLOCKS)
ZONED = r"\d[T ]\d.*(Z|[+-]\d\d:?\d\d)$"
DAY_FIRST, MONTH_FIRST = "day-first", "month-first"
POINT, COMMA = "point", "comma"
# Signs of thousands and of decimals. Those without signs of thousands come first: they promise less.
CONVENTIONS = (
    *(("", "."), ("", ","), (",", "."), (".", ","), ("'", "."), ("\u2019", "."), (" ", "."), (" ", ",")),
    *(("\u00a0", ","), ("\u202f", ","), ("\u00a0", "."), ("\u202f", ".")),
)
SIGNS = ".,'\u2019 \u00a0\u202f"
MINUS, BRACKETS = "\u2212", "()"
# How each is found, and what takes its place.
MINUSES = {BRACKETS: (BRACKETED, "-$1$2$3"), MINUS: (MINUS, "-")}
# What stands before or after a number, and the unit that it names.
MONEY = {
    **{"$": "usd", "US$": "usd", "€": "eur", "£": "gbp", "¥": "jpy"},
    **{code: code.lower() for code in ("USD", "EUR", "GBP", "CHF", "JPY")},
}
AFTER = {
    **MONEY,
    **{unit: unit for unit in ("kg", "mm", "cm", "km", "miles", "mph", "ms", "hours", "days", "years")},
    **{"g": "grams", "t": "tonnes", "lb": "pounds", "lbs": "pounds", "m": "meters", "mi": "miles", "ft": "feet"},
    **{"in": "inches", "m²": "sqm", "m2": "sqm", "km/h": "kmh", "°C": "celsius", "°F": "fahrenheit", "s": "seconds"},
    **{"sec": "seconds", "min": "minutes", "h": "hours", "kWh": "kwh", "kW": "kw", "W": "watts", "%": "percent"},
}
PLAIN = r"^[+-]?[\d.,']+([eE][+-]?\d+)?$"
AROUND = r"^(?P<sign>[+-]?\s*)(?P<before>[^\d.,'()+-]*?)\s*(?P<number>[\d.,'+-].*?)\s*(?P<after>[^\d.,']*)$"
LONGEST_INTEGER = 18
# So many values settle most questions; only what they leave open is asked of all.
SAMPLE = 100
# Spellings of true and false that a column may mix, as in Yes, yes and NO.
MAX_TRUTHS = 12
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

    @property
    def is_number(self) -> bool:
        """Whether one can calculate with it."""
        return self.type in ("integer", "number")


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
    columns = [_distinct(column) for column in table]
    numbers = {column.name: found for column in columns if (found := _numbers(column.values))}
    convention = _convention(numbers.values(), ask)
    ask_once = _once(ask)
    return {
        column.name: numbers[column.name].kind(convention, column.nulls)
        if column.name in numbers
        else _words(column, ask_once, is_target=column.name == target)
        for column in columns
    }


def _once(ask: Ask) -> Ask:
    """Give the first answer to each later question."""
    answers: list[str] = []

    def answer(question: Question) -> str:
        if not answers:
            answers.append(ask(question))
        return answers[0]

    return answer


class _Distinct(NamedTuple):
    """The distinct values of a column without blanks around them, and apart what stands for no value."""

    values: pl.Series
    nulls: tuple[str, ...]
    is_padded: bool

    @property
    def name(self) -> str:
        return self.values.name


def _distinct(column: pl.Series) -> _Distinct:
    stripped = column.str.strip_chars()
    distinct = stripped.drop_nulls().unique(maintain_order=True)
    distinct = distinct.filter(distinct != "")
    is_null = distinct.is_in(list(NULLS))
    is_padded = bool((stripped != column).any())
    return _Distinct(distinct.filter(~is_null), tuple(distinct.filter(is_null).sort()), is_padded)


class _Numbers(NamedTuple):
    """Distinct values that are numbers, without what stands around them, and the conventions that they fit."""

    values: pl.Series
    signs: frozenset[str]
    """Which of the signs of all conventions they hold."""
    fits: tuple[tuple[str, str], ...]
    prefix: str
    suffix: str
    minus: str

    def kind(self, convention: tuple[str, str] | None, nulls: tuple[str, ...]) -> Kind:
        """Return the kind of the column, in the convention of the file if it fits."""
        thousands, decimal = self._nearest(convention)
        return Kind(
            "integer" if self._is_whole(thousands, decimal) else "number",
            null_values=nulls,
            prefix=self.prefix,
            suffix=self.suffix,
            minus=self.minus,
            thousands=thousands,
            decimal=decimal,
            unit=AFTER.get(self.suffix) or MONEY.get(self.prefix),
        )

    def _nearest(self, convention: tuple[str, str] | None) -> tuple[str, str]:
        """Return a convention that fits: this one, one with the same sign of decimals, or the plainest."""
        if convention in self.fits:
            return convention
        alike = (one for one in self.fits if convention and one[1] == convention[1])
        return next(alike, self.fits[0])

    def _is_whole(self, thousands: str, decimal: str) -> bool:
        if decimal in self.signs or self.suffix == "%" or self.values.str.contains("[eE]").any():
            return False
        return bool((self.read(thousands, decimal).abs() < 10**LONGEST_INTEGER).all())

    def read(self, thousands: str, decimal: str) -> pl.Series:
        """Return the numbers in a convention."""
        values = self.values
        for sign, instead in ((thousands, ""), (decimal, "."), (" ", "")):
            values = values.str.replace_all(sign, instead, literal=True) if sign in self.signs - {instead} else values
        return values.cast(pl.Float64, strict=False)

    def is_ambiguous(self, conventions: Sequence[tuple[str, str]]) -> bool:
        """Tell whether two conventions read other numbers."""
        used = list(dict.fromkeys(_used(one, self.signs) for one in conventions))
        first = self.read(*used[0])
        return any(not first.equals(self.read(*other)) for other in used[1:])


def _numbers(values: pl.Series) -> _Numbers | None:
    """Return the values as numbers, or None where they are none: codes with leading zeros, phones, days in 8 digits."""
    if values.is_empty() or _fitting(values.head(SAMPLE)) is None:
        return None
    found = _fitting(values)
    return found if found and not _is_code(found.values) else None


def _fitting(values: pl.Series) -> _Numbers | None:
    """Return the values with all conventions that they fit; those that differ in signs without use are tried once."""
    bare = _bare(values)
    if bare is None:
        return None
    signs = frozenset(sign for sign in SIGNS if bare.values.str.contains(sign, literal=True).any())
    used = {one: _used(one, signs) for one in CONVENTIONS}
    fit = {one for one in set(used.values()) if _fits(bare.values, *one)}
    fits = tuple(one for one in CONVENTIONS if used[one] in fit)
    return _Numbers(bare.values, signs, fits, bare.prefix, bare.suffix, bare.minus) if fits else None


class _Bare(NamedTuple):
    """Values without what stands around them, and with a plain minus."""

    values: pl.Series
    prefix: str
    suffix: str
    minus: str


def _bare(values: pl.Series) -> _Bare | None:
    """Take from around numbers what stands there; None where it is not the same, or unknown."""
    if values.str.contains(PLAIN).all():
        return _Bare(values, "", "", "-")
    minus = next((sign for sign, (found, _) in MINUSES.items() if values.str.contains(found).any()), "-")
    parts = _with_plain_minus(values, minus).str.extract_groups(AROUND).struct.unnest()
    if parts["number"].null_count():
        return None
    prefix, suffix = (_only(parts[side], known) for side, known in (("before", MONEY), ("after", AFTER)))
    if prefix is None or suffix is None:
        return None
    bare = parts["sign"] + parts["number"]
    if prefix or minus != "-":
        bare = bare.str.replace(AFTER_SIGN, "$1")
    return _Bare(bare.alias(values.name), prefix, suffix, minus)


def _with_plain_minus(values: pl.Series, minus: str) -> pl.Series:
    return values.str.replace(*MINUSES[minus]) if minus in MINUSES else values


def _only(texts: pl.Series, known: Mapping[str, str]) -> str | None:
    """Return the one known text that stands beside some or all numbers; None where another one does."""
    found = set(texts.unique().str.strip_chars()) - {""}
    if not found:
        return ""
    return found.pop() if len(found) == 1 and found <= known.keys() else None


def _is_code(values: pl.Series) -> bool:
    """Tell whether digits are no number to calculate with."""
    if values.str.contains(r"^[+-]?0\d").any() or values.str.contains(r"^\+\d{7,}$").all():
        return True
    digits = values.filter(values.str.contains(r"^[+-]?\d+$"))
    if (digits.str.len_chars() > LONGEST_INTEGER).any():
        return True
    return bool(values.str.contains(r"^(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])$").all())


def _used(convention: tuple[str, str], signs: frozenset[str]) -> tuple[str, str]:
    """Leave out of a convention the signs that no value holds."""
    thousands, decimal = (sign if sign in signs else "" for sign in convention)
    return thousands, decimal


def _fits(values: pl.Series, thousands: str, decimal: str) -> bool:
    """Tell whether all values are numbers of a convention; without a sign of decimals, whole ones."""
    digits = r"(?:[1-9]\d{0,2}(?:[" + thousands + r"]\d{3})+|\d+)" if thousands else r"\d+"
    point = re.escape(decimal)
    number = rf"(?:{digits}(?:{point}\d*)?|{point}\d+)" if decimal else digits
    pattern = rf"^[+-]?{number}(?:[eE][+-]?\d+)?$"
    return bool(values.str.contains(pattern).all())


def _convention(numbers: Collection[_Numbers], ask: Ask) -> tuple[str, str] | None:
    """Return the convention that all columns of numbers fit; ask where two of them fit and read other numbers."""
    shared = [one for one in CONVENTIONS if _fits_all(one, numbers)]
    for found in numbers:
        possible = shared or found.fits
        if found.is_ambiguous(possible):
            sign = "." if ask(_about_decimals(found.values)) == POINT else ","
            return next(one for one in possible if one[1] == sign)
    return shared[0] if shared else None


def _fits_all(convention: tuple[str, str], numbers: Collection[_Numbers]) -> bool:
    return all(convention in found.fits for found in numbers)


def _about_decimals(values: pl.Series) -> Question:
    text = f"{values.name} has {_shown(values)}: is the sign of decimals a point, or a comma?"
    return Question("decimal", (POINT, COMMA), text)


def _shown(values: pl.Series) -> str:
    return ", ".join(map(repr, values.head(SHOWN)))


def _words(column: _Distinct, ask: Ask, *, is_target: bool) -> Kind:
    """Return the kind of a column that holds no numbers."""
    values, nulls = column.values, column.nulls
    if values.is_empty():
        return Kind("string", nulls, is_padded=column.is_padded)
    if truth := _truth(values):
        return Kind("boolean", nulls, true_value=truth[0], false_value=truth[1])
    if moment := _moment(values, ask):
        return moment._replace(null_values=nulls)
    kind = Kind("string", nulls) if is_target else Kind("string", words_like_nulls=nulls)
    return kind._replace(is_padded=column.is_padded)


def _truth(values: pl.Series) -> tuple[str, str] | None:
    """Return the words of yes and no that all values are; one of them alone counts only where nothing else is meant."""
    if len(values) > MAX_TRUTHS:
        return None
    said = set(values.str.to_lowercase())
    return next((pair for pair in TRUTHS if said == set(pair) or (pair == TRUTHS[0] and said < set(pair))), None)


def _moment(values: pl.Series, ask: Ask) -> Kind | None:
    """Return the kind of a column of days or times, or None."""
    if not values.str.contains(r"\d").all():
        return None
    if values.str.contains(ZONED).all() and _read(values, "%+", pl.Datetime("us", "UTC")) is not None:
        return Kind("timestamp")
    if days := _readings(values, DAYS, pl.Date()):
        return Kind("date", pattern=_settled(values, days, ask))
    if not (times := _readings(values, TIMES, pl.Datetime("us"))):
        return None
    pattern = _settled(values, times, ask)
    if (times[pattern].dt.truncate("1d") == times[pattern]).all():  # midnight is what a program writes of a day
        return Kind("date", pattern=pattern)
    return Kind("timestamp", pattern=pattern, is_local=True)


def _readings(values: pl.Series, patterns: Iterable[str], kind: pl.Date | pl.Datetime) -> dict[str, pl.Series]:
    """Return what each pattern that fits all values reads: a few are tried first, which settles most patterns."""
    written = {pattern: strptime_pattern(pattern) for pattern in patterns}
    some = [pattern for pattern in written if _read(values.head(SAMPLE), written[pattern], kind) is not None]
    found = {pattern: _read(values, written[pattern], kind) for pattern in some}
    return {pattern: moments for pattern, moments in found.items() if moments is not None}


def _read(values: pl.Series, pattern: str, kind: pl.Date | pl.Datetime) -> pl.Series | None:
    """Return values as days or times, or None where one is none; 24 is no year where four digits are expected."""
    found = values.str.strptime(kind, pattern, strict=False)
    if found.null_count() or ("%y" not in pattern and (found.dt.year() < 1000).any()):
        return None
    return found


def _settled(values: pl.Series, readings: Mapping[str, pl.Series], ask: Ask) -> str:
    """Return the pattern of the values; ask where two patterns read other days."""
    distinct: list[str] = []
    for pattern, moments in readings.items():
        if not any(moments.equals(readings[earlier]) for earlier in distinct):
            distinct.append(pattern)
    if len(distinct) == 1:
        return distinct[0]
    text = f"{values.name} has {_shown(values)}: does the day or the month come first?"
    first = "d" if ask(Question("dates", (DAY_FIRST, MONTH_FIRST), text)) == DAY_FIRST else "M"
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
        elif dtype == pl.String:
            words, _, is_padded = _distinct(table[name])
            truth = None if words.is_empty() else _truth(words)
            text = Kind("string", is_padded=is_padded)
            yield name, Kind("boolean", true_value=truth[0], false_value=truth[1]) if truth else text
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
