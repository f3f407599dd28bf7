"""Turns the name of a column into one that the company uses."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import count, dropwhile, takewhile
from typing import NamedTuple

from .kinds import AFTER, Kind
from .vocabulary import Vocabulary

# Letters that lose nothing but their looks when they are spelt in ASCII.
SPELT = str.maketrans(
    {
        **{"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ø": "o", "Ø": "O", "æ": "ae"},
        **{"ł": "l", "Ł": "L", "œ": "oe", "đ": "d", "\u0131": "i", "'": "", "\u2019": ""},
        **{"&": " and ", "#": " number ", "+": " plus "},
    }
)
UNITS = {
    **{sign.lower(): unit for sign, unit in AFTER.items()},
    **{"degc": "celsius", "degf": "fahrenheit", "c": "celsius", "f": "fahrenheit", "k": "kelvin", "gr": "grams"},
    **{"pct": "percent", "secs": "seconds", "mins": "minutes", "hr": "hours", "hrs": "hours", "yrs": "years"},
    **{"yr": "years", "hpa": "hpa", "mbar": "mbar", "ha": "hectares", "l": "liters", "px": "pixels", "kn": "knots"},
    **{unit: unit for unit in ("meters", "feet", "inches", "seconds", "minutes", "percent")},
}
ORDINALS = {"1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth"}
COUNTS = ("num", "nbr", "n", "cnt", "count", "nb")
BRACKETS = re.compile(r"[(\[{]([^)\]}]*)[)\]}]")
SIGNS = re.compile(r"[%$€£]|°[CF]\b")
# What the first word of a name of yes or no says already.
NO_TRUTHS = ("is", "flag", "flg", "yn")
# For each type of moments: what a name without other words is called, and what the ending of its names says already.
MOMENTS = {
    "timestamp": ("recorded", ("at", "time", "datetime", "date", "timestamp", "ts")),
    "date": ("observation", ("date", "day", "at")),
}
# What comes after a last word that promises another type.
LAST_WORDS = {"string": "text", "integer": "number", "number": "number", "boolean": "value"}
# A word that is cut shorter than this may become another one.
SHORTEST_CUT = 10


class Named(NamedTuple):
    """A name, and whether its unit is still to be said."""

    name: str
    lacks_unit: bool


def names(kinds: Mapping[str, Kind], dataset: str, words: Vocabulary, taken: Iterable[str] = ()) -> dict[str, Named]:
    """Return a name for each column; two never get the same one, nor one that is taken, whatever the underscores."""
    found: dict[str, Named] = {}
    seen = {_folded(name) for name in taken}
    for column, kind in kinds.items():
        first = named = name_of(column, kind, dataset, words)
        numbers = count(2)
        while _folded(named.name) in seen:
            named = first._replace(name=_numbered(first.name, next(numbers), kind, words))
        seen.add(_folded(named.name))
        found[column] = named
    return found


def _folded(name: str) -> str:
    return name.replace("_", "")


def _numbered(name: str, number: int, kind: Kind, words: Vocabulary) -> str:
    """Put a number into a name, before an affix or a unit that has to stay at its end."""
    *head, last = name.split("_")
    has_end = last in words.units or kind.type in words.promises.get(last, ())
    if head and has_end:
        return _short(head, [str(number), last], words)
    return _short([*head, last], [str(number)], words)


def name_of(column: str, kind: Kind, dataset: str, words: Vocabulary) -> Named:
    """Return the company's name for a column."""
    text, unit = _without_unit(column)
    parts = _terms(_counted(_split(text), kind), words) or ["unnamed"]
    parts = _with_affix(parts, kind, words)
    if parts[0][0].isdigit():
        parts.insert(0, "no")
    parts = _with_unit(parts, kind, kind.unit or unit, words)
    if "_".join(parts) in words.reserved:
        parts = [*(["table"] if dataset.split("_")[0] in words.truths else dataset.split("_")), *parts]
    parts = _with_honest_end(parts, kind, words)
    name = _short(parts[:-1], parts[-1:], words)
    parts = name.split("_")
    quantities = words.quantities - words.counts if kind.type == "integer" else words.quantities
    is_quantity = kind.is_number and not quantities.isdisjoint(parts)
    return Named(name, is_quantity and parts[-1] not in words.units)


def dataset_name(stem: str, words: Vocabulary) -> str:
    """Return the company's name for a table, from the name of its file."""
    return name_of(stem, Kind("object"), "table", words).name


