"""The command `ml-checks`: check, explain and rules."""

from __future__ import annotations

import io
import os
import sys

from ml_checks import report
from ml_checks.errors import CannotRunError
from ml_checks.reading.git import Repository
from ml_checks.reading.text import write_text
from ml_checks.rules import FAMILIES, select
from ml_checks.values import folders_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Sequence

    from ml_checks.project.snapshot import Snapshot
    from ml_checks.report import Report
    from ml_checks.run.result import Result

    Options = dict[str, str]

USAGE = """\
Hold a machine-learning repository to its company's standards.

  ml-checks check [--select CODES] [PATH...]   check what git tracks, as it is in the work tree
  ml-checks explain CODE                       say why a rule exists and what to do
  ml-checks rules                              list all rules
  ml-checks owners PATH...                     say who owns a path and by which line (--format text or json)
  ml-checks waivers                            list what is waived, by whom, why and until when
  ml-checks baseline [--prune]                 allow what is found today; or take out what is mended since
  ml-checks server                             be the language server of an editor (docs/editors.md)
  ml-checks standards [KEY]                    show what is in force, and where each value is written

  --select CODES       only codes that begin so, separated by commas: SCH,OWN001
  --format FORMAT      text, json, sarif, github (annotations), gitlab (code quality) or junit
  --output FILE        write the report into this file
  --stdin-filename F   for editors: standard input stands for file F; report only what is found in it
  --if-staged          in a large repository, stop at once if no file is staged that a rule reads
  --prune              shorten a baseline instead of beginning one
  --base REF           compare contracts with where the branch left REF, not with the last commit
  --today YYYY-MM-DD   judge as on this day
  PATH                 report only what is found in these files and folders

What is known of files is kept in the user's cache folder; ML_CHECKS_CACHE names another one, and an empty one none.
Exit codes: 0 clean, 1 findings, 2 usage or configuration, 3 a rule crashed, 4 nothing to check.
"""
# Up to here, checking everything takes no time that anybody would notice.
FEW_PATHS = 200
FLAGS, VALUED = (
    ("--help", "--if-staged", "--prune"),
    ("--select", "--format", "--output", "--stdin-filename", "--today", "--base"),
)
CLEAN, FINDINGS, UNUSABLE, CRASHED, NOTHING = range(5)
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code (see USAGE)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None where it was closed before we started
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(sys.argv[1:] if argv is None else list(argv))
        print(end="", flush=True)  # here, where it can be told if nobody can be written to
    except CannotRunError as error:
        print(f"ml-checks: {report.printable(str(error))}", file=sys.stderr)
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
    words, options = _parse(argv)
    if not words or "--help" in options:
        print(USAGE, end="")
        return CLEAN if "--help" in options else UNUSABLE
    name, *arguments = words
    if name not in COMMANDS:
        msg = f"there is no command {name!r}; `ml-checks --help` lists them"
        raise CannotRunError(msg)
    return COMMANDS[name](arguments, options)


def _parse(argv: list[str]) -> tuple[list[str], Options]:
    """Split the command line into words and options; by hand, argparse would take a fifth of a one-file run."""
    words: list[str] = []
    options: Options = {}
    rest = iter(argv)
    for word in rest:
        name, given, value = word.partition("=")
        if word == "--":
            words.extend(rest)
        elif not word.startswith("-"):
            words.append(word)
        elif name in VALUED:
            options[name] = value if given else next(rest, "")
            if not options[name].strip(" ,"):
                msg = f"option {name!r} needs a value; `ml-checks --help` shows one"
                raise CannotRunError(msg)
        elif word in FLAGS:
            options[word] = word
        else:
            msg = f"there is no option {name!r}; `ml-checks --help` lists them"
            raise CannotRunError(msg)
    return words, options


def _check(paths: list[str], options: Options) -> int:
    repository = Repository(os.curdir, at_commit="--if-staged" in options)  # first: git lists while we import
    from ml_checks.run import engine

    prefixes = _split(options.get("--select", ""))
    codes = select(prefixes)
    format_name = report.known_format(options.get("--format", "text"))
    wants_report = format_name != "text" or "--output" in options  # whole, whatever is staged
    base = options.get("--base") or os.environ.get("PRE_COMMIT_FROM_REF", "")
    snapshot = _snapshot(repository, _day(options.get("--today")))._replace(base=base)
    # To leave at once saves time only where there are many files.
    may_leave = "--if-staged" in options and not wants_report and len(repository.paths) > FEW_PATHS
    if may_leave and not engine.is_relevant(snapshot):
        return CLEAN
    named = [_from_root(path, repository.root) for path in paths]
    if "--stdin-filename" in options:
        snapshot, named = _with_unsaved(snapshot, options["--stdin-filename"], paths)
    if missing := _untracked(snapshot.paths, named):
        print(f"ml-checks: git tracks nothing under {paths[missing[0]]!r}", file=sys.stderr)
        return NOTHING
    result = engine.run(snapshot, codes)
    findings = [finding for finding in result.findings if not named or _is_under(finding.at.path, named)]
    waived = [pair for pair in result.waived if not named or _is_under(pair[0].at.path, named)]
    project, crashes = result.run.project, result.crashes
    outcome = report.Report(project, codes, findings, waived=waived, crashes=crashes, stream=sys.stdout)
    return _tell(outcome, format_name, options.get("--output"))


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


