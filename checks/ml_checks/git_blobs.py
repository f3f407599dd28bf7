"""Old contents of files: many from one git process. Nothing is written."""

from __future__ import annotations

import io
import os

from ml_checks import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# So many ids fit into the pipe of any system, and can be written before anyone reads.
BATCH = 300


def contents(root: str, blobs: Sequence[str]) -> Iterator[bytes]:
    """Yield the content under each id; empty where git has none, as in a clone that left it out."""
    for start in range(0, len(blobs), BATCH):
        batch = blobs[start : start + BATCH]
        answers = io.BytesIO(_asked(["git", "-C", root, "cat-file", "--batch"], "\n".join((*batch, "")).encode()))
        for _ in batch:
            *_, size = answers.readline().split()
            yield answers.read(int(size) + 1)[:-1] if size.isdigit() else b""


def _asked(words: list[str], questions: bytes) -> bytes:
    """Run a command, write to it, and return what it prints."""
    if not git.CAN_SPAWN:
        import subprocess

        return subprocess.run(words, input=questions, capture_output=True, check=False).stdout
    end_to_read, ours = os.pipe()
    os.write(ours, questions)
    os.close(ours)
    answers, end_to_write = os.pipe()
    to_pipes = [(os.POSIX_SPAWN_DUP2, end_to_read, 0), (os.POSIX_SPAWN_DUP2, end_to_write, 1)]
    pid = os.posix_spawnp(words[0], words, os.environ, file_actions=to_pipes)
    os.close(end_to_read)
    os.close(end_to_write)
    with open(answers, "rb") as pipe:
        printed = pipe.read()
    os.waitpid(pid, 0)
    return printed
