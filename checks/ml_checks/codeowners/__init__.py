"""CODEOWNERS in the dialects of GitHub, which is Azure's too, and GitLab: its lines, and who owns which path."""

from __future__ import annotations

from ml_checks.codeowners.github import AZURE, GITHUB, pattern_fault
from ml_checks.codeowners.lines import Dialect, Line
from ml_checks.codeowners.ownership import Ownership

__all__ = ["GITHUB", "HOSTS", "Dialect", "Line", "Ownership", "dialect_of", "host_dialect", "parse", "pattern_fault"]

HOSTS = ("github", "gitlab", "azure")
# What only one of them looks for, the most certain first. An `azure-pipelines.yml` is no sign: it runs for GitHub too.
SIGNS = {
    "github": frozenset([".github/CODEOWNERS"]),
    "gitlab": frozenset([".gitlab-ci.yml", ".gitlab/CODEOWNERS"]),
    "azure": frozenset(
        [".azuredevops/CODEOWNERS", ".azuredevops/pull_request_template.md", ".vsts/pull_request_template.md"]
    ),
}


def host_dialect(host: str) -> Dialect:
    """Return the dialect of a host."""
    others = {"github": GITHUB, "azure": AZURE}
    if host in others:
        return others[host]
    from ml_checks.codeowners.gitlab import GITLAB

    return GITLAB


def dialect_of(tracked: frozenset[str], host: str = "auto") -> Dialect:
    """Return the dialect of a host; `auto` is the one that the tracked files speak for, GitHub where none does."""
    return host_dialect(_host_of(tracked) if host == "auto" else host)


def _host_of(tracked: frozenset[str]) -> str:
    return next((host for host, signs in SIGNS.items() if tracked & signs), "github")


def parse(text: str, dialect: Dialect = GITHUB) -> tuple[Line, ...]:
    """Read the lines that say something, in order.

    `line` and `col` count from 1; `col` is that of the pattern, or of what is at fault.
    """
    return tuple(dialect.read(text))