def _without_unit(column: str) -> tuple[str, str | None]:
    """Take the unit out of a name, where it stands in brackets or as a sign."""
    text, unit = column.strip(), None
    for found in BRACKETS.finditer(text):
        if known := UNITS.get(found[1].strip().lower()):
            text, unit = text.replace(found[0], " "), known
    if sign := SIGNS.search(text):
        text, unit = text.replace(sign[0], " "), unit or UNITS[sign[0].lower()]
    return text, unit


def _split(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.translate(SPELT))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", plain)
    plain = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", plain)
    return [ORDINALS.get(part, part) for part in re.split(r"[^a-z0-9]+", plain.lower()) if part]


def _counted(parts: list[str], kind: Kind) -> list[str]:
    """Turn `num_rooms` and `number of rooms` into `room_count`."""
    if kind.type != "integer" or len(parts) < 2:
        return parts
    is_of = parts[1] == "of" and len(parts) > 2
    if parts[0] not in (("number", "no", *COUNTS) if is_of else COUNTS):
        return parts
    *rest, last = parts[2:] if is_of else parts[1:]
    return [*rest, _singular(last), "count"]


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word.removesuffix("s") if not word.endswith(("ss", "us", "is")) else word


def _terms(parts: list[str], words: Vocabulary) -> list[str]:
    """Say each part in the company's word."""
    last = len(parts) - 1
    return [
        (words.last_terms if 0 < last == place else words.terms).get(part, part) for place, part in enumerate(parts)
    ]


def _with_affix(parts: list[str], kind: Kind, words: Vocabulary) -> list[str]:
    """Give a name the affix that its type promises, and take away what promises a truth where none is."""
    if kind.type == "boolean":
        return _as_truth(parts, words)
    if kind.type in MOMENTS:
        alone, endings = MOMENTS[kind.type]
        rest = list(dropwhile(words.truths.__contains__, _stripped(parts, endings)))
        return [*(rest or [alone]), *words.ends.get(kind.type, ())[:1]]
    truths = list(takewhile(words.truths.__contains__, parts))
    if not truths or kind.type == "object":
        return parts
    return [*(parts[len(truths) :] or ["column"]), *truths, "value"]


def _as_truth(parts: list[str], words: Vocabulary) -> list[str]:
    if len(parts) > 1 and parts[0] in words.truths:
        return parts
    return [*words.truths[:1], *(_stripped(parts, NO_TRUTHS) or ["true"])]


def _stripped(parts: list[str], endings: Iterable[str]) -> list[str]:
    """Take words that the affix says away from the end, and from the beginning."""
    while parts and parts[-1] in endings:
        parts = parts[:-1]
    while len(parts) > 1 and parts[0] in endings:
        parts = parts[2:] if parts[1] == "of" and len(parts) > 2 else parts[1:]
    return parts


def _with_unit(parts: list[str], kind: Kind, unit: str | None, words: Vocabulary) -> list[str]:
    """End the name of a number in its unit, in the company's spelling, where the source says it."""
    *head, last = parts
    known = UNITS.get(last)
    if not kind.is_number or (last in words.units and unit in (last, None)):
        return parts
    if unit in words.units:
        return [*(head if head and known == unit else parts), str(unit)]
    is_spelt = known in words.units and len(last) > 1 and not words.quantities.isdisjoint(head)
    return [*head, str(known)] if is_spelt else parts


def _with_honest_end(parts: list[str], kind: Kind, words: Vocabulary) -> list[str]:
    """Put a word behind the last one where that promises another type, or means another one at the end of a name."""
    last = parts[-1]
    is_honest = kind.type in words.promises.get(last, (kind.type,)) and last not in words.last_terms
    return parts if len(parts) == 1 or is_honest or kind.type not in LAST_WORDS else [*parts, LAST_WORDS[kind.type]]


def _short(head: list[str], tail: list[str], words: Vocabulary) -> str:
    """Join a name that is not too long: leave out words before its tail, and cut only where one alone is too long."""
    while len(name := "_".join([*head, *tail])) > words.max_length and len(head) > 1:
        head = head[:-1]
    room = words.max_length - len("_".join(["", *tail]))
    if len(name) > words.max_length and head and room >= SHORTEST_CUT:
        name = "_".join([head[0][:room], *tail])
    return name[: words.max_length].rstrip("_")
