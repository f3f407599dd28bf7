"""A fresh machine for a test: an empty home, the real programs, and a folder in the place of github.com."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAMS = os.path.dirname(sys.executable)  # noqa: PTH120  a virtual environment's Python is a link; keep its folder
# Settings of whoever runs the tests, which a new user would not have.
FOREIGN = (
    "COOKIECUTTER_",
    "GIT_AUTHOR_",
    "GIT_COMMITTER_",
    "GIT_CONFIG_",
    "PRE_COMMIT",
    "PREK_",
    "PYTHON",
    "UV_",
    "XDG_",
)
LENT = {"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "PWD", "VIRTUAL_ENV"}
UV_CACHE = subprocess.run([f"{PROGRAMS}/uv", "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()
LIST = Path(__file__).resolve().parent.parent / "dev" / "requirements.txt"


@cache
def versions() -> Mapping[str, str]:
    """Return the settings by which uv chooses what generated projects and hooks use, as `make test` was asked to.

    By itself that is what was the newest on the day of the list: a release of today cannot break a test. Where the
    registry does not tell the days of its files, it is the newest.
    """
    asked = os.environ.get("VERSIONS", "listed")
    if asked != "listed":
        return {"UV_RESOLUTION": "lowest-direct"} if asked == "lowest" else {}
    cutoff = {"UV_EXCLUDE_NEWER": re.findall(r"^#.* on (\S+)$", LIST.read_text("utf-8"), re.MULTILINE)[0]}
    trial = [f"{PROGRAMS}/uv", "pip", "compile", "--quiet", "--no-config", "-"]
    done = subprocess.run(trial, input=b"pyyaml", env={**os.environ, **cutoff}, capture_output=True, check=False)
    return {} if done.returncode else cutoff


class Machine(NamedTuple):
    """Runs programs as a user would who has just got this machine."""

    folder: Path
    environment: dict[str, str]

    def run(
        self, *command: str | Path, cwd: Path | None = None, typed: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in `cwd`, with `typed` as its input."""
        folder = cwd or self.folder
        return subprocess.run(
            command,
            cwd=folder,
            env={**self.environment, "PWD": str(folder), **environment},
            input=typed,
            stdin=subprocess.DEVNULL if typed is None else None,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def ok(self, *command: str | Path, cwd: Path | None = None, **environment: str) -> str:
        """Run a command that must succeed, and return what it printed."""
        done = self.run(*command, cwd=cwd, **environment)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def with_settings(self, **settings: str) -> Machine:
        """Return the same machine with other environment variables."""
        return self._replace(environment={**self.environment, **settings})


def fresh_machine(home: Path, folder: Path, github: Path, shared: Path) -> Machine:
    """Return a machine whose github.com is the folder `github`; `shared` keeps what is slow to build."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN) and name not in LENT}
    mine = {
        "HOME": str(home),
        "PATH": os.pathsep.join((PROGRAMS, kept["PATH"])),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{github.as_uri()}/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
        "PRE_COMMIT_HOME": str(shared / "pre-commit"),
        "PREK_HOME": str(shared / "prek"),
        "UV_CACHE_DIR": UV_CACHE,
        **versions(),
    }
    return Machine(folder, {**kept, **mine})
