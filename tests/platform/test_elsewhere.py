"""A model that was trained or bought elsewhere is taken by its digest, and its card says who answers for it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
import yaml
from flight_delays import features
from flight_delays.platform import PROGRAM, elsewhere, lineage, model_file
from flight_delays.tests.conftest import command
from sklearn.linear_model import LinearRegression, LogisticRegression

from .test_kinds import SPLITS, gate, laboratory, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from flight_delays.platform.tables import Tables

__all__ = ["laboratory"]

CARD = {"vendor": "Acme Scales", "license": "other", "support": "help@acme.example"}
OWN = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def length(tables: Tables) -> pl.DataFrame:
    return tables.known(tables["animals"], ["seen"]).drop("place")


def vendor(features: pl.DataFrame) -> pl.Series:
    return features["length_cm"] * 3


def share(features: pl.DataFrame) -> list[float]:
    return (features["length_cm"] / 10).to_list()


def read(path: Path) -> Any:  # noqa: ANN401 - whatever has `predict`
    slope = float(path.read_text("utf-8"))
    return LinearRegression().fit(pl.DataFrame({"length_cm": [0.0, 1.0]}), [0.0, slope])


def card(folder: Path, **said: str) -> None:
    path = folder / "models" / "heaviness" / "README.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\n{yaml.safe_dump(said)}---\n\n# Heaviness\n", encoding="utf-8")


@pytest.fixture
def shop(laboratory: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return what writes a project whose model was bought."""

    def write(made: Callable[..., Any], **entry: object) -> Path:
        whole = {"kind": "regression", "target": "weight_g", "split": SPLITS["random"], "trained": "elsewhere", **entry}
        folder = laboratory(whole, "number", lambda features: features["length_cm"] * 0, made)
        monkeypatch.setattr(features, "heaviness", length)
        gate(folder, "row", metric="roc_auc" if "positive" in entry else "r2", comparator=">", threshold=-9)
        return folder

    return write


def test_a_function_predicts_and_its_evidence_names_its_source(shop: Callable[..., Path]) -> None:
    folder = shop(lambda _: elsewhere.from_function(vendor))
    card(folder, **CARD, digest=OWN)
    done = command(folder, "run")
    assert (done.code, done.errors) == (0, "")
    (path,) = (folder / lineage.PREDICTIONS).iterdir()
    found = pl.read_csv(path).join(rows(), on="animal_id")
    np.testing.assert_allclose(found["answer"], found["length_cm"] * 3)
    (kept,) = (folder / lineage.RUNS).iterdir()
    (origin,) = lineage.load_file(kept).named(lineage.ORIGIN)
    assert origin == {
        "name": "origin",
        "uri": f"{__name__}:vendor",
        "digest": {"sha256": OWN},
        "annotations": CARD,
    }
    traced = command(folder, "trace", found["prediction_id"][0]).output
    assert f"\norigin      {__name__}:vendor vendor Acme Scales sha256 {OWN}\n" in traced
    assert command(folder, "predict").code == 0


