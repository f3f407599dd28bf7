"""How a model compares with its rule is one plain sentence, for any sign and for what is undefined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from flight_delays.platform import gain, gate
from flight_delays.platform.metrics import Held, Interval, Measured, metrics_of

from .looked_at import CLASSES, KINDS

if TYPE_CHECKING:
    from flight_delays.platform.charter import Model

NOTHING = (None, None, None)
RESAMPLED = "when the 92 days are resampled"
UNKNOWN = "whether the model is better than the rule is not known: roc_auc is undefined on these rows"


def measured(difference: tuple[Any, ...], ratio: tuple[Any, ...] = NOTHING) -> dict[str, dict[str, float | None]]:
    """Return what is measured, each as value, low and high."""
    sides = {"difference": difference, "ratio": ratio}
    return {name: dict(zip(("value", "low", "high"), values, strict=True)) for name, values in sides.items()}


@pytest.mark.parametrize(
    ("metric", "of", "found", "said"),
    [
        pytest.param(
            "roc_auc",
            "difference",
            measured((0.05, 0.01, 0.1)),
            f"the model is 0.05 better than the rule in roc_auc, between 0.01 and 0.1 better {RESAMPLED}",
            id="better",
        ),
        pytest.param(
            "neg_mean_absolute_error",
            "difference",
            measured((-1.97, -3.2, -0.5)),
            f"the model is 1.97 worse than the rule in mean_absolute_error, between 0.5 and 3.2 worse {RESAMPLED}",
            id="worse",
        ),
        pytest.param(
            "r2",
            "model",
            measured((-0.02, -0.1, 0.06)),
            f"the model is 0.02 worse than the rule in r2, between 0.1 worse and 0.06 better {RESAMPLED}",
            id="either",
        ),
        pytest.param(
            "accuracy",
            "difference",
            measured((0.0, 0.0, 0.0)),
            f"the model is as good as the rule in accuracy, neither better nor worse {RESAMPLED}",
            id="the same",
        ),
        pytest.param("roc_auc", "ratio", measured(NOTHING), UNKNOWN, id="undefined"),
        pytest.param(
            "roc_auc",
            "difference",
            measured((0.05, None, None)),
            "the model is 0.05 better than the rule in roc_auc, but 92 days are too few to say between what bounds",
            id="without bounds",
        ),
        pytest.param(
            "precision_at_20_percent",
            "ratio",
            measured((0.1, 0.02, 0.2), (1.27, 1.09, 1.48)),
            f"1.27 times the rule's precision_at_20_percent, between 1.09 and 1.48 {RESAMPLED}",
            id="a ratio",
        ),
        pytest.param(
            "lift_at_20_percent",
            "ratio",
            measured((2.0, 1.0, 3.0)),
            f"the model is 2 better than the rule in lift_at_20_percent, between 1 and 3 better {RESAMPLED}",
            id="a ratio to nothing",
        ),
        pytest.param(
            "roc_auc",
            "ratio",
            measured((0.1, None, None), (1.2, None, None)),
            "1.2 times the rule's roc_auc, but 92 days are too few to say between what bounds",
            id="a ratio without bounds",
        ),
    ],
)
def test_a_gain_is_one_plain_sentence(
    metric: str, of: str, found: dict[str, dict[str, float | None]], said: str
) -> None:
    assert gain.sentence(metric, of, found, {"unit": "day", "units": 92}) == said


def test_one_unit_is_too_few() -> None:
    said = gain.sentence("r2", "model", measured((0.1, None, None)), {"unit": "group", "units": 1})
    assert said == "the model is 0.1 better than the rule in r2, but 1 group is too few to say between what bounds"


def held(model: Model) -> Held:
    """Return that nothing was measured."""
    nothing = Interval(*NOTHING)
    return Held(30, "row", 30, {name: Measured(*[nothing] * 4) for name in metrics_of(model)})


@pytest.mark.parametrize("model", KINDS.values(), ids=KINDS)
def test_the_metric_of_the_first_claim_stands_in_front(model: Model) -> None:
    names = list(metrics_of(model))
    for name in names:
        demands = {"claims": [{"metric": name, "of": "ratio"}, {"metric": names[0]}]}
        assert gate.first_claim(demands) == (name, "ratio")
        assert list(gate.in_order(held(model), demands).metrics) == [name, *(one for one in names if one != name)]


@pytest.mark.parametrize("claims", [None, [], "roc_auc", [None], ["roc_auc"], [{}], [{"metric": "roc_auk"}]])
def test_a_claim_that_cannot_be_read_leaves_the_main_metric_of_the_kind(claims: object) -> None:
    assert next(iter(gate.in_order(held(CLASSES), {"claims": claims}).metrics)) == "balanced_accuracy"
