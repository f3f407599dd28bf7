"""The commands, step by step from data to traced predictions, and what each step tells the reader."""

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from . import PROGRAM, charter, contract, findings, gate, judge, lineage, metrics, predict, report, room, task, tracking
from . import split as splitting
from .charter import Charter, Model
from .contract import Contract
from .diagnostics import Judged
from .errors import Stopped
from .files import write
from .metrics import Held
from .say import say, shown
from .split import UNIT
from .suspects import Suspect, suspects
from .tables import Tables

PACKAGE = __name__.split(".", maxsplit=1)[0]


class Inputs(NamedTuple):
    """The rows of a model and their features, of those to learn from and of those to be judged by."""

    tables: Tables
    train: pl.DataFrame
    held_out: pl.DataFrame
    features: pl.DataFrame

    def features_of(self, rows: pl.DataFrame, model: Model) -> pl.DataFrame:
        """Return the features of some rows, in the order of the rows."""
        return features_of(self.features, rows, model)


def run(project: Charter, names: Sequence[str] = ()) -> bool:
    """Do all for each model. Returns whether all passed their gates."""
    passed = []
    for model in chosen(project, names):
        inputs = load(model)
        run_id, is_passed = fit(project, model, inputs)
        score(model, run_id, inputs.held_out, inputs.features_of(inputs.held_out, model), f"{run_id}.csv")
        passed.append(is_passed)
    return all(passed)


def train(project: Charter, names: Sequence[str] = ()) -> bool:
    """Train and judge each model. Returns whether all passed their gates."""
    passed = [fit(project, model, load(model))[1] for model in chosen(project, names)]
    return all(passed)


def chosen(project: Charter, names: Sequence[str]) -> list[Model]:
    """Return the models of these names; all that are in use where none is named."""
    known = {model.name: model for model in project.models}
    for name in names:
        if name not in known:
            message = f"{charter.FILE} has no model {name!r}: it has {', '.join(known) or 'none'}"
            raise Stopped(message)
    return [known[name] for name in names] or in_use(project)


def in_use(project: Charter) -> list[Model]:
    """Return the models that are not retired, or stop where there are none."""
    found = [model for model in project.models if model.stage != charter.RETIRED]
    if not found:
        message = f"{charter.FILE} names no model that is in use"
        raise Stopped(message)
    return found


def the_one(project: Charter, name: str | None) -> Model:
    """Return the model of this name, or the only one."""
    picked = chosen(project, [name] if name else [])
    if len(picked) > 1:
        message = f"there are several models: name one with --model, {', '.join(model.name for model in picked)}"
        raise Stopped(message)
    return picked[0]


def predict_rows(
    project: Charter, name: str | None, run_id: str | None, given: Path | None, output: Path | None
) -> bool:
    """Score rows with a model that was trained before: the last that passed its gate, or the one of a run."""
    model = the_one(project, name)
    # Asked first: an unknown run is an error before the work, not after it.
    trained = run_id or tracking.champion(model.name)
    tracking.version_of(model.name, trained)
    if run_id and (failed := lineage.load(run_id).failed):
        say("attention", f"run {run_id} did not pass its gate: {', '.join(failed)}")
    if given is None:
        inputs = load(model)
        rows, features = inputs.held_out, inputs.features_of(inputs.held_out, model)
        score(model, trained, rows, features, f"{trained}.csv", output)
        return True
    tables = Tables(model.id, say_read)
    with doing("checking the rows against their contract"):
        tables.put(model.rows, given)
        rows = tables[model.rows]
        features = features_of(own("features", model)(tables), rows, model)
    score(model, trained, rows, features, f"{trained}-{given.stem}.csv", output)
    return True


def own(module: str, model: Model) -> Callable[..., Any]:
    """Return the project's own function of the name of the model."""
    found = getattr(import_module(f"{PACKAGE}.{module}"), model.name, None)
    if found is None:
        message = f"src/{PACKAGE}/{module}.py has no function {model.name}: write it, named after the model"
        raise Stopped(message)
    function: Callable[..., Any] = found
    return function


def load(model: Model) -> Inputs:
    """Read the datasets of a model, hold them against their contracts, and hold out the rows to judge it by."""
    tables = Tables(model.id, say_read)
    with doing("checking the data against its contracts"):
        rows = tables[model.rows]
        source = tables.contracts[model.rows]
        task.check(model, source)
        predict.check(model, contract.load(model.predictions))
        features = own("features", model)(tables)
        parts = splitting.split(rows, model, source)
    later = " of later days" if model.split.by == charter.BY_TIME else ""
    say(
        "split",
        f"{len(parts.train):,} rows of {model.rows} to learn from, {len(parts.held_out):,}{later} to be judged by",
    )
    return Inputs(tables, parts.train, parts.held_out, features)


