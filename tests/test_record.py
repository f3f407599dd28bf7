"""A record behaves as the type checker is told: as a named tuple."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from ml_checks.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable


class Place(Record):
    """A place."""

    path: str
    line: int
    col: int = 1


class Same(NamedTuple):
    """The same as the standard library has it."""

    path: str
    line: int
    col: int = 1


BOTH: list[Any] = [Place, Same]
BUILT: dict[str, Callable[[Any], Any]] = {
    "in order": lambda kind: kind("a.yaml", 2, 3),
    "by names": lambda kind: kind(line=2, path="a.yaml", col=3),
    "in both ways": lambda kind: kind("a.yaml", col=3, line=2),
    "with a default": lambda kind: kind("a.yaml", 2),
    "with a default, by names": lambda kind: kind(line=2, path="a.yaml"),
    "from an iterable": lambda kind: kind._make(iter(["a.yaml", 2, 3])),
    "from another": lambda kind: kind("a.yaml", 2)._replace(line=5, col=6),
    "by copying": lambda kind: copy.copy(kind("a.yaml", 2, 3)),
    "by pickling": lambda kind: pickle.loads(pickle.dumps(kind("a.yaml", 2, 3))),  # noqa: S301  # our own
}
REFUSED: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda kind: kind(),
    "too few": lambda kind: kind("a.yaml"),
    "too many": lambda kind: kind("a.yaml", 2, 3, 4),
    "an unknown name": lambda kind: kind("a.yaml", 2, row=3),
    "one twice": lambda kind: kind("a.yaml", 2, path="b.yaml"),
    "an unknown name in place of another": lambda kind: kind("a.yaml", 2)._replace(row=3),
}


@pytest.mark.parametrize("build", BUILT.values(), ids=BUILT)
def test_it_is_built_as_a_named_tuple_is(build: Callable[[Any], Any]) -> None:
    ours, theirs = map(build, BOTH)
    assert (type(ours), tuple(ours)) == (Place, tuple(theirs))
    assert (ours.path, ours.line, ours.col) == tuple(theirs)
    assert ours._asdict() == theirs._asdict()
    assert repr(ours) == repr(theirs).replace("Same", "Place")
    assert hash(ours) == hash(theirs)


@pytest.mark.parametrize("build", REFUSED.values(), ids=REFUSED)
def test_it_is_refused_where_a_named_tuple_is(build: Callable[[Any], Any]) -> None:
    for kind in BOTH:
        with pytest.raises((TypeError, ValueError), match=r"\w"):
            build(kind)


def test_it_says_what_was_wrong() -> None:
    with pytest.raises(TypeError, match=r"^Place\(path, line, col\) got 1 items without a name; missing \['line'\]$"):
        REFUSED["too few"](Place)


def test_it_can_be_matched() -> None:
    match BUILT["in order"](Place):
        case Place(path, line):
            assert (path, line) == ("a.yaml", 2)


def test_its_items_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        BUILT["in order"](Place).line = 3
