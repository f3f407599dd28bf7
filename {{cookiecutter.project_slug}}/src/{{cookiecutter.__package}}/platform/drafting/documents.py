"""Writes the documents of a new model: contracts, entry in project.yaml, gate and card."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl
import yaml

from ..charter import REGRESSION, Model
from ..metrics import main_metric
from ..source import Layout
from ..tables import UNCONFIRMED
from .kinds import Kind
from .table import ROW_NUMBER, Column, Table
from .vocabulary import Vocabulary

TODO = "TODO"
API_VERSION = "v3.1.0"
OUTCOME = "outcome"
KNOWN = "always"
WIDTH = 120
# A set of values is a promise when there are few, and each was seen often.
MAX_VALUES, ROWS_PER_VALUE = 12, 30
PREDICTIONS = "outputs/predictions"
RUN_ID = "[0-9a-f]{32}"


class Subject(NamedTuple):
    """A model, the table that it is about, and who answers for them."""

    model: Model
    table: Table
    owner: str
    words: Vocabulary
    data: str
    """The path of the file, from the project's folder on."""
    identifiers: frozenset[str]
    """The columns that only tell rows apart."""
    personal: Mapping[str, str]
    """What the columns that seem to be about persons hold of them."""

    @property
    def classification(self) -> str:
        """The classification of what is made from the table: that of what it holds of persons, if anything."""
        return self.words.personal_classification if self.personal else self.words.classification


class _Dumper(yaml.SafeDumper):
    """Writes lists below their keys with an indent, as people do."""

    # The parameters are those of PyYAML, which calls it.
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, indentless=False)


