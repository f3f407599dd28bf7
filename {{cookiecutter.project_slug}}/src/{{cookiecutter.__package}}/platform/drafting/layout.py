"""Recognises how a CSV file is written: encoding, separator, quotes, and what stands above the names of its columns."""

import codecs
import contextlib
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ..errors import Stopped
from ..places import numbered
from ..source import PARQUET, Layout

SUFFIXES = {".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv", ".parquet": PARQUET, ".pq": PARQUET}
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WESTERN = "cp1252"
SEPARATORS = ",;\t|"
QUOTES = "\"'"
# How Excel says the separator, above the names.
SAID = re.compile(r"sep=([^\w\s\"']|\t)\s*", re.IGNORECASE)
# How files begin that are no tables, whatever their names say.
NO_TABLES = {
    b"version https://git-lfs": "is only a pointer of Git LFS: run `git lfs pull` first",
    b"PK\x03\x04": "is a workbook or another archive: export its table as CSV",
}
# Enough to see how a file is written.
HEAD_CHARACTERS, HEAD_ROWS = 200_000, 300
SHOWN = 5


class Recognised(NamedTuple):
    """How a file is written, and what whoever gave it should know of it."""

    layout: Layout
    remarks: tuple[str, ...]


class _Dialect(NamedTuple):
    share: float
    """Of the rows that have the usual width, less those with quotes left in a value."""
    width: int
    separator: str
    quote: str


def recognise(path: Path, encoding: str | None, *, has_header: bool | None = None) -> Recognised:
    """Return how a file is written; stop where it cannot be known."""
    if not path.is_file():
        message = f"{path} is missing: name a file that is there"
        raise Stopped(message)
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        message = f"{path.name} is neither CSV, TSV nor Parquet by its name: export the table to one of them"
        raise Stopped(message)
    if kind == PARQUET:
        return Recognised(Layout(format=PARQUET), ())
    text, encoding, remarks = _decoded(path, encoding)
    line_end = "\r" if "\n" not in text and "\r" in text else "\n"
    text = _with_plain_ends(text, line_end)
    usual = Layout(encoding="utf-8" if encoding == "ascii" else encoding, line_end=line_end)
    try:
        layout = _arranged(_head(text), usual, path, has_header=has_header)
        return Recognised(layout, (*remarks, *_uneven(_lines(text), layout, path)))
    except csv.Error as error:
        message = f"{path} cannot be read as CSV, maybe because a quote is not closed: {error}"
        raise Stopped(message) from error


def _decoded(path: Path, given: str | None) -> tuple[str, str, list[str]]:
    """Return the text of a file, its encoding, and what is to be said of a guess."""
    raw = path.read_bytes()
    for start, advice in NO_TABLES.items():
        if raw.startswith(start):
            message = f"{path} {advice}"
            raise Stopped(message)
    if encoding := given or _marked(raw):
        try:
            return raw.decode(encoding), encoding, []
        except (LookupError, UnicodeError) as error:
            message = f"{path} cannot be read as {encoding}: {error}"
            raise Stopped(message) from error
    for encoding in ("utf-8", WESTERN):
        with contextlib.suppress(UnicodeDecodeError):
            text = raw.decode(encoding)
            return text, encoding, [_about_western(text)] if encoding == WESTERN else []
    message = f"{path} is neither UTF-8 nor {WESTERN}: name its encoding with --encoding"
    raise Stopped(message)


def _marked(raw: bytes) -> str | None:
    """Return the encoding that the first bytes tell."""
    if named := next((name for mark, name in MARKS if raw.startswith(mark)), None):
        return named
    start = raw[:200]
    if start.count(0) <= len(start) // 4:
        return None
    return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"  # Latin letters have 0 in a byte


def _about_western(text: str) -> str:
    words = sorted({word for word in re.findall(r"\w+", text) if not word.isascii()})
    return f"read as {WESTERN}, as in {', '.join(words[:SHOWN])}: if that is wrong, name --encoding"


def _with_plain_ends(text: str, line_end: str) -> str:
    """End each line with a line feed; a carriage return within one is a blank."""
    if line_end == "\r":
        return text.replace("\r", "\n")
    return text.replace("\r\n", "\n").replace("\r", " ")


def _lines(text: str) -> Iterator[str]:
    """Yield the lines with their ends, as readers of CSV count them: a form feed or U+2028 ends none."""
    start = 0
    while end := text.find("\n", start) + 1:
        yield text[start:end]
        start = end
    if start < len(text):
        yield f"{text[start:]}\n"


def _head(text: str) -> list[str]:
    """Return the first lines, but for one that was cut."""
    lines = list(_lines(text[:HEAD_CHARACTERS]))
    return lines[:-1] if len(text) > HEAD_CHARACTERS and len(lines) > 1 else lines


