"""What the contracts call personal stands in no report, and the report says that it is left out, and why."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from flight_delays.platform import contract, report
from flight_delays.platform.report.personal import COMPUTED, Personal, personal

from .looked_at import CLASSES, NUMBER, PICKED, YES, animals, look, trial

ANIMALS = Path("contracts/animals.odcs.yaml")
PREDICTED = Path("contracts/predictions.odcs.yaml")
FIELDS = {"animal_id": "string", "place": "string", "length_cm": "number", "noise": "number", "species": "string"}
FIELDS |= {"weight_g": "number"}


def source(path: Path, closed: dict[str, str | None], fields: dict[str, str]) -> contract.Contract:
    """Return a contract whose fields are internal, but for some."""
    document = {
        "version": "1.0.0",
        "team": {"name": "@acme/lab"},
        "servers": [{"server": "local", "path": "x.csv"}],
        "schema": [
            {
                "name": "animals",
                "properties": [
                    {"name": name, "logicalType": kind, "classification": closed.get(name, "internal")}
                    | ({"customProperties": [{"property": "role", "value": "score"}]} if name == "answer" else {})
                    for name, kind in fields.items()
                ],
            }
        ],
    }
    return contract.of(path, document)


def hidden(closed: dict[str, str | None], answer: str = "internal", **more: str) -> Personal:
    """Return what is personal where some fields are."""
    predictions = source(PREDICTED, {"answer": answer}, {"animal_id": "string", "answer": "number"})
    return personal([source(ANIMALS, closed, FIELDS | more)], predictions)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder of this test."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "classification", "why"),
    [
        pytest.param("place", "confidential", "classified confidential in contracts/animals.odcs.yaml", id="personal"),
        pytest.param("place", "restricted", "classified restricted in contracts/animals.odcs.yaml", id="above"),
        pytest.param("place", "PII", "classified PII in contracts/animals.odcs.yaml", id="a word nobody knows"),
        pytest.param("place", "internal", None, id="internal"),
        pytest.param("place", "public", None, id="public"),
        pytest.param("place", None, None, id="unclassified"),
        pytest.param("email", None, "named like email in contracts/animals.odcs.yaml", id="a name"),
        pytest.param("email", "internal", "named like email in contracts/animals.odcs.yaml", id="a name against it"),
    ],
)
def test_a_field_is_personal_by_its_classification_or_its_name(
    name: str, classification: str | None, why: str | None
) -> None:
    assert hidden({name: classification}, **{name: "string"}).why(name) == why


def test_what_is_made_of_a_field_is_like_it_and_what_nobody_knows_is_left_out() -> None:
    found = hidden({"seen_at": "confidential"}, seen_at="timestamp", known_on="date")
    names = ["seen_at_hour", "seen_at_weekday", "known_on_month", "length_cm", "shape"]
    reason = "classified confidential in contracts/animals.odcs.yaml"
    assert [found.why(name) for name in names] == [reason, reason, None, None, COMPUTED]
    assert found.open(names) == ["known_on_month", "length_cm"]
    assert hidden({}).why("shape") is None


def secret(column: str) -> pl.DataFrame:
    """Return animals of which a column holds names that nothing else has."""
    rows = animals()
    return rows.with_columns(("secret-" + pl.col(column).cast(pl.String)).alias(column))


@pytest.mark.parametrize("model", [NUMBER, CLASSES, YES, PICKED], ids=["number", "classes", "yes", "picked"])
@pytest.mark.parametrize("column", ["place", "animal_id"])
def test_no_value_of_a_personal_column_stands_in_a_report(column: str, model: object) -> None:
    seen = look(trial(model, secret(column)))  # type: ignore[arg-type]
    assert "secret-" in report.html(seen)
    found = look(trial(model, secret(column)), hidden({column: "confidential"}, seen="number"))  # type: ignore[arg-type]
    page = report.html(found)
    assert "secret-" not in page + report.summary(found)
    assert f"<li>{column}: classified confidential in contracts/animals.odcs.yaml</li>" in page
    assert ("1 column about persons is left out, see below." in page) == (column == "place")
    assert ">row 1</th>" in page or column == "place"
    assert "What is left out" not in report.html(seen)


def test_no_class_that_is_personal_is_named() -> None:
    found = look(trial(CLASSES, secret("species")), hidden({"species": "restricted"}))
    page = report.html(found)
    assert "secret-" not in page + report.summary(found)
    assert "said to be: class 3" in page
    assert "Left out: species is classified restricted in contracts/animals.odcs.yaml." in page


def test_no_outcome_that_is_personal_is_told() -> None:
    closed = hidden({"species": "confidential"})
    model = PICKED._replace(positive="secret-cat")
    found = look(trial(model, secret("species")), closed)
    first = found._replace(evidence=found.evidence)
    of = first.evidence.held["metrics"]
    first.evidence.held["metrics"] = {"precision_at_20_percent": of["precision_at_20_percent"], **of}
    assert "secret-" not in report.html(first) + report.summary(first)
    assert "have the positive outcome, of 100 that the rule picks" in report.summary(first)


def test_no_single_number_that_is_personal_is_drawn_or_told() -> None:
    of_target = report.html(look(trial(NUMBER), hidden({"weight_g": "confidential"}, seen="number")))
    assert of_target.count("Left out: weight_g is classified confidential in contracts/animals.odcs.yaml.") == 2
    assert "What came minus what the model said" not in of_target
    of_answer = report.html(look(trial(NUMBER), hidden({}, "confidential", seen="number")))
    assert "No single rows are drawn: what the model says is classified confidential in " in of_answer
    assert "the model said</th>" not in of_answer
    assert "<li>what the model says of a row: classified confidential in contracts/predictions.odcs.yaml" in of_answer


def test_many_personal_columns_are_counted() -> None:
    rows = animals().with_columns(pl.col("place").alias(f"x{number}") for number in range(30))
    many = {f"x{number}": "string" for number in range(30)}
    page = report.html(look(trial(YES, rows), hidden(dict.fromkeys(many, "confidential"), **many, seen="number")))
    assert "and 10 more columns</li>" in page
    assert "30 columns about persons are left out, see below." in page
