"""Turns the name of a column into one that the company uses."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .kinds import AFTER, Kind
from .vocabulary import Vocabulary

# Letters that lose nothing but their looks when they are spelt in ASCII.
SPELT = str.maketrans(
    {
        **{"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ø": "o", "Ø": "O", "æ": "ae"},
        **{
            "ł": "l",
            "Ł": "L",
            "œ": "oe",
            "đ": "d",
            "\u0131": "i",
            "&": " and ",
            "#": " number ",
            "+": " plus ",
            "'": "",
            "\u2019": "",
        },
    }
)
UNITS = {
    **{sign.lower(): unit for sign, unit in AFTER.items()},
    **{"degc": "celsius", "degf": "fahrenheit", "c": "celsius", "f": "fahrenheit", "k": "kelvin", "gr": "grams"},
    **{"pct": "percent", "secs": "seconds", "mins": "minutes", "hr": "hours", "hrs": "hours", "yrs": "years"},
    **{"yr": "years", "hpa": "hpa", "mbar": "mbar", "ha": "hectares", "l": "liters", "px": "pixels", "kn": "knots"},
    **{
        unit: unit for unit in ("meters", "feet", "inches", "seconds", "minutes", "usd", "eur", "gbp", "chf", "percent")
    },
}
ORDINALS = {"1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth"}
COUNTS = ("num", "nbr", "no", "n", "cnt", "count", "nb")
BRACKETS = re.compile(r"[(\[{]([^)\]}]*)[)\]}]")
SIGNS = re.compile(r"[%$€£]")
TRUTH = ("is", "has")


class Named(NamedTuple):
    """A name, and whether its unit is still to be said."""

    name: str
    lacks_unit: bool


def names(kinds: Mapping[str, Kind], dataset: str, words: Vocabulary) -> dict[str, Named]:
    """Return a name for each column; two columns never get the same one."""
    found: dict[str, Named] = {}
    taken: set[str] = set()
    for column, kind in kinds.items():
        named = name_of(column, kind, dataset, words)
        number, first = 2, named.name
        while named.name.replace("_", "") in taken:
            named = named._replace(name=_numbered(first, number, kind, words))
            number += 1
        taken.add(named.name.replace("_", ""))
        found[column] = named
    return found


def _numbered(name: str, number: int, kind: Kind, words: Vocabulary) -> str:
    """Put a number into a name, before an affix or a unit that has to stay at its end."""
    head, _, last = name.rpartition("_")
    has_end = last in words.units or (kind.type, last) in (("timestamp", "at"), ("date", "date"))
    return f"{head}_{number}_{last}" if head and has_end else f"{name}_{number}"


def name_of(column: str, kind: Kind, dataset: str, words: Vocabulary) -> Named:
    """Return the company's name for a column."""
    text, unit = _without_unit(column)
    parts = _terms(_counted(_split(text), kind), words)
    parts = _with_affix(parts or ["unnamed"], kind)
    if parts[0][0].isdigit():
        parts.insert(0, "no")
    parts = _with_unit(parts, kind, kind.unit or unit, words)
    name = "_".join(parts)[: words.max_length].rstrip("_")
    if name in words.reserved:
        name = f"{dataset}_{name}"
    parts = name.split("_")
    is_quantity = kind.type in ("integer", "number") and any(part in words.quantities for part in parts)
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
        text, unit = text.replace(sign[0], " "), unit or UNITS[sign[0]]
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
    if parts[0] in COUNTS:
        rest = parts[2:] if parts[1] == "of" and len(parts) > 2 else parts[1:]
    elif parts[:2] == ["number", "of"] and len(parts) > 2:
        rest = parts[2:]
    else:
        return parts
    return [*rest[:-1], _singular(rest[-1]), "count"]


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _terms(parts: list[str], words: Vocabulary) -> list[str]:
    """Say each part in the company's word."""
    last = len(parts) - 1
    return [
        (words.last_terms if 0 < last == place else words.terms).get(part, part) for place, part in enumerate(parts)
    ]


def _with_affix(parts: list[str], kind: Kind) -> list[str]:
    """Give a name the affix that its type promises, and no other."""
    if kind.type == "timestamp":
        return [*(_stripped(parts, ("at", "time", "datetime", "date", "timestamp", "ts")) or ["recorded"]), "at"]
    if kind.type == "date":
        return [*(_stripped(parts, ("date", "day", "at")) or ["observation"]), "date"]
    if kind.type == "boolean":
        parts = parts if parts and parts[0] in TRUTH else _stripped(parts, ("is", "flag", "flg", "yn"))
        return parts if parts and parts[0] in TRUTH else ["is", *parts]
    if parts and parts[0] in TRUTH:
        parts = [*parts[1:], parts[0], "value"]
    if parts and (parts[-1] in ("at", "date") or (kind.type == "number" and parts[-1] in ("id", "count"))):
        parts = [*parts, "text" if kind.type == "string" else "number"]
    if len(parts) > 1 and kind.type == "string" and parts[-1] == "count":
        parts = [*parts, "text"]
    return parts


def _stripped(parts: list[str], endings: Iterable[str]) -> list[str]:
    """Take words that the affix says away from the end, and from the beginning."""
    while parts and parts[-1] in endings:
        parts = parts[:-1]
    while len(parts) > 1 and parts[0] in endings:
        parts = parts[2:] if parts[1] == "of" and len(parts) > 2 else parts[1:]
    return parts


def _with_unit(parts: list[str], kind: Kind, unit: str | None, words: Vocabulary) -> list[str]:
    """End the name of a number in its unit, in the company's spelling, where the source says it."""
    if kind.type not in ("integer", "number"):
        return parts
    if unit in words.units and parts[-1] != unit:
        says_unit = len(parts) > 1 and UNITS.get(parts[-1]) == unit
        return [*(parts[:-1] if says_unit else parts), str(unit)]
    last = UNITS.get(parts[-1])
    is_quantity = any(part in words.quantities for part in parts[:-1])
    if last in words.units and len(parts[-1]) > 1 and is_quantity and parts[-1] not in words.units:
        return [*parts[:-1], str(last)]
    return parts
