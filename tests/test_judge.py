"""The judge of gates: what is surely met passes, what cannot be judged is invalid; the template has the same one."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from ml_checks import judge
from ml_checks.judge import Verdict

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

GATE: dict[str, Any] = {
    "unit": "day",
    "minimum_rows": 100,
    "claims": [{"metric": "roc_auc", "comparator": ">", "threshold": 0.6}],
}
HELD: dict[str, Any] = {
    "rows": 100,
    "unit": "day",
    "units": 12,
    "metrics": {
        "roc_auc": {
            "model": {"value": 0.7, "low": 0.65, "high": 0.75},
            "difference": {"value": 0.1, "low": -0.01, "high": 0.2},
            "ratio": {"value": 1.2, "low": 1.0, "high": 1.4},
        },
        "r2": {"model": {"value": None, "low": None, "high": None}},
    },
}


def test_the_template_has_the_same_judge() -> None:
    theirs = "{{cookiecutter.project_slug}}/src/{{cookiecutter.__package}}/platform/judge.py"
    assert (ROOT / "checks" / "ml_checks" / "judge.py").read_bytes() == (ROOT / theirs).read_bytes()


@pytest.mark.parametrize(
    ("claim", "text", "result"),
    [
        ({"threshold": 0.6}, "roc_auc > 0.6", "pass"),
        ({"threshold": 0.649}, "roc_auc > 0.649", "pass"),
        ({"threshold": 0.65}, "roc_auc > 0.65", "undecided"),
        ({"threshold": 0.65, "comparator": ">="}, "roc_auc >= 0.65", "pass"),
        ({"threshold": 0.74}, "roc_auc > 0.74", "undecided"),
        ({"threshold": 0.75}, "roc_auc > 0.75", "fail"),
        ({"threshold": 0.76, "comparator": "<"}, "roc_auc < 0.76", "pass"),
        ({"threshold": 0.75, "comparator": "<"}, "roc_auc < 0.75", "undecided"),
        ({"threshold": 0.75, "comparator": "<="}, "roc_auc <= 0.75", "pass"),
        ({"threshold": 0.65, "comparator": "<"}, "roc_auc < 0.65", "fail"),
        ({"threshold": 0, "of": "difference"}, "roc_auc (difference to the rule) > 0", "undecided"),
        ({"threshold": 1, "of": "ratio", "comparator": ">="}, "roc_auc (ratio to the rule) >= 1", "pass"),
    ],
)
def test_a_claim_is_decided_by_the_bound_that_speaks_against_it(claim: dict[str, Any], text: str, result: str) -> None:
    (verdict,) = judge.judge({**GATE, "claims": [{**GATE["claims"][0], **claim}]}, HELD)
    assert (verdict.claim, verdict.result) == (text, result)
    assert judge.overall([verdict]) == result


def test_a_verdict_shows_what_was_measured() -> None:
    assert judge.judge(GATE, HELD) == [Verdict("roc_auc > 0.6", "pass", "0.7, between 0.65 and 0.75")]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda gate, _: gate.update(claim=[]), "key 'claim' is not known: known are unit, minimum_rows, claims"),
        (lambda gate, _: gate.update(claims=[]), "claims are missing: write one at least"),
        (lambda gate, _: gate.update(claims="roc_auc > 0.6"), "claims are missing: write one at least"),
        (lambda gate, _: gate.pop("minimum_rows"), "minimum_rows is missing: write how many rows decide"),
        (lambda gate, _: gate.update(minimum_rows=True), "minimum_rows is missing: write how many rows decide"),
        (lambda gate, _: gate.update(minimum_rows=1_001), "100 rows were judged, and 1,001 are asked for"),
        (lambda gate, _: gate.update(unit="row"), "unit is 'row', and the rows were resampled by 'day'"),
        (lambda gate, _: gate.pop("unit"), "unit is None, and the rows were resampled by 'day'"),
        (lambda gate, _: gate.update(claims=["AUC"]), "a claim has metric, of, comparator, threshold"),
        (lambda gate, _: gate["claims"][0].pop("threshold"), "a claim has metric, of, comparator, threshold"),
        (lambda gate, _: gate["claims"][0].update(level=0.9), "a claim has metric, of, comparator, threshold"),
        (
            lambda gate, _: gate["claims"][0].update(metric="auc"),
            "metric is 'auc', where one of roc_auc, r2 is expected",
        ),
        (
            lambda gate, _: gate["claims"][0].update(metric=["r2"]),
            "metric is ['r2'], where one of roc_auc, r2 is expected",
        ),
        (
            lambda gate, _: gate["claims"][0].update(of="rule"),
            "of is 'rule', where one of model, difference, ratio is expected",
        ),
        (
            lambda gate, _: gate["claims"][0].update(comparator="=="),
            "comparator is '==', where one of >, >=, <, <= is expected",
        ),
        (
            lambda gate, _: gate["claims"][0].update(threshold="0.6"),
            "threshold is '0.6', where a number is expected",
        ),
        (
            lambda gate, _: gate["claims"][0].update(threshold=float("nan")),
            "threshold is nan, where a number is expected",
        ),
        (lambda gate, _: gate["claims"][0].update(metric="r2"), "r2 is undefined on these rows"),
        (
            lambda _, held: held["metrics"]["roc_auc"]["model"].update(low=float("nan")),
            "0.7, but 12 days are too few to say between what bounds",
        ),
    ],
)
def test_what_cannot_be_judged_is_invalid(change: Callable[[Any, Any], object], why: str) -> None:
    gate, held = copy.deepcopy(GATE), copy.deepcopy(HELD)
    change(gate, held)
    verdicts = judge.judge(gate, held)
    assert why in [verdict.why for verdict in verdicts if verdict.result == "invalid"]
    assert judge.overall(verdicts) == "invalid"


@pytest.mark.parametrize(
    ("results", "result"),
    [
        (["pass", "pass"], "pass"),
        (["pass", "undecided"], "undecided"),
        (["undecided", "fail", "pass"], "fail"),
        (["fail", "invalid"], "invalid"),
        ([], "invalid"),
    ],
)
def test_the_worst_verdict_is_that_on_all(results: list[str], result: str) -> None:
    assert judge.overall([Verdict("claim", one, "") for one in results]) == result
