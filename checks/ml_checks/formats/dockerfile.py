"""Dockerfiles: the stages of a build, each with its base and its instructions, as far as the text alone says them.

Source: the "Dockerfile reference" of Docker. `ONBUILD` says nothing of this image, and is left out.
"""

from __future__ import annotations

import re
from itertools import accumulate, chain, pairwise

from ml_checks.record import Record
from ml_checks.values import Location, text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ml_checks.values import Text

    # A part of an instruction, and the number of its line.
    Piece = tuple[str, int]

_DIRECTIVE = re.compile(r"#\s*(\w+)\s*=\s*(\S+)\s*$")
_NAMED = re.compile(r"AS (\S+)", re.IGNORECASE)
_HEREDOC = re.compile(r"<<(-?)([\"']?)([A-Za-z_][\w.]*)\2")
_WITH_HEREDOC = frozenset(["RUN", "COPY", "ADD"])
# A quote that nothing closes is a character like others.
_WORD = re.compile(r"(?:\"(?:\\.|[^\"\\])*\"|'[^']*'|\\.|\S)+", re.DOTALL)
_QUOTED = re.compile(r"\"((?:\\.|[^\"\\])*)\"|'([^']*)'", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:(:?-)([^}]*))?\})")


class Instruction(Record):
    """An instruction in capitals, and its words, each as it is written and where it stands."""

    name: str
    words: tuple[Text, ...]

    @property
    def operands(self) -> tuple[Text, ...]:
        """The words that are no option."""
        return tuple(word for word in self.words if not word.startswith("--"))

    def option(self, name: str) -> Text | None:
        """Return the value of an option."""
        key = f"--{name}="
        return next((cut(word, len(key)) for word in self.words if word.startswith(key)), None)


class Stage(Record):
    """What begins with `FROM`: its base, None where that is not known, its own name, and what follows."""

    base: Text | None
    name: str
    instructions: tuple[Instruction, ...]

    def is_called(self, name: str | None) -> bool:
        """Tell whether this is its name; capitals make no difference."""
        return bool(name) and self.name == str(name).lower()


class Dockerfile(Record):
    """The stages of a build, in order; `arguments` stand before them."""

    stages: tuple[Stage, ...]
    arguments: tuple[Instruction, ...]

    def lineage(self, stage: Stage) -> tuple[Stage, ...]:
        """Return the stages that a stage is made on, itself first."""
        before = self.stages[: self.stages.index(stage)]
        parents = [one for one in before if one.is_called(stage.base)]
        return (stage, *chain.from_iterable(map(self.lineage, parents[-1:])))

    def is_built(self, name: str) -> bool:
        """Tell whether a build fetches nothing under a name: a stage has it, or it is empty."""
        return name.isdigit() or name.lower() in {"scratch", *(stage.name for stage in self.stages)}


def read(path: str, text: str) -> Dockerfile:
    """Read a Dockerfile."""
    instructions = list(_instructions(path, text))
    starts = [index for index, one in enumerate(instructions) if one.name == "FROM"]
    bounds = [*starts, len(instructions)]
    arguments = tuple(instructions[: bounds[0]])
    known = _defaults(arguments)
    return Dockerfile(tuple(_stage(instructions[slice(*pair)], known) for pair in pairwise(bounds)), arguments)


def assignments(instruction: Instruction) -> Iterator[tuple[Text, str]]:
    """Yield the names that `ENV` and `ARG` set, each with its value, where they set one."""
    first = instruction.words[:1]
    if instruction.name == "ENV" and "=" not in "".join(first):
        return _assignment(instruction.words)
    parts = ((word, word.partition("=")) for word in instruction.words)
    return ((text_at(word.at, name), unquoted(value)) for word, (name, separator, value) in parts if separator)


def _assignment(words: Sequence[Text]) -> Iterator[tuple[Text, str]]:
    """Yield what the older form sets: one value without a sign in between."""
    return ((name, " ".join(words[1:])) for name in words[:1])


def cut(text: Text, start: int) -> Text:
    """Return the rest of a text, where it stands."""
    path, line, col = text.at
    return text_at(Location(path, line, col + start), text[start:])


