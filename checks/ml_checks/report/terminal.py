"""What a terminal can show: colours, how many columns and lines it has, and how many columns a text takes."""

from __future__ import annotations

import os

from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

# A terminal of unknown size, such as the one that pre-commit makes, has at least this.
WIDTH, HEIGHT = 100, 40
BOLD, RED, BLUE = "1", "1;31", "34"


class Look(Record):
    """How a terminal shows text, and how much of it."""

    has_colour: bool
    width: int
    height: int

    def paint(self, text: str, colour: str) -> str:
        """Return a text in a colour, where colours are wanted."""
        return f"\033[{colour}m{text}\033[m" if self.has_colour else text


def look_of(stream: TextIO | None) -> Look | None:
    """Return how to show text on a stream; None where it is to be plain."""
    forced = bool(os.environ.get("FORCE_COLOR"))
    if stream is None or not (forced or stream.isatty()):
        return None
    has_colour = not os.environ.get("NO_COLOR") and (forced or os.environ.get("TERM") != "dumb")
    return Look(has_colour, *_size_of(stream))


def _size_of(stream: TextIO) -> tuple[int, int]:
    """Return how many columns and lines a stream shows."""
    try:
        width, height = os.get_terminal_size(stream.fileno())
    except OSError:
        width = height = 0
    return width or WIDTH, height or HEIGHT


def width_of(text: str) -> int:
    """Return how many columns a text takes: none for what is put on another letter, two for a wide one."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 1 + (east_asian_width(char) in "WF") for char in text)


def cut(text: str, room: int) -> str:
    """Return a text that takes no more columns than there is room for."""
    if width_of(text) <= room:
        return text
    while width_of(text) > room - 3:
        text = text[:-1]
    return f"{text.rstrip()}..."


def padded(text: str, room: int) -> str:
    """Return a text with spaces behind it, up to so many columns."""
    return text + " " * (room - width_of(text))
