"""SQL: the columns of each CREATE TABLE, in whatever dialect."""

from __future__ import annotations

import re

from ml_checks.formats.source import field, text_or_none
from ml_checks.reading.text import TEMPLATE, blank
from ml_checks.reading.yaml import UnreadableError
from ml_checks.values import Dataset, Location, repeated, text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlglot.expressions import ColumnDef, Create, Expression, Table
    from sqlglot.tokenizer_core import Token

    from ml_checks.formats.source import Source
    from ml_checks.values import Field, Text

# Tried in this order, the first one is sqlglot's own; the first that reads all tables of a file is taken.
DIALECTS = (
    "",
    "postgres",
    "snowflake",
    "bigquery",
    "tsql",
    "mysql",
    "oracle",
    "databricks",
    "redshift",
    "clickhouse",
    "trino",
    "starrocks",
)

# sqlglot takes a tenth of a second to import: only a file with a table is worth it.
_CREATE_TABLE = re.compile(r"\bcreate(?:\s+\w+){0,4}?\s+table\b", re.IGNORECASE)
# What another program fills in, with any quotes in it; a remark of Jinja's; and what is a text or a remark of SQL.
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\$\{[^}\n]*\}|\{#.*?#\}", re.DOTALL)
_REMARK = re.compile(r"('(?:[^']|'')*')|--[^\n]*|/\*.*?\*/", re.DOTALL)
# What stands before the name of a table, each part with its point: a schema that is filled in takes no part in it.
_PLACEHOLDER = r"\{\{[^}\n]*\}\}|\$\{[^}\n]*\}|\$\(\w+\)|\{\w*\}|%\(\w+\)s|%\w+%|%s|<\w+>|&\w+\.?|[@:$]\w+"
_SCHEMA = re.compile(
    rf"(?<=table)(\s+(?:if\s+not\s+exists\s+)?)((?:[\"`\[]?(?:{_PLACEHOLDER}|[\w-])+[\"`\]]?\s*\.\s*)+)(?=[\w\"`\[])",
    re.IGNORECASE,
)
_FILLED = re.compile(r"[^\w\s.\"`\[\]-]")
# What the clients of PostgreSQL and Oracle read themselves, with any quotes in it: rows of a dump, commands, remarks.
_CLIENT_PART = re.compile(
    r"^COPY\b[^;]*\bFROM\s+stdin\b[^;]*;[^\n]*\n.*?^\\\.$|^(?:\\|REM(?:ARK)?\b)[^\n]*",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
# Between CREATE and TABLE: no table is created, but a type of tables, or something on one that is there.
_NO_TABLE = {";", "(", "AS", "IS", "ON", "FOR"}
# A name with a part that some other program fills in: `:schema.flights`, `@schema.flights`, `flights_{env}`.
_COMPUTED = re.compile(r'\$|[^\s(;\["`]*[{%&@<:]')
_COMPUTED_NAME = ["IDENTIFIER", "("]
# Digits behind the point of a decimal type: none are written, or none are kept.
_NO_SCALE = re.compile("0*")
_JOINTS = (["."], ["-"])  # of a name: a project of Google's may have a hyphen
_BEFORE_COLUMNS = ([","], ["UUID"])  # between the name of a table and its columns
# Between a column's name and its type; in a structure of Hive's that is a colon.
_BLANK = re.compile(r"(?:[\s:]|--[^\n]*|/\*.*?\*/)*", re.DOTALL)
_LETTER = re.compile(r"\w")
# Characters of a type that matter.
_MAX_TYPE = 200
# The first word of a type within what ClickHouse puts around one, its size, and whether it is an array of them.
_TYPE = re.compile(
    r"""(?:(?:nullable|lowcardinality)\s*\(\s*)*
    ["`\[]?([a-z_]\w*)["`\]]?
    (?:\s+(?:precision|varying)\b)?
    \s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?
    (?:\s*with(?:out)?\s+(?:local\s+)?time\s+zone\b)?
    \s*(\[|array\b)?""",
    re.IGNORECASE | re.VERBOSE,
)


def datasets(source: Source) -> Iterator[Dataset]:
    """Yield each table that is created; raise UnreadableError."""
    if not _CREATE_TABLE.search(source.text):
        return
    text = _filled(source.text)
    try:
        tables = _tables(text)
    except UnreadableError:
        if not _TAG.search(source.text):
            raise
        tables = [None]  # a quote, or half of a statement, is in what is filled in
    if None in tables:
        source.unread = TEMPLATE
    for table, statement in filter(None, tables):
        name = _name(source, table.this)
        name = text_at(name.at, name.lstrip("#"))  # the mark of a temporary table in SQL Server
        own = (_name(source, column.this) for column in _columns_of(statement))
        yield Dataset(name, None, name.at, tuple(_fields(source, statement)), repeated(own))


def _filled(text: str) -> str:
    """Return a text in which a brace stands for each tag, and blanks for a schema that is filled in and for remarks.

    Everything else stays where it is.
    """
    if _FILLED.search(text) is None:
        return text
    text = _SCHEMA.sub(_without_schema, text)
    if not _TAG.search(text):
        return text
    text = _REMARK.sub(lambda part: part[1] or blank(part[0]), text)
    return _TAG.sub(lambda tag: blank(tag[0]) if tag[0][1] == "#" else "{" + blank(tag[0][1:]), text)


def _without_schema(found: re.Match[str]) -> str:
    """Return what stands between TABLE and a name, with blanks for a schema that is filled in."""
    return found[1] + (blank(found[2]) if _FILLED.search(found[2]) else found[2])


def logical(source: Source, written: Text) -> Text | None:
    """Return the company's type for a type of SQL, with its size where that matters."""
    found = _TYPE.match(written)
    if not found:
        return None
    known = map(source.types.get, _forms(*found.group(1, 2, 3)))
    kind = "array" if found[4] else next(filter(None, known), None)
    return text_or_none(written.at, kind)


def _forms(name: str, precision: str | None, scale: str | None) -> Iterator[str]:
    """Yield how the standards may write a type, the most exact form first."""
    name = name.lower()
    if precision:
        yield f"{name}({precision})"
        yield f"{name}(p)" if _NO_SCALE.fullmatch(scale or "") else f"{name}(p,s)"
    yield name


def folded(name: Text) -> Text:
    """Return a name in small letters where it is all capitals: without quotes, these are but a habit."""
    return text_at(name.at, name.lower()) if name.isupper() else name


def _tables(text: str) -> list[tuple[Table, Create] | None]:
    """Return each table that is created with its statement, in the first dialect that can; raise UnreadableError.

    None stands for one that is a template.
    """
    import logging

    from sqlglot.errors import SqlglotError

    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # it tells on standard error what it cannot read
    text = _CLIENT_PART.sub(lambda part: blank(part[0]), text)  # everything else stays where it is
    failures = []
    for dialect in DIALECTS:
        try:
            return list(_read(text, dialect))
        except UnreadableError as error:
            failures.append(error)
        except SqlglotError:
            failures.append(UnreadableError(1, 1, "is no SQL: a quote or a comment has no end"))
    # Where the right dialect stopped: the others stop before.
    raise max(failures, key=lambda failure: (failure.line, failure.col))


def _read(text: str, dialect: str) -> Iterator[tuple[Table, Create] | None]:
    from sqlglot.dialects.dialect import Dialect
    from sqlglot.errors import ParseError

    language = Dialect.get_or_raise(dialect)
    for tokens in _statements(text, language.tokenize(text)):
        if not tokens:
            yield None
            continue
        try:
            (statement,) = language.parser().parse(tokens, text)
        except (ParseError, RecursionError):
            statement = None
        table = _table(statement)
        if table is None:
            line, col = _position(text, tokens[0].start)
            raise UnreadableError(line, col, "is no CREATE TABLE that sqlglot can read in any dialect")
        yield table


def _table(statement: object) -> tuple[Table, Create] | None:
    """Return the table that a statement creates, and the statement; None where it creates none."""
    from sqlglot import exp

    if not isinstance(statement, exp.Create):
        return None
    table = statement.find(exp.Table)
    # Quotes that the dialect does not know come out as a name without a letter.
    return (table, statement) if table and _LETTER.search(table.name) else None


def _statements(text: str, tokens: list[Token]) -> Iterator[list[Token]]:
    """Yield each `CREATE TABLE name (...)`, nothing for one that is a template.

    What else is said about a table is where the dialects differ most.
    """
    words = [text[token.start : token.end + 1].upper() for token in tokens]  # with their quotes, if they have any
    for start, table in _table_starts(words):
        name, end = _name_span(words, table)
        columns = _columns(words, end)
        closed = _closed(words, columns)
        if words[name : name + 1] == ["FUNCTION"]:
            continue
        is_template = words[name : name + 2] == _COMPUTED_NAME or _is_template(text, tokens[name : closed + 1])
        yield [] if is_template else [tokens[start], *tokens[table:end], *tokens[columns:closed]]


def _table_starts(words: list[str]) -> Iterator[tuple[int, int]]:
    """Yield where CREATE stands and where TABLE, for each table that is created."""
    for start, word in enumerate(words):
        if word == "CREATE" and "TABLE" in words[start : start + 6]:
            table = words.index("TABLE", start)
            if _NO_TABLE.isdisjoint(words[start:table]):
                yield start, table


def _name_span(words: list[str], table: int) -> tuple[int, int]:
    """Return where the name behind TABLE starts, and where it has ended."""
    start = table + (4 if words[table + 1 : table + 4] == ["IF", "NOT", "EXISTS"] else 1)
    end = start + 1
    while words[end : end + 1] in _JOINTS:
        end += 2
    return start, end


def _columns(words: list[str], start: int) -> int:
    """Return where the bracket of the columns opens: behind what Teradata and ClickHouse say first, if they do."""
    if words[start : start + 1] not in _BEFORE_COLUMNS and words[start : start + 2] != ["ON", "CLUSTER"]:
        return start
    end = next((index for index in range(start, len(words)) if words[index] in {"(", "AS", ";"}), start)
    return end if words[end] == "(" else start


def _is_template(text: str, tokens: list[Token]) -> bool:
    """Tell whether a part of a statement that begins at its name is still to be filled in."""
    is_name_computed = bool(tokens and _COMPUTED.match(text, tokens[0].start))
    return is_name_computed or any(text[token.start] == "{" for token in tokens)


def _closed(words: list[str], start: int) -> int:
    """Return where the bracket that opens at `start` has been closed; `start` itself if none opens."""
    depth = 0
    for index in range(start, len(words)):
        depth += (words[index] == "(") - (words[index] == ")")
        if depth == 0:
            return index + 1 if index > start else start
    return len(words)


def _fields(source: Source, table: Create) -> Iterator[Field]:
    """Yield the columns of a table, and those of the structures in them."""
    from sqlglot import exp

    for column in table.find_all(exp.ColumnDef):
        kind = _type(source, column.this.meta.get("end", -1) + 1)
        yield field(_name(source, column.this), kind, next(_comments(source, column), None))


def _columns_of(table: Create) -> list[ColumnDef]:
    """Return the columns of a table, without those of the structures in them."""
    from sqlglot import exp

    return [part for part in table.this.expressions if isinstance(part, exp.ColumnDef)]


def _comments(source: Source, column: ColumnDef) -> Iterator[Text]:
    from sqlglot import exp

    for constraint in column.constraints:
        if isinstance(constraint.kind, exp.CommentColumnConstraint):
            yield _text(source, constraint.kind.this, constraint.kind.name)


def _name(source: Source, identifier: Expression) -> Text:
    """Return a name as the database knows it."""
    name = _text(source, identifier, identifier.name)
    return name if identifier.args.get("quoted") else folded(name)


def _type(source: Source, start: int) -> Text | None:
    """Return the type that follows a column's name."""
    blank = _BLANK.match(source.text, start)
    start = blank.end() if blank else start
    return logical(source, text_at(_at(source, start), source.text[start : start + _MAX_TYPE]))


def _text(source: Source, part: Expression, value: str) -> Text:
    return text_at(_at(source, part.meta.get("start", 0)), value)


def _at(source: Source, start: int) -> Location:
    return Location(source.path, *_position(source.text, start))


def _position(text: str, start: int) -> tuple[int, int]:
    """Return line and column of a place in a text, both from 1."""
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
