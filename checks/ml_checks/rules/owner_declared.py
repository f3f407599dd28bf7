"""OWN: an owner who answers for every component."""

from __future__ import annotations

from functools import cache, partial

from ml_checks.errors import quoted
from ml_checks.rules.registry import rule
from ml_checks.values import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ml_checks.codeowners import Line
    from ml_checks.project.infrastructure import Service
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
    """CODEOWNERS does not know the owner of a component.

    No pull request is ever sent to this name. Use the handle that CODEOWNERS uses, or add the owner there.
    """
    if project.codeowners is None or not project.codeowners.ownership.lines:
        return  # which OWN011 says once
    known = _known(project.codeowners)
    for component in project.components:
        if known.issuperset(map(str.lower, component.names)):
            continue
        for owner in component.owners:
            if owner.lower() not in known:
                never = f"whom {project.codeowners.path} never names"
                yield owner.at, f"{component.kind} is owned by {owner!r}, {never}"


@rule("OWN003", by_path=True)
def owner_alone(project: Project) -> Iterator[tuple[Location, str]]:
    """A single person owns a component, without a second.

    People go on holiday, and they leave the company. Name a team, or a second person beside the first. On GitLab a name
    without a slash may be a group: there only those count that `owners.persons` in the standards lists.
    """
    is_person = _person(project)
    for component in project.components:
        if _is_alone(component.names, is_person):
            yield component.owners[0].at, f"{component.kind} is owned by {component.owners[0]!r} alone"
    if codeowners := project.codeowners:
        for line in codeowners.ownership.lines:
            if _is_alone(line.owners, is_person):
                alone = f"is owned by {quoted(line.owners[0])} alone"
                yield _at(codeowners, line), f"pattern {quoted(line.pattern)} {alone}"


@rule("OWN004")
def path_unowned(project: Project) -> Iterator[tuple[Location, str]]:
    """A tracked file has no owner in CODEOWNERS.

    Nobody is asked to review its changes. Add a line that matches it. A line without owners says that this was decided:
    nobody needs to look.
    """
    if project.codeowners and project.codeowners.ownership.lines:
        for path in sorted({*project.codeowners.ownership.unowned} - project.excluded):
            yield Location(path, 1, 1), f"no line of {project.codeowners.path} matches this file"


@rule("OWN005")
def pattern_unmatched(project: Project) -> Iterator[tuple[Location, str]]:
    """A line of CODEOWNERS matches no tracked file.

    Somebody believes that these files have an owner, and they have moved. Correct the pattern, or remove the line.
    """
    if project.codeowners:
        for line in project.codeowners.ownership.unmatched:
            yield _at(project.codeowners, line), f"pattern {quoted(line.pattern)} matches no tracked file"


@rule("OWN006")
def line_shadowed(project: Project) -> Iterator[tuple[Location, str]]:
    """A line of CODEOWNERS loses every file to other lines.

    Only one of the matching lines decides, so the owners in this one are not asked. Move the line below the other
    one, or name its owners there too.
    """
    if project.codeowners:
        for line, winner in project.codeowners.ownership.shadowed:
            taken = f"to {quoted(winner.pattern)} on line {winner.line}"
            yield _at(project.codeowners, line), f"pattern {quoted(line.pattern)} loses every file it matches, {taken}"


@rule("OWN007")
def line_invalid(project: Project) -> Iterator[tuple[Location, str]]:
    """A line of CODEOWNERS is not valid.

    The host skips the line, or a part of it, and says nothing; an owner whom it names is never asked. Correct the line.
    """
    if codeowners := project.codeowners:
        for line in codeowners.lines:
            if line.fault:
                yield _at(codeowners, line), line.fault


@rule("OWN008")
def codeowners_twice(project: Project) -> Iterator[tuple[Location, str]]:
    """There is more than one CODEOWNERS file.

    The host reads the first one and ignores the others, but people go on editing them. Keep one.
    """
    if project.codeowners:
        for path in project.codeowners.others:
            yield Location(path, 1, 1), f"ignored, because {project.codeowners.path} is there"


