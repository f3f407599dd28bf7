"""The rules: plain functions under stable codes, and the families they come in."""

from __future__ import annotations

import os

from ml_checks.errors import CannotRunError, suggestion
from ml_checks.record import Record
from ml_checks.values import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ml_checks.project.batch import Batch
    from ml_checks.project.project import Project
    from ml_checks.values import Location

    Rule = Callable[[Project], Iterator[tuple[Location, str]]]
    FileRule = Callable[[Batch], Iterator[tuple[Location, str]]]
    File = tuple[str, str]


class Family(Record):
    """Rules that belong together: their code prefix, their hook id and what they are about."""

    prefix: str
    hook: str
    about: str

    def load(self) -> None:
        """Import the module that registers the rules."""
        __import__(f"ml_checks.rules.{self.hook.replace('-', '_')}")  # importing importlib itself takes longer


FAMILIES = (
    Family("SCH", "schema-naming", "names and types that a whole company shares"),
    Family("CON", "data-contract", "data contracts that hold, and change only as they say"),
    Family("OWN", "owner-declared", "an owner who answers for every component"),
    Family("DOC", "docs-present", "documentation that is there and stays true"),
    Family("PRC", "pr-checklist", "the questions that a review answers because no machine can"),
    Family("REV", "review-date", "waivers that end, and a baseline that shrinks"),
    # Last, because what cannot be read is known only after the others have read it; always selected.
    Family("FIL", "files-readable", "files that every tool reads the same way"),
)
RULES: dict[str, Callable[..., Iterator[tuple[Location, str]]]] = {}
# What says that files cannot be read.
UNREAD = "FIL"
# What says that no other rule has judged a file.
UNJUDGED = ("FIL001", "FIL005")
# What no waiver and no baseline can hide: unread files, and what is wrong with waivers and the baseline themselves.
UNWAIVABLE = (UNREAD, "REV0")
# The rules that hold files against each other, so that no single path's standards can judge.
ACROSS: set[str] = set()
# The rules that judge each file by itself, each with what it reads of it.
ALONE: dict[str, tuple[str, ...]] = {}
# What such rules read: contracts, schemas in other formats, pages.
CONTRACTS, DATASETS, PAGES = ("contracts",), ("contracts", "schemas"), ("pages",)


def rule(code: str, *, across: bool = False) -> Callable[[Rule], Rule]:
    """Register a function as the rule with this code; its docstring is the rule's documentation.

    One that goes `across` files finds in one of them what depends on others.
    """

    def register(function: Rule) -> Rule:
        _register(code, function)
        if across:
            ACROSS.add(code)
        return function

    return register


def file_rule(code: str, reads: tuple[str, ...]) -> Callable[[FileRule], FileRule]:
    """Register a rule that judges each file by itself, so that what it finds holds until the file changes."""

    def register(function: FileRule) -> FileRule:
        _register(code, function)
        ALONE[code] = reads
        return function

    return register


def found(codes: Iterable[str], subject: Project | Batch) -> tuple[set[Finding], list[str]]:
    """Return what rules find, and a sentence for each that crashes; the others still run."""
    findings: set[Finding] = set()
    crashes = []
    for code in codes:
        try:
            findings.update(Finding(at, code, message) for at, message in RULES[code](subject))
        except CannotRunError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever a rule does, the other rules have their say
            crashes.append(_crash(code, error))
    return findings, crashes


def _register(code: str, function: Callable[..., Iterator[tuple[Location, str]]]) -> None:
    if code in RULES:
        msg = f"two rules have the code {code}"
        raise ValueError(msg)
    RULES[code] = function


def _crash(code: str, error: Exception) -> str:
    """Say in one line which rule crashed, where and on what."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    where = f"{os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}" if place else "?"
    return f"{code} crashed in {where}: {type(error).__name__}: {error}"


def nearest(prefix: str) -> str:
    """Name the code or the family that somebody may have meant."""
    for family in FAMILIES:
        family.load()
    families = [family.prefix for family in FAMILIES]
    return suggestion(prefix, list(RULES) if prefix[-1].isdigit() else families, families)
