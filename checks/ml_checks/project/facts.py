"""Judges each file by itself: what is known from the last run is taken from the cache, the rest is read."""

from __future__ import annotations

import os
from functools import partial

from ml_checks.project.store import Store
from ml_checks.reading import cache
from ml_checks.reading.extract import Extract
from ml_checks.rules.registry import ALONE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from ml_checks.project.batch import Batch
    from ml_checks.project.store import Entry
    from ml_checks.reading.git import Repository
    from ml_checks.rules.registry import File
    from ml_checks.standards.values import Standards
    from ml_checks.values import Finding

    # Which overrides of the standards hold, and files for which they do.
    Part = tuple[tuple[int, ...], list[File]]
    # The extract of each file, and a sentence for each rule that crashed.
    Judged = tuple[dict[str, tuple[Any, ...]], list[str]]

# What the clock of a file system may be behind, in seconds.
CLOCK_STEP = 0.01
# So many files are read before they are dropped again; their values take some megabytes.
PART = 250


class Examination:
    """What the files of a work tree give by themselves, and what is wrong in them."""

    def __init__(self, repository: Repository, unsaved: Mapping[str, bytes], standards: Standards) -> None:
        """Take a work tree, what of it is not saved, and what it is held to."""
        self.codes: tuple[str, ...] = ()
        """The rules to judge by."""
        self.findings: list[Finding] = []
        self.crashes: list[str] = []
        self._root, self._since, self._unsaved, self._standards = repository.root, repository.since, unsaved, standards
        self._blobs = {path: blob for path, blob in repository.blobs.items() if path not in unsaved}
        self._stores: list[tuple[Store, dict[str, Entry]]] = []
        self._read: dict[File, Batch] = {}

    def of(self, group: str, files: Sequence[File]) -> dict[File, Extract]:
        """Return what each of the files gives, which are of one of the groups that rules read; note what is wrong."""
        codes = tuple(code for code in self.codes if group in ALONE[code])
        store = Store(cache.name(group, self._root, *codes), (self._root, *codes, *self._standards.identity))
        known, blob_of = store.entries, self._blobs.get
        fresh = [file for file in files if known.get(file[0], ())[:2] != (blob_of(file[0]), file[1])]
        found = {path: known[path] for path, _ in files if path in known} | self._examined(codes, fresh)
        if any(found[path][0] for path, _ in fresh):
            store.keep(found)
        self._stores.append((store, found))
        extracts = {file: Extract(*found[file[0]][2]) for file in files}
        for (path, _), extract in extracts.items():
            if extract.findings:
                self.findings.extend(extract.found(path))
        return extracts

    def vocabulary(self) -> set[str]:
        """Return every name in the files so far, that of a field with each type, and some that were there before."""
        return set().union(*(store.vocabulary(found) for store, found in self._stores))

    def read(self, file: File) -> Batch:
        """Return what a file says; who asks has an extract of it, and needs to know where something stands."""
        if file not in self._read:
            ((variant, files),) = self._parts([file])
            self._read[file] = self._batch(variant, files)
        return self._read[file]

    def _examined(self, codes: Sequence[str], files: Sequence[File]) -> dict[str, Entry]:
        """Read files and judge them by the standards that hold for their paths."""
        if not files:
            return {}
        examined: dict[str, Entry] = {}
        parts = list(self._parts(files))
        for (_, part), (extracts, crashes) in zip(parts, self._spread(codes, parts), strict=True):
            self.crashes += crashes
            for path, kind in part:
                blob = None if crashes or self._is_recent(path) else self._blobs.get(path)
                examined[path] = (blob, kind, extracts[path])
        return examined

    def _is_recent(self, path: str) -> bool:
        """Tell whether a file has changed since git looked at it, or so shortly before that no clock could tell."""
        try:
            return os.stat(os.path.join(self._root, path)).st_mtime > self._since - CLOCK_STEP
        except OSError:
            return True

    def _parts(self, files: Sequence[File]) -> Iterator[Part]:
        """Yield files a few at a time, and apart from each other where other standards hold."""
        layers = self._standards.layers
        variants: dict[tuple[int, ...], list[File]] = {}
        for file in files:
            variants.setdefault(layers.variant(file[0]) if layers and layers.overrides else (), []).append(file)
        for variant, there in variants.items():
            for start in range(0, len(there), PART):
                yield variant, there[start : start + PART]

    def _spread(self, codes: Sequence[str], parts: Sequence[Part]) -> list[Judged]:
        """Judge parts in several processes where that is worth it."""
        if len(parts) == 1:
            return [self._judged(codes, parts[0])]
        from ml_checks.project.workers import spread

        return spread(partial(self._judged, codes), parts)

    def _judged(self, codes: Sequence[str], part: Part) -> Judged:
        return self._batch(*part).extracts(codes)

    def _batch(self, variant: tuple[int, ...], files: Sequence[File]) -> Batch:
        from ml_checks.project.batch import Batch

        layers = self._standards.layers
        standards = layers.standards_of(variant) if layers and variant else self._standards
        return Batch(self._root, self._unsaved, files, standards)
