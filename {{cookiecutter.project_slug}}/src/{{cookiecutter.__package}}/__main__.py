"""The command line: run, train, predict, trace and record."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

PASSED, FAILED_GATE, STOPPED, INTERRUPTED = 0, 1, 2, 130


def parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    name = Path(sys.argv[0]).stem.removesuffix("__main__") or f"python -m {__package__}"
    main_parser = argparse.ArgumentParser(prog=name, description="From data to traced predictions.")
    commands = main_parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="do all: check the data, train, measure, judge, predict")
    commands.add_parser("train", help="check the data, train, measure, judge")
    predict = commands.add_parser("predict", help="score the held-out days with a trained model")
    predict.add_argument("--run", metavar="ID", help="the run that trained it (default: the last one)")
    trace = commands.add_parser("trace", help="follow a prediction back to model, code, data and owner")
    trace.add_argument("prediction_id", metavar="PREDICTION_ID")
    commands.add_parser("record", help="copy the evidence of the last run to evidence/, to be committed")
    return main_parser


def execute(options: argparse.Namespace, program: str) -> int:
    """Do what the command says, in the project's folder."""
    # Imported here, so that --help is instant and Ctrl-C is answered with one line from the first moment on.
    from . import charter, lineage, pipeline, tracking

    os.chdir(charter.find_root(Path.cwd()))
    project = charter.load()
    if options.command == "trace":
        pipeline.trace(project, options.prediction_id)
        return PASSED
    if options.command == "record":
        path = lineage.record(tracking.last_run(project.model))
        pipeline.say("recorded", f"{path.as_posix()}: commit it to pass the gate")
        return PASSED
    if options.command == "predict":
        run_id, is_passed = options.run or tracking.last_run(project.model), True
    else:
        run_id, is_passed = pipeline.train(project)
    if options.command != "train":
        prediction_id = pipeline.predict_with(project, run_id)
        pipeline.say("next", f"see where a prediction comes from: {program} trace {prediction_id}")
    return PASSED if is_passed else FAILED_GATE


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. Returns 0, 1 when a gate failed, 2 when it could not be done, 130 after Ctrl-C."""
    commands = parser()
    options = commands.parse_args(arguments)
    try:
        from .errors import Stopped

        try:
            return execute(options, commands.prog)
        except Stopped as reason:
            print(f"{commands.prog}: {reason}", file=sys.stderr)
            return STOPPED
    except KeyboardInterrupt:
        print(f"\n{commands.prog}: interrupted, and nothing was left half-written", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
