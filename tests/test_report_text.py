"""The report on a terminal, in a file, and for an editor; in a pipe it is held by test_cli.py."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

import pytest
from ml_checks import cli
from ml_checks.report.summary import summary
from ml_checks.report.terminal import cut, padded, width_of
from ml_checks.rules import FAMILIES, select
from ml_checks.values import Finding, Location

from tests.command import CLEAN, COMMAND, README, repository, run, spawn, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import RawIOBase
    from pathlib import Path

    from tests.command import Outcome

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
termios = pytest.importorskip("termios", reason="this system has no terminals")

FAMILY_PREFIXES = f"known are {', '.join(family.prefix for family in FAMILIES)}"
# Only these families, so that what others come to ask of a contract changes nothing here.
CHECK = ("check", "--select", "DOC,OWN,SCH")
CONTRACT = """\
team:
  name: "@acme/flight-ops"
schema:
  - name: {0}
    description: One row for each scheduled departure.
"""
EMPTY = README.replace("@acme/flight-ops\n", "")
FAULTY: dict[str, str | bytes] = {**CLEAN, "README.md": EMPTY}
ADVICE = """
DOC003: A required section of a page is empty.
  The heading promises an answer, and there is none. Write the answer; one sentence can be enough.

1 finding in 1 file.
"""
PLAIN = f"README.md:3:1: DOC003 section 'Owner' is empty\n{ADVICE}"
DULL = f"""\
README.md:3:1: DOC003 section 'Owner' is empty
  3 | ## Owner
    | ^
{ADVICE}"""
COLOURED = DULL
for shown, painted in (
    ("README.md:3:1", "\033[1mREADME.md:3:1\033[m"),
    ("DOC003", "\033[1;31mDOC003\033[m"),
    ("  3 |", "  \033[34m3\033[m \033[34m|\033[m"),
    ("    | ^", "    \033[34m|\033[m \033[1;31m^\033[m"),
):
    COLOURED = COLOURED.replace(shown, painted)


class Terminal(Protocol):
    """Checks a project on a terminal of so many columns; 0 if they are unknown."""

    def __call__(self, folder: Path, columns: int = 0, words: Sequence[str] = CHECK) -> str:
        """Return what is on the screen."""


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return a terminal that knows colours."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")

    def check(folder: Path, columns: int = 0, words: Sequence[str] = CHECK) -> str:
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, columns))
        with (
            os.fdopen(ours, "rb", buffering=0) as screen,
            os.fdopen(theirs, "w", encoding="utf-8") as out,
            ThreadPoolExecutor() as pool,  # a terminal takes no more than a page before somebody reads it
        ):
            shown = pool.submit(read_up_to_the_end, screen)
            with contextlib.chdir(folder), contextlib.redirect_stdout(out):
                cli.main(words)
            out.write("\0")  # the end, to read up to
            out.flush()
            return shown.result().decode().replace("\r\n", "\n")

    return check


def read_up_to_the_end(screen: RawIOBase) -> bytes:
    shown = b""
    while not shown.endswith(b"\0"):
        shown += screen.read(1000) or b""
    return shown[:-1]


def test_a_pipe_gets_plain_text(tmp_path: Path) -> None:
    assert spawn(repository(tmp_path, FAULTY), *CHECK, TERM="xterm").out == PLAIN


def test_a_terminal_gets_colour_and_the_line_at_fault(tmp_path: Path, terminal: Terminal) -> None:
    assert terminal(repository(tmp_path, FAULTY)) == COLOURED


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"NO_COLOR": "1"}, DULL),
        ({"NO_COLOR": ""}, COLOURED),
        ({"TERM": "dumb"}, DULL),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, COLOURED),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, DULL),
    ],
)
def test_the_environment_has_a_say_in_colours(
    environment: dict[str, str], expected: str, tmp_path: Path, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert terminal(repository(tmp_path, FAULTY)) == expected


@pytest.mark.parametrize(("environment", "expected"), [({}, PLAIN), ({"FORCE_COLOR": "1"}, COLOURED)])
def test_a_pipe_gets_colours_where_they_are_forced(
    environment: dict[str, str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert run(repository(tmp_path, FAULTY), *CHECK).out == expected


LONG = f"See [{'a' * 60}](gone.md) and {'b' * 60}."


@pytest.mark.parametrize(
    ("line", "columns", "excerpt"),
    [
        pytest.param("See [a](gone.md).", 80, ["See [a](gone.md).", "        ^"], id="a short line"),
        pytest.param("-\t[a](gone.md)", 80, ["- [a](gone.md)", "      ^"], id="a tab is one space"),
        pytest.param("[日本](gone.md)", 80, ["[日本](gone.md)", "       ^"], id="wide letters take two columns"),
        pytest.param("[e\u0301](gone.md)", 80, ["[e\u0301](gone.md)", "    ^"], id="an accent takes none"),
        pytest.param("[a\x1b[2J](gone.md)", 80, ["[a?[2J](gone.md)", "        ^"], id="a control is not passed on"),
        pytest.param(LONG, 80, ["a" * 22 + "](gone.md) and " + "b" * 37, " " * 24 + "^"], id="around the caret"),
        pytest.param(LONG, 0, [LONG[36:130], " " * 31 + "^"], id="a terminal that does not say how wide it is"),
        pytest.param(LONG, 9, ["aaaa](gone.md) and b", "      ^"], id="no terminal is so narrow"),
    ],
)
def test_a_caret_stands_below_what_is_wrong(
    line: str, columns: int, excerpt: list[str], tmp_path: Path, terminal: Terminal
) -> None:
    coloured = terminal(repository(tmp_path, {**CLEAN, "page.md": f"{line}\n"}), columns)
    shown = re.sub(r"\033\[[0-9;]*m", "", coloured).splitlines()
    assert shown[1:3] == [f"  1 | {excerpt[0]}", f"    | {excerpt[1]}"]


def test_a_value_is_marked_as_a_whole(tmp_path: Path, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    contract = CONTRACT.format("Flights") + "  - name: other\n    description: Other.\n"
    shown = terminal(repository(tmp_path, {**CLEAN, "contracts/flights.odcs.yaml": contract})).splitlines()
    assert shown[:9] == [
        "contracts/flights.odcs.yaml:4:11: SCH001 dataset 'Flights' is not written like 'departure_airport'",
        "  4 |   - name: Flights",
        "    |           ^^^^^^^",
        "contracts/flights.odcs.yaml:4:11: SCH011 dataset 'Flights' is in a file named 'flights'",
        "  4 |   - name: Flights",
        "    |           ^^^^^^^",
        "contracts/flights.odcs.yaml:7:18: DOC007 description 'Other.' repeats the name 'other'",
        "  7 |     description: Other.",
        "    |                  ^^^^^^",
    ]


def test_a_file_that_is_missing_or_ends_before_shows_no_line(tmp_path: Path, terminal: Terminal) -> None:
    files = {**CLEAN, "contracts/weather.odcs.yaml": "schema: ["}
    del files["README.md"]
    shown = terminal(repository(tmp_path, files))
    assert "|" not in shown
    assert shown.endswith("2 findings in 2 files.\n")


@pytest.mark.parametrize("name", ["text", "json"])
def test_a_report_goes_into_a_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    folder, file = repository(tmp_path / "project", FAULTY), tmp_path / "report"
    file.write_text("what was there before", "utf-8")
    outcome = run(folder, *CHECK, "--format", name, "--output", str(file))
    assert outcome == (1, f"1 finding, written to {file}\n", "")
    monkeypatch.delenv("FORCE_COLOR")
    assert file.read_text("utf-8") == run(folder, *CHECK, "--format", name).out
    assert sorted(tmp_path.iterdir()) == [folder, file]


def test_a_clean_report_goes_into_a_file_too(tmp_path: Path) -> None:
    folder, file = repository(tmp_path / "project", CLEAN), tmp_path / "report"
    assert run(folder, *CHECK, "--output", str(file)) == (0, f"0 findings, written to {file}\n", "")
    assert file.read_text("utf-8") == ""


@pytest.mark.parametrize("words", [["--format", "jsn"], ["--format=JSON"]])
def test_an_unknown_format_is_one_sentence(words: list[str], tmp_path: Path) -> None:
    outcome = run(repository(tmp_path, CLEAN), "check", *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err in {
        "ml-checks: there is no format 'jsn'; did you mean 'json'?\n",
        "ml-checks: there is no format 'JSON'; known are text, json, sarif, github, gitlab, junit\n",
    }


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("SHC", "did you mean 'SCH'?"),
        ("SCH040", "did you mean 'SCH010'?"),
        ("ONW001", "did you mean 'OWN001'?"),
        ("X9", FAMILY_PREFIXES),
        ("NOTHING", FAMILY_PREFIXES),
    ],
)
@pytest.mark.parametrize("words", [["check", "--select"], ["explain"]])
def test_an_unknown_code_is_answered_with_the_nearest(words: list[str], word: str, answer: str, tmp_path: Path) -> None:
    outcome = run(repository(tmp_path, CLEAN), *words, word)
    assert outcome == (2, "", f"ml-checks: no rule has a code that begins with {word!r}; {answer}\n")


def test_a_report_is_whole_whatever_is_staged(tmp_path: Path) -> None:
    many: dict[str, str | bytes] = {f"notes/{number}.txt": "note\n" for number in range(201)}
    folder = repository(tmp_path, {**FAULTY, **many})
    commit = ["git", "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "--message", "First"]
    subprocess.run(commit, cwd=folder, check=True)
    write(folder, {"notes/1.txt": "other\n"})
    subprocess.run(["git", "add", "notes"], cwd=folder, check=True)
    assert run(folder, *CHECK, "--if-staged") == (0, "", "")
    assert run(folder, *CHECK, "--if-staged", "--format", "gitlab").code == 1
    assert run(folder, *CHECK, "--if-staged", "--output", str(tmp_path / "report")).code == 1


UNKNOWN = "contract is owned by '@acme/nobody', whom .github/CODEOWNERS never names"


def edited(folder: Path, path: str, text: str | bytes, *words: str) -> Outcome:
    """Check a file whose unsaved text comes from an editor."""
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        return run(folder, *CHECK, "--stdin-filename", path, *words)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with a fault in another file than the one that is edited."""
    return repository(tmp_path, FAULTY)