@rule("OWN009")
def owner_contradicted(project: Project) -> Iterator[tuple[Location, str]]:
    """A component names one owner and CODEOWNERS another one for its file.

    The owner of the component does not see its changes. Name the same owner in both places.
    """
    if (codeowners := project.codeowners) is None:
        return
    is_contradicted = cache(partial(_is_contradicted, _known(codeowners)))
    for component in project.components:
        asked = codeowners.ownership.owners_of(component.path)
        if is_contradicted(component.names, asked) and (line := codeowners.ownership.line_of(component.path)):
            place, names = f"{codeowners.path}:{line.line}", " ".join(asked) or "nobody"
            message = f"{component.kind} is owned by {component.owners[0]!r}, but {place} sends its changes to {names}"
            yield component.owners[0].at, message


@rule("OWN010")
def service_unowned(project: Project) -> Iterator[tuple[Location, str]]:
    """A service or a job of the infrastructure has no owner label.

    At night the label is the only thing that says whom to call. Add it: under `labels` in a compose file, under
    `metadata.labels` in a manifest.
    """
    settled = {service.scope for service in project.services if service.has_owner}
    for service in _that_need_a_label(project):
        if service.scope not in settled:
            settled.add(service.scope)
            label = project.standards.owner_label
            yield service.at, f"{service.kind} {service.name!r} has no label {label!r}"


def _that_need_a_label(project: Project) -> Iterator[Service]:
    """Yield the services, but no part of one that only changes it: an overlay need not repeat the label."""
    whole = {_changed(project, service) for service in project.services if service.is_whole}
    return (one for one in project.services if one.is_whole or _changed(project, one) not in whole)


def _changed(project: Project, service: Service) -> tuple[str, str, str]:
    """Return which service of a project a part of one changes: that of its name."""
    return project.folder_of(service.at.path), service.kind, service.name


@rule("OWN011")
def codeowners_missing(project: Project) -> Iterator[tuple[Location, str]]:
    """There is no CODEOWNERS file that the host reads, or no line in it that counts.

    Nobody is asked to review anything, and a host follows no symbolic link. Add the file, with one line at least:
    `* @org/team`.
    """
    if codeowners := project.codeowners:
        if not codeowners.ownership.lines:
            yield Location(codeowners.path, 1, 1), f"no line of {codeowners.path} counts, so nobody owns any file"
    elif project.paths and not project.codeowners_fault:
        path, why = _absence(project)
        yield Location(path, 1, 1), f"{why}, so nobody owns any file"


def _absence(project: Project) -> tuple[str, str]:
    """Return where CODEOWNERS should be, and what is there."""
    dialect = project.dialect
    if link := next(filter(project.is_link, dialect.paths), None):
        return link, f"is a symbolic link, which {dialect.host} does not follow"
    return dialect.paths[0], "no CODEOWNERS file"


def _is_contradicted(known: set[str], named: tuple[str, ...], asked: tuple[str, ...]) -> bool:
    """Tell whether CODEOWNERS knows owners that a component names, and asks none of them."""
    owners = known.intersection(map(str.lower, named))  # OWN002 speaks of the others
    return bool(owners) and owners.isdisjoint(map(str.lower, asked))


def _known(codeowners: Codeowners) -> set[str]:
    """Return every owner that a valid line names; capitals make no difference."""
    return {owner.lower() for line in codeowners.ownership.lines for owner in line.owners}


def _person(project: Project) -> Callable[[str], bool]:
    """Return what tells of an owner whether it is known to be one person."""
    standards, is_gitlab = project.standards, project.dialect.host == "GitLab"

    def is_person(owner: str) -> bool:
        name = owner.lower()
        # GitLab's users and its top-level groups have names of one form.
        looks_so = not is_gitlab and standards.person.fullmatch(owner) is not None
        return name in standards.persons or (looks_so and name not in standards.groups)

    return is_person


def _is_alone(owners: Sequence[str], is_person: Callable[[str], bool]) -> bool:
    """Tell whether a single owner is a person."""
    return len(owners) == 1 and is_person(owners[0])


def _at(codeowners: Codeowners, line: Line) -> Location:
    return Location(codeowners.path, line.line, line.col)
