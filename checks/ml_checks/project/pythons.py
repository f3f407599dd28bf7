"""The versions of Python that images have, beside those that the project around them allows."""

from __future__ import annotations

import re
import tomllib
from functools import partial
from itertools import filterfalse

from ml_checks.formats import dockerfile
from ml_checks.values import folders_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ml_checks.project.project import Project
    from ml_checks.values import Text

    # Major and minor.
    Version = tuple[int, int]

SETTINGS = "pyproject.toml"
_IMAGE = re.compile(r"(?:docker\.io/)?(?:library/)?python:(\d+)\.(\d+)(?![\d])")
_CLAUSE = re.compile(r"\s*(>=|<=|==|~=|>|<)\s*(\d+)\.(\d+)(\.(?!\*|0+$)\w+)?(?:\.\*|\.0+)?\s*")
# Whether a minor version has releases that a clause allows; `is_within` says that the clause names a release within it.
_HOLDS: dict[str, Callable[[Version, Version, bool], bool]] = {
    ">=": lambda version, bound, _: version >= bound,
    ">": lambda version, bound, _: version >= bound,
    "<=": lambda version, bound, _: version <= bound,
    "<": lambda version, bound, is_within: version < bound or (is_within and version == bound),
    "==": lambda version, bound, _: version == bound,
    "~=": lambda version, bound, is_within: version == bound if is_within else bound <= version < (bound[0] + 1, 0),
}


def contradictions(project: Project) -> Iterator[tuple[Text, str, str]]:
    """Yield each image whose Python the project around it does not allow, what it allows, and where it says so."""
    for path in project.files("dockerfiles"):
        settings = _settings_of(project, path)
        allowed = _allowed(project.source(settings) or "")
        refused = filterfalse(partial(_is_allowed, allowed), _images(path, project.source(path) or ""))
        yield from ((image, allowed, settings) for image in refused)


def _settings_of(project: Project, path: str) -> str:
    """Return the path of the settings of the innermost Python project that holds a path; the root's where none does."""
    beside = (f"{folder}/{SETTINGS}" for folder in sorted(folders_of([path]), reverse=True))
    return next(filter(project.tracked.__contains__, beside), SETTINGS)


def _allowed(text: str) -> str:
    """Return which versions a project allows; nothing where it does not say so, or nobody can read it."""
    try:
        return str(tomllib.loads(text)["project"]["requires-python"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return ""


def _images(path: str, text: str) -> Iterator[Text]:
    bases = (stage.base for stage in dockerfile.read(path, text).stages)
    return (base for base in bases if base and _IMAGE.match(base))


def _is_allowed(allowed: str, image: str) -> bool:
    """Tell whether the version of an image may be one of those that are allowed."""
    major, minor = map(int, _IMAGE.findall(image)[0])
    return all(map(partial(_holds, (major, minor)), allowed.split(",")))


def _holds(version: Version, clause: str) -> bool:
    """Tell whether a clause allows a version; one that is not understood allows all."""
    if not (match := _CLAUSE.fullmatch(clause)):
        return True
    return _HOLDS[match[1]](version, (int(match[2]), int(match[3])), bool(match[4]))
