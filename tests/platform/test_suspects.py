"""Columns that give the outcome away, or only name a row, are found, and no others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from flight_delays.platform.suspects import Search, Suspect, search, suspects

from .looked_at import CLASSES, NUMBER, YES

if TYPE_CHECKING:
    from flight_delays.platform.charter import Model
    from numpy.typing import NDArray

COUNT = 3_000
RANDOM = np.random.default_rng(0)
NUMBERS = RANDOM.normal(50, 10, COUNT)
OTHERS = RANDOM.normal(0, 10, COUNT)
IS_YES = NUMBERS > 60
SPECIES = np.select([NUMBERS < 45, NUMBERS < 55], ["ant", "bee"], "cat")


HALF = np.arange(COUNT) % 2 == 0


@pytest.mark.parametrize(
    ("model", "labels", "column", "is_named"),
    [
        pytest.param(NUMBER, NUMBERS, NUMBERS * 2 - 7, True, id="a number in another unit"),
        pytest.param(NUMBER, NUMBERS, np.exp(NUMBERS / 10), True, id="a number on a curve"),
        pytest.param(NUMBER, NUMBERS, NUMBERS + RANDOM.normal(0, 1, COUNT), True, id="a number with a little noise"),
        pytest.param(NUMBER, NUMBERS, NUMBERS + RANDOM.normal(0, 3, COUNT), False, id="a number with more noise"),
        pytest.param(YES, IS_YES, NUMBERS, True, id="the number behind yes"),
        pytest.param(YES, IS_YES, NUMBERS + RANDOM.normal(0, 4, COUNT), False, id="near the number behind yes"),
        pytest.param(YES, IS_YES, np.where(IS_YES, "paid", "open"), True, id="a word for yes"),
        pytest.param(YES, IS_YES, np.where(IS_YES & HALF, "paid", "open"), False, id="a word for half of yes"),
        pytest.param(YES, IS_YES, np.where(IS_YES, np.nan, 3.0), True, id="empty where it is yes"),
        pytest.param(YES, IS_YES, np.where(IS_YES, 2, RANDOM.choice([1, 3], COUNT)), True, id="a code in the middle"),
        pytest.param(CLASSES, SPECIES, np.char.upper(SPECIES), True, id="another name of the class"),
        pytest.param(CLASSES, SPECIES, np.where(SPECIES == "ant", "a", "b"), False, id="a name of one class"),
        pytest.param(CLASSES, SPECIES, NUMBERS, True, id="the number behind the classes"),
    ],
)
def test_a_column_that_tells_the_outcome_alone_is_named(
    model: Model,
    labels: NDArray[np.generic],
    column: NDArray[np.generic],
    is_named: bool,  # noqa: FBT001 - one of two expectations
) -> None:
    found = suspects(pl.DataFrame({"good": OTHERS, "bad": column}), labels, model)
    assert [suspect.columns for suspect in found] == ([("bad",)] if is_named else [])
    for suspect in found:
        pattern = rf"bad alone all but tells {model.target} \(skill (\S+) of 1\): is it known before the outcome\?"
        told = re.fullmatch(pattern, suspect.why)
        assert told
        assert 0.95 < float(told[1]) <= 1


def test_fewer_than_twenty_rows_name_none() -> None:
    features = pl.DataFrame({"copy": NUMBERS, "other": OTHERS})
    why = "copy is another scale of weight_g, exactly: is that known before the outcome?"
    assert suspects(features[:20], NUMBERS[:20], NUMBER) == [Suspect(("copy",), why)]
    assert suspects(features[:19], NUMBERS[:19], NUMBER) == []


@pytest.mark.parametrize(
    ("noise", "parts"),
    [
        pytest.param(0.0, ("net", "tax"), id="exact"),
        pytest.param(0.05, ("net", "tax"), id="rounded"),
        pytest.param(0.5, (), id="near, as a good model may be"),
    ],
)
def test_a_target_that_is_a_sum_of_columns_names_them(noise: float, parts: tuple[str, ...]) -> None:
    gross = NUMBERS + OTHERS + RANDOM.normal(0, noise, COUNT)
    features = pl.DataFrame(
        {"net": NUMBERS, "tax": OTHERS, "chance": RANDOM.normal(0, 1, COUNT), "word": ["a", "b", "c"] * 1_000}
    )
    why = "net and tax add up to weight_g, exactly: is that known before the outcome?"
    assert suspects(features, gross, NUMBER) == ([Suspect(parts, why)] if parts else [])


COUNTED = np.arange(COUNT)
SHUFFLED = RANDOM.permutation(COUNT)


@pytest.mark.parametrize(
    ("column", "is_named"),
    [
        pytest.param(COUNTED.astype(float), True, id="a counter"),
        pytest.param((COUNTED * 17)[::-1], True, id="sorted, with gaps"),
        pytest.param(SHUFFLED, True, id="without gaps, in any order"),
        pytest.param(SHUFFLED * 7, False, id="in any order, with gaps"),
        pytest.param(np.where(COUNTED == 5, 6, COUNTED), False, id="one is there twice"),
        pytest.param(COUNTED + 0.5, False, id="no whole numbers"),
        pytest.param(np.where(COUNTED == 5, np.nan, COUNTED), False, id="one is empty"),
        pytest.param([f"INV-{number}" for number in SHUFFLED], True, id="a code in each row"),
        pytest.param([f"INV-{number // 2}" for number in SHUFFLED], False, id="a code in two rows"),
        pytest.param(
            [f"this is the long story of number {number}, and it goes on" for number in SHUFFLED], False, id="prose"
        ),
        pytest.param(["" if number % 2 else f"INV-{number}" for number in SHUFFLED], True, id="half of them empty"),
        pytest.param([""] * COUNT, False, id="all of them empty"),
    ],
)
def test_a_column_that_only_names_rows_is_named(column: object, is_named: bool) -> None:  # noqa: FBT001 - one of two expectations
    found = suspects(pl.DataFrame({"column": column, "other": OTHERS}), IS_YES, YES)
    assert [suspect.columns for suspect in found] == ([("column",)] if is_named else [])
    assert [suspect.why.partition(" ")[2] for suspect in found] in (
        [],
        ["is another whole number in each row: does it only count or name rows?"],
        ["is another text in nearly each row: does it only name rows?"],
    )


def test_honest_columns_of_any_type_are_not_named() -> None:
    features = pl.DataFrame(
        {
            "near": NUMBERS + RANDOM.normal(0, 6, COUNT),
            "empty": pl.Series([None] * COUNT, dtype=pl.Float64),
            "nothing": pl.Series([None] * COUNT),
            "constant": ["same"] * COUNT,
            "is_odd": COUNTED % 2 == 1,
            "day": pl.Series(COUNTED % 365).cast(pl.Date),
            "kind": pl.Series(["a", "b", None] * 1_000, dtype=pl.Categorical),
            "endless": np.where(COUNTED % 2, np.inf, OTHERS),
            "parts": [[1, 2]] * COUNT,
        }
    )
    for model, labels in ((NUMBER, NUMBERS), (YES, IS_YES), (CLASSES, SPECIES)):
        assert suspects(features, labels, model) == []


def test_a_table_as_wide_as_it_is_long_is_no_sum() -> None:
    wide = pl.DataFrame(RANDOM.normal(0, 1, (60, 50)), schema=[f"x{number}" for number in range(50)])
    assert suspects(wide, NUMBERS[:60], NUMBER) == []


WORDS = [f"this is the long story of number {number}, and it goes on" for number in range(COUNT)]
HALVES = [f"word {number // 2}" for number in range(COUNT)]


@pytest.mark.parametrize(
    ("rows", "more", "said"),
    [
        pytest.param(COUNT, {}, "none in 1 column, on 2,000 of 3,000 training rows", id="some of the rows"),
        pytest.param(900, {"place": ["a", "b", "c"] * 1_000}, "none in 2 columns, on 900 training rows", id="all rows"),
        pytest.param(19, {"copy": SPECIES}, "not looked for: 19 training rows, and 20 are needed", id="too few rows"),
        pytest.param(1, {}, "not looked for: 1 training row, and 20 are needed", id="one row"),
        pytest.param(900, {"copy": SPECIES}, "1 in 2 columns, on 900 training rows", id="one"),
        pytest.param(
            900,
            {"story": WORDS, "parts": [[1, 2]] * COUNT, "pair": HALVES},
            "none in 2 columns, on 900 training rows; not looked at: story (free text), parts (no single values)",
            id="what cannot be looked at",
        ),
        pytest.param(
            900,
            {"code": [f"INV-{number}" for number in range(COUNT)]},
            "1 in 2 columns, on 900 training rows",
            id="a text that is named as an identifier",
        ),
        pytest.param(900, {"empty": [""] * COUNT}, "none in 2 columns, on 900 training rows", id="no text at all"),
        pytest.param(
            900,
            {f"story_{number}": WORDS for number in range(7)},
            f"none in 1 column, on 900 training rows; not looked at: "
            f"{', '.join(f'story_{number} (free text)' for number in range(5))} and 2 more",
            id="many",
        ),
    ],
)
def test_what_was_looked_at_is_said_and_what_was_not(rows: int, more: dict[str, object], said: str) -> None:
    features = pl.DataFrame({"other": OTHERS, **more})[:rows]
    assert str(search(features, SPECIES[:rows], CLASSES)) == said


def test_nothing_is_found_where_nothing_was_looked_at() -> None:
    assert search(pl.DataFrame({"copy": NUMBERS})[:19], NUMBERS[:19], NUMBER) == Search((), 0, 0, 19)