def _arranged(lines: list[str], layout: Layout, path: Path, *, has_header: bool | None) -> Layout:
    """Say separator, quotes, comments and where the names of the columns stand; stop where there are none."""
    said = SAID.fullmatch(lines[0]) if lines else None
    best = _best(lines[1:], said[1]) if said else _best(lines, SEPARATORS)
    layout = layout._replace(separator=best.separator, quote=best.quote)
    if said:
        layout = layout._replace(skip_lines=1)
    elif _begins_with_comment(lines, best):
        layout = layout._replace(comment="#")
    else:
        layout = layout._replace(skip_lines=_lines_above(lines, best))
    header = next(_rows(lines, layout), [])
    if not any(map(str.strip, header)):
        message = f"{path} holds no table: its first line should name the columns"
        raise Stopped(message)
    _refuse_names_of_rows(lines, header, layout, path)
    return layout._replace(has_header=_is_header(path, header, has_header))


def _best(lines: list[str], separators: str) -> _Dialect:
    """Return the separator and the quote that make the rows most alike."""
    dialects = [found for quote in QUOTES for separator in separators if (found := _tried(lines, separator, quote))]
    return max(dialects, key=lambda one: (one.share, one.width), default=_Dialect(1, 1, separators[0], QUOTES[0]))


def _tried(lines: list[str], separator: str, quote: str) -> _Dialect | None:
    """Read the first rows with a separator and a quote; None where they split nothing."""
    rows = _first_rows(lines, separator, quote)
    full = [row for row in rows if not row[0].startswith("#")] or rows
    widths = Counter(len(row) for row in full if len(row) > 1)
    if not widths:
        return None
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    # A quote that is left in a value was none.
    broken = sum(value.startswith(quote) or value.endswith(quote) for row in full for value in row)
    return _Dialect(count / len(full) - broken / len(full) / 2, width, separator, quote)


def _first_rows(lines: list[str], separator: str, quote: str) -> list[list[str]]:
    """Return the rows that are not blank; none where the separator or an unusual quote does not occur."""
    if not _occurs(separator, lines) or (quote != QUOTES[0] and not _occurs(quote, lines)):
        return []
    with contextlib.suppress(csv.Error):
        return list(filter(None, islice(csv.reader(lines, delimiter=separator, quotechar=quote), HEAD_ROWS)))
    return []


def _occurs(sign: str, lines: list[str]) -> bool:
    return any(sign in line for line in lines)


def _begins_with_comment(lines: list[str], dialect: _Dialect) -> bool:
    """Tell whether the first line is a comment, and not names of which the first begins with its sign."""
    if dialect.width == 1 or not lines[0].startswith("#"):
        return False
    return len(next(csv.reader(lines[:1], delimiter=dialect.separator, quotechar=dialect.quote))) < dialect.width


def _lines_above(lines: list[str], dialect: _Dialect) -> int:
    """Return how many lines stand above the first row that is as wide as most."""
    reader, above = csv.reader(lines, delimiter=dialect.separator, quotechar=dialect.quote), 0
    for row in reader:
        if len(row) >= dialect.width:
            return above
        above = reader.line_num
    return 0


def _rows(lines: Iterable[str], layout: Layout) -> Iterator[list[str]]:
    """Yield the rows, comments and blank lines left out."""
    return (row for _, row in numbered(lines, layout))


def _refuse_names_of_rows(lines: list[str], first: list[str], layout: Layout, path: Path) -> None:
    """Stop where the line above the first full row names all columns but one, as R writes names of rows."""
    above = lines[layout.skip_lines - 1 : layout.skip_lines] if layout.skip_lines else []
    names = next(csv.reader(above, delimiter=layout.separator, quotechar=layout.quote), [])
    is_short = 1 < len(names) == len(first) - 1
    if is_short and all(map(str.strip, names)) and any(map(_is_number, first)):
        values = f"{path} names {len(names)} columns, and its rows have {len(first)} values"
        message = f"{values}: name each, or take away what is too much"
        raise Stopped(message)


def _is_header(path: Path, first: list[str], given: bool | None) -> bool:  # noqa: FBT001 - an answer, or none
    if given is not None:
        return given
    if len(first) > 1 and all(_is_number(value) for value in first):
        values = ", ".join(first[:SHOWN])
        message = (
            f"{path.name} begins with {values}: say --no-header if these are values and not the names of its columns, "
            "or --header"
        )
        raise Stopped(message)
    return True


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _uneven(lines: Iterable[str], layout: Layout, path: Path) -> Iterator[str]:
    """Say which rows are shorter than the first; stop at one that is longer: its values have no column."""
    width, short = 0, []
    for number, row in numbered(lines, layout):
        width = width or len(row)
        if any(map(str.strip, row[width:])):
            message = f"{path} line {number} has {len(row)} values, and its first line {width}: correct that line"
            raise Stopped(message)
        if len(row) < width:
            short.append(number)
    if short:
        places = ", ".join(map(str, short[:SHOWN])) + (" ..." if len(short) > SHOWN else "")
        yield f"{len(short):,} rows are shorter than the first, at the lines {places}: what is missing counts as empty"