@pytest.mark.parametrize(
    ("path", "text", "findings"),
    [
        pytest.param("README.md", README, [], id="a fault that is mended"),
        pytest.param(
            "README.md", f"\n{EMPTY}", ["README.md:4:1: DOC003 section 'Owner' is empty"], id="one that moved"
        ),
        pytest.param("README.md", b"\xef\xbb\xbf" + README.replace("\n", "\r\n").encode(), [], id="as Windows saves"),
        pytest.param("README.md", b"\xff", ["README.md:1:1: FIL001 is not UTF-8: byte 0xff"], id="no text"),
        pytest.param(
            "docs/new.md",
            "[a](../gone)\n",
            ["docs/new.md:1:5: DOC008 link to '../gone', which is not tracked"],
            id="a new file",
        ),
        pytest.param("guides/new.md", "[all](../guides)\n", [], id="a new file in a new folder"),
        pytest.param(
            "contracts/flights.odcs.yaml",
            CONTRACT.format("flights").replace("@acme/flight-ops", "@acme/nobody"),
            [f"contracts/flights.odcs.yaml:2:9: OWN002 {UNKNOWN}"],
            id="compared with other files",
        ),
        pytest.param(
            "contracts/another.odcs.yaml",
            CONTRACT.format("Flights"),
            [
                "contracts/another.odcs.yaml:4:11: SCH001 dataset 'Flights' is not written like 'departure_airport'",
                "contracts/another.odcs.yaml:4:11: SCH011 dataset 'Flights' is in a file named 'another'",
            ],
            id="a new contract",
        ),
    ],
)
def test_an_editor_gets_the_findings_in_what_it_has_not_saved(
    path: str, text: str | bytes, findings: list[str], project: Path
) -> None:
    outcome = edited(project, path, text)
    assert (outcome.findings, outcome.err) == (findings, "")
    assert outcome.code == (1 if findings else 0)


