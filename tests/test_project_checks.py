"""`uv run <slug> checks`: ml-checks at the version that the hooks pin, and without a network after the first use."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.conftest import git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.machine import Machine

CHECKS = ("uv", "run", "--quiet", "flight-delays", "checks")


@pytest.mark.slow
def test_the_pinned_checks_run_from_any_folder_and_later_without_a_network(
    online: Machine, template: Path, version: str
) -> None:
    host = online.folder.parent / "host"
    git(template, "clone", "--quiet", "--bare", str(template), str(host / "org" / "ml-template.git"))
    machine = online.with_settings(GIT_CONFIG_KEY_0=f"url.{host.as_uri()}/.insteadOf")
    machine.ok("cookiecutter", "gh:org/ml-template", "--no-input")
    project = machine.folder / "flight-delays"
    contracts = project / "contracts"

    machine.ok("uv", "sync", "--quiet", cwd=project)
    source = f"git+https://github.com/org/ml-template.git@v{version}"
    host.rename(host.with_name("away"))
    first = machine.run(*CHECKS, "--version", cwd=project)
    assert (first.returncode, first.stdout) == (2, "")
    assert f"\nflight-delays: {source} could not be installed: is there a network, and such a version? " in first.stderr
    assert first.stderr.count("\n") == 2

    host.with_name("away").rename(host)
    second = machine.run(*CHECKS, "--version", cwd=contracts)
    assert (second.returncode, second.stdout) == (0, f"ml-checks {version}\n")
    assert second.stderr == f"flight-delays: ml-checks is installed, once, from {source}\n"

    shutil.rmtree(host)
    alone = machine.with_settings(UV_OFFLINE="1", UV_CACHE_DIR=str(machine.folder.parent / "empty"))
    assert alone.ok(*CHECKS, "--help", cwd=contracts).splitlines()[2].startswith("  uv run flight-delays checks check")
    assert alone.ok(*CHECKS, "check", ".", "--select", "CON,SCH", cwd=contracts) == ""
    contract = contracts / "flights.odcs.yaml"
    contract.write_text(
        contract.read_text("utf-8").replace("name: departure_delay_minutes", "name: dep_delay"), "utf-8"
    )
    found = alone.run(*CHECKS, "check", "--select", "SCH004", cwd=contracts)
    assert (found.returncode, found.stdout.splitlines()[-1]) == (1, "1 finding in 1 file.")
    assert alone.run(*CHECKS, "chck", cwd=contracts).returncode == 2
