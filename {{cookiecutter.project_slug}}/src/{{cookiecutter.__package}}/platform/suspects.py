"""Names columns that may give the outcome away, or that only name a row: to be read before a success is believed."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from .charter import REGRESSION, Model
from .identifiers import MIN_ROWS, count_rows, name_rows
from .metrics import balanced_accuracy, r2, roc_auc
from .say import counted
from .task import Labels

SEED = 0
# As many rows tell a column that gives the outcome away.
ROWS = 2_000
FOLDS = 3
NEARLY_PERFECT = 0.95
EXACT = 0.9999
# Of this much of the target's spread a column has to be the cause to count as a part of a sum.
MIN_PART = 0.001
# Where more of the texts than this share are different, most rows have one of their own.
FREE = 0.5
MOST_NAMED = 5


class Suspect(NamedTuple):
    """Columns that need a look, and a sentence that says why."""

    columns: tuple[str, ...]
    why: str


class Search(NamedTuple):
    """What was found among how many columns and rows, and which columns could not be looked at, with the reasons."""

    found: tuple[Suspect, ...]
    columns: int
    rows: int
    known: int
    left_out: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say what was found, and where."""
        if self.rows == 0:
            return f"not looked for: {counted(self.known, 'training row')}, and {MIN_ROWS} are needed"
        found = f"{len(self.found):,}" if self.found else "none"
        where = f"{counted(self.columns, 'column')}, on {self.where}"
        return "; ".join([f"{found} in {where}", *([self.rest] if self.rest else [])])

    @property
    def where(self) -> str:
        """By which rows columns were looked at."""
        every = counted(self.known, "training row")
        return every if self.rows == self.known else f"{self.rows:,} of {every}"

    @property
    def rest(self) -> str:
        """Which columns were not looked at; nothing where all were."""
        more = f" and {len(self.left_out) - MOST_NAMED:,} more" if len(self.left_out) > MOST_NAMED else ""
        return f"not looked at: {', '.join(self.left_out[:MOST_NAMED])}{more}" if self.left_out else ""


def suspects(features: pl.DataFrame, labels: Labels, model: Model) -> list[Suspect]:
    """Return the columns that all but tell the outcome, alone or as a sum, and those that look like identifiers."""
    return list(search(features, labels, model).found)


def search(features: pl.DataFrame, labels: Labels, model: Model) -> Search:
    """Look for suspects, and say what was looked at.

    Takes rows whose outcome is known, best those of the training.
    """
    if len(features) < MIN_ROWS:
        return Search((), 0, 0, len(features))
    found = _found(features, labels, model)
    named = {column for suspect in found for column in suspect.columns}
    left_out = {column.name: why for column in features if column.name not in named and (why := _unreadable(column))}
    names = tuple(f"{name} ({why})" for name, why in left_out.items())
    return Search(tuple(found), features.width - len(names), min(ROWS, len(features)), len(features), names)


def _unreadable(column: pl.Series) -> str | None:
    """Say why the outcome cannot be looked for in a column: one value says nothing of the rows that have others."""
    if column.dtype.is_nested() or column.dtype == pl.Object:
        return "no single values"
    if column.dtype != pl.String:
        return None
    texts = column.replace("", None).drop_nulls()
    return "free text" if len(texts) and texts.n_unique() > FREE * len(texts) else None


def _found(features: pl.DataFrame, labels: Labels, model: Model) -> list[Suspect]:
    drawn = np.sort(np.random.default_rng(SEED).permutation(len(features))[:ROWS])
    few, outcomes = features[drawn], labels[drawn]
    found = list(_telling(few, outcomes, model))
    named = {column for suspect in found for column in suspect.columns}
    if model.kind == REGRESSION:
        found += _sums(few.drop(named), outcomes, model)
        named |= {column for suspect in found for column in suspect.columns}
    return found + list(_identifiers(features.drop(named)))


def _telling(features: pl.DataFrame, labels: Labels, model: Model) -> Iterator[Suspect]:
    for column in features.select(~cs.nested() & ~cs.object()).columns:
        codes = features[column].fill_nan(None) if features[column].dtype.is_float() else features[column]
        ranks = codes.rank("dense").fill_null(0).to_numpy()
        if len(np.unique(ranks)) < 2:
            continue
        skill = _skill(ranks, labels, model)
        if skill > NEARLY_PERFECT:
            why = (
                f"{column} alone all but tells {model.target} (skill {skill:.2f} of 1): is it known before the outcome?"
            )
            yield Suspect((column,), why)


def _skill(ranks: NDArray[Any], labels: Labels, model: Model) -> float:
    """Return how well a tree tells the outcome of other rows from one column: 0 is chance, 1 is perfect."""
    kind = DecisionTreeClassifier if model.has_classes else DecisionTreeRegressor
    fold = np.random.default_rng(SEED).permutation(len(labels)) % FOLDS
    column, told = ranks.reshape(-1, 1), np.empty(len(labels), labels.dtype if model.has_classes else np.float64)
    for number in range(FOLDS):
        tree = kind(max_leaf_nodes=256, random_state=SEED).fit(column[fold != number], labels[fold != number])
        told[fold == number] = tree.predict(column[fold == number])
    once = np.ones((1, len(labels)))
    if model.kind == REGRESSION:
        return float(r2(labels, told, once)[0])
    if model.has_classes:
        chance = 1 / len(np.unique(labels))
        return float((balanced_accuracy(labels, told, once)[0] - chance) / (1 - chance))
    return float(2 * roc_auc(labels, told, once)[0] - 1)


def _sums(features: pl.DataFrame, labels: Labels, model: Model) -> Iterator[Suspect]:
    """Yield the columns that make up the target: a line through half of the rows meets the other half exactly."""
    columns = _numbers(features)
    if not columns:
        return
    table = np.column_stack([*columns.values(), np.ones(len(labels))])
    known, new = slice(0, None, 2), slice(1, None, 2)
    slopes = np.linalg.lstsq(table[known], labels[known], rcond=None)[0]
    explained = r2(labels[new], table[new] @ slopes, np.ones((1, len(labels[new]))))[0]
    if not explained > EXACT:
        return
    shares = np.abs(slopes[:-1]) / np.std(labels)
    parts = tuple(name for name, share in zip(columns, shares, strict=True) if share > MIN_PART)
    told = "add up to" if len(parts) > 1 else "is another scale of"
    yield Suspect(parts, f"{' and '.join(parts)} {told} {model.target}, exactly: is that known before the outcome?")


def _numbers(features: pl.DataFrame) -> Mapping[str, NDArray[np.float64]]:
    """Return the columns of numbers with mean 0 and spread 1; an empty value is the mean."""
    found = {}
    for column in features.select(cs.numeric() | cs.boolean()).columns:
        values = features[column].cast(pl.Float64).to_numpy()
        is_there = np.isfinite(values)
        spread = values[is_there].std() if is_there.any() else 0
        if spread > 0:
            found[column] = np.where(is_there, (values - values[is_there].mean()) / spread, 0)
    return found


def _identifiers(features: pl.DataFrame) -> Iterator[Suspect]:
    for column in features.select(cs.numeric()).columns:
        if count_rows(features[column]):
            yield Suspect((column,), f"{column} is another whole number in each row: does it only count or name rows?")
    for column in features.select(cs.string()).columns:
        if name_rows(features[column].replace("", None).drop_nulls()):
            yield Suspect((column,), f"{column} is another text in nearly each row: does it only name rows?")
