"""The command `ml-checks`: its words and options, what each command does, and the exit codes."""

from __future__ import annotations

import io
import os
import sys
from itertools import chain, takewhile

from ml_checks import __version__
from ml_checks.errors import COMMAND, CannotRunError, count, printable, suggestion, typed
from ml_checks.reading.git import Repository
from ml_checks.record import Record
from ml_checks.rules import FAMILIES, select
from ml_checks.values import folders_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ml_checks.project.snapshot import Snapshot
    from ml_checks.report.model import Report
    from ml_checks.rules.run import Result

    Options = dict[str, str]

# Up to here, checking everything takes no time that anybody would notice.
FEW_PATHS = 200
# The name by which `--output` means what it means without the option.
STANDARD_OUTPUT = "-"
CLEAN, FINDINGS, UNUSABLE, CRASHED, NOTHING = range(5)
INTERRUPTED = 130
HELP = ("-h", "--help")
EXIT_CODES = """\
Findings about files are kept in the user's cache folder, so that an unchanged file is not read again.
ML_CHECKS_CACHE names another folder; if it is empty, nothing is kept.
Exit codes: 0 no findings, 1 findings, 2 wrong usage or configuration, or something could not be checked,
3 a rule crashed, 4 nothing to check.
"""


class Option(Record):
    """An option: its name, what its value is called (nothing for an option without a value), and what it does."""

    name: str
    value: str
    about: str

    @property
    def shown(self) -> str:
        """The option as somebody types it."""
        return f"{self.name} {self.value}".rstrip()


class Command(Record):
    """A command: its name, its words as the usage shows them, how many it takes, what it does, and its options."""

    name: str
    words: str
    least: int
    most: int
    about: str
    run: Callable[[list[str], Options], int]
    options: tuple[Option, ...] = ()

    @property
    def shown(self) -> str:
        """The command as somebody types it."""
        return f"{COMMAND} {self.name} {self.words}".rstrip()

    def option(self, name: str) -> Option | None:
        """Return the option of this name."""
        return next((option for option in self.options if option.name == name), None)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code (see EXIT_CODES)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None where it was closed before we started
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(sys.argv[1:] if argv is None else list(argv))
        print(end="", flush=True)  # here, where it can be told if nobody can be written to
    except CannotRunError as error:
        print(f"ml-checks: {typed(printable(str(error)))}", file=sys.stderr)
        return UNUSABLE
    except OSError as error:
        # Leave nothing to flush at exit. Whoever closed the pipe has read enough, and needs no word.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            print(f"ml-checks: cannot go on: {error.strerror}", file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        print("ml-checks: interrupted", file=sys.stderr)
        return INTERRUPTED
    return code


def _run(argv: list[str]) -> int:
    """Run the command that the first word names."""
    name, *rest = argv or ("",)
    if name in TEXTS:
        print(TEXTS[name](), end="")
        return CLEAN if name else UNUSABLE
    command = COMMANDS.get(name) or _refuse_command(name)
    if not {*HELP}.isdisjoint(takewhile("--".__ne__, rest)):
        print(help_on(command), end="")
        return CLEAN
    words, options = _parsed(command, rest)
    _refuse_number(command, words)
    return command.run(words, options)


def version() -> str:
    """Return what `ml-checks --version` prints."""
    return f"ml-checks {__version__}\n"


def usage() -> str:
    """Return what `ml-checks --help` prints."""
    width = max(len(command.shown) for command in COMMANDS.values()) + 1
    rows = [f"  {command.shown:<{width}}{command.about}" for command in COMMANDS.values()]
    more = "`ml-checks COMMAND --help` lists the options of a command; `ml-checks --version` prints the version."
    head = "Hold a machine-learning repository to the standards of its company."
    return "\n".join([head, "", *rows, "", typed(more), EXIT_CODES])


def help_on(command: Command) -> str:
    """Return what `ml-checks COMMAND --help` prints."""
    options = (*command.options, Option("-h, --help", "", "show this text"))
    rows = [f"  {option.shown:<22}{option.about}" for option in options]
    return "\n".join([f"{command.shown}: {command.about}", "", *rows, ""])


