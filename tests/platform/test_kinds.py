"""From data to traced predictions for each kind of task and split, on made rows whose answer is known."""

from __future__ import annotations

import contextlib
import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
import yaml
from flight_delays import baseline, features, model
from flight_delays.platform import lineage
from flight_delays.platform.estimators import with_codes
from flight_delays.tests.conftest import command
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor, VotingClassifier
from sklearn.linear_model import LogisticRegression

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flight_delays.platform.tables import Tables

COUNT = 400
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: {name}
version: 1.0.0
status: draft
team: {{name: "@acme/lab"}}
servers: [{{server: local, type: local, path: {path}}}]
schema:
  - name: {name}
    properties:
"""


def rows() -> pl.DataFrame:
    """Make animals whose weight and kind follow from their length and where they were found."""
    random = np.random.default_rng(0)
    length, place = random.uniform(1, 9, COUNT), random.choice(["lake", "wood"], COUNT)
    weight = 3 * length + 5 * (place == "wood") + random.normal(0, 0.5, COUNT)
    return pl.DataFrame(
        {
            "animal_id": [f"a{number}" for number in range(COUNT)],
            "nest_code": [f"nest {number % 40}" for number in range(COUNT)],
            "seen_on": pl.date_range(
                pl.date(2024, 1, 1), pl.date(2024, 1, 1) + pl.duration(days=COUNT - 1), eager=True
            ),
            "place": place,
            "length_cm": length,
            "weight_g": weight,
            "species": np.select([length < 3, length < 6], ["ant", "bee"], "cat"),
        }
    )


TYPES = {
    "animal_id": "string, primaryKey: true, unique: true, required: true",
    "nest_code": "string",
    "seen_on": "date",
    "place": "string, customProperties: [{property: availableAt, value: seen}]",
    "length_cm": "number, customProperties: [{property: availableAt, value: seen}]",
    "weight_g": "number",
    "species": "string",
}
SPLITS = {
    "time": {"by": "time", "field": "seen_on", "held_out": 0.3},
    "group": {"by": "group", "field": "nest_code", "held_out": 0.3},
    "random": {"by": "random", "held_out": 0.3},
}
UNITS = {"time": "day", "group": "group", "random": "row"}


def contract(name: str, path: str, fields: dict[str, str]) -> str:
    head = CONTRACT.format(name=name, path=path)
    return head + "".join(f"      - {{name: {field}, logicalType: {kind}}}\n" for field, kind in fields.items())


def known(tables: Tables) -> pl.DataFrame:
    return tables.known(tables["animals"], ["seen"])


@pytest.fixture
def laboratory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return what writes a project about animals, with one model."""

    def write(entry: dict[str, Any], score: str, rule: Callable[..., pl.Series], made: Callable[..., Any]) -> Path:
        whole = {
            "name": "heaviness",
            "stage": "testing",
            "rows": "animals",
            "id": "animal_id",
            **entry,
        }
        files = {
            "project.yaml": yaml.safe_dump({"name": "Animals", "owner": "@acme/lab", "models": [whole]}),
            "contracts/animals.odcs.yaml": contract("animals", "animals.csv", TYPES),
            "contracts/heaviness_predictions.odcs.yaml": contract(
                "heaviness_predictions",
                "outputs/predictions/*.csv",
                {
                    "prediction_id": "string, primaryKey: true, required: true",
                    "run_id": "string",
                    "animal_id": "string",
                    "answer": f"{score}, customProperties: [{{property: role, value: score}}]",
                    **({"is_picked": PICKED} if "decision" in entry else {}),
                },
            ),
        }
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(text, encoding="utf-8")
        rows().write_csv(tmp_path / "animals.csv")
        for module, function in ((features, known), (baseline, rule), (model, made)):
            monkeypatch.setattr(module, "heaviness", function, raising=False)
        return tmp_path

    return write


PICKED = "boolean, customProperties: [{property: role, value: decision}]"


def gate(folder: Path, unit: str, **claim: object) -> None:
    path = folder / "gates" / "heaviness" / "testing.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump({"unit": unit, "minimum_rows": 50, "claims": [claim]}), encoding="utf-8")


