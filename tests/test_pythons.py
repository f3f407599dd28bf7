"""Which minor versions of Python a project allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.command import repository, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("allowed", "refused"),
    [
        ("'>=3.11'", [10]),
        ("'>3.10'", []),
        ("'>=3.11.4'", [10]),
        ("'<3.12'", [12, 13]),
        ("'<3.12.1'", [13]),
        ("'<3.12.0'", [12, 13]),
        ("'<=3.12'", [13]),
        ("'==3.12'", [10, 11, 13]),
        ("'==3.12.*'", [10, 11, 13]),
        ("'~=3.11'", [10]),
        ("'~=3.11.2'", [10, 12, 13]),
        ("'>=3.11, <3.13'", [10, 13]),
        ("'>=3'", []),
        ("'!=3.11.*'", []),
        ("''", []),
        ("3", []),
    ],
)
def test_an_image_is_refused_whose_python_has_no_release_that_is_allowed(
    allowed: str, refused: list[int], tmp_path: Path
) -> None:
    text = "".join(f"FROM python:3.{minor}-slim\n" for minor in (10, 11, 12, 13))
    repository(tmp_path, {"Dockerfile": text, "pyproject.toml": f"[project]\nrequires-python = {allowed}\n"})
    found = run(tmp_path, "check", "--select", "INF005").findings
    assert [int(line.split(":")[1]) + 9 for line in found] == refused


@pytest.mark.parametrize("text", ["project = 3\n", "[project]\n", "[tool]\n", "= 3\n"])
def test_settings_that_do_not_say_it_allow_all(text: str, tmp_path: Path) -> None:
    repository(tmp_path, {"Dockerfile": "FROM python:3.7\n", "pyproject.toml": text})
    assert run(tmp_path, "check", "--select", "INF005").findings == []
