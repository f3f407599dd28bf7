"""Reads the files of a work tree once each, and knows what could not be read and what is ambiguous in them."""

from __future__ import annotations

import os

from ml_checks.errors import READING, crash
from ml_checks.reading import yaml
from ml_checks.reading.text import (
    MAX_BYTES,
    decoded,
    first_bytes,
    first_lines,
    is_template,
    read_text,
    refuse_other,
    whole_lines,
)
from ml_checks.values import Finding, Location, Map, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ml_checks.values import Value

    LeftOut = Callable[[Sequence[str]], dict[str, bytes]]

# So many bytes show what is no text.
START = 64
# How a comment that waives a finding begins.
MARK = "ml-checks: waive"


class Reader:
    """Reads files by their paths from the root; `unsaved` holds what an editor has instead of what the disk has.

    `left_out` tells what those of some paths hold that a sparse checkout has left out.
    """

    def __init__(self, root: str, unsaved: Mapping[str, bytes], left_out: LeftOut = lambda _: {}) -> None:
        """Read below a folder."""
        self.root, self.unsaved, self._left_out = root, unsaved, left_out
        self.faults: list[Finding] = []
        self.crashes: list[str] = []
        """A sentence for each file on which the reader itself failed."""
        self.templates: set[str] = set()
        """The files that could not be read because another program fills them in."""
        self.marked: set[str] = set()
        """The files that were read and hold the mark of a waiver."""
        self._documents: dict[str, list[Value] | None] = {}

    def content(self, path: str, max_bytes: int = MAX_BYTES) -> str | None:
        """Return the text of a file, None where it is gone; raise UnreadableError."""
        content = self.unsaved[path] if path in self.unsaved else self._left_out([path]).get(path)
        text = read_text(os.path.join(self.root, path), max_bytes) if content is None else decoded(content, max_bytes)
        if text and MARK in text:
            self.marked.add(path)
        return text

    def first_lines(self, path: str, size: int) -> str:
        """Return the first whole lines of a file of any size; nothing where it cannot be read."""
        if (content := self._left_out([path]).get(path)) is not None:
            return whole_lines(content, size)
        return first_lines(os.path.join(self.root, path), size)

    def first_bytes(self, path: str, size: int) -> bytes:
        """Return how a file begins; nothing where it cannot be read."""
        content = self.unsaved[path] if path in self.unsaved else self._left_out([path]).get(path)
        return first_bytes(os.path.join(self.root, path), size) if content is None else content[:size]

    def another(self) -> Reader:
        """Return a reader of the same files that has read none."""
        return Reader(self.root, self.unsaved, self._left_out)

    def look(self, path: str) -> None:
        """Add a fault where something stands in the place of a text, as its first bytes show."""
        try:
            refuse_other(self.first_bytes(path, START))
        except yaml.UnreadableError as error:
            self.add_unreadable(path, error)

    def text(self, path: str, max_bytes: int = MAX_BYTES) -> str | None:
        """Return the text of a file; None where it is gone, and None and a fault where it cannot be read."""
        try:
            return self.content(path, max_bytes)
        except yaml.UnreadableError as error:
            self.add_unreadable(path, error)
            return None

    def documents(self, path: str, max_bytes: int = MAX_BYTES) -> list[Value] | None:
        """Return the YAML documents in a file; None where it is gone, and None and a fault where it cannot be read."""
        if path not in self._documents:
            text = self.text(path, max_bytes)
            self._documents[path] = None if text is None else self.documents_in(path, text)
        return self._documents[path]

    def documents_in(self, path: str, text: str) -> list[Value] | None:
        """Return the YAML documents of a text; None and a fault where it cannot be read."""
        try:
            roots, findings = yaml.read(path, text)
        except yaml.UnreadableError as error:
            self.add_unreadable(path, error, text)
            return None
        except Exception as error:  # noqa: BLE001  # whatever our reader does, the other files are still judged
            self.crashes.append(crash(f"{READING}{path}", error))
            return None
        self.faults.extend(findings)
        return roots

    def mapping(self, path: str, name: str) -> Map | None:
        """Return the one mapping that a file holds, which is called by a name; None and a fault where it does not."""
        roots = self.documents(path)
        if roots is None:
            return None
        if len(roots) == 1 and type(roots[0]) is Map:
            return roots[0]
        self.add(path, "FIL005", f"holds {_described(roots)}, where {name} is one mapping")
        return None

    def mappings(self, paths: Iterable[str], name: str) -> tuple[Map, ...]:
        """Return the one mapping of each file that holds one; a fault for each other file."""
        roots = (self.mapping(path, name) for path in paths)
        return tuple(root for root in roots if root is not None)

    def add_unreadable(self, path: str, error: yaml.UnreadableError, text: str = "") -> None:
        """Add the fault that a file cannot be read; where its text is a template, that is none."""
        if is_template(text, error.line):
            self.templates.add(path)
            return
        self.faults.append(Finding(Location(path, error.line, error.col), "FIL001", str(error)))

    def add(self, path: str, code: str, message: str) -> None:
        """Add a fault of a file as a whole."""
        self.faults.append(Finding(Location(path, 1, 1), code, message))


def _described(roots: list[Value]) -> str:
    """Say what a YAML file holds instead of one mapping."""
    if len(roots) > 1:
        return f"{len(roots)} documents"
    if not roots or roots[0] is None:
        return "nothing"
    return "a single value" if type(roots[0]) is Text else "a list"
