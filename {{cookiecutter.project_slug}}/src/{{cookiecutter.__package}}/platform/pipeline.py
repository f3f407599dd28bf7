"""The commands, step by step from data to traced predictions, and what each step tells the reader."""

import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from . import (
    PROGRAM,
    charter,
    contract,
    elsewhere,
    ensemble,
    gain,
    gate,
    judge,
    lineage,
    metrics,
    predict,
    reads,
    report,
    task,
    tracking,
)
from . import split as splitting
from .charter import Charter, Model
from .contract import Contract
from .errors import Stopped
from .metrics import Held
from .own import PACKAGE, line_of, own
from .report import findings, room
from .report.diagnostics import Judged
from .report.personal import Personal, personal
from .say import say, shown
from .split import UNIT
from .suspects import Search, search
from .tables import Tables, features_of, lost_columns, refuse_twice

# Rows whose features are computed once more alone.
FEW = 20


class Part(NamedTuple):
    """The identifiers of some rows, what a model reads of them, and how much of all rows was read with them."""

    ids: pl.Series
    features: pl.DataFrame
    share: float


class Inputs(NamedTuple):
    """The rows of a model and their features, of those to learn from and of those to be judged by."""

    tables: Tables
    train: pl.DataFrame
    held_out: pl.DataFrame
    features: pl.DataFrame
    members: tuple[ensemble.Member, ...] = ()

    def features_of(self, rows: pl.DataFrame, model: Model) -> pl.DataFrame:
        """Return the features of some rows, in the order of the rows."""
        return features_of(self.features, rows, model)

    def held_out_part(self, model: Model) -> list[Part]:
        """Return the held-out rows as the only part of what is to be scored."""
        return [Part(self.held_out[model.id], self.features_of(self.held_out, model), 1)]


def run(project: Charter, names: Sequence[str] = ()) -> bool:
    """Do all for each model. Returns whether all passed their gates."""
    passed = []
    for model in chosen(project, names):
        inputs = load(model, project.models)
        run_id, is_passed = fit(project, model, inputs)
        score(model, run_id, inputs.held_out_part(model), f"{run_id}.csv")
        passed.append(is_passed)
    return all(passed)


def train(project: Charter, names: Sequence[str] = ()) -> bool:
    """Train and judge each model. Returns whether all passed their gates."""
    passed = [fit(project, model, load(model, project.models))[1] for model in chosen(project, names)]
    return all(passed)


def chosen(project: Charter, names: Sequence[str]) -> list[Model]:
    """Return the models of these names; all that are in use where none is named."""
    known = {model.name: model for model in project.models}
    for name in names:
        if name not in known:
            message = f"{charter.FILE} has no model {name!r}: it has {', '.join(known) or 'none'}"
            raise Stopped(message)
    return reads.in_order([known[name] for name in names] or in_use(project), project.models)


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
    if run_id and tracking.version_of(model.name, run_id) and (failed := lineage.load(run_id).failed):
        say("attention", f"run {run_id} did not pass its gate: {', '.join(failed)}")
    members = ensemble.of_run(lineage.load(trained), project.models)
    if given is None:
        score(model, trained, load(model, members=members).held_out_part(model), f"{trained}.csv", output)
    else:
        score(model, trained, new_parts(model, given, members), f"{trained}-{given.stem}.csv", output)
    return True


def new_parts(model: Model, given: Path, members: Sequence[ensemble.Member] = ()) -> Iterator[Part]:
    """Read the rows of a file in parts, hold them against their contract, and give them their features."""
    tables = Tables(model.id, say_read).beside(ensemble.trained(members))
    source = contract.load(model.rows)
    named = source._replace(data=given.as_posix())
    count = 0
    for rows, absent, share in contract.read_new(source, given):
        is_first, count = count == 0, count + len(rows)
        if share == 1:
            say_read(named, count)
        if rows.is_empty():  # the end of the file holds comments only
            continue
        tables.put(named, rows, absent)
        features = features_of(own("features", model)(tables), rows, model)
        if is_first and share < 1:
            tables.put(named, rows.tail(FEW), absent)
            refuse_dependent(features.tail(FEW), own("features", model)(tables), rows.tail(FEW), model)
        yield Part(rows[model.id], features, share)


