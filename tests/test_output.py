"""Reports are written where somebody wants them: whole or not at all into a file, as they come into anything else."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from ml_checks.errors import CannotRunError
from ml_checks.reading.output import write_text

from tests.command import CLEAN, COMMAND, TODAY, repository, run, spawn

if TYPE_CHECKING:
    from collections.abc import Iterator

FAULTY = {**CLEAN, "README.md": "# Late arrivals\n"}
CHECK = ("check", "--today", TODAY, "--format", "gitlab")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return repository(tmp_path / "project", FAULTY)


@pytest.fixture
def report(project: Path) -> str:
    """Return what a report holds."""
    return run(project, *CHECK).out


def written(project: Path, path: Path) -> None:
    """Write the report to a path, and see that one line says so."""
    assert run(project, *CHECK, "--output", str(path)) == (1, f"3 findings, written to {path}\n", "")


def test_a_link_stays_and_what_it_leads_to_is_written(project: Path, report: str, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    for link, target in (("link", "far/there"), ("dangling", "far/new"), ("chain", "link")):
        (tmp_path / link).symlink_to(target)
    (tmp_path / "far" / "there").write_text("old", "utf-8")
    for link, target in (("link", "far/there"), ("dangling", "far/new"), ("chain", "far/there")):
        written(project, tmp_path / link)
        assert (tmp_path / link).is_symlink()
        assert (tmp_path / target).read_text("utf-8") == report
    assert sorted(path.name for path in (tmp_path / "far").iterdir()) == ["new", "there"]


def test_a_file_keeps_its_mode_and_its_other_names(project: Path, report: str, tmp_path: Path) -> None:
    old, other = tmp_path / "old", tmp_path / "other"
    old.write_text("much longer than a report could be\n" * 1000, "utf-8")
    old.chmod(0o604)
    written(project, old)
    assert (stat.S_IMODE(old.stat().st_mode), old.read_text("utf-8")) == (0o604, report)
    other.hardlink_to(old)
    old.write_text("before" * 1000, "utf-8")
    written(project, old)
    assert other.read_text("utf-8") == report
    assert other.stat().st_nlink == 2


def test_a_new_file_has_the_mode_of_all_new_files(project: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    written(project, tmp_path / "new")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_pipe_is_written_into(project: Path, report: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_text("utf-8")))
    reader.start()
    written(project, tmp_path / "pipe")
    reader.join()
    assert read == [report]
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_device_stays_a_device(project: Path) -> None:
    written(project, Path(os.devnull))
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.parametrize("path", ["-", "/dev/stdout", "/dev/fd/1"])
def test_standard_output_has_the_report_alone(path: str, project: Path, report: str, tmp_path: Path) -> None:
    assert spawn(project, *CHECK, "--output", path) == (1, report, "")
    with (tmp_path / "file").open("wb") as file:
        subprocess.run([COMMAND, *CHECK, "--output", path], cwd=project, stdout=file, check=False)
    assert (tmp_path / "file").read_text("utf-8") == report


def test_another_open_file_is_written_behind_what_it_holds(project: Path, report: str, tmp_path: Path) -> None:
    script = f"echo before >&3; {COMMAND} {' '.join(CHECK)} --output /dev/fd/3 3>&3 > /dev/null"
    subprocess.run(["sh", "-c", f"exec 3>{tmp_path}/file; {script}"], cwd=project, check=False)
    assert (tmp_path / "file").read_text("utf-8") == f"before\n{report}"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("folder", "it is a folder; name a file in it"),
        ("new/", "it is a folder; name a file in it"),
        ("gone/report", "there is no folder '{0}/gone'; make it first"),
        ("file/report", "Not a directory"),
        ("loop", "Too many levels of symbolic links"),
        pytest.param("x" * 300, "File name too long", id="a long name"),
    ],
)
def test_what_cannot_be_written_is_one_sentence_and_leaves_nothing(
    path: str, why: str, project: Path, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    outcome = run(project, *CHECK, "--output", f"{tmp_path}/{path}")
    assert outcome == (2, "", f"ml-checks: cannot write '{tmp_path}/{path}': {why.format(tmp_path)}\n")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "folder", "loop", "project"]


@pytest.fixture
def without_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deny what a folder without the right to write denies, to whoever runs the tests."""
    opened = os.open

    def refusing(path: str, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", refusing)


@pytest.mark.usefixtures("without_rights")
def test_where_nobody_may_make_files_one_that_is_there_is_written_over(
    project: Path, report: str, tmp_path: Path
) -> None:
    (tmp_path / "old").write_text("before", "utf-8")
    written(project, tmp_path / "old")
    assert (tmp_path / "old").read_text("utf-8") == report
    said = f"ml-checks: cannot write '{tmp_path}/new': Permission denied; name another file\n"
    assert run(project, *CHECK, "--output", str(tmp_path / "new")) == (2, "", said)


def test_a_file_that_may_not_be_written_stays(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "old").write_text("before", "utf-8")
    monkeypatch.setattr(os, "access", lambda *_: False)
    said = f"ml-checks: cannot write '{tmp_path}/old': Permission denied; name another file\n"
    assert run(project, *CHECK, "--output", str(tmp_path / "old")) == (2, "", said)
    assert (tmp_path / "old").read_text("utf-8") == "before"


@pytest.fixture
def small_disk() -> Iterator[None]:
    """Let no file become larger than a thousand bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("small_disk")
@pytest.mark.parametrize("names", [1, 2])
def test_without_room_a_file_stays_as_it_was(names: int, tmp_path: Path) -> None:
    file = tmp_path / "report"
    file.write_text("before", "utf-8")
    if names > 1:
        (tmp_path / "other").hardlink_to(file)
    with pytest.raises(CannotRunError, match="File too large"):
        write_text(str(file), ["a" * 600, "b" * 600])
    assert file.read_text("utf-8") == "before"
    assert len(list(tmp_path.iterdir())) == names


@pytest.mark.usefixtures("small_disk", "without_rights")
def test_an_old_text_is_put_back_where_only_that_has_room(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("before", "utf-8")
    with pytest.raises(CannotRunError, match="File too large"):
        write_text(str(tmp_path / "report"), ["a" * 1200])
    assert (tmp_path / "report").read_text("utf-8") == "before"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_device_is_one_sentence(project: Path) -> None:
    said = "ml-checks: cannot write '/dev/full': No space left on device\n"
    assert run(project, *CHECK, "--output", "/dev/full") == (2, "", said)


def test_what_cannot_be_encoded_is_written_escaped(tmp_path: Path) -> None:
    write_text(str(tmp_path / "report"), "ü\udcff\n")
    assert (tmp_path / "report").read_text("utf-8") == "ü\\udcff\n"
