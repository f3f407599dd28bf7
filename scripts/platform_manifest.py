"""Writes the list of the golden path's files, each with the id that git gives to its content; `--check` compares."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ml_checks.project.project import BLOBS
from ml_checks.reading.blobs import blob_of

PLATFORM = (
    Path(__file__).parent.parent / "{{cookiecutter.project_slug}}" / "src" / "{{cookiecutter.__package}}" / "platform"
)
NAME = "manifest.json"
ABOUT = "The golden path, the same in every project. What differs from this list is found by ml-checks (TRC001)."


def manifest(folder: Path) -> str:
    """Return the list of the files in a folder and below it."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    blobs = {name: blob_of(path.read_text("utf-8").encode()) for name, path in names.items() if name != NAME}
    return json.dumps({"about": ABOUT, BLOBS: blobs}, indent=2) + "\n"


def main(argv: list[str]) -> int:
    """Write the list, or say with `--check` that it is not the one that would be written."""
    path, text = PLATFORM / NAME, manifest(PLATFORM)
    if "--check" not in argv:
        path.write_text(text, "utf-8", newline="\n")
    elif not path.exists() or path.read_text("utf-8") != text:
        print(f"{path}: the golden path has changed; run `make docs` to list its files anew", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
