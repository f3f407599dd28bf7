"""The language server, as an editor meets it: what it shows, where, and when it goes away again."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import re
import subprocess
import sys
import threading
import tomllib
import weakref
from collections import defaultdict
from typing import TYPE_CHECKING

import ml_checks
import pytest
from lsprotocol import types
from ml_checks import cli, language_server
from ml_checks.project import workers
from ml_checks.report import model
from ml_checks.rules.registry import rule
from ml_checks.values import Location
from pygls.io_ import StdoutWriter, run_async
from pygls.lsp.client import LanguageClient

from tests.command import CLEAN, COMMAND, CONTRACT, README, TODAY, repository, run, spawn, write
from tests.conftest import ROOT, git
from tests.described import STANDARDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
    from pathlib import Path

    from ml_checks.project.project import Project

    Encodings = tuple[types.PositionEncodingKind, ...]

# pygls asks whether a function is a coroutine in a way that Python 3.14 calls outdated.
pytestmark = pytest.mark.filterwarnings("ignore:'asyncio.iscoroutinefunction' is deprecated:DeprecationWarning")

PAGE, FLIGHTS, OWNERS = "README.md", "contracts/flights.odcs.yaml", ".github/CODEOWNERS"
EMPTY = README.replace("@acme/flight-ops\n", "")
EMPTY_OWNER = "2:0-2:8 DOC003 section 'Owner' is empty"
A_WHILE = 0.5 + language_server.PAUSE  # in which something would be said, if it were
PATIENCE = 30  # seconds, on a machine with much else to do


class Editor(LanguageClient):
    """An editor with files of one folder; keeps what it is shown and told until somebody looks."""

    def __init__(self, folder: Path) -> None:
        """Take the folder."""
        super().__init__("editor", "1")
        self.folder = folder
        self.shown: defaultdict[str, asyncio.Queue[types.PublishDiagnosticsParams]] = defaultdict(asyncio.Queue)
        self.said: asyncio.Queue[tuple[types.MessageType, str]] = asyncio.Queue()
        self.code: int | None = None
        self._version: dict[str, int] = {}
        self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: self.shown[params.uri].put_nowait(params))
        for saying in (types.WINDOW_SHOW_MESSAGE, types.WINDOW_LOG_MESSAGE):
            self.feature(saying)(lambda params: self.said.put_nowait((params.type, params.message)))

    async def server_exit(self, server: asyncio.subprocess.Process) -> None:
        """Note how a server of its own process ended."""
        self.code = server.returncode

    def uri(self, path: str) -> str:
        """Return the address of a file."""
        return (self.folder / path).as_uri()

    async def greet(self, *encodings: types.PositionEncodingKind) -> None:
        """Begin, with the ways to count columns that this editor knows."""
        general = types.GeneralClientCapabilities(position_encodings=encodings) if encodings else None
        await self.initialize_async(types.InitializeParams(types.ClientCapabilities(general=general)))
        self.initialized(types.InitializedParams())

    def open(self, path: str, text: str) -> None:
        """Open a file with this text."""
        self._version[path] = 1
        item = types.TextDocumentItem(self.uri(path), "any", 1, text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, path: str, text: str) -> None:
        """Type this text in place of the one before."""
        self._version[path] += 1
        document = types.VersionedTextDocumentIdentifier(self._version[path], self.uri(path))
        whole = [types.TextDocumentContentChangeWholeDocument(text)]
        self.text_document_did_change(types.DidChangeTextDocumentParams(document, whole))

    def save(self, path: str, text: str) -> None:
        """Save this text."""
        write(self.folder, {path: text})
        self.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(self.uri(path))))

    def close(self, path: str) -> None:
        """Close a file."""
        self.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(self.uri(path))))

    async def looks(self, path: str) -> list[types.Diagnostic]:
        """Wait until something is shown for a file, or nothing any more, and return it."""
        shown = await asyncio.wait_for(self.shown[self.uri(path)].get(), PATIENCE)
        return list(shown.diagnostics)

    async def sees(self, path: str) -> list[str]:
        """Return what is shown for a file in short."""
        return [short(found) for found in await self.looks(path)]

    async def hears(self) -> tuple[types.MessageType, str]:
        """Wait until something is said in words, and return it."""
        return await asyncio.wait_for(self.said.get(), PATIENCE)

    async def leave(self) -> None:
        """Say goodbye, and make sure that nothing was shown or said that nobody expected."""
        await self.shutdown_async(None)
        self.exit(None)
        assert [uri for uri, queue in self.shown.items() if not queue.empty()] == []
        assert self.said.empty()


def short(found: types.Diagnostic) -> str:
    """Return where something is shown, and the first line of it."""
    start, end = found.range.start, found.range.end
    place = f"{start.line}:{start.character}-{end.line}:{end.character}"
    return f"{place} {found.code} {found.message.splitlines()[0]}"


@contextlib.asynccontextmanager
async def served(folder: Path, *words: str, encodings: Encodings = ()) -> AsyncIterator[Editor]:
    """Run `ml-checks server` in a thread, where coverage sees it, and an editor that speaks to it."""
    editor, reader = Editor(folder), asyncio.StreamReader()
    (ask, asked), (answer, answered) = os.pipe(), os.pipe()
    asking, listening = os.fdopen(asked, "wb"), os.fdopen(answer, "rb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "may_split", workers.may_split)
        patch.setattr(sys, "stdin", os.fdopen(ask))
        patch.setattr(sys, "stdout", os.fdopen(answered, "w"))
        patch.chdir(folder)
        gc.disable()  # as the process does that is the command
        server = asyncio.create_task(asyncio.to_thread(cli.main, ["server", "--today", TODAY, *words]))
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, listening)
        editor.protocol.set_writer(StdoutWriter(asking))
        hearing = asyncio.create_task(run_async(threading.Event(), reader, editor.protocol))
        try:
            await editor.greet(*encodings)
            yield editor
            await editor.leave()
        finally:
            asking.close()
            code = await asyncio.wait_for(server, PATIENCE)
            sys.stdout.close()
            sys.stdin.close()
            await hearing
            transport.close()
            gc.enable()
        assert code == 0


def edit(scenario: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run what an editor does."""
    asyncio.run(scenario())


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """Return a project without a fault."""
    return repository(tmp_path / "clean", CLEAN)


