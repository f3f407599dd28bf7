"""The words of the company: what `ml-checks` asks of names, as far as a draft has to know it."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import yaml

# Written by `make docs` of the template from the company's standards.
FILE = Path(__file__).with_name("vocabulary.json")
# What this project adds to them.
OWN = Path("standards.yaml")


class Vocabulary(NamedTuple):
    """The company's words for names, units and what is about a person."""

    terms: Mapping[str, str]
    """The company's word for each that it does not use."""
    last_terms: Mapping[str, str]
    """The same for the last word of a name."""
    reserved: frozenset[str]
    max_length: int
    truths: tuple[str, ...]
    """The first words of a name of yes or no."""
    ends: Mapping[str, tuple[str, ...]]
    """The last words that a name of each type must have, where it must."""
    promises: Mapping[str, tuple[str, ...]]
    """The types that a last word promises."""
    quantities: frozenset[str]
    counts: frozenset[str]
    """Those of which an integer is how many there are, and needs no unit."""
    units: frozenset[str]
    personal_names: Mapping[tuple[str, ...], str]
    """What looks personal in a name, word by word, and its kind."""
    personal_values: Mapping[str, re.Pattern[str]]
    personal_classification: str
    open_classifications: frozenset[str]
    """Those of data that is not about persons."""
    classification: str
    """Of what looks like nothing of a person's: closed, until the owner opens it."""

    def without_truth(self, name: str) -> str:
        """Return a name without the word that says that it is about yes or no."""
        first, _, rest = name.partition("_")
        return rest if rest and first in self.truths else name

    def personal_kind(self, name: str, values: Iterable[str]) -> str | None:
        """Say what of a person a column seems to hold, by its name or by its values."""
        words = name.lower().split("_")
        for length in range(len(words), 0, -1):
            for start in range(len(words) - length + 1):
                if kind := self.personal_names.get(tuple(words[start : start + length])):
                    return kind
        found = [kind for kind, pattern in self.personal_values.items() for value in values if pattern.fullmatch(value)]
        return found[0] if found else None


@cache
def vocabulary() -> Vocabulary:
    """Read the company's words, and those that this project adds."""
    company = json.loads(FILE.read_text(encoding="utf-8"))
    own = yaml.safe_load(OWN.read_text(encoding="utf-8")) if OWN.is_file() else None
    return _joined(company, own if isinstance(own, dict) else {})


def _meant(glossary: Mapping[str, Any], key: str) -> dict[str, str]:
    """Return each word that stands under a key of a term, with the term."""
    return {word: term for term, entry in glossary.items() for word in entry.get(key, ())}


def _joined(company: Mapping[str, Any], own: Mapping[str, Any]) -> Vocabulary:
    glossary = {**company["glossary"], **(own.get("glossary") or {})}
    # A draft is read by a person: it spells out what may mean something else in another field, too.
    terms = {**_meant(glossary, "maybe"), **_meant(glossary, "not")}
    quantities = own.get("quantities") or {}
    personal = company["personal"]
    affixes = _affixes(company, own)
    return Vocabulary(
        terms=terms,
        last_terms={**terms, **_meant(glossary, "not_last")},
        reserved=frozenset(company["reserved"]),
        max_length=company["max_length"],
        truths=_truths(affixes),
        ends=_ends(affixes),
        promises=_promises(affixes),
        quantities=frozenset([*company["quantities"], *quantities.get("words", ())]),
        counts=frozenset(company["counts"]),
        units=frozenset([*company["units"], *quantities.get("units", ())]),
        personal_names={
            tuple(name.split("_")): kind for kind, names in personal["names"].items() for name in (kind, *names)
        },
        personal_values={kind: re.compile(pattern) for kind, pattern in personal["values"].items()},
        personal_classification=personal["classification"],
        open_classifications=_below(company["classifications"], personal["classification"]),
        classification=company["classifications"][1],
    )


def _below(levels: Sequence[str], level: str) -> frozenset[str]:
    return frozenset(levels[: levels.index(level)])


def _affixes(company: Mapping[str, Any], own: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*company["affixes"], *(own.get("affixes") or ())]


def _required(affixes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [one for one in affixes if one.get("required")]


def _truths(affixes: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(
        chain.from_iterable(_words(one, "prefixes") for one in _required(affixes) if "boolean" in one["types"])
    )


def _ends(affixes: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Return the endings that each type must have; of two that speak of one type, the first counts."""
    return {kind: _words(one, "suffixes") for one in reversed(_required(affixes)) for kind in one["types"]}


def _promises(affixes: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    return {word: tuple(one["types"]) for one in reversed(affixes) for word in _words(one, "suffixes")}


def _words(affix: Mapping[str, Any], side: str) -> tuple[str, ...]:
    return tuple(affix.get(side, ()))
