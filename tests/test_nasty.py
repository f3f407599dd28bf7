"""What no checker expects: each one finding or nothing, no traceback, no hang, and no later file lost."""

from __future__ import annotations

import os
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from tests.command import CLEAN, COMMAND, CONTRACT, repository, run, spawn, write
from tests.conftest import git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LATER = "contracts/zones.odcs.yaml"
LOST = f"{LATER}:4:5: DOC005 dataset 'zones' has no description"
FAULTY: dict[str, str | bytes] = {
    **CLEAN,
    LATER: CONTRACT.format("zones").replace("    description: One row for each scheduled departure.\n", ""),
}
BAD = "contracts/nasty.odcs.yaml"
NO_MAPPING = "where a data contract is one mapping"
BOMB = "has aliases that unfold to more than 100,000 values"
DEEP = "nests more than 100 levels deep"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with one fault, in the last of its contracts."""
    return repository(tmp_path / "project", FAULTY)


def findings(folder: Path) -> list[str]:
    """Check a folder in a process of its own, as a crash of the interpreter would take ours with it.

    What ODCS misses in a nasty contract is left out.
    """
    outcome = spawn(folder, "check")
    assert (outcome.code, outcome.err) == (1, "")
    return [line for line in outcome.findings if ": CON001 " not in line]


def bomb(width: int, height: int) -> str:
    lines = [f"a{row}: &a{row} [{', '.join([f'*a{row - 1}'] * width) if row else 'x'}]" for row in range(height)]
    return "\n".join(lines)


UNREADABLE: dict[str, tuple[str | bytes, str]] = {
    "a syntax error": ("a: [1", "2:1: FIL001 {} while parsing a flow sequence, did not find expected ',' or ']'"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", "1:1: FIL001 is not UTF-8: byte 0x89"),
    "bytes": (b"\0\1\2\3", "1:1: FIL001 {} control characters are not allowed"),
    "UTF-16": ("a: 1\n".encode("utf-16"), "1:1: FIL001 is UTF-16; save it as UTF-8"),
    "Latin-1": ("a: é\nb: è\n".encode("latin-1"), "1:4: FIL001 is not UTF-8: byte 0xe9"),
    "Latin-1 behind a BOM": (b"\xef\xbb\xbfa: \xc3\xa9\nb: \xe9\n", "2:4: FIL001 is not UTF-8: byte 0xe9"),
    "empty": ("", f"1:1: FIL005 holds nothing, {NO_MAPPING}"),
    "a comment": ("# later\n", f"1:1: FIL005 holds nothing, {NO_MAPPING}"),
    "a list": ("- a\n", f"1:1: FIL005 holds a list, {NO_MAPPING}"),
    "a word": ("a\n", f"1:1: FIL005 holds a single value, {NO_MAPPING}"),
    "two documents": ("a: 1\n---\nb: 2\n", f"1:1: FIL005 holds 2 documents, {NO_MAPPING}"),
    "a key and a value": ("a: 1\n", "1:1: OWN001 contract declares no owner"),
    "a key twice": (
        f"{CONTRACT.format('nasty')}kind: DataContract\n",
        "11:1: FIL002 key 'kind' is there already, on line 7",
    ),
    "an alias bomb": (bomb(9, 9), f"6:5: FIL001 {BOMB}"),
    "an alias to itself": ("a: &a [*a]", f"1:4: FIL001 {BOMB}"),
    "100,000 brackets": ("[" * 100_000, f"1:100: FIL001 {DEEP}"),
    "100,000 brackets that are closed": ("[" * 100_000 + "]" * 100_000, f"1:100: FIL001 {DEEP}"),
    "100,000 dashes": ("- " * 100_000, f"1:199: FIL001 {DEEP}"),
    "100,000 colons": ("a: " * 100_000, "1:5: FIL001 {} mapping values are not allowed in this context"),
    "10 MB": ("#" * 10_000_000, "1:1: FIL001 has 10.0 MB; no more than 2 MB is read"),
    "a tab": (
        "a:\n\tb: 1\n",
        "2:1: FIL001 {} while scanning for the next token, found character that cannot start any token",
    ),
    "a conflict": (
        "<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> other\n",
        "2:2: FIL001 {} mapping values are not allowed in this context",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_contract_that_is_none_is_one_finding(name: str, project: Path) -> None:
    content, found = UNREADABLE[name]
    write(project, {BAD: content})
    git(project, "add", ".")
    assert findings(project) == [f"{BAD}:{found.replace('{}', 'is not valid YAML:')}", LOST]


@pytest.mark.parametrize("change", [lambda text: b"\xef\xbb\xbf" + text, lambda text: text.replace(b"\n", b"\r\n")])
def test_a_byte_order_mark_and_the_line_ends_of_windows_change_no_place(
    change: Callable[[bytes], bytes], project: Path
) -> None:
    for path in (LATER, "README.md", ".github/CODEOWNERS"):
        (project / path).write_bytes(change((project / path).read_bytes()))
    assert findings(project) == [LOST]


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        (b"a b.odcs.yaml", "a b.odcs.yaml"),
        (b"a\nb.odcs.yaml", "a\\nb.odcs.yaml"),
        (b"-a.odcs.yaml", "-a.odcs.yaml"),
        (b"--help.odcs.yaml", "--help.odcs.yaml"),
        (b":(glob)*.odcs.yaml", ":(glob)*.odcs.yaml"),
        (b"\xff.odcs.yaml", "\\udcff.odcs.yaml"),
        (b"\x1b[31m.odcs.yaml", "\\x1b[31m.odcs.yaml"),
        ("ö\u202e.odcs.yaml".encode(), "ö\\u202e.odcs.yaml"),
        (b"'\"$(x).odcs.yaml", "'\"$(x).odcs.yaml"),
    ],
)
def test_a_file_may_have_any_name(name: bytes, printed: str, project: Path) -> None:
    (project / os.fsdecode(name)).write_text("team:\n", "utf-8")
    git(project, "add", ".")
    assert set(findings(project)) == {f"{printed}:1:1: OWN001 contract declares no owner", LOST}


def test_links_are_not_followed(project: Path) -> None:
    (project / "contracts/dangling.odcs.yaml").symlink_to("nowhere")
    (project / "contracts/looping.odcs.yaml").symlink_to("looping.odcs.yaml")
    (project / "contracts/outside.odcs.yaml").symlink_to("/dev/zero")
    git(project, "add", ".")
    assert findings(project) == [LOST]


def test_a_folder_may_be_named_like_a_file(project: Path) -> None:
    write(project, {"contracts/a.yaml/b.txt": "", "project.yaml/b.txt": "a: 1", "CODEOWNERS/b.txt": "", "README/b": ""})
    git(project, "add", ".")
    # A pattern that matches a folder means what is in it, as in CODEOWNERS.
    assert findings(project) == [
        f"contracts/a.yaml/b.txt:1:1: FIL005 holds nothing, {NO_MAPPING}",
        LOST,
        "project.yaml/README.md:1:1: DOC001 the project has no README.md",
        "project.yaml/b.txt:1:1: OWN001 charter declares no owner",
    ]


def replace_by_folder(path: Path) -> None:
    path.mkdir()


def replace_by_pipe(path: Path) -> None:
    os.mkfifo(path)


def replace_by_link(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("replace", [replace_by_folder, replace_by_pipe, replace_by_link])
def test_a_tracked_file_that_is_none_any_more_is_one_finding(replace: Callable[[Path], None], project: Path) -> None:
    (project / "contracts/flights.odcs.yaml").unlink()
    replace(project / "contracts/flights.odcs.yaml")
    assert findings(project) == ["contracts/flights.odcs.yaml:1:1: FIL001 is no regular file in the work tree", LOST]


@pytest.mark.parametrize("replace", [replace_by_folder, replace_by_pipe, replace_by_link])
def test_standards_that_are_no_file_are_one_sentence(replace: Callable[[Path], None], project: Path) -> None:
    replace(project / "standards.yaml")
    outcome = spawn(project, "check")
    assert outcome == (2, "", "ml-checks: standards.yaml:1:1: is no regular file in the work tree\n")


def test_a_folder_that_is_a_file_now_is_a_finding_for_what_was_in_it(project: Path) -> None:
    write(project, {"notes/a.odcs.yaml": "a: 1\n"})
    git(project, "add", ".")
    (project / "notes/a.odcs.yaml").unlink()
    (project / "notes").rmdir()
    (project / "notes").write_text("now a file", "utf-8")
    assert findings(project) == [LOST, "notes/a.odcs.yaml:1:1: FIL001 cannot be read: Not a directory"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_we_may_not_read_is_one_finding(project: Path) -> None:
    (project / "contracts/flights.odcs.yaml").chmod(0)
    assert findings(project) == ["contracts/flights.odcs.yaml:1:1: FIL001 cannot be read: Permission denied", LOST]


def test_files_that_are_deleted_in_the_work_tree_are_passed_over(project: Path) -> None:
    (project / "contracts/flights.odcs.yaml").unlink()
    assert findings(project) == [LOST]
    (project / ".github/CODEOWNERS").unlink()
    assert findings(project) == [".github/CODEOWNERS:1:1: OWN011 no CODEOWNERS file, so nobody owns any file", LOST]


def test_files_may_come_and_go_during_the_run(project: Path) -> None:
    flights, over = project / "contracts/flights.odcs.yaml", threading.Event()
    content = flights.read_bytes()

    def flicker() -> None:
        while not over.is_set():
            flights.unlink()
            flights.write_bytes(content)

    thread = threading.Thread(target=flicker)
    thread.start()
    try:
        for _ in range(10):
            # Read while it is being written it may hold nothing yet.
            assert [line for line in findings(project) if "holds nothing" not in line] == [LOST]
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("programs", ["", "folder", "file"])
def test_without_git_it_says_what_is_missing(programs: str, project: Path, tmp_path: Path) -> None:
    write(tmp_path, {"folder/git": "not a program", "file": ""})
    outcome = spawn(project, "check", PATH=str(tmp_path / programs))
    said = "ml-checks: git is not on the PATH; install it, the checks ask it which files are tracked\n"
    assert outcome == (2, "", said)


def test_outside_a_repository_it_says_what_to_do(tmp_path: Path) -> None:
    outcome = run(tmp_path, "check")
    assert outcome == (2, "", "ml-checks: '.' is in no git work tree; run `git init` and `git add .` first\n")


def test_a_bare_repository_has_no_work_tree(project: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(project), "bare.git")
    assert run(tmp_path / "bare.git", "check").code == 2


def test_a_repository_that_git_refuses_is_told_in_gits_words(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": "nonsense"})
    outcome = run(tmp_path, "check")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("ml-checks: git refuses: fatal: not a git repository")
    assert outcome.err.count("\n") == 1


def test_a_folder_that_is_gone_is_one_sentence(project: Path) -> None:
    script = f"mkdir gone && cd gone && rmdir ../gone && '{COMMAND}' check"
    done = subprocess.run(["sh", "-c", script], cwd=project, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (2, b"ml-checks: cannot go on: No such file or directory\n")


def test_an_empty_repository_has_no_readme(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert findings(tmp_path) == ["README.md:1:1: DOC001 the project has no README.md"]


def test_committed_or_not_makes_no_difference(project: Path) -> None:
    git(project, "commit", "--quiet", "--message", "All of it")
    assert findings(project) == [LOST]


def test_a_submodule_is_not_entered_and_links_into_it_hold(project: Path, tmp_path: Path) -> None:
    part = repository(tmp_path / "part", {"a.odcs.yaml": "a: 1\n"})
    git(part, "commit", "--quiet", "--message", "A part")
    git(project, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(part), "vendor/part")
    with (project / "README.md").open("a", encoding="utf-8") as readme:
        readme.write("\n[A part](vendor/part/README.md), [itself](vendor/part), [none](vendor/other.md)\n")
    assert findings(project) == ["README.md:15:64: DOC008 link to 'vendor/other.md', which is not tracked", LOST]
    assert findings(project / "vendor/part")[-1] == "a.odcs.yaml:1:1: OWN001 contract declares no owner"


def test_a_path_in_conflict_is_read_once(project: Path) -> None:
    git(project, "commit", "--quiet", "--message", "All of it")
    git(project, "branch", "other")
    for branch, stop in (("", "yes"), ("other", "no")):
        if branch:
            git(project, "checkout", "--quiet", branch)
        write(project, {"contracts/flights.odcs.yaml": CONTRACT.format("flights") + f"x: {stop}\n"})
        git(project, "commit", "--quiet", "--all", "--message", "Change a line")
    with pytest.raises(subprocess.CalledProcessError):
        git(project, "merge", "-")
    found = findings(project)
    assert [line.split(" ")[:2] for line in found[:-1]] == [["contracts/flights.odcs.yaml:12:1:", "FIL001"]]
    assert found[-1] == LOST


def test_a_linked_work_tree_and_a_folder_in_it_are_checked(project: Path, tmp_path: Path) -> None:
    git(project, "commit", "--quiet", "--message", "All of it")
    git(project, "worktree", "add", "--quiet", str(tmp_path / "linked"))
    write(tmp_path / "linked", {"standards.yaml": f"exclude: [/{LATER}]\n"})
    assert spawn(tmp_path / "linked/contracts", "check") == (0, "", "")
    assert findings(project / "contracts") == [LOST]


@pytest.mark.parametrize("words", [["--", "README.md"], ["--all"], []], ids=["a path", "all", "what is staged"])
def test_a_hook_checks_what_is_about_to_be_committed(words: list[str], project: Path, tmp_path: Path) -> None:
    git(project, "commit", "--quiet", "--message", "All of it")
    git(project, "worktree", "add", "--quiet", str(tmp_path / "linked"))
    for folder in (project, tmp_path / "linked"):
        write(folder, {"README.md": "# Late arrivals\n", "new.odcs.yaml": "a: 1\n"})
        write(
            project, {".git/hooks/pre-commit": f"#!/bin/sh\n'{COMMAND}' check --select DOC,OWN > '{tmp_path}/found'\n"}
        )
        (project / ".git/hooks/pre-commit").chmod(0o755)
        git(folder, "add", "new.odcs.yaml")
        with pytest.raises(subprocess.CalledProcessError):
            git(folder, "commit", "--message", "Spoil it", *words)
        found = (tmp_path / "found").read_text("utf-8").partition("\n\n")[0].splitlines()
        assert [line.partition(" (or")[0] for line in found] == [
            "README.md:1:1: DOC002 no section 'Owner'",
            "README.md:1:1: DOC002 no section 'Run'",
            "README.md:1:1: DOC002 no section 'Test'",
            LOST,
            # `git commit -- README.md` leaves out what else is staged.
            *([] if "--" in words else ["new.odcs.yaml:1:1: OWN001 contract declares no owner"]),
        ]


def test_the_same_output_for_every_hash_seed(project: Path) -> None:
    write(project, {f"contracts/{name}.odcs.yaml": "a: yes\nb: no\nb: 010\n" for name in "edcba"})
    git(project, "add", ".")
    outputs = {spawn(project, "check", PYTHONHASHSEED=str(seed)) for seed in range(4)}
    assert len(outputs) == 1
    assert len(next(iter(outputs)).findings) == 8 * 5 + 1
