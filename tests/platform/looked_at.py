"""Models of each kind on made rows, looked at as a run does it, without the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl
from flight_delays.platform import gate, judge, lineage, metrics, task
from flight_delays.platform.charter import Charter, Decision, Model, Split
from flight_delays.platform.estimators import with_codes
from flight_delays.platform.report import findings
from flight_delays.platform.report.diagnostics import Judged
from flight_delays.platform.report.personal import Personal
from flight_delays.platform.suspects import search
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

if TYPE_CHECKING:
    from flight_delays.platform.report.findings import Findings
    from numpy.typing import NDArray

COUNT = 600
NOBODY = Personal()
RUN_ID = "0123456789abcdef" * 2
FINISHED = "2026-01-31T12:00:00+00:00"
NUMBER = Model(
    "weight", "testing", "regression", "animals", "animal_id", "weight_g", None, Split("random", None, 0.5), None
)
CLASSES = NUMBER._replace(name="kind", kind="classification", target="species")
YES = CLASSES._replace(name="is_cat", positive="cat")
PICKED = YES._replace(decision=Decision(top_share=0.2))
KINDS = {"a number": NUMBER, "classes": CLASSES, "yes or no": YES, "yes or no with a decision": PICKED}


def animals(count: int = COUNT) -> pl.DataFrame:
    """Make animals whose weight and kind follow, but not surely, from their length and place."""
    random = np.random.default_rng(0)
    length, place = random.uniform(1, 9, count), random.choice(["lake", "wood"], count)
    near = length + random.normal(0, 1, count)
    return pl.DataFrame(
        {
            "animal_id": [f"a{number}" for number in range(count)],
            "length_cm": np.where(np.arange(count) % 11 == 0, np.nan, length),
            "place": place,
            "noise": random.normal(0, 1, count),
            "seen": [None] * count,
            "weight_g": 3 * length + 5 * (place == "wood") + random.normal(0, 4, count),
            "species": np.select([near < 3, near < 6], ["ant", "bee"], "cat"),
        },
        schema_overrides={"seen": pl.Float64},
    )


def rule_of(model: Model, features: pl.DataFrame) -> NDArray[Any]:
    """Return what a rule of one line says."""
    if model.has_classes:
        return np.array(["cat"] * len(features))
    return features["length_cm"].fill_nan(5).to_numpy() * 3


class Trial(NamedTuple):
    """A model that was trained on half of the rows, and what it says of the other half."""

    model: Model
    fitted: Any
    known: pl.DataFrame
    labels: NDArray[Any]
    judged: Judged


def trial(model: Model, rows: pl.DataFrame | None = None) -> Trial:
    """Train a model on the first half of the rows."""
    rows = animals() if rows is None else rows
    features, labels = rows.drop("animal_id", "weight_g", "species"), task.labels(rows, model)
    half = len(rows) // 2
    forest = (RandomForestRegressor if model.kind == "regression" else RandomForestClassifier)(20, random_state=0)
    fitted = with_codes(features, forest).fit(features[:half], labels[:half])
    new = features[half:]
    judged = Judged(rows["animal_id"][half:], new, labels[half:], task.score(fitted, new, model), rule_of(model, new))
    return Trial(model, fitted, features[:half], labels[:half], judged)


def evidence_of(made: Trial, run_id: str = RUN_ID, finished: str = FINISHED) -> lineage.Evidence:
    """Return the evidence of a run, whose gate asks for something, in the working folder."""
    path = gate.path_of(made.model)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("unit: row\n", encoding="utf-8")
    ids = made.judged.ids.to_numpy()
    held = metrics.measure(made.model, made.judged.outcomes, made.judged.scores, made.judged.rule, ids, "row")
    claim = {"metric": next(iter(held.metrics)), "of": "difference", "comparator": ">", "threshold": 0}
    verdicts = judge.judge({"unit": "row", "minimum_rows": 10, "claims": [claim]}, gate.plain(held))
    statements = lineage.gather(run_id, made.model, "0" * 64, [], {}, gate.plain(held), path, verdicts)
    statements[0]["predicate"]["runDetails"]["metadata"]["finishedOn"] = finished
    statements[0]["predicate"]["buildDefinition"]["internalParameters"]["code"] = {
        "commit": "c" * 40,
        "is_dirty": False,
    }
    return lineage.Evidence(statements)


def look(made: Trial, hidden: Personal = NOBODY) -> Findings:
    """Look at a trial as a run does."""
    value = {"metric": "Cats that were fed", "unit": "percent", "baseline": 10, "target": 20}
    project = Charter("Animals", "@acme/lab", (made.model,), "Whom to feed.", value)
    found = search(made.known, made.labels, made.model)
    return findings.gather(project, made.model, evidence_of(made), made.fitted, made.judged, found, hidden)