def test_what_is_not_saved_shows_its_faults_until_they_are_mended(clean: Path) -> None:
    async def scenario() -> None:
        async with served(clean) as editor:
            editor.open(PAGE, README)
            assert await editor.looks(PAGE) == []
            editor.change(PAGE, EMPTY)
            advice = model.documentation("DOC003")[1]
            assert await editor.looks(PAGE) == [
                types.Diagnostic(
                    range=types.Range(types.Position(2, 0), types.Position(2, 8)),
                    message=f"section 'Owner' is empty\n{advice}",
                    severity=types.DiagnosticSeverity.Warning,
                    code="DOC003",
                    code_description=types.CodeDescription(f"{STANDARDS.rules_page}#doc003"),
                    source="ml-checks",
                )
            ]
            editor.change(PAGE, README)
            assert await editor.looks(PAGE) == []

    edit(scenario)


def test_what_is_left_to_write_in_a_draft_is_no_warning(clean: Path) -> None:
    draft = (
        CONTRACT.format("Flights").replace("active", "draft").replace("One row for each scheduled departure.", "TODO")
    )

    async def scenario() -> None:
        async with served(clean) as editor:
            editor.open(FLIGHTS, draft)
            shown = [(one.code, one.severity) for one in await editor.looks(FLIGHTS)]
            severity = types.DiagnosticSeverity
            assert shown == [
                ("SCH001", severity.Warning),
                ("SCH011", severity.Warning),
                ("DOC004", severity.Information),
            ]

    edit(scenario)


def test_a_real_process_speaks_to_an_editor(clean: Path) -> None:
    async def scenario() -> None:
        editor = Editor(clean)
        await editor.start_io(str(COMMAND), "server", "--select", "DOC", cwd=clean)
        await editor.greet()
        editor.open(PAGE, EMPTY)
        assert await editor.sees(PAGE) == [EMPTY_OWNER]
        editor.change(PAGE, README)
        assert await editor.sees(PAGE) == []
        await editor.leave()
        await asyncio.wait_for(asyncio.gather(*editor._async_tasks), PATIENCE)  # noqa: SLF001  # no other way to wait
        assert editor.code == 0

    edit(scenario)


BEFORE = "schema: [{description: '\U0001f6eb é One row for each departure.', name: "
UTF_8, UTF_16, UTF_32 = (getattr(types.PositionEncodingKind, name) for name in ("Utf8", "Utf16", "Utf32"))


