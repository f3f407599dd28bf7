"""A project with one contract, whose changes the tests of its history judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.command import CLEAN, CONTRACT, repository
from tests.conftest import commit, git

if TYPE_CHECKING:
    from pathlib import Path

PATH = "contracts/flights.odcs.yaml"
FIELD = """\
    properties:
      - name: {0}
        logicalType: string
        classification: public
        description: What the airline is called in the timetable.
"""
FLIGHTS = CONTRACT.format("flights").replace("apiVersion", FIELD.format("carrier_code") + "apiVersion")
# What is said where the field is gone.
LOST = "field 'carrier_code' of dataset 'flights' was removed, which needs version 2.0.0; it was 1.0.0 and is 1.0.0"


def committed(folder: Path) -> Path:
    """Make the project without a fault, and commit it on its branch `main`."""
    repository(folder, {**CLEAN, PATH: FLIGHTS})
    git(folder, "symbolic-ref", "HEAD", "refs/heads/main")
    return commit(folder)
