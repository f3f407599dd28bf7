"""How long CODEOWNERS takes on a large repository, next to the start of Python with PyYAML."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

from ml_checks.codeowners import Ownership, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TEAMS = 50
EXTENSIONS = ("py", "sql", "yaml", "md", "csv", "ipynb", "json", "toml")
# As large files in the open have them: mostly folders from the root, some names and endings, a few wildcards.
USUAL = (
    "/team{0:03}/models/",
    "/team{0:03}/data/raw",
    "/team{0:03}/contracts/flights_{0}.yaml",
    "/team{0:03}/docs/*",
    "/team{0:03}/**/test_*.py",
    "/team{0:03}/*/src/**",
    "notebooks_{0}/",
    "model_{0}.py",
    "*.ext{0}",
    "**/infra/*_{0}.tf",
)
# The slow kind: sought in every folder, with nothing to look up and much to try.
SLOW = ("*a*{0}*a*.py", "**/*{0}?*e*/**/*s*", "*e*e*e*e*{0}", "?*_*{0}*.*", "**/**/*d*/**/*{0}*")


def paths(count: int) -> list[str]:
    """Return the paths of a repository of many teams, no two files with one name."""
    return [
        f"team{index % TEAMS:03}/area_{index % 7}/src/package_{index % 11}/feature_{index}"
        f".{EXTENSIONS[index % len(EXTENSIONS)]}"
        for index in range(count)
    ]


def codeowners(count: int, shapes: Sequence[str]) -> str:
    """Return a CODEOWNERS file of so many patterns."""
    patterns = (shapes[index % len(shapes)].format(index // len(shapes)) for index in range(count - 1))
    return "\n".join(["* @acme/platform", *(f"{pattern} @acme/team" for pattern in patterns)])


def own(text: str, tracked: Sequence[str]) -> Ownership:
    """Do all of the work: read the file, match, and find what is unowned, unmatched and shadowed."""
    return Ownership(parse(text), tracked)


def milliseconds(work: Callable[[], object], rounds: int) -> float:
    """Return the median time of some rounds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def main(argv: Sequence[str] | None = None) -> int:
    """Print one line for each kind of patterns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paths", type=int, default=50_000)
    parser.add_argument("--patterns", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(argv)
    tracked = paths(options.paths)
    start = [sys.executable, "-c", "import yaml"]
    yaml = milliseconds(partial(subprocess.run, start, check=True), options.rounds)
    for name, shapes in (("usual", USUAL), ("slow", SLOW)):
        text = codeowners(options.patterns, shapes)
        took = milliseconds(partial(own, text, tracked), options.rounds)
        size = f"{options.paths:,} paths x {options.patterns:,} {name} patterns"
        sys.stdout.write(f'{size}: {took:.0f} ms, {took / yaml:.1f} times python -c "import yaml"\n')
    return 0


if __name__ == "__main__":
    sys.exit(main())
