"""The command line: which commands there are, and how each of them ends."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from . import DOCKERFILES, PROGRAM
from .errors import Stopped

if TYPE_CHECKING:
    from .charter import Charter

PASSED, FAILED_GATE, STOPPED = 0, 1, 2
ENDED = 128  # and the number of the signal
CHECKS, JOB = "checks", "job"
# What these change is the project itself, which a container only has a copy of.
NO_JOBS = ("use", "record", CHECKS, JOB)


Options = Callable[[argparse.ArgumentParser], object]


def table(command: argparse.ArgumentParser) -> None:
    """Take a table, and what only a person can know of it."""
    command.add_argument("file", metavar="FILE", type=Path, help="CSV, TSV or Parquet")
    command.add_argument("--target", metavar="COLUMN", required=True, help="what is to be predicted")
    command.add_argument("--id", metavar="COLUMN", help="what identifies a row (default: found out, or its number)")
    split = command.add_mutually_exclusive_group()
    split.add_argument("--time", metavar="COLUMN", help="judge the model by the last rows by this time")
    split.add_argument("--group", metavar="COLUMN", help="judge it by whole groups of this column")
    command.add_argument("--positive", metavar="VALUE", help='what counts as yes, or a bound such as ">= 15"')
    command.add_argument("--kind", choices=("classification", "regression"), help="where whole numbers may be both")
    command.add_argument("--name", metavar="MODEL", help="what the model is called (default: as its target)")
    command.add_argument("--dates", choices=("day-first", "month-first"), help="how 01/02/2024 is meant")
    command.add_argument("--decimal", choices=("point", "comma"), help="how 1,234 is meant")
    command.add_argument("--encoding", help="such as cp1252 (default: found out)")
    command.add_argument("--timezone", metavar="ZONE", help="of times without one (default: UTC)")
    header = argparse.BooleanOptionalAction
    command.add_argument("--header", action=header, help="whether the first line names the columns")
    command.add_argument("--keep-example", action="store_true", help="leave the example where it is")
    command.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")


def models(command: argparse.ArgumentParser) -> None:
    """Take the models to train; all where none is named."""
    command.add_argument("--model", metavar="NAME", action="append", default=[], help="only this one")


def one_model(command: argparse.ArgumentParser) -> None:
    """Take the name of a model."""
    command.add_argument("--model", metavar="NAME", help="which one, where there are several")


def rows(command: argparse.ArgumentParser) -> None:
    """Take what is scored, and by which model."""
    command.add_argument("--input", metavar="FILE", type=Path, help="rows without outcome (default: the held-out ones)")
    command.add_argument("--output", metavar="FILE", type=Path, help="where to write (default: outputs/predictions/)")
    one_model(command)
    command.add_argument("--run", metavar="ID", help="the run that trained it (default: the last that passed its gate)")


def one_run(command: argparse.ArgumentParser) -> None:
    """Take the name of a model, or of one of its runs."""
    one_model(command)
    command.add_argument("--run", metavar="ID", help="the run (default: the last one)")


def prediction(command: argparse.ArgumentParser) -> None:
    """Take the name of a prediction."""
    command.add_argument("prediction_id", metavar="PREDICTION_ID")
    command.add_argument("--file", metavar="FILE", type=Path, help="where it stands (default: outputs/predictions/)")


def passed_on(_: argparse.ArgumentParser) -> None:
    """Take nothing here: ml-checks reads its words itself."""


# What each command does, and its options. Those of every day stand first in the help.
DAILY: dict[str, tuple[str, Options]] = {
    "use": ("make a model of your own table, in the place of the example", table),
    "run": ("do all: check the data, train, measure, judge, predict", models),
    "predict": ("score rows with the model that passed its gate", rows),
    "report": ("write the report of a run anew, where all is as it was in the run", one_run),
    "trace": ("follow a prediction back to model, code, data and owner", prediction),
}
MORE: dict[str, tuple[str, Options]] = {
    CHECKS: ("run the company's checks by hand; `checks --help` lists what they can do", passed_on),
    "train": ("check the data, train, measure, judge", models),
    JOB: ("run one of these commands in a container of its own, as production does", passed_on),
    "record": ("copy the evidence of the last run to evidence/, to be committed", one_model),
}


def has_image(start: Path) -> bool:
    """Tell whether the project around a folder has a Dockerfile: others are not bothered with containers."""
    roots = (folder for folder in (start, *start.parents) if (folder / "project.yaml").exists())
    return any((root / path).exists() for root in islice(roots, 1) for path in DOCKERFILES)


def parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    hidden = () if has_image(Path.cwd()) else (JOB,)
    listed = [f"  {name:<10}{about}" for name, (about, _) in DAILY.items()]
    more = [f"  {name:<10}{about}" for name, (about, _) in MORE.items() if name not in hidden]
    text = ["From data to predictions that can be traced.", "", *listed, "", "more:", *more]
    main_parser = argparse.ArgumentParser(
        prog=PROGRAM,
        usage=f"{PROGRAM} [-h] COMMAND ...",
        description="\n".join(text),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = main_parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", prog=PROGRAM, help=argparse.SUPPRESS
    )
    for name, (about, add_options) in (DAILY | MORE).items():
        add_options(commands.add_parser(name, description=f"{about[0].upper()}{about[1:]}."))
    return main_parser


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line. All that follows `checks` is for ml-checks, --help too."""
    if arguments[:1] == [CHECKS]:
        return argparse.Namespace(command=CHECKS, arguments=arguments[1:])
    if arguments[:1] == [JOB]:
        return parse_job(arguments[1:])
    return parser().parse_args(arguments)


