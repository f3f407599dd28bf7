"""Lets a model read the predictions of others, and learn from none that knew the outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from . import charter, contract, lineage, predict, split, task, tracking
from .charter import Model
from .errors import Stopped
from .files import sha256
from .lineage import Evidence
from .own import own
from .split import Parts
from .tables import Tables, features_of

# The rows to learn from are cut into so many parts, and each is scored by a model that learned from the others.
FOLDS = 5
# What gives the predictions of a model for the rows in some tables.
Source = Callable[[Tables], pl.DataFrame]


class Member(NamedTuple):
    """A model whose predictions another one reads, the evidence of its run, and the members that it reads itself."""

    model: Model
    evidence: Evidence
    members: tuple[Member, ...]


def newest(model: Model, models: Sequence[Model]) -> tuple[Member, ...]:
    """Return the last run of each model that a model reads; it must have learned from the rows that are there now."""
    by_name = {other.name: other for other in models}
    found = []
    for name in model.reads:
        other, evidence = by_name[name], lineage.load(tracking.last_run(name))
        _refuse_old(other, evidence)
        found.append(Member(other, evidence, of_run(evidence, models)))
    return tuple(found)


def _refuse_old(model: Model, evidence: Evidence) -> None:
    data = contract.load(model.rows).data
    learned = {entry["uri"]: entry["digest"]["sha256"] for entry in evidence.named("data")}
    chosen = charter.parameters(model)
    if learned.get(data) != sha256(Path(data)) or any(evidence.parameters.get(key) != chosen[key] for key in chosen):
        message = (
            f"the last run of {model.name} is about another {data} or project.yaml: train {model.name} again first"
        )
        raise Stopped(message)


def of_run(evidence: Evidence, models: Sequence[Model]) -> tuple[Member, ...]:
    """Return the runs that a trained model reads, as its evidence names them."""
    by_name = {other.name: other for other in models}
    found = []
    for entry in evidence.named(lineage.READS):
        name, run_id = entry["annotations"]["model"], entry["annotations"]["run"]
        if name not in by_name:
            message = (
                f"run {evidence.run_id} reads {name}, which project.yaml names no more: train {evidence.model} again"
            )
            raise Stopped(message)
        other = lineage.load(run_id)
        if other.digest != entry["digest"]["sha256"]:
            message = (
                f"run {evidence.run_id} reads another {name} than run {run_id} has now: train {evidence.model} again"
            )
            raise Stopped(message)
        found.append(Member(by_name[name], other, of_run(other, models)))
    return tuple(found)


def dependencies(members: Sequence[Member]) -> list[dict[str, Any]]:
    """Return what the evidence of a model says of those that it reads."""
    return [
        {
            "name": lineage.READS,
            "uri": tracking.path_of(evidence.run_id).as_posix(),
            "digest": {"sha256": evidence.digest},
            "annotations": {"model": model.name, "run": evidence.run_id},
        }
        for model, evidence, _ in members
    ]


def trained(members: Sequence[Member]) -> Mapping[str, Source]:
    """Return what predicts rows by the runs that were trained, as for new rows."""
    return {member.model.name: _trained(member) for member in members}


def _trained(member: Member) -> Source:
    model, evidence = member.model, member.evidence
    fitted, others = tracking.load(model.name, evidence.run_id, evidence.digest), trained(member.members)

    def predicted(tables: Tables) -> pl.DataFrame:
        beside = tables.beside(others)
        features = own("features", model)(beside)
        rows = beside[model.rows]
        return _named(model, rows, task.score(fitted, features_of(features, rows, model), model))

    return predicted


def out_of_sample(members: Sequence[Member], parts: Parts) -> Mapping[str, Source]:
    """Return what predicts the held-out rows by the runs that were trained, and each other row as a new one.

    For these, the model learns anew without the part in which they lie: it is honest about none that it learned from.
    """
    return {member.model.name: _out_of_sample(member, parts) for member in members}


def _out_of_sample(member: Member, parts: Parts) -> Source:
    model, evidence = member.model, member.evidence
    fitted = tracking.load(model.name, evidence.run_id, evidence.digest)

    def predicted(tables: Tables) -> pl.DataFrame:
        features = own("features", model)(tables.beside(out_of_sample(member.members, parts)))
        held_out = features_of(features, parts.held_out, model)
        found = [_named(model, parts.held_out, task.score(fitted, held_out, model))]
        folds = split.folds(parts.train, model, FOLDS)
        for fold in folds.unique().sort():
            new = parts.train.filter(folds == fold)
            again = _learned(model, features, parts.train.filter(folds != fold))
            found.append(_named(model, new, task.score(again, features_of(features, new, model), model)))
        return pl.concat(found)

    return predicted


def _learned(model: Model, features: pl.DataFrame, rows: pl.DataFrame) -> Any:
    settled = task.settled(rows, model)
    labels = task.labels(settled, model)
    task.refuse_constant(labels, model, "remaining training")
    known = features_of(features, settled, model)
    return task.fit(own("model", model)(known), known, labels)


def _named(model: Model, rows: pl.DataFrame, scores: Any) -> pl.DataFrame:
    field = predict.field(contract.load(model.predictions), predict.SCORE)
    return pl.DataFrame({model.id: rows[model.id], field: scores})
