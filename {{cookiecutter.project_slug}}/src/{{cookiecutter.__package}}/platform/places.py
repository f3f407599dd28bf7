"""Says where a row stands in its file: on which line of a text, counted with blank lines, comments and long values."""

import csv
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path

from .source import PARQUET, Layout


def place(path: Path, layout: Layout, row: int) -> str:
    """Return where a row is, of which there are `row` before it; without a text file, as if it stood in a plain one."""
    if layout.format == PARQUET:
        return f"row {row + 1}"
    starts = rows_of(path, layout) if path.is_file() else ()
    return f"line {starts[row] if row < len(starts) else row + 1 + layout.has_header + layout.skip_lines}"


@lru_cache(maxsize=1)
def rows_of(path: Path, layout: Layout) -> Sequence[int]:
    """Return the line on which each row begins, as far as the file can be read."""
    starts = array("Q")
    try:
        with path.open(encoding=layout.encoding, errors="replace", newline=layout.line_end) as file:
            rows = islice(numbered(file, layout), int(layout.has_header), None)
            starts.extend(number for number, row in rows if any(row))
    except (csv.Error, LookupError):
        pass
    return starts


def numbered(lines: Iterable[str], layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the number of its first line, comments and blank lines left out."""
    below = islice(map(_plain, lines), layout.skip_lines, None)
    # Without quotes, one that no text holds.
    reader = csv.reader(below, delimiter=layout.separator, quotechar=layout.quote or "\0")
    above = 0
    for row in reader:
        if row and not (layout.comment and row[0].startswith(layout.comment)):
            yield above + 1 + layout.skip_lines, row
        above = reader.line_num


def _plain(line: str) -> str:
    """End a line with a line feed; another carriage return in it is a blank."""
    return line.removesuffix("\n").removesuffix("\r").replace("\r", " ") + "\n"