def _parsed(command: Command, rest: list[str]) -> tuple[list[str], Options]:
    """Split what follows a command into words and options; by hand, argparse would take a fifth of a one-file run."""
    words: list[str] = []
    options: Options = {}
    left = iter(rest)
    for word in left:
        if word == "--":
            words.extend(left)
        elif word.startswith("-"):
            name, value = _option(command, word, left)
            if name in options:
                raise CannotRunError(f"option {name!r} is given twice; give it once")
            options[name] = value
        else:
            words.append(word)
    return words, options


def _option(command: Command, word: str, left: Iterator[str]) -> tuple[str, str]:
    """Return name and value of an option, whose value may be the next word; raise CannotRunError."""
    name, given, value = word.partition("=")
    option = command.option(name) or _refuse_option(command, name)
    if not option.value:
        if given:
            raise CannotRunError(f"option {name!r} takes no value; write {name!r} alone")
        return name, name
    value = value if given else next(left, "")
    if not value.strip(" ,"):
        raise CannotRunError(f"option {name!r} needs a value: `{option.shown}`")
    return name, value


def _refuse_command(name: str) -> Command:
    if name.startswith("-"):
        raise CannotRunError(f"{name!r} stands before the command; write the command first, such as `ml-checks check`")
    raise CannotRunError(f"there is no command {name!r}; {suggestion(name, list(COMMANDS))}")


def _refuse_option(command: Command, name: str) -> Option:
    """Say which option of a command somebody may have meant, or of which commands it is one."""
    others = [other.name for other in COMMANDS.values() if other.option(name)]
    if others:
        where = ", ".join(f"`ml-checks {other}`" for other in others)
        raise CannotRunError(f"`ml-checks {command.name}` has no option {name!r}; it is one of {where}")
    known = [option.name for option in command.options] or ["--help"]
    raise CannotRunError(f"`ml-checks {command.name}` has no option {name!r}; {suggestion(name, known)}")


def _refuse_number(command: Command, words: list[str]) -> None:
    """Raise CannotRunError where a word is missing or too much."""
    if len(words) < command.least:
        raise CannotRunError(f"`ml-checks {command.name}` needs a word: `{command.shown}`")
    if len(words) > command.most:
        raise CannotRunError(f"{words[command.most]!r} is one word too many: `{command.shown}`")


def _check(paths: list[str], options: Options) -> int:
    repository = Repository(os.curdir, at_commit="--if-staged" in options)  # first: git lists while we import
    from ml_checks.run import engine

    codes = select(_split(options.get("--select", "")))
    format_name = _format(options)
    base = options.get("--base") or os.environ.get("PRE_COMMIT_FROM_REF", "")
    snapshot = _snapshot(repository, options)._replace(base=base)
    if _may_leave(repository, options) and not engine.is_relevant(snapshot):
        return CLEAN
    snapshot, named = _named(snapshot, paths, options)
    if missing := _untracked(snapshot.paths, named):
        print(f"ml-checks: git tracks nothing under {paths[missing[0]]!r}", file=sys.stderr)
        return NOTHING
    result = engine.run(snapshot, codes)
    if "--drafts" in options:
        result = result._replace(findings=tuple(sorted(result.findings + result.gaps)), gaps=())
    if not (_is_telling(result) or _wants_report(options)):
        return CLEAN  # the usual case, which imports nothing more
    return _show(result, _reported(result, codes, named), format_name, _output(options))


def _is_telling(result: Result) -> bool:
    """Tell whether there is anything to report on."""
    told = (result.findings, result.gaps, result.waived, result.crashes, result.unchecked, result.run.project.unread)
    return any(told)


def _format(options: Options) -> str:
    """Return the name of the format to report in; raise CannotRunError."""
    if "--format" not in options:
        return "summary" if "--summary" in options else "text"
    if "--summary" in options:
        raise CannotRunError("--summary is a text; JSON has the same under `summary`: leave out one of the two options")
    from ml_checks.report import known_format

    return known_format(options["--format"])


def _may_leave(repository: Repository, options: Options) -> bool:
    """Tell whether to leave at once would save time, and is wanted: a report is whole, whatever is staged."""
    return "--if-staged" in options and not _wants_report(options) and len(repository.paths) > FEW_PATHS


def _wants_report(options: Options) -> bool:
    return not options.keys().isdisjoint(["--format", "--output", "--summary"])


