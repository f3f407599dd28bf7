"""What is said of a model on the held-out rows is counted right, on rows whose answer is seen or counted otherwise."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from flight_delays.platform.charter import Decision
from flight_delays.platform.estimators import encoded, with_codes
from flight_delays.platform.report import diagnostics, room
from flight_delays.platform.report.diagnostics import Confusion, Judged, Tenth
from sklearn.compose import make_column_transformer
from sklearn.impute import KNNImputer
from sklearn.linear_model import Ridge
from sklearn.metrics import confusion_matrix, mean_absolute_error, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from .looked_at import CLASSES, KINDS, NUMBER, PICKED, YES, trial

NEVER = YES._replace(decision=Decision(threshold=2))


def judged(outcomes: object, scores: object, rule: object = None, **columns: object) -> Judged:
    outcomes, scores = np.asarray(outcomes), np.asarray(scores)
    ids = pl.Series(range(len(outcomes)))
    return Judged(ids, pl.DataFrame(columns), outcomes, scores, scores if rule is None else np.asarray(rule))


@pytest.mark.parametrize("model", [pytest.param(model, id=kind) for kind, model in KINDS.items()])
def test_the_column_that_the_outcome_follows_from_is_the_most_important(model: diagnostics.Model) -> None:
    made = trial(model)
    found = diagnostics.importance(made.fitted, made.judged, model)
    assert found[0].column == "length_cm"
    assert found[0].mean > 3 * abs(next(item.mean for item in found if item.column == "noise"))
    assert next(item for item in found if item.column == "seen") == ("seen", 0, 0)  # it has no values
    assert {item.column for item in found} == set(made.known.columns)
    assert found == diagnostics.importance(made.fitted, made.judged, model)


@pytest.mark.parametrize("model", [pytest.param(model, id=kind) for kind, model in KINDS.items()])
def test_codes_are_shuffled_as_the_words_would_be(model: diagnostics.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    made = trial(model)
    quick = diagnostics.importance(made.fitted, made.judged, model)
    monkeypatch.setattr(diagnostics, "encoded", lambda *_: None)
    assert diagnostics.importance(made.fitted, made.judged, model) == quick


@pytest.mark.parametrize(
    ("estimator", "columns", "is_encoded"),
    [
        pytest.param(lambda known: with_codes(known, Ridge()), ["length", "place", "noise"], True, id="codes"),
        pytest.param(lambda known: with_codes(known, Ridge()), ["length", "noise"], True, id="nothing to encode"),
        pytest.param(
            lambda _: make_pipeline(
                make_column_transformer((OneHotEncoder(), ["place"]), remainder="passthrough"), Ridge()
            ),
            ["length", "place", "noise"],
            False,
            id="several columns for a word",
        ),
        pytest.param(
            lambda _: make_pipeline(make_column_transformer((KNNImputer(), ["length", "noise"])), Ridge()),
            ["length", "noise"],
            False,
            id="a column made of several",
        ),
        pytest.param(
            lambda _: make_pipeline(StandardScaler(), Ridge()), ["length", "noise"], False, id="another first step"
        ),
        pytest.param(lambda _: Ridge(), ["length", "noise"], False, id="no steps"),
    ],
)
def test_only_what_has_a_code_for_each_column_is_encoded_before(
    estimator: object,
    columns: list[str],
    is_encoded: bool,  # noqa: FBT001 - one of two expectations
) -> None:
    random = np.random.default_rng(0)
    known = pl.DataFrame({"length": random.normal(size=50), "place": ["a", "b"] * 25, "noise": random.normal(size=50)})
    known = known.select(columns)
    made = estimator(known)  # type: ignore[operator]
    found = encoded(made.fit(known, np.arange(50)), known)
    assert (found is not None) == is_encoded
    if found:
        assert found.places.keys() == set(known.columns)
        np.testing.assert_array_equal(found.table[:, found.places["noise"]], known["noise"].to_numpy())


def test_many_columns_are_shuffled_on_fewer_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    made, sizes = trial(NUMBER), []
    forest = type(made.fitted.steps[-1][1])
    monkeypatch.setattr(diagnostics, "SCORED", 5 * 150 * made.known.width)
    monkeypatch.setattr(forest, "predict", lambda _, rows: sizes.append(len(rows)) or np.zeros(len(rows)))
    diagnostics.importance(made.fitted, made.judged, NUMBER)
    assert sizes == [150] * 3 + [5 * 150] * 3  # the column without values is not shuffled


def test_only_the_columns_that_matter_most_are_shuffled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnostics, "FIRST", 2)
    made = trial(CLASSES)
    found = diagnostics.importance(made.fitted, made.judged, CLASSES)
    assert [item.spread > 0 for item in found] == [True, True, False, False]
    assert found[0].column == "length_cm"
    assert found[2].mean >= found[3].mean


def test_many_classes_are_shuffled_on_fewer_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    made, sizes = trial(CLASSES), set()
    forest = type(made.fitted.steps[-1][1])
    monkeypatch.setattr(diagnostics, "SCORED", 3 * 5 * 120 * made.known.width)
    monkeypatch.setattr(forest, "predict", lambda _, rows: sizes.add(len(rows)) or np.array(["cat"] * len(rows)))
    diagnostics.importance(made.fitted, made.judged, CLASSES)
    assert sizes == {120, 5 * 120}


def test_tenths_keep_equal_scores_together_and_count_what_came() -> None:
    scores = np.repeat([0.1, 0.2, 0.9], [500, 300, 200])
    came = np.concatenate([np.arange(500) < 50, np.arange(300) < 90, np.arange(200) < 180])
    found = diagnostics.tenths(judged(came, scores), YES)
    assert [(tenth.rows, round(tenth.said, 9), tenth.came) for tenth in found] == [
        (500, 0.1, 0.1),
        (300, 0.2, 0.3),
        (200, 0.9, 0.9),
    ]
    # The bounds of Wilson, as statsmodels counts them for 50 of 500.
    assert (found[0].low, found[0].high) == pytest.approx((0.07669, 0.12940), abs=1e-4)


def test_tenths_of_numbers_hold_the_middle_of_what_came() -> None:
    found = diagnostics.tenths(judged(np.arange(1_000.0), np.arange(1_000.0)), NUMBER)
    assert len(found) == 10
    assert found[-1] == pytest.approx(Tenth(100, 949.5, 949.5, 909.9, 989.1))


def test_confusion_is_that_of_scikit_learn() -> None:
    made = trial(CLASSES)
    expected = confusion_matrix(made.judged.outcomes, made.judged.scores, labels=["ant", "bee", "cat"])
    assert diagnostics.confusion(made.judged, CLASSES) == Confusion(
        ("ant", "bee", "cat"), tuple(map(tuple, expected.tolist()))
    )


def test_rare_classes_and_those_that_only_the_model_names_are_put_together() -> None:
    outcomes = [f"c{number:02}" for number in range(15) for _ in range(20 - number)]
    found = diagnostics.confusion(judged(outcomes, ["c00"] * 30 + ["new"] * (len(outcomes) - 30)), CLASSES)
    assert found is not None
    assert found.classes == (*(f"c{number:02}" for number in range(12)), "(other)")
    assert found.counts[0] == (20, *[0] * 12)
    assert found.counts[1] == (10, *[0] * 11, 9)
    assert sum(map(sum, found.counts)) == len(outcomes)


def test_yes_and_no_are_counted_at_the_decision() -> None:
    rows = judged([True, True, False, False, False], [0.9, 0.3, 0.8, 0.2, 0.1])
    at_half = YES._replace(decision=Decision(threshold=0.5))
    assert diagnostics.confusion(rows, at_half) == Confusion(("yes", "no"), ((1, 1), (1, 2)))
    assert diagnostics.confusion(rows, YES) is None
    assert diagnostics.confusion(rows, NUMBER) is None


def test_the_worst_rows_of_yes_and_no_are_missed_ones_and_false_alarms() -> None:
    came = np.arange(40) % 4 == 0
    scores = np.arange(40) / 40
    found = diagnostics.worst(None, judged(came, scores, a=scores, b=["x"] * 40), YES, ["b", "a"])
    assert [error.id for error in found] == ["0", "4", "8", "12", "16", "39", "38", "37", "35", "34"]
    assert found[0] == ("0", "yes", "0%", (("b", "x"), ("a", "0")))
    assert found[-1] == ("34", "no", "85%", (("b", "x"), ("a", "0.85")))


def test_the_worst_rows_of_numbers_are_the_furthest_and_of_classes_the_surest() -> None:
    numbers = diagnostics.worst(None, judged([1.0, 2.0, 3.0], [1.0, 9.0, 2.5], a=[None, 1.5, np.nan]), NUMBER, ["a"])
    assert numbers == [
        ("1", "2", "9", (("a", "1.5"),)),
        ("2", "3", "2.5", (("a", "(empty)"),)),
        ("0", "1", "1", (("a", "(empty)"),)),
    ]
    made = trial(CLASSES)
    found = diagnostics.worst(made.fitted, made.judged, CLASSES, ["place"])
    sure = dict(zip(made.judged.ids, made.fitted.predict_proba(made.judged.features).max(axis=1), strict=True))
    assert all(error.outcome != error.said for error in found)
    assert [sure[error.id] for error in found] == sorted((sure[error.id] for error in found), reverse=True)
    wrong = made.judged.ids.filter(made.judged.outcomes != made.judged.scores)
    assert max(sure[one] for one in wrong) == sure[found[0].id]
    assert diagnostics.worst(None, judged(["a", "b"], ["a", "b"], x=[1, 2]), CLASSES, ["x"]) == []


def test_a_model_without_probabilities_shows_its_first_wrong_rows() -> None:
    rows = judged(["a", "b", "a"], ["b", "b", "b"], x=[1, 2, 3])
    assert [error.id for error in diagnostics.worst(object(), rows, CLASSES, ["x"])] == ["0", "2"]


def test_slices_are_values_of_words_and_quarters_of_numbers() -> None:
    made = trial(NUMBER)
    by_place, by_length = diagnostics.slices(made.judged, NUMBER, ["place", "seen", "length_cm"])
    place = made.judged.features["place"].to_numpy()
    assert [(one.value, one.rows) for one in by_place.slices] == [
        (value, int((place == value).sum())) for value in ("lake", "wood")
    ]
    in_wood = place == "wood"
    wood = by_place.slices[1]
    assert wood.outcome == pytest.approx(made.judged.outcomes[in_wood].mean())
    assert wood.model == pytest.approx(-mean_absolute_error(made.judged.outcomes[in_wood], made.judged.scores[in_wood]))
    assert wood.rule == pytest.approx(-mean_absolute_error(made.judged.outcomes[in_wood], made.judged.rule[in_wood]))
    assert by_length.column == "length_cm"
    assert [one.rows for one in by_length.slices] == [69, 68, 68, 68]
    assert by_length.slices[0].value.startswith("up to ")
    assert by_length.slices[-1].value.startswith("above ")
    assert by_length.left_out == 27  # they have no length


def test_a_slice_of_yes_and_no_has_its_own_order() -> None:
    made = trial(YES)
    (by_place,) = diagnostics.slices(made.judged, YES, ["place"])
    in_lake = made.judged.features["place"].to_numpy() == "lake"
    area = roc_auc_score(made.judged.outcomes[in_lake], made.judged.scores[in_lake])
    assert by_place.slices[0].model == pytest.approx(area)


def test_small_slices_and_rare_words_are_left_out() -> None:
    words = ["a"] * 60 + ["b"] * 50 + ["c"] * 29 + [f"w{number}" for number in range(61)]
    (found,) = diagnostics.slices(judged(np.arange(200.0), np.arange(200.0), word=words), NUMBER, ["word"])
    assert [(one.value, one.rows) for one in found.slices] == [("a", 60), ("b", 50)]
    assert found.left_out == 90
    few = diagnostics.slices(judged(np.arange(40.0), np.arange(40.0), word=["a"] * 20 + ["b"] * 20), NUMBER, ["word"])
    assert few == []


@pytest.mark.parametrize(
    ("model", "outcomes", "scores", "rule", "said"),
    [
        pytest.param(
            PICKED,
            np.arange(1_000) >= 700,
            np.arange(1_000.0),
            (np.arange(1_000) % 10 == 9) * 1.0,
            "of 1,000 rows 200 are chosen: the rule hits 60, the model 200, a perfect model 200; "
            "less than 2% is left to gain by tuning",
            id="picked rows, more are positive than picked",
        ),
        pytest.param(
            PICKED,
            np.arange(1_000) >= 900,
            np.arange(1_000.0) % 910,
            np.zeros(1_000),
            "of 1,000 rows 200 are chosen: the rule hits 20, the model 10, a perfect model 100; "
            "the model does worse than the rule",
            id="picked rows, fewer are positive than picked",
        ),
        pytest.param(
            YES._replace(decision=Decision(threshold=0.95)),
            np.arange(200) >= 180,
            np.arange(200) / 200,
            (np.arange(200) % 20 == 19) * 1.0,
            "of 1,000 rows 50 are chosen: the rule hits 5, the model 50, a perfect model 50; "
            "less than 2% is left to gain by tuning",
            id="rows from a score on",
        ),
        pytest.param(NEVER, [True, False], [0.1, 0.2], [0, 0], None, id="no row is chosen"),
        pytest.param(
            YES,
            np.arange(100) >= 50,
            np.arange(100) % 80,
            np.zeros(100),
            "of 1,000 rows 500 are positive: in as many tries the rule hits 250, the model 300, "
            "a perfect model 500; 20% of the way from the rule to perfect",
            id="no decision",
        ),
        pytest.param(
            CLASSES,
            ["a"] * 99 + ["b"],
            ["a"] * 100,
            ["a"] * 100,
            "of 1,000 rows, as many of each class, the rule is right about 500, the model about 500, a perfect model "
            "about all; no gain over the rule",
            id="classes",
        ),
        pytest.param(
            NUMBER,
            np.arange(1_000.0),
            np.full(1_000, 499.0),
            np.full(1_000, 500.0) + (np.arange(1_000) < 500),
            "weight_g is off by 250 with the rule, 250 with the model and 0 with a perfect one, on average; "
            "under 1% of the way from the rule to perfect",
            id="a number that is hardly better",
        ),
        pytest.param(NUMBER, [1.0, 2.0], [1.0, 2.0], [1.0, np.nan], None, id="a rule that is undefined"),
        pytest.param(
            NUMBER,
            [1.0, 2.0, 3.0, 4.0],
            [1.5, 2.5, 3.5, 4.5],
            [3.0, 3.0, 3.0, 3.0],
            "weight_g is off by 1 with the rule, 0.5 with the model and 0 with a perfect one, on average; "
            "50% of the way from the rule to perfect",
            id="a number",
        ),
        pytest.param(
            NUMBER,
            [1_000.0, 2_000.0, 3_000.0],
            [1_001.0, 2_001.0, 3_001.0],
            [2_000.0, 2_000.0, 2_000.0],
            "weight_g is off by 667 with the rule, 1 with the model and 0 with a perfect one, on average; "
            "less than 2% is left to gain by tuning",
            id="a number that is nearly met",
        ),
    ],
)  # fmt: skip
def test_the_room_is_what_rule_model_and_a_perfect_model_reach(
    model: diagnostics.Model, outcomes: object, scores: object, rule: object, said: str | None
) -> None:
    found = room.measure(judged(outcomes, scores, rule), model, diagnostics.main_metric(model)[0])
    assert (None if found is None else str(found)) == said


def test_the_room_of_classes_counts_rows_where_the_gate_asks_for_accuracy() -> None:
    made = judged(["a"] * 99 + ["b"], ["a"] * 100, ["a"] * 100)
    assert str(room.measure(made, CLASSES, "accuracy")) == (
        "of 1,000 rows the rule is right about 990, the model about 990, a perfect model about all; "
        "even a perfect model would gain less than 2%: the rule may do"
    )
