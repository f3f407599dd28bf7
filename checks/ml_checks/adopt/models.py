"""Which models a repository makes, as far as its files show it: stored ones, pipelines of DVC, MLflow, scripts."""

from __future__ import annotations

import posixpath
import re
from itertools import chain, dropwhile

from ml_checks.reading import yaml
from ml_checks.record import Record
from ml_checks.values import maps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ml_checks.project.project import Project
    from ml_checks.values import Map

# Files that hold a trained model and nothing else.
STORED = (".skops", ".onnx", ".joblib", ".keras", ".safetensors", ".pmml", ".cbm", ".pt", ".pth")
# A pickle may hold anything: it counts where its path says so.
PICKLES = (".pkl", ".pickle", ".h5", ".bin")
MODEL_WORDS = frozenset(
    ["classifier", "estimator", "forest", "mlruns", "model", "models", "network", "regressor", "xgb", "xgboost"]
)
# What is kept beside a model, and is none.
BESIDE = frozenset(
    ["data", "dataset", "encoder", "features", "optimizer", "preprocessor", "scaler", "tokenizer", "vocab"]
)
TRAINING = re.compile(r"(?:^|/)(?:train|training|fit|[a-z0-9_]+_train|train_[a-z0-9_]+)\.py$")
# What a script that trains does, whatever library it uses.
TRAINS = re.compile(r"\.(?:fit|train|backward|log_model)\(|\bTrainer\(|\btrain\(")
# Words that name no model.
PLAIN = frozenset(
    re.findall(
        r"[a-z]+",
        """
    app artifact artifacts best bin checkpoint checkpoints classifier code data demo estimator example examples exp
    experiment experiments final fit last latest lib main ml mlruns model models new notebook notebooks out output
    outputs package packages pipeline pipelines project projects regressor run runs sample scripts source src store
    stored test tests train trained training v weights work
    """,
    )
)
# So many are drafted; of more, their owners know which count.
MOST = 12
LONGEST = 40


class Candidate(Record):
    """A model that seems to be made here: its name, and the files that show it."""

    name: str
    files: tuple[str, ...]


def candidates(project: Project, paths: Iterable[str]) -> list[Candidate]:
    """Return the models that files under these paths show, by name."""
    last = name_of(posixpath.basename(project.root.replace("\\", "/"))) or "model"
    found: dict[str, list[str]] = {}
    for path in paths:
        for words in _shown(path, project.source):
            found.setdefault(_named(words) or last, []).append(path)
    return [Candidate(name, tuple(files)) for name, files in sorted(found.items())]


def _shown(path: str, source: Callable[[str], str | None]) -> list[str]:
    """Return a path that names a model, for each that a file shows."""
    folder, name = posixpath.split(path)
    if name == "MLmodel":
        return [folder]
    if name == "dvc.yaml":
        return list(_stages(path, source(path) or ""))
    return [_stem(path)] if _is_stored(path) or _trains(path, source) else []


def _trains(path: str, source: Callable[[str], str | None]) -> bool:
    """Tell whether a file is a script that trains a model."""
    return TRAINING.search(path) is not None and TRAINS.search(source(path) or "") is not None


def _is_stored(path: str) -> bool:
    """Tell whether a file holds a trained model."""
    words = set(re.split(r"[^a-z0-9]+", path.lower()))
    ends = STORED if words.isdisjoint(MODEL_WORDS) else (*STORED, *PICKLES)
    return path.endswith(ends) and words.isdisjoint(BESIDE)


def _stages(path: str, text: str) -> Iterator[str]:
    """Yield what a pipeline of DVC trains: the models that it stores, or else its own folder."""
    try:
        roots = yaml.read(path, text)[0]
    except yaml.UnreadableError:
        return
    folder = posixpath.dirname(path)
    for stages in (root.mapping("stages") for root in maps(roots)):
        if trained := _trained(stages):
            outs = filter(_is_output, chain.from_iterable(map(_outs, trained)))
            yield from (posixpath.join(folder, one) for one in list(map(_stem, outs)) or [""])


def _trained(stages: Map) -> list[Map]:
    """Return the stages that train."""
    return [stages.mapping(name) for name in stages if "train" in name.lower()]


def _stem(path: str) -> str:
    return posixpath.splitext(path)[0]


def _outs(stage: Map) -> Iterator[str]:
    """Yield the paths that a stage writes; one that has settings is a mapping."""
    yield from stage.texts("outs")
    yield from chain.from_iterable(stage.mappings("outs"))


def _is_output(path: str) -> bool:
    return path.endswith((*STORED, *PICKLES))


def _named(path: str) -> str:
    """Return the name that the last telling part of a path gives; nothing where none tells."""
    return next(filter(None, map(name_of, reversed(path.split("/")))), "")


def name_of(words: str) -> str:
    """Return a name as the company writes names, without the words that name nothing; nothing where none is left."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", words)
    parts = re.findall(r"[a-z0-9]+", spaced.lower())
    telling = list(dropwhile(_says_nothing, reversed(list(dropwhile(_is_no_start, parts)))))
    return "_".join(reversed(telling))[:LONGEST].strip("_")


def _says_nothing(word: str) -> bool:
    return word in PLAIN or re.fullmatch(r"v?[0-9]+|[0-9a-f]{16,}", word) is not None


def _is_no_start(word: str) -> bool:
    return word in PLAIN or not word[0].isalpha()
