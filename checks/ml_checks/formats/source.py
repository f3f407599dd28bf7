"""A file that holds a schema, as the readers of all formats take it."""

from __future__ import annotations

import re

from ml_checks.reading import yaml
from ml_checks.values import Field, Finding, Location, text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeVar

    from ml_checks.values import Text, Value

    Item = TypeVar("Item")

# What JSON allows and YAML does not: tabs between values; in a string halves of a surrogate pair, and a few characters.
_JSON_ONLY = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}|[\t\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class Source:
    """A file that holds a schema, and what was noticed while it was read."""

    def __init__(self, path: str, text: str, types: Mapping[str, str]) -> None:
        """Take a file's text, and the company's type for each type that the format has."""
        self.path, self.text, self.types = path, text, types
        self.faults: list[Finding] = []
        self.unread = ""
        """Why it, or a part of it, could not be read, where that is no fault."""

    def yaml(self) -> list[Value]:
        """Return the documents of a YAML text; raise UnreadableError."""
        roots, findings = yaml.read(self.path, self.text)
        self.faults.extend(findings)
        return roots

    def json(self) -> Value:
        """Return the value of a JSON text; raise UnreadableError."""
        import json

        try:
            json.loads(self.text, parse_int=str, parse_float=str)
        except json.JSONDecodeError as error:
            raise yaml.UnreadableError(error.lineno, error.colno, f"is not valid JSON: {error.msg}") from error
        except RecursionError:
            pass  # the reader below says where it nests too deep
        # JSON is YAML but for these, and the reader of YAML knows the places; each keeps its width.
        text = _JSON_ONLY.sub(lambda found: r"\uFFFD" if len(found[0]) > 1 else " ", self.text)
        roots, findings = yaml.read(self.path, text)
        self.faults.extend(findings)
        return roots[0]

    def note(self, code: str, message: str) -> None:
        """Note a fault of the file as a whole."""
        self.faults.append(Finding(Location(self.path, 1, 1), code, message))

    def logical(self, written: Text | None) -> Text | None:
        """Return the company's type for a type as it is written, at the same place; None where it has none."""
        return text_or_none(written.at, self.types.get(written)) if written else None


def only(items: Iterable[Item]) -> Item | None:
    """Return the one item that there is; None where there is none or several."""
    found = list(items)
    return found[0] if len(found) == 1 else None


def text_or_none(at: Location, value: str | None) -> Text | None:
    """Return a text that stands at a place; None where there is none."""
    return text_at(at, value) if value else None


def field(name: Text, kind: Text | None, description: Text | None) -> Field:
    """Return a field that stands where its name stands."""
    return Field(name, kind, description, None, None, None, None, name.path, name.mark)
