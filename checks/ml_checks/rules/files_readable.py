"""FIL: files that every tool reads the same way."""

from __future__ import annotations

from ml_checks.rules.registry import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.project.project import Project
    from ml_checks.values import Location


@rule("FIL001")
def file_unreadable(project: Project) -> Iterator[tuple[Location, str]]:
    """A file that the checks need cannot be read.

    What cannot be read cannot be checked, and nothing else will read it either. Correct the syntax, save it as
    UTF-8, or split it.
    """
    return _noted(project, "FIL001")


@rule("FIL002")
def key_twice(project: Project) -> Iterator[tuple[Location, str]]:
    """A mapping has the same key twice.

    The last one wins and the first is lost without a word. Keep one.
    """
    return _noted(project, "FIL002")


@rule("FIL003")
def value_ambiguous(project: Project) -> Iterator[tuple[Location, str]]:
    """A YAML value means one thing to one parser and another to the next.

    `no` is false in YAML 1.1 and a word in YAML 1.2; `010` is eight or ten; `22:30` is 1350 or a text. Write
    true or false, a plain number, or put it in quotes.
    """
    return _noted(project, "FIL003")


@rule("FIL004")
def key_not_a_name(project: Project) -> Iterator[tuple[Location, str]]:
    """A YAML mapping has a list or a mapping as a key.

    Most tools cannot read that, and nobody means it. Give the key a name.
    """
    return _noted(project, "FIL004")


@rule("FIL005")
def file_shaped_otherwise(project: Project) -> Iterator[tuple[Location, str]]:
    """A file does not hold the one mapping that its place promises.

    An empty contract, a list or a second document is read by no rule, and so passes all of them. Write one
    mapping a file, or move the file.
    """
    return _noted(project, "FIL005")


def _noted(project: Project, code: str) -> Iterator[tuple[Location, str]]:
    return ((fault.at, fault.message) for fault in project.faults if fault.code == code)
