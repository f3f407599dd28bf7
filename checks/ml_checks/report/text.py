"""Text for people: plain in a pipe, with colour and the lines at fault on a terminal."""

from __future__ import annotations

from ml_checks.errors import count, printable, typed
from ml_checks.report.model import counted, documentation, unread, unwritten
from ml_checks.report.terminal import BLUE, BOLD, RED, look_of, width_of
from ml_checks.values import line, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ml_checks.report.model import Report
    from ml_checks.report.terminal import Look
    from ml_checks.values import Finding


def render(report: Report) -> str:
    """Return a line for each finding, for each code what to do, and what is counted beside them."""
    last = [*filter(None, [unwritten(report)]), *unread(report)]
    if not report.findings:
        allowed = typed(f"{count(len(report.waived), 'finding')} waived; `ml-checks waivers` lists them.")
        return "".join(f"{one}\n" for one in (*([allowed] if report.waived else []), *last))
    look = look_of(report.stream)
    lines = list(map(line, report.findings) if look is None else _shown(report, look))
    for code in sorted({finding.code for finding in report.findings}):
        lines += _advice(code, look)
    return "\n".join([*lines, *_table(report, look, len(lines)), "", counted(report), *last, ""])


def _table(report: Report, look: Look | None, number: int) -> Sequence[str]:
    """Return the table that shows, on a terminal and past a screenful of lines, what all the findings come down to."""
    if look is None or number <= look.height:
        return ()
    from ml_checks.report.summary import table

    return ["", *table(report.findings, look.width)]


def _shown(report: Report, look: Look) -> Iterator[str]:
    """Yield each finding with its line, and a caret below what is wrong."""
    texts: dict[str, list[str]] = {}
    for finding, end in zip(report.findings, report.subjects.ends, strict=False):
        path = finding.at.path
        if path not in texts:
            texts[path] = (report.project.source(path) or "").split("\n")
        code = look.paint(finding.code, RED)
        yield f"{look.paint(place(finding), BOLD)}: {code} {printable(finding.message)}"
        if finding.at.line <= len(texts[path]) and (row := texts[path][finding.at.line - 1]):
            yield from _excerpt(row, finding, end, look)


def _excerpt(row: str, finding: Finding, end: int | None, look: Look) -> Iterator[str]:
    """Yield a line as it is on a terminal, and below it a caret; of a long line what is around the caret."""
    number = str(finding.at.line)
    start, room = finding.at.col - 1, max(look.width - len(number) - 5, 20)
    stop = max(end - 1 if end else 0, start + 1)
    cut = max(0, min(start - room // 3, len(row) - room))
    visible = row[cut : cut + room]
    before, marked = width_of(row[cut:start]), width_of(row[start : min(stop, cut + room)])
    bar = look.paint("|", BLUE)
    yield f"  {look.paint(number, BLUE)} {bar} {''.join(map(_cell, visible))}"
    yield f"  {' ' * len(number)} {bar} {' ' * before}{look.paint('^' * max(marked, 1), RED)}"


def _cell(char: str) -> str:
    """Return what stands for a character that would move the caret: a tab is as wide as the terminal likes."""
    return char if char.isprintable() else " " if char == "\t" else "?"


def _advice(code: str, look: Look | None) -> list[str]:
    from textwrap import wrap

    fault, advice = documentation(code)
    lines = wrap(advice, 110, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
    return ["", f"{look.paint(code, RED) if look else code}: {fault}", *lines]
