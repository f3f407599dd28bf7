"""What changed between two versions of a data contract, and how much of a new version each change needs."""

from __future__ import annotations

import re

from ml_checks.contracts.versions import MAJOR, MINOR, NONE, PATCH
from ml_checks.errors import quoted
from ml_checks.record import Record
from ml_checks.values import List, Map, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping
    from typing import TypeVar

    from ml_checks.values import Location, Value

    Item = TypeVar("Item")
    # A limit as something to compare.
    Amount = tuple[float, str]
    # A part of a contract that has changed, as a sentence calls it: the old one, the new one, its name.
    Compare = Callable[["Map", "Map", str], Iterator["Change"]]

# A higher value of these allows less, and a lower value of those.
LOWER_BOUNDS = frozenset(
    {"exclusiveMinimum", "minItems", "minLength", "minProperties", "minimum"}
    | {"mustBeGreaterOrEqualTo", "mustBeGreaterThan"}
)
UPPER_BOUNDS = frozenset(
    {"exclusiveMaximum", "maxItems", "maxLength", "maxProperties", "maximum"}
    | {"mustBeLessOrEqualTo", "mustBeLessThan"}
)
# What is a number, however it is written, and what is two of them.
AMOUNTS = LOWER_BOUNDS | UPPER_BOUNDS | {"mustBe", "mustNotBe"}
RANGES = frozenset(["mustBeBetween", "mustNotBeBetween"])
# What a dataset promises, and its fields do; whatever else it says is a note.
DATASET_PROMISES = frozenset(["name", "properties", "quality"])
# What a field promises key by key; whatever else it says is a note.
FIELD_PROMISES = frozenset(
    {"classification", "enum", "items", "logicalType", "logicalTypeOptions", "map", "name", "physicalType"}
    | {"properties", "primaryKey", "primaryKeyPosition", "quality", "required", "unique"}
)
# What says how the data is looked after, and not what the data is.
ADMINISTRATIVE = frozenset(["apiVersion", "schema", "status", "team", "version"])
# What a dataset or a field is called, and what is said of it.
NAMES = frozenset(["name", "description"])
# Where a quality rule has its name, the most telling first.
RULE_NAMES = ("id", "name", "metric", "rule", "query", "implementation", "description")
# What a quality rule says about itself, and not about the data.
RULE_NOTES = frozenset(
    {"authoritativeDefinitions", "businessImpact", "customProperties", "description", "dimension", "id", "method"}
    | {"name", "schedule", "scheduler", "severity", "tags", "type"}
)

# Not compiled here: most runs need none of them.
_SIZE = "[0-9]{1,18}"
# What a message says of a value that is no text.
_SHOWN = {type(None): "nothing", Map: "a mapping"}
# So many items of a list can be read in one message.
_MAX_LISTED = 4


class Change(Record):
    """What changed, at its place in the new version, and what it needs: a patch, a minor or a major version."""

    level: int
    at: Location
    what: str