def _named(snapshot: Snapshot, paths: list[str], options: Options) -> tuple[Snapshot, list[str]]:
    """Return what is judged, with the text that an editor has not saved, and the paths to report on, from the root."""
    unsaved = options.get("--stdin-filename")
    if unsaved is not None:
        return _with_unsaved(snapshot, unsaved, paths)
    return snapshot, [_from_root(path, snapshot.repository.root) for path in paths]


def _reported(result: Result, codes: Sequence[str], named: list[str]) -> Report:
    """Return the report on the named paths, or on all."""
    from ml_checks.report.model import Report

    findings, waived, gaps = result.findings, result.waived, result.gaps
    if named:
        findings, gaps = (tuple(one for one in ones if _is_under(one.at.path, named)) for ones in (findings, gaps))
        waived = tuple(pair for pair in waived if _is_under(pair[0].at.path, named))
    project, crashes = result.run.project, result.crashes + result.unchecked
    return Report(project, codes, findings, waived=waived, gaps=gaps, crashes=crashes, named=named, stream=sys.stdout)


def _untracked(tracked: Sequence[str], named: Sequence[str]) -> list[int]:
    """Return which of the named paths are no tracked file and no folder that holds one, by their numbers."""
    if not named:
        return []
    known = {*tracked, *folders_of(tracked)}
    return [number for number, path in enumerate(named) if path not in known]


def _with_unsaved(snapshot: Snapshot, path: str, paths: list[str]) -> tuple[Snapshot, list[str]]:
    """Put what an editor has not saved in the place of a file, and return its path from the root, too."""
    named = _from_root(path, snapshot.repository.root)
    if paths:
        raise CannotRunError("--stdin-filename reports on one file; leave out the other paths")
    if named.startswith("../") or named in {"", ".."} or named in folders_of(snapshot.paths):
        raise CannotRunError(f"--stdin-filename {path!r} is no file of this repository")
    if not sys.stdin:
        raise CannotRunError("--stdin-filename reads standard input, which is closed")
    return snapshot._replace(unsaved={named: sys.stdin.buffer.read()}), [named]


def _show(result: Result, outcome: Report, format_name: str, file: str) -> int:
    """Print the report or write it into a file, say what could not be judged, and return the exit code."""
    from ml_checks import report
    from ml_checks.report import model

    if file == STANDARD_OUTPUT:
        for part in report.render(format_name, outcome):
            print(part, end="")
    else:
        from ml_checks.reading.output import write_text

        outcome.stream = None
        write_text(file, report.render(format_name, outcome))
        found = count(len(outcome.findings), "finding")
        print(f"{found}{model.waived(outcome)}, written to {printable(file)}")
    for sentence in chain(_crashes(result.crashes), result.unchecked):
        print(f"ml-checks: {printable(sentence)}", file=sys.stderr)
    codes = ((result.crashes, CRASHED), (result.unchecked, UNUSABLE), (outcome.findings, FINDINGS))
    return next((code for reason, code in codes if reason), CLEAN)


def _crashes(crashes: Sequence[str]) -> Iterator[str]:
    """Return what crashed: several rules may have asked for the same, and one cause has one sentence."""
    causes = {crash.partition(" crashed ")[2]: crash for crash in reversed(crashes)}
    told = "The fault is in ml-checks; everything else was checked"
    return (f"{crash}. {told}" for crash in reversed(causes.values()))


def _output(options: Options) -> str:
    """Return the file that the report is for."""
    if (file := options.get("--output", STANDARD_OUTPUT)) == STANDARD_OUTPUT:
        return file
    from ml_checks.reading.output import is_standard_output

    return STANDARD_OUTPUT if is_standard_output(file) else file


def _explain(codes: list[str], _: Options) -> int:
    from ml_checks.rules.retired import RETIRED, current

    code = codes[0].upper()
    if code in RETIRED:
        print(f"{RETIRED[code]}.", *(f"\n{_explained(now)}" for now in current(code)), sep="\n")
        return CLEAN
    if code not in select([code]):
        raise CannotRunError(f"{codes[0]!r} is the beginning of several codes; `ml-checks rules` lists them")
    print(_explained(code))
    return CLEAN


