"""The command line: use, run, train, predict, trace and record."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from . import PROGRAM
from .errors import Stopped

if TYPE_CHECKING:
    from .charter import Charter

PASSED, FAILED_GATE, STOPPED, INTERRUPTED = 0, 1, 2, 130


def parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    main_parser = argparse.ArgumentParser(prog=PROGRAM, description="From data to predictions that can be traced.")
    commands = main_parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _use(commands.add_parser("use", help="make a model of your own table, in the place of the example"))
    for name, about in (
        ("run", "do all: check the data, train, measure, judge, predict"),
        ("train", "check the data, train, measure, judge"),
    ):
        command = commands.add_parser(name, help=about)
        command.add_argument("--model", metavar="NAME", action="append", default=[], help="only this one")
    predict = commands.add_parser("predict", help="score rows with the model that passed its gate")
    predict.add_argument("--input", metavar="FILE", type=Path, help="rows without outcome (default: the held-out ones)")
    predict.add_argument("--output", metavar="FILE", type=Path, help="where to write (default: outputs/predictions/)")
    predict.add_argument("--model", metavar="NAME", help="which one, where there are several")
    predict.add_argument("--run", metavar="ID", help="the run that trained it (default: the last that passed its gate)")
    trace = commands.add_parser("trace", help="follow a prediction back to model, code, data and owner")
    trace.add_argument("prediction_id", metavar="PREDICTION_ID")
    record = commands.add_parser("record", help="copy the evidence of the last run to evidence/, to be committed")
    record.add_argument("--model", metavar="NAME", help="which one, where there are several")
    return main_parser


def _use(command: argparse.ArgumentParser) -> None:
    """Describe the command that drafts a model of a table."""
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
    command.add_argument(
        "--timezone", metavar="ZONE", help="of times without one, such as Europe/Zurich (default: UTC)"
    )
    command.add_argument(
        "--header", action=argparse.BooleanOptionalAction, help="whether the first line names the columns"
    )
    command.add_argument("--keep-example", action="store_true", help="leave the example where it is")
    command.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")


def execute(options: argparse.Namespace) -> int:
    """Do what the command says, in the project's folder."""
    if options.command == "use":
        options.file = options.file.absolute()
    given, output = (getattr(options, name, None) for name in ("input", "output"))
    given, output = (path and path.absolute() for path in (given, output))  # before the folder changes
    # Imported here: --help answers at once, and Ctrl-C gets one line even while the libraries load.
    from . import charter

    os.chdir(charter.find_root(Path.cwd()))
    project = charter.load()
    if options.command == "trace":
        return trace(options.prediction_id, f"{project.owner} answers for {project.name}")
    if options.command == "use":
        return use(project, options)
    from . import hint, pipeline

    hint.say_that_hooks_are_missing()
    commands = {
        "run": lambda: pipeline.run(project, options.model),
        "train": lambda: pipeline.train(project, options.model),
        "predict": lambda: pipeline.predict_rows(project, options.model, options.run, given, output),
        "record": lambda: pipeline.record(project, options.model),
    }
    return PASSED if commands[options.command]() else FAILED_GATE


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
    return PASSED if drafting.use(project, wish) else STOPPED


def trace(prediction_id: str, owner: str) -> int:
    """Print the way back from a prediction, without the libraries that made it: it answers at once."""
    from . import lineage
    from .say import say

    for topic, text in lineage.trace(prediction_id, owner):
        say(topic, text)
    return PASSED


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. Returns 0, 1 when a gate failed, 2 when it could not be done, 130 after Ctrl-C."""
    options = parser().parse_args(arguments)
    ctrl_c = CtrlC()
    with ctrl_c.noted():
        try:
            return execute(options)
        except BaseException as error:
            ctrl_c.is_answered = True
            return explain(KeyboardInterrupt() if ctrl_c.is_pressed else error)


class CtrlC:
    """Notes Ctrl-C as well as raising it: compiled code may turn the exception into another one, or raise it first."""

    is_pressed = False
    is_answered = False
    """The command is about to end because of it: to raise it once more would print a traceback."""

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note it while the block runs."""
        previous = signal.signal(signal.SIGINT, self._note)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, previous)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.is_pressed = True
        if not self.is_answered:
            signal.default_int_handler(number, frame)


def explain(error: BaseException) -> int:
    """Say in one sentence why a command ended, and return its exit code. A fault of the program keeps its traceback."""
    if isinstance(error, KeyboardInterrupt):
        print(f"\n{PROGRAM}: interrupted; no file was left half-written", file=sys.stderr)
        return INTERRUPTED
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
