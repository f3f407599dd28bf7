"""What a notebook opens with: the data under contract, the features and the last run of a model."""

import os
from pathlib import Path
from typing import NamedTuple

import polars as pl

from . import charter, lineage
from .charter import Model
from .own import own
from .tables import Tables


class Opened(NamedTuple):
    """A model, with the datasets that its features come from."""

    model: Model
    tables: Tables
    features: pl.DataFrame

    @property
    def rows(self) -> pl.DataFrame:
        """The rows that it predicts, which keep their contract."""
        return self.tables[self.model.rows]

    @property
    def fields(self) -> pl.DataFrame:
        """The fields of all its datasets, and when each is known."""
        return pl.DataFrame(
            [
                {"dataset": name, "field": field.name, "type": field.type, "available_at": field.available_at}
                for name, source in self.tables.contracts.items()
                for field in source.fields
            ]
        )


def open_model(name: str | None = None) -> Opened:
    """Read the data of a model, by default the first in project.yaml, and make its features."""
    from . import pipeline  # here, because its libraries take their time

    os.chdir(charter.find_root(Path.cwd()))
    model = pipeline.chosen(charter.load(), [name] if name else [])[0]
    tables = Tables(model.id)
    features = own("features", model)(tables)
    return Opened(model, tables, features)


def last_run(model: Model) -> pl.DataFrame | None:
    """Say which run of a model was the last, and return what it measured; None when there is no run yet."""
    found = [lineage.load(path.name.partition(".")[0]) for path in lineage.RUNS.glob("*.intoto.jsonl")]
    runs = [evidence for evidence in found if evidence.model == model.name]
    if not runs:
        print(f"{model.name} has no run yet: use `run` first")
        return None
    last = max(runs, key=lambda evidence: evidence.finished)
    verdict = f"did not pass its gate: {', '.join(last.failed)}" if last.failed else "passed its gate"
    print(f"run {last.run_id} of {last.finished} {verdict}")
    return pl.DataFrame(
        [
            {"metric": name, "of": of, **interval}
            for name, measured in last.held["metrics"].items()
            for of, interval in measured.items()
        ],
        infer_schema_length=None,
    )
