"""Reads project.yaml: who owns the project, and what each of its models predicts."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import yaml

from . import reads
from .errors import Stopped

FILE = Path("project.yaml")
RETIRED = "retired"
STAGES = ("feasibility", "experimentation", "testing", "production", RETIRED)
HERE, ELSEWHERE = "here", "elsewhere"
CLASSIFICATION, REGRESSION = "classification", "regression"
BY_TIME, BY_GROUP, AT_RANDOM = "time", "group", "random"
# A bound on numbers, such as ">= 15".
BOUND = re.compile(r"\s*(?P<comparator>>=|<=|>|<)\s*(?P<number>-?\d+(?:\.\d+)?)\s*")
NAME = re.compile(r"[a-z][a-z0-9_]*")
# The keys that a model, or a file in gates/, has now.
FIRST = ("gates", "stage")
MIGRATING = '"Migrating" in the template\'s CHANGELOG.md says step by step how a project moves on'


class Split(NamedTuple):
    """Which rows a model is judged by: the last ones by a field of time, whole groups of a field, or any."""

    by: str
    field: str | None
    held_out: float


class Decision(NamedTuple):
    """Which rows something is done about: the share with the highest scores, or those from a score on."""

    top_share: float | None = None
    threshold: float | None = None


class Model(NamedTuple):
    """What a model predicts: a target of each row of a dataset.

    With `positive` (a value, or a bound on numbers) it is about yes or no; a classification without it has classes.
    """

    name: str
    stage: str
    kind: str
    rows: str
    id: str
    target: str
    positive: str | float | bool | None
    split: Split
    decision: Decision | None
    reads: tuple[str, ...] = ()
    """The models whose predictions it reads."""
    trained: str = HERE

    @property
    def has_classes(self) -> bool:
        """Tell whether it predicts one of several classes."""
        return self.kind == CLASSIFICATION and self.positive is None

    @property
    def predictions(self) -> str:
        """The dataset that it makes."""
        return f"{self.name}_predictions"


class Charter(NamedTuple):
    """What the pipeline needs to know of project.yaml."""

    name: str
    owner: str
    models: tuple[Model, ...]
    decision: str = ""
    value: Mapping[str, Any] = {}
    """What the project is for, in free words: metric, unit, baseline, target."""


def find_root(start: Path) -> Path:
    """Return the project's folder: the nearest one upwards that holds project.yaml."""
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder
    message = f"{FILE} is neither in {start} nor above it: change to the project's folder"
    raise Stopped(message)


def load() -> Charter:
    """Read project.yaml from the working folder."""
    stated = read_yaml(FILE)
    document = Entry(FILE.as_posix(), stated)
    for key in FIRST:
        if key in stated:
            document.refuse(f"key {key!r} stands there as in the first version of the template: {MIGRATING}")
    models = tuple(_model(entry) for entry in document.entries("models"))
    names = [model.name for model in models]
    if twice := {name for name in names if names.count(name) > 1}:
        document.refuse(f"two models are called {min(twice)!r}: rename one")
    reads.check(models)
    decision = document.text("decision") if document.has("decision") else ""
    value = document.mapping("value") if document.has("value") else {}
    return Charter(document.text("name"), document.text("owner"), models, decision, value)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds a mapping."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        message = f"{path} is missing: restore it with `git checkout -- {path}`"
        raise Stopped(message) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        message = f"{path} is not valid YAML: {' '.join(str(error).split())}"
        raise Stopped(message) from error
    if not isinstance(document, dict):
        message = f"{path} must hold a mapping of keys to values"
        raise Stopped(message)
    return document


