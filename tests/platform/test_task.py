"""Outcomes are yes or no, classes or numbers, as project.yaml has it; what does not fit is one sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from flight_delays.platform import task
from flight_delays.platform.charter import Model, Split
from flight_delays.platform.errors import Stopped
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from .test_split import field, source

ROWS = pl.DataFrame(
    {
        "row_id": [1, 2, 3, 4],
        "delay": [14, 15, -5, None],
        "state": ["ok", "ill", "ok", None],
        "is_ill": [False, True, False, None],
        "grade": [1, 2, 3, None],
    }
)
FIELDS = source(
    field("row_id", "integer"), field("delay", "integer"), field("state", "string"), field("is_ill", "boolean")
)


def model(target: str, positive: str | float | None = None, kind: str = "classification") -> Model:
    return Model("late", "testing", kind, "rows", "row_id", target, positive, Split("random", None, 0.5), None)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (model("delay", ">= 15"), [False, True, False]),
        (model("delay", "> 14"), [False, True, False]),
        (model("delay", "<= 14"), [True, False, True]),
        (model("delay", "< 14"), [False, False, True]),
        (model("state", "ill"), [False, True, False]),
        (model("is_ill", positive=True), [False, True, False]),
        (model("grade", 2), [False, True, False]),
        (model("state"), ["ok", "ill", "ok"]),
        (model("grade"), ["1", "2", "3"]),
        (model("delay", kind="regression"), [14.0, 15.0, -5.0]),
    ],
)
def test_outcomes_are_what_the_model_is_about(chosen: Model, expected: list[Any]) -> None:
    assert task.labels(task.settled(ROWS, chosen), chosen).tolist() == expected


def test_a_value_that_no_row_has_is_one_sentence() -> None:
    with pytest.raises(Stopped, match=r"^project\.yaml: no row of rows has state 'sick': found are 'ill', 'ok'$"):
        task.refuse_unknown(task.settled(ROWS, model("state")), model("state", "sick"))


def test_a_number_that_is_none_is_no_outcome() -> None:
    rows = pl.DataFrame({"delay": [float("nan"), 1.0, None]})
    assert task.settled(rows, model("delay", ">= 15"))["delay"].to_list() == [1.0]


def test_what_fails_in_an_estimator_or_a_rule_is_one_sentence() -> None:
    with pytest.raises(Stopped, match=r"^src/flight_delays/model\.py: int is no estimator: return one with `fit`"):
        task.fit(3, ROWS, np.array([1]))
    with pytest.raises(Stopped, match=r"^src/flight_delays/model\.py, when the estimator learns: ValueError: "):
        task.fit(LogisticRegression(), pl.DataFrame({"a": ["x", "y"]}), np.array([0, 1]))
    with pytest.raises(Stopped, match=r"^src/flight_delays/model\.py: the estimator gives no probabilities: take one"):
        task.score(LinearSVC(), ROWS, model("state", "ill"))
    with pytest.raises(Stopped, match=r"^src/flight_delays/model\.py, when the estimator predicts: NotFittedError: "):
        task.score(LinearSVC(), ROWS, model("state"))
    with pytest.raises(Stopped, match=r"^src/flight_delays/baseline\.py: 1 answers for 3 rows: return one for each$"):
        task.rule(pl.Series([1]), 3)


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        (
            model("state", kind="regression"),
            "project.yaml: a regression needs numbers, and state is string in contracts",
        ),
        (model("state", ">= 1"), "project.yaml: positive '>= 1' needs numbers, and state is string in contracts"),
        (model("other"), "project.yaml names 'other', which contracts/rows.odcs.yaml does not have: it has row_id"),
    ],
)
def test_a_target_that_does_not_fit_is_one_sentence(chosen: Model, sentence: str) -> None:
    with pytest.raises(Stopped, match=f"^{sentence}"):
        task.check(chosen, FIELDS)


def test_a_target_that_fits_is_taken() -> None:
    for chosen in (model("delay", kind="regression"), model("delay", "< 3"), model("state", "ill"), model("is_ill")):
        task.check(chosen, FIELDS)


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (np.array([True, True]), "the training rows of rows say nothing, because y is 'ill' in all of them: other"),
        (np.array([False]), "the training rows of rows say nothing, because y is 'ill' in none of them: other"),
        (np.array([2.5]), "the training rows of rows say nothing, because y is always 2.5: other or more"),
        (np.array(["a", "a"]), "the training rows of rows say nothing, because y is always 'a': other or more"),
        (np.array([]), "the training rows of rows say nothing, because y is known of none of them: other or more"),
    ],
)
def test_outcomes_that_are_all_alike_teach_nothing(labels: task.Labels, sentence: str) -> None:
    with pytest.raises(Stopped, match=f"^{sentence}"):
        task.refuse_constant(labels, model("y", "ill"), "training")
