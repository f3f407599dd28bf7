"""The one error that ends a run before it starts, and what to put into its text."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class CannotRunError(Exception):
    """The checks cannot run: a usage, a configuration or git itself is at fault. The text tells a person what to do."""


def suggestion(word: str, known: Sequence[str], listed: Sequence[str] = ()) -> str:
    """Return the known word that an unknown one looks like, or else all that are known, or those to list instead."""
    from difflib import get_close_matches

    near = get_close_matches(word, known, 1, 0.5)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(listed or known)}"
