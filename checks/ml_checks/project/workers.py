"""Shares work among processes, where the system can split one in two."""

from __future__ import annotations

import marshal
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, NoReturn, TypeVar

    Part = TypeVar("Part")

# A process with threads must not be split: a lock that one of them holds is never released in the copy.
may_split = True
# Where there is no child.
NONE = 0


def spread(work: Callable[[Part], Any], parts: Sequence[Part]) -> list[Any]:
    """Return the results of a function, which are of plain types, for each part, in order."""
    workers = max(1, min(len(parts), _processors()))
    own, *others = [parts[first::workers] for first in range(workers)]
    children = [_Child(work, share) for share in others]
    try:
        results = [list(map(work, own)), *(child.results() for child in children)]
    finally:
        for child in children:
            child.end()
    return [results[index % workers][index // workers] for index in range(len(parts))]


def _processors() -> int:
    """Return how many processors this process may use; 1 where it cannot be split."""
    can_split = may_split and hasattr(os, "fork") and hasattr(os, "sched_getaffinity")
    return len(os.sched_getaffinity(0)) if can_split else 1


class _Child:
    """A copy of this process that does a share of the work and sends the results back."""

    def __init__(self, work: Callable[[Part], Any], share: Sequence[Part]) -> None:
        self._work, self._share = work, share
        end, end_of_child = os.pipe()
        self._pipe = open(end, "rb")  # noqa: SIM115  # until the work is done, or given up
        try:
            self._pid = os.fork() or _serve(work, share, end, end_of_child)
        except OSError:
            self._pid = NONE  # there are as many processes as there may be
        os.close(end_of_child)

    def results(self) -> list[Any]:
        """Wait for the results; where the child did not come to its end, do its work here."""
        content = self._pipe.read()
        pid, self._pid = self._pid, NONE
        if pid == NONE or os.waitpid(pid, 0)[1]:
            return [self._work(part) for part in self._share]
        results: list[Any] = marshal.loads(content)  # noqa: S302  # written by ourselves, and whole
        return results

    def end(self) -> None:
        """Let nothing run on that nobody waits for."""
        self._pipe.close()
        if self._pid != NONE:
            import signal

            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)


def _serve(work: Callable[[Part], Any], share: Sequence[Part], end: int, end_of_child: int) -> NoReturn:
    """Do a share of the work as a child, and end without a word: whatever goes wrong, the parent finds out."""
    try:
        os.close(end)  # as long as anyone can read, nobody is told that no one does
        with open(end_of_child, "wb") as pipe:
            pipe.write(marshal.dumps([work(part) for part in share]))
        os._exit(0)
    finally:
        os._exit(1)