def features_of(features: pl.DataFrame, rows: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Return the features of some rows in their order, or stop where a row has none or two."""
    for name, frame in ((f"the data of {model.rows}", rows), ("features.py", features)):
        if frame[model.id].is_duplicated().any():
            twice = frame[model.id].filter(frame[model.id].is_duplicated())[0]
            message = f"{name} has {model.id} {twice!r} more than once: it has to identify one row"
            raise Stopped(message)
    joined = rows.select(model.id).join(features, on=model.id, how="left", maintain_order="left", validate="1:1")
    lacking = rows.select(model.id).join(features, on=model.id, how="anti")
    if len(lacking):
        message = (
            f"features.py gives no features for {model.id} {lacking[model.id][0]!r} and {len(lacking) - 1:,} others"
        )
        raise Stopped(message)
    return joined.drop(model.id)


def fit(project: Charter, model: Model, inputs: Inputs) -> tuple[str, bool]:
    """Train, measure on the held-out rows, judge, and keep all of it. Returns the run's id, and whether it passed."""
    demands = gate.load(model)
    learned, judged = task.settled(inputs.train, model), task.settled(inputs.held_out, model)
    labels = task.labels(learned, model)
    task.refuse_constant(labels, model, "training")
    outcomes = task.labels(judged, model)
    task.refuse_constant(outcomes, model, "held-out")
    with doing(f"training {model.name}"):
        known = inputs.features_of(learned, model)
        estimator = own("model", model)(known)
        fitted = task.fit(estimator, known, labels)
        found = look_for_suspects(known, labels, model)
    with doing("measuring it"):
        seen = said_of(judged, inputs, fitted, model)
        units = judged[UNIT].to_numpy()
        held = metrics.measure(model, outcomes, seen.scores, seen.rule, units, splitting.unit_of(model))
    compare(held, outcomes)
    say_room(seen, model)
    verdicts = judge.judge(demands, gate.plain(held))
    for verdict in verdicts:
        say("gate", f"{verdict.result}: {verdict.claim}: {verdict.why}")
    is_passed = judge.overall(verdicts) == judge.PASS
    with doing("keeping the run in MLflow"), tracking.started(model.name, str(lineage.code()["commit"])) as run_id:
        parameters = {**settings(estimator), **charter.parameters(model)}
        digest = tracking.log(run_id, parameters, points(held), fitted)
        sources: list[Contract] = list(inputs.tables.contracts.values())
        statements = lineage.gather(
            run_id, model, digest, sources, parameters, gate.plain(held), gate.path_of(model), verdicts
        )
        path = lineage.keep(run_id, statements)
    tracking.register(model.name, run_id, is_passed=is_passed)
    say("evidence", path.as_posix())
    with doing("writing the report"):
        page = report.write(findings.gather(project, model, lineage.load(run_id), fitted, seen, found))
    say("report", page.as_posix())
    return run_id, is_passed


def said_of(rows: pl.DataFrame, inputs: Inputs, fitted: Any, model: Model) -> Judged:
    """Return what model and rule say of rows whose outcome is known."""
    features = inputs.features_of(rows, model)
    rule = pl.Series(own("baseline", model)(features))
    said = rule.cast(pl.Float64) if rule.dtype == pl.Boolean else rule  # a rule may say yes or no
    scores = task.score(fitted, features, model)
    return Judged(rows[model.id], features, task.labels(rows, model), scores, said.to_numpy())


def look_for_suspects(features: pl.DataFrame, labels: task.Labels, model: Model) -> list[Suspect]:
    """Print the columns that may give the outcome away, before any success is told, and return them."""
    found = suspects(features, labels, model)
    for suspect in found[: report.MOST]:
        say("attention", suspect.why)
    if len(found) > report.MOST:
        say("attention", f"and {len(found) - report.MOST:,} more such columns")
    return found


def say_room(judged: Judged, model: Model) -> None:
    """Print what there is to gain, before anybody tunes."""
    if found := room.measure(judged, model):
        say("room", str(found))


def report_again(project: Charter, name: str | None, run_id: str | None) -> bool:
    """Write the report of a run, by default of the last, anew: only where all is as it was in the run."""
    model = the_one(project, name)
    asked = run_id or tracking.last_run(model.name)
    tracking.version_of(model.name, asked)
    evidence, page = lineage.load(asked), report.path_of(asked)
    if why := findings.changed(evidence, model):
        return say_why_not(page, asked, why)
    fitted = tracking.load(model.name, asked, evidence.digest)
    inputs = load(model)
    learned, judged = task.settled(inputs.train, model), task.settled(inputs.held_out, model)
    try:
        seen = said_of(judged, inputs, fitted, model)
    except (ValueError, KeyError, pl.exceptions.PolarsError) as error:
        return say_why_not(page, asked, f"its model cannot read the features of today ({str(error).splitlines()[0]})")
    if why := findings.differing(evidence, seen, model):
        return say_why_not(page, asked, why)
    found = look_for_suspects(inputs.features_of(learned, model), task.labels(learned, model), model)
    with doing("writing the report"):
        report.write(findings.gather(project, model, evidence, fitted, seen, found))
    say("report", page.as_posix())
    return True


def say_why_not(page: Path, run_id: str, why: str) -> bool:
    """Name the page that was written when the run ended, or stop where there is none."""
    sentence = f"the report of run {run_id} cannot be written anew: {why}"
    if not page.exists():
        message = f"{sentence}; restore that, or train again"
        raise Stopped(message)
    say("attention", f"{sentence}; this one is from then")
    say("report", page.as_posix())
    return True


def settings(estimator: Any) -> dict[str, Any]:
    """Return the settings of an estimator: in a pipeline, those of its last step."""
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    found = last.get_params(deep=False) if hasattr(last, "get_params") else {}
    return {name: value if _is_plain(value) else repr(value) for name, value in found.items()}


def _is_plain(value: object) -> bool:
    """Tell whether JSON has such a value: it has no other estimator, and no number that is none."""
    return value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def points(held: Held) -> dict[str, float]:
    """Return the values of model and rule, for those who compare runs."""
    return {
        f"{prefix}{name}": interval.value
        for name, measured in held.metrics.items()
        for prefix, interval in (("", measured.model), ("rule_", measured.rule))
        if interval.value is not None
    }


def compare(held: Held, outcomes: task.Labels) -> None:
    """Print how the model compares with the rule, and what chance alone could make of it."""
    for name in ("rule", "model"):
        values = (f"{metric} {shown(getattr(measured, name).value)}" for metric, measured in held.metrics.items())
        say(name, ", ".join(values))
    names = list(held.metrics)
    main = next((name for name in names if name.startswith("precision_at_")), names[0])
    against = held.metrics[main].ratio if main != names[0] else held.metrics[main].difference
    what = f"times the rule's {main}" if main != names[0] else f"more {main} than the rule"
    bounds = (
        f"between {shown(against.low)} and {shown(against.high)} when the {held.units:,} {held.unit}s are resampled"
    )
    say("gain", f"{shown(against.value)} {what}, {bounds}")
    if outcomes.dtype == bool:
        say("rows", f"{len(outcomes):,} judged, {outcomes.mean():.1%} of them positive")


def score(
    model: Model, run_id: str, rows: pl.DataFrame, features: pl.DataFrame, name: str, output: Path | None = None
) -> None:
    """Score rows with the model of a run, and write the predictions."""
    evidence = lineage.load(run_id)  # a prediction that cannot be traced is not made
    with doing("scoring"):
        scores = task.score(tracking.load(model.name, run_id, evidence.digest), features, model)
        source = contract.load(model.predictions)
        found = contract.check(source, predict.predictions(model, source, run_id, rows[model.id], scores))
        path = write(output or lineage.PREDICTIONS / name, found.write_csv())
    chosen_rows = f", {found.columns[-1]}: {found[found.columns[-1]].sum():,}" if model.decision else ""
    say("predictions", f"{path.as_posix()} ({len(found):,} rows{chosen_rows})")
    if output is None:
        first = found.sort(found.columns[3], descending=True)[lineage.PREDICTION_ID][0]
        say("next", f"see where a prediction comes from: uv run {PROGRAM} trace {first}")


def record(project: Charter, name: str | None) -> bool:
    """Copy the evidence of the last run to where it is committed."""
    path = lineage.record(tracking.last_run(the_one(project, name).name))
    say("recorded", f"{path.as_posix()}: commit it")
    return True


def say_read(source: Contract, rows: pl.DataFrame) -> None:
    """Tell that a dataset was read and keeps its contract."""
    say("data", f"{source.data} keeps {source.path.as_posix()} {source.version} ({len(rows):,} rows)")


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Show on a terminal what takes its time. A pipe or a log gets the results only."""
    note = f"{what} ..." if sys.stdout.isatty() else ""
    if note:
        print(note, end="\r", flush=True)
    try:
        yield
    finally:
        if note:
            print(" " * len(note), end="\r", flush=True)
