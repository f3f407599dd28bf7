"""Predictions keep their contract, and their ids can be found again."""

import numpy as np
import polars as pl
import pytest

from .. import contract
from ..predict import predictions
from .conftest import PROJECT

RUN, OTHER_RUN = "0" * 31 + "1", "0" * 31 + "2"
FLIGHTS = pl.Series("flight_id", [11, 12, 13, 14, 15])
SCORES = np.array([0.1, 0.9, 0.3, 0.9, 0.2])


def test_the_rows_keep_their_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    rows = predictions(RUN, FLIGHTS, SCORES)
    contract.check(contract.load("late_arrival_predictions"), rows)
    assert rows["flight_id"].to_list() == [11, 12, 13, 14, 15]
    assert rows["late_arrival_probability"].to_list() == SCORES.tolist()


def test_the_most_likely_fifth_is_warned_of_even_in_a_tie() -> None:
    assert predictions(RUN, FLIGHTS, SCORES).filter("is_warned")["flight_id"].to_list() == [12]


def test_an_id_depends_on_the_run_and_the_flight_alone() -> None:
    rows = predictions(RUN, FLIGHTS, SCORES)
    shuffled = predictions(RUN, FLIGHTS.reverse(), SCORES)
    assert rows["prediction_id"].to_list() == shuffled["prediction_id"].reverse().to_list()
    others = predictions(OTHER_RUN, FLIGHTS, SCORES)["prediction_id"]
    assert len({*rows["prediction_id"], *others}) == 10
