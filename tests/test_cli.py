"""The command as a user meets it: what it prints, word for word, and its exit codes."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import runpy
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from ml_checks import cli
from ml_checks.__main__ import program
from ml_checks.rules import FAMILIES
from ml_checks.rules.owner_declared import owner_missing
from ml_checks.rules.registry import RULES, rule
from ml_checks.rules.run import BASELINE
from ml_checks.values import Location

from tests.command import CLEAN, COMMAND, CONTRACT, README, TODAY, repository, run, spawn, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.project.project import Project

FULL = Path("/dev/full")
FAULTY: dict[str, str | bytes] = {
    **CLEAN,
    "README.md": README.replace("@acme/flight-ops\n", "").replace("`late run`", "See [how](docs/run.md)."),
    "contracts/flights.odcs.yaml": CONTRACT.format("Flights").replace("flight-ops", "flight-op"),
    "contracts/weather.odcs.yaml": "schema: [\n",
}
REPORT = """\
README.md:3:1: DOC003 section 'Owner' is empty
README.md:8:11: DOC008 link to 'docs/run.md', which is not tracked
contracts/flights.odcs.yaml:2:9: OWN002 contract is owned by '@acme/flight-op', whom .github/CODEOWNERS never names
contracts/flights.odcs.yaml:4:11: SCH001 dataset 'Flights' is not written like 'departure_airport'
contracts/flights.odcs.yaml:4:11: SCH011 dataset 'Flights' is in a file named 'flights'
contracts/weather.odcs.yaml:2:1: FIL001 is not valid YAML: while parsing a flow node, did not find expected node content

DOC003: A required section of a page is empty.
  The heading promises an answer, and there is none. Write the answer; one sentence can be enough.

DOC008: A page or a contract refers to a file that is not in the repository.
  The reader finds nothing there. Correct the link, or remove it together with its promise.

FIL001: A file that the checks need cannot be read.
  No rule has checked this file, and other tools will not read it either. Correct the syntax, save it as
  UTF-8, or split it.

OWN002: CODEOWNERS does not know the owner of a component.
  No pull request is ever sent to this name. Use the handle that CODEOWNERS uses, or add the owner there.

SCH001: A dataset's name does not follow the naming pattern.
  Every query, path and job repeats the name, and an odd one needs quotes or a second look. Rename the
  dataset, and its file with it, before anyone reads it.

SCH011: A contract's file is not named after its dataset.
  People look for the contract of a dataset by its name. Rename the file to `<dataset>.odcs.yaml`.

6 findings in 3 files.
"""


FIRST = "write the command first, such as `ml-checks check`"
PRUNE_OF = "it is one of `ml-checks baseline`"
FORMAT_OF = "it is one of `ml-checks check`, `ml-checks owners`, `ml-checks adopt`"
SUMMARY_IN_JSON = "JSON has the same under `summary`: leave out one of the two options"


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """Return a project without a fault."""
    return repository(tmp_path / "clean", CLEAN)


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """Return a project with several faults."""
    return repository(tmp_path / "faulty", FAULTY)


def test_findings_come_in_order_then_what_to_do_then_the_count(faulty: Path) -> None:
    assert spawn(faulty, "check") == (1, REPORT, "")


def test_one_finding_is_counted_in_the_singular(faulty: Path) -> None:
    assert spawn(faulty, "check", "README.md", "--select", "DOC003").out.endswith("\n\n1 finding in 1 file.\n")


def test_a_clean_project_prints_nothing(clean: Path) -> None:
    assert spawn(clean, "check") == (0, "", "")


USAGE = """\
Hold a machine-learning repository to the standards of its company.

  ml-checks check [PATH...]    check the files that git tracks
  ml-checks explain CODE       say why a rule exists and what to do
  ml-checks rules              list all rules
  ml-checks owners PATH...     say who owns a path, and by which line
  ml-checks waivers            list the waivers: by whom, why and until when
  ml-checks baseline           allow today's findings, or remove the fixed ones
  ml-checks adopt              plan what brings an old repository in, or do it
  ml-checks server             start the language server for an editor
  ml-checks standards [KEY...] show the values in force, and where each is written

