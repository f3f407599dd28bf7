"""A copy of the generated project in which these tests run, and the whole of it once on the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flight_delays.tests.conftest import PROJECT, Finished, copy_project, finished, git, own_repository

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PROJECT", "Finished", "copy_project", "finished", "git", "own_repository"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a fresh copy of the project that a test may change."""
    folder = copy_project(tmp_path / "project")
    monkeypatch.chdir(folder)
    return folder