def test_an_editor_may_call_from_any_folder_and_ask_for_any_format(project: Path) -> None:
    outcome = edited(project / "contracts", "../README.md", EMPTY, "--format", "github")
    assert outcome.out.startswith("::error file=README.md,line=3,")


def test_the_line_of_an_unsaved_text_is_shown(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    assert edited(project, "README.md", f"\n{EMPTY}").out.splitlines()[1] == "  4 | ## Owner"


@pytest.mark.parametrize(
    ("path", "words", "complaint"),
    [
        ("README.md", ["docs"], "--stdin-filename reports on one file; leave out the other paths"),
        ("../outside.md", [], "--stdin-filename '../outside.md' is no file of this repository"),
        ("..", [], "--stdin-filename '..' is no file of this repository"),
        (".", [], "--stdin-filename '.' is no file of this repository"),
        ("contracts", [], "--stdin-filename 'contracts' is no file of this repository"),
    ],
)
def test_an_editor_that_names_no_one_file_gets_one_sentence(
    path: str, words: list[str], complaint: str, project: Path
) -> None:
    assert edited(project, path, "", *words) == (2, "", f"ml-checks: {complaint}\n")


def test_a_closed_standard_input_is_one_sentence(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = f"'{COMMAND}' check --stdin-filename README.md <&-"
    done = subprocess.run(["sh", "-c", words], cwd=project, capture_output=True, encoding="utf-8", check=False)
    complaint = "ml-checks: --stdin-filename reads standard input, which is closed\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", complaint)
    monkeypatch.setattr("sys.stdin", None)
    assert run(project, "check", "--stdin-filename", "README.md") == (2, "", complaint)


SCRIPT = "import sys; from ml_checks.cli import main; main(['check', '--select', 'DOC']); "


def test_a_clean_run_imports_nothing_for_reports(tmp_path: Path) -> None:
    code = f"{SCRIPT}print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=repository(tmp_path, CLEAN),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    imported = set(done.stdout.split())
    assert {name for name in imported if name.startswith(("ml_checks.report", "ml_checks.run.finger"))} == set()
    assert imported & {"json", "xml", "hashlib", "textwrap", "difflib", "unicodedata"} == set()


def test_plain_text_imports_no_other_format(tmp_path: Path) -> None:
    code = f"{SCRIPT}print(*sys.modules, file=sys.stderr)"
    folder = repository(tmp_path, FAULTY)
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, encoding="utf-8", check=True)
    imported = set(done.stderr.split())
    assert {name for name in imported if name.startswith("ml_checks.report.")} == {
        f"ml_checks.report.{name}" for name in ("model", "terminal", "text")
    }
    assert imported & {"json", "xml", "hashlib", "ml_checks.run.fingerprint"} == set()


