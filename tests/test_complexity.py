"""The measure of complexity that `make lint` holds the code to."""

from __future__ import annotations

import runpy
from types import SimpleNamespace

import pytest

from tests.conftest import ROOT

COMPLEXITY = SimpleNamespace(**runpy.run_path(str(ROOT / "scripts" / "complexity.py")))


def module(*branches: int) -> str:
    """Return a module with a function for each number, which is its complexity."""
    return "".join(
        f"def f{number}(x):\n" + "    if x: print(x)\n" * (complexity - 1) + "    return x\n"
        for number, complexity in enumerate(branches)
    )


@pytest.mark.parametrize(
    ("path", "complexities", "faults"),
    [
        ("checks/a.py", [3, 3], []),
        ("checks/a.py", [4, 2, 3], []),
        ("checks/a.py", [3, 4], ["checks/ has the mean complexity 3.33, 3.0 is allowed"]),
        ("scripts/a.py", [10], []),
        ("scripts/a.py", [1, 11], ["scripts/a.py:3: f1 has complexity 11, 10 are allowed"]),
    ],
)
def test_what_is_over_the_limits_is_named(path: str, complexities: list[int], faults: list[str]) -> None:
    found = [*COMPLEXITY.blocks("checks/plain.py", module(3)), *COMPLEXITY.blocks(path, module(*complexities))]
    assert COMPLEXITY.faults(found) == faults


def test_all_modules_are_measured_those_of_the_template_too() -> None:
    folders = {path.partition("/")[0] for path in COMPLEXITY.modules()}
    ours = {"benchmarks", "checks", "hooks", "local_extensions.py", "scripts", "tests"}
    assert folders == {*ours, "{{cookiecutter.project_slug}}"}
