"""Makes the generated part of docs/rules.md: each rule with what is wrong and what is right in its example project."""

from __future__ import annotations

import re
from itertools import accumulate, islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ml_checks.report import model
from ml_checks.rules import FAMILIES, select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ml_checks.rules import Family

EXAMPLES = Path(__file__).resolve().parent.parent / "tests" / "examples"
# What an example expects of the tests: on the line at fault, or with its place on any line.
MARK = re.compile(
    r"\s*(?:#|<!--) [A-Z]{3}\d{3} (?:col \d+|(?P<place>\S+:\d+:\d+)): (?P<message>.*?)"
    r"(?: -->)?(?=\s+(?:#|<!--) [A-Z]{3}\d|$)"
)
LANGUAGES = {
    ".avsc": "jsonc",
    ".json": "jsonc",
    ".md": "markdown",
    ".py": "python",
    ".sql": "sql",
    ".yaml": "yaml",
    ".yml": "yaml",
}
COMMENTS = {"markdown": "<!-- {} -->", "jsonc": "// {}", "sql": "-- {}"}
# What stands in the usual README, too.
COMMON = frozenset((EXAMPLES / "clean" / "README.md").read_text("utf-8").splitlines())
# More files than these tell a reader nothing new.
MOST_FILES = 2


class Row(NamedTuple):
    """A line with the comments above it, without what the tests expect, and what is wrong in it."""

    texts: tuple[str, ...]
    faults: tuple[str, ...]
    is_front: bool
    """Whether it is in the front matter of a page."""

    @property
    def indent(self) -> int:
        """How far the line is indented."""
        return len(self.texts[-1]) - len(self.texts[-1].lstrip())


class File(NamedTuple):
    """A file of an example."""

    path: str
    rows: list[Row]

    @property
    def language(self) -> str:
        """What a block of its text is called."""
        return LANGUAGES.get(Path(self.path).suffix, "text")

    @property
    def is_faulty(self) -> bool:
        """Whether something is wrong in it."""
        return any(row.faults for row in self.rows)


Shown = tuple[File, list[Row]]
Faults = dict[tuple[str, int], list[str]]


def page() -> str:
    """Return a table of contents by family, and all rules."""
    codes = select([])
    families = {family: [code for code in codes if code.startswith(family.prefix)] for family in FAMILIES}
    lines = []
    for family, own in families.items():
        links = ", ".join(f"[{code}](#{code.lower()})" for code in own)
        lines.append(f"- [{family.hook}](#{family.hook}), {family.about}: {links}")
    for family, own in families.items():
        lines += _family(family, own)
    return "\n".join([*lines, ""])


def _family(family: Family, codes: Iterable[str]) -> Iterator[str]:
    yield from ("", f"## {family.hook}", "", f"{family.about.capitalize()}.")
    for code in codes:
        fault, advice = model.documentation(code)
        yield from ("", f"### {code}", "", f"**{fault}** {advice}")
        yield from _example(code)


def _example(code: str) -> Iterator[str]:
    files, elsewhere = _read(EXAMPLES / code)
    faulty = [file for file in files if file.is_faulty]
    yield from _blocks("Wrong", [(file, _parts(file, wrong=True)) for file in faulty])
    if elsewhere:
        yield from ("", "Wrong:", "", "````text", *elsewhere, "````")
    missing = {line.partition(": ")[0] for line in elsewhere}
    yield from _blocks("Right", next(filter(None, _sound(files, faulty, missing)), []))


def _sound(files: list[File], faulty: list[File], missing: set[str]) -> Iterator[list[Shown]]:
    """Yield what may be shown as right, the most telling first: what is like that which is wrong."""
    sound = [file for file in files if not file.is_faulty]
    near = [(file, rows) for file in faulty if (rows := _parts(file, wrong=False))]
    yield near + _whole(sound, lambda file: file.language in {other.language for other in faulty})
    clean = _read(EXAMPLES / "clean")[0]
    yield _whole(clean, lambda file: file.path in missing)
    yield _whole(sound, lambda _: True)
    yield _whole(clean, lambda file: file.path in {other.path for other in faulty})


def _whole(files: Iterable[File], is_wanted: Callable[[File], bool]) -> list[Shown]:
    """Return some of the files with all of their rows."""
    return [(file, file.rows) for file in files if is_wanted(file)]


def _blocks(title: str, shown: Iterable[Shown]) -> Iterator[str]:
    for file, rows in islice(shown, MOST_FILES):
        lines = "\n".join(_text(row, file.language) for row in rows).strip("\n").split("\n")
        yield from ("", f"{title}, in `{file.path}`:", "", f"````{file.language}", *lines, "````")


def _text(row: Row, language: str) -> str:
    """Return a line with what is wrong in it as a comment."""
    if not row.faults:
        return "\n".join(row.texts)
    comment = "# {}" if row.is_front else COMMENTS.get(language, "# {}")
    return "\n".join(row.texts) + bool(row.texts[-1]) * " " + comment.format("; ".join(row.faults))