def test_a_function_that_has_changed_since_its_run_is_not_used(
    shop: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shop(lambda _: elsewhere.from_function(vendor))
    card(folder, **CARD, digest=OWN)
    assert command(folder, "run").code == 0
    monkeypatch.setattr(elsewhere, "_digest_of", lambda _: "f" * 64)
    assert command(folder, "predict").errors == (
        f"{PROGRAM}: {__name__}:vendor has the digest {'f' * 64} now, and not {OWN} as in its run: train again\n"
    )


def test_a_function_gives_the_probability_of_yes(shop: Callable[..., Path]) -> None:
    folder = shop(lambda _: elsewhere.from_function(share), kind="classification", target="species", positive="cat")
    card(folder, **CARD, digest=OWN)
    assert command(folder, "run").code == 0
    (path,) = (folder / lineage.PREDICTIONS).iterdir()
    found = pl.read_csv(path).join(rows(), on="animal_id")
    np.testing.assert_allclose(found["answer"], found["length_cm"] / 10)


@pytest.mark.parametrize("is_skops", [True, False], ids=["skops", "a format of its own"])
def test_a_file_predicts_as_long_as_it_is_the_same(is_skops: bool, shop: Callable[..., Path]) -> None:  # noqa: FBT001
    digests: list[str] = []
    name = "vendor.skops" if is_skops else "vendor.txt"
    folder = shop(lambda _: elsewhere.from_file(name, digests[0], None if is_skops else read))
    if is_skops:
        digests.append(
            model_file.dump(LinearRegression().fit(pl.DataFrame({"length_cm": [0.0, 1.0]}), [0.0, 3.0]), folder / name)
        )
    else:
        (folder / name).write_text("3.0", encoding="utf-8")
        digests.append(hashlib.sha256(b"3.0").hexdigest())
    card(folder, **CARD, digest=digests[0])
    done = command(folder, "run")
    assert (done.code, done.errors) == (0, "")
    (path,) = (folder / lineage.PREDICTIONS).iterdir()
    found = pl.read_csv(path).join(rows(), on="animal_id")
    np.testing.assert_allclose(found["answer"], found["length_cm"] * 3)
    (folder / name).write_bytes(b"4.0")
    other = hashlib.sha256(b"4.0").hexdigest()
    assert command(folder, "predict").errors == (
        f"{PROGRAM}: {name} has the digest {other}, and not {digests[0]}: another model is not taken for it\n"
    )
    (folder / name).unlink()
    assert command(folder, "predict").errors == (
        f"{PROGRAM}: {name} is missing: put the model's file there, or correct the path in model.py\n"
    )


@pytest.mark.parametrize(
    ("said", "made", "sentence"),
    [
        pytest.param(
            {"vendor": "Acme"},
            lambda _: elsewhere.from_function(vendor),
            "models/heaviness/README.md does not say license, support, digest between its first two lines of ---: "
            "heaviness was trained elsewhere, so its card has to",
            id="a card that lacks something",
        ),
        pytest.param(
            {**CARD, "digest": "0" * 64},
            lambda _: elsewhere.from_function(vendor),
            f"models/heaviness/README.md: digest is {'0' * 64}, and {__name__}:vendor has {OWN}: make sure "
            "which one was approved",
            id="another digest",
        ),
        pytest.param(
            {**CARD, "digest": OWN},
            lambda _: LogisticRegression(),
            "model.py: heaviness is a model to be trained, and `trained` in project.yaml says otherwise: "
            "correct one of them",
            id="one to be trained",
        ),
        pytest.param(
            {**CARD, "digest": OWN},
            lambda _: elsewhere.from_function(lambda features: features["length_cm"]),
            "model.py: <lambda> cannot be found again by its name: define it in a module, by `def`",
            id="a function without a name",
        ),
        pytest.param(
            {**CARD, "digest": OWN},
            lambda _: elsewhere.from_function(len),
            None,
            id="a function that is no Python",
        ),
    ],
)
def test_what_does_not_fit_is_one_sentence(
    said: dict[str, str], made: Callable[..., Any], sentence: str | None, shop: Callable[..., Path]
) -> None:
    folder = shop(made)
    card(folder, **said)
    done = command(folder, "run")
    assert (done.code, done.errors.count("\n")) == (2, 1)
    assert sentence is None or done.errors == f"{PROGRAM}: {sentence}\n"
    assert not (folder / "outputs").exists()
    assert ("data" in done.output) == ("license" in said)


def test_a_model_of_others_that_is_not_said_to_be_one_is_refused(shop: Callable[..., Path]) -> None:
    folder = shop(lambda _: elsewhere.from_function(vendor), trained="here")
    assert command(folder, "run").errors == (
        f"{PROGRAM}: model.py: heaviness is from elsewhere, and `trained` in project.yaml says otherwise: "
        "correct one of them\n"
    )
