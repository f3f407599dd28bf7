"""The work tree together with what is to be added to it: what will be written can be judged before it is."""

from __future__ import annotations

import os

from ml_checks import standards
from ml_checks.errors import CannotRunError
from ml_checks.project.snapshot import Snapshot
from ml_checks.reading.git import is_ignored
from ml_checks.reading.output import write_text
from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime

    from ml_checks.reading.git import Repository


class Change(Record):
    """A file that is added or grows: what it held, None where it is new, what it will hold, and why."""

    path: str
    before: str | None
    after: str
    why: str


class Tree:
    """A work tree, and the changes to it that nobody has written yet."""

    def __init__(self, repository: Repository, today: datetime.date) -> None:
        """Take the work tree as it is."""
        self.repository, self.root, self.today = repository, repository.root, today
        self.changes: dict[str, Change] = {}
        self._texts: dict[str, str | None] = {}
        self._hidden: dict[str, bool] = {}

    def text(self, path: str) -> str | None:
        """Return what a file holds or will hold, tracked or not, None where there is none; raise CannotRunError."""
        if path in self.changes:
            return self.changes[path].after
        if path not in self._texts:
            self._texts[path] = _text(self.root, path)
        return self._texts[path]

    def real(self, path: str) -> str:
        """Return the path of the file that a path leads to, itself but for a link."""
        file = os.path.join(self.root, path)
        return os.path.relpath(os.path.realpath(file), os.path.realpath(self.root)) if os.path.islink(file) else path

    def put(self, path: str, text: str, why: str) -> None:
        """Add to the changes that a file will hold a text; a link stays one."""
        path = self.real(path)
        before = self.changes[path].before if path in self.changes else self.text(path)
        self.changes[path] = Change(path, before, text, why)

    def snapshot(self) -> Snapshot:
        """Return what is judged: what git tracks, with the changes, and what an earlier run has written."""
        loaded = standards.load(self.root, self.text(standards.PROJECT_FILE))
        texts = self._untracked() | {path: change.after for path, change in self.changes.items()}
        unsaved = {path: text.encode() for path, text in texts.items()}
        return Snapshot(self.repository, loaded, self.today, unsaved=unsaved)

    def _untracked(self) -> dict[str, str]:
        """Return the files that are there, of those that were asked for, and that git would take."""
        new = self._texts.keys() - set(self.repository.paths)
        there = {path: text for path in new if (text := self._texts[path]) is not None}
        return {path: text for path, text in there.items() if not self.is_hidden(path)}

    def is_hidden(self, path: str) -> bool:
        """Tell whether git leaves a path out of every commit."""
        if path not in self._hidden:
            self._hidden[path] = path not in self.repository.paths and is_ignored(self.root, path)
        return self._hidden[path]

    def refuse_unwritable(self) -> None:
        """Raise CannotRunError where something stands in the place of a folder, or nothing can be written."""
        for path in self.changes:
            folder = os.path.join(self.root, os.path.dirname(path))
            while not os.path.lexists(folder):
                folder = os.path.dirname(folder)
            self._refuse_folder(folder, path)

    def _refuse_folder(self, folder: str, path: str) -> None:
        shown = os.path.relpath(folder, self.root)
        if not os.path.isdir(folder):
            raise CannotRunError(f"{shown!r} is no folder, so {path!r} cannot be written; move it first")
        if not os.access(folder, os.W_OK):
            raise CannotRunError(f"the folder {shown!r} is read-only, so {path!r} cannot be written")

    def write(self) -> None:
        """Write each change, whole files only; raise CannotRunError."""
        self.refuse_unwritable()
        for path, change in self.changes.items():
            file = os.path.join(self.root, path)
            try:
                os.makedirs(os.path.dirname(file), exist_ok=True)
            except OSError as error:
                raise CannotRunError(f"cannot make the folder of {path!r}: {error.strerror}") from error
            write_text(file, [change.after])


def _text(root: str, path: str) -> str | None:
    try:
        with open(os.path.join(root, path), encoding="utf-8", newline="") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError as error:
        raise CannotRunError(f"{path!r} is not UTF-8, so nothing can be added to it; save it as UTF-8") from error
    except OSError as error:
        raise CannotRunError(f"{path!r} cannot be read: {error.strerror}") from error