class Evolution:
    """Compares two versions of a contract."""

    def __init__(self, rank: Callable[[str | None], int]) -> None:
        """Take the order of the classifications."""
        self._rank = rank

    def changes(self, old: Map, new: Map) -> Iterator[Change]:
        """Yield every change that a consumer may notice."""
        before, after = _by_name(old.mappings("schema")), _by_name(new.mappings("schema"))
        yield from _parts("dataset", before, after, new.at_key("schema"), self._dataset)
        yield from _notes(old, new, "", ADMINISTRATIVE)

    def _dataset(self, old: Map, new: Map, name: str) -> Iterator[Change]:
        keys, new_keys = _primary_key(old), _primary_key(new)
        if keys != new_keys:
            what = f"was {_shown_key(keys)} and is {_shown_key(new_keys)}"
            yield Change(MAJOR, new.at, f"the primary key of {name} {what}")
        yield from self._object(old, new, name)
        yield from _qualities(old, new, name)
        yield from _notes(old, new, f" of {name}", DATASET_PROMISES)

    def _object(self, old: Map, new: Map, name: str) -> Iterator[Change]:
        before, after = _by_name(old.mappings("properties")), _by_name(new.mappings("properties"))
        yield from _parts("field", before, after, new.at_key("properties"), self._field, f" of {name}")

    def _field(self, old: Map, new: Map, name: str) -> Iterator[Change]:
        if old == new:
            return  # as nearly every field
        yield from _types(old, new, name)
        yield from _flags(old, new, name)
        yield from self._classification(old, new, name)
        yield from _options(old, new, name)
        yield from _values(new.at_key("enum"), name, _allowed_values(old), _allowed_values(new))
        yield from _labels(old, new, name)
        yield from _qualities(old, new, name)
        yield from self._object(old, new, name)
        yield from self._part(old, new, "items", f"each item of {name}")
        for key in ("key", "value"):
            yield from self._part(old.mapping("map"), new.mapping("map"), key, f"each {key} of {name}")
        yield from _notes(old, new, f" of {name}", FIELD_PROMISES)

    def _part(self, old: Map, new: Map, key: str, name: str) -> Iterator[Change]:
        was, now = old.mapping(key), new.mapping(key)
        if was and now:
            yield from self._field(was, now, name)
        elif was:
            yield Change(MAJOR, new.at, f"{name} is not described any more")
        elif now:
            yield Change(MINOR, new.at_key(key), f"{name} is described now")

    def _classification(self, old: Map, new: Map, name: str) -> Iterator[Change]:
        was, now = old.text("classification"), new.text("classification")
        if was != now:
            level = MAJOR if was and self._rank(now) < self._rank(was) else MINOR
            what = f"was {was!r} and is {_shown(now)}" if was else f"is classified as {now!r} now"
            yield Change(level, new.at_key("classification"), f"{name} {what}")


def _parts(  # noqa: PLR0913, PLR0917  what is compared, where it stands, and how
    kind: str,
    before: Mapping[str, Map],
    after: Mapping[str, Map],
    gone_at: Location,
    compare: Compare,
    owner: str = "",
) -> Iterator[Change]:
    """Yield what came, what went, what has a new name, and what changed in the rest."""
    new_names = _new_names(before, after, _is_same)
    for name, old in before.items():
        if name not in new_names:
            yield Change(MAJOR, gone_at, f"{kind} {quoted(name)}{owner} was removed")
            continue
        new_name = new_names[name]
        new = after[new_name]
        if new_name != name:
            yield Change(MAJOR, new.at_key("name"), f"{kind} {quoted(name)}{owner} was renamed to {quoted(new_name)}")
        yield from compare(old, new, f"{kind} {quoted(new_name)}")
    for name, new in _without(after, set(new_names.values())).items():
        yield Change(MINOR, new.at_key("name"), f"{kind} {quoted(name)}{owner} was added")


def _new_names(
    before: Mapping[str, Map], after: Mapping[str, Map], is_same: Callable[[Map, Map], bool]
) -> dict[str, str]:
    """Return what each part that is still there is called now; one that seems to be the same may have a new name."""
    new_parts = _without(after, before)
    new_names: dict[str, str] = {}
    for name, old in before.items():
        new_name = name if name in after else _same_part(old, new_parts, is_same)
        if new_name:
            new_names[name] = new_name
            new_parts.pop(new_name, None)
    return new_names


def _same_part(old: Map, parts: Mapping[str, Map], is_same: Callable[[Map, Map], bool]) -> str | None:
    """Return which of some parts an old one seems to be."""
    return next((name for name, new in parts.items() if is_same(old, new)), None)


def _without(mapping: Mapping[str, Item], keys: Container[str]) -> dict[str, Item]:
    """Return a mapping without some of its keys."""
    return {key: item for key, item in mapping.items() if key not in keys}


def _is_same(old: Map, new: Map) -> bool:
    """Tell whether a part with a new name is the old one: by its id, its column, its text, or all but its name."""
    for key in ("id", "physicalName", "description"):
        if old.text(key) and old.text(key) == new.text(key):
            return old.text("logicalType") == new.text("logicalType")
    if new.text("physicalName") == old.text("name"):
        return True
    return _without(old, NAMES) == _without(new, NAMES)


def _primary_key(dataset: Map) -> list[Text]:
    fields = [field for field in dataset.mappings("properties") if _is_true(field, "primaryKey")]
    names = (field.text("name") for field in sorted(fields, key=_key_position))
    return list(filter(None, names))


