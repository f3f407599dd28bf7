"""Work that is shared among processes: the same results, whatever becomes of a child."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from ml_checks.cli import INTERRUPTED
from ml_checks.project.facts import PART_SIZE
from ml_checks.project.workers import spread

from tests.command import COMMAND, TODAY, many, repository, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from subprocess import Popen

PARENT = os.getpid()
needs_fork = pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="one process does all on this system")


several = pytest.mark.skipif(
    len(getattr(os, "sched_getaffinity", lambda _: "")(0)) < 2, reason="one process does all on this machine"
)


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    """See that no child and no open pipe outlives its work."""
    before = pipes()
    yield
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    assert pipes() == before


def pipes() -> list[Path]:
    return [place.readlink() for place in Path("/proc/self/fd").iterdir() if place.is_fifo()]


@pytest.fixture
def processors(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return the function that lets this process have so many processors."""

    def have(count: int) -> None:
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(count)))

    return have


def told(part: int) -> tuple[int, bool]:
    """Return a part, and whether the parent worked on it."""
    return part, os.getpid() == PARENT


@needs_fork
@pytest.mark.parametrize("parts", [0, 1, 2, 3, 7, 50])
@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_results_come_in_order_and_the_parent_does_its_share(
    parts: int, count: int, processors: Callable[[int], None]
) -> None:
    processors(count)
    assert spread(told, range(parts)) == [(part, part % count == 0) for part in range(parts)]


@needs_fork
def test_results_may_be_larger_than_a_pipe_holds(processors: Callable[[int], None]) -> None:
    processors(3)
    assert spread(lambda part: f"{part}" * 1_000_000, range(5)) == [f"{part}" * 1_000_000 for part in range(5)]


def die(part: int, how: Callable[[], NoReturn]) -> tuple[int, bool]:
    if os.getpid() != PARENT and part == 4:
        how()
    return told(part)


def crash() -> NoReturn:
    raise MemoryError


def leave() -> NoReturn:
    os._exit(3)


def stop() -> NoReturn:
    raise SystemExit


def vanish() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


@needs_fork
@pytest.mark.parametrize("how", [crash, leave, stop, vanish])
def test_the_parent_does_the_work_of_a_child_that_ends_early(
    how: Callable[[], NoReturn], processors: Callable[[int], None], capfd: pytest.CaptureFixture[str]
) -> None:
    processors(3)
    # The first child has 1, 4 and 7.
    assert spread(partial(die, how=how), range(8)) == [(part, part % 3 != 2) for part in range(8)]
    assert capfd.readouterr() == ("", "")


@needs_fork
def test_a_child_whose_results_cannot_be_sent_is_as_one_that_ended_early(processors: Callable[[int], None]) -> None:
    processors(2)
    results = spread(lambda part: PlainInParent() if told(part)[1] else object(), range(4))
    assert [type(result) for result in results] == [PlainInParent] * 4


class PlainInParent:
    """Something that marshal cannot write."""


def test_where_the_system_cannot_split_a_process_one_does_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    assert spread(told, range(5)) == [(part, True) for part in range(5)]


def test_where_processors_are_not_told_one_does_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert spread(told, range(5)) == [(part, True) for part in range(5)]


@needs_fork
def test_where_there_may_be_no_more_processes_one_does_all(
    processors: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> int:
        raise BlockingIOError

    processors(3)
    monkeypatch.setattr(os, "fork", refuse)
    assert spread(told, range(5)) == [(part, True) for part in range(5)]


def fail(part: int, at: int) -> int:
    if part == at:
        raise LookupError(part)
    return part


@needs_fork
@pytest.mark.parametrize("at", range(4))
def test_what_the_work_raises_comes_out_of_the_parent(at: int, processors: Callable[[int], None]) -> None:
    processors(2)
    with pytest.raises(LookupError, match=f"^{at}$"):
        spread(partial(fail, at=at), range(4))


def wait_or_fail(part: int) -> None:
    if told(part)[1]:
        raise LookupError
    time.sleep(60)


@needs_fork
def test_nobody_waits_for_children_once_the_work_has_failed(processors: Callable[[int], None]) -> None:
    processors(3)
    start = time.monotonic()
    with pytest.raises(LookupError):
        spread(wait_or_fail, range(3))
    assert time.monotonic() - start < 30


@needs_fork
def test_however_many_share_the_work_the_output_is_the_same(
    processors: Callable[[int], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ML_CHECKS_CACHE", "")
    folder = repository(tmp_path, many(2 * PART_SIZE + 1))
    outcomes = []
    for count in (1, 2, 3):
        processors(count)
        outcomes.append(run(folder, "check", "--today", TODAY))
    assert outcomes == [outcomes[0]] * 3
    assert (outcomes[0].code, outcomes[0].err, len(outcomes[0].findings) > 2 * PART_SIZE) == (1, "", True)


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Popen[str]]:
    """Start the command on many contracts, in a group of processes of its own, and wait until it has a child."""
    folder = repository(tmp_path / "project", many(2000))
    words: list[str | Path] = [COMMAND, "check", "--today", TODAY]
    environment = {**os.environ, "ML_CHECKS_CACHE": str(tmp_path / "cache")}
    with subprocess.Popen(
        words,
        cwd=folder,
        env=environment,
        start_new_session=True,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        while process.poll() is None and not workers_of(process):
            pass
        yield process
        process.kill()


def workers_of(process: Popen[str]) -> list[int]:
    """Return the children of a process that run the same command, and not another one in a moment, as git will."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    children = [int(child) for child in listed.read_text("utf-8").split()]
    time.sleep(0.01)
    return [child for child in children if command_of(child) == command_of(process.pid)]


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""  # it has ended


def ends_soon(group: int) -> bool:
    """Wait until no process of a group is left; tell whether that comes to pass."""
    for _ in range(3000):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.slow
@several
@pytest.mark.parametrize("send", [os.killpg, os.kill], ids=["everyone", "the parent alone"])
def test_an_interrupt_ends_all_with_one_line(send: Callable[[int, int], None], at_work: Popen[str]) -> None:
    send(at_work.pid, signal.SIGINT)
    assert at_work.communicate(timeout=60) == ("", "ml-checks: interrupted\n")
    assert (at_work.returncode, ends_soon(at_work.pid)) == (INTERRUPTED, True)


@pytest.mark.slow
@several
def test_children_do_not_outlive_a_parent_that_is_killed(at_work: Popen[str]) -> None:
    at_work.kill()
    assert at_work.wait() == -signal.SIGKILL
    assert ends_soon(at_work.pid)


@pytest.mark.slow
@several
def test_the_work_of_a_child_that_is_killed_is_done_all_the_same(at_work: Popen[str], tmp_path: Path) -> None:
    for child in workers_of(at_work):
        os.kill(child, signal.SIGKILL)
    out, err = at_work.communicate(timeout=60)
    assert (at_work.returncode, out, err) == run(tmp_path / "project", "check", "--today", TODAY)
