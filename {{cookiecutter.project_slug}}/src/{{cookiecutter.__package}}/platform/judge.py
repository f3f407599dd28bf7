"""Holds what was measured against a gate: pass, fail, undecided or invalid. Needs nothing but the standard library."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PASS, FAIL, UNDECIDED, INVALID = "pass", "fail", "undecided", "invalid"
# The first of these that a claim has is the verdict on all.
ORDER = (INVALID, FAIL, UNDECIDED, PASS)
COMPARATORS: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
OF = ("model", "difference", "ratio")
CLAIM = ("metric", "of", "comparator", "threshold")
GATE = ("unit", "minimum_rows", "claims")


class Verdict(NamedTuple):
    """What became of a claim, and why."""

    claim: str
    result: str
    why: str


def judge(gate: Mapping[str, Any], held: Mapping[str, Any]) -> list[Verdict]:
    """Return a verdict on each claim of a gate; more of them where the gate or what was measured is not fit to judge.

    `held` has rows, unit, units and metrics: under the name of each metric, and there under model, difference and
    ratio, a value with the bounds of its interval, low and high.
    """
    faults = [Verdict("gate", INVALID, why) for why in _faults(gate, held)]
    claims = gate.get("claims")
    return faults + [_verdict(claim, held) for claim in claims] if isinstance(claims, list) else faults


def overall(verdicts: Sequence[Verdict]) -> str:
    """Return the verdict on all claims together; a gate without a claim is invalid."""
    results = {verdict.result for verdict in verdicts} or {INVALID}
    return next(result for result in ORDER if result in results)


def _faults(gate: Mapping[str, Any], held: Mapping[str, Any]) -> list[str]:
    """Say what keeps a gate from being judged at all."""
    faults = [f"key {key!r} is not known: known are {', '.join(GATE)}" for key in gate if key not in GATE]
    if not isinstance(gate.get("claims"), list) or not gate["claims"]:
        faults.append("claims are missing: write one at least")
    if not _is_number(gate.get("minimum_rows")):
        faults.append("minimum_rows is missing: write how many rows decide")
    elif held["rows"] < gate["minimum_rows"]:
        faults.append(f"{held['rows']:,} rows were judged, and {gate['minimum_rows']:,} are asked for")
    if gate.get("unit") != held["unit"]:
        faults.append(f"unit is {gate.get('unit')!r}, and the rows were resampled by {held['unit']!r}")
    return faults


def _verdict(claim: object, held: Mapping[str, Any]) -> Verdict:
    if not isinstance(claim, dict) or set(claim) - {"of"} != set(CLAIM) - {"of"}:
        return Verdict(str(claim), INVALID, f"a claim has {', '.join(CLAIM)}")
    claim = {"of": OF[0], **claim}
    comparator, threshold = claim["comparator"], claim["threshold"]
    against = "" if claim["of"] == OF[0] else f" ({claim['of']} to the rule)"
    text = f"{claim['metric']}{against} {comparator} {threshold}"
    if fault := _claim_fault(claim, held):
        return Verdict(text, INVALID, fault)
    found = held["metrics"][claim["metric"]][claim["of"]]
    value, low, high = found["value"], found["low"], found["high"]
    if not all(map(_is_number, (value, low, high))):
        return Verdict(text, INVALID, _undefined(claim["metric"], value, held))
    surely, ever = (low, high) if comparator[0] == ">" else (high, low)
    is_met = COMPARATORS[comparator]
    result = PASS if is_met(surely, threshold) else UNDECIDED if is_met(ever, threshold) else FAIL
    return Verdict(text, result, f"{value:.4g}, between {low:.4g} and {high:.4g}")


def _undefined(metric: str, value: object, held: Mapping[str, Any]) -> str:
    """Say why a value, or the bounds of its interval, cannot be told."""
    if not _is_number(value):
        return f"{metric} is undefined on these rows"
    return f"{value:.4g}, but {held['units']:,} {held['unit']}s are too few to say between what bounds"


def _claim_fault(claim: Mapping[str, Any], held: Mapping[str, Any]) -> str:
    """Say why a claim cannot be judged; nothing where it can."""
    for key, known in (("metric", held["metrics"]), ("of", OF), ("comparator", COMPARATORS)):
        if str(claim[key]) not in known:
            return f"{key} is {claim[key]!r}, where one of {', '.join(known)} is expected"
    if not _is_number(claim["threshold"]):
        return f"threshold is {claim['threshold']!r}, where a number is expected"
    return ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
