"""Who owns a path, and by which line of CODEOWNERS."""

from __future__ import annotations

import re
from itertools import takewhile

from ml_checks.errors import CannotRunError
from ml_checks.record import Record
from ml_checks.values import line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ml_checks.codeowners import Dialect, Line
    from ml_checks.project.project import Project

# Azure Repos has no CODEOWNERS: a branch policy asks reviewers for the paths of a filter. From Microsoft's pages "az
# repos policy required-reviewer" and "Branch policies and settings": filters are separated by `;`, `!` excludes, the
# order counts, and a star crosses folders.
POLICY = "az repos policy required-reviewer create --blocking true --enabled true --branch main"
ABOUT_AZURE = """\
# Azure DevOps does not read {file}; these policies make it ask the owners. Set REPOSITORY_ID (`az repos show`),
# and write an owner that is no address as the address of a user or of a group that Azure knows. Delete old policies.
"""
# Where Azure's stars match no more than the pattern does: plain names, `*` before an end, `*.csv` and `data*` anywhere.
PLAIN = r"[^*?/]+"
EXACT = re.compile(rf"(?:(?:\*\*|{PLAIN})/)*(?:\*\*|{PLAIN}|\*/\*\*)|\*\*/\*(?:{PLAIN})?(?:/\*\*)?|\*\*/{PLAIN}\*/\*\*")
WILD = re.compile(r"[*?]")
INEXACT = "a star of Azure crosses folders, so this asks for more than the pattern says"


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


def as_azure(project: Project, found: Iterable[Answer]) -> str:
    """Return the commands that make Azure Repos ask the owners of these paths, one a line; raise CannotRunError."""
    codeowners = project.codeowners
    if codeowners is None or project.dialect.host == "GitLab":
        raise CannotRunError(
            "the policies of Azure are made of a CODEOWNERS file in GitHub's dialect, and there is none"
        )
    numbers = {number for _, _, _, number in found}
    policies = _policies(codeowners.path, codeowners.ownership.lines, project.dialect)
    told = "".join(policy for entry, policy in policies if entry.line in numbers)
    return ABOUT_AZURE.format(file=codeowners.path) + told


def _policies(file: str, lines: Sequence[Line], dialect: Dialect) -> Iterator[tuple[Line, str]]:
    """Yield the command for each line that names an owner."""
    spelled = [dialect.spell(line.pattern) for line in lines]
    for number, (entry, pattern) in enumerate(zip(lines, spelled, strict=True), 1):
        if entry.owners:
            yield entry, _policy(f"{file}:{entry.line}", entry.owners, pattern, spelled[number:])


def _policy(place: str, owners: Iterable[str], pattern: Sequence[str], later: Iterable[Sequence[str]]) -> str:
    """Return the command for one line: its pattern, without what later lines take from it."""
    import shlex

    paths = ";".join((*_filters(pattern), *_taken(pattern, later)))
    words = ("--path-filter", paths, "--required-reviewer-ids", ";".join(owners), "--message", place)
    note = "" if EXACT.fullmatch("/".join(pattern)) else f"# {place}: {INEXACT}\n"
    return f'{note}{POLICY} --repository-id "$REPOSITORY_ID" {shlex.join(words)}\n'


def _taken(pattern: Sequence[str], later: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the filters that exclude what later lines take."""
    for other in later:
        if _may_meet(pattern, other):
            yield from (f"!{path}" for path in _filters(other))


def _may_meet(pattern: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether one path may match both: not where two plain names stand in the same place."""
    pairs = zip(pattern, other, strict=False)
    plain = takewhile(lambda pair: "**" not in pair, pairs)
    return all(one == two or WILD.search(one + two) for one, two in plain)


def _filters(pattern: Sequence[str]) -> list[str]:
    """Return the filters of Azure that match what a spelled pattern matches."""
    path = "/" + "/".join(pattern).replace("\\", "").replace("?", "*")
    path = re.sub(r"^/\*\*/", "*/", path.removesuffix("/**") if path.endswith("/*/**") else path)
    ends = ("", "/*") if path.endswith("/**") else ("",)
    bare = path.removesuffix("/**")
    # In the middle `**` stands for no folder too.
    ways = dict.fromkeys((bare.replace("/**/", "/*/"), bare.replace("/**/", "/")))
    return [f"{way}{end}" for way in ways for end in ends]
