"""The metrics are what can be counted by hand, and the gates hold the line."""

import numpy as np
import pytest

from .. import evaluate
from ..charter import Gate
from ..errors import Stopped

# Ten flights, so that the top 20 % are two.
LABELS = np.array([True, True, True, False, False, False, False, False, False, False])


def test_precision_counts_the_late_flights_among_the_top_scored() -> None:
    assert evaluate.precision_at_top(LABELS, np.arange(10, 0, -1.0)) == 1.0
    assert evaluate.precision_at_top(LABELS, np.arange(10.0)) == 0.0
    assert evaluate.precision_at_top(LABELS, np.array([9.0, 0, 0, 8, 0, 0, 0, 0, 0, 0])) == 0.5


def test_a_tie_at_the_cut_counts_by_its_mean_whatever_the_order() -> None:
    # One late flight is ahead of all. Of the two others that share the second place, one is late.
    scores = np.array([9.0, 5, 0, 5, 0, 0, 0, 0, 0, 0])
    assert evaluate.precision_at_top(LABELS, scores) == 0.75
    assert evaluate.precision_at_top(LABELS[::-1], scores[::-1]) == 0.75


def test_equal_scores_for_all_are_worth_the_base_rate() -> None:
    assert evaluate.precision_at_top(LABELS, np.zeros(10)) == pytest.approx(0.3)


def test_the_top_is_never_empty() -> None:
    assert [evaluate.top_count(rows) for rows in (1, 2, 10, 2520)] == [1, 1, 2, 504]


def test_all_metrics_of_a_perfect_model_and_a_useful_rule() -> None:
    rule = np.array([9.0, 0, 1, 8, 0, 0, 0, 0, 0, 0])
    metrics = evaluate.measure(LABELS, LABELS.astype(float), rule)
    assert metrics == pytest.approx(
        {
            "base_rate": 0.3,
            # Of 21 pairs of a late and another flight, the rule ranks 7 + 3 + 6 right: 3 and 3 of them by half.
            "rule_auc": (7 + 6 + 3) / 21,
            "rule_precision_at_20_percent": 0.5,
            "auc": 1.0,
            "precision_at_20_percent": 1.0,
            "lift_over_rule": 2.0,
        }
    )


def test_a_rule_that_finds_nobody_is_beaten_by_any_find() -> None:
    worst = -LABELS.astype(float)
    assert evaluate.measure(LABELS, LABELS.astype(float), worst)["lift_over_rule"] == 1.0
    assert evaluate.measure(LABELS, worst, worst)["lift_over_rule"] == 0.0


@pytest.mark.parametrize("label", [True, False])
def test_nothing_is_measured_where_all_flights_are_alike(label: bool) -> None:  # noqa: FBT001 - the label of a row
    with pytest.raises(Stopped, match="all late or all on time"):
        evaluate.measure(np.full(5, label), np.zeros(5), np.zeros(5))


def test_a_gate_is_passed_at_its_threshold_and_not_below() -> None:
    gates = [Gate("auc", 0.6), Gate("lift_over_rule", 1.1)]
    verdicts = evaluate.judge(gates, {"auc": 0.6, "lift_over_rule": 1.0999})
    assert [(verdict.metric, verdict.is_passed) for verdict in verdicts] == [("auc", True), ("lift_over_rule", False)]


def test_a_gate_on_what_is_not_measured_is_an_error() -> None:
    with pytest.raises(Stopped, match="the gate 'accuracy' is not measured: choose among auc"):
        evaluate.judge([Gate("accuracy", 0.9)], {"auc": 0.6})
