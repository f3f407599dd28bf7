"""Any text in the place of any file that is read: no crash, every place is there, the same output each time."""

from __future__ import annotations

import copy
import random
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ml_checks import report
from ml_checks.cli import UNUSABLE

from tests.command import CLEAN, TODAY, misplaced, repository, run, spawn, write
from tests.conftest import ROOT, git
from tests.effort import tries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Edit = Callable[[str, random.Random], str]

EXAMPLES = ROOT / "tests" / "examples"
SAMPLED = """\
    properties: [{name: contact, logicalType: string, classification: public, description: Who is told of a delay.}]
servers: [{server: sample, type: local, path: data/sample/flights.csv, format: csv}]
apiVersion:"""


class Kind(NamedTuple):
    """A kind of file: where it stands in the project, and which example files are of it."""

    path: str
    pattern: str


KINDS = {
    "contract": Kind("contracts/flights.odcs.yaml", "*.odcs.yaml"),
    "charter": Kind("project.yaml", "project.yaml"),
    "readme": Kind("README.md", "*.md"),
    "model card": Kind("models/late_arrival/README.md", "models/*/README.md"),
    "template": Kind(".github/pull_request_template.md", "pull_request_template.md"),
    "CODEOWNERS of GitHub": Kind(".github/CODEOWNERS", "CODEOWNERS"),
    "CODEOWNERS of GitLab": Kind(".gitlab/CODEOWNERS", "CODEOWNERS"),
    "standards": Kind("standards.yaml", "standards.yaml"),
    "baseline": Kind("standards.baseline.yaml", "standards.baseline.yaml"),
    "compose": Kind("compose.yaml", "compose*.yaml"),
    "Dockerfile": Kind("Dockerfile", "Dockerfile"),
    "Kubernetes": Kind("k8s/scoring.yaml", "k8s/*.yaml"),
    "JSON Schema": Kind("schemas/flights.schema.json", "*.schema.json"),
    "Avro": Kind("schemas/departures.avsc", "*.avsc"),
    "SQL": Kind("data/departures.sql", "*.sql"),
    "dbt": Kind("dbt/schema.yml", "schema.yml"),
    "Python": Kind("src/late/schemas.py", "src/**/*.py"),
    "sample": Kind("data/sample/flights.csv", "*.csv"),
}
# Of these there is one in a repository.
ALONE = {"standards", "baseline", "CODEOWNERS of GitHub", "CODEOWNERS of GitLab"}
# What upsets parsers, alone and within other texts.
ODD = [
    *("&a ", "*a ", "<<: *a\n", "<<: {}\n", "? ", "- ", ": ", "| \n", ">-\n", "---\n", "...\n", "%YAML 1.1\n", "!x "),
    *("[", "]", "{", "}", "(", ")", '"', "'", "`", "```\n", "<!--", "-->", "#", "\\", "$(", "{{", "/*", "--", "@", "^"),
    *("\0", "\t", "\r", "\r\n", "\n\n", "\x1b[2J", "\x85", "\u2028", "\ufeff", "\u202e", "e\u0301", "日本", "\uffff"),
    *("~", "yes", "010", "1:30", ".inf", "1e999", "2026-02-30", "-1", "9" * 5000, "a" * 5000, "**/" * 50, "\ud800"),
    *("ml-checks: waive SCH001 ", "# ml-checks: waive\n", "[x](", "[x]: ", "\n# \n", "\n===\n", "---\na: 1\n---\n"),
    *("- [ ] ", "[x]"),
]  # fmt: skip
VALUES: list[object] = [
    *(None, True, 7, -0.5, float("inf"), "", "a", "no", "x" * 300),
    *([], {}, [[]], [{}], {"a": {}}, ["a", None], {"name": ["x"]}),
]


def seeds(kind: str) -> list[str]:
    """Return the texts of the examples of a kind."""
    found = (path for path in sorted(EXAMPLES.glob("*/**/" + KINDS[kind].pattern)) if path.is_file())
    return sorted({path.read_text("utf-8") for path in found})


