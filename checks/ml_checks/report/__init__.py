"""What was found, in the format that the reader asks for: one module for each."""

from __future__ import annotations

from ml_checks.errors import CannotRunError, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ml_checks.report.model import Report

# Each is a module of this package, imported only when it is asked for.
FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit")


def known_format(name: str) -> str:
    """Return the name of a format; raise CannotRunError where there is none of that name."""
    if name not in FORMATS:
        raise CannotRunError(f"there is no format {name!r}; {suggestion(name, FORMATS)}")
    return name


def render(name: str, report: Report) -> Iterable[str]:
    """Return a report in the format of this name, a long one in several parts, so that it is never whole in memory."""
    # importing importlib itself takes longer
    rendered: str | Iterable[str] = __import__(f"ml_checks.report.{name}", fromlist=["render"]).render(report)
    return (rendered,) if isinstance(rendered, str) else rendered
