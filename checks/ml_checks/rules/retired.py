"""Rules that are no more: their codes are never used again, and go on to answer wherever one may be written."""

from __future__ import annotations

from ml_checks.record import Record
from ml_checks.rules.registry import RULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Retired(Record):
    """A rule that is no more: since which version, why, and the codes of the rules that find its faults now, if any."""

    code: str
    since: str
    why: str
    followers: tuple[str, ...]

    def __str__(self) -> str:
        """Say it in a sentence."""
        now = f"its faults are found by {' and '.join(self.followers)}" if self.followers else "no rule took its place"
        return f"{self.code} is no more since version {self.since}, because {self.why}; {now}"


# Under their codes. A rule that is renamed has one follower; one that is split has several.
RETIRED: dict[str, Retired] = {}


def retire(code: str, since: str, why: str, *followers: str) -> None:
    """Enter a rule that is no more; raise ValueError where there is one with its code."""
    if code in RULES or code in RETIRED:
        raise ValueError(f"{code} is another rule")
    RETIRED[code] = Retired(code, since, why, followers)


def retired(prefix: str) -> list[Retired]:
    """Return the rules that are no more whose codes begin so."""
    return [rule for code, rule in RETIRED.items() if code.startswith(prefix)]


def current(code: str) -> tuple[str, ...]:
    """Return the codes of the rules that find today what a rule found: its own, those that followed it, or none."""
    return tuple(_current(code)) if code in RETIRED else (code,)


def _current(code: str) -> Iterator[str]:
    for follower in RETIRED[code].followers:
        yield from current(follower)


def called_today(entries: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return what entries of a baseline are called today, for those whose rule is no more."""
    codes = {entry: entry.partition(" ") for entry in entries} if RETIRED else {}
    return {
        entry: tuple(f"{now} {rest}" for now in current(code))
        for entry, (code, _, rest) in codes.items()
        if code in RETIRED
    }
