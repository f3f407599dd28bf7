"""Text for people: plain in a pipe, with colour and the lines at fault on a terminal."""

from __future__ import annotations

import os

from ml_checks.record import Record
from ml_checks.report import count, documentation, line, place, printable, waived

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from ml_checks.report import Report
    from ml_checks.values import Finding

# A terminal of unknown width, such as the one that pre-commit makes, has at least this.
WIDTH = 100
BOLD, RED, BLUE = "1", "1;31", "34"


class Look(Record):
    """How a terminal shows text."""

    has_colour: bool
    width: int

    def paint(self, text: str, colour: str) -> str:
        """Return a text in a colour, where colours are wanted."""
        return f"\033[{colour}m{text}\033[m" if self.has_colour else text


def render(report: Report) -> str:
    """Return a line for each finding, then for each code what to do, then how many are found and waived."""
    if not report.findings:
        return f"{count(len(report.waived), 'finding')} waived; `ml-checks waivers` lists them.\n"
    look = _look(report.stream)
    lines = [line(finding) for finding in report.findings] if look is None else _shown(report, look)
    codes = sorted({finding.code for finding in report.findings})
    files = {finding.at.path for finding in report.findings}
    counted = f"{count(len(report.findings), 'finding')} in {count(len(files), 'file')}{waived(report)}."
    advice = [row for code in codes for row in _advice(code, look)]
    return "\n".join([*lines, *advice, "", counted, ""])


def _look(stream: TextIO | None) -> Look | None:
    """Return how to show text on a stream; None where it is to be plain."""
    forced = bool(os.environ.get("FORCE_COLOR"))
    if stream is None or not (forced or stream.isatty()):
        return None
    dull = os.environ.get("NO_COLOR") or (not forced and os.environ.get("TERM") == "dumb")
    try:
        width = os.get_terminal_size(stream.fileno()).columns
    except OSError:
        width = 0
    return Look(not dull, width or WIDTH)


def _shown(report: Report, look: Look) -> Iterator[str]:
    """Yield each finding with its line, and a caret below what is wrong."""
    texts: dict[str, list[str]] = {}
    for finding in report.findings:
        path = finding.at.path
        if path not in texts:
            texts[path] = (report.project.source(path) or "").split("\n")
        code = look.paint(finding.code, RED)
        yield f"{look.paint(place(finding), BOLD)}: {code} {printable(finding.message)}"
        if finding.at.line <= len(texts[path]) and (row := texts[path][finding.at.line - 1]):
            yield from _excerpt(row, finding, report.spots[finding].end, look)


def _excerpt(row: str, finding: Finding, end: int | None, look: Look) -> Iterator[str]:
    """Yield a line as it is on a terminal, and below it a caret; of a long line what is around the caret."""
    number = str(finding.at.line)
    start, room = finding.at.col - 1, max(look.width - len(number) - 5, 20)
    stop = max(end - 1 if end else 0, start + 1)
    cut = max(0, min(start - room // 3, len(row) - room))
    visible = row[cut : cut + room]
    before, marked = _width(row[cut:start]), _width(row[start : min(stop, cut + room)])
    bar = look.paint("|", BLUE)
    yield f"  {look.paint(number, BLUE)} {bar} {''.join(map(_cell, visible))}"
    yield f"  {' ' * len(number)} {bar} {' ' * before}{look.paint('^' * max(marked, 1), RED)}"


def _cell(char: str) -> str:
    """Return what stands for a character that would move the caret: a tab is as wide as the terminal likes."""
    return char if char.isprintable() else " " if char == "\t" else "?"


def _width(text: str) -> int:
    """Return how many columns a text takes: none for what is put on another letter, two for a wide one."""
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 1 + (east_asian_width(char) in "WF") for char in text)


def _advice(code: str, look: Look | None) -> list[str]:
    from textwrap import wrap

    fault, advice = documentation(code)
    lines = wrap(advice, 110, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
    return ["", f"{look.paint(code, RED) if look else code}: {fault}", *lines]
