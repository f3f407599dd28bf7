"""The steps from data to traced predictions, and what each of them tells the reader."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl

from . import baseline, contract, data, evaluate, lineage, model, predict, tracking
from .charter import Charter
from .contract import Contract
from .evaluate import Verdict


def say(topic: str, text: str) -> None:
    """Print a result."""
    print(f"{topic:<12}{text}", flush=True)


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Show on a terminal what takes its time. A pipe or a log gets the results only."""
    note = f"{what} ..." if sys.stdout.isatty() else ""
    print(note, end="\r" * bool(note), flush=True)
    try:
        yield
    finally:
        print(" " * len(note), end="\r" * bool(note), flush=True)


def load(inputs: Mapping[str, Contract]) -> data.Split:
    """Read both datasets, hold them against their contracts, and split them by time."""
    with doing("checking the data against its contracts"):
        frames = {dataset: contract.read(source) for dataset, source in inputs.items()}
        parts = data.split(data.join(frames["flights"], frames["weather"]))
    for dataset, source in inputs.items():
        say("data", f"{source.data} keeps {source.path.as_posix()} {source.version} ({len(frames[dataset]):,} rows)")
    say("split", f"{len(parts.train):,} flights to learn from, {len(parts.held_out):,} later ones to be judged by")
    return parts


def train(charter: Charter) -> tuple[str, bool]:
    """Train, measure on the held-out days, judge, and keep all of it. Returns the run's id, and whether it passed."""
    inputs = data.contracts()
    parts = load(inputs)
    fields = data.feature_fields(inputs)
    learned, judged = data.landed(parts.train), data.landed(parts.held_out)
    with doing("training the model"):
        fitted = model.train(data.features(learned, fields), data.labels(learned))
        seen = data.features(judged, fields)
        labels = data.labels(judged).to_numpy()
        metrics = evaluate.measure(labels, model.score(fitted, seen), baseline.score(seen))
    verdicts = evaluate.judge(charter.gates, metrics)
    report(metrics, verdicts)
    with doing("keeping the run in MLflow"):
        parameters = {**model.SETTINGS, "held_out_share": data.HELD_OUT, "lead_hours": data.LEAD.seconds // 3600}
        gathered = lineage.evidence(charter.model, inputs.values(), parameters, metrics, verdicts)
        run_id = tracking.log(charter.model, fitted, parameters, metrics, str(gathered["code"]["commit"]))
        path = lineage.keep(run_id, gathered)
    say("run", f"{run_id} in {tracking.DATABASE}, evidence in {path.as_posix()}")
    return run_id, all(verdict.is_passed for verdict in verdicts)


def report(metrics: Mapping[str, float], verdicts: Sequence[Verdict]) -> None:
    """Print how the model compares with the rule, and whether that is enough."""
    share = f"late among the top {evaluate.TOP_SHARE:.0%}"
    for name, prefix in (("rule", "rule_"), ("model", "")):
        precision, auc = metrics[f"{prefix}precision_at_20_percent"], metrics[f"{prefix}auc"]
        say(name, f"{precision:.1%} {share}, AUC {auc:.2f}")
    lift, base = metrics["lift_over_rule"], metrics["base_rate"]
    say("lift", f"the model finds {lift:.2f} times as many as the rule ({base:.1%} of all flights are late)")
    for verdict in verdicts:
        word = "passed" if verdict.is_passed else "FAILED"
        say("gate", f"{word}: {verdict.metric} is {verdict.value:.2f}, at least {verdict.minimum:.2f} is asked")


def score(charter: Charter, run_id: str, held_out: pl.DataFrame, fields: Sequence[contract.Field]) -> str:
    """Score the held-out days with the model of a run, and write the predictions. Returns one of their ids."""
    with doing("scoring the held-out days"):
        loaded = tracking.load(charter.model, run_id)
        scores = model.score(loaded, data.features(held_out, fields))
        rows = predict.predictions(run_id, held_out["flight_id"], scores)
        contract.check(contract.load(f"{charter.model}_predictions"), rows)
        path = lineage.write(lineage.PREDICTIONS / f"{run_id}.csv", rows.write_csv())
    say("predictions", f"{len(rows):,} in {path.as_posix()}, {rows['is_warned'].sum():,} flights to warn of")
    return str(rows.sort("late_arrival_probability", descending=True)["prediction_id"][0])


def predict_with(charter: Charter, run_id: str) -> str:
    """Score with a model that was trained before."""
    lineage.load(run_id)
    inputs = data.contracts()
    return score(charter, run_id, load(inputs).held_out, data.feature_fields(inputs))


def trace(charter: Charter, prediction_id: str) -> None:
    """Print the way from a prediction back to who answers for it."""
    row = lineage.find(prediction_id)
    gathered: dict[str, Any] = lineage.load(row["run_id"])
    state = gathered["code"]
    changed = {True: " plus uncommitted changes", False: "", None: " (not checked: no git here)"}[state["is_dirty"]]
    probability = float(row["late_arrival_probability"])
    say("prediction", f"{prediction_id}: flight {row['flight_id']} is late with probability {probability:.2f}")
    say("run", f"{row['run_id']} of {gathered['created_at']}")
    say("model", f"{gathered['model']} version {tracking.version_of(gathered['model'], row['run_id'])}")
    say("code", f"commit {state['commit'] or 'unknown'}{changed}")
    for source in gathered["contracts"]:
        say("data", f"{source['data']} sha256 {source['data_sha256']}")
        say("contract", f"{source['path']} version {source['version']}, owner {source['owner']}")
    say("owner", f"{charter.owner} answers for {charter.name}")
