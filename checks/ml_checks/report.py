"""Findings as text for people."""

from __future__ import annotations

from ml_checks.registry import RULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ml_checks.values import Finding


def text(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield a line for each finding, then for each code what to do, then the count; nothing for no findings."""
    for finding in findings:
        path, line, col = finding.at
        yield printable(f"{path}:{line}:{col}: {finding.code} {finding.message}")
    for code in sorted({finding.code for finding in findings}):
        fault, advice = documentation(code)
        yield ""
        yield f"{code}: {fault}"
        yield from _indented(advice)
    if findings:
        files = len({finding.at.path for finding in findings})
        yield ""
        yield f"{_count(len(findings), 'finding')} in {_count(files, 'file')}."


def documentation(code: str) -> tuple[str, str]:
    """Return a rule's fault as a sentence, and why it hurts and what to do, each on one line."""
    fault, _, advice = (RULES[code].__doc__ or "").partition("\n\n")
    return fault, " ".join(advice.split())


def printable(text: str) -> str:
    """Return a text on one line, with what no terminal should print escaped: a path may hold anything."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _indented(text: str) -> list[str]:
    from textwrap import wrap

    return wrap(text, 110, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