`ml-checks COMMAND --help` lists the options of a command; `ml-checks --version` prints the version.
Findings about files are kept in the user's cache folder, so that an unchanged file is not read again.
ML_CHECKS_CACHE names another folder; if it is empty, nothing is kept.
Exit codes: 0 no findings, 1 findings, 2 wrong usage or configuration, or something could not be checked,
3 a rule crashed, 4 nothing to check.
"""
HELP_ON_BASELINE = """\
ml-checks baseline: allow today's findings, or remove the fixed ones

  --prune               take the fixed findings out, instead of beginning a baseline
  --update              do that, and add what new rules and words find in the last commit, too
  --base REF            compare with where the branch left REF, not with the last commit
  --today YYYY-MM-DD    judge as on this day
  -h, --help            show this text
"""


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_is_the_usage(word: str, clean: Path) -> None:
    assert run(clean, word) == (0, USAGE, "")


def test_a_project_with_a_command_of_its_own_is_told_to_type_that(
    faulty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ML_CHECKS_COMMAND", "uv run late checks")
    usage = spawn(faulty, "--help").out
    assert usage.splitlines()[2] == "  uv run late checks check [PATH...]    check the files that git tracks"
    assert "`uv run late checks COMMAND --help` lists" in usage
    assert spawn(faulty, "rules", "-s").err.startswith("ml-checks: `uv run late checks rules` has no option")
    assert "Run `uv run late checks baseline --prune`." in spawn(faulty, "explain", "REV007").out
    spawn(faulty, "baseline")
    written = (faulty / BASELINE).read_text("utf-8")
    assert "`uv run late checks baseline --prune`" in written
    assert spawn(faulty, "rules").out == run(faulty, "rules").out


def test_no_command_is_the_usage_and_an_error(clean: Path) -> None:
    assert run(clean) == (2, USAGE, "")


@pytest.mark.parametrize("words", [["-h"], ["--help"], ["--prune", "-h"], ["word", "--nope", "--help"]])
def test_help_on_a_command_names_its_options(words: list[str], clean: Path) -> None:
    assert run(clean, "baseline", *words) == (0, HELP_ON_BASELINE, "")


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help_that_fits_on_a_terminal(name: str, clean: Path) -> None:
    outcome = run(clean, name, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert max(map(len, outcome.out.splitlines())) <= 100
    assert [f"--{word}" for word in re.findall(r"^  --(\S+)", outcome.out, re.MULTILINE)] == [
        option.name for option in cli.COMMANDS[name].options
    ]


def test_the_version_is_that_of_the_package(clean: Path, version: str) -> None:
    assert run(clean, "--version") == (0, f"ml-checks {version}\n", "")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["chekc"], "there is no command 'chekc'; did you mean 'check'?"),
        (["xyz", "--help"], f"there is no command 'xyz'; known are {', '.join(cli.COMMANDS)}"),
        (
            ["--if-staged"],
            "'--if-staged' stands before the command; write the command first, such as `ml-checks check`",
        ),
        (["check", "--selct", "SCH"], "`ml-checks check` has no option '--selct'; did you mean '--select'?"),
        (["rules", "-s"], "`ml-checks rules` has no option '-s'; known are --help"),
        (["check", "--prune"], "`ml-checks check` has no option '--prune'; it is one of `ml-checks baseline`"),
        (["waivers", "--format", "json"], f"`ml-checks waivers` has no option '--format'; {FORMAT_OF}"),
        (["baseline", "--format", "sarif", "extra"], f"`ml-checks baseline` has no option '--format'; {FORMAT_OF}"),
        (
            ["explain", "OWN001", "--prune"],
            "`ml-checks explain` has no option '--prune'; it is one of `ml-checks baseline`",
        ),
        (["baseline", "extra", "words"], "'extra' is one word too many: `ml-checks baseline`"),
        (["rules", "foo"], "'foo' is one word too many: `ml-checks rules`"),
        (["baseline", "--prune=yes"], "option '--prune' takes no value; write '--prune' alone"),
        (["check", "--today", TODAY, "--today", TODAY], "option '--today' is given twice; give it once"),
        (["check", "--select"], "option '--select' needs a value: `--select CODES`"),
        (["check", "--select", ", "], "option '--select' needs a value: `--select CODES`"),
        (["check", "--today="], "option '--today' needs a value: `--today YYYY-MM-DD`"),
        (["check", "--summary", "--format", "json"], f"--summary is a text; {SUMMARY_IN_JSON}"),
        (["owners", "--format", "sarif", "a"], "`ml-checks owners` has no format 'sarif'; known are text, json, azure"),
        (["owners"], "`ml-checks owners` needs a word: `ml-checks owners PATH...`"),
        (["check", "--today", "31.1.2026"], "--today '31.1.2026' is not a day such as 2026-01-31"),
        (["check", "--today=2026-02-30"], "--today '2026-02-30' is not a day such as 2026-01-31"),
        (
            ["check", "--select", "SCH,ABC"],
            "no rule has a code that begins with 'ABC'; known are SCH, CON, OWN, DOC, PRC, TRC, INF, REV, FIL",
        ),
        (["explain"], "`ml-checks explain` needs a word: `ml-checks explain CODE`"),
        (["explain", "OWN001", "OWN002"], "'OWN002' is one word too many: `ml-checks explain CODE`"),
        (["explain", "own"], "'own' is the beginning of several codes; `ml-checks rules` lists them"),
        (["explain", "OWN999"], "no rule has a code that begins with 'OWN999'; did you mean 'OWN009'?"),
    ],
)
def test_a_wrong_word_is_one_sentence(words: list[str], complaint: str, clean: Path) -> None:
    assert run(clean, *words) == (2, "", f"ml-checks: {complaint}\n")


def test_explain_says_why_and_what_to_do_whatever_the_case_of_the_code(tmp_path: Path) -> None:
    assert run(tmp_path, "explain", "doc003") == (
        0,
        (
            "DOC003: A required section of a page is empty.\n\n"
            "The heading promises an answer, and there is none. Write the answer; one sentence can be enough.\n\n"
            "https://github.com/org/ml-template/blob/main/docs/rules.md#doc003\n"
        ),
        "",
    )


def test_rules_lists_every_rule_under_its_family(tmp_path: Path) -> None:
    outcome = run(tmp_path, "rules")
    lines = outcome.out.splitlines()
    assert lines[:2] == [
        "SCH schema-naming: names and types that a whole company shares",
        "  SCH001  A dataset's name does not follow the naming pattern.",
    ]
    assert [line.split()[0] for line in lines if line.startswith("  ")] == [
        code for family in FAMILIES for code in sorted(RULES) if code.startswith(family.prefix)
    ]
    assert (outcome.code, outcome.err) == (0, "")


@pytest.mark.parametrize(
    ("selected", "codes"),
    [
        ("SCH", ["SCH001", "SCH011", "FIL001"]),
        ("sch001", ["SCH001", "FIL001"]),
        ("DOC003, OWN", ["DOC003", "OWN002", "FIL001"]),
        ("DOC", ["DOC003", "DOC008", "FIL001"]),
        ("FIL", ["FIL001"]),
        ("F", ["FIL001"]),
    ],
)
def test_select_takes_codes_that_begin_so_and_what_cannot_be_read(
    selected: str, codes: list[str], faulty: Path
) -> None:
    found = {line.split()[1] for line in run(faulty, "check", "--select", selected).findings}
    assert found == set(codes)


@pytest.mark.parametrize(
    ("folder", "paths", "files"),
    [
        (".", ["."], {"README.md", "contracts/flights.odcs.yaml", "contracts/weather.odcs.yaml"}),
        (".", [""], {"README.md", "contracts/flights.odcs.yaml", "contracts/weather.odcs.yaml"}),
        (".", ["contracts"], {"contracts/flights.odcs.yaml", "contracts/weather.odcs.yaml"}),
        (".", ["contracts/"], {"contracts/flights.odcs.yaml", "contracts/weather.odcs.yaml"}),
        (".", ["README.md", "contracts/flights.odcs.yaml"], {"README.md", "contracts/flights.odcs.yaml"}),
        (".", ["--", "README.md"], {"README.md"}),
        ("contracts", [], {"README.md", "contracts/flights.odcs.yaml", "contracts/weather.odcs.yaml"}),
        ("contracts", ["."], {"contracts/flights.odcs.yaml", "contracts/weather.odcs.yaml"}),
        ("contracts", ["../README.md"], {"README.md"}),
        ("contracts", ["weather.odcs.yaml"], {"contracts/weather.odcs.yaml"}),
        (".", [".github"], set()),
    ],
)
def test_paths_limit_what_is_reported(folder: str, paths: list[str], files: set[str], faulty: Path) -> None:
    outcome = run(faulty / folder, "check", *paths)
    assert {line.partition(":")[0] for line in outcome.findings} == files
    assert (outcome.code, outcome.err) == (1 if files else 0, "")


def test_a_path_may_lead_through_a_link(faulty: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(faulty)
    assert run(faulty, "check", str(tmp_path / "link" / "README.md")).findings == REPORT.splitlines()[:2]


@pytest.mark.parametrize("path", ["no/such.yaml", "contract", "..", "/", "a\nb"])
def test_a_path_that_git_does_not_track_is_nothing_to_check(path: str, clean: Path) -> None:
    outcome = run(clean, "check", "README.md", path)
    assert outcome == (4, "", f"ml-checks: git tracks nothing under {path!r}\n")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("exlude: [vendor/]\n", "1:1: unknown key 'exlude'; did you mean 'exclude'?"),
        ("# Ours.\n\nglosary: {}\n", "3:1: unknown key 'glosary'; did you mean 'glossary'?"),
        ("exclude: vendor/\n", '1:1: "vendor/" is not of type "array"'),
        ("exclude:\n", '1:1: null is not of type "array"'),
        ('exclude: ["!vendor/"]\n', '1:11: "!vendor/" does not match "^[^!]"'),
        ("exclude: [{a: b}]\n", '1:11: {"a":"b"} is not of type "string"'),
        ("exclude: [a]\nexclude: [b]\n", "2:1: key 'exclude' is there already, on line 1"),
        ("exclude: [\n", "2:1: is not valid YAML: while parsing a flow node, did not find expected node content"),
        ("- vendor/\n", "1:1: is not one mapping with keys such as `exclude:`"),
        ("exclude: [a]\n---\nexclude: [b]\n", "1:1: is not one mapping with keys such as `exclude:`"),
    ],
)
def test_a_fault_in_the_projects_standards_is_told_with_its_place(text: str, complaint: str, clean: Path) -> None:
    write(clean, {"standards.yaml": text})
    assert run(clean, "check") == (2, "", f"ml-checks: standards.yaml:{complaint}\n")


@pytest.mark.parametrize("text", ["", "# Nothing yet.\n", "---\n", "{}\n"])
def test_standards_that_are_empty_add_nothing(text: str, faulty: Path) -> None:
    write(faulty, {"standards.yaml": text})
    assert run(faulty, "check") == (1, REPORT, "")


def test_what_the_standards_exclude_is_left_alone(faulty: Path) -> None:
    write(faulty, {"standards.yaml": "exclude: [contracts/]\n"})
    assert run(faulty, "check").findings == REPORT.splitlines()[:2]


@pytest.fixture
def crashing() -> None:
    """Register a rule that fails after its first finding."""

    @rule("SCH999")
    def fault_of_ours(project: Project) -> Iterator[tuple[Location, str]]:
        yield Location("README.md", 1, 1), "found before the crash"
        raise KeyError("line 1\nline 2", project.paths[0])


@pytest.mark.usefixtures("rules_taken_back", "crashing")
def test_a_rule_that_crashes_is_told_in_a_line_and_silences_no_other(faulty: Path) -> None:
    outcome = run(faulty, "check")
    assert outcome.findings == ["README.md:1:1: SCH999 found before the crash", *REPORT.splitlines()[:6]]
    assert outcome.code == 3
    assert outcome.err.startswith("ml-checks: SCH999 crashed in test_cli.py:")
    assert outcome.err.endswith(
        ": KeyError: ('line 1\\nline 2', '.github/CODEOWNERS'). "
        "The fault is in ml-checks; everything else was checked\n"
    )
    assert outcome.err.count("\n") == 1


def test_a_code_is_given_to_one_rule_only() -> None:
    with pytest.raises(ValueError, match="two rules have the code OWN001"):
        rule("OWN001")(owner_missing)


def test_the_words_come_from_the_command_line_where_none_are_given(
    clean: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(clean)
    monkeypatch.setattr("sys.argv", ["ml-checks", "check", "--today", TODAY])
    assert (cli.main(), *capsys.readouterr()) == (0, "", "")


def test_a_reader_that_has_read_enough_gets_no_complaint(faulty: Path) -> None:
    with subprocess.Popen([COMMAND, "check"], cwd=faulty, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", 2)


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_one_sentence(faulty: Path) -> None:
    with FULL.open("wb") as full:
        done = subprocess.run([COMMAND, "check"], cwd=faulty, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (2, b"ml-checks: cannot go on: No space left on device\n")


def test_within_a_process_too(faulty: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as closed, contextlib.redirect_stdout(closed):
        assert run_bare(faulty) == 2
    with FULL.open("w", encoding="utf-8") as full, contextlib.redirect_stdout(full):
        assert run_bare(faulty) == 2
    with contextlib.redirect_stdout(None):
        assert run_bare(faulty) == 1


def run_bare(folder: Path) -> int:
    with contextlib.chdir(folder):
        return cli.main(["check"])


def test_a_standard_output_that_was_closed_before_changes_no_exit_code(faulty: Path) -> None:
    done = subprocess.run(["sh", "-c", f"'{COMMAND}' check >&- 2>&-"], cwd=faulty, check=False)
    assert done.returncode == 1


def test_what_the_terminal_cannot_show_is_escaped(tmp_path: Path) -> None:
    project = repository(tmp_path, {**CLEAN, "docs/Gepäck\a.md": "[Kofferräume](größe.md)\n"})
    outcome = spawn(project, "check", PYTHONIOENCODING="ascii")
    assert outcome.findings == ["docs/Gep\\xe4ck\\x07.md:1:15: DOC008 link to 'gr\\xf6\\xdfe.md', which is not tracked"]
    assert spawn(project, "check", PYTHONIOENCODING="utf-8").findings == [
        "docs/Gepäck\\x07.md:1:15: DOC008 link to 'größe.md', which is not tracked"
    ]


@pytest.mark.parametrize(("words", "code"), [(["rules"], 0), (["check", "--nope"], 2)])
def test_the_program_prints_all_and_ends_with_the_code_of_the_run(
    words: list[str], code: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "_exit", sys.exit)  # to end here would end the tests
    monkeypatch.setattr(sys, "argv", ["ml-checks", *words])
    for start in (program, partial(runpy.run_path, program.__code__.co_filename, run_name="__main__")):
        with pytest.raises(SystemExit) as ended:
            start()
        assert (ended.value.code, gc.isenabled()) == (code, False)
        gc.enable()
        assert bool(capfd.readouterr().out) is (code == 0)


def test_a_program_whose_output_is_closed_still_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "_exit", sys.exit)
    monkeypatch.setattr(cli, "main", lambda: 1)
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(SystemExit) as ended:
        program()
    gc.enable()
    assert ended.value.code == 1


def test_who_interrupts_gets_one_line(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setitem(cli.COMMANDS, "rules", cli.COMMANDS["rules"]._replace(run=interrupted))
    assert cli.main(["rules"]) == 130
    assert capfd.readouterr() == ("", "ml-checks: interrupted\n")
