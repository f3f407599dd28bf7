"""The notebook of a new project runs before and after the first run, and is stored without output."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ROOT
from tests.test_platform import EXAMPLE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Bake
    from tests.machine import Machine

STORED = ROOT / "{{cookiecutter.project_slug}}" / "notebooks" / "explore.ipynb"
EXECUTE = "uv run --quiet --with nbclient --with ipykernel jupyter execute --output explored notebooks/explore.ipynb"


def cells(path: Path) -> list[dict[str, Any]]:
    """Return the cells of code of a notebook."""
    notebook = json.loads(path.read_text("utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def printed(path: Path) -> str:
    """Return what the cells printed."""
    outputs = [output for cell in cells(path) for output in cell["outputs"]]
    return "".join("".join(output["text"]) for output in outputs if output["output_type"] == "stream")


def test_it_is_stored_without_output_and_knows_no_example() -> None:
    assert [cell["outputs"] for cell in cells(STORED) if cell["outputs"] or cell["execution_count"]] == []
    assert EXAMPLE.findall(STORED.read_text("utf-8")) == []


@pytest.mark.slow
def test_it_runs_before_and_after_the_first_run(online: Machine, bake: Bake, builder: dict[str, str]) -> None:
    project, machine = bake(), online.with_settings(**builder)
    executed = project / "notebooks" / "explored.ipynb"
    machine.ok(*EXECUTE.split(), cwd=project)
    assert printed(executed) == "late_arrival has no run yet: use `run` first\n"
    machine.ok("uv", "run", "flight-delays", "train", cwd=project)
    machine.ok(*EXECUTE.split(), cwd=project)
    assert "passed its gate" in printed(executed)
    assert all(cell["outputs"] for cell in cells(executed) if len(cell["source"]) == 1)
    assert "roc_auc" in json.dumps(cells(executed)[-1]["outputs"])

    # What a person leaves in it is taken out before it is committed.
    executed.replace(project / "notebooks" / "explore.ipynb")
    machine.ok("git", "add", "--all", cwd=project)
    machine.run("pre-commit", "run", cwd=project)
    assert machine.ok("git", "diff", "HEAD", "--stat", cwd=project) == ""