def _read(folder: Path) -> tuple[list[File], list[str]]:
    """Return the files of an example, and what is wrong with files that are not there."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and ".head" not in path.parts)
    texts = {path.relative_to(folder).as_posix(): path.read_text("utf-8").splitlines() for path in paths}
    faults = _faults(texts)
    files = [File(path, list(_rows(path, lines, faults))) for path, lines in texts.items()]
    elsewhere = [f"{path}: {message}" for (path, _), said in faults.items() if path not in texts for message in said]
    return files, elsewhere


def _faults(texts: Mapping[str, list[str]]) -> Faults:
    """Return what the comments of an example say is wrong, by path and line."""
    faults: Faults = {}
    lines = ((path, number, line) for path, lines in texts.items() for number, line in enumerate(lines, 1))
    for path, number, line in lines:
        for mark in MARK.finditer(line):
            where, at, _ = (mark["place"] or f"{path}:{number}:1").rsplit(":", 2)
            faults.setdefault((where, int(at)), []).append(mark["message"])
    return faults


def _rows(path: str, lines: Sequence[str], faults: Faults) -> Iterator[Row]:
    """Yield the lines, each with the comments above it; one that only says what the tests expect is dropped."""
    comments: list[str] = []
    front = _front(path, lines)
    texts = [MARK.sub("", line).rstrip() for line in lines]
    for number, (line, text) in enumerate(zip(lines, texts, strict=True), 1):
        found = tuple(faults.get((path, number), ()))
        if _is_comment(path, text) and not found and number < len(lines):
            comments.append(text)
        elif text or found or not line.strip():
            yield Row((*comments, text), found, number <= front)
            comments = []


def _front(path: str, lines: Sequence[str]) -> int:
    """Return how many lines the front matter of a page has."""
    return lines.index("---", 1) + 1 if path.endswith(".md") and lines[0] == "---" else 0


def _is_comment(path: str, text: str) -> bool:
    return text.lstrip().startswith("#") and not path.endswith(".md")


def _parts(file: File, *, wrong: bool) -> list[Row]:
    """Return the parts of a faulty file with a fault, or those without, each below what it is in."""
    numbers = _numbers(file)
    faulty = {number for number, row in zip(numbers, file.rows, strict=True) if row.faults}
    if _is_one(file, faulty):
        return _of_one(file) if wrong else []
    shown = _wrong(file, numbers, faulty) if wrong else _right(file, numbers, faulty)
    kept = {other for index in shown for other in (index, *_around(file, numbers, index))}
    return [row for index, row in enumerate(file.rows) if index in kept]


def _of_one(file: File) -> list[Row]:
    """Return what is shown of a file that is wrong as a whole."""
    shown = [row for row in file.rows if file.language != "markdown" or row.is_front]
    return shown if any(any(row.texts) for row in shown) else file.rows


def _wrong(file: File, numbers: list[int], faulty: set[int]) -> list[int]:
    """Return the lines of the parts with a fault."""
    return [index for index in range(len(file.rows)) if numbers[index] in faulty]


def _right(file: File, numbers: list[int], faulty: set[int]) -> list[int]:
    """Return the lines of the parts without a fault, also above them, that say more than every example."""
    pairs = zip(numbers, file.rows, strict=True)
    telling = {number for number, row in pairs if number and row.texts[-1] not in COMMON} - faulty
    return [
        index
        for index, number in enumerate(numbers)
        if number in telling and not any(file.rows[other].faults for other in _around(file, numbers, index))
    ]


def _around(file: File, numbers: list[int], index: int) -> list[int]:
    """Return the lines that a line of YAML is in, below what holds the parts together."""
    return list(_above(file.rows, index)) if numbers[index] and file.language == "yaml" else []


def _is_one(file: File, faulty: set[int]) -> bool:
    """Tell whether what is wrong is wrong with the file, or with what holds its parts together."""
    return faulty == {0} or any(row.faults and row.texts[-1] in ("", "---") for row in file.rows)


def _above(rows: Sequence[Row], index: int) -> Iterator[int]:
    """Yield the lines that one is indented under."""
    indent = rows[index].indent
    for other in range(index - 1, -1, -1):
        if rows[other].indent < indent:
            indent = rows[other].indent
            yield other


def _numbers(file: File) -> list[int]:
    """Return the number of the part that each line belongs to; 0 is what holds the parts together."""
    texts = [row.texts[-1] for row in file.rows]
    if file.language == "markdown":
        fences = accumulate(text.startswith("```") for text in texts)
        return list(
            accumulate(text.startswith("#") and fence % 2 == 0 for text, fence in zip(texts, fences, strict=True))
        )
    if file.language == "text":
        return list(range(1, len(texts) + 1))
    if file.language == "yaml":
        return (
            list(accumulate((text == "---" for text in texts), initial=1))[1:]
            if "---" in texts[1:]
            else list(_entries(file.rows))
        )
    return [0] * len(texts)


def _entries(rows: Sequence[Row]) -> Iterator[int]:
    """Yield the numbers of entries of lists, each without those in it; without lists, of the mappings in a mapping."""
    has_lists = any(row.texts[-1].lstrip().startswith("- ") for row in rows)
    open_entries = [(0, -1)]
    for number, row in enumerate(rows, 1):
        while open_entries[-1][1] >= row.indent:
            open_entries.pop()
        text = row.texts[-1].lstrip()
        if text.startswith("- ") if has_lists else text.endswith(":") and len(open_entries) == 1 and row.indent:
            open_entries.append((number, row.indent))
        yield open_entries[-1][0]
