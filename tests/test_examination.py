"""What is kept of a file from one run to the next: used when nothing has changed, and never seen in the output."""

from __future__ import annotations

import io
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ml_checks import standards
from ml_checks.project.snapshot import CONTRACTS
from ml_checks.reading import cache
from ml_checks.rules.registry import file_rule

from tests.command import CLEAN, COMMAND, CONTRACT, TODAY, Outcome, many, repository, run, write
from tests.conftest import git
from tests.effort import tries
from tests.test_examples import EXAMPLES, PROJECTS, repository_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ml_checks.project.batch import Batch
    from ml_checks.values import Location

    Edit = Callable[[Path], object]

LONG_AGO = (1_577_836_800, 1_577_836_800)
TRAINS = "contracts/trains.odcs.yaml"
FAULT = f"{TRAINS}:4:11: SCH001 dataset 'Trains' is not written like 'departure_airport'"
FILES = {**CLEAN, TRAINS: CONTRACT.format("trains").replace("id: flights", "id: trains")}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a cache of its own, outside of its project."""
    monkeypatch.setenv("ML_CHECKS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a repository without a fault, all of it committed, and checked once."""
    folder = committed(tmp_path / "project", FILES)
    assert check(folder).findings == []
    return folder


def committed(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Commit files that are old, in a repository where git goes by their size and their time."""
    write(folder, files)
    for path in files:
        os.utime(folder / path, LONG_AGO)
    git(folder, "init", "--quiet", "--template=")
    git(folder, "config", "core.trustctime", "false")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "As it was")
    return folder


def swap(folder: Path, path: str = TRAINS, old: str = "trains\n", new: str = "Trains\n") -> None:
    """Put another content into a file such that git cannot know."""
    text = (folder / path).read_text("utf-8")
    assert old in text
    (folder / path).write_text(text.replace(old, new), "utf-8")
    os.utime(folder / path, LONG_AGO)
    assert git(folder, "status", "--porcelain", "--", path) == ""


def edit(folder: Path, path: str = TRAINS, old: str = "- name: trains", new: str = "- name: Trains") -> Path:
    """Change a file as an editor does."""
    text = (folder / path).read_text("utf-8")
    assert old in text
    (folder / path).write_text(text.replace(old, new), "utf-8")
    return folder


def put(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write files, and return their folder."""
    write(folder, files)
    return folder


def check(folder: Path, *words: str) -> Outcome:
    return run(folder, "check", "--today", TODAY, *words)


def uncached(folder: Path, *words: str) -> Outcome:
    """Check without a cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ML_CHECKS_CACHE", "")
        return check(folder, *words)


@pytest.mark.parametrize("name", PROJECTS)
def test_the_output_is_the_same_without_a_cache_with_an_empty_one_and_with_a_full_one(
    name: str, tmp_path: Path
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    repository_of(EXAMPLES / name, folder)
    if not (EXAMPLES / name / ".head").exists():
        git(folder, "commit", "--quiet", "--message", "All of it")  # before the first one nothing is kept
    assert [check(folder), check(folder)] == [uncached(folder)] * 2


def test_a_file_that_git_says_is_the_same_is_not_read_again(project: Path) -> None:
    swap(project)
    assert check(project).findings == []
    assert FAULT in uncached(project).findings


def test_what_was_found_in_a_file_is_found_again_without_reading_it(tmp_path: Path) -> None:
    broken = {
        "contracts/broken.odcs.yaml": "schema: [\n",
        "contracts/list.odcs.yaml": "- a\n",
        "docs/note.md": "# A\n\n[there](none.md)\n",
        "src/late/schemas.py": "from pydantic import BaseModel\n\n\nclass Flights(BaseModel):\n    A_b: str\n",
    }
    folder = committed(tmp_path / "project", {**FILES, **broken})
    before = check(folder)
    assert {finding.split(": ")[0].split(":")[0] for finding in before.findings} >= {*broken}
    assert {"FIL001", "FIL005"} <= {finding.split()[1] for finding in before.findings}
    swap(folder, "contracts/broken.odcs.yaml", "[", "1")
    swap(folder, "contracts/list.odcs.yaml", "- a", "a: ")
    swap(folder, "src/late/schemas.py", "A_b", "a_b")
    assert check(folder) == before != uncached(folder)


EDITS: dict[str, Edit] = {
    "changed": edit,
    "changed and staged": lambda folder: (edit(folder), git(folder, "add", "--all")),
    "changed and committed": lambda folder: (edit(folder), git(folder, "commit", "--all", "--quiet", "-m", "Change")),
    "staged, and changed after that": lambda folder: (
        edit(folder, old="One row", new="One line"),
        git(folder, "add", "--all"),
        edit(folder),
    ),
    "staged, and changed back": lambda folder: (
        edit(folder),
        git(folder, "add", "--all"),
        edit(folder, old="Trains", new="trains"),
        edit(folder, old="- name: trains", new="- name: Train"),
    ),
    "deleted": lambda folder: git(folder, "rm", "--quiet", TRAINS),
    "renamed": lambda folder: git(folder, "mv", TRAINS, "contracts/Trains.txt"),
    "new": lambda folder: (
        put(folder, {"contracts/new.odcs.yaml": CONTRACT.format("New")}),
        git(folder, "add", "--all"),
    ),
    "ignored until now": lambda folder: (
        put(folder, {".gitignore": "new.*\n", "contracts/new.odcs.yaml": CONTRACT.format("New")}),
        check(folder),
        git(folder, "add", "--force", "contracts/new.odcs.yaml"),
    ),
    "another in its place": lambda folder: (
        git(folder, "rm", "--quiet", TRAINS),
        put(folder, {TRAINS: CONTRACT.format("Trains")}),
    ),
}


@pytest.mark.parametrize("change", EDITS.values(), ids=EDITS)
def test_what_has_changed_is_read_again(change: Edit, project: Path) -> None:
    before = check(project)
    change(project)
    assert check(project) == uncached(project) != before
    assert check(project) == uncached(project)


def test_what_was_only_touched_gives_the_same(project: Path) -> None:
    os.utime(project / TRAINS)
    assert [check(project), check(project)] == [uncached(project)] * 2


def test_what_was_staged_and_then_deleted_is_gone(project: Path) -> None:
    # It is neither in the last commit nor in the work tree, so git does not say that it differs.
    new = put(project, {"contracts/new.odcs.yaml": CONTRACT.format("Trains")}) / "contracts/new.odcs.yaml"
    os.utime(new, LONG_AGO)
    git(project, "add", "--all")
    assert FAULT.replace("trains.odcs", "new.odcs") in check(project).findings
    new.unlink()
    assert check(project).findings == uncached(project).findings == []


@pytest.mark.parametrize("mark", ["--assume-unchanged", "--skip-worktree"])
def test_where_git_does_not_look_we_do(mark: str, project: Path) -> None:
    git(project, "update-index", mark, TRAINS)
    edit(project)
    assert git(project, "status", "--porcelain") == ""
    assert FAULT in check(project).findings
    edit(project, old="Trains", new="trains")
    assert check(project).findings == []


def test_before_the_first_commit_nothing_is_kept(tmp_path: Path, place: Path) -> None:
    folder = repository(tmp_path / "project", FILES)
    assert check(folder).findings == []
    assert {path.name.partition("-")[0] for path in place.iterdir()} == {"standards", "kinds"}


def test_a_file_that_is_not_saved_is_never_kept(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = (project / TRAINS).read_bytes().replace(b"name: trains", b"name: Trains")
    for path, expected in ((TRAINS, [FAULT]), ("contracts/new.odcs.yaml", [FAULT.replace("trains.odcs", "new.odcs")])):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed)))
        found = check(project, "--stdin-filename", path).findings
        assert [finding for finding in found if "SCH001" in finding] == expected
        assert check(project).findings == []
        swap(project)
        assert check(project).findings == []  # and what was kept before still is
        swap(project, old="Trains\n", new="trains\n")


@pytest.fixture
def crashing() -> None:
    """Add a rule that crashes on a contract called Trains."""

    @file_rule("SCH998", CONTRACTS)
    def crash_on_trains(batch: Batch) -> Iterator[tuple[Location, str]]:
        """Crash."""
        for contract in batch.contracts:
            for dataset in contract.datasets:
                if dataset.name == "Trains":
                    raise LookupError
                yield contract.at, "found"


@pytest.mark.usefixtures("rules_taken_back", "crashing")
def test_where_a_rule_crashed_nothing_is_kept(tmp_path: Path) -> None:
    files = {**FILES, TRAINS: str(FILES[TRAINS]).replace("name: trains", "name: Trains")}
    folder = committed(tmp_path / "project", files)
    first = check(folder)
    place = f"ml-checks: SCH998 crashed on {TRAINS} in test_examination.py:"
    assert (first.code, first.err.startswith(place)) == (3, True)
    assert check(folder) == first
    swap(folder, old="Trains\n", new="trains\n")
    third = check(folder)
    assert (third.err, f"{TRAINS}:1:1: SCH998 found" in third.findings) == ("", True)


def test_what_was_kept_for_all_rules_is_not_used_for_some(project: Path) -> None:
    swap(project)
    assert check(project, "--select", "SCH001").findings == [FAULT]
    assert check(project).findings == []
    swap(project, old="Trains\n", new="trains\n")
    assert check(project, "--select", "SCH001").findings == [FAULT]


STANDARDS: dict[str, Edit] = {
    "what the project says": lambda folder: put(folder, {"standards.yaml": "names: {max_length: 9}\n"}),
    "what holds for some paths": lambda folder: put(
        folder, {"standards.yaml": "overrides: [{paths: [contracts/], names: {max_length: 5}}]\n"}
    ),
    "for which paths it holds": lambda folder: (
        put(folder, {"standards.yaml": "overrides: [{paths: [docs/], names: {max_length: 5}}]\n"}),
        check(folder),
        put(folder, {"standards.yaml": f"overrides: [{{paths: [{TRAINS}], names: {{max_length: 5}}}}]\n"}),
    ),
    "what the project extends": lambda folder: (
        put(folder, {"standards.yaml": "extends: team.yaml\n", "team.yaml": "names: {max_length: 60}\n"}),
        check(folder),
        put(folder, {"team.yaml": "names: {max_length: 5}\n"}),
    ),
    "which files are read": lambda folder: put(
        folder, {"standards.yaml": f"files: {{contracts: [{TRAINS}]}}\nnames: {{max_length: 5}}\n"}
    ),
}


@pytest.mark.parametrize("change", STANDARDS.values(), ids=STANDARDS)
def test_other_standards_make_everything_new(change: Edit, project: Path) -> None:
    swap(project)
    change(project)
    assert check(project) == check(project) == uncached(project)
    assert [finding for finding in check(project).findings if TRAINS in finding] != []


def test_other_standards_of_the_company_make_everything_new(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = tmp_path / "company"
    company.mkdir()
    shutil.copy(Path(standards.FOLDER, standards.PROJECT_FILE), company)
    monkeypatch.setattr(standards, "FOLDER", str(company))
    assert check(project).findings == []
    swap(project)
    assert check(project).findings == []
    os.utime(company / standards.PROJECT_FILE, LONG_AGO)
    assert check(project).findings == uncached(project).findings != []


def test_another_version_reads_everything_anew(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swap(project)
    monkeypatch.setattr(cache, "WRITER", ("9.9.9", "4.0"))
    assert FAULT in check(project).findings


def test_a_waiver_in_a_file_that_is_known_still_holds(tmp_path: Path) -> None:
    waiver = 'waive SCH001 until=2026-12-24 reason="the old name" owner=@acme/flight-ops'
    text = CONTRACT.format("Flights").replace("name: Flights", f"name: Flights  # ml-checks: {waiver}")
    folder = committed(tmp_path / "project", {**CLEAN, "contracts/Flights.odcs.yaml": text})
    (folder / "contracts/flights.odcs.yaml").unlink()
    git(folder, "commit", "--all", "--quiet", "--message", "One is enough")
    outcomes = [check(folder), check(folder), uncached(folder)]
    assert outcomes == [Outcome(0, "1 finding waived; `ml-checks waivers` lists them.\n", "")] * 3


def test_a_page_becomes_a_model_card_once_dbt_has_no_part_in_it(tmp_path: Path) -> None:
    card = {"delay/models/late/README.md": "# Late\n\nWhen a train will come.\n", "delay/README.md": CLEAN["README.md"]}
    folder = committed(tmp_path / "project", {**FILES, **card, "delay/dbt_project.yml": "name: delay\n"})
    before = check(folder)
    git(folder, "rm", "--quiet", "delay/dbt_project.yml")
    after = check(folder)
    assert after == uncached(folder) == check(folder)
    told = [f"delay/models/late/README.md:1:1: {fault}" for fault in ("OWN001", "DOC002")]
    assert [
        [any(line.startswith(one) for line in outcome.findings) for one in told] for outcome in (before, after)
    ] == [
        [False, False],
        [True, True],
    ]


def test_a_page_in_a_folder_of_dbt_is_a_model_card_where_the_charter_lists_its_model(tmp_path: Path) -> None:
    charter = "name: Delay\nowner: '@acme/flight-ops'\nmodels: [late]\n"
    card = {"delay/models/late/README.md": "# Late\n\nWhen a train will come.\n", "delay/README.md": CLEAN["README.md"]}
    files = {**FILES, **card, "delay/dbt_project.yml": "name: delay\n", "delay/project.yaml": charter}
    told = [line for line in check(committed(tmp_path / "project", files)).findings if "models/late" in line]
    assert told[0] == "delay/models/late/README.md:1:1: DOC002 no section 'Evaluation'"
    assert told[-1] == "delay/models/late/README.md:1:1: OWN001 model card declares no owner"


def flip(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def with_checksum(content: bytes) -> bytes:
    return crc32(content).to_bytes(4) + content


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "a wrong byte": flip,
    "the first half": lambda content: content[: len(content) // 2],
    "nothing": lambda _: b"",
    "twice": lambda content: content * 2,
    "a text": lambda _: b"nothing of ours\n",
    "another value": lambda _: with_checksum(b"N"),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_what_is_spoilt_in_the_cache_changes_nothing(
    spoil: Callable[[bytes], bytes], project: Path, place: Path
) -> None:
    edit(project)
    expected = check(project)
    kept = {path: path.read_bytes() for path in place.iterdir()}
    assert {path.name.partition("-")[0] for path in kept} == {"contracts", "kinds", "pages", "standards"}
    for path, content in kept.items():
        path.write_bytes(spoil(content))
    assert check(project) == expected == uncached(project)
    assert whole(place)  # written anew


def test_where_nothing_can_be_written_everything_is_read(project: Path, place: Path) -> None:
    edit(project)
    shutil.rmtree(place)
    place.write_text("a file, where the folder would be")
    assert check(project) == uncached(project)
    assert FAULT in check(project).findings


def test_a_few_of_many_are_kept_beside_the_others_until_they_are_more(tmp_path: Path, place: Path) -> None:
    folder = committed(tmp_path / "project", many(50))
    assert check(folder) == uncached(folder)
    recent = []
    for step, count in enumerate((1, 2, 3, 1)):
        for number in range(count):
            path = folder / f"contracts/flights_{number:04}.odcs.yaml"
            path.write_text(path.read_text("utf-8") + "#" * (step + 1) + "\n", "utf-8")
            os.utime(path, LONG_AGO)
        git(folder, "add", "--all")
        assert check(folder) == uncached(folder) == check(folder)
        recent += [path.stat().st_size for path in place.glob("contracts-*-recent")]
    assert len(recent) == 4
    assert recent[2] < recent[0] < recent[1]  # then all are in one again
    assert whole(place)


def test_two_repositories_do_not_share(project: Path, tmp_path: Path) -> None:
    other = committed(tmp_path / "other", FILES)
    assert git(other, "rev-parse", "HEAD:contracts") == git(project, "rev-parse", "HEAD:contracts")
    swap(other)
    assert FAULT in check(other).findings
    assert check(project).findings == []


def whole(place: Path) -> bool:
    """Tell whether all that is in the cache can be read, and nothing is left half written."""
    return all(crc32(path.read_bytes()[4:]).to_bytes(4) == path.read_bytes()[:4] for path in place.iterdir())


@pytest.mark.slow
def test_runs_at_the_same_time_do_not_disturb_each_other(tmp_path: Path, place: Path) -> None:
    folder = committed(tmp_path / "project", many(300))
    words: list[str | Path] = [COMMAND, "check", "--today", TODAY]
    for _ in range(3):
        runs = [subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(8)]
        outputs = [process.communicate(timeout=60) for process in runs]
        expected = uncached(folder)
        assert outputs == [(expected.out.encode(), b"")] * 8
        assert [process.returncode for process in runs] == [1] * 8
        assert whole(place)
        assert check(folder) == expected
        shutil.rmtree(place)


@pytest.mark.slow
def test_a_run_that_is_killed_leaves_nothing_that_a_later_one_would_believe(tmp_path: Path, place: Path) -> None:
    folder = committed(tmp_path / "project", many(600))
    expected, chance = uncached(folder), random.Random(7)  # noqa: S311  # moments, no secret
    start = time.monotonic()
    assert check(folder) == expected
    lasting = 2 * (time.monotonic() - start)
    ends = set()
    for _ in range(12):
        shutil.rmtree(place)
        words: list[str | Path] = [COMMAND, "check", "--today", TODAY]
        with subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL) as process:
            time.sleep(chance.uniform(0, lasting))
            process.kill()
        ends.add(process.returncode)
        assert check(folder) == expected
    assert -signal.SIGKILL in ends


TEXTS = [
    *(CONTRACT.format(name) for name in ("flights", "Flights", "total", "flights\n  - [")),
    CONTRACT.format("flights\n    properties: [{name: delay, logicalType: string, classification: confidential}]"),
    CONTRACT.format("trains\n    properties: [{name: delay, logicalType: integer}]"),
    *(CLEAN["README.md"], "# Nothing\n", "---\nowner: nobody\n---\n[x](none.md)\n", "\0"),
    *("create table flights (Delay int);\n", "create table flights (delay text);\n"),
    *("", "exclude: [docs/]\n", "names: {max_length: 5}\n", "overrides: [{paths: [b*], names: {max_length: 4}}]\n"),
    *("models: [late]\nowner: '@acme/flight-ops'\n", "* @acme/flight-ops\n", "- a\n"),
]
PATHS = [
    *("a.odcs.yaml", "b.odcs.yaml", "contracts/flights.odcs.yaml", "a.sql", "docs/a.md", "README.md"),
    *("sub/project.yaml", "sub/models/late/README.md", "standards.yaml", ".github/CODEOWNERS", "contracts/c.yaml"),
]
"""Each text may stand in each file: what is right in one is a fault in another."""


class Steps:
    """What people do in a repository, step by step; what git refuses is not done."""

    def __init__(self, folder: Path) -> None:
        """Begin in a repository."""
        self.folder = folder

    def write(self, path: str, text: str) -> None:
        """Write a text."""
        write(self.folder, {path: text})

    def delete(self, path: str, _: str) -> None:
        """Remove a file."""
        (self.folder / path).unlink(missing_ok=True)

    def rename(self, path: str, text: str) -> None:
        """Put a file where another was or was not."""
        other = PATHS[TEXTS.index(text) % len(PATHS)]
        if (self.folder / path).exists():
            (self.folder / other).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).rename(self.folder / other)

    def touch(self, path: str, _: str) -> None:
        """Give a file another time."""
        if (self.folder / path).exists():
            os.utime(self.folder / path)

    def mark(self, path: str, _: str) -> None:
        """Tell git not to look."""
        self._try("update-index", "--assume-unchanged", path)

    def stage(self, path: str, _: str) -> None:
        """Stage one file."""
        self._try("add", "--", path)

    def stage_all(self, *_: str) -> None:
        """Stage whatever has changed."""
        self._try("add", "--all")

    def commit(self, *_: str) -> None:
        """Commit whatever has changed."""
        self._try("add", "--all")
        self._try("commit", "--quiet", "--message", "Step")

    def branch(self, path: str, _: str) -> None:
        """Go to another branch, or make it."""
        name = f"branch{len(path) % 3}"
        self._try("checkout", "--quiet", "--force", name)
        self._try("checkout", "--quiet", "-b", name)

    def _try(self, *words: str) -> None:
        try:
            git(self.folder, *words)
        except subprocess.CalledProcessError:
            return


STEPS = [name for name in vars(Steps) if not name.startswith("_")]
STEP = st.tuples(st.sampled_from([*STEPS, "write", "write", "commit"]), st.sampled_from(PATHS), st.sampled_from(TEXTS))


@given(steps=st.lists(STEP, min_size=3, max_size=10))
@tries(0.1)
def test_whatever_happens_the_cache_is_not_seen(
    steps: list[tuple[str, str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = repository(tmp_path_factory.mktemp("steps"), CLEAN)
    git(folder, "commit", "--quiet", "--message", "As it was")
    doing = Steps(folder)
    for name, path, text in steps:
        getattr(doing, name)(path, text)
        assert check(folder) == uncached(folder)
