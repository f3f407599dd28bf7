"""The workflow of a new project compares contracts with what was there before, whatever started it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.conftest import git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Bake
    from tests.machine import Machine

COMMAND = "pre-commit run --all-files --show-diff-on-failure"
VARIABLE = "PRE_COMMIT_FROM_REF"
NOTHING = "0" * 40
GONE = "1" * 40
FIELD = "      - name: air_time_minutes"
FAULT = "CON002 field 'air_time_minutes' of dataset 'flights' was removed"


def base_in(project: Path, event: dict[str, Any]) -> str:
    """Return what the workflow hands to the hooks on an event, as GitHub evaluates it."""
    workflow = yaml.safe_load((project / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    (step,) = (step for step in workflow["jobs"]["check"]["steps"] if step.get("run", "").endswith(COMMAND))
    expression = re.fullmatch(r"\$\{\{ (.*) \}\}", step["env"][VARIABLE])
    assert expression
    operators = {"&&": " and ", "||": " or ", "!": " not "}
    python = re.sub(r"&&|\|\||!", lambda found: operators[found[0]], expression[1])
    python = re.sub(r"github\.event\.([\w.]+)", r"value('\1')", python)

    def value(path: str) -> object:
        found: Any = event
        for name in path.split("."):
            found = (found or {}).get(name)
        return found

    return str(eval(python, {"value": value}))  # noqa: S307  an expression of our own file


@pytest.fixture
def broken(bake: Bake) -> tuple[Path, str]:
    """Return a project whose last commit but one broke a contract, and the commit before that."""
    project = bake()
    contract = project / "contracts" / "flights.odcs.yaml"
    contract.write_text(contract.read_text("utf-8").replace("status: draft", "status: active", 1), "utf-8")
    git(project, "commit", "--quiet", "--no-verify", "--all", "--message", "Make a promise")
    before = git(project, "rev-parse", "HEAD").strip()
    head, _, rest = contract.read_text("utf-8").partition(FIELD)
    contract.write_text(head + "".join(rest.partition("\n      - name:")[1:]).lstrip("\n"), "utf-8")
    git(project, "commit", "--quiet", "--no-verify", "--all", "--message", "Break a promise")
    return project, before


@pytest.mark.slow
def test_a_contract_that_is_broken_is_found_in_ci(online: Machine, broken: tuple[Path, str]) -> None:
    project, before = broken
    forced = {"before": GONE, "created": False, "forced": True}
    assert FAULT in checked(online, project, forced)
    git(project, "commit", "--quiet", "--no-verify", "--allow-empty", "--message", "More")
    assert FAULT in checked(online, project, {"pull_request": {"base": {"sha": before}}})
    assert FAULT in checked(online, project, {"before": before, "created": False, "forced": False})
    # A new branch was nothing before; its commits are judged when it is to be merged.
    assert FAULT not in checked(online, project, {"before": NOTHING, "created": True, "forced": False})


def checked(machine: Machine, project: Path, event: dict[str, Any]) -> str:
    """Return what the hooks of the company say when the workflow runs them on an event."""
    done = machine.run(*COMMAND.split(), cwd=project, **{VARIABLE: base_in(project, event)})
    assert "exit code: 2" not in done.stdout, done.stdout
    assert done.returncode == (FAULT in done.stdout), done.stdout
    return done.stdout
