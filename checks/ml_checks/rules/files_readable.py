"""FIL: files that every tool reads the same way."""

from __future__ import annotations

from ml_checks.rules.registry import run_rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.rules.run import Run
    from ml_checks.values import Location


@run_rule("FIL001", on_unread=True)
def file_unreadable(run: Run) -> Iterator[tuple[Location, str]]:
    """A file that the checks need cannot be read.

    No rule has checked this file, and other tools will not read it either. Correct the syntax, save it as UTF-8, or
    split it.
    """
    return _faults(run, "FIL001")


@run_rule("FIL002")
def key_twice(run: Run) -> Iterator[tuple[Location, str]]:
    """A mapping has the same key twice.

    The last one wins, and the first one is lost without a message. Keep one.
    """
    return _faults(run, "FIL002")


@run_rule("FIL003")
def value_ambiguous(run: Run) -> Iterator[tuple[Location, str]]:
    """A YAML value means one thing to one parser and another to the next.

    `no` is false in YAML 1.1 and a word in YAML 1.2; `010` is eight or ten; `22:30` is 1350 or a text. Write
    true or false, a plain number, or put it in quotes.
    """
    return _faults(run, "FIL003")


@run_rule("FIL004")
def key_not_a_name(run: Run) -> Iterator[tuple[Location, str]]:
    """A YAML mapping has a list or a mapping as a key.

    Most tools cannot read that, and it is nearly always a mistake. Give the key a name.
    """
    return _faults(run, "FIL004")


@run_rule("FIL005", on_unread=True)
def file_shaped_otherwise(run: Run) -> Iterator[tuple[Location, str]]:
    """A file does not hold the one mapping that its place promises.

    No rule reads an empty contract, a list or a second document, so it passes all rules. Write one mapping in each
    file, or move the file.
    """
    return _faults(run, "FIL005")


@run_rule("FIL006")
def front_matter_late(run: Run) -> Iterator[tuple[Location, str]]:
    """The front matter of a page is not at its top.

    Tools look for it on the first line only, so a blank line or a comment above it makes it part of the text, and
    nobody reads the owner in it. Move it to the first line.
    """
    return _faults(run, "FIL006")


def _faults(run: Run, code: str) -> Iterator[tuple[Location, str]]:
    return ((fault.at, fault.message) for fault in run.faults if fault.code == code)
