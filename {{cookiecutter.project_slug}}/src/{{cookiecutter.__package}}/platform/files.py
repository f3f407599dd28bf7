"""Files that are written whole or not at all, and named by their content."""

import hashlib
import os
from pathlib import Path


def write(path: Path, text: str) -> Path:
    """Write a file whole or not at all: what reads it never meets half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def sha256(path: Path) -> str:
    """Return the hash that names the exact content of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
