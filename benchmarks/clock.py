"""Runs a command; prints its seconds, its seconds of processor, its peak memory and its exit code.

A process of its own, because a child's peak is never reported lower than its parent's was: this parent is small.
"""

from __future__ import annotations

import os
import sys
import time


def main(argv: list[str]) -> int:
    """Run `argv` with its output thrown away."""
    to_nowhere = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    started = time.perf_counter()
    process = os.posix_spawnp(argv[0], argv, os.environ, file_actions=[to_nowhere])
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - started
    print(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
