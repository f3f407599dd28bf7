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
        yield f"{printable(finding.at.path)}:{finding.at.line}:{finding.at.col}: {finding.code} {finding.message}"
    for code in sorted({finding.code for finding in findings}):
        fault, advice = documentation(code)
        yield ""
        yield f"{code}: {fault}"
        yield f"  {advice}"
    if findings:
        files = len({finding.at.path for finding in findings})
        yield ""
        yield f"{_count(len(findings), 'finding')} in {_count(files, 'file')}."


def documentation(code: str) -> tuple[str, str]:
    """Return a rule's fault as a sentence, and why it hurts and what to do, each on one line."""
    fault, _, advice = (RULES[code].__doc__ or "").partition("\n\n")
    return fault, " ".join(advice.split())


def printable(path: str) -> str:
    """Return a path on one line, with what no terminal should print escaped."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in path
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
