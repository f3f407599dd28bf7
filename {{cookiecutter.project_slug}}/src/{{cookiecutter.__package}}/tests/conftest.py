# Example (replace it)
"""Hand-made rows whose answers can be seen, and one run of the whole on the sample."""

import contextlib
import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from ..platform.__main__ import main

PROJECT = Path(__file__).parents[3]
COPIED = ("contracts", "data", "gates", "models", "project.yaml", "pyproject.toml", "uv.lock", ".gitignore")
NOON = datetime.fromisoformat("2013-07-01T16:00:00+00:00")  # 12:00 in New York


class Finished(NamedTuple):
    """A command that came to its end, in a copy of this project."""

    folder: Path
    code: int
    output: str
    errors: str


def flights(*rows: dict[str, Any]) -> pl.DataFrame:
    """Make flights that are the same but for what is given."""
    plain = {
        "flight_id": 1,
        "scheduled_departure_at": NOON,
        "carrier_code": "UA",
        "origin_airport_code": "JFK",
        "destination_airport_code": "BOS",
        "distance_miles": 187,
        "departure_delay_minutes": 0,
        "arrival_delay_minutes": 0,
        "air_time_minutes": 40,
    }
    return pl.DataFrame([plain | {"flight_id": number} | row for number, row in enumerate(rows, start=1)])


def weather(*rows: dict[str, Any]) -> pl.DataFrame:
    """Make observations that are the same but for what is given."""
    plain = {
        "origin_airport_code": "JFK",
        "observed_at": NOON - timedelta(hours=3),
        "temperature_fahrenheit": 70.0,
        "dew_point_fahrenheit": 60.0,
        "relative_humidity_percent": 50.0,
        "wind_direction_degrees": 90.0,
        "wind_speed_mph": 5.0,
        "wind_gust_mph": None,
        "precipitation_inches": 0.0,
        "sea_level_pressure_mbar": 1000.0,
        "visibility_miles": 10.0,
    }
    return pl.DataFrame([plain | row for row in rows])


def copy_project(folder: Path) -> Path:
    """Copy what a run reads, and commit it where there is git."""
    folder.mkdir()
    for name in COPIED:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        elif source.exists():
            shutil.copy(source, folder / name)
    if shutil.which("git"):
        git(folder, "init", "--quiet")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--no-verify", "--message", "A copy for the tests")
    return folder


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, as nobody in particular."""
    program = shutil.which("git") or "git"
    settings = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgSign=false"]
    done = subprocess.run(
        [program, *settings, *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=True
    )
    return done.stdout


def command(folder: Path, *arguments: str) -> Finished:
    """Run a command of this project in a folder."""
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        code = main(arguments)
    return Finished(folder, code, output.getvalue(), errors.getvalue())


@pytest.fixture(autouse=True, scope="session")
def own_repository() -> Iterator[None]:
    """Forget the repository of the hook that runs the tests: git would work on that one."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith("GIT_") and name != "GIT_PYTHON_REFRESH":
                patch.delenv(name)
        patch.setenv("CI", "true")  # where nobody is told of hooks
        yield


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Run everything once on the sample. Tests read what it left, and do not change it."""
    return command(copy_project(tmp_path_factory.mktemp("finished") / "project"), "run")