@pytest.mark.parametrize(
    ("encodings", "start"),
    [
        pytest.param((), len(BEFORE.encode("utf-16-le")) // 2, id="UTF-16, if the editor says nothing"),
        pytest.param((UTF_8,), len(BEFORE.encode()), id="UTF-8"),
        pytest.param((UTF_32, UTF_16), len(BEFORE), id="what it likes best"),
    ],
)
def test_columns_are_counted_as_the_editor_counts_them(encodings: Encodings, start: int, clean: Path) -> None:
    text = re.sub(r"(?s)^schema:.*?(?=^apiVersion)", "", CONTRACT, flags=re.MULTILINE)
    fault = f"0:{start}-0:{start + 7} SCH001 dataset 'Flights' is not written like 'departure_airport'"

    async def scenario() -> None:
        async with served(clean, "--select", "SCH001", encodings=encodings) as editor:
            editor.open(FLIGHTS, f"{BEFORE}Flights}}]\n{text}".replace("\n", "\r\n"))
            assert await editor.sees(FLIGHTS) == [fault]

    edit(scenario)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("schema: [\n", "1:0-1:0", id="at the end of the file"),
        pytest.param("schema: [", "1:0-1:0", id="behind the end of the file"),
        pytest.param("a: \U0001f6eb\ud800 b\n", "0:5-0:8", id="half a character"),
        pytest.param("a: 1\na: 1 # one\n", "1:0-1:1", id="the end is known"),
    ],
)
def test_what_no_tool_reads_as_it_is_meant_is_an_error(text: str, place: str, clean: Path) -> None:
    async def scenario() -> None:
        async with served(clean, "--select", "FIL") as editor:
            editor.open(FLIGHTS, text)
            found = await editor.looks(FLIGHTS)
            assert [(one.severity, short(one).partition(" ")[0]) for one in found] == [
                (types.DiagnosticSeverity.Error, place)
            ]

    edit(scenario)


def test_open_files_are_held_against_each_other_and_a_closed_one_as_it_is_saved(clean: Path) -> None:
    strange = CONTRACT.format("flights").replace("@acme/flight-ops", "@acme/weather")
    faults = ["1:8-1:23 OWN002 contract is owned by '@acme/weather', whom .github/CODEOWNERS never names"]

    async def scenario() -> None:
        async with served(clean, "--select", "OWN002") as editor:
            editor.open(FLIGHTS, strange)
            assert await editor.sees(FLIGHTS) == faults
            editor.open(OWNERS, "* @acme/flight-ops @acme/weather\n")
            assert (await editor.sees(OWNERS), await editor.sees(FLIGHTS)) == ([], [])
            editor.close(OWNERS)
            assert (await editor.sees(OWNERS), await editor.sees(FLIGHTS)) == ([], faults)
            editor.save(OWNERS, "* @acme/weather\n")
            assert await editor.sees(FLIGHTS) == []
            editor.change(FLIGHTS, CONTRACT.format("flights"))
            assert len(await editor.sees(FLIGHTS)) == 1
            editor.close(FLIGHTS)
            assert await editor.sees(FLIGHTS) == []

    edit(scenario)


def test_a_burst_of_changes_is_checked_once(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language_server, "PAUSE", 2.0)

    async def scenario() -> None:
        async with served(clean) as editor:
            editor.open(PAGE, README)
            for text in (EMPTY, "", EMPTY):
                editor.change(PAGE, text)
            shown = await asyncio.wait_for(editor.shown[editor.uri(PAGE)].get(), PATIENCE)
            assert (shown.version, [short(found) for found in shown.diagnostics]) == (4, [EMPTY_OWNER])

    edit(scenario)


def test_what_is_waived_or_in_the_baseline_is_not_shown(clean: Path) -> None:
    waiver = '<!-- ml-checks: waive DOC003 until=2027-01-31 reason="it moves" owner=@acme/flight-ops -->\n'
    write(clean, {"standards.baseline.yaml": '- "DOC003 README.md Run"\n'})
    text = EMPTY.replace("## Owner", f"{waiver}## Owner").replace("`late run`\n", "").replace("`pytest`\n", "")

    async def scenario() -> None:
        async with served(clean, "--select", "DOC") as editor:
            editor.open(PAGE, text)
            assert await editor.sees(PAGE) == ["9:0-9:7 DOC003 section 'Test' is empty"]

    edit(scenario)


