"""What git keeps under an id, also where the work tree has it not."""

from __future__ import annotations

from itertools import chain, repeat, takewhile

from ml_checks.errors import CannotRunError
from ml_checks.reading.command import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from io import BytesIO

# So many ids fit into the pipe of any system, and can be written before anyone reads.
BATCH = 300


def contents(root: str, blobs: Sequence[str]) -> Iterator[bytes | None]:
    """Yield the content under each id; None where git has none, as in a clone that left it out and has no remote."""
    for start in range(0, len(blobs), BATCH):
        batch = blobs[start : start + BATCH]
        yield from _contents(root, batch) or _one_by_one(root, batch)


def present(root: str, blobs: Mapping[str, str]) -> dict[str, bytes]:
    """Return what each path holds, by the id of its content; raise CannotRunError where that is not known."""
    return dict(map(_present, blobs, contents(root, list(blobs.values()))))


def blob_of(content: bytes) -> str:
    """Return the id that git gives to a content, in a repository of the usual kind."""
    import hashlib

    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _present(path: str, content: bytes | None) -> tuple[str, bytes]:
    """Return a path and what it holds; raise CannotRunError where that is not known."""
    if content is not None:
        return path, content
    why = f"{path} is neither in the work tree nor in this partial clone, and its remote was not reached"
    raise CannotRunError(f"{why}; go online, or add it with `git sparse-checkout add`")


def _one_by_one(root: str, blobs: Sequence[str]) -> Iterator[bytes | None]:
    """Yield what git has up to the first content that it has not, for which it asks a remote each time."""
    answers = (_contents(root, [blob]) for blob in blobs)
    found = list(chain.from_iterable(takewhile(bool, answers)))
    yield from chain(found, repeat(None, len(blobs) - len(found)))


def _contents(root: str, blobs: Sequence[str]) -> list[bytes | None]:
    """Return the content under each id; nothing where git gave up."""
    import io

    stdin = "\n".join((*blobs, "")).encode()
    output = Command(root, "cat-file", "--batch", stdin=stdin).output()
    return [] if output is None else list(map(_next_content, [io.BytesIO(output)] * len(blobs)))


def _next_content(answers: BytesIO) -> bytes | None:
    *_, size = answers.readline().split()
    return answers.read(int(size) + 1)[:-1] if size.isdigit() else None