SEEDS = {kind: seeds(kind) for kind in KINDS}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Return each kind of file in turn."""
    return str(request.param)


@pytest.fixture
def project(kind: str, tmp_path: Path) -> Path:
    """Return a project that has a committed file of each kind, as far as they go together."""
    together = KINDS.keys() - (ALONE - {kind})
    files: dict[str, str | bytes] = {KINDS[name].path: SEEDS[name][0] for name in together}
    if "GitLab" not in kind:
        files.setdefault(".github/CODEOWNERS", "* @acme/flight-ops\n")
    files["README.md"] = CLEAN["README.md"]
    files["contracts/flights.odcs.yaml"] = str(CLEAN["contracts/flights.odcs.yaml"]).replace("apiVersion:", SAMPLED)
    repository(tmp_path, files)
    git(tmp_path, "commit", "--quiet", "--message", "As it was")
    return tmp_path


def cut(text: str, chance: random.Random) -> str:
    start, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    return text[:start] + text[min(end, start + 40) :]


def put(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text) + 1)
    return text[:start] + chance.choice(ODD) + text[start:]


def drop_line(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    del lines[chance.randrange(len(lines))]
    return "\n".join(lines)


def double_line(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    lines.insert(chance.randrange(len(lines)), chance.choice(lines))
    return "\n".join(lines)


def shift_line(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    row = chance.randrange(len(lines))
    lines[row] = " " * chance.randrange(4) + lines[row].removeprefix("  ")
    return "\n".join(lines)


def retype(text: str, chance: random.Random) -> str:
    """Put another value behind one of the colons."""
    ends = [found.end() for found in re.finditer(r":[ \n]", text)]
    if not ends:
        return text
    start = chance.choice(ends)
    rest = text[start:].partition("\n")[2]
    return f"{text[:start]}{chance.choice(ODD)}\n{rest}"


def rebuild(text: str, chance: random.Random) -> str:
    """Put another value at any place of a YAML or JSON document, or take it out, or double it."""
    try:
        root = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):  # the 30th of February, too
        return text
    places = list(_places(root))
    if places:
        parent, key = chance.choice(places)
        match chance.randrange(3):
            case 0:
                parent[key] = chance.choice(VALUES)
            case 1:
                del parent[key]
            case _:
                other, name = chance.choice(places)
                parent[key] = copy.deepcopy(other[name])
    return yaml.safe_dump(root, sort_keys=False, allow_unicode=True)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401  # a YAML document
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        yield value, key
        yield from _places(child)


EDITS: list[Edit] = [cut, put, drop_line, double_line, shift_line, retype, rebuild]
ANY_TEXT = st.text() | st.lists(st.sampled_from(ODD) | st.text(max_size=5), max_size=30).map("".join)


@st.composite
def spoilt(draw: st.DrawFn, kind: str) -> str:
    """Draw a real file with a few things in it that nobody would write."""
    text, chance = draw(st.sampled_from(SEEDS[kind])), draw(st.randoms(use_true_random=False))
    for edit in draw(st.lists(st.sampled_from(EDITS), min_size=1, max_size=5)):
        text = edit(text, chance)
    return text


def survives(folder: Path, kind: str, text: str, *words: str) -> None:
    """Put a text in the place of a file, and see the command end as it says it does."""
    write(folder, {KINDS[kind].path: text.encode("utf-8", "surrogatepass")})
    outcome = run(folder, "check", "--today", TODAY, *words)
    if outcome.code == UNUSABLE:
        assert (outcome.out, kind) == ("", "standards")
        assert re.fullmatch(r"ml-checks: standards\.yaml:\d+:\d+: .+\n", outcome.err)
    else:
        assert (outcome.code in {0, 1}, outcome.err) == (True, "")
        found = outcome.findings if outcome.code and not words else []
        assert misplaced(folder, found) == []


def anything(kind: str) -> st.SearchStrategy[str]:
    return spoilt(kind) | ANY_TEXT


@given(data=st.data())
@tries(0.1)
def test_what_is_remembered_of_a_text_changes_nothing(kind: str, project: Path, data: st.DataObject) -> None:
    write(project, {KINDS[kind].path: data.draw(anything(kind)).encode("utf-8", "surrogatepass")})
    fresh = run(project, "check", "--today", TODAY)
    git(project, "add", "--all")  # what git has stored may be remembered
    assert [run(project, "check", "--today", TODAY) for _ in range(2)] == [fresh] * 2


@given(data=st.data())
@tries(0.2)
def test_no_text_makes_the_checks_crash(kind: str, project: Path, data: st.DataObject) -> None:
    survives(project, kind, data.draw(anything(kind)))


@pytest.mark.slow
@given(data=st.data(), name=st.sampled_from(report.FORMATS))
@tries(0.2)
def test_no_text_makes_any_report_crash(kind: str, project: Path, name: str, data: st.DataObject) -> None:
    survives(project, kind, data.draw(anything(kind)))
    survives(project, kind, data.draw(anything(kind)), "--format", name)


FAULTY = {
    "SQL": "create table flights (A_b text);",
    "Python": "from pydantic import BaseModel\nclass Flights(BaseModel):\n    A_b: str\n",
    "Dockerfile": "FROM python\nCMD python\n",
    "sample": "contact\nann@acme.org\nben@acme.org\n",
}


def test_what_is_put_there_is_read(kind: str, project: Path) -> None:
    before, place = run(project, "check", "--today", TODAY), project / KINDS[kind].path
    place.write_text(FAULTY.get(kind, "\0["), "utf-8")
    after = run(project, "check", "--today", TODAY)
    assert (before.code in {0, 1}, before.err) == (True, "")
    assert after.findings != before.findings


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("name", ["contract", "JSON Schema"])
def test_each_way_to_spoil_a_file_does(edit: Edit, name: str) -> None:
    assert {edit(text, random.Random(seed)) != text for text in SEEDS[name] for seed in range(5)} >= {True}  # noqa: S311


def test_a_place_that_is_not_there_would_be_seen(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "# A\n", "b.yaml": "a\rb\n"})
    there = ["a.md:1:4: X", "a.md:2:1: X", "b.yaml:2:1: X", "b.yaml:1:4: X", "gone.md:1:1: X"]
    gone = ["a.md:1:5: X", "a.md:4:1: X", "a.md:0:1: X", "a.md:1:0: X", "b.yaml:5:1: X", "gone.md:2:1: X"]
    assert misplaced(tmp_path, there + gone) == gone


def everything() -> dict[str, str]:
    """Return all examples of all kinds, each where its kind is read."""
    files = {}
    for name, (path, _) in KINDS.items():
        folder, _, file = path.rpartition("/")
        stem, _, suffix = file.partition(".")
        for number, text in enumerate(SEEDS[name] if name not in ALONE else ()):
            files[f"{folder}/{stem}_{number}.{suffix}".removeprefix("/")] = text
    return files


@pytest.mark.parametrize("name", ["text", "json", "sarif"])
def test_the_same_output_for_every_hash_seed_and_order_of_files(name: str, tmp_path: Path) -> None:
    outcomes = set()
    for seed in range(3):
        files = list(everything().items())
        random.Random(seed).shuffle(files)  # noqa: S311  # an order, no secret
        folder = tmp_path / str(seed)
        git(tmp_path, "init", "--quiet", "--template=", str(folder))
        for start in range(0, len(files), 60):
            part = dict(files[start : start + 60])
            write(folder, dict(part))
            git(folder, "add", "--", *part)
        words = ("check", "--today", TODAY, "--format", name)
        outcomes.add(spawn(folder, *words, PYTHONHASHSEED=str(seed), ML_CHECKS_CACHE=str(tmp_path / f"cache{seed}")))
    (outcome,) = outcomes
    assert (outcome.code, outcome.err, outcome.out.count("SCH001") > 1) == (1, "", True)


def test_the_same_findings_whole_and_in_batches(tmp_path: Path) -> None:
    files = everything()
    repository(tmp_path, dict(files))
    whole = run(tmp_path, "check", "--today", TODAY).findings
    batches = [sorted(files)[start : start + 40] for start in range(0, len(files), 40)]
    parts = [finding for batch in batches for finding in run(tmp_path, "check", "--today", TODAY, *batch).findings]
    missing = [finding for finding in whole if finding.partition(":")[0] not in files]
    assert sorted(parts + missing) == sorted(whole)
    assert len(parts) > len(files)