def parse_job(arguments: list[str]) -> argparse.Namespace:
    """Read which command runs in a container: its words go there as they are, once they make sense."""
    own = argparse.ArgumentParser(
        prog=f"{PROGRAM} {JOB}",
        usage=f"{PROGRAM} {JOB} [-h] [--build] [COMMAND ...]",
        description="Run a command (default: run) in a container of its own, through Docker or Podman. "
        "The image is built when something changed; what the command writes comes back to outputs/.",
    )
    own.add_argument("--build", action="store_true", help="only build the image")
    own.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND ...", help="a command with its options")
    found = own.parse_args(arguments)
    words = found.words or ["run"]
    inner = vars(parse(words))
    if inner["command"] in NO_JOBS:
        own.error(f"`{inner['command']}` is about the project itself: run it without `{JOB}`")
    files = {name: path for name, path in inner.items() if isinstance(path, Path)}
    return argparse.Namespace(command=JOB, words=words, files=files, is_build=found.build)


def execute(options: argparse.Namespace) -> int:
    """Do what the command says, in the project's folder; the checks are run where the user stands."""
    if options.command == CHECKS:
        from . import checks

        return checks.run(options.arguments)
    if options.command == JOB:
        return job_of(options)
    named = {name: value.absolute() for name, value in vars(options).items() if isinstance(value, Path)}
    # Imported here: --help answers at once, and Ctrl-C gets one line even while the libraries load.
    from . import charter

    os.chdir(charter.find_root(Path.cwd()))
    vars(options).update({name: from_here(path) for name, path in named.items()})
    project = charter.load()
    if options.command == "trace":
        return trace(options.prediction_id, f"{project.owner} answers for {project.name}", options.file)
    if options.command == "use":
        return use(project, options)
    from . import hint, pipeline

    hint.say_that_hooks_are_missing()
    commands = {
        "run": lambda: pipeline.run(project, options.model),
        "train": lambda: pipeline.train(project, options.model),
        "predict": lambda: pipeline.predict_rows(project, options.model, options.run, options.input, options.output),
        "report": lambda: pipeline.report_again(project, options.model, options.run),
        "record": lambda: pipeline.record(project, options.model),
    }
    return PASSED if commands[options.command]() else FAILED_GATE


def job_of(options: argparse.Namespace) -> int:
    """Run a command in a container."""
    from . import charter, job

    reads = {path: path.resolve() for name, path in options.files.items() if name != "output"}
    writes = {path: path.resolve() for name, path in options.files.items() if name == "output"}
    os.chdir(charter.find_root(Path.cwd()))
    return job.run(options.words, reads, writes, is_build=options.is_build)


def from_here(path: Path) -> Path:
    """Return a path as it is from the working folder on: shorter to read, and no secret of the machine."""
    try:
        return Path(os.path.relpath(path))
    except ValueError:  # on another drive
        return path


def use(project: Charter, options: argparse.Namespace) -> int:
    """Draft a model of a table."""
    from .drafting import use as drafting
    from .drafting.kinds import Answers
    from .drafting.table import Given

    wish = drafting.Wish(
        file=options.file,
        target=options.target,
        id=options.id,
        time=options.time,
        group=options.group,
        positive=options.positive,
        kind=options.kind,
        name=options.name,
        given=Given(options.encoding, options.header, options.timezone),
        answers=Answers(options.dates, options.decimal),
        keeps_example=options.keep_example,
        is_dry=options.dry_run,
    )
    drafting.use(project, wish)
    return PASSED


def trace(prediction_id: str, owner: str, file: Path | None) -> int:
    """Print the way back from a prediction, without the libraries that made it: it answers at once."""
    from . import lineage
    from .say import say

    for topic, text in lineage.trace(prediction_id, owner, file):
        say(topic, text)
    return PASSED


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. Returns 0, 1 when a gate failed, 2 when it could not be done, 130 or 143 when interrupted."""
    options = parse(sys.argv[1:] if arguments is None else list(arguments))
    end = AskedToEnd()
    with end.noted():
        try:
            return execute(options)
        except BaseException as error:
            end.is_answered = True
            return explain_end(end.signal) if end.signal else explain(error)


class AskedToEnd:
    """Notes Ctrl-C, and SIGTERM, by which containers are stopped, as well as raising them.

    Compiled code may turn the exception into another one, or raise it first.
    """

    signal: int | None = None
    is_answered = False
    """The command is about to end because of it: to raise it once more would print a traceback."""

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note it while the block runs."""
        previous = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.signal = number
        if not self.is_answered:
            signal.default_int_handler(number, frame)


def explain_end(number: int) -> int:
    """Say that a signal ended the command, and return its exit code."""
    print(f"\n{PROGRAM}: interrupted; no file was left half-written", file=sys.stderr)
    return ENDED + number


def explain(error: BaseException) -> int:
    """Say in one sentence why a command ended, and return its exit code. A fault of the program keeps its traceback."""
    if isinstance(error, KeyboardInterrupt):
        return explain_end(signal.SIGINT)
    if isinstance(error, BrokenPipeError):
        # Whoever read the output has seen enough, as in `... | head -1`. Nothing is left to be flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return STOPPED
    if isinstance(error, Stopped | OSError):
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return STOPPED
    raise error


if __name__ == "__main__":
    sys.exit(main())
