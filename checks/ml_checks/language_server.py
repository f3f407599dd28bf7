"""The language server: shows in an editor what is wrong in the files that are open, saved or not."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from ml_checks import __version__
from ml_checks.errors import CannotRunError, printable
from ml_checks.project import workers
from ml_checks.reading import git
from ml_checks.report import model
from ml_checks.rules import family_of
from ml_checks.run import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pygls.workspace import TextDocument

    from ml_checks.project.snapshot import Snapshot
    from ml_checks.rules.run import Result
    from ml_checks.values import Finding, Location

    Documents = dict[str, TextDocument]

# Seconds without a change before the checks run: who types is not to wait for them.
PAUSE = 0.2


class Server(LanguageServer):
    """Judges the open documents of an editor, each as a file of the work tree that it lies in."""

    def __init__(self, opened: Callable[[str], Snapshot], run: Callable[[Snapshot], Result]) -> None:
        """Take what opens the work tree in a folder, and what runs the rules over it."""
        # Whole texts: a change of a part counts lines, and what ends a line differs from editor to editor.
        super().__init__("ml-checks", __version__, types.TextDocumentSyncKind.Full)
        self._opened, self._run = opened, run
        self._messages: dict[str, str] = {}
        self._timer: asyncio.TimerHandle | None = None

    def check_soon(self) -> None:
        """Check as soon as nothing has changed for a moment."""
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(PAUSE, self._check)

    def show(self, uri: str, found: Sequence[types.Diagnostic], version: int | None = None) -> None:
        """Show what was found in a document, in place of what was shown before."""
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, version))

    def _check(self) -> None:
        """Check each repository that holds an open document, and say what hinders; what was shown then stays."""
        for root, documents in self._located().items():
            try:
                trouble = "; ".join(self._publish(root, documents))
            except (CannotRunError, OSError) as error:
                trouble = str(error)
            if self._is_news(root, trouble):
                text = f"ml-checks: {printable(trouble)}"
                self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))
        gc.collect()  # the command has switched the collector off, for a life of one run

    def _located(self) -> dict[str, Documents]:
        """Return the open documents under their work trees and their paths in these; those in none are left out."""
        found: dict[str, Documents] = {}
        for document in self.workspace.text_documents.values():
            if (file := to_fs_path(document.uri)) is None:
                continue  # not yet saved anywhere
            folder, name = os.path.split(file)
            folder = os.path.realpath(folder)
            if root := self._root_of(folder):
                path = os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")
                found.setdefault(root, {})[path] = document
        return found

    def _root_of(self, folder: str) -> str | None:
        """Return the root of the work tree that holds a folder; log that there is none."""
        try:
            return git.root_of(folder)
        except CannotRunError as error:
            if self._is_news(folder, str(error)):
                self.window_log_message(types.LogMessageParams(types.MessageType.Info, f"ml-checks: {error}"))
            return None

    def _is_news(self, folder: str, text: str) -> bool:
        """Tell whether there is something to say about a folder that was not the last message."""
        before, self._messages[folder] = self._messages.get(folder), text
        return text not in {"", before}

    def _publish(self, root: str, documents: Documents) -> Sequence[str]:
        """Show what is found in the documents of a work tree; return a sentence for each that could not judge."""
        snapshot = self._opened(root)
        tracked = set(snapshot.paths)
        judged = {path for path in documents if path in tracked or not git.is_ignored(root, path)}
        unsaved = {path: documents[path].source.encode("utf-8", "surrogatepass") for path in judged}
        result = self._run(snapshot._replace(unsaved=unsaved))
        findings = [finding for finding in sorted(result.findings + result.gaps) if finding.at.path in judged]
        pairs = list(zip(findings, fingerprint.subjects_of(result.run.project, findings).ends, strict=True))
        for path, document in documents.items():
            rows = document.source.replace("\r\n", "\n").split("\n")
            found = [self._diagnostic(result, finding, rows, end) for finding, end in pairs if finding.at.path == path]
            self.show(document.uri, found, document.version)
        return result.crashes + result.unchecked

    def _diagnostic(self, result: Result, finding: Finding, rows: list[str], end: int | None) -> types.Diagnostic:
        """Return a finding as an editor shows it: up to the end of what is wrong, or else of the line."""
        return types.Diagnostic(
            self._range(finding.at, rows, end),
            f"{printable(finding.message)}\n{model.documentation(finding.code)[1]}",
            _severity(finding, result.gaps),
            finding.code,
            types.CodeDescription(model.page(finding.code, result.run.project.standards)),
            "ml-checks",
        )

    def _range(self, at: Location, rows: list[str], end: int | None) -> types.Range:
        """Return a place and what follows up to a column, or else to the end of the line, as an editor counts."""
        row = rows[at.line - 1] if at.line <= len(rows) else ""
        units = self.workspace.position_codec.client_num_units
        start, stop = units(row[: at.col - 1]), units(row[: end - 1] if end else row.rstrip())
        return types.Range(types.Position(at.line - 1, start), types.Position(at.line - 1, max(start, stop)))


def _severity(finding: Finding, gaps: Sequence[Finding]) -> types.DiagnosticSeverity:
    """Return how a finding is shown: in red what no tool can read; all else runs, until it is to be committed."""
    if finding in gaps:
        return types.DiagnosticSeverity.Information  # which blocks no commit
    is_unreadable = family_of(finding.code).is_always_selected
    return types.DiagnosticSeverity.Error if is_unreadable else types.DiagnosticSeverity.Warning


def serve(opened: Callable[[str], Snapshot], run: Callable[[Snapshot], Result]) -> None:
    """Serve the editor at standard input and output until it leaves; raise CannotRunError where there is none."""
    if not sys.stdin or sys.stdin.isatty():
        raise CannotRunError("an editor starts the language server and speaks to it; docs/editors.md shows how")
    server = Server(opened, run)
    for event in (types.TEXT_DOCUMENT_DID_OPEN, types.TEXT_DOCUMENT_DID_CHANGE, types.TEXT_DOCUMENT_DID_SAVE):
        server.feature(event)(_changed)
    server.feature(types.TEXT_DOCUMENT_DID_CLOSE)(_closed)
    workers.may_split = False  # a thread waits for the editor
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as output:  # which pygls closes, and the command must not lose
        server.start_io(sys.stdin.buffer, output)


def _changed(ls: Server, _: object) -> None:
    ls.check_soon()


def _closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    ls.show(params.text_document.uri, [])
    ls.check_soon()  # the others are now held against the file as it is saved