MANY: dict[str, str | bytes] = {
    **CLEAN,
    **{
        f"contracts/flights_{number}.odcs.yaml": CONTRACT.format(f"flights_{number}").replace(
            "scheduled departure.\n", "scheduled departure.\n    properties:\n      - {name: dep_delay}\n"
        )
        for number in range(12)
    },
    "contracts/Größe.odcs.yaml": CONTRACT.format("Größe"),
}


def test_the_summary_is_one_row_for_each_rule(tmp_path: Path) -> None:
    folder = repository(tmp_path, MANY)
    outcome = run(folder, "check", "--select", "SCH001,SCH004,DOC005", "--summary")
    rows = [re.split(r" {2,}", row) for row in outcome.out.splitlines()]
    assert rows[0] == ["code", "findings", "files", "fault", "most often"]
    assert [(row[0], row[1], row[2], row[-1]) for row in rows[1:4]] == [
        ("DOC005", "12", "12", "dep_delay (12)"),
        ("SCH004", "12", "12", "dep_delay (12)"),
        ("SCH001", "1", "1", "Größe (1)"),
    ]
    assert rows[4:] == [[""], ["25 findings in 13 files."]]
    assert (outcome.code, max(map(len, outcome.out.splitlines())) <= 120) == (1, True)


def test_a_row_has_no_names_where_messages_have_none() -> None:
    select(["OWN011"])
    found = [Finding(Location(".github/CODEOWNERS", 1, 1), "OWN011", "no CODEOWNERS file, so nobody owns any file")]
    assert summary(found) == [
        ("OWN011", "There is no CODEOWNERS file that the host reads, or no line in it that counts.", 1, 1, ())
    ]


def test_a_summary_of_nothing_is_the_count(tmp_path: Path) -> None:
    folder = repository(tmp_path, CLEAN)
    assert run(folder, "check", "--summary") == (0, "0 findings in 0 files.\n", "")


def test_past_a_screenful_a_report_on_a_terminal_ends_with_the_table(
    tmp_path: Path, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    folder = repository(tmp_path, MANY)
    shown = terminal(folder, 80, ("check", "--select", "SCH001,SCH004,DOC005")).splitlines()
    assert max(map(width_of, shown[-6:])) <= 80
    assert [row.split()[0] for row in shown[-6:-2]] == ["code", "DOC005", "SCH004", "SCH001"]
    assert shown[-1] == "25 findings in 13 files."
    assert "most often" not in terminal(folder, 80, ("check", "--select", "SCH001"))


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [("short", 5, "short"), ("a longer text", 8, "a lon..."), ("日本語の文", 8, "日本..."), ("", 3, "")],
)
def test_a_text_is_cut_to_the_columns_that_it_takes(text: str, room: int, shown: str) -> None:
    assert cut(text, room) == shown
    assert width_of(padded(shown, room)) == room
