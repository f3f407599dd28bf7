"""What a repository holds of each kind that rules read: what is read, what is not and why, what is excluded."""

from __future__ import annotations

from ml_checks.project.recognition import CHART, PATCH
from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from ml_checks.project.project import Project

# The kinds of files that somebody may miss in a report, each as one of them is called, and several.
NOUNS = {
    "contracts": ("a data contract", "data contracts"),
    "charters": ("a project charter", "project charters"),
    "dbt": ("dbt properties", "dbt properties"),
    "json_schema": ("a JSON Schema", "JSON Schemas"),
    "avro": ("an Avro schema", "Avro schemas"),
    "sql": ("tables in SQL", "tables in SQL"),
    "python": ("data models in Python", "data models in Python"),
    "compose": ("a compose file", "compose files"),
    "dockerfiles": ("a Dockerfile", "Dockerfiles"),
    "kubernetes": ("a Kubernetes workload", "Kubernetes workloads"),
    "model_cards": ("a model card", "model cards"),
}
# What these describe shows only once they are read: most of them describe nothing.
_BY_CONTENT = ("sql", "python")
# Why a file is not for these checks to read: another program makes something whole of it.
_PARTS = frozenset([CHART, PATCH])
# The faults that say that nobody could read a file.
_UNREADABLE = ("FIL001", "FIL005")


class Unread(Record):
    """A file that looks like a kind and is not read, and why, as it goes on after "it"."""

    path: str
    reason: str
    is_fault: bool
    """Whether there is a finding that says so."""


class Kind(Record):
    """The files that look like one kind: those that are read, those that are not, and those that the user excludes."""

    name: str
    read: tuple[str, ...]
    unread: tuple[Unread, ...]
    excluded: tuple[str, ...]

    @property
    def looks_like(self) -> int:
        """How many files look like it, the excluded ones apart."""
        return len(self.read) + len(self.unread)

    @property
    def has_silent(self) -> bool:
        """Whether one of them is not read, no finding says so, and it is no part of what is described elsewhere."""
        return any(not one.is_fault and one.reason not in _PARTS for one in self.unread)

    def within(self, is_wanted: Callable[[str], bool]) -> Kind:
        """Return the same of some files."""
        unread = tuple(one for one in self.unread if is_wanted(one.path))
        return Kind(self.name, tuple(filter(is_wanted, self.read)), unread, tuple(filter(is_wanted, self.excluded)))


def inventory(project: Project) -> tuple[Kind, ...]:
    """Return what is there of each kind that there is any of, in the order of `NOUNS`; reads what is not yet read."""
    for _, read in project.parts():
        read()
    faults = {fault.at.path: fault.message for fault in project.faults if fault.code in _UNREADABLE}
    excluded = _excluded(project)
    kinds = (_kind(project, name, faults, excluded) for name in NOUNS)
    return tuple(kind for kind in kinds if kind.looks_like or kind.excluded)


def _kind(project: Project, name: str, faults: dict[str, str], excluded: dict[str, str]) -> Kind:
    silent = [Unread(path, why, is_fault=False) for path, (kind, why) in project.unread.items() if kind == name]
    wrong = [Unread(path, faults[path], is_fault=True) for path in faults.keys() & project.files(name)]
    unread = sorted([*silent, *wrong])
    read = _without(_holding(project, name), {one.path for one in unread})
    return Kind(name, read, tuple(unread), tuple(path for path, kind in excluded.items() if kind == name))


def _without(paths: Iterable[str], others: Collection[str]) -> tuple[str, ...]:
    return tuple(path for path in paths if path not in others)


def _holding(project: Project, name: str) -> list[str]:
    """Return the files of a kind that hold anything of it."""
    if name == "kubernetes":
        return sorted({workload.path for workload in project.deployed})
    paths = project.files(name)
    return list(filter(project.described_paths.__contains__, paths)) if name in _BY_CONTENT else paths


def _excluded(project: Project) -> dict[str, str]:
    """Return the kind of each excluded file, as it would be if it were not."""
    if not project.excluded:
        return {}
    from ml_checks.project import recognition
    from ml_checks.project.project import Project as Whole

    snapshot = project.snapshot._replace(standards=project.standards.without_exclusions())
    kinds = Whole(snapshot).kinds_of_paths

    def is_empty(path: str) -> bool:
        return kinds[path] in _BY_CONTENT and not recognition.look_at(project.reader, path).kind

    return {path: kinds[path] for path in sorted(project.excluded) if not is_empty(path)}
