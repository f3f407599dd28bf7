# Example (replace it)
"""The rule ranks by the hour of departure."""

import polars as pl

from .. import baseline


def test_the_later_in_the_day_the_likelier_late() -> None:
    scores = baseline.late_arrival(pl.DataFrame({"scheduled_departure_at_hour": [6.0, 23.5, 12.0]}))
    assert scores.arg_sort().to_list() == [0, 2, 1]
    assert scores.is_between(0, 1).all()
