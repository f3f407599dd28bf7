"""Predictions keep their contract, and their ids name the run and the row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from flight_delays.platform import charter, contract
from flight_delays.platform.charter import Decision
from flight_delays.platform.errors import Stopped
from flight_delays.platform.predict import chosen, predictions

from .conftest import PROJECT

if TYPE_CHECKING:
    from flight_delays.platform.charter import Model

RUN, OTHER_RUN = "0" * 31 + "1", "0" * 31 + "2"
FLIGHTS = pl.Series("flight_id", [11, 12, 13, 14, 15])
SCORES = np.array([0.1, 0.9, 0.3, 0.9, 0.2])


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)


@pytest.fixture
def model() -> Model:
    return charter.load().models[0]


def made(model: Model, run_id: str = RUN, ids: pl.Series = FLIGHTS) -> pl.DataFrame:
    assert model.decision
    decided = pl.Series(chosen(model.decision, SCORES))
    return predictions(model, contract.load(model.predictions), run_id, ids, pl.Series(SCORES), decided)


def test_the_rows_keep_their_contract(model: Model) -> None:
    rows = made(model)
    contract.check(contract.load(model.predictions), rows)
    assert rows.columns == ["prediction_id", "run_id", "flight_id", "late_arrival_probability", "is_warned"]
    assert rows["flight_id"].to_list() == [11, 12, 13, 14, 15]
    assert rows["late_arrival_probability"].to_list() == SCORES.tolist()


def test_the_most_likely_share_is_chosen_even_in_a_tie(model: Model) -> None:
    assert made(model).filter("is_warned")["flight_id"].to_list() == [12]


def test_all_from_a_threshold_on_are_chosen(model: Model) -> None:
    rows = made(model._replace(decision=Decision(None, 0.3)))
    assert rows.filter("is_warned")["flight_id"].to_list() == [12, 13, 14]


def test_an_id_names_the_run_and_the_row(model: Model) -> None:
    rows = made(model)
    assert rows["prediction_id"][2] == f"{RUN}-13"
    assert made(model, ids=FLIGHTS.reverse())["prediction_id"].reverse().to_list() == rows["prediction_id"].to_list()
    assert len({*rows["prediction_id"], *made(model, OTHER_RUN)["prediction_id"]}) == 10


def test_a_contract_that_has_no_place_for_a_score_is_one_sentence(model: Model) -> None:
    source = contract.load(model.predictions)
    blank = source._replace(fields=tuple(field._replace(role=None) for field in source.fields))
    with pytest.raises(Stopped, match="no field has the property `role` with the value 'score', where it is written"):
        predictions(model, blank, RUN, FLIGHTS, pl.Series(SCORES), None)