def _tell(outcome: Report, format_name: str, file: str | None) -> int:
    """Print the report or write it into a file, say what crashed, and return the exit code."""
    if file is None:
        print(report.render(format_name, outcome), end="")
    else:
        outcome.stream = None
        write_text(file, report.render(format_name, outcome))
        found = report.count(len(outcome.findings), "finding")
        print(f"{found}{report.waived(outcome)}, written to {report.printable(file)}")
    # Several rules may have asked for what crashed: one sentence for one cause.
    causes = {crash.partition(" crashed ")[2]: crash for crash in reversed(outcome.crashes)}
    for crash in map(report.printable, reversed(causes.values())):
        print(f"ml-checks: {crash}. The fault is in ml-checks; everything else was checked", file=sys.stderr)
    if outcome.crashes:
        return CRASHED
    return FINDINGS if outcome.findings else CLEAN


def _explain(codes: list[str], _: Options) -> int:
    if len(codes) != 1:
        msg = "explain takes one code, such as `ml-checks explain OWN001`"
        raise CannotRunError(msg)
    code = codes[0].upper()
    if code not in select([code]):
        msg = f"{codes[0]!r} is the beginning of several codes; `ml-checks rules` lists them"
        raise CannotRunError(msg)
    from ml_checks import standards

    fault, advice = report.documentation(code)
    print(f"{code}: {fault}\n\n{advice}\n\n{report.page(code, standards.load(os.curdir))}")
    return CLEAN


def _rules(_: list[str], __: Options) -> int:
    codes = select([])
    for family in FAMILIES:
        print(f"{family.prefix} {family.hook}: {family.about}")
        for code in codes:
            if code.startswith(family.prefix):
                print(f"  {code}  {report.documentation(code)[0]}")
    return CLEAN


def _owners(paths: list[str], options: Options) -> int:
    if not paths or (shape := options.get("--format", "text")) not in {"text", "json"}:
        raise CannotRunError("owners takes paths, and --format text or json: `ml-checks owners src/model.py`")
    from ml_checks import owners

    repository = Repository(os.curdir)
    from ml_checks.project.project import Project

    project = Project(_snapshot(repository, _day(None)))
    answers = owners.answers(project, [_from_root(path, repository.root) for path in paths])
    print(owners.as_json(answers) if shape == "json" else owners.as_text(answers), end="")
    return CLEAN


def _standards(keys: list[str], _: Options) -> int:
    from ml_checks.standards import layers

    for key in keys or [""]:
        for line in layers.described(Repository(os.curdir).root, key):
            print(report.printable(line))
    return CLEAN


def _server(_: list[str], options: Options) -> int:
    try:
        from ml_checks import language_server
    except ImportError as error:
        raise CannotRunError("the language server needs pygls 2: install `ml-template[editor]`") from error

    prefixes = _split(options.get("--select", ""))
    codes = select(prefixes)
    _day(options.get("--today"))  # now, so that a wrong one is told; later, because a server sees more than one day

    def opened(root: str) -> Snapshot:
        snapshot = _snapshot(Repository(root), _day(options.get("--today")))
        return snapshot._replace(base=options.get("--base", ""))

    from ml_checks.run import engine

    language_server.serve(opened, lambda snapshot: engine.run(snapshot, codes))
    return CLEAN


def _waivers(_: list[str], options: Options) -> int:
    from ml_checks.run import waivers

    for line in waivers.listed(_run_of_all(options)):
        print(report.printable(line))
    return CLEAN


def _baseline(_: list[str], options: Options) -> int:
    from ml_checks.run import baseline

    result = _run_of_all(options)
    print(baseline.prune(result) if "--prune" in options else baseline.begin(result))
    return CLEAN


def _run_of_all(options: Options) -> Result:
    repository = Repository(os.curdir)
    from ml_checks.run import engine

    return engine.run(_snapshot(repository, _day(options.get("--today"))), select([]))


def _snapshot(repository: Repository, today: datetime.date) -> Snapshot:
    from ml_checks import standards
    from ml_checks.project.snapshot import Snapshot

    return Snapshot(repository, standards.load(repository.root), today)


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


COMMANDS: dict[str, Callable[[list[str], Options], int]] = {
    "check": _check,
    "explain": _explain,
    "rules": _rules,
    "owners": _owners,
    "server": _server,
    "standards": _standards,
    "waivers": _waivers,
    "baseline": _baseline,
}
