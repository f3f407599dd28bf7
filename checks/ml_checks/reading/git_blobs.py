"""Old contents of files: many from one git process. Nothing is written."""

from __future__ import annotations

import io

from ml_checks.reading.git import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# So many ids fit into the pipe of any system, and can be written before anyone reads.
BATCH = 300


def contents(root: str, blobs: Sequence[str]) -> Iterator[bytes]:
    """Yield the content under each id; empty where git has none, as in a clone that left it out."""
    for start in range(0, len(blobs), BATCH):
        batch = blobs[start : start + BATCH]
        asked = "\n".join((*batch, "")).encode()
        answers = io.BytesIO(Command(root, "cat-file", "--batch", asked=asked).output() or b"")
        for _ in batch:
            *_, size = answers.readline().split()
            yield answers.read(int(size) + 1)[:-1] if size.isdigit() else b""
