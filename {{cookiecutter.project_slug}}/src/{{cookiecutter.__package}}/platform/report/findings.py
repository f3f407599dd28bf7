"""Gathers what is to be said of a run: how it compares, what there is to gain, what was tried before."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .. import charter, lineage, metrics
from ..charter import Charter, Model
from ..files import sha256
from ..lineage import Evidence
from ..say import shown
from ..suspects import Suspect
from . import diagnostics, room
from .diagnostics import Confusion, Error, Importance, Judged, Sliced, Tenth
from .room import Room

# So many columns are sliced, and shown of a row that is far off: those that matter most.
SLICED, OF_A_ROW = 8, 20
EXPLAINED = {
    "roc_auc": "of all pairs of a positive and another row, the share that is in the right order; 0.5 is chance",
    "average_precision": "mean precision while the positive rows are found, from the highest score down",
    "precision": "of the rows with the highest scores, the share that is positive",
    "recall": "of the positive rows, the share that is among those with the highest scores",
    "lift": "how many times more positive rows are among those with the highest scores than among any",
    "accuracy": "share of rows whose class is right",
    "balanced_accuracy": "mean over the classes of the share of their rows that is right",
    "f1_macro": "mean over the classes of F1, which weighs precision and recall",
    "neg_mean_absolute_error": "mean distance to the outcome, below zero so that more is better",
    "neg_root_mean_squared_error": "root of the mean squared distance, below zero so that more is better",
    "r2": "share of the variance that is explained; 0 is what the mean reaches",
}


class Attempt(NamedTuple):
    """An earlier run of the model: what it reached, and whether on the same data."""

    run_id: str
    finished: str
    is_passed: bool
    is_same_data: bool
    value: float | None
    low: float | None
    high: float | None


class Findings(NamedTuple):
    """All that a report says of a run."""

    project: Charter
    model: Model
    evidence: Evidence
    judged: Judged
    suspects: Sequence[Suspect]
    room: Room | None
    importance: Sequence[Importance]
    tenths: Sequence[Tenth]
    confusion: Confusion | None
    worst: Sequence[Error]
    sliced: Sequence[Sliced]
    attempts: Sequence[Attempt]

    @property
    def metrics(self) -> Mapping[str, Mapping[str, Mapping[str, float | None]]]:
        """What was measured, as the evidence has it."""
        found: Mapping[str, Mapping[str, Mapping[str, float | None]]] = self.evidence.held["metrics"]
        return found


def gather(
    project: Charter, model: Model, evidence: Evidence, fitted: Any, judged: Judged, suspects: Sequence[Suspect]
) -> Findings:
    """Look at a run from all sides."""
    importance = diagnostics.importance(fitted, judged, model)
    columns = [item.column for item in importance]
    return Findings(
        project=project,
        model=model,
        evidence=evidence,
        judged=judged,
        suspects=suspects,
        room=room.measure(judged, model),
        importance=importance,
        tenths=[] if model.has_classes else diagnostics.tenths(judged, model),
        confusion=diagnostics.confusion(judged, model),
        worst=diagnostics.worst(fitted, judged, model, columns[:OF_A_ROW]),
        sliced=diagnostics.slices(judged, model, columns[:SLICED]),
        attempts=sorted(_attempts(evidence), key=lambda attempt: (attempt.finished, attempt.run_id), reverse=True),
    )


def main_metric(found: Mapping[str, Any]) -> str:
    """Return the metric that the first sentence is about: what the decision gains, where there is one."""
    return next((name for name in found if name.startswith("precision_at_")), next(iter(found)))


def explained(metric: str) -> str:
    """Say what a metric is."""
    return EXPLAINED[metric.partition("_at_")[0]]


def headline(findings: Findings) -> str:
    """Say in one sentence whether the model beats the rule, by how much, and how sure that is."""
    name = main_metric(findings.metrics)
    found = findings.metrics[name]
    model, rule, difference = (found[of]["value"] for of in ("model", "rule", "difference"))
    low, high = found["difference"]["low"], found["difference"]["high"]
    if model is None or rule is None or difference is None:
        return f"Whether the model beats the rule is not known: {name} is undefined on these rows."
    means = _means(findings.model, name, model, rule)
    if low is None or high is None:
        return f"Whether the model beats the rule is not known, because there are too few rows: {means}."
    sure = _beats(low, high)
    unit, units = findings.evidence.held["unit"], findings.evidence.held["units"]
    bounds = f"between {_signed(name, low)} and {_signed(name, high)}{'' if name.startswith('neg_') else ' in 100'}"
    return f"{sure}: {means}; {metrics.LEVEL:.0%} of the resamples of {units:,} {unit}s put the gain {bounds}."


def _beats(low: float, high: float) -> str:
    if low > 0:
        return "The model beats the rule"
    return "The rule beats the model" if high < 0 else "It is not shown that the model beats the rule"


def _signed(metric: str, value: float) -> str:
    return f"{value:+.3g}" if metric.startswith("neg_") else f"{value * 100:+.1f}"


def _means(model: Model, metric: str, of_model: float, of_rule: float) -> str:
    """Say what a metric of the first sentence comes to."""
    in_100 = [f"{value * 100:.0f}" for value in (of_model, of_rule)]
    if metric.startswith("precision_at_"):
        yes = f"have {_yes(model)}"
        return f"of 100 {model.rows} that the model picks {in_100[0]} {yes}, of 100 that the rule picks {in_100[1]}"
    if metric == "roc_auc":
        pairs = "pairs of a positive and another row in the right order"
        return f"the model has {in_100[0]} of 100 {pairs}, the rule {in_100[1]}"
    if metric == "accuracy":
        known = f"the model is right about {model.target} for {in_100[0]} of 100 {model.rows}"
        return f"{known}, the rule for {in_100[1]}"
    return f"on average the model is off by {shown(-of_model)} in {model.target}, the rule by {shown(-of_rule)}"


def _yes(model: Model) -> str:
    is_bound = model.positive is not None and charter.bound(model.positive)
    return f"{model.target} {model.positive}" if is_bound else f"{model.target} = {model.positive}"


def _attempts(evidence: Evidence) -> Iterator[Attempt]:
    """Yield the runs of the model that ended before this one and whose evidence is here."""
    metric = main_metric(evidence.held["metrics"])
    places = [*lineage.RUNS.glob("*.intoto.jsonl"), *(lineage.RECORDED / evidence.model).glob("*.intoto.jsonl")]
    for path in {path.name: path for path in places}.values():
        try:
            other = lineage.load_file(path)
            of_model = other.held["metrics"][metric]["model"]
            value, low, high = (of_model[key] for key in ("value", "low", "high"))
        except (OSError, ValueError, KeyError, IndexError, TypeError):
            continue  # it tells nothing of this metric; whoever traces it is told what is wrong
        if other.model == evidence.model and (other.finished, other.run_id) < (evidence.finished, evidence.run_id):
            is_same = _digests(other) == _digests(evidence)
            yield Attempt(other.run_id, other.finished, not other.failed, is_same, value, low, high)


def _digests(evidence: Evidence) -> list[str]:
    return sorted(entry["digest"]["sha256"] for entry in evidence.named("data"))


def changed(evidence: Evidence, model: Model) -> str | None:
    """Say what is not as it was in a run; nothing where data, contracts and what is predicted are the same."""
    for entry in (*evidence.named("data"), *evidence.named("contract")):
        path = Path(entry["uri"])
        if not path.is_file():
            return f"{entry['uri']} is gone"
        if sha256(path) != entry["digest"]["sha256"]:
            return f"{entry['uri']} is not the file that it was"
    for key, value in charter.parameters(model).items():
        was = evidence.parameters.get(key)
        if was != value:
            return f"{charter.FILE.as_posix()} has {key} {value!r} for {model.name}, and it was {was!r}"
    return None


def differing(evidence: Evidence, judged: Judged, model: Model) -> str | None:
    """Say which metric does not come out as the run measured it: features, rule or a library are others now."""
    known = evidence.held["metrics"]
    for name, metric in metrics.metrics_of(model).items():
        for of, said in (("model", judged.scores), ("rule", judged.rule)):
            was = known[name][of]["value"] if name in known else None
            again = diagnostics.value_of(metric, judged.outcomes, said)
            if name not in known or not _is_same(was, again):
                return f"{name} of the {of} comes out as {shown(again)}, and the run measured {shown(was)}"
    return None


def _is_same(one: float | None, other: float) -> bool:
    return math.isnan(other) if one is None else math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
