"""Types of databases: which two are one, and which one takes all that another one took."""

from __future__ import annotations

import re

from ml_checks.record import Record

# From narrow to wide; the names on one step, between commas, are one type. The number in the brackets of an integer is
# only how wide it is shown. `int8` has eight bytes in PostgreSQL and eight bits in ClickHouse, so it is on two ladders.
INTEGERS = (
    ("tinyint", "smallint,int2", "mediumint", "int,integer,int4", "bigint,int8", "hugeint"),
    ("byte", "short", "int,integer", "long,bigint"),
    ("int8", "int16", "int32", "int64", "int128", "int256"),
    ("utinyint", "usmallint", "uinteger", "ubigint", "uhugeint"),
    ("uint8", "uint16", "uint32", "uint64", "uint128", "uint256"),
    ("smallserial,serial2", "serial,serial4", "bigserial,serial8"),
    ("boolean,bool",),
)
# The numbers in the brackets of these are how many characters or digits they take.
SIZED = (
    ("varchar,character varying,char varying", "text,string", "mediumtext", "longtext"),
    ("varchar,character varying,char varying", "nvarchar", "ntext"),
    ("tinytext", "text", "mediumtext", "longtext"),
    ("tinyblob", "blob", "mediumblob", "longblob"),
    ("char,character",),
    ("decimal,dec,numeric",),
    ("real,float4", "double,double precision,float8"),
    ("float", "double,double precision"),
    ("float32", "float64"),
    ("smallmoney", "money"),
)
# Where these have no size, a text may be as long as the database allows.
ENDLESS = frozenset(["varchar", "character varying", "char varying", "nvarchar", "text", "string", "mediumtext"])

# Not compiled here: most runs need none of them.
_SIZE = "[0-9]{1,18}"
_VALUE = "'[^']*'"
# All digits of a number, and those of them behind the point.
_DECIMAL = r"\(\s*([0-9]{1,18})\s*,\s*([0-9]{1,18})\s*\)"
# The name of a type, what is in its brackets, and what follows: `unsigned`, `with time zone`.
_TYPE = r"(?P<name>[a-z_][a-z0-9_]*(?: precision| varying)?) ?(?:\((?P<sizes>[^()]*)\))?(?P<rest>.*)"


class _Type(Record):
    name: str
    sizes: str
    rest: str


def is_same(was: str, now: str) -> bool:
    """Tell whether two types differ only in capitals, in blanks, or in which of its names they call one type."""
    old, new = _folded(was), _folded(now)
    if old == new:
        return True
    one, other = _type(old), _type(new)
    return one[1:] == other[1:] and any(_step(ladder, one) == _step(ladder, other) for ladder in _shared(one, other))


def is_wider(was: str, now: str) -> bool:
    """Tell whether a type takes all that another one took: VARCHAR(20) after varchar(10), bigint after int."""
    old, new = _folded(was), _folded(now)
    if _sizeless(old) == _sizeless(new):
        return _holds(old, new)
    one, other = _type(old), _type(new)
    return one.rest == other.rest and any(_climbs(ladder, one, other) for ladder in _shared(one, other))


def _shared(one: _Type, other: _Type) -> list[tuple[str, ...]]:
    """Return the ladders that have both types."""
    return [ladder for ladder in INTEGERS + SIZED if min(_step(ladder, one), _step(ladder, other)) >= 0]


def _climbs(ladder: tuple[str, ...], one: _Type, other: _Type) -> bool:
    """Tell whether the other type is no lower on a ladder, and takes what is as long."""
    if _step(ladder, one) > _step(ladder, other):
        return False
    return ladder in INTEGERS or _is_endless(other) or _takes_as_much(one, other)


def _takes_as_much(one: _Type, other: _Type) -> bool:
    """Tell whether the other type takes as many characters or digits."""
    if one.sizes == other.sizes:
        return True
    return bool(one.sizes and other.sizes) and _holds(f"({one.sizes})", f"({other.sizes})")


def _is_endless(one: _Type) -> bool:
    return one.sizes == "max" or (not one.sizes and one.name in ENDLESS)


def _step(ladder: tuple[str, ...], one: _Type) -> int:
    """Return on which step of a ladder a type is; -1 where it is on none."""
    return next((step for step, names in enumerate(ladder) if one.name in names.split(",")), -1)


def _holds(old: str, new: str) -> bool:
    """Tell whether no number of a type is lower than it was."""
    sizes, new_sizes = _sizes(old), _sizes(new)
    return len(sizes) == len(new_sizes) and all(one >= other for other, one in zip(sizes, new_sizes, strict=True))


def _sizeless(folded: str) -> str:
    """Return a type with a mark for each of its numbers; a number in quotes is a value."""
    return re.sub(f"{_VALUE}|{_SIZE}", lambda found: found[0] if found[0][0] == "'" else "#", folded)


def _sizes(text: str) -> list[int]:
    """Return the numbers in a type, and how many digits stand before the point: fewer in (10,4) than in (10,2)."""
    text = re.sub(_VALUE, "", text)
    before_point = [int(digits) - int(behind) for digits, behind in re.findall(_DECIMAL, text)]
    return [*map(int, re.findall(_SIZE, text)), *before_point]


def _folded(kind: str) -> str:
    """Return a type in small letters and without the blanks that say nothing; what is in quotes stays as it is."""
    parts = re.split(f"({_VALUE})", " ".join(kind.split()))
    folded = (part if part[:1] == "'" else re.sub(r" ?([(),<>:]) ?", r"\1", part.lower()) for part in parts)
    return "".join(folded)


def _type(folded: str) -> _Type:
    found = re.fullmatch(_TYPE, folded)
    return _Type(found["name"], found["sizes"] or "", found["rest"]) if found else _Type(folded, "", "")
