"""The workloads of Kubernetes, kept of each manifest until it changes: to read many takes longer than all the rest."""

from __future__ import annotations

from ml_checks.project.infrastructure import annotated_flows, runs_an_image, workloads_in
from ml_checks.reading import cache
from ml_checks.record import Record
from ml_checks.values import Finding, Location, maps, text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from ml_checks.reading.reader import Reader
    from ml_checks.values import Map, Text

    # A text with its line and column.
    Placed = tuple[str, int, int]
    BlobOf = Callable[[str], str | None]


class Workload(Record):
    """A workload: its kind and name, the labels that say something, and the contracts that it says it reads and writes.

    One that is whole names an image.
    """

    path: str
    kind: str
    name: Text | None
    labels: tuple[str, ...]
    is_whole: bool
    inputs: tuple[Text, ...]
    outputs: tuple[Text, ...]


class Manifest(Record):
    """What is kept of a file in plain types, under the content that it had: its workloads, and what its reader said."""

    blob: str | None
    workloads: tuple[tuple[str, tuple[Placed, ...], tuple[str, ...], bool, tuple[Placed, ...], tuple[Placed, ...]], ...]
    faults: tuple[tuple[str, int, int, str], ...]
    is_marked: bool
    is_template: bool


class Manifests:
    """What files say of workloads, read where it is not known, and told to the reader of all files."""

    def __init__(self, reader: Reader, blob_of: BlobOf, certain_blob: BlobOf) -> None:
        """Take what reads files, and what tells their contents."""
        self._reader, self._blob_of, self._certain_blob = reader, blob_of, certain_blob
        self._store = cache.Store(cache.name("workloads", reader.root), (reader.root,))

    def workloads(self, paths: Sequence[str]) -> Iterator[Workload]:
        """Yield the workloads in some files."""
        entries = {path: self._known(path) or tuple(self._read(path)) for path in paths}
        certain = {path: entry for path, entry in entries.items() if entry[0]}
        if self._store.newer(certain):
            self._store.keep(certain)
        for path, entry in entries.items():
            self._tell(path, Manifest(*entry))
            yield from _unpacked(path, Manifest(*entry))

    def _known(self, path: str) -> tuple[Any, ...] | None:
        """Return what was kept of a file that is as it was."""
        entry: tuple[Any, ...] = self._store.entries.get(path, (None,))
        return entry if entry[0] and entry[0] == self._blob_of(path) else None

    def _read(self, path: str) -> Manifest:
        """Read a file by a reader of its own."""
        own = self._reader.another()
        found = tuple(map(_packed, workloads_in(maps(own.documents(path) or ()))))
        self._reader.crashes += own.crashes
        faults = tuple((code, at.line, at.col, str(message)) for at, code, message in own.faults)
        blob = None if own.crashes else self._certain_blob(path)
        return Manifest(blob, found, faults, path in own.marked, path in own.templates)

    def _tell(self, path: str, manifest: Manifest) -> None:
        """Tell the reader of all files what there is to say of one."""
        reader = self._reader
        reader.faults += [Finding(Location(path, *at), code, text) for code, *at, text in manifest.faults]
        reader.marked |= {path} if manifest.is_marked else set()
        reader.templates |= {path} if manifest.is_template else set()


def _packed(
    workload: Map,
) -> tuple[str, tuple[Placed, ...], tuple[str, ...], bool, tuple[Placed, ...], tuple[Placed, ...]]:
    metadata = workload.mapping("metadata")
    name = metadata.text("name")
    labels = metadata.mapping("labels")
    said = tuple(label for label in labels if labels.text(label) is not None)
    inputs, outputs = annotated_flows(workload)
    return (
        str(workload.text("kind")),
        _placed([name] if name else []),
        said,
        runs_an_image(workload.mapping("spec")),
        _placed(inputs),
        _placed(outputs),
    )


def _placed(texts: Iterable[Text]) -> tuple[Placed, ...]:
    return tuple((str(text), text.at.line, text.at.col) for text in texts)


def _unpacked(path: str, manifest: Manifest) -> Iterator[Workload]:
    for kind, name, labels, is_whole, *flows in manifest.workloads:
        named, inputs, outputs = (_texts(path, texts) for texts in (name, *flows))
        yield Workload(path, kind, next(iter(named), None), labels, is_whole, inputs, outputs)


def _texts(path: str, placed: Iterable[Placed]) -> tuple[Text, ...]:
    return tuple(text_at(Location(path, line, col), text) for text, line, col in placed)
