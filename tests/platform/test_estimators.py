"""Any estimator with `fit` and `predict` is kept and comes back as it was, and reads any table of a contract."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from flight_delays.platform import model_file
from flight_delays.platform.errors import Stopped
from flight_delays.platform.estimators import with_codes
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COUNT = 120
RANDOM = np.random.default_rng(0)
FEATURES = pl.DataFrame(
    {
        "length": RANDOM.normal(size=COUNT),
        "place": ["lake", "wood", "hill"] * (COUNT // 3),
        "note": ["a long tail", "short ears", "a long nose"] * (COUNT // 3),
    }
)
LABELS = np.where(FEATURES["length"].to_numpy() > 0, "yes", "no")


def lightgbm(features: pl.DataFrame) -> Any:  # noqa: ANN401 - a library that may be absent
    library = pytest.importorskip("lightgbm")
    return with_codes(features, library.LGBMClassifier(n_estimators=5, verbose=-1))


def voting() -> VotingClassifier:
    return VotingClassifier(
        [("a", RandomForestClassifier(9, random_state=0)), ("b", LogisticRegression())], voting="soft"
    )


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda known: with_codes(known, RandomForestClassifier(9, random_state=0)), id="forest"),
        pytest.param(lambda known: with_codes(known, CalibratedClassifierCV(LogisticRegression())), id="calibrated"),
        pytest.param(lambda known: with_codes(known, voting()), id="voting"),
        pytest.param(
            lambda _: make_pipeline(make_column_transformer((TfidfVectorizer(), "note")), LogisticRegression()),
            id="words of a text",
        ),
        pytest.param(lightgbm, id="LightGBM"),
    ],
)
@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
def test_an_estimator_comes_back_as_it_was_with_the_same_bytes(made: Callable[..., Any], tmp_path: Path) -> None:
    fitted = made(FEATURES).fit(FEATURES, LABELS)
    digests = {model_file.dump(fitted, tmp_path / f"{number}.skops") for number in range(2)}
    (digest,) = digests
    loaded = model_file.load(tmp_path / "0.skops", digest)
    np.testing.assert_array_equal(loaded.predict_proba(FEATURES), fitted.predict_proba(FEATURES))


@pytest.mark.parametrize(
    "column",
    [
        pytest.param(pl.Series([None] * COUNT, dtype=pl.Float64), id="numbers, all empty"),
        pytest.param(pl.Series([None] * COUNT, dtype=pl.String), id="words, all empty"),
        pytest.param(pl.Series([None] * COUNT), id="nothing"),
        pytest.param(pl.Series([None, 1.0] * (COUNT // 2)), id="numbers, some empty"),
        pytest.param(pl.Series([float("nan"), float("inf")] * (COUNT // 2)), id="no numbers"),
        pytest.param(pl.Series([None, True] * (COUNT // 2)), id="truths"),
        pytest.param(pl.Series([None, "a"] * (COUNT // 2)), id="words, some empty"),
        pytest.param(pl.Series([None, "a"] * (COUNT // 2), dtype=pl.Categorical), id="categories"),
        pytest.param(pl.Series([None, "a"] * (COUNT // 2), dtype=pl.Enum(["a"])), id="an enumeration"),
        pytest.param(pl.Series([None, date(2024, 1, 1)] * (COUNT // 2)), id="days"),
        pytest.param(pl.Series([1.0] * COUNT), id="always the same"),
    ],
)
def test_any_column_can_be_read(column: pl.Series) -> None:
    table = FEATURES.with_columns(column=column)
    fitted = with_codes(table, HistGradientBoostingClassifier(max_iter=5)).fit(table, LABELS)
    empty = table.with_columns(column=pl.lit(None, dtype=column.dtype))
    for new in (table, empty, table.head(1)):
        assert np.isfinite(fitted.predict_proba(new)).all()


def test_a_thousand_words_and_new_ones_can_be_read() -> None:
    table = pl.DataFrame({"word": [f"word {number}" for number in range(1_000)]})
    fitted = with_codes(table, HistGradientBoostingClassifier(max_iter=5)).fit(table, np.arange(1_000) % 2)
    assert np.isfinite(fitted.predict_proba(pl.DataFrame({"word": ["another"]}))).all()


def test_a_column_that_holds_no_number_word_or_day_is_named() -> None:
    table = FEATURES.with_columns(shape=pl.Series([[1, 2]] * COUNT))
    with pytest.raises(
        Stopped, match=r"^features\.py: shape is List\(Int64\), where numbers, words or days are expected$"
    ):
        with_codes(table, LogisticRegression())


def test_a_model_that_could_not_be_written_leaves_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.skops"
    digest = model_file.dump(LogisticRegression().fit([[0], [1]], [0, 1]), path)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(model_file, "_renamed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model_file.dump(LogisticRegression(C=2).fit([[0], [1]], [0, 1]), path)
    assert [(found, model_file.sha256(found)) for found in tmp_path.iterdir()] == [(path, digest)]