def _explained(code: str) -> str:
    """Return what a rule is about, what to do, and where to read more."""
    from ml_checks import standards
    from ml_checks.report import model

    select([code])
    fault, advice = model.documentation(code)
    return f"{code}: {fault}\n\n{advice}\n\n{model.page(code, standards.load(os.curdir))}"


def _rules(_: list[str], __: Options) -> int:
    from ml_checks.report import model

    codes = select([])
    for family in FAMILIES:
        print(f"{family.prefix} {family.hook}: {family.about}")
        for code in (code for code in codes if code.startswith(family.prefix)):
            print(f"  {code}  {model.documentation(code)[0]}")
    return CLEAN


def _owners(paths: list[str], options: Options) -> int:
    shape = _shape("owners", ("text", "json", "azure"), options)
    repository = Repository(os.curdir)
    from ml_checks import owners
    from ml_checks.project.project import Project

    project = Project(_snapshot(repository, options))
    answers = owners.answers(project, [_from_root(path, repository.root) for path in paths])
    if shape == "azure":
        print(owners.as_azure(project, answers), end="")
    else:
        print(owners.as_json(answers) if shape == "json" else owners.as_text(answers), end="")
    return CLEAN


def _shape(command: str, known: Sequence[str], options: Options) -> str:
    """Return the format in which a command is to answer; raise CannotRunError."""
    shape = options.get("--format", "text")
    if shape not in known:
        raise CannotRunError(f"`ml-checks {command}` has no format {shape!r}; known are {', '.join(known)}")
    return shape


def _standards(keys: list[str], _: Options) -> int:
    from ml_checks.standards import layers

    for key in keys or [""]:
        for line in layers.described(Repository(os.curdir).root, key):
            print(printable(line))
    return CLEAN


def _server(_: list[str], options: Options) -> int:
    try:
        from ml_checks import language_server
    except ImportError as error:
        raise CannotRunError("the language server needs pygls 2: install `ml-template[editor]`") from error
    from ml_checks.run import engine

    codes = select(_split(options.get("--select", "")))
    _day(options.get("--today"))  # now, so that a wrong one is told; later, because a server sees more than one day

    def opened(root: str) -> Snapshot:
        return _snapshot(Repository(root), options)._replace(base=options.get("--base", ""))

    language_server.serve(opened, lambda snapshot: engine.run(snapshot, codes))
    return CLEAN


def _waivers(_: list[str], options: Options) -> int:
    from ml_checks.run import waivers

    for line in waivers.listed(_run_of_all(options)):
        print(printable(line))
    return CLEAN


def _baseline(_: list[str], options: Options) -> int:
    if {"--prune", "--update"} <= options.keys():
        raise CannotRunError("--update prunes, too; leave out --prune")
    repository = Repository(os.curdir)
    from ml_checks.run import baseline, engine

    base = options.get("--base") or os.environ.get("PRE_COMMIT_FROM_REF", "")
    snapshot, codes = _snapshot(repository, options)._replace(base=base), select([])

    def run(unsaved: Mapping[str, bytes]) -> Result:
        return engine.run(snapshot._replace(unsaved=unsaved), codes)

    work = {"--prune": baseline.prune, "--update": baseline.update}
    written = work.get("".join(work.keys() & options.keys()), baseline.begin)(run)
    for line in written.lines:
        print(typed(printable(line)))
    return FINDINGS if written.left else CLEAN


def _adopt(_: list[str], options: Options) -> int:
    shape = _shape("adopt", ("text", "json"), options)
    if "--owner" not in options:
        raise CannotRunError("`ml-checks adopt` never guesses an owner: give it one with --owner @org/team")
    from ml_checks.adopt.adoption import adopt

    owner, day = options["--owner"], _day(options.get("--today"))
    text, is_clean, crashes = adopt(os.curdir, owner, day, is_applied="--apply" in options, shape=shape)
    print(text, end="")
    for sentence in _crashes(crashes):
        print(f"ml-checks: {printable(sentence)}", file=sys.stderr)
    if crashes:
        return CRASHED
    return CLEAN if is_clean else FINDINGS


def _run_of_all(options: Options) -> Result:
    repository = Repository(os.curdir)
    from ml_checks.run import engine

    return engine.run(_snapshot(repository, options), select([]))