def unquoted(value: str) -> str:
    """Return a value without its quotes."""
    return _QUOTED.sub(lambda match: match[1] or match[2] or "", value)


def _stage(instructions: Sequence[Instruction], known: Mapping[str, str]) -> Stage:
    first, *others = instructions
    words = first.operands
    return Stage(_base(words[:1], known), _name(words[1:]), tuple(others))


def _name(words: Sequence[Text]) -> str:
    """Return the name of a stage, which stands behind `AS`; empty where it has none."""
    named = _NAMED.fullmatch(" ".join(words))
    return named[1].lower() if named else ""


def _base(words: Sequence[Text], known: Mapping[str, str]) -> Text | None:
    """Return the image that a stage begins with; None where that is not known."""
    filled = [(word, filled_in(unquoted(word), known)) for word in words]
    return next((text_at(word.at, image) for word, image in filled if image), None)


def _defaults(arguments: Sequence[Instruction]) -> dict[str, str]:
    """Return what arguments are as long as nobody sets them; not those that have to be set."""
    known: dict[str, str] = {}
    for instruction in arguments:
        for name, value in assignments(instruction):
            if (filled := filled_in(value, known)) is not None:
                known[name] = filled
    return known


def filled_in(value: str, known: Mapping[str, str]) -> str | None:
    """Put variables into a value; None where one of them is not known."""

    def fill(match: re.Match[str]) -> str:
        plain, braced, operator, default = match.groups()
        otherwise = default if operator else match[0]
        return known.get(plain or braced) or otherwise

    filled = _VARIABLE.sub(fill, value)
    return None if "$" in filled else filled


def _instructions(path: str, text: str) -> Iterator[Instruction]:
    lines = text.split("\n")
    escape = _escape(lines)
    index = 0
    while index < len(lines):
        pieces, index = _pieces(lines, index, escape)
        words = _words(path, pieces)
        if words:
            name = words[0].upper()
            index = _after_heredocs(lines, index, name, "".join(piece for piece, _ in pieces))
            yield Instruction(name, tuple(words[1:]))


def _escape(lines: Sequence[str]) -> str:
    """Return the character that continues a line: directives stand before all else."""
    for line in lines:
        match = _DIRECTIVE.match(line.strip())
        if not match:
            break
        if match[1].lower() == "escape":
            return match[2]
    return "\\"


def _pieces(lines: Sequence[str], start: int, escape: str) -> tuple[list[Piece], int]:
    """Return the parts of one instruction, and the number of the line after it, from 0."""
    pieces: list[Piece] = []
    for index in range(start, len(lines)):
        line = lines[index].rstrip()
        if _is_passed_over(line, pieces):
            continue
        pieces.append((line.removesuffix(escape), index + 1))
        if not line.endswith(escape):
            return pieces, index + 1
    return pieces, len(lines)


def _is_passed_over(line: str, pieces: Sequence[Piece]) -> bool:
    """Tell whether a line neither belongs to an instruction nor ends one: a comment, or an empty line within."""
    return line.lstrip().startswith("#") or bool(pieces and not line)


def _words(path: str, pieces: Sequence[Piece]) -> list[Text]:
    """Return the words of an instruction, each where it begins."""
    text = "".join(piece for piece, _ in pieces)
    return [text_at(Location(path, *_place(pieces, match.start())), match[0]) for match in _WORD.finditer(text)]


def _place(pieces: Sequence[Piece], offset: int) -> tuple[int, int]:
    ends = accumulate(len(piece) for piece, _ in pieces)
    within = zip(pieces, ends, strict=True)
    return next((line, offset - end + len(piece) + 1) for (piece, line), end in within if offset < end)


def _after_heredocs(lines: Sequence[str], index: int, name: str, text: str) -> int:
    """Return the number of the line after the texts that an instruction holds."""
    for match in _HEREDOC.finditer(text) if name in _WITH_HEREDOC else ():
        index = _after(lines, index, match[3], "\t" if match[1] else "")
    return index


def _after(lines: Sequence[str], index: int, end: str, indent: str) -> int:
    """Return the number of the line after the next one that ends a text; that of the text where none does."""
    ends = (number + 1 for number in range(index, len(lines)) if lines[number].lstrip(indent) == end)
    return next(ends, index)