def as_yaml(value: Any) -> str:
    """Write a document."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)


def in_line(value: Any) -> str:
    """Write a value on one line."""
    return (
        yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000).strip().removesuffix("\n...")
    )


def title(name: str) -> str:
    """Return a name as people say it."""
    return name.replace("_", " ").capitalize()


def contract(subject: Subject) -> str:
    """Write the contract of the rows."""
    table, model = subject.table, subject.model
    fields = [_field(column, subject) for column in table.columns]
    if model.id == ROW_NUMBER:
        fields.insert(0, _row_number())
    server: dict[str, Any] = {"server": "local", "type": "local", "path": subject.data, "format": table.layout.format}
    return as_yaml(
        {
            **_head(table.dataset, subject.owner),
            "description": {"purpose": TODO, "usage": TODO, "limitations": TODO},
            "servers": [server | _custom(_layout(table.layout))],
            "schema": [{"name": table.dataset, "physicalType": "file", "description": TODO, "properties": fields}],
        }
    )


def _head(dataset: str, owner: str) -> dict[str, Any]:
    return {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": dataset,
        "name": title(dataset),
        "version": "0.1.0",
        "status": "draft",
        "team": {"name": owner},
    }


def _custom(values: Mapping[str, Any]) -> dict[str, Any]:
    if not values:
        return {}
    return {"customProperties": [{"property": key, "value": value} for key, value in values.items()]}


def _layout(layout: Layout) -> dict[str, Any]:
    """Say how the file is written, where it is not as usual."""
    names = {"null_values": "nullValues", "skip_lines": "skipLines", "has_header": "header", "line_end": "lineEnd"}
    known = {key: value for key, value in layout._asdict().items() if key != "format"}  # which the server says itself
    unusual = {key: value for key, value in known.items() if value != Layout._field_defaults[key]}
    return {names.get(key, key): list(value) if isinstance(value, tuple) else value for key, value in unusual.items()}


def _row_number() -> dict[str, Any]:
    return {
        "name": ROW_NUMBER,
        "description": "Place of the row in the file, counted from 1, because no column tells the rows apart.",
        "logicalType": "integer",
        "logicalTypeOptions": {"minimum": 1},
        "primaryKey": True,
        "required": True,
        "unique": True,
        "classification": "public",
        **_custom({"availableAt": KNOWN, "rowNumber": True}),
    }


def _field(column: Column, subject: Subject) -> dict[str, Any]:
    values = subject.table.rows[column.name]
    model, is_key = subject.model, column.name == subject.model.id
    words, personal = subject.words, column.name in subject.personal
    entry: dict[str, Any] = {"name": column.name}
    if column.source != column.name:
        entry["physicalName"] = column.source
    entry |= {"description": TODO, "logicalType": column.type}
    if options := _options(column):
        entry["logicalTypeOptions"] = options
    if is_key:
        entry["primaryKey"] = True
    if values.null_count() == 0 and column.name != model.target:
        entry["required"] = True
    if is_key:
        entry["unique"] = True
    entry["classification"] = words.personal_classification if personal else words.classification
    # Classes were learned; of all else, what was seen so far promises nothing.
    if is_class(column, model) and (allowed := _few(values)):
        arguments = {"validValues": allowed}
        entry["quality"] = [{"metric": "invalidValues", "arguments": arguments, "mustBe": 0}]
    return entry | _custom(_properties(column, subject, values))


def _options(column: Column) -> dict[str, Any]:
    pattern = column.kind.pattern
    if column.zone and column.type == "timestamp":
        return {"format": pattern, "defaultTimezone": column.zone} if pattern else {"defaultTimezone": column.zone}
    return {"format": pattern} if pattern and pattern != "yyyy-MM-dd" else {}


def is_class(column: Column, model: Model) -> bool:
    """Tell whether a column holds the classes that a model predicts."""
    return column.name == model.target and column.type == "string"


def _few(values: pl.Series) -> list[Any]:
    """Return the values where they are few, and each is there often; else none."""
    found = values.drop_nulls().unique()
    is_set = 1 < len(found) <= MAX_VALUES and len(values) >= ROWS_PER_VALUE * len(found)
    return sorted(found.to_list()) if is_set else []


def _properties(column: Column, subject: Subject, values: pl.Series) -> dict[str, Any]:
    """Say when the field is known, how its values are written where that is unusual, and what range was measured."""
    model = subject.model
    found: dict[str, Any] = {"availableAt": {model.target: OUTCOME, model.id: KNOWN}.get(column.name, UNCONFIRMED)}
    if column.name in subject.identifiers:
        found["role"] = "identifier"
    if column.lacks_unit:
        found["unit"] = TODO
    found |= _spelling(column.kind, subject.table.layout)
    if column.kind.is_number and values.null_count() < len(values) and column.name != model.id:
        found["measuredRange"] = [values.min(), values.max()]
    is_word = column.type == "string" and not is_class(column, model)
    if is_word and (few := _few(values)) and column.name not in subject.personal:
        found["measuredValues"] = few
    return found


def _spelling(kind: Kind, layout: Layout) -> dict[str, Any]:
    """Say how values are written, where it is not as usual."""
    written: dict[str, Any] = {"trueValue": kind.true_value or "true", "falseValue": kind.false_value or "false"}
    usual: dict[str, Any] = {"trueValue": "true", "falseValue": "false"}
    if kind.type == "string":
        written |= {"nullValues": list(kind.null_values), "padded": kind.is_padded}
        usual |= {"nullValues": [], "padded": False}
    if kind.is_number:
        written |= {"prefix": kind.prefix, "suffix": kind.suffix, "minus": kind.minus}
        written |= {"decimal": kind.decimal, "thousands": kind.thousands}
        usual |= {"prefix": "", "suffix": "", "minus": "-", "decimal": layout.decimal, "thousands": layout.thousands}
    return {key: value for key, value in written.items() if value != usual[key]}


def predictions(subject: Subject) -> str:
    """Write the contract of the predictions."""
    model = subject.model
    fields = [
        _made("prediction_id", "Run and row; the same model and row always give the same one.", "string", key=True)
        | {"logicalTypeOptions": {"pattern": f"^{RUN_ID}-.+$"}},
        _made("run_id", "MLflow run that trained the model, and so leads to its code and data.", "string")
        | {"logicalTypeOptions": {"pattern": f"^{RUN_ID}$"}},
        _made(
            model.id, f"Row that the prediction is about, as in the {subject.table.dataset} contract.", id_type(subject)
        ),
        _score(subject),
    ]
    if model.decision:
        text = "Whether the row is among those that something is done about, by `decision` in project.yaml."
        fields.append(_made("is_chosen", text, "boolean") | _custom({"role": "decision"}))
    purpose = f"Say of each row of {subject.table.dataset} what {model.name} says of it."
    return as_yaml(
        {
            **_head(model.predictions, subject.owner),
            "description": {"purpose": purpose, "usage": TODO, "limitations": TODO},
            "servers": [
                {"server": "local", "type": "local", "path": f"{PREDICTIONS}/*.csv", "format": "csv"},
            ],
            "schema": [
                {
                    "name": model.predictions,
                    "physicalType": "file",
                    "description": "One row for each row and each trained model that scored it.",
                    "properties": [_ordered(field) for field in fields],
                }
            ],
        }
    )


def _made(name: str, text: str, kind: str, *, key: bool = False) -> dict[str, Any]:
    found = {"name": name, "description": text, "logicalType": kind, "required": True, "classification": "internal"}
    return found | ({"primaryKey": True, "unique": True} if key else {})


def _ordered(field: dict[str, Any]) -> dict[str, Any]:
    """Return the keys of a field in the order of all contracts here."""
    order = (
        "name",
        "description",
        "logicalType",
        "logicalTypeOptions",
        "primaryKey",
        "required",
        "unique",
        "classification",
    )
    return {key: field[key] for key in order if key in field} | field


def id_type(subject: Subject) -> str:
    """Return the type of what identifies a row."""
    return next((column.type for column in subject.table.columns if column.name == subject.model.id), "integer")


def _score(subject: Subject) -> dict[str, Any]:
    model = subject.model
    if model.positive is not None:
        found = _made(f"{model.name}_probability", f"Model's estimate that {outcome(model)}, from 0 to 1.", "number")
        found |= {"logicalTypeOptions": {"minimum": 0, "maximum": 1}, "classification": subject.classification}
        return found | _custom({"role": "score"})
    name = f"predicted_{subject.words.without_truth(model.target)}"
    found = _made(name, f"What the model says of {model.target}.", "number" if model.kind == REGRESSION else "string")
    found["classification"] = subject.classification
    lacks_unit = any(column.lacks_unit for column in subject.table.columns if column.name == model.target)
    return found | _custom({"role": "score"} | ({"unit": TODO} if lacks_unit and model.kind == REGRESSION else {}))


def outcome(model: Model) -> str:
    """Say when a row counts as yes."""
    positive = model.positive
    if isinstance(positive, str) and positive.strip()[:1] in "<>":
        return f"{model.target} is {positive}"
    return f"{model.target} is {in_line(positive)}"


def entry(model: Model) -> str:
    """Write the entry of a model in project.yaml."""
    lines = [
        f"  - name: {model.name}",
        f"    stage: {model.stage}",
        f"    kind: {model.kind}",
        f"    rows: {model.rows}",
        f"    id: {model.id}",
        f"    target: {model.target}",
    ]
    if model.positive is not None:
        lines.append(f"    positive: {in_line(model.positive)}")
    split = {key: value for key, value in model.split._asdict().items() if value is not None}
    lines.append(f"    split: {in_line(split)}")
    if model.decision:
        decision = {key: value for key, value in model.decision._asdict().items() if value is not None}
        lines.append(f"    decision: {in_line(decision)}")
    return "\n".join(lines) + "\n"


def gate(model: Model, unit: str) -> str:
    """Write the gate of the first stage: the model is surely better than the rule."""
    metric = main_metric(model)
    return (
        "# What the model has to show before it leaves this stage: a draft. Agree on yours before you see a result.\n"
        "# A claim is decided by the bound of a 95 % interval that speaks against it.\n"
        f"unit: {unit}\n"
        "minimum_rows: 30\n"
        "claims:\n"
        f"  - metric: {metric}\n"
        "    of: difference # to the rule\n"
        '    comparator: ">"\n'
        "    threshold: 0.0\n"
    )


def card(subject: Subject, *, package: str, review_by: object, licence: str) -> str:
    """Write the card of a model."""
    model = subject.model
    contracts = [f"contracts/{name}.odcs.yaml" for name in (model.rows, model.predictions)]
    kind = "tabular-regression" if model.kind == REGRESSION else "tabular-classification"
    front = {
        "license": licence,
        "library_name": "sklearn",
        "pipeline_tag": kind,
        "tags": [kind],
        "owner": subject.owner,
        "review_by": review_by,
        "inputs": contracts[:1],
        "outputs": contracts[1:],
        "describes": [*(f"src/{package}/{name}.py" for name in ("features", "baseline", "model")), *contracts],
    }
    front_matter = as_yaml(front)
    answers = "outcome" if model.positive is None else "probability"
    what = f"whether {outcome(model)}" if model.positive is not None else model.target
    sections = {
        "Model details": (
            "Gradient boosted trees of scikit-learn with their usual settings, in "
            f"[model.py](../../src/{package}/model.py).\nIt gives the {answers} of `{model.target}`, one row at a time."
        ),
        "Intended use": TODO,
        "Out-of-scope use": TODO,
        "Training data": (
            f"{len(subject.table.rows):,} rows, described in [their contract](../../{contracts[0]}).\n"
            f"{TODO}: where they come from, and whom they leave out."
        ),
        "Evaluation": TODO,
        "Limitations": TODO,
        "Owner and review": f"{subject.owner} answers for this model and reviews it by {review_by}.",
    }
    body = "\n\n".join(f"## {heading}\n\n{text}" for heading, text in sections.items())
    return f"---\n{front_matter}---\n\n# {title(model.name)}\n\nSays of a row of {model.rows} {what}.\n\n{body}\n"


def charter_texts(model: Model, *, has_decision: bool) -> str:
    """Write what project.yaml says of the purpose, before anybody has said it."""
    return as_yaml(
        ({} if has_decision else {"decision": TODO})
        | {
            "problem": TODO,
            "value": {"metric": TODO, "unit": TODO, "baseline": TODO, "target": TODO, "confirmed_by": TODO},
            "proxy_metric": {"name": main_metric(model), "why": TODO},
            "alternatives": [{"option": option, "outcome": TODO} for option in ("do nothing", "rule", "buy", "reuse")],
        }
    )