def _snapshot(repository: Repository, options: Options) -> Snapshot:
    from ml_checks import standards
    from ml_checks.project.snapshot import Snapshot

    held = standards.load(repository.root)
    if not held.project and repository.is_left_out(standards.PROJECT_FILE):
        why = f"{standards.PROJECT_FILE} is left out of this sparse checkout"
        raise CannotRunError(f"{why}; add it: `git sparse-checkout add {standards.PROJECT_FILE}`")
    return Snapshot(repository, held, _day(options.get("--today")))


def _split(codes: str) -> list[str]:
    return [code.strip().upper() for code in codes.split(",") if code.strip()]


def _day(text: str | None) -> datetime.date:
    import datetime

    if text is None:
        return datetime.datetime.now(tz=datetime.UTC).date()
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        msg = f"--today {text!r} is not a day such as 2026-01-31"
        raise CannotRunError(msg) from error


def _from_root(path: str, root: str) -> str:
    # The folder may be reached through a link; a link at the end is itself what is named.
    folder, name = os.path.split(os.path.abspath(path))
    relative = os.path.relpath(os.path.join(os.path.realpath(folder), name), root).replace(os.sep, "/")
    return "" if relative == "." else relative


def _is_under(path: str, named: list[str]) -> bool:
    return any(not place or path == place or path.startswith(f"{place}/") for place in named)


ANY = 1_000_000
SELECT = Option("--select", "CODES", "only codes that begin so, separated by commas: SCH,OWN001")
TODAY = Option("--today", "YYYY-MM-DD", "judge as on this day")
BASE = Option("--base", "REF", "compare with where the branch left REF, not with the last commit")
FORMAT = Option("--format", "FORMAT", "text, json, sarif, github (annotations), gitlab (code quality) or junit")
CHECK_OPTIONS = (
    SELECT,
    FORMAT,
    Option("--output", "FILE", "write the report into this file; - is standard output"),
    Option("--summary", "", "print only how often each rule finds something, and in which names"),
    Option("--drafts", "", "find what is left to write in drafts, too"),
    Option("--stdin-filename", "F", "for editors: standard input stands for file F; report on F alone"),
    Option("--if-staged", "", "in a large repository, stop at once if no staged file matters to a rule"),
    BASE,
    TODAY,
)
PRUNE = Option("--prune", "", "take the fixed findings out, instead of beginning a baseline")
UPDATE = Option("--update", "", "do that, and add what new rules and words find in the last commit, too")
BASELINE_OPTIONS = (PRUNE, UPDATE, BASE, TODAY)
SHAPE = Option("--format", "FORMAT", "text or json")
ADOPT_OPTIONS = (
    Option("--owner", "OWNER", "who answers for what nobody owns yet: a team, as CODEOWNERS names it"),
    Option("--apply", "", "write what the plan says; without it nothing is written"),
    SHAPE,
    TODAY,
)
POLICIES = Option("--format", "FORMAT", "text, json, or azure: the commands that set the reviewers of Azure Repos")
COMMANDS = {
    command.name: command
    for command in (
        Command("check", "[PATH...]", 0, ANY, "check the files that git tracks", _check, CHECK_OPTIONS),
        Command("explain", "CODE", 1, 1, "say why a rule exists and what to do", _explain),
        Command("rules", "", 0, 0, "list all rules", _rules),
        Command("owners", "PATH...", 1, ANY, "say who owns a path, and by which line", _owners, (POLICIES,)),
        Command("waivers", "", 0, 0, "list the waivers: by whom, why and until when", _waivers, (TODAY,)),
        Command("baseline", "", 0, 0, "allow today's findings, or remove the fixed ones", _baseline, BASELINE_OPTIONS),
        Command("adopt", "", 0, 0, "plan what brings an old repository in, or do it", _adopt, ADOPT_OPTIONS),
        Command("server", "", 0, 0, "start the language server for an editor", _server, (SELECT, BASE, TODAY)),
        Command("standards", "[KEY...]", 0, ANY, "show the values in force, and where each is written", _standards),
    )
}
# What is printed in place of a command.
TEXTS = {"": usage, **dict.fromkeys(HELP, usage), "--version": version}
