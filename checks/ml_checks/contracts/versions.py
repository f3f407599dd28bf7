"""The versions of data contracts: which comes first, what one brings, and which brings enough."""

from __future__ import annotations

import re
from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    Numbers = tuple[int, int, int]

# What a change needs, and what a version brings.
NONE, PATCH, MINOR, MAJOR = range(4)

# Numbers as long as anyone means them: of one with 4,300 digits Python makes none.
_NUMBER = "(0|[1-9][0-9]{0,17})"
_WORDS = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-(?P<stage>{_WORDS}))?(?:\+{_WORDS})?")
_LAST_NUMBER = r"(?:.*\.)?(?P<number>0|[1-9][0-9]{0,17})"


@cache
def numbers(version: str | None) -> Numbers | None:
    """Return the numbers of a semantic version; None where it is none."""
    found = _VERSION.fullmatch(version or "")
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _numbers(version: str) -> Numbers:
    return numbers(version) or (0, 0, 0)


def is_lower(new: str, old: str) -> bool:
    """Tell whether a semantic version comes before another one."""
    return _order(new) < _order(old)


def brought(old: str, new: str) -> int:
    """Return what a semantic version brings to an older one.

    Below 1.0.0 the second number counts as the first. A pre-release may still change by all that it brings itself:
    what 2.0.0-rc.1 breaks, 2.0.0 may break in another way.
    """
    if _order(new) <= _order(old):
        return NONE
    was, now = _numbers(old), _numbers(new)
    return max(_step(was, now), _own(was) if _stage(old) else NONE)


def needed(level: int, old: str) -> str:
    """Return the lowest version that brings what a change needs."""
    was = _numbers(old)
    if (stage := _stage(old)) and level <= _own(was):
        return f"{'.'.join(map(str, was))}-{_next(stage)}"
    return _raised(was, level if was[0] else level - 1)


def _raised(numbers: Numbers, level: int) -> str:
    """Return the version that comes next: the major, minor or patch number is one more, and those behind it are 0."""
    major, minor, patch = numbers
    if level == MAJOR:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if level == MINOR else f"{major}.{minor}.{patch + 1}"


def _stage(version: str) -> str:
    """Return what a pre-release has behind its numbers, such as `rc.1`."""
    found = _VERSION.fullmatch(version)
    return (found["stage"] or "") if found else ""


def _order(version: str) -> tuple[object, ...]:
    """Return what orders versions: a pre-release before its version, numbers before words, and by their length."""
    stage = _stage(version)
    words = [(0, len(word), word) if word.isdecimal() else (1, 0, word) for word in stage.split(".")]
    return numbers(version) or (), not stage, words


def _step(old: Numbers, new: Numbers) -> int:
    levels = zip((MAJOR, MINOR, PATCH), old, new, strict=True)
    return _level(next((level for level, one, other in levels if one != other), NONE), new)


def _own(numbers: Numbers) -> int:
    """Return what a version brings to those before it."""
    _, minor, patch = numbers
    return _level(PATCH if patch else MINOR if minor else MAJOR, numbers)


def _level(level: int, new: Numbers) -> int:
    """Return what a step brings: below 1.0.0 the second number counts as the first, and the third as the second."""
    return level if new[0] or level in {NONE, MAJOR} else level + 1


def _next(stage: str) -> str:
    """Return the stage of a pre-release that comes next: rc.2 after rc.1."""
    found = re.fullmatch(_LAST_NUMBER, stage)
    return f"{stage[: found.start('number')]}{int(found['number']) + 1}" if found else f"{stage}.1"
