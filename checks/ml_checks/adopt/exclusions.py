"""What to leave alone: files that others wrote, that a program writes, and that tests need as they are."""

from __future__ import annotations

import os
import posixpath
import re
from collections import Counter

from ml_checks.project.recognition import TEST_FOLDERS
from ml_checks.reading.command import Command
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
# Below one of these lies what serves tests.
TESTS = frozenset(["test", "tests"])
# Folders whose name alone says what they hold.
FOLDERS = {
    **dict.fromkeys(["node_modules", "bower_components", "dbt_packages", "site-packages", ".venv"], "installed"),
    **dict.fromkeys(["third_party", "third-party", "thirdparty", "3rdparty", "vendored", "_vendor"], "vendored"),
    **dict.fromkeys(
        [*(TEST_FOLDERS - TESTS), "__fixtures__", "fixture", "integration_tests", "__e2e__", "e2e"], "data of tests"
    ),
    **dict.fromkeys(["__snapshots__", "golden", "goldens", "cassettes"], "what tests compare with"),
}
# Folders whose name may be a word of the business: they count where something else says so too.
PERHAPS = frozenset(["vendor", "external", "upstream", "extern"])
BESIDE = ("go.mod", "composer.json", "Gemfile", "Cargo.toml", "package.json")
LICENSES = re.compile(r"/(?:LICEN[CS]E|COPYING)[^/]*$")
# A comment by which a program says that nobody should edit what it wrote. A page begins with it: further down it is
# about a part, such as a table of contents.
_SAID = r"@generated\b|\bdo not (?:edit|modify)\b|\b(?:code|auto(?:matically)?)[ -]?generated\b"
GENERATED = re.compile(rf"^[ \t]*(?:#|//|--|/\*|\*|;|\{{#).*(?:{_SAID})", re.IGNORECASE | re.MULTILINE)
GENERATED_PAGE = re.compile(rf"\A\s*<!--[^>]*(?:{_SAID})", re.IGNORECASE)
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
    places = (finding.at.path for finding in findings)
    counts = Counter(path for path in places if path in project.tracked and _is_text(path))
    found = Others(project, list(counts)).by_reason(counts)
    return sorted(_row(pattern, why, paths, counts) for (pattern, why), paths in found.items())


def _is_text(path: str) -> bool:
    """Tell whether a path can be written into a file; git takes any bytes."""
    return path.encode("utf-8", "replace").decode() == path


def _row(pattern: str, why: str, paths: Sequence[str], counts: Counter[str]) -> Exclusion:
    return Exclusion(pattern, why, sum(map(counts.__getitem__, paths)), len(paths))


class Others:
    """Knows which paths are not the project's own work."""

    def __init__(self, project: Project, paths: Sequence[str]) -> None:
        """Ask git for the attributes of these paths."""
        self._project = project
        self._attributes = attributes(project.root, list(ATTRIBUTES), paths)

    def by_reason(self, paths: Iterable[str]) -> dict[tuple[str, str], list[str]]:
        """Return the paths that are the work of others, under pattern and reason."""
        found: dict[tuple[str, str], list[str]] = {}
        for path in paths:
            if reason := self.reason(path):
                found.setdefault(reason, []).append(path)
        return found

    def reason(self, path: str) -> tuple[str, str] | None:
        """Return the pattern of a path that is the work of others, and why; None for the project's own."""
        if told := self._attributes.get(path):
            return pattern_of(path), ATTRIBUTES[told]
        if found := folder_of(path, self._project.tracked):
            return found
        return (pattern_of(path), "generated, as its first lines say") if self._is_generated(path) else None

    def _is_generated(self, path: str) -> bool:
        mark = GENERATED_PAGE if path.lower().endswith((".md", ".html")) else GENERATED
        return mark.search(self._project.first_lines(path, FIRST_BYTES)) is not None


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
    parts = path.split("/")[:-1]
    folders = ("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))
    found = ((pattern_of(f"{folder}/"), why) for folder in folders if (why := _why(folder, tracked)))
    return next(found, None)


def _why(folder: str, tracked: Collection[str]) -> str:
    """Return why a folder is not the project's own work; nothing where it is."""
    name = posixpath.basename(folder)
    if name in PERHAPS:
        return "vendored" if _is_foreign(folder, tracked) else ""
    if _is_of_tests(folder, tracked):
        return "data of tests"
    return FOLDERS.get(name, "")


def _is_of_tests(folder: str, tracked: Collection[str]) -> bool:
    """Tell whether a folder holds the resources of tests, as Maven has them, or a project of dbt that serves tests."""
    if f"/{folder}".endswith("/src/test/resources"):
        return True
    above = posixpath.dirname(folder).split("/")
    return not TESTS.isdisjoint(above) and f"{folder}/dbt_project.yml" in tracked


def _is_foreign(folder: str, tracked: Collection[str]) -> bool:
    """Tell whether a package manager put a folder there, or it has a licence of its own."""
    above = posixpath.dirname(folder)
    if not {posixpath.join(above, name) for name in BESIDE}.isdisjoint(tracked):
        return True
    return any(path.startswith(f"{folder}/") for path in filter(LICENSES.search, tracked))


def pattern_of(path: str) -> str:
    """Return the pattern that matches a path, or all below a folder, and nothing else."""
    return "/" + re.sub(r"([\\*?\[\]])", r"\\\1", path)


def narrowest(paths: Sequence[str], tracked: Iterable[str]) -> list[str]:
    """Return the patterns that match these paths and no other tracked one: a folder with an end of names, or a path."""
    beside: dict[tuple[str, str], set[str]] = {}
    for path in (*paths, *tracked):
        beside.setdefault(_place(path), set()).add(path)
    return list(dict.fromkeys(_pattern(path, beside[_place(path)].difference({path}), paths) for path in paths))


def _place(path: str) -> tuple[str, str]:
    return posixpath.dirname(path), posixpath.splitext(path)[1]


def _pattern(path: str, others: set[str], paths: Collection[str]) -> str:
    """Return the pattern of all that is beside a path where there is something, and all of it is meant."""
    folder, end = _place(path)
    return f"{pattern_of(posixpath.join(folder, ''))}*{end}" if others and others <= {*paths} else pattern_of(path)
