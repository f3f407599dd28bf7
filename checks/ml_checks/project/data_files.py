"""The files of data that a repository holds, and which of them a contract names."""

from __future__ import annotations

import posixpath
import re
from itertools import chain

from ml_checks.contracts.personal_data import CSV, JSON

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ml_checks.contracts.contract import Contract
    from ml_checks.project.project import Project

# The folder of a project in which its data lie.
DATA = "data"


def samples(project: Project, contract: Contract) -> list[str]:
    """Return the tracked files that a contract names as its data: by their path, their folder, or a pattern.

    A path counts from the project's folder, from that in which the folder of contracts lies, or from the root.
    """
    if not contract.plain("samples"):
        return []
    places = dict.fromkeys((project.folder_of(contract.path), _home(contract.path), ""))
    paths = (posixpath.normpath(posixpath.join(place, one)) for place in places for one in contract.samples)
    return list(dict.fromkeys(chain.from_iterable(_named(project, path) for path in paths)))


def look_at_samples(project: Project, contracts: Iterable[Contract]) -> None:
    """Note the samples of some contracts that are no text, though rules read them as one."""
    for path in dict.fromkeys(chain.from_iterable(samples(project, contract) for contract in contracts)):
        if path.lower().endswith(CSV + JSON):
            project.reader.look(path)


def uncontracted(project: Project) -> list[str]:
    """Return the files of data in the data folders of projects that no contract names."""
    homes = (_home(contract.path) for contract in project.contracts)
    folders = {posixpath.join(home, DATA) for home in (*project.project_folders, *homes)}
    files = [path for path in project.data_files if _is_in_one(path, folders, project.tracked)]
    named = set(chain.from_iterable(samples(project, contract) for contract in project.contracts)) if files else set()
    return [path for path in files if path not in named]


def _named(project: Project, path: str) -> list[str]:
    """Return the tracked files that a path means."""
    if any(char in path for char in "*?[{"):
        return _matching(project, path)
    if path in project.folders:
        return [one for one in project.paths if one.startswith(f"{path}/")]
    return [path] if path in project.tracked else []


def _matching(project: Project, pattern: str) -> list[str]:
    """Return the tracked files that a pattern matches, in which a tool may fill in names such as `{model}`."""
    from fnmatch import filter as matching

    return matching(project.paths, re.sub(r"\{[^}]*\}", "*", pattern).replace("**/", "*"))


def _is_in_one(path: str, folders: Collection[str], tracked: Collection[str]) -> bool:
    """Tell whether a file is in one of these folders, and in no package of Python there."""
    folder = posixpath.dirname(path)
    while folder and f"{folder}/__init__.py" not in tracked:
        if folder in folders:
            return True
        folder = posixpath.dirname(folder)
    return False


def _home(contract: str) -> str:
    """Return the folder in which the folder of contracts lies that holds a contract."""
    folder = posixpath.dirname(contract)
    return posixpath.dirname(folder) if posixpath.basename(folder) == "contracts" else folder