@pytest.mark.parametrize("by", SPLITS)
def test_a_number_is_predicted(by: str, laboratory: Callable[..., Path]) -> None:
    folder = laboratory(
        {"kind": "regression", "target": "weight_g", "split": SPLITS[by], "decision": {"threshold": 20}},
        "number",
        lambda features: features["length_cm"] * 3,
        lambda features: with_codes(features, RandomForestRegressor(50, random_state=0)),
    )
    gate(folder, UNITS[by], metric="neg_mean_absolute_error", of="difference", comparator=">", threshold=1)
    done = command(folder, "run")
    assert (done.code, done.errors) == (0, "")
    (path,) = (folder / lineage.PREDICTIONS).iterdir()
    found = pl.read_csv(path).join(rows(), on="animal_id")
    assert (found["answer"] - found["weight_g"]).abs().mean() < 1.5
    assert found["is_picked"].equals(found["answer"] >= 20)
    traced = command(folder, "trace", found["prediction_id"][0])
    assert (traced.code, traced.errors) == (0, "")
    assert traced.output.startswith(f"prediction  animal_id {found['animal_id'][0]}, answer ")


@pytest.mark.parametrize("by", SPLITS)
def test_one_of_several_classes_is_predicted(by: str, laboratory: Callable[..., Path]) -> None:
    folder = laboratory(
        {"kind": "classification", "target": "species", "split": SPLITS[by]},
        "string",
        lambda features: pl.Series(["cat"] * len(features)),
        lambda features: with_codes(features, RandomForestClassifier(50, random_state=0)),
    )
    gate(folder, UNITS[by], metric="balanced_accuracy", comparator=">", threshold=0.9)
    done = command(folder, "run")
    assert (done.code, done.errors) == (0, "")
    (path,) = (folder / lineage.PREDICTIONS).iterdir()
    found = pl.read_csv(path).join(rows(), on="animal_id")
    assert (found["answer"] == found["species"]).mean() > 0.95


def test_yes_or_no_is_predicted_of_a_word(laboratory: Callable[..., Path]) -> None:
    folder = laboratory(
        {"kind": "classification", "target": "species", "positive": "cat", "split": SPLITS["random"]},
        "number",
        lambda features: features["length_cm"] * 0,
        lambda features: with_codes(features, LogisticRegression(max_iter=1000)),
    )
    gate(folder, "row", metric="roc_auc", of="difference", comparator=">", threshold=0.4)
    assert command(folder, "run").code == 0
    (path,) = (folder / lineage.PREDICTIONS).iterdir()
    found = pl.read_csv(path).join(rows(), on="animal_id")
    assert found.filter(pl.col("species") == "cat")["answer"].min() > 0.3


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        pytest.param(
            {"animals.csv": lambda text: text.replace("cat", "ant").replace("bee", "ant")},
            "the training rows of animals say nothing, because species is always 'ant': other or more rows are needed",
            id="one class",
        ),
        pytest.param(
            {"contracts/heaviness_predictions.odcs.yaml": lambda text: text.replace("role", "part")},
            "contracts/heaviness_predictions.odcs.yaml: no field has the property `role` with the value 'score'",
            id="no place for the answer",
        ),
        pytest.param(
            {"contracts/heaviness_predictions.odcs.yaml": lambda text: text.replace("animal_id", "animal")},
            "project.yaml names 'animal_id', which contracts/heaviness_predictions.odcs.yaml does not have: it has",
            id="no place for the identifier",
        ),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    spoil: dict[str, Callable[[str], str]], sentence: str, laboratory: Callable[..., Path]
) -> None:
    folder = laboratory(
        {"kind": "classification", "target": "species", "split": SPLITS["random"]},
        "string",
        lambda features: pl.Series(["cat"] * len(features)),
        lambda features: with_codes(features, LogisticRegression(max_iter=1000)),
    )
    gate(folder, "row", metric="accuracy", comparator=">", threshold=0.5)
    for path, change in spoil.items():
        (folder / path).write_text(change((folder / path).read_text("utf-8")), encoding="utf-8")
    done = command(folder, "run")
    assert done.code == 2
    assert done.errors.partition(": ")[2].startswith(sentence)
    assert done.errors.count("\n") == 1
    assert not (folder / "outputs").exists()


