"""Text of a file, read with guards against what hangs, fills the memory or is no text."""

from __future__ import annotations

import os
import stat

from ml_checks.reading.yaml import UnreadableError

# A page or a contract of this size is data in the wrong place, and would take seconds to read.
MAX_BYTES = 2_000_000
# How a tag of Go, Jinja, Helm, cookiecutter or ERB begins.
TAGS = ("{{", "{%", "<%")
# Why a file is not read in which there are some.
TEMPLATE = "is a template, which another program fills in"
# What Git LFS leaves in the place of a file that nobody has fetched.
POINTER = b"version https://git-lfs.github.com/spec/"


def read_text(path: str, max_bytes: int = MAX_BYTES) -> str | None:
    """Return the text of a file, None where there is none any more; raise UnreadableError."""
    try:
        status = os.lstat(path)  # before opening it: to open a pipe would hang
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError(1, 1, "is no regular file in the work tree")
        _refuse_large(status.st_size, max_bytes)
        with open(path, "rb") as file:
            return decoded(file.read(), max_bytes)
    except FileNotFoundError:
        return None  # deleted in the work tree, or while we ran
    except OSError as error:
        raise UnreadableError(1, 1, f"cannot be read: {error.strerror}") from error


def first_lines(path: str, size: int) -> str:
    """Return the first whole lines of a file, with a mark for what is no UTF-8; nothing where it cannot be read."""
    return whole_lines(first_bytes(path, size), size)


def whole_lines(content: bytes, size: int) -> str:
    """Return the whole lines in the first bytes of a content, with a mark for what is no UTF-8."""
    whole = content if len(content) < size else content[: content.rfind(b"\n", 0, size) + 1]
    return whole.removeprefix(b"\xef\xbb\xbf").decode(errors="replace")


def first_bytes(path: str, size: int) -> bytes:
    """Return how a file begins; nothing where it cannot be read."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return b""
        with open(path, "rb") as file:
            return file.read(size)
    except OSError:
        return b""


def decoded(content: bytes, max_bytes: int = MAX_BYTES) -> str:
    """Return UTF-8 as text, without a byte order mark and with plain line ends; raise UnreadableError."""
    _refuse_large(len(content), max_bytes)
    refuse_other(content)
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return content.decode().replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode()
        line, col = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise UnreadableError(line, col, f"is not UTF-8: byte 0x{content[error.start]:02x}") from error


def refuse_other(content: bytes) -> None:
    """Raise UnreadableError for what stands in the place of a text in UTF-8."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError(1, 1, "is UTF-16; save it as UTF-8")
    if content.startswith(POINTER):
        raise UnreadableError(1, 1, "is a pointer of Git LFS; run `git lfs pull`, which puts the file in its place")


def is_template(text: str, row: int) -> bool:
    """Tell whether a text cannot be read because another program fills it in: a tag is on that line or above it."""
    if not any(tag in text for tag in TAGS):
        return False
    rows = text.split("\n")[max(row - 2, 0) : row]
    return any(tag in line for line in rows for tag in TAGS)


def blank(text: str) -> str:
    """Put spaces where there was text, so that every place stays where it was."""
    return "\n".join([" " * len(line) for line in text.split("\n")])


def _refuse_large(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        sizes = f"{size / 1_000_000:.1f} MB; no more than {max_bytes / 1_000_000:g} MB is read"
        raise UnreadableError(1, 1, f"has {sizes}")