def refuse_dependent(features: pl.DataFrame, alone: pl.DataFrame, rows: pl.DataFrame, model: Model) -> None:
    """Stop where the features of a few rows are others when these rows are all that is there."""
    again = features_of(alone, rows, model)
    for name in features.columns:
        if name not in again.columns or not features[name].equals(again[name], null_equal=True):
            message = (
                f"src/{PACKAGE}/features.py: {name} of a row depends on the other rows of the file, which is too large "
                "to be read at once: let it depend on the row and on other datasets only"
            )
            raise Stopped(message)


def load(model: Model, models: Sequence[Model] = (), members: Sequence[ensemble.Member] = ()) -> Inputs:
    """Read the datasets of a model, hold them against their contracts, and hold out the rows to judge it by.

    The models that it reads are given for a training, or the members that it was trained with.
    """
    elsewhere.card_of(model)
    tables = Tables(model.id, say_read)
    with doing("checking the data against its contracts"):
        rows = tables[model.rows]
        source = tables.contracts[model.rows]
        task.check(model, source)
        predict.check(model, contract.load(model.predictions))
        parts = splitting.split(rows, model, source)
        newest = ensemble.newest(model, models) if models else ()
        tables.others = ensemble.out_of_sample(newest, parts) if models else ensemble.trained(members)
        features = own("features", model)(tables)
    later = " of later days" if model.split.by == charter.BY_TIME else ""
    say(
        "split",
        f"{len(parts.train):,} rows of {model.rows} to learn from, {len(parts.held_out):,}{later} to be judged by",
    )
    return Inputs(tables, parts.train, parts.held_out, features, newest)


def fit(project: Charter, model: Model, inputs: Inputs) -> tuple[str, bool]:
    """Train, measure on the held-out rows, judge, and keep all of it. Returns the run's id, and whether it passed."""
    demands = gate.load(model)
    splitting.refuse_few(splitting.Parts(inputs.train, inputs.held_out), model)
    learned, judged = task.settled(inputs.train, model), task.settled(inputs.held_out, model)
    task.refuse_unknown(pl.concat([learned, judged]), model)
    labels = task.labels(learned, model)
    task.refuse_constant(labels, model, "training")
    outcomes = task.labels(judged, model)
    task.refuse_constant(outcomes, model, "held-out")
    with doing(f"training {model.name}"):
        known = inputs.features_of(learned, model)
        refuse_nothing(known, model)
        with reading("model", inputs, known, "take it out there"):
            estimator = own("model", model)(known)
        others = [*ensemble.dependencies(inputs.members), *elsewhere.dependencies(model, estimator)]
        fitted = task.fit(estimator, known, labels)
        found = look_for_suspects(known, labels, model)
    with doing("measuring it"):
        seen = said_of(judged, inputs, fitted, model)
        units = judged[UNIT].to_numpy()
        measured = metrics.measure(model, outcomes, seen.scores, seen.rule, units, splitting.unit_of(model))
    held = gate.in_order(measured, demands)
    compare(held, outcomes, gate.first_claim(demands)[1])
    say_room(seen, model, next(iter(held.metrics)))
    verdicts = judge.judge(demands, gate.plain(held))
    for verdict in verdicts:
        say("gate", f"{verdict.result}: {verdict.claim}: {verdict.why}")
    is_passed = judge.overall(verdicts) == judge.PASS
    with doing("keeping the run in MLflow"), tracking.started(model.name, str(lineage.code()["commit"])) as run_id:
        parameters = {**settings(estimator), **charter.parameters(model)}
        digest = tracking.log(run_id, parameters, points(held), fitted)
        sources: list[Contract] = list(inputs.tables.contracts.values())
        statements = lineage.gather(
            *(run_id, model, digest, sources, parameters, gate.plain(held), gate.path_of(model), verdicts),
            others=others,
        )
    path = lineage.keep(run_id, statements)
    tracking.register(model.name, run_id, is_passed=is_passed)
    say("evidence", path.as_posix())
    with doing("writing the report"):
        hidden = about_persons(inputs, model)
        page = report.write(findings.gather(project, model, lineage.load(run_id), fitted, seen, found, hidden))
    say("report", page.as_posix())
    return run_id, is_passed


