"""What each file gives by itself: facts and findings, taken from the cache where the file is as it was, else read."""

from __future__ import annotations

import os
from functools import partial
from itertools import chain

from ml_checks.errors import READING, CannotRunError, crash
from ml_checks.project.snapshot import GROUPS
from ml_checks.reading import cache
from ml_checks.reading.document import NEXT, vocabulary
from ml_checks.record import Record
from ml_checks.values import Finding, Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from ml_checks.project.batch import Batch
    from ml_checks.project.snapshot import File, Snapshot
    from ml_checks.reading.document import Packed

    # Which overrides of the standards hold, and files for which they do.
    Part = tuple[tuple[int, ...], Sequence[File]]
    # The facts of each file in plain types, and a sentence for each crash under the path of its file.
    Judged = tuple[dict[str, tuple[Any, ...]], dict[str, list[str]]]
    # The id of a file's content where that is known for sure, its kind, and its facts in plain types.
    Entry = tuple[str | None, str, tuple[Any, ...]]
    # Code, line, column and message.
    Fault = tuple[str, int, int, str]

# What the clock of a file system may be behind, in seconds.
CLOCK_STEP = 0.01
# So many files are read before they are dropped again; their values take some megabytes.
PART_SIZE = 250


class Judge(Record):
    """What judges files by themselves: which rules there are for any of some kinds, and what these find in a batch."""

    codes: Callable[[Sequence[str]], tuple[str, ...]]
    found: Callable[[Sequence[str], Batch], tuple[set[Finding], list[str]]]


NO_JUDGE = Judge(lambda _: (), lambda _, __: (set(), []))


class FileFacts(Record):
    """What one file gives, in types that can be stored and sent from one process to another.

    `findings` are what rules found in it, `faults` what the reader did. `unread` says why it was not read where that
    is no fault. `names` are those in its datasets, packed.
    """

    findings: tuple[Fault, ...]
    faults: tuple[Fault, ...]
    has_waiver: bool
    unread: str
    names: str
    contract: dict[str, Packed] | None
    page: dict[str, Packed] | None


NO_FACTS = FileFacts((), (), has_waiver=False, unread="", names="", contract=None, page=None)


class Facts:
    """What the files of a work tree give by themselves."""

    def __init__(self, snapshot: Snapshot, judge: Judge) -> None:
        """Take the files, and what judges them."""
        self.crashes: list[str] = []
        """A sentence for each crash while they were read or judged."""
        self._repository, self._standards, self._unsaved = snapshot.repository, snapshot.standards, snapshot.unsaved
        self._judge = judge
        self._blobs = {path: blob for path, blob in self._repository.blobs.items() if path not in self._unsaved}
        self._groups: dict[str, dict[File, FileFacts]] = {}
        self._notable: list[tuple[str, FileFacts]] = []
        """The facts of those files, few in most repositories, with a finding, a fault, a waiver or a template."""
        self._vocabularies: list[set[str]] = []
        self._batches: dict[File, Batch] = {}

    def of(self, group: str, files: Callable[[], Iterable[File]]) -> dict[File, FileFacts]:
        """Return what each file of a group gives; the files are asked for once."""
        if group not in self._groups:
            self._groups[group] = self._group(group, list(files()))
        return self._groups[group]

    @property
    def findings(self) -> set[Finding]:
        """What rules found in the files so far."""
        return {finding for path, facts in self._notable for finding in _placed(path, facts.findings)}

    @property
    def faults(self) -> list[Finding]:
        """What could not be read so far, and what is read in two ways."""
        return [fault for path, facts in self._notable for fault in _placed(path, facts.faults)]

    @property
    def marked(self) -> set[str]:
        """The files so far that hold the mark of a waiver."""
        return {path for path, facts in self._notable if facts.has_waiver}

    @property
    def unread(self) -> dict[str, str]:
        """Why files were not read so far where that is no fault."""
        return {path: facts.unread for path, facts in self._notable if facts.unread}

    def vocabulary(self) -> set[str]:
        """Return every name in the files so far, that of a field with each type, and some that were there before."""
        return set().union(*self._vocabularies)

    def read(self, file: File) -> Batch:
        """Return what a file says; who asks has its facts, and needs to know where something stands."""
        if file not in self._batches:
            ((variant, files),) = self._parts([file])
            self._batches[file] = self._batch(variant, files)
        return self._batches[file]

    def _group(self, group: str, files: Sequence[File]) -> dict[File, FileFacts]:
        entries = self._entries(group, files)
        facts = {file: FileFacts(*entries[file[0]][2]) for file in files}
        self._notable += [(path, one) for (path, _), one in facts.items() if any(one[:4])]
        return facts

    def _entries(self, group: str, files: Sequence[File]) -> dict[str, Entry]:
        """Return what was kept of the files of a group, and what is read of those that are new; keep that too."""
        codes, root = self._judge.codes(GROUPS[group]), self._repository.root
        store = cache.Store(cache.name(group, root, *codes), (root, *codes, *self._standards.identity))
        known = store.entries
        new = self._new(files, known)
        found = {path: known[path] for path, _ in files if path in known} | self._read(codes, new)
        if any(found[path][0] for path, _ in new):
            store.keep(_certain(found), _summary)
        # To take the names from each file would take as long as all that the rules do with them.
        self._vocabularies += _vocabulary(store.newer(found).values()), {*filter(None, store.summary.split(NEXT))}
        return found

    def _new(self, files: Sequence[File], known: Mapping[str, Entry]) -> list[File]:
        """Return the files that are not of the content and the kind that they had when their facts were kept."""
        blob_of = self._blobs.get
        return [(path, kind) for path, kind in files if known.get(path, ())[:2] != (blob_of(path), kind)]

    def _read(self, codes: Sequence[str], files: Sequence[File]) -> dict[str, Entry]:
        """Read files and judge them by the standards that hold for their paths."""
        if not files:
            return {}
        entries: dict[str, Entry] = {}
        parts = list(self._parts(files))
        for (_, part), (facts, crashes) in zip(parts, self._spread(codes, parts), strict=True):
            self.crashes += chain.from_iterable(crashes.values())
            for path, kind in part:
                entries[path] = (None if path in crashes else self.certain_blob(path), kind, facts[path])
        return entries

    def blob(self, path: str) -> str | None:
        """Return the id of what a file held when git looked at it, where git knows that for sure."""
        return self._blobs.get(path)

    def changed(self, blobs: Mapping[str, str | None]) -> list[str]:
        """Return the paths whose content is not the one that is given here, or may be another one."""
        blob_of = self._blobs.get
        return [path for path, blob in blobs.items() if blob is None or blob != blob_of(path)]

    def certain_blob(self, path: str) -> str | None:
        """Return the id of what a file holds that was read; None where it may have changed since git looked at it."""
        return None if self._is_recent(path) else self.blob(path)

    def _is_recent(self, path: str) -> bool:
        """Tell whether a file has changed since git looked at it, or so shortly before that no clock could tell."""
        try:
            changed = os.stat(os.path.join(self._repository.root, path)).st_mtime
        except OSError:
            return not self._repository.is_left_out(path)
        return changed > self._repository.since - CLOCK_STEP

    def _parts(self, files: Sequence[File]) -> Iterator[Part]:
        """Yield files a few at a time, and apart from each other where other standards hold."""
        variants: dict[tuple[int, ...], list[File]] = {}
        for file in files:
            variants.setdefault(self._standards.variant(file[0]), []).append(file)
        for variant, there in variants.items():
            for start in range(0, len(there), PART_SIZE):
                yield variant, there[start : start + PART_SIZE]

    def _spread(self, codes: Sequence[str], parts: Sequence[Part]) -> list[Judged]:
        """Judge parts in several processes where that is worth it."""
        if len(parts) == 1:
            return [self._judged(codes, parts[0])]
        from ml_checks.project.workers import spread

        return spread(partial(self._judged, codes), parts)

    def _judged(self, codes: Sequence[str], part: Part) -> Judged:
        """Read and judge a part: all at once, and file by file where something crashes on one of them."""
        variant, files = part
        facts, crashes = self._judged_at_once(codes, part)
        if not crashes:
            return facts, {}
        if len(files) > 1:
            return _joined(self._judged(codes, (variant, [file])) for file in files)
        ((path, _),) = files
        return facts, {path: [_on(path, sentence) for sentence in crashes]}

    def _judged_at_once(self, codes: Sequence[str], part: Part) -> tuple[dict[str, tuple[Any, ...]], list[str]]:
        """Read and judge a part; return the facts of each file, and a sentence for each crash."""
        variant, files = part
        try:
            batch = self._batch(variant, files)
            findings, crashes = self._judge.found(codes, batch)
            return _facts(batch, findings), crashes + batch.crashes
        except CannotRunError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever our reader does, the other files are still judged
            return {path: tuple(NO_FACTS) for path, _ in files}, [crash(f"{READING}{files[0][0]}", error)]

    def _batch(self, variant: tuple[int, ...], files: Sequence[File]) -> Batch:
        from ml_checks.project.batch import Batch

        left_out = self._repository.left_out([path for path, _ in files if path not in self._unsaved])
        return Batch(self._repository.root, {**self._unsaved, **left_out}, files, self._standards.under(variant))


