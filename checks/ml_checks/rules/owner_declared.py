"""OWN: an owner who answers for every component."""

from __future__ import annotations

from functools import cache

from ml_checks.rules.registry import rule
from ml_checks.values import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.codeowners import Line
    from ml_checks.project.project import Codeowners, Project


@rule("OWN001")
def owner_missing(project: Project) -> Iterator[tuple[Location, str]]:
    """A component declares no owner.

    Nobody is told when it breaks, and nobody may retire it. Name the team: `team.name` in a contract, `owner` in
    a charter or in the front matter of a model card.
    """
    for component in project.components:
        if not component.names:
            yield component.at, f"{component.kind} declares no owner"


@rule("OWN002")
def owner_unknown(project: Project) -> Iterator[tuple[Location, str]]:
    """A component's owner is nobody that CODEOWNERS knows.

    A name that no pull request is ever sent to is a name on paper. Use the handle that CODEOWNERS uses, or add
    the owner there.
    """
    if project.codeowners is None:
        return
    known = _known(project.codeowners)
    for component in project.components:
        if known.issuperset(map(str.lower, component.names)):
            continue
        for owner in component.owners:
            if owner.lower() not in known:
                yield (
                    owner.at,
                    f"{component.kind} is owned by {owner!r}, whom {project.codeowners.path} never names",
                )


@rule("OWN003", by_path=True)
def owner_alone(project: Project) -> Iterator[tuple[Location, str]]:
    """A single person owns a component, without a second.

    People go on holiday, and they leave. Name a team, or a second person beside the first.
    """
    person = project.standards.person
    for component in project.components:
        if len(component.names) == 1 and person.fullmatch(component.names[0]):
            yield component.owners[0].at, f"{component.kind} is owned by {component.owners[0]!r} alone"
    if codeowners := project.codeowners:
        for line in codeowners.ownership.lines:
            if len(line.owners) == 1 and person.fullmatch(line.owners[0]):
                yield _at(codeowners, line), f"pattern {line.pattern!r} is owned by {line.owners[0]!r} alone"


@rule("OWN004")
def path_unowned(project: Project) -> Iterator[tuple[Location, str]]:
    """A tracked file has no owner in CODEOWNERS.

    Its changes are reviewed by whoever happens to look. Add a line that matches it; a line without owners says
    that nobody needs to look, and that this was decided.
    """
    if project.codeowners:
        for path in sorted({*project.codeowners.ownership.unowned} - project.excluded):
            yield Location(path, 1, 1), f"no line of {project.codeowners.path} matches this file"


@rule("OWN005")
def pattern_unmatched(project: Project) -> Iterator[tuple[Location, str]]:
    """A line of CODEOWNERS matches no tracked file.

    Somebody believes that something is owned, and it has moved. Correct the pattern, or remove the line.
    """
    if project.codeowners:
        for line in project.codeowners.ownership.unmatched:
            yield _at(project.codeowners, line), f"pattern {line.pattern!r} matches no tracked file"


@rule("OWN006")
def line_shadowed(project: Project) -> Iterator[tuple[Location, str]]:
    """A line of CODEOWNERS loses every file to other lines.

    Of the lines that match, one decides, so the owners of this one are never asked. Move the line below, or name
    its owners in the other line too.
    """
    if project.codeowners:
        for line, winner in project.codeowners.ownership.shadowed:
            message = (
                f"pattern {line.pattern!r} loses every file it matches, to {winner.pattern!r} on line {winner.line}"
            )
            yield _at(project.codeowners, line), message


@rule("OWN007")
def line_invalid(project: Project) -> Iterator[tuple[Location, str]]:
    """A line of CODEOWNERS is not valid.

    The host skips it, or what it cannot read of it, without a word, and somebody whom it names is never asked.
    Correct the line.
    """
    if codeowners := project.codeowners:
        for line in codeowners.lines:
            if line.fault:
                yield _at(codeowners, line), line.fault


@rule("OWN008")
def codeowners_twice(project: Project) -> Iterator[tuple[Location, str]]:
    """There is more than one CODEOWNERS file.

    The host reads the first it finds and ignores the others, which people go on editing. Keep one.
    """
    if project.codeowners:
        for path in project.codeowners.others:
            yield Location(path, 1, 1), f"ignored, because {project.codeowners.path} is there"


@rule("OWN009")
def owner_contradicted(project: Project) -> Iterator[tuple[Location, str]]:
    """A component names one owner and CODEOWNERS another one for its file.

    The one who answers for it does not see its changes. Name the same owner in both places.
    """
    if (codeowners := project.codeowners) is None:
        return
    known, ownership = _known(codeowners), codeowners.ownership

    @cache
    def is_contradicted(named: tuple[str, ...], asked: tuple[str, ...]) -> bool:
        owners = {owner.lower() for owner in named} & known  # OWN002 speaks of the others
        return bool(owners) and owners.isdisjoint(owner.lower() for owner in asked)

    for component in project.components:
        asked = ownership.owners_of(component.path)
        if is_contradicted(component.names, asked) and (line := ownership.line_of(component.path)):
            place, names = f"{codeowners.path}:{line.line}", " ".join(asked) or "nobody"
            message = f"{component.kind} is owned by {component.owners[0]!r}, but {place} sends its changes to {names}"
            yield component.owners[0].at, message


@rule("OWN010")
def service_unowned(project: Project) -> Iterator[tuple[Location, str]]:
    """A service or a job of the infrastructure has no owner label.

    At night the label is all that tells whom to call. Add it: under `labels` in a compose file, under
    `metadata.labels` in a manifest.
    """
    # An overlay repeats a service to change it, and need not repeat its label.
    settled = {(service.kind, service.name) for service in project.services if service.has_owner}
    for service in project.services:
        if (service.kind, service.name) not in settled:
            settled.add((service.kind, service.name))
            yield (
                service.at,
                f"{service.kind} {service.name!r} has no label {project.standards.owner_label!r}",
            )


@rule("OWN011")
def codeowners_missing(project: Project) -> Iterator[tuple[Location, str]]:
    """There is no CODEOWNERS file that the host reads.

    Nobody is asked to review anything. Add the file, with one line at least: `* @org/team`.
    """
    if project.paths and project.codeowners is None and not project.codeowners_fault:
        yield Location(project.dialect.paths[0], 1, 1), "no CODEOWNERS file, so nobody owns any file"


def _known(codeowners: Codeowners) -> set[str]:
    """Return every owner that a valid line names; capitals make no difference."""
    return {owner.lower() for line in codeowners.ownership.lines for owner in line.owners}


def _at(codeowners: Codeowners, line: Line) -> Location:
    return Location(codeowners.path, line.line, line.col)
