"""What of a project its tests run on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flight_delays.tests import conftest

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_copy_has_data_wherever_it_lies_and_no_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    kept = {"table.csv", ".gitignore", "project.yaml", "data/a.csv", "raw/2024/src/b.parquet", "raw/outputs/c.csv"}
    for name in (*kept, "src/mine/model.py", "outputs/mlflow.db", ".venv/bin/python", ".ruff_cache/0"):
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1\n", "utf-8")
    monkeypatch.setattr(conftest, "PROJECT", project)
    copy = conftest.copy_project(tmp_path / "copy")
    found = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    assert {name for name in found if not name.startswith(".git/")} == kept
    assert set(conftest.git(copy, "ls-files").splitlines()) == kept
