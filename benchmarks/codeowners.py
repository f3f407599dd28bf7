"""How long CODEOWNERS takes on a large repository, next to the start of Python with PyYAML."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

from ml_checks.codeowners import GITHUB, Ownership, host_dialect, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ml_checks.codeowners import Dialect

TEAMS = 50
SECTIONS = 25
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
# The slow kind: sought in every folder, with wildcards at both ends and several within.
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


def sectioned(text: str) -> str:
    """Return the same patterns in sections, each with an owner of all files and an exclusion, as GitLab reads them."""
    rows = text.split("\n")
    size = -(-len(rows) // SECTIONS)
    blocks = ["\n".join(rows[start : start + size]) for start in range(0, len(rows), size)]
    return "\n".join(f"[Section {number}] @acme/all\n*\n!*.lock\n{block}" for number, block in enumerate(blocks))


def own(text: str, tracked: Sequence[str], dialect: Dialect = GITHUB) -> Ownership:
    """Do all of the work: read the file, match, and find what is unowned, unmatched and shadowed."""
    ownership = Ownership(parse(text, dialect), tracked, dialect)
    _ = ownership.unowned, ownership.unmatched, ownership.shadowed  # each is worked out when it is asked for
    return ownership


def milliseconds(work: Callable[[], object], rounds: int) -> float:
    """Return the median time of some rounds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def main(argv: Sequence[str] | None = None) -> int:
    """Print one line for each kind of patterns in each dialect."""
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
        for host, written in (("github", text), ("gitlab", sectioned(text))):
            took = milliseconds(partial(own, written, tracked, host_dialect(host)), options.rounds)
            size = f"{options.paths:,} paths x {options.patterns:,} {name} patterns, {host_dialect(host).host}"
            sys.stdout.write(f'{size}: {took:.0f} ms, {took / yaml:.1f} times python -c "import yaml"\n')
    return 0


if __name__ == "__main__":
    sys.exit(main())
