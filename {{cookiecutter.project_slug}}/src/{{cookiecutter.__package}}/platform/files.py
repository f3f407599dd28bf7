"""Files that are written whole or not at all, and named by their content."""

import hashlib
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def beside(path: Path) -> Path:
    """Return a hidden place beside a file that nobody else writes to: each container has a process 1."""
    return path.with_name(f".{path.name}.{platform.node()}-{os.getpid()}")


@contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """Give a place beside a file to write to: it becomes the file when all went well, and is removed otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    place = beside(path)
    try:
        yield place
        place.replace(path)
    finally:
        place.unlink(missing_ok=True)


def write(path: Path, text: str) -> Path:
    """Write a file whole or not at all: what reads it never meets half of it."""
    with unfinished(path) as place:
        place.write_text(text, encoding="utf-8", newline="\n")
    return path


def sha256(path: Path) -> str:
    """Return the hash that names the exact content of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