def test_what_git_leaves_alone_is_not_judged(clean: Path) -> None:
    write(clean, {".gitignore": "/local/\n/kept.md\n", "kept.md": ""})
    git(clean, "add", "--force", "kept.md")
    fault = ["0:4-0:12 DOC008 link to 'gone.md', which is not tracked"]

    async def scenario() -> None:
        async with served(clean, "--select", "DOC008") as editor:
            for path, expected in (("local/a.md", []), (".git/a.md", []), ("new/:a.md", fault), ("kept.md", fault)):
                editor.open(path, "[a](gone.md)\n")
                assert (path, await editor.sees(path)) == (path, expected)
                editor.close(path)
                assert await editor.sees(path) == []

    edit(scenario)


def test_a_file_outside_of_a_repository_is_logged_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with served(tmp_path) as editor:
            draft = types.TextDocumentItem("untitled:Untitled-1", "markdown", 1, EMPTY)
            editor.text_document_did_open(types.DidOpenTextDocumentParams(draft))
            editor.open("notes/a.md", "")
            editor.open("notes/b.md", "")
            folder = str(tmp_path / "notes")
            complaint = f"ml-checks: {folder!r} is in no git work tree; run `git init` and `git add .` first"
            assert await editor.hears() == (types.MessageType.Info, complaint)
            editor.save("notes/b.md", "")
            await asyncio.sleep(A_WHILE)

    edit(scenario)


def test_each_file_is_judged_by_its_own_repository(tmp_path: Path) -> None:
    repository(tmp_path / "one", CLEAN)
    repository(tmp_path / "two", {**CLEAN, "standards.yaml": "waivers: []\nexclude: [contracts/]\n"})
    (tmp_path / "link").symlink_to(tmp_path / "one")

    async def scenario() -> None:
        async with served(tmp_path, "--select", "SCH001") as editor:
            text = CONTRACT.format("Flights")
            fault = ["3:10-3:17 SCH001 dataset 'Flights' is not written like 'departure_airport'"]
            editor.open(f"one/{FLIGHTS}", text)
            assert await editor.sees(f"one/{FLIGHTS}") == fault
            editor.open(f"two/{FLIGHTS}", text)
            assert await editor.sees(f"one/{FLIGHTS}") == fault
            assert await editor.sees(f"two/{FLIGHTS}") == []
            editor.close(f"one/{FLIGHTS}")
            assert await editor.sees(f"one/{FLIGHTS}") == []
            assert await editor.sees(f"two/{FLIGHTS}") == []
            editor.open(f"link/{FLIGHTS}", text)
            assert await editor.sees(f"link/{FLIGHTS}") == fault
            assert await editor.sees(f"two/{FLIGHTS}") == []

    edit(scenario)


def test_standards_that_cannot_be_used_are_said_once_and_what_was_shown_stays(clean: Path) -> None:
    complaint = "ml-checks: standards.yaml:1:1: unknown key 'nonsense'; did you mean 'owners'?"

    async def scenario() -> None:
        async with served(clean) as editor:
            editor.open(PAGE, EMPTY)
            assert await editor.sees(PAGE) == [EMPTY_OWNER]
            write(clean, {"standards.yaml": "nonsense: 1\n"})
            editor.change(PAGE, README)
            assert await editor.hears() == (types.MessageType.Warning, complaint)
            editor.change(PAGE, EMPTY)
            await asyncio.sleep(A_WHILE)
            (clean / "standards.yaml").unlink()
            editor.change(PAGE, README)
            assert await editor.sees(PAGE) == []
            write(clean, {"standards.yaml": "nonsense: 1\n"})
            editor.change(PAGE, README)
            assert await editor.hears() == (types.MessageType.Warning, complaint)

    edit(scenario)


@pytest.fixture
def crashing() -> None:
    """Register a rule that fails after its first finding."""

    @rule("SCH999")
    def fault_of_ours(project: Project) -> Iterator[tuple[Location, str]]:
        yield Location(PAGE, 2, 1), "found before the crash"
        raise KeyError(project.paths[0])


