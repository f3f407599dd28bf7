"""Measures the model against the rule, and holds the result against the thresholds of project.yaml."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from .charter import FILE, Gate
from .errors import Stopped

# The share of flights whose travellers can be warned.
TOP_SHARE = 0.2


class Verdict(NamedTuple):
    """A gate, and whether the model passed it."""

    metric: str
    minimum: float
    value: float
    is_passed: bool


def top_count(rows: int) -> int:
    """Return how many of these rows make the top share: at least one."""
    return max(1, round(rows * TOP_SHARE))


def precision_at_top(labels: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """Return the share of late flights among the top-scored ones.

    Where a tie straddles the cut, its flights count by their mean, so that the order of the rows does not matter.
    """
    count = top_count(len(scores))
    cut = np.sort(scores)[-count]
    above, tied = scores > cut, scores == cut
    hits = labels[above].sum() + labels[tied].mean() * (count - above.sum())
    return float(hits / count)


def measure(labels: NDArray[np.bool_], model: NDArray[np.float64], rule: NDArray[np.float64]) -> dict[str, float]:
    """Return the metrics of the model, of the rule, and of one over the other."""
    if labels.all() or not labels.any():
        message = "the held-out rows are all late or all on time: nothing can be measured, so hold out more rows"
        raise Stopped(message)
    precision, rule_precision = precision_at_top(labels, model), precision_at_top(labels, rule)
    return {
        "base_rate": float(labels.mean()),
        "rule_auc": float(roc_auc_score(labels, rule)),
        "rule_precision_at_20_percent": rule_precision,
        "auc": float(roc_auc_score(labels, model)),
        "precision_at_20_percent": precision,
        # A rule that finds nobody is beaten by any model that finds one.
        "lift_over_rule": precision / rule_precision if rule_precision else float(precision > 0),
    }


def judge(gates: Iterable[Gate], metrics: Mapping[str, float]) -> list[Verdict]:
    """Hold the metrics against the gates."""
    verdicts = []
    for gate in gates:
        if gate.metric not in metrics:
            message = f"{FILE}: the gate {gate.metric!r} is not measured: choose among {', '.join(metrics)}"
            raise Stopped(message)
        value = metrics[gate.metric]
        verdicts.append(Verdict(gate.metric, gate.minimum, value, value >= gate.minimum))
    return verdicts