def _key_position(field: Map) -> int:
    position = field.text("primaryKeyPosition")
    return int(position) if position and re.fullmatch(_SIZE, position) else 0


def _types(old: Map, new: Map, name: str) -> Iterator[Change]:
    for key in ("logicalType", "physicalType"):
        was, now = old.text(key), new.text(key)
        if was != now:
            yield _type(key, was, now, new.at_key(key), name)


def _type(key: str, was: Text | None, now: Text | None, at: Location, name: str) -> Change:
    """Return what another type needs: a minor version where it was not written before, or is wider in the database."""
    if was is None:
        return Change(MINOR, at, f"{name} has {key} {now!r} now")
    level = _type_level(key, was, now) if now else MAJOR
    return Change(level, at, f"the {key} of {name} was {was!r} and is {_shown(now)}")


def _type_level(key: str, was: Text, now: Text) -> int:
    """Return what another type needs: nothing but a patch where it is the same, written in another way."""
    if key != "physicalType":
        return PATCH if was.lower() == now.lower() else MAJOR
    from ml_checks.contracts.database_types import is_same, is_wider

    if is_same(was, now):
        return PATCH
    return MINOR if is_wider(was, now) else MAJOR


def _flags(old: Map, new: Map, name: str) -> Iterator[Change]:
    """Yield promises that were made or taken back; a consumer counts on what is never empty."""
    for key in ("required", "unique"):
        was, now = _is_true(old, key), _is_true(new, key)
        if was != now:
            yield Change(MAJOR, new.at_key(key), f"{name} is {key} now" if now else f"{name} is not {key} any more")


def _options(old: Map, new: Map, name: str) -> Iterator[Change]:
    was, now = old.mapping("logicalTypeOptions"), new.mapping("logicalTypeOptions")
    for key, level, what in _limits(was, now, name):
        yield Change(level, now.at_key(key) if key in now else new.at_key("logicalTypeOptions"), what)


def _limits(old: Mapping[str, Value], new: Mapping[str, Value], name: str) -> Iterator[tuple[str, int, str]]:
    """Yield the key of each limit that is another one now, what the change needs, and how it reads."""
    for key in sorted(old.keys() | new.keys()):
        if level := _limit_level(key, old.get(key), new.get(key)):
            yield key, level, f"{key} of {name} was {_shown(old.get(key))} and is {_shown(new.get(key))}"


def _limit_level(key: str, was: Value, now: Value) -> int:
    """Return what a change of a limit needs: a major version where values that were allowed are not any more."""
    if was == now:
        return NONE
    if now is None:
        return MINOR
    if key in RANGES:
        return _range_level(key, _amounts(was), _amounts(now))
    return _amount_level(key, was, now) if key in AMOUNTS else MAJOR


def _range_level(key: str, was: list[Amount], now: list[Amount]) -> int:
    """Return what another range needs: a minor version where all that was allowed still is."""
    match (was, now) if key == "mustBeBetween" else (now, was):
        case [low, high], [new_low, new_high] if new_low <= low and high <= new_high:
            return MINOR
    return MAJOR


def _amount_level(key: str, was: Value, now: Value) -> int:
    """Return what another limit needs; the same number, written in another way, needs nothing."""
    if type(was) is not Text or type(now) is not Text:
        return MAJOR
    if _amount(was) == _amount(now):
        return NONE
    loosening = UPPER_BOUNDS if _amount(now) > _amount(was) else LOWER_BOUNDS
    return MINOR if key in loosening else MAJOR


def _amounts(value: Value) -> list[Amount]:
    return [_amount(item) for item in value if type(item) is Text] if type(value) is List else []


def _amount(limit: Text) -> Amount:
    """Return a limit as something to compare; a day is compared as a text."""
    if re.fullmatch(_SIZE, limit):
        return int(limit), ""  # to the last digit
    try:
        return float(limit), ""
    except ValueError:
        return 0, limit


def _allowed_values(field: Map) -> set[str]:
    values = [*field.texts("enum"), *(entry.text("value") for entry in field.mappings("enum"))]
    return set(map(str, filter(None, values)))


def _labels(old: Map, new: Map, name: str) -> Iterator[Change]:
    """Yield the allowed values of which something else is said now."""
    before = {entry.text("value"): entry for entry in old.mappings("enum")}
    for entry in new.mappings("enum"):
        value = entry.text("value")
        if before.get(value, entry) != entry:
            yield Change(PATCH, entry.at, f"what is said of value {value!r} of {name} changed")


