"""dbt's schema.yml as datasets: what is ours, and what is a source's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ml_checks.formats import datasets
from ml_checks.reading.yaml import UnreadableError

from tests.command import CLEAN, repository, run
from tests.described import fields, names, places, source

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("key", ["models", "seeds", "snapshots"])
def test_models_seeds_and_snapshots_have_names_and_types(key: str) -> None:
    text = f"""\
version: 2
{key}:
  - name: flights
    columns:
      - {{name: gate, data_type: varchar(9)}}
      - {{name: stops, data_type: "array<int>"}}
      - {{name: leg}}
      - {{name: ORIGIN_ID, data_type: "(odd)"}}
      - data_type: text
      - no column
  - columns: none
"""
    assert names("dbt", text) == ["flights", None]
    assert fields("dbt", text) == {"gate": "string", "stops": "array", "leg": None, "origin_id": None}


def test_everything_stands_where_it_is_written() -> None:
    text = """\
models:
  - name: FLIGHTS
    description: One row a flight.
    columns:
      - name: gate
        data_type: text
        description: Where it stood.
"""
    assert places("dbt", text) == [
        ("flights", 2, 11),
        ("One row a flight.", 3, 18),
        ("gate", 5, 15),
        ("string", 6, 20),
        ("Where it stood.", 7, 22),
    ]


def test_of_a_source_only_what_is_said_about_it_is_ours() -> None:
    text = """\
sources:
  - name: SalesForce
    tables:
      - name: Account__c
        description: All accounts.
        columns:
          - name: IsDeleted
            data_type: varchar
            description: Whether it was removed.
"""
    assert places("dbt", text) == [("All accounts.", 5, 22), ("Whether it was removed.", 9, 26)]


@pytest.mark.parametrize(
    "text", ["", "[]", "models: {name: a}", "sources: [{tables: [a]}]", "name: str\n---\nage: int"]
)
def test_another_schema_in_yaml_is_not_dbts(text: str) -> None:
    assert fields("dbt", text) == {}


def test_what_is_no_yaml_is_refused_at_its_place() -> None:
    with pytest.raises(UnreadableError) as caught:
        datasets("dbt", source("dbt", "models: }"))
    assert (caught.value.line, caught.value.col) == (1, 9)


def test_what_means_two_things_is_noted() -> None:
    read = source("dbt", "models:\n  - name: no\n")
    datasets("dbt", read)
    assert [(fault.at.line, fault.at.col, fault.code) for fault in read.faults] == [(2, 11, "FIL003")]


def test_the_rules_on_names_hold_in_dbt(tmp_path: Path) -> None:
    text = """\
models:
  - name: stg_flights
    description: One row for each flight that took place.
    columns:
      - name: departed
        data_type: timestamp_ntz
        description: Departed.
sources:
  - name: ops
    tables:
      - name: FlightsRaw
        columns: [{name: depDt, description: "TODO: ask the owner of the data"}]
"""
    files = {**CLEAN, "transform/models/schema.yml": text}
    assert run(repository(tmp_path, files), "check", "--select", "SCH,DOC").findings == [
        "transform/models/schema.yml:5:15: SCH006 field 'departed' has type 'timestamp', its name needs '_at'",
        "transform/models/schema.yml:7:22: DOC007 description 'Departed.' repeats the name 'departed'",
        "transform/models/schema.yml:12:46: DOC004 placeholder 'TODO'",
    ]
