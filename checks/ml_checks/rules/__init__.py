"""The families of rules, and which rules a selection of codes means."""

from __future__ import annotations

from itertools import chain

from ml_checks.errors import CannotRunError, quoted, suggestion
from ml_checks.record import Record
from ml_checks.rules.registry import RULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Family(Record):
    """Rules that belong together: their code prefix, their hook id, what they are about, and older hook ids."""

    prefix: str
    hook: str
    about: str
    older_hooks: tuple[str, ...] = ()
    is_always_selected: bool = False

    def load(self) -> None:
        """Import the module that registers the rules."""
        __import__(f"ml_checks.rules.{self.hook.replace('-', '_')}")  # importing importlib itself takes longer

    def may_be_in(self, prefixes: tuple[str, ...]) -> bool:
        """Tell whether rules of the family may be in a selection."""
        return self.is_always_selected or any(map(self.may_begin, prefixes))

    def codes_in(self, prefixes: tuple[str, ...]) -> list[str]:
        """Return the codes of the family in a selection, once its rules are registered."""
        codes = [code for code in RULES if code.startswith(self.prefix)]
        return codes if self.is_always_selected else [code for code in codes if code.startswith(prefixes)]

    def may_begin(self, prefix: str) -> bool:
        """Tell whether the family has codes that begin so."""
        return self.prefix.startswith(prefix) or prefix.startswith(self.prefix)


FAMILIES = (
    Family("SCH", "schema-naming", "names and types that a whole company shares"),
    Family("CON", "data-contract", "data contracts that hold, and change only as they say"),
    Family("OWN", "owner-declared", "an owner who answers for every component"),
    Family("DOC", "docs-present", "documentation that is there and stays true"),
    Family("PRC", "pr-checklist", "the questions that a review answers because no machine can"),
    Family("TRC", "traceability", "what a project shows comes from where it says"),
    Family(
        "INF", "infra-parity", "containers that are the same everywhere, and no larger or more powerful than needed"
    ),
    Family("REV", "waivers-and-baseline", "waivers that end, and a baseline that shrinks", ("review-date",)),
    Family("FIL", "files-readable", "files that every tool reads the same way", is_always_selected=True),
)


def select(prefixes: Iterable[str]) -> list[str]:
    """Return the codes that begin with one of the prefixes; raise CannotRunError. Imports no other family.

    Whatever is selected, a file that could not be read is reported: what nobody read is not clean. A rule that is no
    more stands for those that followed it.
    """
    wanted = tuple(prefixes) or ("",)
    families = _loaded(wanted)
    for prefix in wanted:
        if not any(code.startswith(prefix) for code in RULES):
            wanted = (*wanted, *_followers(prefix))
            families = _loaded(wanted)
    # By family, whichever of them was imported first.
    return list(chain.from_iterable(family.codes_in(wanted) for family in families))


def _loaded(prefixes: tuple[str, ...]) -> list[Family]:
    """Return the families of which some rules may be in a selection, once these are registered."""
    families = [family for family in FAMILIES if family.may_be_in(prefixes)]
    for family in families:
        family.load()
    return families


def _followers(prefix: str) -> list[str]:
    """Return the codes of the rules that followed those whose codes begin so; raise CannotRunError where none did."""
    from ml_checks.rules.retired import current, retired

    if gone := retired(prefix):
        return list(chain.from_iterable(current(rule.code) for rule in gone))
    raise CannotRunError(f"no rule has a code that begins with {quoted(prefix)}; {nearest(prefix)}")


def family_of(code: str) -> Family:
    """Return the family of a rule."""
    return next(family for family in FAMILIES if code.startswith(family.prefix))


def nearest(prefix: str) -> str:
    """Name the code or the family that somebody may have meant."""
    families = [family.prefix for family in FAMILIES]
    return suggestion(prefix, select([]) if prefix[-1].isdigit() else families, families)


def codes_like(code: str) -> list[str]:
    """Return all codes of the family that a code seems to be of, and some others. Imports no other family."""
    for family in FAMILIES:
        if family.may_begin(code):
            family.load()
    return [*RULES]
