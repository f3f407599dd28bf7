"""Recognises how a CSV file is written: encoding, separator, quotes, and what stands above the names of its columns."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..errors import Stopped
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
SAID = re.compile(r"sep=.\s*", re.IGNORECASE)
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
    raw = path.read_bytes()
    if raw.startswith(b"version https://git-lfs"):
        message = f"{path} is only a pointer of Git LFS: run `git lfs pull` first"
        raise Stopped(message)
    found, remarks = _encoding(raw, encoding, path)
    text = raw.decode(found)
    line_end = "\r" if "\n" not in text and "\r" in text else "\n"
    lines = _lines(text[:HEAD_CHARACTERS], line_end, is_cut=len(text) > HEAD_CHARACTERS)
    layout = _arranged(lines)._replace(encoding="utf-8" if found == "ascii" else found, line_end=line_end)
    header = _header(lines, layout)
    if not any(map(str.strip, header)):
        message = f"{path} holds no table: its first line should name the columns"
        raise Stopped(message)
    layout = layout._replace(has_header=_is_header(path, header, has_header))
    remarks.extend(_uneven(text, layout, path))
    return Recognised(layout, tuple(remarks))


def _encoding(raw: bytes, given: str | None, path: Path) -> tuple[str, list[str]]:
    if given:
        try:
            raw.decode(given)
        except (LookupError, UnicodeDecodeError) as error:
            message = f"{path} cannot be read as {given}: {error}"
            raise Stopped(message) from error
        return given, []
    for mark, name in MARKS:
        if raw.startswith(mark):
            return name, []
    start = raw[:200]
    if start.count(0) > len(start) // 4:  # every second byte of English in UTF-16
        return ("utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"), []
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = raw.decode(WESTERN)
        except UnicodeDecodeError as error:
            message = f"{path} is neither UTF-8 nor {WESTERN}: name its encoding with --encoding"
            raise Stopped(message) from error
        words = sorted({word for word in re.findall(r"\w+", text) if not word.isascii()})
        remark = f"read as {WESTERN}, as in {', '.join(words[:SHOWN])}: if that is wrong, name --encoding"
        return WESTERN, [remark]
    return "utf-8", []


def _lines(text: str, line_end: str, *, is_cut: bool) -> list[str]:
    """Return the first lines with their ends, but for one that was cut."""
    lines = text.replace("\r\n", "\n").replace(line_end, "\n").splitlines(keepends=True)
    lines = [line.rstrip("\n") + "\n" for line in _joined_again(lines)]
    return lines[:-1] if is_cut and len(lines) > 1 else lines


def _joined_again(pieces: list[str]) -> Iterator[str]:
    """Join what Python takes for lines, but no CSV reader does: a form feed, or a separator of Unicode."""
    line = ""
    for piece in pieces:
        line += piece
        if line.endswith("\n"):
            yield line
            line = ""
    if line:
        yield line


def _arranged(lines: list[str]) -> Layout:
    """Return separator, quotes, comments and how many lines stand above the names of the columns."""
    dialects = [found for quote in QUOTES for separator in SEPARATORS if (found := _tried(lines, separator, quote))]
    best = max(dialects, key=lambda one: (one.share, one.width), default=_Dialect(1, 1, ",", '"'))
    layout = Layout(separator=best.separator, quote=best.quote)
    if lines and SAID.fullmatch(lines[0]):
        return layout._replace(skip_lines=1)
    is_comment = [line.startswith("#") and _width(line, best) < best.width for line in lines]
    if is_comment and is_comment[0] and best.width > 1:
        return layout._replace(comment="#")
    above = next(
        (number for number, line in enumerate(lines) if _width(line, best) >= best.width or _is_open(line, best)), 0
    )
    return layout._replace(skip_lines=above)


def _tried(lines: list[str], separator: str, quote: str) -> _Dialect | None:
    """Read the first rows with a separator and a quote; None where they split nothing."""
    text = "".join(lines)
    if separator not in text or (quote not in text and quote != QUOTES[0]):
        return None
    try:
        rows = [
            row
            for row, _ in zip(
                csv.reader(io.StringIO(text), delimiter=separator, quotechar=quote), range(HEAD_ROWS), strict=False
            )
        ]
    except csv.Error:
        return None
    full = [row for row in rows if row and not row[0].startswith("#")] or [row for row in rows if row]
    widths = Counter(map(len, full))
    width, count = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
    if width == 1:
        return None
    # A quote that is left in a value was none.
    broken = sum(value.startswith(quote) or value.endswith(quote) for row in full for value in row)
    return _Dialect(count / len(full) - broken / len(full) / 2, width, separator, quote)


def _width(line: str, dialect: _Dialect) -> int:
    return len(next(csv.reader([line], delimiter=dialect.separator, quotechar=dialect.quote), []))


def _is_open(line: str, dialect: _Dialect) -> bool:
    """Tell whether a line ends within quotes: it goes on in the next one."""
    return dialect.separator in line and line.count(dialect.quote) % 2 == 1


def _header(lines: list[str], layout: Layout) -> list[str]:
    rows = csv.reader(
        (line for line in lines[layout.skip_lines :] if not (layout.comment and line.startswith(layout.comment))),
        delimiter=layout.separator,
        quotechar=layout.quote,
    )
    return next((row for row in rows if row), [])


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


def _uneven(text: str, layout: Layout, path: Path) -> Iterator[str]:
    """Say which rows are shorter than the first; stop at one that is longer: its values have no column."""
    lines = io.StringIO(text.replace("\r", "\n") if layout.line_end == "\r" else text, newline=None)
    for _ in range(layout.skip_lines):
        next(lines, "")
    reader = csv.reader(lines, delimiter=layout.separator, quotechar=layout.quote)
    width, short = 0, []
    for row in reader:
        if not row or (layout.comment and row[0].startswith(layout.comment)):
            continue
        width = width or len(row)
        if len(row) > width and any(value.strip() for value in row[width:]):
            message = (
                f"{path} line {reader.line_num + layout.skip_lines} has {len(row)} values, and its first line {width}: "
                "correct that line"
            )
            raise Stopped(message)
        if len(row) < width and width > 1:
            short.append(reader.line_num + layout.skip_lines)
    if short:
        places = ", ".join(map(str, short[:SHOWN])) + (" ..." if len(short) > SHOWN else "")
        yield f"{len(short):,} rows are shorter than the first, at the lines {places}: what is missing counts as empty"
