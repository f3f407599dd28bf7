"""Gathers what is to be said of a run: how it compares, what there is to gain, what was tried before."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .. import charter, lineage, metrics
from ..charter import Charter, Model
from ..files import sha256
from ..gain import bounds_of
from ..lineage import Evidence
from ..say import counted, shown
from ..suspects import Search
from . import diagnostics, room
from .diagnostics import Confusion, Error, Importance, Judged, Sliced, Tenth
from .personal import Personal
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


# The metrics that are shares, which people read as so many of 100.
SHARES = {"roc_auc", "precision", "recall", "accuracy", "balanced_accuracy"}
SENTENCES = {
    "roc_auc": (
        "the model has {of_model} of 100 pairs of a positive and another row in the right order, the rule {of_rule}"
    ),
    "precision": "of 100 rows that the model picks {of_model} have {yes}, of 100 that the rule picks {of_rule}",
    "recall": "of 100 rows that have {yes} the model picks {of_model}, the rule {of_rule}",
    "lift": (
        "rows that the model picks have {yes} {of_model} times as often as all rows, those that the rule picks "
        "{of_rule} times"
    ),
    "accuracy": "the model is right about {target} for {of_model} of 100 rows, the rule for {of_rule}",
    "balanced_accuracy": (
        "the model is right about {target} for {of_model} of 100 rows, as many of each class, the rule for {of_rule}"
    ),
    "neg_mean_absolute_error": ("on average the model is off by {of_model} in {target}, the rule by {of_rule}"),
    "neg_root_mean_squared_error": (
        "the root of the mean squared distance is {of_model} in {target} for the model, {of_rule} for the rule"
    ),
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
    search: Search
    personal: Personal
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
    project: Charter,
    model: Model,
    evidence: Evidence,
    fitted: Any,
    judged: Judged,
    search: Search,
    personal: Personal,
) -> Findings:
    """Look at a run from all sides; of what is about persons no value gets into the findings."""
    importance = diagnostics.importance(fitted, judged, model)
    columns = personal.open(item.column for item in importance)
    confusion = diagnostics.confusion(judged, model)
    return Findings(
        project=project,
        model=model,
        evidence=evidence,
        judged=judged,
        search=search,
        personal=personal,
        room=room.measure(judged, model, main_metric(evidence.held["metrics"])),
        importance=importance,
        tenths=[] if model.has_classes else diagnostics.tenths(judged, model),
        confusion=_unnamed(confusion) if confusion and model.has_classes and personal.why(model.target) else confusion,
        worst=[] if personal.why(model.target) else diagnostics.worst(fitted, judged, model, columns[:OF_A_ROW]),
        sliced=diagnostics.slices(judged, model, columns[:SLICED]),
        attempts=sorted(_attempts(evidence), key=lambda attempt: (attempt.finished, attempt.run_id), reverse=True),
    )


def _unnamed(found: Confusion) -> Confusion:
    """Return the same without the names of the classes."""
    return found._replace(classes=tuple(f"class {number}" for number, _ in enumerate(found.classes, start=1)))


def main_metric(found: Mapping[str, Any]) -> str:
    """Return the metric that the first sentence is about: that of the gate's first claim stands in front."""
    return next(iter(found))


def explained(metric: str) -> str:
    """Say what a metric is."""
    return EXPLAINED[_base(metric)]


def headline(findings: Findings) -> str:
    """Say in one sentence whether the model beats the rule, by how much, and how sure that is."""
    name = main_metric(findings.metrics)
    found = findings.metrics[name]
    model, rule, difference = (found[of]["value"] for of in ("model", "rule", "difference"))
    low, high = found["difference"]["low"], found["difference"]["high"]
    if model is None or rule is None or difference is None:
        return f"Whether the model beats the rule is not known: {name} is undefined on these rows."
    means = _means(findings, name, model, rule)
    units = counted(findings.evidence.held["units"], findings.evidence.held["unit"])
    if low is None or high is None:
        return f"Whether the model beats the rule is not known, because {units} tell too little: {means}."
    in_100 = _base(name) in SHARES
    amount, per = (_in_100, " in 100") if in_100 else (shown, "")
    bounds = bounds_of(found["difference"], amount, per)
    return f"{_beats(low, high)}: {means}; {metrics.LEVEL:.0%} of the resamples of {units} put the model {bounds}."


def _beats(low: float, high: float) -> str:
    if low > 0:
        return "The model beats the rule"
    return "The rule beats the model" if high < 0 else "It is not shown that the model beats the rule"


def _in_100(value: float) -> str:
    return f"{value * 100:.1f}"


def _base(metric: str) -> str:
    """Return the name of a metric without the share that it is measured at."""
    return metric.partition("_at_")[0]


def _means(findings: Findings, metric: str, of_model: float, of_rule: float) -> str:
    """Say what a metric of the first sentence comes to."""
    scale, digits = (100, ".0f") if _base(metric) in SHARES else (-1 if metric.startswith("neg_") else 1, "")
    model, rule = (format(value * scale, digits) if digits else shown(value * scale) for value in (of_model, of_rule))
    sentence = SENTENCES.get(_base(metric), "{metric} is {of_model} for the model and {of_rule} for the rule")
    return sentence.format(
        metric=metric, of_model=model, of_rule=rule, target=findings.model.target, yes=_yes(findings)
    )


def _yes(findings: Findings) -> str:
    """Say when a row counts as yes; the value is not named where it is about persons."""
    model = findings.model
    if findings.personal.why(model.target):
        return "the positive outcome"
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
