"""Says in words how a model compares with its rule, whether it is better, worse or neither."""

from collections.abc import Callable, Mapping
from typing import Any

from .say import counted, shown

Measured = Mapping[str, Mapping[str, float | None]]
"""What was measured of the model, of the rule, of their difference and of their ratio: value, low and high."""
Amount = Callable[[float], str]


def sentence(metric: str, of: str, measured: Measured, held: Mapping[str, Any]) -> str:
    """Say how much better the model is in one metric, and between what bounds; more is better in all metrics.

    A gate that asks for a ratio is answered by one, where the rule reaches anything.
    """
    difference, ratio = measured["difference"], measured["ratio"]
    if difference["value"] is None:
        return f"whether the model is better than the rule is not known: {metric} is undefined on these rows"
    if of == "ratio" and ratio["value"] is not None:
        found = f"{shown(ratio['value'])} times the rule's {metric.removeprefix('neg_')}"
        low, high = ratio["low"], ratio["high"]
        between = None if low is None or high is None else f"between {shown(low)} and {shown(high)}"
    else:
        found, between = _compared(metric, difference["value"]), bounds_of(difference)
    units = counted(held["units"], held["unit"])
    if between is None:
        return f"{found}, but {units} {'is' if held['units'] == 1 else 'are'} too few to say between what bounds"
    return f"{found}, {between} when the {units} are resampled"


def _compared(metric: str, difference: float) -> str:
    name = metric.removeprefix("neg_")
    if difference == 0:
        return f"the model is as good as the rule in {name}"
    return f"the model is {shown(abs(difference))} {'better' if difference > 0 else 'worse'} than the rule in {name}"


def bounds_of(difference: Mapping[str, float | None], amount: Amount = shown, per: str = "") -> str | None:
    """Say between what bounds a difference lies, in words that need no sign; nothing where they are undefined."""
    low, high = difference["low"], difference["high"]
    if low is None or high is None:
        return None
    if low == high == 0:
        return "neither better nor worse"
    if low >= 0:
        return f"between {amount(low)} and {amount(high)}{per} better"
    if high <= 0:
        return f"between {amount(-high)} and {amount(-low)}{per} worse"
    return f"between {amount(-low)}{per} worse and {amount(high)}{per} better"
