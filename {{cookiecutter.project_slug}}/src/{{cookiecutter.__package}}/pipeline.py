"""The commands, step by step from data to traced predictions, and what each step tells the reader."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import polars as pl

from . import PROGRAM, baseline, contract, data, evaluate, lineage, model, tracking
from .charter import Charter
from .contract import Contract, Field
from .evaluate import Verdict
from .predict import predictions


class Inputs(NamedTuple):
    """The data, split by time, and the contracts that it kept."""

    contracts: Sequence[Contract]
    features: Sequence[Field]
    train: pl.DataFrame
    held_out: pl.DataFrame


def run(charter: Charter) -> bool:
    """Do all. Returns whether the model passed its gates."""
    inputs = load()
    run_id, is_passed = fit(charter, inputs)
    score(charter, run_id, inputs)
    return is_passed


def train(charter: Charter) -> bool:
    """Train and judge a model. Returns whether it passed its gates."""
    _, is_passed = fit(charter, load())
    return is_passed


def predict(charter: Charter, run_id: str | None) -> bool:
    """Score with a model that was trained before: the last one, or the one of a run."""
    # Asked first: an unknown run is an error before the work, not after it.
    run_id = run_id or tracking.last_run(charter.model)
    tracking.version_of(charter.model, run_id)
    score(charter, run_id, load())
    return True


def load() -> Inputs:
    """Read the datasets, hold them against their contracts, and split them by time."""
    contracts = data.contracts()
    with doing("checking the data against its contracts"):
        frames = {dataset: contract.read(source) for dataset, source in contracts.items()}
        parts = data.split(data.join(frames["flights"], frames["weather"]))
    for dataset, source in contracts.items():
        say("data", f"{source.data} keeps {source.path.as_posix()} {source.version} ({len(frames[dataset]):,} rows)")
    say("split", f"{len(parts.train):,} flights to learn from, {len(parts.held_out):,} later ones to be judged by")
    return Inputs(list(contracts.values()), data.feature_fields(contracts), parts.train, parts.held_out)


def fit(charter: Charter, inputs: Inputs) -> tuple[str, bool]:
    """Train, measure on the held-out days, judge, and keep all of it. Returns the run's id, and whether it passed."""
    learned, judged = data.landed(inputs.train), data.landed(inputs.held_out)
    with doing("training the model"):
        fitted = model.train(data.features(learned, inputs.features), data.labels(learned))
        known = data.features(judged, inputs.features)
        labels = data.labels(judged).to_numpy()
        metrics = evaluate.measure(labels, model.score(fitted, known), baseline.score(known))
    verdicts = evaluate.judge(charter.gates, metrics)
    report(metrics, verdicts)
    with doing("keeping the run in MLflow"):
        parameters = {**model.SETTINGS, **data.PARAMETERS}
        evidence = lineage.gather(charter.model, inputs.contracts, parameters, metrics, verdicts)
        run_id = tracking.log(charter.model, fitted, parameters, metrics, str(evidence["code"]["commit"]))
        path = lineage.keep(run_id, evidence)
    say("evidence", path.as_posix())
    return run_id, all(verdict.is_passed for verdict in verdicts)


def report(metrics: Mapping[str, float], verdicts: Sequence[Verdict]) -> None:
    """Print how the model compares with the rule, and whether that is enough."""
    share = f"of the top {evaluate.TOP_SHARE:.0%} were late"
    for name, prefix in (("rule", "rule_"), ("model", "")):
        precision, auc = metrics[f"{prefix}precision_at_20_percent"], metrics[f"{prefix}auc"]
        say(name, f"{precision:.1%} {share}, AUC {auc:.2f}")
    lift, base = metrics["lift_over_rule"], metrics["base_rate"]
    say("lift", f"{lift:.2f} times the late flights that the rule finds ({base:.1%} of all flights were late)")
    for verdict in verdicts:
        word = "passed" if verdict.is_passed else "FAILED"
        say("gate", f"{word}: {verdict.metric} is {verdict.value:.2f}, and {verdict.minimum:.2f} or more is asked for")


def score(charter: Charter, run_id: str, inputs: Inputs) -> None:
    """Score the held-out days with the model of a run, and write the predictions."""
    lineage.load(run_id)  # a prediction that cannot be traced is not made
    with doing("scoring the held-out days"):
        loaded = tracking.load(charter.model, run_id)
        scores = model.score(loaded, data.features(inputs.held_out, inputs.features))
        rows = predictions(run_id, inputs.held_out["flight_id"], scores)
        contract.check(contract.load(f"{charter.model}_predictions"), rows)
        path = lineage.write(lineage.PREDICTIONS / f"{run_id}.csv", rows.write_csv())
    say("predictions", f"{path.as_posix()} ({len(rows):,} flights, {rows['is_warned'].sum():,} to be warned of)")
    most_likely = rows.sort("late_arrival_probability", descending=True)["prediction_id"][0]
    say("next", f"see where a prediction comes from: uv run {PROGRAM} trace {most_likely}")


def trace(charter: Charter, prediction_id: str) -> bool:
    """Print the way from a prediction back to who answers for it."""
    row = lineage.find(prediction_id)
    evidence = lineage.load(row["run_id"])
    probability = float(row["late_arrival_probability"])
    say("prediction", f"flight {row['flight_id']} is late with probability {probability:.2f}")
    say("run", f"{row['run_id']}, {evidence['created_at']}")
    say("model", f"{evidence['model']} version {tracking.version_of(evidence['model'], row['run_id'])}")
    say("code", lineage.describe(evidence["code"]))
    for source in evidence["contracts"]:
        say("data", f"{source['data']} sha256 {source['data_sha256']}")
        say("contract", f"{source['path']} version {source['version']}, owner {source['owner']}")
    say("owner", f"{charter.owner} answers for {charter.name}")
    return True


def record(charter: Charter) -> bool:
    """Copy the evidence of the last run to where it is committed."""
    path = lineage.record(tracking.last_run(charter.model))
    say("recorded", f"{path.as_posix()}: commit it")
    return True


def say(topic: str, text: str) -> None:
    """Print a result."""
    print(f"{topic:<12}{text}", flush=True)


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
