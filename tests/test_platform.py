"""The golden path that every project has: its own tests, in the environment of a new project."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from tests.conftest import Bake
    from tests.machine import Machine

TESTS = ROOT / "tests" / "platform"
PLATFORM = ROOT / "{{cookiecutter.project_slug}}" / "src" / "{{cookiecutter.__package}}" / "platform"
# The words of the example, of which the golden path knows none.
EXAMPLE = re.compile(
    r"\b(airlines?|airports?|arriv\w*|delay\w*|depart\w*|flights?|late|nycflights\w*|travel\w*|is_warned|warn(s|ings?)?|weather)\b",
    re.IGNORECASE,
)


def test_no_word_of_the_example_is_in_the_golden_path() -> None:
    found = {
        (path.name, word[0])
        for path in PLATFORM.rglob("*.py")
        if path.is_file()
        for word in EXAMPLE.finditer(path.read_text("utf-8"))
    }
    assert found == set()


@pytest.mark.slow
def test_the_golden_path_keeps_its_promises(online: Machine, bake: Bake, builder: dict[str, str]) -> None:
    project, machine = bake(), online.with_settings(**builder)
    run = ("uv", "run", "--quiet", "--with", "jsonschema>=4.23")
    place = ("--rootdir", TESTS, "--confcutdir", TESTS, "-c", "pyproject.toml", "-p", "no:cacheprovider")
    machine.ok(*run, "python", "-m", "pytest", "-q", *place, TESTS, cwd=project)
