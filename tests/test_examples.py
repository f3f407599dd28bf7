"""Each rule against its example project, whose comments say what it finds."""

from __future__ import annotations

import re
import shutil
from inspect import cleandoc
from typing import TYPE_CHECKING

import pytest
import yaml
from ml_checks.rules import FAMILIES, select
from ml_checks.rules.registry import RULES

from tests.command import TODAY, run
from tests.conftest import ROOT, git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXAMPLES = ROOT / "tests" / "examples"
CODES = select([])
CHECK = "ml-checks check --if-staged"
# `# OWN001 col 8: message` on the line at fault, or `# OWN001 path:line:col: message` on any.
EXPECTED = re.compile(
    r"(?:#|<!--) (?P<code>[A-Z]{3}[0-9]{3}) (?:col (?P<col>\d+)|(?P<place>\S+:\d+:\d+)): "
    r"(?P<message>.*?)(?= # [A-Z]{3}\d| -->|$)"
)


def expected(example: Path) -> Iterator[tuple[str, int, int, str, str]]:
    """Yield the findings that the comments of an example announce."""
    for file in example.rglob("*"):
        path = file.relative_to(example).as_posix()
        if file.is_dir() or path.startswith(".head/"):
            continue
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            for found in EXPECTED.finditer(line):
                place = found["place"] or f"{path}:{number}:{found['col']}"
                where, row, col = place.rsplit(":", 2)
                yield where, int(row), int(col), found["code"], found["message"]


def repository_of(example: Path, folder: Path) -> Path:
    """Stage a copy of an example; what is in its `.head` was all that was committed, on the first day of 2026."""
    git(folder, "init", "--quiet", "--template=")
    if (example / ".head").exists():
        shutil.copytree(example / ".head", folder, dirs_exist_ok=True)
        git(folder, "add", "--all", "--force")
        git(folder, "commit", "--quiet", "--message", "As it was")
        git(folder, "rm", "-r", "--quiet", ".")
    shutil.copytree(example, folder, ignore=shutil.ignore_patterns(".head"), dirs_exist_ok=True)
    git(folder, "add", "--all", "--force")
    return folder


@pytest.mark.parametrize("code", [*CODES, "clean"])
def test_an_example_shows_the_findings_it_announces_and_no_others(code: str, tmp_path: Path) -> None:
    announced = sorted(expected(EXAMPLES / code))
    outcome = run(repository_of(EXAMPLES / code, tmp_path), "check", "--today", TODAY)
    assert outcome.findings == [f"{path}:{line}:{col}: {name} {text}" for path, line, col, name, text in announced]
    assert {name for *_, name, _ in announced} == ({code} - {"clean"})
    assert (outcome.code, outcome.err) == (1 if announced else 0, "")


def test_each_rule_has_one_example() -> None:
    assert {folder.name for folder in EXAMPLES.iterdir()} == {*RULES, "clean"}


@pytest.mark.parametrize("code", CODES)
def test_the_documentation_of_a_rule_is_its_fault_and_a_paragraph_of_advice(code: str) -> None:
    fault, advice = cleandoc(RULES[code].function.__doc__ or "").split("\n\n")
    assert re.fullmatch(r"[A-Z][^.\n]+\.", fault)
    assert re.fullmatch(r"[A-Z`].+\.", advice, re.DOTALL)


@pytest.mark.parametrize("code", CODES)
def test_a_rule_is_in_the_module_of_its_family(code: str) -> None:
    (family,) = (family for family in FAMILIES if code.startswith(family.prefix))
    assert RULES[code].function.__module__ == f"ml_checks.rules.{family.hook.replace('-', '_')}"


def test_each_family_has_a_hook_and_one_hook_runs_them_all() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    selectable = [family for family in FAMILIES if not family.is_always_selected]
    families = {
        hook: f"{CHECK} --select {family.prefix}"
        for family in selectable
        for hook in (family.hook, *family.older_hooks)
    }
    assert {hook["id"]: hook["entry"] for hook in hooks} == {"ml-checks": CHECK, **families}


@pytest.mark.parametrize("key", ["pass_filenames", "always_run", "require_serial"])
def test_each_hook_runs_once_on_each_commit_whatever_it_touches(key: str) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert {hook["id"]: hook[key] for hook in hooks} == {hook["id"]: key != "pass_filenames" for hook in hooks}
