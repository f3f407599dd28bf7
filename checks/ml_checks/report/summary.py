"""A table in place of many findings: how often each rule finds something, in how many files, and in which names."""

from __future__ import annotations

from collections import Counter

from ml_checks.errors import printable
from ml_checks.record import Record
from ml_checks.report.model import counted, documentation, unread, unwritten
from ml_checks.report.terminal import cut, look_of, padded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ml_checks.report.model import Report
    from ml_checks.values import Finding

# So many names are listed for each rule.
MOST_NAMES = 3
# The columns of a table that is shown nowhere.
WIDTH = 120


class Row(Record):
    """A rule: its code and fault, how many findings in how many files, and the names that occur most."""

    code: str
    fault: str
    findings: int
    files: int
    names: tuple[tuple[str, int], ...]


def summary(findings: Iterable[Finding]) -> list[Row]:
    """Return a row for each rule that found something, the most findings first."""
    by_code: dict[str, list[Finding]] = {}
    for finding in findings:
        by_code.setdefault(finding[1], []).append(finding)
    return sorted((_row(*pair) for pair in by_code.items()), key=lambda row: (-row.findings, row.code))


def _row(code: str, findings: Sequence[Finding]) -> Row:
    files = len({at[0] for at, _, _ in findings})
    names: Counter[str] = Counter()
    # Of many findings, most say what others say, too.
    for message, number in Counter([message for _, _, message in findings]).items():
        if name := _name(message):
            names[name] += number
    return Row(code, documentation(code)[0], len(findings), files, tuple(names.most_common(MOST_NAMES)))


def _name(message: str) -> str:
    """Return what a message is about: what stands between its first two quotes."""
    return message.partition("'")[2].partition("'")[0]


def render(report: Report) -> str:
    """Return the table alone, and the counts."""
    look = look_of(report.stream)
    lines = table(report.findings, look.width if look else WIDTH)
    last = filter(None, (counted(report), unwritten(report), *unread(report)))
    return "".join(f"{line}\n" for line in (*lines, *([""] if report.findings else []), *last))


def table(findings: Sequence[Finding], width: int) -> Iterator[str]:
    """Yield the lines of the table, none wider than so many columns."""
    rows = summary(findings)
    if not rows:
        return
    cells = [("code", "findings", "files", "fault", "most often")]
    cells += [(row.code, f"{row.findings:,}", f"{row.files:,}", row.fault, _names(row)) for row in rows]
    numbers = [max(len(row[column]) for row in cells) for column in (0, 1, 2)]
    left = max(width - sum(numbers) - 8, 40)
    fault = min(max(len(row[3]) for row in cells), left * 3 // 5)
    for code, found, files, text, names in cells:
        counts = f"{code:<{numbers[0]}}  {found:>{numbers[1]}}  {files:>{numbers[2]}}"
        yield f"{counts}  {padded(cut(text, fault), fault)}  {cut(names, left - fault)}".rstrip()


def _names(row: Row) -> str:
    return ", ".join(f"{printable(name)} ({found:,})" for name, found in row.names)