def test_a_model_made_of_others_is_trained_and_kept(laboratory: Callable[..., Path]) -> None:
    trees = RandomForestClassifier(20, random_state=0)
    folder = laboratory(
        {"kind": "classification", "target": "species", "split": SPLITS["random"]},
        "string",
        lambda features: pl.Series(["cat"] * len(features)),
        lambda features: with_codes(features, VotingClassifier([("a", trees), ("b", LogisticRegression(C=2))])),
    )
    gate(folder, "row", metric="accuracy", comparator=">", threshold=0.8)
    done = command(folder, "run")
    assert (done.code, done.errors) == (0, "")
    (path,) = (folder / lineage.RUNS).iterdir()
    statement = json.loads(path.read_text("utf-8").splitlines()[0], parse_constant=pytest.fail)
    chosen = statement["predicate"]["buildDefinition"]["externalParameters"]
    assert "LogisticRegression(C=2)" in chosen["estimators"]


def test_an_identifier_that_names_two_rows_is_one_sentence(laboratory: Callable[..., Path]) -> None:
    folder = laboratory(
        {"kind": "regression", "target": "weight_g", "split": SPLITS["random"], "id": "nest_code"}, "number", None, None
    )
    for path in ("contracts/animals.odcs.yaml", "contracts/heaviness_predictions.odcs.yaml"):
        text = (folder / path).read_text("utf-8")
        (folder / path).write_text(
            text.replace(", primaryKey: true, unique: true, required: true", "").replace(
                "name: animal_id", "name: nest"
            ),
            encoding="utf-8",
        )
    predictions = folder / "contracts/heaviness_predictions.odcs.yaml"
    predictions.write_text(predictions.read_text("utf-8").replace("name: nest,", "name: nest_code,"), encoding="utf-8")
    animals = folder / "animals.csv"
    animals.write_text(animals.read_text("utf-8").replace("animal_id", "nest", 1), encoding="utf-8")
    gate(folder, "row", metric="r2", comparator=">", threshold=0.5)
    done = command(folder, "run")
    assert done.code == 2
    assert re.search(r"has nest_code 'nest \d+' more than once: it has to identify one row\n$", done.errors)


