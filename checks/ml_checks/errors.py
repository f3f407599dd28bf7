"""The one error that ends a run before it starts, and the words that messages are made of."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# How a sentence begins on a crash of what reads a file; one on a crash of a rule begins with its code.
READING = "reading "
# How a sentence on a rule that could not judge goes on behind the code.
UNCHECKED = " was not checked: "
# What somebody types to run the checks; a project that has its own command for it says so.
COMMAND = os.environ.get("ML_CHECKS_COMMAND", "ml-checks")


class CannotRunError(Exception):
    """The checks cannot run: a usage, a configuration or git itself is at fault. The text tells a person what to do."""


class UncheckedError(Exception):
    """A rule cannot know what it has to judge. The text tells a person what is missing and what to do."""


def suggestion(word: str, known: Sequence[str], listed: Sequence[str] = ()) -> str:
    """Return the known word that an unknown one looks like, or else all that are known, or those to list instead."""
    from difflib import get_close_matches

    near = get_close_matches(word, known, 1, 0.5)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(listed or known)}"


def crash(what: str, error: Exception) -> str:
    """Say in one line what of the checks themselves failed, where and on what."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    where = f"{os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}" if place else "?"
    return f"{what} crashed in {where}: {type(error).__name__}: {error}"


def unchecked(code: str, error: UncheckedError) -> str:
    """Say in one line which rule could not judge, and why."""
    return f"{code}{UNCHECKED}{error}"


def printable(text: str) -> str:
    """Return a text on one line, with what no terminal should print escaped: a path may hold anything."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def quoted(text: str) -> str:
    """Return a text in quotes for a message, with backslashes and quotes as they are in the file."""
    mark = '"' if "'" in text and '"' not in text else "'"
    return f"{mark}{text}{mark}"


def typed(text: str) -> str:
    """Return a text with its commands, which stand in backquotes, as somebody types them here."""
    return text.replace("`ml-checks ", f"`{COMMAND} ")


def count(number: int, noun: str) -> str:
    """Return a number of things in words."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