class Entry:
    """A mapping in a file, which says in one sentence what is wrong in it."""

    def __init__(self, place: str, values: object) -> None:
        """Take the values at a place, which is named in each sentence."""
        self._place = place
        if not isinstance(values, dict):
            self.refuse("is no mapping of keys to values")
        self._values: dict[str, Any] = values

    def refuse(self, why: str) -> NoReturn:
        """Stop the command."""
        message = f"{self._place}: {why}"
        raise Stopped(message)

    def refuse_others(self, known: Iterable[str]) -> None:
        """Stop at a key that is not known here."""
        for key in self._values:
            if key not in set(known):
                close = get_close_matches(str(key), known, 1)
                hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"
                self.refuse(f"key {key!r} is not known here; {hint}")

    def has(self, key: str) -> bool:
        """Tell whether a key has a value."""
        return self._values.get(key) is not None

    def value(self, key: str, wanted: str, is_right: Callable[[Any], bool]) -> Any:
        """Return what is under a key, which must be of some kind."""
        value = self._values.get(key)
        if value is None:
            self.refuse(f"{key} is missing: write {wanted}")
        if not is_right(value):
            self.refuse(f"{key} is {value!r}, where {wanted} is expected")
        return value

    def text(self, key: str) -> str:
        """Return the text under a key."""
        return str(self.value(key, "a text", lambda value: isinstance(value, str) and bool(value.strip())))

    def texts(self, key: str) -> list[str]:
        """Return the texts in the list under a key."""

        def is_right(value: object) -> bool:
            return isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)

        return list(self.value(key, "a list of texts", is_right))

    def choice(self, key: str, among: Sequence[str]) -> str:
        """Return the text under a key, which is one of some."""
        return str(
            self.value(key, f"one of {', '.join(among)}", lambda value: isinstance(value, str) and value in among)
        )

    def share(self, key: str) -> float:
        """Return the number under a key, which is between 0 and 1."""
        return float(self.value(key, "a number between 0 and 1", lambda value: _is_number(value) and 0 < value < 1))

    def number(self, key: str) -> float:
        """Return the number under a key."""
        return float(self.value(key, "a number", _is_number))

    def mapping(self, key: str) -> Mapping[str, Any]:
        """Return the mapping under a key, whatever it holds."""
        found: Mapping[str, Any] = self.value(key, "a mapping of keys to values", lambda value: isinstance(value, dict))
        return found

    def entry(self, key: str) -> "Entry":
        """Return the mapping under a key."""
        return Entry(f"{self._place}: {key}", self.mapping(key))

    def entries(self, key: str) -> list["Entry"]:
        """Return the mappings in the list under a key."""
        found = self.value(key, "a list", lambda value: isinstance(value, list))
        return [Entry(f"{self._place}: {key}[{number}]", value) for number, value in enumerate(found)]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _model(entry: Entry) -> Model:
    entry.refuse_others(Model._fields)
    wanted = "a name of small letters, digits and underscores"
    name = entry.value("name", wanted, lambda value: isinstance(value, str) and bool(NAME.fullmatch(value)))
    kind = entry.choice("kind", (CLASSIFICATION, REGRESSION))
    model = Model(
        name=str(name),
        stage=entry.choice("stage", STAGES),
        kind=kind,
        rows=entry.text("rows"),
        id=entry.text("id"),
        target=entry.text("target"),
        positive=_positive(entry, kind),
        split=_split(entry.entry("split")),
        decision=_decision(entry.entry("decision")) if entry.has("decision") else None,
        trained=entry.choice("trained", (HERE, ELSEWHERE)) if entry.has("trained") else HERE,
        reads=tuple(entry.texts("reads")) if entry.has("reads") else (),
    )
    if model.decision and model.has_classes:
        entry.refuse("decision needs a model of yes or no, or of numbers: name the `positive` value, or leave it out")
    return model


def _positive(entry: Entry, kind: str) -> str | float | bool | None:
    if not entry.has("positive"):
        return None
    if kind == REGRESSION:
        entry.refuse("positive has no meaning in a regression: leave it out, or make it a classification")
    wanted = 'a value of the target, or a bound such as ">= 15"'
    found: str | float | bool = entry.value("positive", wanted, lambda value: isinstance(value, str | int | float))
    return found


def _split(entry: Entry) -> Split:
    entry.refuse_others(Split._fields)
    by = entry.choice("by", (BY_TIME, BY_GROUP, AT_RANDOM))
    if by == AT_RANDOM and entry.has("field"):
        entry.refuse("field has no meaning in a random split: leave it out, or split by time or group")
    return Split(by, None if by == AT_RANDOM else entry.text("field"), entry.share("held_out"))


def _decision(entry: Entry) -> Decision:
    entry.refuse_others(Decision._fields)
    if entry.has("top_share") == entry.has("threshold"):
        entry.refuse("write one of top_share and threshold")
    return Decision(entry.share("top_share")) if entry.has("top_share") else Decision(None, entry.number("threshold"))


def bound(positive: str | float | bool) -> tuple[str, float] | None:  # noqa: FBT001 - a value of the target
    """Return comparator and number of a bound; None for a plain value."""
    found = BOUND.fullmatch(positive) if isinstance(positive, str) else None
    return (found["comparator"], float(found["number"])) if found else None


def parameters(model: Model) -> Mapping[str, Any]:
    """Return what the evidence says of the choices in project.yaml."""
    chosen = {
        "rows": model.rows,
        "target": model.target,
        "positive": model.positive,
        "split_by": model.split.by,
        "split_field": model.split.field,
    }
    decision = model.decision._asdict() if model.decision else {}
    return {
        key: value
        for key, value in {**chosen, "held_out": model.split.held_out, **decision}.items()
        if value is not None
    }
