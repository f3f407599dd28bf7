"""Reads a file as its contract says that it is written: separators, encodings, empty values, numbers and times."""

import codecs
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import polars as pl
import polars.selectors as cs

from .errors import Stopped

TYPES: Mapping[str, pl.DataType] = {
    "string": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us", "UTC"),
}
PARQUET = "parquet"
# What is read of a file at once, where it is read in parts.
BLOCK_BYTES = 8 * 2**20
BATCH_ROWS = 200_000
# Parts of a pattern for dates, as Java and ODCS write them, and as strptime does.
PATTERNS = {
    **{"yyyy": "%Y", "yy": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%m", "dd": "%d", "d": "%d"},
    **{"HH": "%H", "H": "%H", "hh": "%I", "h": "%I", "mm": "%M", "ss": "%S", "a": "%p", "XXX": "%:z", "XX": "%z"},
}
# A negative number in brackets; what stands around it may be inside them, or outside.
BRACKETED = r"^([^\d()]*)\((.*)\)([^\d()]*)$"
# A sign, and blanks after it.
AFTER_SIGN = r"^([+-])\s+"
PART = re.compile(r"'(?P<quoted>[^']*)'|(?P<fraction>\.S+)|(?P<part>([A-Za-z])\4*)")


class Layout(NamedTuple):
    """How a file is written: what a server of a contract says in `format`, `encoding` and its custom properties."""

    format: str = "csv"
    encoding: str = "utf-8"
    separator: str = ","
    quote: str = '"'
    decimal: str = "."
    thousands: str = ""
    comment: str | None = None
    skip_lines: int = 0
    has_header: bool = True
    """Without a header, the columns are called column_0, column_1 and so on."""
    line_end: str = "\n"
    null_values: tuple[str, ...] = ()
    """What stands for no value in fields of numbers, truths and times. A field of texts names its own."""


class Spelling(NamedTuple):
    """How the values of a field are written: its custom properties, and its `format` and time zone."""

    column: str
    null_values: tuple[str, ...] = ()
    true_value: str = "true"
    false_value: str = "false"
    prefix: str = ""
    suffix: str = ""
    minus: str = "-"
    """The sign of negative numbers; `()` where they stand in brackets."""
    decimal: str | None = None
    thousands: str | None = None
    """Where they differ from those of the file."""
    pattern: str | None = None
    zone: str | None = None
    is_padded: bool = False
    """Texts have blanks around them, which say nothing."""
    is_row_number: bool = False
    """Not in the file: rows are counted from 1, because no column tells them apart."""


class Spelled(Protocol):
    """A field: its name, its type, and how it is written."""

    @property
    def name(self) -> str:
        """The name in the contract."""

    @property
    def type(self) -> str:
        """The logical type."""

    @property
    def spelling(self) -> Spelling:
        """How its values are written."""


def strptime_pattern(pattern: str) -> str:
    """Return a pattern such as dd.MM.yyyy as strptime has it; raise ValueError."""

    def part(found: re.Match[str]) -> str:
        if found["quoted"] is not None:
            return found["quoted"].replace("%", "%%")
        if found["fraction"]:
            return "%.f"
        if found["part"] not in PATTERNS:
            raise ValueError(found["part"])
        return PATTERNS[found["part"]]

    return PART.sub(part, pattern)


def read(path: Path, layout: Layout, fields: Iterable[Spelled]) -> pl.DataFrame:
    """Return the columns of a file under the names of the contract; as texts, unless the file has types of its own."""
    return _named(_table(path, layout), list(fields))


def _named(table: pl.DataFrame, fields: Sequence[Spelled], first: int = 0) -> pl.DataFrame:
    """Give columns the names of the contract, and number the rows where it asks for it; `first` rows come before."""
    names = {field.spelling.column: field.name for field in fields if not field.spelling.is_row_number}
    table = _without_blank(table, names)
    table = table.rename({column: names[column] for column in table.columns if column in names})
    counted = next((field.name for field in fields if field.spelling.is_row_number), None)
    return table.with_row_index(counted, offset=first + 1).cast({counted: pl.Int64}) if counted else table


def _without_blank(table: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """Take the blanks from around names, and leave out what blank lines and separators at the end of lines make."""
    table = table.rename({column: column.strip() for column in table.columns if column not in names and column.strip()})
    nameless = [column for column in table.columns if column not in names and not column.strip()]
    table = table.drop(column for column in nameless if table[column].is_null().all())
    return table if table.width == 1 else table.filter(~pl.all_horizontal(pl.all().is_null()))


class Batch(NamedTuple):
    """Some rows of a file, in its order, and how much of the file was read with them: 1 at its end."""

    rows: pl.DataFrame
    share: float


def batches(path: Path, layout: Layout, fields: Iterable[Spelled]) -> Iterator[Batch]:
    """Yield what `read` returns in parts, so that a file of any size fits into memory; a small file is one part."""
    fields, first = list(fields), 0
    with _readable(path, layout):
        for rows, share in _parts(path, layout):
            named = _named(rows, fields, first)
            first += len(named)
            yield Batch(named, share)


def _parts(path: Path, layout: Layout) -> Iterator[Batch]:
    if layout.format == PARQUET:
        scanned = pl.scan_parquet(path)
        count = int(scanned.select(pl.len()).collect().item())
        for first in range(0, max(count, 1), BATCH_ROWS):
            yield Batch(
                _plain(scanned.slice(first, BATCH_ROWS).collect()), min((first + BATCH_ROWS) / max(count, 1), 1)
            )
    elif path.stat().st_size <= BLOCK_BYTES or layout.line_end != "\n" or _is_packed(path):
        yield Batch(_csv(_utf8(path, layout.encoding), layout), 1)
    else:
        yield from _csv_parts(path, layout)


def _csv_parts(path: Path, layout: Layout) -> Iterator[Batch]:
    names, below = b"", layout
    for block, share in _blocks(path, layout):
        rows = _csv(io.BytesIO(names + block), below)
        below = layout._replace(skip_lines=0)
        names = _line_of_names(rows.columns, layout) if layout.has_header else b""
        if len(rows) or share == 1:
            yield Batch(rows, share)


def _line_of_names(columns: Iterable[str], layout: Layout) -> bytes:
    quote = layout.quote
    quoted = (f"{quote}{column.replace(quote, 2 * quote) if quote else column}{quote}" for column in columns)
    return f"{layout.separator.join(quoted)}\n".encode()


def _is_packed(path: Path) -> bool:
    """Tell whether a file is packed by gzip, zlib or zstd, as polars can read it, but not in parts."""
    with path.open("rb") as file:
        return file.read(4).startswith((b"\x1f\x8b", b"\x78\x01", b"\x78\x9c", b"\x78\xda", b"\x28\xb5\x2f\xfd"))


def _blocks(path: Path, layout: Layout) -> Iterator[tuple[bytes, float]]:
    """Yield a file as UTF-8 in blocks that end where a row ends, each with the share of the file that was read."""
    decoder = None if _is_utf8(layout.encoding) else codecs.getincrementaldecoder(layout.encoding)()
    size, rest, lines = path.stat().st_size, b"", layout.skip_lines
    with path.open("rb") as file:
        while content := file.read(BLOCK_BYTES):
            share = min(file.tell() / size, 1)
            text = rest + (_decoded(decoder, content, file.tell(), share == 1) if decoder else content)
            end = len(text) if share == 1 else _end_of_rows(text, layout, lines)
            rest = text[end:]
            if end:
                lines = 0
                yield text[:end], share


def _decoded(decoder: codecs.IncrementalDecoder, content: bytes, end: int, is_last: bool) -> bytes:  # noqa: FBT001
    try:
        return decoder.decode(content, is_last).encode()
    except UnicodeDecodeError as error:  # said in the same words, with the place in the file
        place = end - len(error.object) + error.start
        found = f"byte {error.object[error.start]:#04x} in position {place}"
        message = f"'{error.encoding}' codec can't decode {found}: {error.reason}"
        raise LookupError(message) from error


def _end_of_rows(text: bytes, layout: Layout, lines: int) -> int:
    """Return where the last whole row ends; a row may go over several lines between quotation marks."""
    start = 0
    for _ in range(lines):
        start = text.find(b"\n", start) + 1 or len(text)
    if layout.comment:  # quotation marks of a comment open nothing
        comment = rb"(?m)^" + re.escape(layout.comment.encode()) + rb".*"
        text = re.sub(comment, lambda found: b" " * len(found[0]), text)
    end, quote = text.rfind(b"\n", start), layout.quote.encode()
    is_open = bool(quote) and text.count(quote, start, max(end, start)) % 2 == 1
    while is_open:
        before = text.rfind(b"\n", start, end)
        is_open = before >= 0 and text.count(quote, before, end) % 2 == 0
        end = before
    return end + 1


def _table(path: Path, layout: Layout) -> pl.DataFrame:
    with _readable(path, layout):
        return _plain(pl.read_parquet(path)) if layout.format == PARQUET else _csv(_utf8(path, layout.encoding), layout)


def _plain(table: pl.DataFrame) -> pl.DataFrame:
    """Turn words that a Parquet file keeps as numbers of a list into texts."""
    return table.with_columns(cs.categorical().cast(pl.String), cs.enum().cast(pl.String))


def _csv(text: Path | io.BytesIO, layout: Layout) -> pl.DataFrame:
    return pl.read_csv(
        text,
        separator=layout.separator,
        quote_char=layout.quote or None,
        comment_prefix=layout.comment,
        skip_lines=layout.skip_lines,
        has_header=layout.has_header,
        eol_char=layout.line_end,
        infer_schema=False,
    )


@contextmanager
def _readable(path: Path, layout: Layout) -> Iterator[None]:
    """Say in one sentence why a file cannot be read."""
    try:
        yield
    except FileNotFoundError as error:
        message = f"{path} is missing: put the file there, or correct `servers` in its contract"
        raise Stopped(message) from error
    except (pl.exceptions.PolarsError, IsADirectoryError, PermissionError, LookupError, UnicodeDecodeError) as error:
        form = "Parquet" if layout.format == PARQUET else "CSV"
        message = f"{path} cannot be read as {form}: {str(error).splitlines()[0]}"
        raise Stopped(message) from error


def _utf8(path: Path, encoding: str) -> Path | io.BytesIO:
    if _is_utf8(encoding):
        return path
    return io.BytesIO(path.read_bytes().decode(encoding).encode())


def _is_utf8(encoding: str) -> bool:
    return encoding.lower().replace("-", "").replace("_", "") == "utf8"


def typed(table: pl.DataFrame, layout: Layout, fields: Iterable[Spelled]) -> pl.DataFrame:
    """Turn columns into the types of their fields; what cannot be read as such becomes empty."""
    there = [field for field in fields if field.name in table.columns]
    return table.with_columns(
        _parsed(field, layout)
        if table[field.name].dtype == pl.String
        else pl.col(field.name).cast(TYPES[field.type], strict=False)
        for field in there
    )


def is_empty(table: pl.DataFrame, layout: Layout, field: Spelled) -> pl.Series:
    """Tell of each row whether a field holds nothing, or what stands for it."""
    if table[field.name].dtype != pl.String:
        return table[field.name].is_null()
    return table.select(_present(field, layout).alias(field.name))[field.name].is_null()


def _present(field: Spelled, layout: Layout) -> pl.Expr:
    """Return the text of a field, empty where it is what stands for no value."""
    column, nulls = pl.col(field.name), field.spelling.null_values
    if field.spelling.is_padded:
        column = column.str.strip_chars()
    if field.type != "string":
        column, nulls = column.str.strip_chars(), ("", *nulls, *layout.null_values)
    return pl.when(~column.is_in(list(nulls))).then(column) if nulls else column


def _parsed(field: Spelled, layout: Layout) -> pl.Expr:
    text, spelling = _present(field, layout), field.spelling
    if field.type == "string":
        return text
    if field.type in ("date", "timestamp"):
        return _moment(text, field.type, spelling)
    if field.type == "boolean":
        truths = {spelling.true_value.lower(): True, spelling.false_value.lower(): False}
        return text.str.to_lowercase().replace_strict(truths, default=None, return_dtype=pl.Boolean)
    text = _number(text, spelling, layout)
    number = text.cast(TYPES[field.type], strict=False)
    return pl.when(number.is_finite()).then(number) if field.type == "number" else number


def _number(text: pl.Expr, spelling: Spelling, layout: Layout) -> pl.Expr:
    """Return a number as Python writes it, without what stands before or after it."""
    thousands = layout.thousands if spelling.thousands is None else spelling.thousands
    decimal = layout.decimal if spelling.decimal is None else spelling.decimal
    if spelling.minus == "()":
        text = text.str.replace(BRACKETED, "-$1$2$3")
    elif spelling.minus != "-":
        text = text.str.replace(spelling.minus, "-", literal=True)
    if spelling.prefix:  # it may follow the sign
        text = text.str.replace(spelling.prefix, "", literal=True)
    text = text.str.strip_suffix(spelling.suffix).str.strip_chars()
    if spelling.prefix or spelling.minus != "-":
        text = text.str.replace(AFTER_SIGN, "$1")
    if thousands:
        text = text.str.replace_all(thousands, "", literal=True)
    return text if decimal == "." else text.str.replace_all(decimal, ".", literal=True)


def _moment(text: pl.Expr, kind: str, spelling: Spelling) -> pl.Expr:
    if kind == "date":
        return _with_whole_year(text.str.to_date(strptime_pattern(spelling.pattern or "yyyy-MM-dd"), strict=False))
    if spelling.zone is None:
        pattern = strptime_pattern(spelling.pattern) if spelling.pattern else "%+"
        return _with_whole_year(text.str.to_datetime(pattern, strict=False, time_zone="UTC", time_unit="us"))
    pattern = strptime_pattern(spelling.pattern or "yyyy-MM-dd HH:mm:ss")
    naive = _with_whole_year(text.str.to_datetime(pattern, strict=False, time_unit="us"))
    # An hour that a clock shows twice is the first one; one that it never shows cannot be read.
    local = naive.dt.replace_time_zone(spelling.zone, ambiguous="earliest", non_existent="null")
    return local.dt.convert_time_zone("UTC")


def _with_whole_year(moment: pl.Expr) -> pl.Expr:
    """Take no year for one of the first century: where four digits are expected, 24 is not 2024."""
    return pl.when(moment.dt.year() >= 1000).then(moment)


def example(field: Spelled) -> str:
    """Say how a value of a field is written, for whoever wrote another."""
    spelling = field.spelling
    if spelling.pattern:
        return f"{field.type} written as {spelling.pattern}"
    if field.type == "timestamp":
        return (
            "timestamp such as 2013-01-31 12:00:00"
            if spelling.zone
            else "timestamp with its zone such as 2013-01-31T12:00:00Z"
        )
    if field.type == "boolean":
        return f"boolean such as {spelling.true_value} or {spelling.false_value}"
    return {"date": "date such as 2013-01-31"}.get(field.type, field.type)


def layout_of(server: Mapping[str, Any], custom: Mapping[str, Any]) -> Layout:
    """Return how the file of a server is written."""
    named = {
        "format": server.get("format"),
        "encoding": server.get("encoding", custom.get("encoding")),
        "separator": server.get("delimiter", custom.get("separator")),
        "quote": custom.get("quote"),
        "decimal": custom.get("decimal"),
        "thousands": custom.get("thousands"),
        "comment": custom.get("comment"),
        "skip_lines": custom.get("skipLines"),
        "has_header": custom.get("header"),
        "line_end": custom.get("lineEnd"),
        "null_values": _texts(custom.get("nullValues")),
    }
    return Layout(**{key: value for key, value in named.items() if value is not None})


def spelling_of(entry: Mapping[str, Any], custom: Mapping[str, Any]) -> Spelling:
    """Return how a property of a contract is written in its file; raise ValueError for a pattern that is none."""
    options = entry.get("logicalTypeOptions", {})
    named = {
        "null_values": _texts(custom.get("nullValues")),
        "true_value": custom.get("trueValue"),
        "false_value": custom.get("falseValue"),
        "prefix": custom.get("prefix"),
        "suffix": custom.get("suffix"),
        "minus": custom.get("minus"),
        "decimal": custom.get("decimal"),
        "thousands": custom.get("thousands"),
        "is_padded": custom.get("padded"),
        "is_row_number": custom.get("rowNumber"),
        "pattern": options.get("format"),
        "zone": options.get("defaultTimezone"),
    }
    found = Spelling(
        str(entry.get("physicalName", entry["name"])),
        **{key: value for key, value in named.items() if value is not None},
    )
    if found.pattern:
        strptime_pattern(found.pattern)
    return found


def _texts(values: Any) -> tuple[str, ...] | None:
    return None if values is None else tuple(map(str, values))