def _values(at: Location, name: str, was: set[str], now: set[str]) -> Iterator[Change]:
    """Yield values that came and went; to begin with a list tightens, to end it loosens."""
    if was and now:
        yield from _value_changes(at, name, was, now)
    elif now:
        yield Change(MAJOR, at, f"{name} has a list of values now")
    elif was:
        yield Change(MINOR, at, f"{name} has no list of values now")


def _value_changes(at: Location, name: str, was: set[str], now: set[str]) -> Iterator[Change]:
    for value in sorted(was ^ now):
        level, verb = (MAJOR, "removed") if value in was else (MINOR, "added")
        yield Change(level, at, f"value {quoted(value)} of {name} was {verb}")


def _qualities(old: Map, new: Map, name: str) -> Iterator[Change]:
    before, after = _rules(old, new), _rules(new, old)
    new_names = _new_names(before, after, _is_same_rule)
    for key, rule in before.items():
        if key in new_names:
            new_name = new_names[key]
            yield from _quality(rule, after[new_name], f"quality rule {quoted(new_name)} of {name}")
        else:
            yield Change(MINOR, new.at_key("quality"), f"quality rule {quoted(key)} of {name} was removed")
    for key, rule in _without(after, set(new_names.values())).items():
        yield Change(MAJOR, rule.at, f"quality rule {quoted(key)} of {name} was added")


def _is_same_rule(old: Map, new: Map) -> bool:
    """Tell whether a rule with a new name is the old one: it says the same of the data."""
    return _without(old, RULE_NOTES) == _without(new, RULE_NOTES)


def _quality(old: Map, new: Map, name: str) -> Iterator[Change]:
    was, now = old.mapping("arguments"), new.mapping("arguments")
    valid, now_valid = _valid_values(was), _valid_values(now)
    yield from _values(new.at_key("arguments"), name, valid, now_valid)
    yield from _rule_limits(old, new, name)
    if not (valid or now_valid) and was != now:
        yield Change(MAJOR, new.at_key("arguments"), f"the arguments of {name} changed")


def _rule_limits(old: Map, new: Map, name: str) -> Iterator[Change]:
    """Yield what a quality rule says with other values, beside its arguments."""
    for key, level, what in _limits(_without(old, {"arguments"}), _without(new, {"arguments"}), name):
        yield Change(PATCH if key in RULE_NOTES else level, new.at_key(key), what)


def _valid_values(arguments: Map) -> set[str]:
    return set(map(str, arguments.texts("validValues")))


def _rules(part: Map, other: Map) -> dict[str, Map]:
    """Return the quality rules that the other part has not, by name; those that share a name are counted."""
    unchanged = list(other.mappings("quality"))
    rules: dict[str, Map] = {}
    count: dict[str, int] = {}
    for rule in part.mappings("quality"):
        name = next(filter(None, map(rule.text, RULE_NAMES)), "?")
        if rule in unchanged:
            unchanged.remove(rule)
        else:
            count[name] = count.get(name, 0) + 1
            rules[name if count[name] == 1 else f"{name} #{count[name]}"] = rule
    return rules


def _notes(old: Map, new: Map, owner: str, promises: frozenset[str]) -> Iterator[Change]:
    for key in sorted((old.keys() | new.keys()) - promises):
        if old.get(key) != new.get(key):
            yield Change(PATCH, new.at_key(key), f"{quoted(key)}{owner} changed")


def _by_name(parts: Iterable[Map]) -> dict[str, Map]:
    return {str(name): part for part in parts if (name := part.text("name"))}


def _is_true(part: Map, key: str) -> bool:
    return (part.text(key) or "").lower() == "true"


def _shown(value: Value) -> str:
    """Show a value of a contract in a message."""
    if type(value) is List:
        return _shown_list(value)
    return _SHOWN.get(type(value)) or repr(value)


def _shown_key(names: list[Text]) -> str:
    return " + ".join(names) or "nothing"


def _shown_list(values: List) -> str:
    is_readable = len(values) <= _MAX_LISTED and set(map(type, values)) <= {Text}
    return repr(list(map(str, values))) if is_readable else "a list"
