"""The rules: plain functions under stable codes, and the families they come in."""

from __future__ import annotations

from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ml_checks.project import Project
    from ml_checks.values import Location

    Rule = Callable[[Project], Iterator[tuple[Location, str]]]


class Family(Record):
    """Rules that belong together: their code prefix, their hook id and what they are about."""

    prefix: str
    hook: str
    about: str

    def load(self) -> None:
        """Import the module that registers the rules."""
        __import__(f"ml_checks.{self.hook.replace('-', '_')}")  # importing importlib itself takes longer


FAMILIES = (
    Family("SCH", "schema-naming", "names and types that a whole company shares"),
    Family("CON", "data-contract", "data contracts that hold, and change only as they say"),
    Family("OWN", "owner-declared", "an owner who answers for every component"),
    Family("DOC", "docs-present", "documentation that is there and stays true"),
    Family("REV", "review-date", "waivers that end, and a baseline that shrinks"),
    # Last, because what cannot be read is known only after the others have read it; always selected.
    Family("FIL", "files-readable", "files that every tool reads the same way"),
)
RULES: dict[str, Rule] = {}
# What no waiver and no baseline can hide: unread files, and what is wrong with waivers and the baseline themselves.
UNWAIVABLE = ("FIL", "REV0")
# The rules that hold files against each other, so that no single path's standards can judge.
ACROSS: set[str] = set()


def rule(code: str, *, across: bool = False) -> Callable[[Rule], Rule]:
    """Register a function as the rule with this code; its docstring is the rule's documentation.

    One that goes `across` files finds in one of them what depends on others.
    """

    def register(function: Rule) -> Rule:
        if code in RULES:
            msg = f"two rules have the code {code}"
            raise ValueError(msg)
        RULES[code] = function
        if across:
            ACROSS.add(code)
        return function

    return register
