"""Who owns a path, and by which line of CODEOWNERS."""

from __future__ import annotations

from ml_checks.errors import CannotRunError
from ml_checks.record import Record
from ml_checks.values import line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ml_checks.project.project import Project


class Answer(Record):
    """The owners of a path and the line that decides last; none where it leaves the path to nobody.

    `line` is None where no line matches, and `file` where there is no CODEOWNERS file.
    """

    path: str
    owners: tuple[str, ...]
    file: str | None
    line: int | None


def answers(project: Project, paths: Iterable[str]) -> list[Answer]:
    """Return who owns each file, tracked or not, and all that is tracked in each folder; raise CannotRunError."""
    if fault := project.codeowners_fault:
        raise CannotRunError(line(fault))
    return [_answer(project, file) for path in paths for file in _files(project, path)]


def _files(project: Project, path: str) -> list[str]:
    if path == ".." or path.startswith("../"):
        raise CannotRunError(f"{path!r} is outside of the repository, whose CODEOWNERS says nothing about it")
    if path not in project.folders:
        return [path]
    return [file for file in project.paths if not path or file.startswith(f"{path}/")]


def _answer(project: Project, path: str) -> Answer:
    codeowners = project.codeowners
    if codeowners is None:
        return Answer(path, (), None, None)
    deciding = codeowners.ownership.line_of(path)
    return Answer(path, codeowners.ownership.owners_of(path), codeowners.path, deciding.line if deciding else None)


def as_text(found: Iterable[Answer]) -> str:
    """Return a line for each path, as a person reads it."""
    return "".join(f"{path}: {_described(owners, file, number)}\n" for path, owners, file, number in found)


def _described(owners: tuple[str, ...], file: str | None, number: int | None) -> str:
    if number is None:
        return f"no line of {file} matches" if file else "there is no CODEOWNERS file"
    return f"{' '.join(owners) or 'left to nobody'} ({file}:{number})"


def as_json(found: Iterable[Answer]) -> str:
    """Return a list of `{path, owners, file, line}`."""
    import json

    rows = [{"path": path, "owners": owners, "file": file, "line": number} for path, owners, file, number in found]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
