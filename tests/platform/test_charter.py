"""project.yaml is found and read, and each wrong value is one sentence, which the schema for editors refuses too."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml
from flight_delays.platform import charter
from flight_delays.platform.charter import Decision, Model, Split
from flight_delays.platform.errors import Stopped

from .conftest import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL: dict[str, Any] = {
    "name": "late",
    "stage": "feasibility",
    "kind": "classification",
    "rows": "flights",
    "id": "flight_id",
    "target": "delay_minutes",
    "positive": ">= 15",
    "split": {"by": "time", "field": "departed_at", "held_out": 0.25},
    "decision": {"top_share": 0.2},
}
CHARTER: dict[str, Any] = {"name": "Delays", "owner": "@acme/ops", "models": [MODEL]}
SCHEMA = jsonschema.Draft202012Validator(
    json.loads(Path(charter.__file__).with_name("project-schema.json").read_text("utf-8"))
)


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(document: object) -> charter.Charter:
    charter.FILE.write_text(yaml.safe_dump(document), encoding="utf-8")
    return charter.load()


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = copy.deepcopy(CHARTER)
    change(document["models"][0])
    return document


def test_the_charter_of_the_example_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    (model,) = charter.load().models
    assert Path("models", model.name, "README.md").is_file()
    assert SCHEMA.is_valid(json.loads(json.dumps(yaml.safe_load(charter.FILE.read_text("utf-8")), default=str)))


def test_what_the_pipeline_needs_is_taken_from_it() -> None:
    split = Split("time", "departed_at", 0.25)
    model = Model(
        *("late", "feasibility", "classification", "flights", "flight_id", "delay_minutes", ">= 15"),
        split=split,
        decision=Decision(0.2),
    )
    assert written(CHARTER) == charter.Charter("Delays", "@acme/ops", (model,))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda model: model.pop("decision"), id="no decision"),
        pytest.param(lambda model: model.update(decision={"threshold": -1}), id="a threshold"),
        pytest.param(lambda model: (model.pop("positive"), model.pop("decision")), id="classes"),
        pytest.param(lambda model: model.update(positive=True), id="a truth"),
        pytest.param(lambda model: model.update(positive=0), id="zero"),
        pytest.param(lambda model: (model.pop("positive"), model.update(kind="regression")), id="numbers"),
        pytest.param(lambda model: model.update(split={"by": "random", "held_out": 0.5}), id="at random"),
        pytest.param(lambda model: model["split"].update(by="group"), id="by group"),
        pytest.param(lambda model: model.update(reads=[], trained="elsewhere"), id="bought"),
    ],
)
def test_what_may_be_written_is_read_and_the_schema_takes_it(change: Callable[[dict[str, Any]], object]) -> None:
    document = changed(change)
    assert written(document).models[0].name == "late"
    assert list(SCHEMA.iter_errors(document)) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda m: m.update(name="Late"),
            "name is 'Late', where a name of small letters, digits and underscores is expected",
        ),
        (lambda m: m.pop("name"), "name is missing: write a name of small letters, digits and underscores"),
        (
            lambda m: m.update(stage="done"),
            "stage is 'done', where one of feasibility, experimentation, testing, production, retired is expected",
        ),
        (lambda m: m.update(stage=["testing"]), "stage is ['testing'], where one of"),
        (lambda m: m.update(kind="ranking"), "kind is 'ranking', where one of classification, regression is expected"),
        (lambda m: m.update(rows=""), "rows is '', where a text is expected"),
        (lambda m: m.update(id=3), "id is 3, where a text is expected"),
        (lambda m: m.update(target=None), "target is missing: write a text"),
        (lambda m: m.update(trained="bought"), "trained is 'bought', where one of here, elsewhere is expected"),
        (lambda m: m.update(reads="other"), "reads is 'other', where a list of texts is expected"),
        (lambda m: m.update(reads=[1]), "reads is [1], where a list of texts is expected"),
        (lambda m: m.update(positve="yes"), "key 'positve' is not known here; did you mean 'positive'?"),
        (lambda m: m.update(xyz=1), "key 'xyz' is not known here; known are name, stage, kind"),
        (lambda m: m.update(positive=["a"]), "positive is ['a'], where a value of the target, or a bound such as"),
        (lambda m: m.update(kind="regression"), "positive has no meaning in a regression: leave it out"),
        (lambda m: m.pop("split"), "split is missing: write a mapping of keys to values"),
        (lambda m: m.update(split="time"), "split is 'time', where a mapping of keys to values is expected"),
        (lambda m: m["split"].update(by="date"), "split: by is 'date', where one of time, group, random is expected"),
        (lambda m: m["split"].pop("field"), "split: field is missing: write a text"),
        (lambda m: m["split"].update(by="random"), "split: field has no meaning in a random split: leave it out"),
        (lambda m: m["split"].update(held_out=1), "split: held_out is 1, where a number between 0 and 1 is expected"),
        (lambda m: m["split"].update(held_out=True), "split: held_out is True, where a number between 0 and 1"),
        (lambda m: m["split"].update(share=0.2), "split: key 'share' is not known here; known are by, field, held_out"),
        (lambda m: m.update(decision={}), "decision: write one of top_share and threshold"),
        (
            lambda m: m.update(decision={"top_share": 0.2, "threshold": 1}),
            "decision: write one of top_share and threshold",
        ),
        (lambda m: m.update(decision={"top_share": 20}), "decision: top_share is 20, where a number between 0 and 1"),
        (
            lambda m: m.update(decision={"threshold": "high"}),
            "decision: threshold is 'high', where a number is expected",
        ),
        (lambda m: m.pop("positive"), "decision needs a model of yes or no, or of numbers: name the `positive` value"),
    ],
)
def test_a_wrong_value_of_a_model_is_one_sentence(change: Callable[[dict[str, Any]], object], sentence: str) -> None:
    document = changed(change)
    with pytest.raises(Stopped) as stopped:
        written(document)
    place, _, said = str(stopped.value).partition("models[0]: ")
    assert place == "project.yaml: "
    assert said.startswith(sentence)
    assert "\n" not in said
    assert not SCHEMA.is_valid(document)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: d.pop("owner"), "project.yaml: owner is missing: write a text"),
        (lambda d: d.update(decision=3), "project.yaml: decision is 3, where a text is expected"),
        (lambda d: d.update(decision=" "), "project.yaml: decision is ' ', where a text is expected"),
        (
            lambda d: d.update(value=40),
            "project.yaml: value is 40, where a mapping of keys to values is expected",
        ),
        (lambda d: d.update(models="late"), "project.yaml: models is 'late', where a list is expected"),
        (lambda d: d.update(models=["late"]), "project.yaml: models[0]: is no mapping of keys to values"),
        (
            lambda d: d.update(models=["late"], stage="feasibility"),
            (
                "project.yaml: key 'stage' stands there as in the first version of the template: "
                '"Migrating" in the template\'s CHANGELOG.md says step by step how a project moves on'
            ),
        ),
    ],
)
def test_a_wrong_charter_is_one_sentence(change: Callable[[dict[str, Any]], object], sentence: str) -> None:
    document = copy.deepcopy(CHARTER)
    change(document)
    with pytest.raises(Stopped) as stopped:
        written(document)
    assert str(stopped.value) == sentence
    assert not SCHEMA.is_valid(document)


def test_what_a_project_is_for_is_read_in_its_own_words() -> None:
    assert written(CHARTER) == charter.Charter("Delays", "@acme/ops", (written(CHARTER).models[0],), "", {})
    value = {"metric": "Right warnings", "unit": "percent", "target": 40}
    found = written({**CHARTER, "decision": "Whom to warn.", "value": value})
    assert (found.decision, found.value) == ("Whom to warn.", value)
    assert SCHEMA.is_valid({**CHARTER, "decision": "Whom to warn.", "value": value})


def test_two_models_of_one_name_are_refused() -> None:
    with pytest.raises(Stopped, match=r"^project\.yaml: two models are called 'late': rename one$"):
        written({**CHARTER, "models": [MODEL, MODEL]})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name: [", "project.yaml is not valid YAML"),
        ("- a\n", "project.yaml must hold a mapping"),
        (None, "project.yaml is missing: restore it"),
    ],
)
def test_a_charter_that_is_none_is_one_sentence(text: str | None, sentence: str) -> None:
    if text:
        charter.FILE.write_text(text, encoding="utf-8")
    with pytest.raises(Stopped, match=f"^{sentence}"):
        charter.load()


def test_the_root_is_found_from_a_folder_below(tmp_path: Path) -> None:
    below = tmp_path / "data" / "sample"
    below.mkdir(parents=True)
    with pytest.raises(Stopped, match=r"project\.yaml is neither in"):
        charter.find_root(below)
    (tmp_path / charter.FILE).touch()
    assert charter.find_root(below) == tmp_path


@pytest.mark.parametrize(
    ("positive", "bound"),
    [(">= 15", (">=", 15.0)), ("<-1.5", ("<", -1.5)), (" > 3 ", (">", 3.0)), ("=> 3", None), ("yes", None), (15, None)],
)
def test_a_bound_is_told_from_a_value(positive: str | float, bound: tuple[str, float] | None) -> None:
    assert charter.bound(positive) == bound
