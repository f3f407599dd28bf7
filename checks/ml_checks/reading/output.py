"""Writes text where somebody wants it: into a file as a whole or not at all, into a pipe or a device as it comes."""

from __future__ import annotations

import errno
import os
import stat
import time

from ml_checks.errors import CannotRunError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from io import FileIO

# Nothing can take the place of an open file of a process.
_DESCRIPTORS = ("/dev/fd/", "/dev/std", "/proc/")


def is_standard_output(path: str) -> bool:
    """Tell whether a path leads to where standard output goes, as `/dev/stdout` does."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(1))
    except OSError:
        return False  # there is no such file, or standard output is closed


def write_text(path: str, parts: Iterable[str]) -> None:
    """Write what a path leads to: a file as a whole or not at all, with the mode that it had; raise CannotRunError."""
    encoded = (part.encode("utf-8", "backslashreplace") for part in parts)
    try:
        status = _status(path)
        if status and (not stat.S_ISREG(status.st_mode) or os.path.abspath(path).startswith(_DESCRIPTORS)):
            _append(path, encoded)
        else:
            _write_file(os.path.realpath(path), status, encoded)
    except OSError as error:
        raise CannotRunError(f"cannot write {path!r}: {_why(path, error)}") from error


def _status(path: str) -> os.stat_result | None:
    """Return what the file system tells of what a path leads to, None where that can be made; raise OSError."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        if not path.endswith(("/", os.sep)):
            return None
        raise IsADirectoryError(errno.EISDIR, "") from None
    if stat.S_ISREG(status.st_mode) and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return status


def _append(path: str, parts: Iterable[bytes]) -> None:
    """Write into a pipe, a device or another open file, behind what is there."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND), "wb") as file:
        file.writelines(parts)


def _write_file(path: str, status: os.stat_result | None, parts: Iterable[bytes]) -> None:
    """Write a file beside its place, and move it there; one that has to stay the same file is written over."""
    # In the same folder, because only there it can take the file's place.
    beside = os.path.join(os.path.dirname(path), f".ml-checks-{os.getpid()}-{time.time_ns()}.part")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except PermissionError:
        if not status:
            raise
        _overwrite(path, b"".join(parts))  # where nobody may make another file
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(parts)
        _take_place(beside, path, status)
    finally:
        if os.path.exists(beside):
            os.remove(beside)


def _take_place(beside: str, path: str, status: os.stat_result | None) -> None:
    """Put a file in the place of another one, under all names and with the mode that this has."""
    if status and status.st_nlink > 1:
        with open(beside, "rb") as file:
            _overwrite(path, file.read())
        return
    if status:
        os.chmod(beside, stat.S_IMODE(status.st_mode))
    os.replace(beside, path)


def _overwrite(path: str, content: bytes) -> None:
    """Write over what a file holds, and put that back where there is no room."""
    with open(path, "r+b", buffering=0) as file:
        before = file.read()
        try:
            _put(file, content)
        except OSError:
            _put(file, before)
            raise


def _put(file: FileIO, content: bytes) -> None:
    file.seek(0)
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]
    file.truncate()


def _why(path: str, error: OSError) -> str:
    """Say why a path cannot be written, and what to do."""
    folder = os.path.dirname(os.path.realpath(path))
    if isinstance(error, IsADirectoryError):
        return "it is a folder; name a file in it"
    if isinstance(error, FileNotFoundError) and not os.path.isdir(folder):
        return f"there is no folder {os.path.dirname(path) or folder!r}; make it first"
    return f"{error.strerror}; name another file" if isinstance(error, PermissionError) else str(error.strerror)
