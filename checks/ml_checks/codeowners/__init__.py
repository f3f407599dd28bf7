"""CODEOWNERS in the dialects of GitHub and GitLab: what its lines say, and who owns which path."""

from __future__ import annotations

from ml_checks.codeowners.github import GITHUB, pattern_fault
from ml_checks.codeowners.lines import Dialect, Line
from ml_checks.codeowners.ownership import Ownership

__all__ = ["GITHUB", "HOSTS", "Dialect", "Line", "Ownership", "dialect_of", "host_dialect", "parse", "pattern_fault"]

HOSTS = ("github", "gitlab")
# Only GitLab looks for these.
SIGNS_OF_GITLAB = frozenset([".gitlab-ci.yml", ".gitlab/CODEOWNERS"])


def host_dialect(host: str) -> Dialect:
    """Return the dialect of a host."""
    if host == "github":
        return GITHUB
    from ml_checks.codeowners.gitlab import GITLAB

    return GITLAB


def dialect_of(tracked: frozenset[str], host: str = "auto") -> Dialect:
    """Return the dialect of a host; `auto` is the one that the tracked files speak for, GitHub where none does."""
    if host == "auto":
        host = "gitlab" if tracked & SIGNS_OF_GITLAB and ".github/CODEOWNERS" not in tracked else "github"
    return host_dialect(host)


def parse(text: str, dialect: Dialect = GITHUB) -> tuple[Line, ...]:
    """Read the lines that say something, in order.

    `line` and `col` count from 1; `col` is that of the pattern, or of what is at fault.
    """
    return tuple(dialect.read(text))
