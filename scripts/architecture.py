"""Reads which module of the checks imports which, lazily or for types only too, and draws the rooms.

    python scripts/architecture.py

prints every arrow between modules that points up, and every circle; exits with 1 if there is one.
"""

from __future__ import annotations

import ast
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    # The modules that each module imports.
    Graph = Mapping[str, set[str]]

PACKAGE = Path(__file__).resolve().parent.parent / "checks" / "ml_checks"
# From top to bottom: a room imports from those below it, and from itself.
ROOMS = (
    "command",
    "adopt",
    "report",
    "run",
    "rules",
    "project",
    "contracts",
    "formats",
    "standards",
    "codeowners",
    "reading",
    "ground",
)
# The modules that lie flat.
FLAT = {
    **dict.fromkeys(["__main__", "cli", "language_server", "owners"], "command"),
    **dict.fromkeys(["", "errors", "judge", "record", "values"], "ground"),
}
# Arrows that may point up or close a circle, each with its reason.
ALLOWED: dict[tuple[str, str], str] = {}


def main() -> int:
    """Print what is wrong with the arrows, and return 1 if there is something."""
    faults = [*upward(imports()), *circles(imports())]
    print(*faults, sep="\n", end="\n" if faults else "")
    return 1 if faults else 0


def imports(package: Path = PACKAGE) -> dict[str, set[str]]:
    """Return under each module the modules of the package that it imports; a package is called as its folder is."""
    files = {_name(file.relative_to(package)): file for file in sorted(package.rglob("*.py"))}
    return {name: set(_imported(file, name, files)) - {name} for name, file in files.items()}


def room(module: str) -> str:
    """Return the room of a module."""
    return FLAT.get(module) or module.partition(".")[0]


def upward(graph: Graph, allowed: Mapping[tuple[str, str], str] = ALLOWED) -> list[str]:
    """Return a sentence for each import from a room that is further up."""
    return [
        f"{one} ({room(one)}) imports {other} ({room(other)}), which is further up"
        for one, others in graph.items()
        for other in sorted(others)
        if ROOMS.index(room(other)) < ROOMS.index(room(one)) and (one, other) not in allowed
    ]


def circles(graph: Graph, allowed: Mapping[tuple[str, str], str] = ALLOWED) -> list[str]:
    """Return a sentence for a circle of imports, if there is one."""
    arrows = {one: {other for other in others if (one, other) not in allowed} for one, others in graph.items()}
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return [f"a circle: {' imports '.join(reversed(error.args[1]))}"]
    return []


def diagram() -> str:
    """Return the rooms of the package as a diagram."""
    return drawn(imports())


def drawn(graph: Graph) -> str:
    """Return the rooms as a diagram in Mermaid; what follows from other arrows is left out."""
    below: dict[str, set[str]] = {one: set() for one in ROOMS}
    for module, others in graph.items():
        below[room(module)] |= {room(other) for other in others} - {room(module)}
    reached: dict[str, set[str]] = {}
    lines = []
    for one in reversed(ROOMS):
        further = set().union(*(reached[step] for step in below[one]))
        reached[one] = below[one] | further
        lines += [f"    {one} --> {other}" for other in reversed(ROOMS) if other in below[one] - further]
    return "\n".join(["```mermaid", "graph TD", *reversed(lines), "```"])


def _name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(file: Path, name: str, known: Mapping[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from (_nearest(one, known) for one in _named(node))
        elif isinstance(node, ast.JoinedStr):
            yield from (one for one in known if one.startswith(_folder(node)) and one != name)


def _named(node: ast.ImportFrom) -> list[str]:
    """Return what is imported from the package."""
    base = _within(node.module or "")
    return [] if base is None else [f"{base}.{one.name}".strip(".") for one in node.names]


def _folder(text: ast.JoinedStr) -> tuple[str, ...]:
    """Return how the modules begin of which one is imported by such a name; nothing for another text."""
    start = text.values[0]
    folder = _within(str(start.value).rstrip(".")) if isinstance(start, ast.Constant) else None
    return (f"{folder}.",) if folder else ()


def _within(module: str) -> str | None:
    """Return the name of a module within the package; None for one of another package."""
    first, _, rest = module.partition(".")
    return rest if first == "ml_checks" else None


def _nearest(name: str, known: Mapping[str, Path]) -> str:
    """Return the module that a name is, or that holds it."""
    return name if name in known else name.rpartition(".")[0]


if __name__ == "__main__":
    sys.exit(main())