@pytest.mark.parametrize(
    ("spoiled", "sentence"),
    [
        pytest.param(
            (features, lambda _: 1 / 0),
            ": src/flight_delays/features.py: ZeroDivisionError: division by zero\n",
            id="features",
        ),
        pytest.param(
            (model, lambda _: LogisticRegression()),
            "src/flight_delays/model.py, when the estimator learns: ValueError: could not convert string to float",
            id="an estimator that cannot read words",
        ),
    ],
)
def test_what_fails_in_a_project_s_own_code_names_its_place(
    spoiled: tuple[Any, Any], sentence: str, laboratory: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = laboratory({"kind": "regression", "target": "weight_g", "split": SPLITS["random"]}, "number", None, None)
    gate(folder, "row", metric="r2", comparator=">", threshold=0.5)
    monkeypatch.setattr(spoiled[0], "heaviness", spoiled[1])
    done = command(folder, "run")
    assert (done.code, done.errors.count("\n")) == (2, 1)
    assert sentence in done.errors


def test_a_model_without_its_functions_is_one_sentence(
    laboratory: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = laboratory({"kind": "regression", "target": "weight_g", "split": SPLITS["random"]}, "number", None, None)
    gate(folder, "row", metric="r2", comparator=">", threshold=0.5)
    with contextlib.suppress(AttributeError):
        monkeypatch.delattr(features, "heaviness")
    assert command(folder, "run").errors.endswith(
        ": src/flight_delays/features.py has no function heaviness: write it, named after the model\n"
    )


def test_a_column_that_gives_the_outcome_away_is_named_before_any_success(laboratory: Callable[..., Path]) -> None:
    folder = laboratory(
        {"kind": "classification", "target": "species", "positive": "cat", "split": SPLITS["random"]},
        "number",
        lambda features: features["length_cm"] > 5,
        lambda features: with_codes(features, LogisticRegression(max_iter=1000)),
    )
    gate(folder, "row", metric="roc_auc", comparator=">", threshold=0.5)
    done = command(folder, "run")
    assert (done.code, done.errors) == (0, "")
    topics = [line.split()[0] for line in done.output.splitlines()]
    assert topics[:6] == ["data", "split", "suspects", "attention", "rule", "model"]
    pattern = r"^attention   (length_cm alone all but tells species \(skill 0\.9\d of 1\): is it known before .*\?)$"
    (sentence,) = re.findall(pattern, done.output, re.MULTILINE)
    (page,) = (folder / "outputs" / "reports").glob("*.html")
    assert sentence in page.read_text("utf-8")
    again = command(folder, "report")
    assert f"attention   {sentence}\n" in again.output


def change(folder: Path, path: str, old: str, new: str) -> None:
    text = (folder / path).read_text("utf-8")
    assert old in text
    (folder / path).write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("entry", "score", "constant"),
    [
        pytest.param({"target": "species", "kind": "classification"}, "string", "'cat'", id="classes"),
        pytest.param(
            {"target": "species", "positive": "cat", "kind": "classification"}, "number", r"0\.\d+", id="yes or no"
        ),
        pytest.param({"target": "weight_g", "kind": "regression"}, "number", r"\d+\.\d+", id="a number"),
    ],
)
def test_a_column_known_later_that_the_rule_reads_is_named_with_what_to_write(
    entry: dict[str, Any], score: str, constant: str, laboratory: Callable[..., Path]
) -> None:
    made = RandomForestRegressor if score == "number" and "positive" not in entry else RandomForestClassifier
    folder = laboratory(
        {**entry, "split": SPLITS["random"]},
        score,
        lambda features: features["length_cm"].cast(pl.String if score == "string" else pl.Float64),
        lambda features: with_codes(features, made(20, random_state=0)),
    )
    metric = {"string": "accuracy"}.get(score, "r2" if made is RandomForestRegressor else "roc_auc")
    gate(folder, "row", metric=metric, comparator="<=", threshold=1)
    assert command(folder, "run").code == 0
    old = "name: length_cm, logicalType: number, customProperties: [{property: availableAt, value: seen}]"
    change(folder, "contracts/animals.odcs.yaml", old, old.replace("value: seen", "value: outcome"))
    again = command(folder, "run")
    assert again.code == 2
    assert re.fullmatch(
        r"[\w-]+: src/flight_delays/baseline\.py reads length_cm, but features\.py does not give it \(length_cm is "
        r"known at 'outcome' in contracts/animals\.odcs\.yaml\): write another rule there, such as "
        rf"`return rules\.constant\(features, {constant}\)`\n",
        again.errors,
    )
    scored = command(folder, "predict")
    assert scored.code == 2
    pattern = r"[\w-]+: the model of run \w{32} reads length_cm, which features\.py does not give: train again\n"
    assert re.fullmatch(pattern, scored.errors)


def test_a_column_without_moment_that_the_model_reads_as_text_is_named(laboratory: Callable[..., Path]) -> None:
    folder = laboratory(
        {"kind": "classification", "target": "species", "split": SPLITS["random"]},
        "string",
        lambda features: pl.Series(["cat"] * len(features)),
        lambda features: with_codes(features, RandomForestClassifier(20, random_state=0), ["place"]),
    )
    gate(folder, "row", metric="accuracy", comparator=">", threshold=0.5)
    old = "name: place, logicalType: string, customProperties: [{property: availableAt, value: seen}]"
    change(folder, "contracts/animals.odcs.yaml", old, "name: place, logicalType: string")
    done = command(folder, "run")
    assert done.code == 2
    assert done.errors.partition(": ")[2] == (
        "src/flight_delays/model.py reads place, but features.py does not give it (place has no `availableAt` in "
        "contracts/animals.odcs.yaml): take it out there\n"
    )


def test_headline_gain_and_first_row_are_of_the_first_claim(laboratory: Callable[..., Path]) -> None:
    folder = laboratory(
        {"kind": "classification", "target": "species", "split": SPLITS["random"]},
        "string",
        lambda features: pl.Series(["cat"] * len(features)),
        lambda features: with_codes(features, RandomForestClassifier(20, random_state=0)),
    )
    gate(folder, "row", metric="f1_macro", of="difference", comparator=">", threshold=0)
    done = command(folder, "run")
    assert (done.code, done.errors) == (0, "")
    assert re.search(r"^gain +the model is 0\.\d+ better than the rule in f1_macro, ", done.output, re.MULTILINE)
    (page,) = (folder / "outputs" / "reports").glob("*.md")
    lines = page.read_text("utf-8").splitlines()
    assert lines[2].startswith("The model beats the rule: f1_macro is ")
    assert lines[6].startswith("| f1_macro | ")
