"""Shares work among processes, where the system can split one in two."""

from __future__ import annotations

import marshal
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    Part = TypeVar("Part")

# A process with threads must not be split: a lock that one of them holds is never released in the copy.
may_split = True


def spread(work: Callable[[Part], Any], parts: Sequence[Part]) -> list[Any]:
    """Return the results of a function, which are of plain types, for each part, in order."""
    workers = min(len(parts), _processors())
    shares = [parts[first::workers] for first in range(workers)]
    children = [_Child(work, share) for share in shares[1:]]
    results = [[work(part) for part in shares[0]], *(child.results() for child in children)]
    return [results[index % workers][index // workers] for index in range(len(parts))]


def _processors() -> int:
    """Return how many processors this process may use; 1 where it cannot be split."""
    can_split = may_split and hasattr(os, "fork") and hasattr(os, "sched_getaffinity")
    return len(os.sched_getaffinity(0)) if can_split else 1


class _Child:
    """A copy of this process that does a share of the work and sends the results back."""

    def __init__(self, work: Callable[[Part], Any], share: Sequence[Part]) -> None:
        self._work, self._share = work, share
        self._end, end_of_child = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            _serve(work, share, end_of_child)
        os.close(end_of_child)

    def results(self) -> list[Any]:
        """Wait for the results; where the child did not come to its end, do its work here."""
        with open(self._end, "rb") as pipe:
            content = pipe.read()
        _, status = os.waitpid(self._pid, 0)
        if status:
            return [self._work(part) for part in self._share]
        results: list[Any] = marshal.loads(content)  # noqa: S302  # written by ourselves, and whole
        return results


def _serve(work: Callable[[Part], Any], share: Sequence[Part], end: int) -> None:
    """Do a share of the work as a child, and end without a word: whatever goes wrong, the parent finds out."""
    try:
        with open(end, "wb") as pipe:
            pipe.write(marshal.dumps([work(part) for part in share]))
        os._exit(0)
    finally:
        os._exit(1)
