"""A commit as if its files were those of a work tree: everything is read from git, and nothing is written."""

from __future__ import annotations

import time
from functools import cached_property

from ml_checks.errors import CannotRunError
from ml_checks.reading.command import Command
from ml_checks.reading.git import Repository, entries_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ml_checks.reading.git import Difference


class Tree(Repository):
    """The files of a commit, none of which has changed since."""

    def __init__(self, root: str, commit: str) -> None:  # pylint: disable=super-init-not-called
        """Take a commit of the repository whose work tree has this root."""
        self.root, self.since, self.tip = root, time.time(), commit
        self._at_commit = False
        self._listing = Command(root, "ls-tree", "-r", "-z", "--full-tree", commit)

    @cached_property
    def _index(self) -> dict[str, str]:
        """What git lists of each path, as it lists what a sparse checkout leaves out."""
        if (output := self._listing.output()) is None:
            raise CannotRunError(self._listing.complaint())
        rows = (row.partition("\t") for row in entries_in(output))
        return {path: "S {} {} 0".format(*head.split(" ")[::2]) for head, _, path in rows}

    @property
    def _changes(self) -> dict[str, Difference]:
        return {}

    @property
    def _head(self) -> str:
        return ""  # what is kept of when paths changed is for the last commit

    def is_left_out(self, path: str) -> bool:
        """Tell whether it is one of the files, all of which git alone has."""
        return path in self.regular
