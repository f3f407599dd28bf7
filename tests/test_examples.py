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

from tests.command import TODAY, Outcome, run
from tests.conftest import ROOT, git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXAMPLES = ROOT / "tests" / "examples"
CODES = select([])
# The projects that all rules look at together: one without a finding, and one with many.
WHOLE = ["clean", "rich"]
PROJECTS = [*CODES, *WHOLE]
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


def announced(example: Path) -> list[str]:
    """Return what an example announces, as it is printed."""
    return [f"{path}:{line}:{col}: {code} {text}" for path, line, col, code, text in sorted(expected(example))]


def checked(example: Path, name: str, folder: Path) -> Outcome:
    """Check a copy of an example by the rule that it is named after, or by all rules."""
    words = [] if name in WHOLE else ["--select", name]
    return run(repository_of(example, folder), "check", "--today", TODAY, *words)


@pytest.mark.parametrize("name", PROJECTS)
def test_an_example_shows_the_findings_it_announces_and_no_others(name: str, tmp_path: Path) -> None:
    lines, outcome = announced(EXAMPLES / name), checked(EXAMPLES / name, name, tmp_path)
    assert outcome.findings == lines
    assert (outcome.code, outcome.err) == (1 if lines else 0, "")


@pytest.mark.parametrize(
    ("old", "new", "unannounced", "missing"),
    [
        pytest.param(" # SCH011 col 11: dataset", " # dataset", 1, 0, id="a finding that is not announced"),
        pytest.param("name: flights #", "name: departures #", 0, 1, id="an announced finding that does not come"),
        pytest.param("col 11:", "col 12:", 1, 1, id="another place"),
        pytest.param("is in a file", "stands in a file", 1, 1, id="another message"),
    ],
)
def test_what_is_announced_and_what_is_found_are_compared_in_full(
    old: str, new: str, unannounced: int, missing: int, tmp_path: Path
) -> None:
    example = shutil.copytree(EXAMPLES / "SCH011", tmp_path / "example")
    contract = example / "contracts" / "departures.odcs.yaml"
    contract.write_text(contract.read_text("utf-8").replace(old, new), "utf-8")
    (tmp_path / "project").mkdir()
    lines, found = set(announced(example)), {*checked(example, "SCH011", tmp_path / "project").findings}
    assert (len(found - lines), len(lines - found)) == (unannounced, missing)


def test_each_rule_has_one_example() -> None:
    assert {folder.name for folder in EXAMPLES.iterdir()} == {*RULES, *WHOLE}


@pytest.mark.parametrize("code", CODES)
def test_an_example_is_about_its_own_rule(code: str) -> None:
    assert {name for *_, name, _ in expected(EXAMPLES / code)} == {code}


def test_the_rich_example_has_findings_of_every_family_and_the_clean_one_none() -> None:
    families = [{name[:3] for *_, name, _ in expected(EXAMPLES / whole)} for whole in ("rich", "clean")]
    assert families == [{family.prefix for family in FAMILIES}, set()]


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