@pytest.mark.usefixtures("rules_taken_back", "crashing")
def test_a_rule_that_crashes_is_said_and_silences_no_other(clean: Path) -> None:
    said = r"ml-checks: SCH999 crashed in test_language_server.py:\d+: KeyError: '.github/CODEOWNERS'"

    async def scenario() -> None:
        async with served(clean) as editor:
            editor.open(PAGE, EMPTY)
            kind, text = await editor.hears()
            assert (kind, bool(re.fullmatch(said, text))) == (types.MessageType.Warning, True)
            assert await editor.sees(PAGE) == ["1:0-1:0 SCH999 found before the crash", EMPTY_OWNER]

    edit(scenario)


def test_without_git_the_editor_is_told(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    complaint = "ml-checks: git is not on the PATH; install it, the checks ask it which files are tracked"

    async def scenario() -> None:
        async with served(clean) as editor:
            editor.open(PAGE, EMPTY)
            assert await editor.hears() == (types.MessageType.Warning, complaint)

    edit(scenario)


def test_after_each_check_what_is_held_by_cycles_is_freed(clean: Path) -> None:
    async def scenario() -> None:
        async with served(clean) as editor:
            editor.open(PAGE, README)
            assert await editor.sees(PAGE) == []
            cycle, freed = type("Cycle", (), {}), asyncio.Event()  # a class is first in its own list of bases
            weakref.finalize(cycle, asyncio.get_running_loop().call_soon_threadsafe, freed.set)
            del cycle
            editor.change(PAGE, README)
            assert await editor.sees(PAGE) == []
            await asyncio.wait_for(freed.wait(), PATIENCE)

    edit(scenario)


def test_a_process_with_threads_is_not_split(clean: Path) -> None:
    def process(_: str) -> int:
        return os.getpid()

    async def scenario() -> None:
        async with served(clean):
            assert workers.spread(process, ["a", "b"]) == [os.getpid(), os.getpid()]

    edit(scenario)


def test_a_person_who_starts_it_is_told_who_should(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    complaint = "ml-checks: an editor starts the language server and speaks to it; docs/editors.md shows how\n"
    monkeypatch.setattr(sys, "stdin", None)
    assert run(clean, "server") == (2, "", complaint)
    keyboard, terminal = os.openpty()
    with os.fdopen(terminal) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert run(clean, "server") == (2, "", complaint)
    os.close(keyboard)


def test_a_wrong_option_is_told_before_anything_is_served(clean: Path) -> None:
    complaint = "ml-checks: no rule has a code that begins with 'SHC'; did you mean 'SCH'?\n"
    assert run(clean, "server", "--select", "SHC") == (2, "", complaint)
    assert run(clean, "server", "--today", "now").err == "ml-checks: --today 'now' is not a day such as 2026-01-31\n"


def test_without_pygls_one_sentence_says_what_to_install(
    clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = "ml-checks: the language server needs pygls 2: install `ml-template[editor]`\n"
    write(tmp_path / "hidden", {"pygls.py": "raise ImportError\n"})
    assert spawn(clean, "server", PYTHONPATH=str(tmp_path / "hidden")) == (2, "", complaint)
    monkeypatch.delattr(ml_checks, "language_server")
    monkeypatch.setitem(sys.modules, "ml_checks.language_server", None)
    assert run(clean, "server") == (2, "", complaint)


def test_a_check_imports_nothing_of_it(clean: Path) -> None:
    code = "import sys; from ml_checks.cli import main; main(['check']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=clean, capture_output=True, encoding="utf-8", check=True)
    assert set(done.stdout.split()) & {"ml_checks.language_server", "pygls", "lsprotocol", "attrs", "asyncio"} == set()


def test_the_settings_on_the_page_start_the_server_and_its_options_exist() -> None:
    page = (ROOT / "docs/editors.md").read_text("utf-8")
    blocks = dict(re.findall(r"(?ms)^```(json|lua|toml)\n(.*?)^```$", page))
    code, helix = json.loads(blocks["json"]), tomllib.loads(blocks["toml"])
    assert [code["glspc.server.command"], *code["glspc.server.commandArguments"]] == ["ml-checks", "server"]
    assert helix["language-server"]["ml-checks"] == {"command": "ml-checks", "args": ["server"]}
    assert all("ml-checks" in language["language-servers"] for language in helix["language"])
    assert '{ "ml-checks", "server" }' in blocks["lua"]
    assert set(re.findall(r"--[a-z][a-z-]+", page)) <= {
        option.name for name in ("check", "server") for option in cli.COMMANDS[name].options
    }
