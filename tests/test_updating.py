"""New versions: a project of any earlier one, and a repository that was adopted, become one of this with all edits."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from ml_checks.rules.run import BASELINE

from tests.command import write
from tests.conftest import ROOT, git
from tests.test_generation import GOLDEN_PATH, URL, committed, hooks_url, identified, state_of

if TYPE_CHECKING:
    from tests.machine import Machine

REPOSITORY = "https://github.com/org/ml-template"
NEWEST = "v9.0.0"
# What the owners of a project of any version may have written, and changed.
WRITTEN = {
    "contracts/tumours.odcs.yaml": "id: tumours\nstatus: draft\n",
    "docs/laboratory.md": "# The laboratory\n",
    "models/malignancy/README.md": "# Malignancy\n",
    "src/flight_delays/units.py": "PIXELS_PER_MICROMETRE = 2.0\n",
    "README.md": "# Tumours\n\nIs a sample malignant?\n",
}
ADDED = {
    ".github/CODEOWNERS": "/docs/ @acme/pathology\n",
    ".gitignore": "/images/\n",
    "standards.yaml": "\nmax_waiver_days: 90\n",
}
# An old repository: what stands in it was found when the checks came.
OLD = {
    "README.md": "# Bookings\n\n[a](b.md) [c](d.md)\n",
    "schemas/bookings.schema.json": '{"title": "bookings", "properties": {"cust": {"type": "string"}}}\n',
    ".github/CODEOWNERS": "* @acme/revenue\n",
}
FINDING = re.compile(r"^\S+:\d+:\d+: ([A-Z]{3}\d{3}) .*$", re.MULTILINE)


def earlier() -> dict[str, str]:
    """Return the commits of all earlier versions: those that have a tag, and the first, whether it has one or not."""
    if git(ROOT, "rev-parse", "--is-shallow-repository") != "false\n":
        return {}
    tags = {tag: git(ROOT, "rev-list", "-1", tag).strip() for tag in git(ROOT, "tag", "--list", "v*").split()}
    before = git(ROOT, "log", "--diff-filter=A", "--format=%P", "--", GOLDEN_PATH).split()
    return dict.fromkeys(["v0.1.0"], before[-1]) | tags if before else tags


VERSIONS = earlier()


@pytest.fixture(params=VERSIONS or [pytest.param("", marks=pytest.mark.skip(reason="the history has no version"))])
def tag(request: pytest.FixtureRequest) -> str:
    """Return the tag of an earlier version."""
    return str(request.param)


@pytest.fixture
def host(template: Path, tmp_path: Path) -> Path:
    """Return a github.com where all versions have their tags, and this work tree is the newest."""
    folder = tmp_path / "host"
    bare = folder / "org" / "ml-template.git"
    git(template, "clone", "--quiet", "--bare", str(template), str(bare))
    for name, commit in VERSIONS.items():
        git(bare, "fetch", "--quiet", str(ROOT), f"{commit}:refs/heads/{name}-was")
        git(bare, "tag", "--force", name, f"{name}-was")
    return folder


def in_order(text: str, within: str) -> bool:
    """Tell whether all lines of a text stand in another, in their order."""
    lines = iter(within.splitlines())
    return all(line in lines for line in text.splitlines())


def at(machine: Machine, host: Path) -> Machine:
    """Return the machine with this github.com, where the newest version has just been tagged."""
    user = identified(machine.with_settings(GIT_CONFIG_KEY_0=f"url.{host.as_uri()}/.insteadOf"))
    words = ("git", "tag", "--annotate", "--message", NEWEST, NEWEST, "main")
    user.ok(*words, cwd=host / "org" / "ml-template.git")
    return user


def test_a_project_of_any_version_takes_the_newest_and_keeps_every_edit(machine: Machine, host: Path, tag: str) -> None:
    user = at(machine, host)
    user.ok("cookiecutter", URL, "--no-input", "--checkout", tag)
    project = user.folder / "flight-delays"
    write(project, WRITTEN)
    for name, text in ADDED.items():
        with (project / name).open("a", encoding="utf-8") as file:
            file.write(text)
    committed(user, project)

    user.ok("cruft", "update", "--skip-apply-ask", "--checkout", NEWEST, cwd=project)
    assert state_of(project)["checkout"] == NEWEST
    now = {name: (project / name).read_text("utf-8") for name in [*WRITTEN, *ADDED]}
    assert [name for name, text in {**WRITTEN, **ADDED}.items() if not in_order(text, now[name])] == []
    # Where both changed the same lines, both stand there, or what found no place lies beside the file.
    rejected = user.ok("git", "ls-files", "--others", "--exclude-standard", "*.rej", cwd=project).split()
    both = [name for name, text in now.items() if "<<<<<<< ours\n" in text]
    assert {*both, *(name.removesuffix(".rej") for name in rejected)} == {"README.md"}
    # The rest is as in a new project.
    committed(user, project)
    user.ok("cookiecutter", URL, "--no-input", "--checkout", NEWEST, "--output-dir", "new")
    new = user.folder / "new" / "flight-delays"
    names = set(user.ok("git", "ls-files", cwd=new).split()) - {*WRITTEN, *ADDED, ".cruft.json", "uv.lock"}
    assert [name for name in sorted(names) if (project / name).read_bytes() != (new / name).read_bytes()] == []


@pytest.mark.parametrize("program", ["pre-commit autoupdate", "prek update"])
def test_the_hooks_are_moved_by_the_programs_that_run_them(
    machine: Machine, host: Path, tag: str, program: str
) -> None:
    user = at(machine, host)
    user.ok("cookiecutter", URL, "--no-input", "--checkout", tag)
    project = user.folder / "flight-delays"
    before = (project / ".pre-commit-config.yaml").read_text("utf-8")
    user.ok(*program.split(), "--repo", hooks_url(project), cwd=project)
    after = (project / ".pre-commit-config.yaml").read_text("utf-8")
    pinned = yaml.safe_load(before)["repos"][0]["rev"]
    assert after == before.replace(f"rev: {pinned}\n", f"rev: {NEWEST}\n")


@pytest.mark.slow
def test_what_a_baseline_of_any_version_lists_stays_quiet_under_the_newest(
    online: Machine, host: Path, tag: str, tmp_path: Path
) -> None:
    user = at(online, host).with_settings(PRE_COMMIT_HOME=str(tmp_path / "hooks"))
    folder = user.folder / "bookings"
    settings = f"repos:\n  - repo: {REPOSITORY}\n    rev: {tag}\n    hooks:\n      - id: ml-checks\n"
    write(folder, {**OLD, ".pre-commit-config.yaml": settings})
    user.ok("git", "init", "--quiet", cwd=folder)
    user.ok("git", "add", "--all", cwd=folder)
    refused = user.run("pre-commit", "run", "--all-files", cwd=folder)
    assert {*FINDING.findall(refused.stdout)} == {"DOC002", "DOC008", "SCH004"}, refused.stdout + refused.stderr
    (program,) = Path(tmp_path, "hooks").glob("repo*/py_env*/bin/ml-checks")
    user.ok(program, "baseline", cwd=folder)
    committed(user, folder)
    user.ok("pre-commit", "run", "--all-files", cwd=folder)

    user.ok("pre-commit", "autoupdate", cwd=folder)
    committed(user, folder)
    now = user.run("pre-commit", "run", "--all-files", cwd=folder)
    left = now.stdout.splitlines()
    assert [line for line in left if FINDING.match(line) and not line.startswith(BASELINE)] == [], now.stdout
    write(folder, {"README.md": OLD["README.md"] + "[e](f.md)\n"})
    user.ok("git", "add", "--all", cwd=folder)
    refused = user.run("pre-commit", "run", "--all-files", cwd=folder)
    assert (refused.returncode, "DOC008 link to 'f.md'" in refused.stdout) == (1, True)
