"""Imports point one way: from each room to those below it, and in no circle, lazy and type-only ones included."""

from __future__ import annotations

import runpy
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT: dict[str, Any] = runpy.run_path(str(ROOT / "scripts" / "architecture.py"))
GRAPH: dict[str, set[str]] = SCRIPT["imports"]()


def test_every_module_is_in_a_room() -> None:
    assert {SCRIPT["room"](module) for module in GRAPH} == {*SCRIPT["ROOMS"]}


def test_imports_point_down() -> None:
    assert SCRIPT["upward"](GRAPH) == []


def test_imports_make_no_circle() -> None:
    assert SCRIPT["circles"](GRAPH) == []


def test_each_exception_is_needed() -> None:
    needed = {pair for pair in SCRIPT["ALLOWED"] if pair[1] in GRAPH.get(pair[0], ())}
    assert needed == SCRIPT["ALLOWED"].keys()


@pytest.mark.parametrize(
    "line",
    [
        "from ml_checks.run import engine",
        "from ml_checks.run.engine import run",
        "if TYPE_CHECKING:\n    from ml_checks.run.engine import run",
        "def late() -> None:\n    from ml_checks.run import engine",
        'name = __import__(f"ml_checks.run.{name}")',
    ],
    ids=["a module", "a name of it", "a type", "late", "by a name that is put together"],
)
def test_an_arrow_that_points_up_is_found_however_it_is_written(line: str, tmp_path: Path) -> None:
    folder = package(tmp_path, {"project/batch.py": line, "run/engine.py": "import os\n"})
    graph = SCRIPT["imports"](folder)
    assert graph == {"": set(), "project.batch": {"run.engine"}, "run.engine": set()}
    up = "project.batch (project) imports run.engine (run), which is further up"
    assert SCRIPT["upward"](graph) == [up]
    assert SCRIPT["upward"](graph, {("project.batch", "run.engine"): "a reason"}) == []


def test_a_circle_is_found() -> None:
    graph = {"project.a": {"project.b"}, "project.b": {"project.c"}, "project.c": {"project.a"}}
    assert len(SCRIPT["circles"](graph)) == 1
    assert SCRIPT["circles"](graph, {("project.c", "project.a"): "a reason"}) == []


def test_the_drawing_leaves_out_what_follows_from_other_arrows() -> None:
    graph = {"run.a": {"rules.b", "values"}, "rules.b": {"values"}, "values": set()}
    assert SCRIPT["drawn"](graph) == "```mermaid\ngraph TD\n    run --> rules\n    rules --> ground\n```"


def package(folder: Path, files: dict[str, str]) -> Path:
    """Write a package."""
    for path, text in {"__init__.py": "", **files}.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder
