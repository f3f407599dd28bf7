"""Commands that need a package registry: where none can be reached a test is skipped, but never in CI."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

# What pip and uv say of a registry that does not answer.
UNREACHABLE = re.compile("connection broken by|error sending request")


def ok(*command: str | Path) -> str:
    """Run a command that must succeed, and return what it printed."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False)
    if UNREACHABLE.search(done.stderr) and "CI" not in os.environ:
        pytest.skip("offline: no package registry can be reached")
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
