"""A run: the findings of a code depend on no other code, and what crashes on one file is told for that file alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ml_checks.project import infrastructure
from ml_checks.reading import markdown, yaml
from ml_checks.rules import family_of

from tests.command import CLEAN, CONTRACT, TODAY, repository, run
from tests.test_examples import CODES, EXAMPLES, repository_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("code", CODES)
def test_the_findings_of_a_code_are_the_same_whichever_other_codes_are_selected(code: str, tmp_path: Path) -> None:
    folder = repository_of(EXAMPLES / code, tmp_path)
    selections: list[list[str]] = [
        [],
        ["--select", code],
        ["--select", family_of(code).prefix],
        ["--select", f"{code},SCH001"],
    ]
    outcomes = [run(folder, "check", "--today", TODAY, *words) for words in selections]
    found = [[line for line in outcome.findings if line.split()[1] == code] for outcome in outcomes]
    assert found == [found[0]] * len(selections)
    assert found[0]


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Return a project in which rules touch each other, and all that is found in it."""
    folder = repository_of(EXAMPLES / "rich", tmp_path_factory.mktemp("rich"))
    return folder, run(folder, "check", "--today", TODAY).findings


@pytest.mark.parametrize("code", CODES)
def test_of_many_findings_each_code_has_the_same_share_alone(code: str, rich: tuple[Path, list[str]]) -> None:
    folder, findings = rich
    alone = run(folder, "check", "--today", TODAY, "--select", code).findings
    shares = [[line for line in lines if line.split()[1] == code] for lines in (alone, findings)]
    assert shares[0] == shares[1]


BAD = {
    "contracts/bad.odcs.yaml": CONTRACT.format("bad"),
    "contracts/worse.odcs.yaml": CONTRACT.format("Worse"),
    "docs/bad.md": "# Bad\n\nTODO\n",
    "docs/worse.md": "# Worse\n\nTODO\n",
    "compose.yaml": "services: {bad: {}}\n",
}
ALL = [
    "compose.yaml:1:12: OWN010 service 'bad' has no label 'owner'",
    "contracts/worse.odcs.yaml:4:11: SCH001 dataset 'Worse' is not written like 'departure_airport'",
    "contracts/worse.odcs.yaml:4:11: SCH011 dataset 'Worse' is in a file named 'worse'",
    "docs/bad.md:3:1: DOC004 placeholder 'TODO'",
    "docs/worse.md:3:1: DOC004 placeholder 'TODO'",
]


def failing(real: Callable[..., object], word: str) -> Callable[..., object]:
    """Return a function that fails where one of its arguments holds a word."""

    def fail(*arguments: object) -> object:
        if any(word in str(argument) for argument in arguments):
            raise LookupError(word)
        return real(*arguments)

    return fail


@pytest.mark.parametrize(
    ("owner", "name", "word", "path"),
    [
        pytest.param(yaml, "read", "contracts/bad.odcs.yaml", "contracts/bad.odcs.yaml", id="a contract's YAML"),
        pytest.param(yaml, "read", "compose.yaml", "compose.yaml", id="a compose file's YAML"),
        pytest.param(markdown, "_sections", "Bad", "docs/bad.md", id="a page"),
        pytest.param(infrastructure, "composed", "bad", "compose.yaml", id="the services of a compose file"),
    ],
)
def test_a_crash_while_a_file_is_read_is_one_sentence_and_all_others_are_judged(  # noqa: PLR0913, PLR0917
    owner: object, name: str, word: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = repository(tmp_path, {**CLEAN, **BAD})
    words = ("check", "--select", "SCH,OWN010,DOC004")
    assert run(folder, *words).findings == ALL
    monkeypatch.setattr(owner, name, failing(getattr(owner, name), word))
    outcome = run(folder, *words)
    assert (outcome.code, outcome.findings) == (3, [line for line in ALL if not line.startswith(path)])
    assert outcome.err.startswith("ml-checks: reading ")
    assert " crashed in test_run.py:" in outcome.err
    assert outcome.err.count("\n") == 1
