"""What to leave alone: files that others wrote, that a program writes, and that tests need as they are."""

from __future__ import annotations

import os
import posixpath
import re

from ml_checks.reading.git import Command
from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from ml_checks.project.project import Project
    from ml_checks.values import Finding

ATTRIBUTES = {
    "linguist-vendored": "vendored, as .gitattributes says",
    "linguist-generated": "generated, as .gitattributes says",
}
# Folders whose name alone says what they hold.
FOLDERS = {
    **dict.fromkeys(["node_modules", "bower_components", "dbt_packages", "site-packages", ".venv"], "installed"),
    **dict.fromkeys(["third_party", "third-party", "thirdparty", "3rdparty", "vendored", "_vendor"], "vendored"),
    **dict.fromkeys(["testdata", "test_data", "test-data", "fixtures", "__fixtures__", "fixture"], "data of tests"),
    **dict.fromkeys(["__snapshots__", "golden", "goldens", "cassettes"], "what tests compare with"),
}
# Folders whose name may be a word of the business: they count where something else says so too.
PERHAPS = frozenset(["vendor", "external", "upstream", "extern"])
BESIDE = ("go.mod", "composer.json", "Gemfile", "Cargo.toml", "package.json")
LICENSES = re.compile(r"/(?:LICEN[CS]E|COPYING)[^/]*$")
# A comment at the top by which a program says that nobody should edit what it wrote; a page about such files has none.
_SAID = r"@generated\b|\bdo not (?:edit|modify)\b|\b(?:code|auto(?:matically)?)[ -]?generated\b"
GENERATED = re.compile(rf"^[ \t]*(?:#|//|--|/\*|\*|;|\{{#).*(?:{_SAID})", re.IGNORECASE | re.MULTILINE)
GENERATED_PAGE = re.compile(rf"<!--[^>]*(?:{_SAID})", re.IGNORECASE)
FIRST_BYTES = 1_000
# What the pipe to a process of git holds on any system.
PIPE = 16_000


class Exclusion(Record):
    """A pattern to exclude, why, and how many findings and files that takes away."""

    pattern: str
    why: str
    findings: int
    files: int


def exclusions(project: Project, findings: Iterable[Finding]) -> list[Exclusion]:
    """Return what to leave alone, of what something is found in: the narrowest patterns."""
    counts: dict[str, int] = {}
    for finding in findings:
        if finding.at.path in project.tracked:
            counts[finding.at.path] = counts.get(finding.at.path, 0) + 1
    others = Others(project, list(counts))
    found: dict[tuple[str, str], list[str]] = {}
    for path in counts:
        if reason := others.reason(path):
            found.setdefault(reason, []).append(path)
    rows = (
        Exclusion(pattern, why, sum(map(counts.__getitem__, paths)), len(paths))
        for (pattern, why), paths in found.items()
    )
    return sorted(rows, key=lambda row: row.pattern)


class Others:
    """Knows which paths are not the project's own work."""

    def __init__(self, project: Project, paths: Sequence[str]) -> None:
        """Ask git for the attributes of these paths."""
        self._project = project
        self._attributes = attributes(project.root, list(ATTRIBUTES), paths)

    def reason(self, path: str) -> tuple[str, str] | None:
        """Return the pattern of a path that is the work of others, and why; None for the project's own."""
        if told := self._attributes.get(path):
            return pattern_of(path), ATTRIBUTES[told]
        if found := folder_of(path, self._project.tracked):
            return found
        begin = self._project.first_lines(path, FIRST_BYTES)
        mark = GENERATED_PAGE if path.lower().endswith((".md", ".html")) else GENERATED
        return (pattern_of(path), "generated, as its first lines say") if mark.search(begin) else None


def attributes(root: str, names: Sequence[str], paths: Sequence[str]) -> dict[str, str]:
    """Return under each path the first of some attributes of git that is set for it."""
    found: dict[str, str] = {}
    for part in _parts(paths):
        answer = os.fsdecode(Command(root, "check-attr", "--stdin", "-z", *names, stdin=part).output() or b"")
        words = answer.split("\0")[:-1]
        for path, name, value in zip(words[::3], words[1::3], words[2::3], strict=True):
            if value in {"set", "true"}:
                found.setdefault(path, name)
    return found


def _parts(paths: Sequence[str]) -> Iterator[bytes]:
    """Yield the paths as git reads them, as many at once as a pipe holds."""
    part = b""
    for path in paths:
        word = os.fsencode(path) + b"\0"
        if len(part) + len(word) > PIPE:
            yield part
            part = b""
        part += word
    if part:
        yield part


def folder_of(path: str, tracked: Collection[str]) -> tuple[str, str] | None:
    """Return the pattern of the outermost folder around a path that is not the project's own work, and why."""
    parts = path.split("/")
    for depth, name in enumerate(parts[:-1], 1):
        folder = "/".join(parts[:depth])
        if name in FOLDERS:
            return pattern_of(f"{folder}/"), FOLDERS[name]
        if name in PERHAPS and _is_foreign(folder, tracked):
            return pattern_of(f"{folder}/"), "vendored"
    return None


def _is_foreign(folder: str, tracked: Collection[str]) -> bool:
    """Tell whether a package manager put a folder there, or it has a licence of its own."""
    above = posixpath.dirname(folder)
    if any(posixpath.join(above, name) in tracked for name in BESIDE):
        return True
    return any(path.startswith(f"{folder}/") and LICENSES.search(path) for path in tracked)


def pattern_of(path: str) -> str:
    """Return the pattern that matches a path, or all below a folder, and nothing else."""
    return "/" + re.sub(r"([\\*?\[\]])", r"\\\1", path)
