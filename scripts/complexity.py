"""Holds the checks to a mean complexity, and all Python here to a highest one, as radon counts them.

Prints each function that is over the limit, and exits with 1 where there is one or where the mean is too high.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from radon.complexity import cc_visit

ROOT = Path(__file__).resolve().parent.parent
GIT = shutil.which("git") or "git"
MOST = 10
# The mean is that of the product: tests are simple by nature, and would hide what is not.
MEASURED = "checks/"
MEAN = 3.0


class Block(NamedTuple):
    """A function, a method or a class: where it begins, and how many ways lead through it."""

    path: str
    line: int
    name: str
    complexity: int


def blocks(path: str, text: str) -> list[Block]:
    """Return the blocks of a module."""
    return [Block(path, block.lineno, block.name, block.complexity) for block in cc_visit(text)]


def faults(found: list[Block]) -> list[str]:
    """Return what is over the limits, a sentence each."""
    over = [
        f"{block.path}:{block.line}: {block.name} has complexity {block.complexity}, {MOST} are allowed"
        for block in found
        if block.complexity > MOST
    ]
    mean = fmean(block.complexity for block in found if block.path.startswith(MEASURED))
    return [*over, *([f"{MEASURED} has the mean complexity {mean:.2f}, {MEAN} is allowed"] if mean > MEAN else [])]


def modules() -> list[str]:
    """Return the paths of the modules that git tracks, those of the examples apart, which hold faults."""
    command = [GIT, "ls-files", "-z", "*.py", ":!tests/examples", ":!benchmarks/peers"]
    listing = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [path for path in listing.split("\0") if (ROOT / path).is_file()]


def main() -> int:
    """Print what is over the limits."""
    found = faults([block for path in modules() for block in blocks(path, (ROOT / path).read_text("utf-8"))])
    print("".join(f"{fault}\n" for fault in found), end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