def _certain(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the entries of files whose content is known for sure."""
    return {path: entry for path, entry in entries.items() if entry[0]}


def _summary(entries: Iterable[Entry]) -> str:
    return NEXT.join(_vocabulary(entries))


def _vocabulary(entries: Iterable[Entry]) -> set[str]:
    return vocabulary(FileFacts(*facts).names for _, _, facts in entries)


def _facts(batch: Batch, findings: Iterable[Finding]) -> dict[str, tuple[Any, ...]]:
    """Return the facts of each file in plain types."""
    names = batch.names
    contracts = {contract.path: contract.pack() for contract in batch.contracts}
    pages = {page.path: page.pack() for page, _ in batch.pages}
    _ = batch.dockerfiles  # read, whatever is selected; the other files of this group are read for their owners
    found, faults = (_by_path(ones) for ones in (findings, batch.faults))  # all has been read by now
    unread = batch.unread
    return {
        path: (
            found.get(path, ()),
            faults.get(path, ()),
            path in batch.marked,
            unread.get(path, ""),
            names.get(path, ""),
            contracts.get(path),
            pages.get(path),
        )
        for path, _ in batch.files
    }


def _by_path(findings: Iterable[Finding]) -> dict[str, tuple[Fault, ...]]:
    """Return findings in plain types under their paths."""
    found: dict[str, list[Fault]] = {}
    for (path, line, col), code, message in dict.fromkeys(findings):
        found.setdefault(path, []).append((code, line, col, str(message)))
    return {path: tuple(there) for path, there in found.items()}


def _placed(path: str, faults: Iterable[Fault]) -> Iterator[Finding]:
    return (Finding(Location(path, line, col), code, message) for code, line, col, message in faults)


def _on(path: str, crash: str) -> str:
    """Say in a sentence on a rule's crash on which file it was."""
    return crash if crash.startswith(READING) else crash.replace(" crashed in ", f" crashed on {path} in ", 1)


def _joined(parts: Iterable[Judged]) -> Judged:
    facts: dict[str, tuple[Any, ...]] = {}
    crashes: dict[str, list[str]] = {}
    for part, part_crashes in parts:
        facts |= part
        crashes |= part_crashes
    return facts, crashes
