"""The metrics are those of scikit-learn, weights and all, and what can be counted by hand; intervals hold the truth."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from flight_delays.platform import metrics
from flight_delays.platform.charter import Decision, Model, Split
from sklearn import metrics as reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

# Ten rows, so that the top 20 % are two.
LABELS = np.array([True, True, True, False, False, False, False, False, False, False])
ONCE = np.ones((1, 10))
RANDOM = np.random.default_rng(0)
ROWS = 200
WEIGHTS = RANDOM.integers(0, 4, (5, ROWS)).astype(float)
BINARY, SCORES = RANDOM.random(ROWS) < 0.3, np.round(RANDOM.random(ROWS), 1)
CLASSES, SAID = (RANDOM.choice(["ant", "bee", "cat"], ROWS, p=[0.6, 0.3, 0.1]) for _ in range(2))
NUMBERS, GUESSED = RANDOM.normal(size=(2, ROWS))


def model(**changes: object) -> Model:
    plain = Model("late", "testing", "classification", "rows", "id", "y", "yes", Split("random", None, 0.5), None)
    return plain._replace(**changes)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("metric", "theirs", "labels", "scores"),
    [
        (metrics.roc_auc, reference.roc_auc_score, BINARY, SCORES),
        (metrics.average_precision, reference.average_precision_score, BINARY, SCORES),
        (metrics.accuracy, reference.accuracy_score, CLASSES, SAID),
        (metrics.balanced_accuracy, reference.balanced_accuracy_score, CLASSES, SAID),
        (metrics.f1_macro, partial(reference.f1_score, average="macro"), CLASSES, SAID),
        (
            metrics.mean_absolute_error,
            lambda *some, **weights: -reference.mean_absolute_error(*some, **weights),
            NUMBERS,
            GUESSED,
        ),
        (
            metrics.root_mean_squared_error,
            lambda *some, **weights: -reference.root_mean_squared_error(*some, **weights),
            NUMBERS,
            GUESSED,
        ),
        (metrics.r2, reference.r2_score, NUMBERS, GUESSED),
    ],
)
def test_a_metric_is_that_of_scikit_learn_for_any_weights(
    metric: metrics.Metric, theirs: Callable[..., float], labels: NDArray[Any], scores: NDArray[Any]
) -> None:
    expected = [theirs(labels, scores, sample_weight=weights) for weights in WEIGHTS]
    np.testing.assert_allclose(metric(labels, scores, WEIGHTS), expected, rtol=1e-12)


def precision(labels: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    return float(metrics.precision_at(labels, scores, ONCE, 0.2)[0])


def test_precision_counts_the_positive_rows_among_the_top_scored() -> None:
    assert precision(LABELS, np.arange(10, 0, -1.0)) == 1.0
    assert precision(LABELS, np.arange(10.0)) == 0.0
    assert precision(LABELS, np.array([9.0, 0, 0, 8, 0, 0, 0, 0, 0, 0])) == 0.5


def test_a_tie_at_the_cut_counts_by_its_mean_whatever_the_order() -> None:
    # One positive row is ahead of all. Of the two others that share the second place, one is positive.
    scores = np.array([9.0, 5, 0, 5, 0, 0, 0, 0, 0, 0])
    assert precision(LABELS, scores) == 0.75
    assert precision(LABELS[::-1], scores[::-1]) == 0.75


def test_equal_scores_for_all_are_worth_the_base_rate() -> None:
    assert precision(LABELS, np.zeros(10)) == pytest.approx(0.3)


def test_recall_and_lift_are_counted_in_the_same_share() -> None:
    scores = np.array([9.0, 0, 0, 8, 0, 0, 0, 0, 0, 0])
    assert metrics.recall_at(LABELS, scores, ONCE, 0.2)[0] == pytest.approx(1 / 3)
    assert metrics.lift_at(LABELS, scores, ONCE, 0.2)[0] == pytest.approx(0.5 / 0.3)


def test_a_weight_is_worth_as_many_rows() -> None:
    weights = RANDOM.integers(0, 4, (1, ROWS)).astype(float)
    many = np.repeat(np.arange(ROWS), weights[0].astype(int))
    for metric in (metrics.precision_at, metrics.recall_at, metrics.lift_at):
        once = metric(BINARY[many], SCORES[many], np.ones((1, len(many))), 0.1)
        np.testing.assert_allclose(metric(BINARY, SCORES, weights, 0.1), once)


def test_the_top_is_never_empty() -> None:
    assert [metrics.top_count(rows, 0.2) for rows in (1, 2, 10, 2520)] == [1, 1, 2, 504]


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, ["roc_auc", "average_precision"]),
        (
            {"decision": Decision(0.025)},
            [
                *("roc_auc", "average_precision"),
                *("precision_at_2.5_percent", "recall_at_2.5_percent", "lift_at_2.5_percent"),
            ],
        ),
        ({"positive": None}, ["balanced_accuracy", "accuracy", "f1_macro"]),
        (
            {"positive": None, "kind": "regression"},
            ["neg_mean_absolute_error", "neg_root_mean_squared_error", "r2"],
        ),
    ],
)
def test_each_kind_of_model_has_its_metrics(changes: dict[str, Any], names: list[str]) -> None:
    assert list(metrics.metrics_of(model(**changes))) == names


def test_what_is_undefined_is_said_to_be() -> None:
    assert np.isnan(metrics.roc_auc(np.array([True, True]), np.array([0.1, 0.2]), np.ones((1, 2)))[0])
    assert np.isnan(metrics.r2(np.array([3.0, 3.0]), np.array([3.0, 2.0]), np.ones((1, 2)))[0])
    held = metrics.measure(model(), np.array([True, False]), np.array([0.9, 0.1]), np.zeros(2), np.arange(2), "row")
    # One row of each kind: half of the resamples hold one kind alone.
    assert held.metrics["roc_auc"].model == metrics.Interval(1.0, None, None)


def test_a_rule_that_finds_nobody_has_no_ratio() -> None:
    rule = -LABELS.astype(float)
    held = metrics.measure(model(decision=Decision(0.2)), LABELS, LABELS.astype(float), rule, np.arange(10), "row")
    assert held.metrics["precision_at_20_percent"].ratio == metrics.Interval(None, None, None)
    assert held.metrics["precision_at_20_percent"].difference.value == 1.0


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    random, hits = np.random.default_rng(1), 0
    for _ in range(200):
        labels = random.normal(10, 3, 60)
        held = metrics.measure(
            model(kind="regression", positive=None), labels, np.full(60, 8.0), np.zeros(60), np.arange(60), "row"
        )
        interval = held.metrics["neg_root_mean_squared_error"].model
        assert interval.low is not None
        assert interval.high is not None
        hits += interval.low <= -np.sqrt(9 + 4) <= interval.high
    assert 0.88 <= hits / 200 <= 0.99


def test_rows_of_one_unit_are_drawn_together() -> None:
    labels = np.repeat(RANDOM.normal(size=20), 30)
    guessed, rule = np.zeros(600), np.ones(600)
    kind = model(kind="regression", positive=None)
    alone = metrics.measure(kind, labels, guessed, rule, np.arange(600), "row").metrics["neg_mean_absolute_error"].model
    held = metrics.measure(kind, labels, guessed, rule, np.repeat(np.arange(20), 30), "day")
    together = held.metrics["neg_mean_absolute_error"].model
    assert (held.rows, held.unit, held.units) == (600, "day", 20)
    assert alone.value == together.value
    assert together.high - together.low > 3 * (alone.high - alone.low)


def test_the_same_rows_give_the_same_intervals() -> None:
    arguments = (model(), BINARY, SCORES, np.zeros(ROWS), np.arange(ROWS), "row")
    assert metrics.measure(*arguments) == metrics.measure(*arguments)