def refuse_nothing(known: pl.DataFrame, model: Model) -> None:
    """Stop where a model may know nothing of a row."""
    if not known.width:
        message = (
            f"features.py gives {model.name} nothing to learn from: no field that it asks for is known in time, "
            "see `availableAt` in the contracts"
        )
        raise Stopped(message)


def said_of(rows: pl.DataFrame, inputs: Inputs, fitted: Any, model: Model) -> Judged:
    """Return what model and rule say of rows whose outcome is known."""
    features = inputs.features_of(rows, model)
    usual = task.usual(task.labels(task.settled(inputs.train, model), model), model)
    remedy = f"write another rule there, such as `return rules.constant(features, {usual!r})`"
    with reading("baseline", inputs, features, remedy):
        rule = task.rule(own("baseline", model)(features), len(features))
    return Judged(rows[model.id], features, task.labels(rows, model), task.score(fitted, features, model), rule)


def about_persons(inputs: Inputs, model: Model) -> Personal:
    """Return what is about persons in the data of a model, and in its predictions."""
    return personal(inputs.tables.contracts.values(), contract.load(model.predictions))


@contextmanager
def reading(module: str, inputs: Inputs, features: pl.DataFrame, remedy: str) -> Iterator[None]:
    """Say which column a line of the project's own files reads that is none of the features, and what to do there."""
    try:
        yield
    except Stopped as error:
        lost = dict(lost_columns(inputs.tables.contracts.values(), features.columns))
        cause = error.__cause__
        named = [name for name in lost if cause and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", str(cause))]
        if not named or cause is None:
            raise
        column = max(named, key=len)
        message = f"{line_of(cause) or f'src/{PACKAGE}/{module}.py'} reads {column}, but {lost[column]}: {remedy}"
        raise Stopped(message) from cause


def look_for_suspects(features: pl.DataFrame, labels: task.Labels, model: Model) -> Search:
    """Print the columns that may give the outcome away, before any success is told, and what was looked at."""
    looked = search(features, labels, model)
    say("suspects", str(looked))
    for suspect in looked.found[: report.MOST]:
        say("attention", suspect.why)
    if len(looked.found) > report.MOST:
        say("attention", f"and {len(looked.found) - report.MOST:,} more such columns")
    return looked


def say_room(judged: Judged, model: Model, metric: str) -> None:
    """Print what there is to gain, before anybody tunes."""
    if found := room.measure(judged, model, metric):
        say("room", str(found))


def report_again(project: Charter, name: str | None, run_id: str | None) -> bool:
    """Write the report of a run, by default of the last, anew: only where all is as it was in the run."""
    model = the_one(project, name)
    asked = run_id or tracking.last_run(model.name)
    tracking.version_of(model.name, asked)
    evidence, page = lineage.load(asked), report.path_of(asked)
    if why := findings.changed(evidence, model):
        return say_why_not(page, asked, why)
    read = ensemble.of_run(evidence, project.models)
    if any(one.evidence.run_id != tracking.last_run(one.model.name) for one in read):
        return say_why_not(page, asked, "a model that it reads was trained again")
    fitted = tracking.load(model.name, asked, evidence.digest)
    inputs = load(model, project.models)
    learned, judged = task.settled(inputs.train, model), task.settled(inputs.held_out, model)
    try:
        seen = said_of(judged, inputs, fitted, model)
    except (Stopped, ValueError, KeyError, pl.exceptions.PolarsError) as error:
        return say_why_not(page, asked, f"its model cannot read the features of today ({str(error).splitlines()[0]})")
    if why := findings.differing(evidence, seen, model):
        return say_why_not(page, asked, why)
    found = look_for_suspects(inputs.features_of(learned, model), task.labels(learned, model), model)
    with doing("writing the report"):
        report.write(findings.gather(project, model, evidence, fitted, seen, found, about_persons(inputs, model)))
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


def compare(held: Held, outcomes: task.Labels, of: str) -> None:
    """Print how the model compares with the rule, and what chance alone could make of it; the main metric is in front.

    It is told as a ratio where the gate asks for one.
    """
    for name in ("rule", "model"):
        values = (f"{metric} {shown(getattr(measured, name).value)}" for metric, measured in held.metrics.items())
        say(name, ", ".join(values))
    plain = gate.plain(held)
    main, measured = next(iter(plain["metrics"].items()))
    say("gain", gain.sentence(main, of, measured, plain))
    if outcomes.dtype == bool:
        say("rows", f"{len(outcomes):,} judged, {outcomes.mean():.1%} of them positive")


def score(model: Model, run_id: str, parts: Iterable[Part], name: str, output: Path | None = None) -> None:
    """Score rows, part by part, with the model of a run, and write the predictions.

    Of each row are kept its identifier and its score, because a decision needs the whole ranking.
    """
    evidence = lineage.load(run_id)  # a prediction that cannot be traced is not made
    fitted = tracking.load(model.name, run_id, evidence.digest)
    ids, scores = [], []
    with doing("scoring") as tell:
        for part in parts:
            refuse_other_features(fitted, part.features, run_id)
            ids.append(part.ids)
            scores.append(pl.Series(task.score(fitted, part.features, model)))
            tell(f"scoring, {sum(map(len, ids)):,} rows, {part.share:.0%} of the file")
        all_ids, path = pl.concat(ids), output or lineage.PREDICTIONS / name
        refuse_twice(all_ids, f"the data of {model.rows}")
        tell("writing the predictions")
        written = predict.write(model, run_id, all_ids, pl.concat(scores), path)
    chosen_rows = f", {written.decision}: {written.decided:,}" if written.decision else ""
    say("predictions", f"{path.as_posix()} ({written.rows:,} rows{chosen_rows})")
    if output is None:
        say("next", f"see where a prediction comes from: uv run {PROGRAM} trace {written.highest}")


def refuse_other_features(fitted: Any, features: pl.DataFrame, run_id: str) -> None:
    """Stop where the model of a run reads columns that are no features any more."""
    if lost := [name for name in getattr(fitted, "feature_names_in_", ()) if name not in features.columns]:
        message = f"the model of run {run_id} reads {', '.join(lost)}, which features.py does not give: train again"
        raise Stopped(message)


def record(project: Charter, name: str | None) -> bool:
    """Copy the evidence of the last run to where it is committed."""
    path = lineage.record(tracking.last_run(the_one(project, name).name))
    say("recorded", f"{path.as_posix()}: commit it")
    return True


def say_read(source: Contract, count: int) -> None:
    """Tell that a dataset was read and keeps its contract."""
    say("data", f"{source.data} keeps {source.path.as_posix()} {source.version} ({count:,} rows)")


@contextmanager
def doing(what: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal what takes its time, and how far it is. A pipe or a log gets the results only."""
    shown = 0

    def tell(text: str) -> None:
        nonlocal shown
        if sys.stdout.isatty():
            note = f"{text} ..."
            print(note.ljust(shown), end="\r", flush=True)
            shown = max(shown, len(note))

    tell(what)
    try:
        yield tell
    finally:
        if shown:
            print(" " * shown, end="\r", flush=True)
