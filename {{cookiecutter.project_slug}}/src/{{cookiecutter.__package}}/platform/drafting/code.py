"""Writes the three functions of a new model and their tests, as ruff formats them."""

import ast
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..charter import REGRESSION, Model
from ..errors import Stopped
from .rule import Rule

WIDTH = 120
IMPORT = ast.Import | ast.ImportFrom
FEATURES = '"""What each model may know of a row when it predicts."""\n'
BASELINE = '"""The rules that the models must beat."""\n'
MODEL = '"""The models, before they have learned anything."""\n'
IMPORTS = {
    "features": "import polars as pl\n\nfrom .platform.tables import UNCONFIRMED, Tables\n",
    "baseline": "import polars as pl\n\nfrom .platform import rules\n",
    "model": (
        "import polars as pl\nfrom sklearn.ensemble import {estimator}\nfrom sklearn.pipeline import Pipeline\n\n"
        "from .platform.estimators import with_codes\n"
    ),
}
# The names that the functions' own files use.
TAKEN = frozenset(["pl", "Tables", "Pipeline", "UNCONFIRMED", "features", "rules", "tables", "with_codes"])


def features(model: Model, *, knows_target: bool) -> str:
    """Write what the model may know: every field that is known in time, or of which nobody has said when.

    Where the contract lets other models know its target, that is left out by its name.
    """
    known = f'tables.known(tables["{model.rows}"], ("always", "prediction", UNCONFIRMED))'
    body = f'known = {known}\n    return known.drop("{model.target}")' if knows_target else f"return {known}"
    return (
        f"def {model.name}(tables: Tables) -> pl.DataFrame:\n"
        '    """Return all that is known of each row in time, as `availableAt` in the contract says."""\n'
        f"    {body}\n"
    )


def baseline(model: Model, rule: Rule) -> str:
    """Write the rule."""
    body = f"    return {_call(rule)}\n"
    return f'def {model.name}(features: pl.DataFrame) -> pl.Series:\n    """{in_words(model, rule)}"""\n{body}'


def in_words(model: Model, rule: Rule) -> str:
    """Say what the rule does, in one line."""
    if model.kind == REGRESSION:
        what = f"the {model.target} in the middle"
    elif model.has_classes:
        what = f"the commonest {model.target}"
    else:
        what = (
            f"how often {model.target} is {model.positive}" if len(str(model.positive)) < 30 else "how often it is yes"
        )
    rows = "all training rows" if rule.column is None else f"the training rows with a like {rule.column}"
    text = f"Return {what} among {rows}."
    return (
        text.replace("\\", "/").replace('"', "'")
        if len(text) <= WIDTH - 10
        else "Return what was usual among like training rows."
    )


def _call(rule: Rule) -> str:
    """Write the call of a rule: on one line where there is room, as ruff does."""
    if rule.column is None:
        return f"rules.constant(features, {literal(rule.otherwise)})"
    column = f'features["{rule.column}"]'
    if rule.bounds:
        arguments = [column, f"bounds={_sequence(rule.bounds)}", f"values={_sequence(rule.steps)}"]
        name = "by_bound"
    else:
        values = [f"{literal(word)}: {literal(answer)}" for word, answer in rule.answers.items()]
        words = _wrapped("{", values, "}", indent=8, before=16)
        arguments, name = [column, f"values={words}"], "by_value"
    arguments.append(f"otherwise={literal(rule.otherwise)}")
    return _wrapped(f"rules.{name}(", arguments, ")", indent=4, before=len("    return "))


def _wrapped(start: str, parts: Iterable[str], end: str, *, indent: int, before: int) -> str:
    parts = list(parts)
    flat = f"{start}{', '.join(parts)}{end}"
    if before + len(flat) <= WIDTH and "\n" not in flat:
        return flat
    inner = " " * (indent + 4)
    return start + "\n" + "".join(f"{inner}{part},\n" for part in parts) + " " * indent + end


def _sequence(values: Iterable[Any]) -> str:
    parts = [literal(value) for value in values]
    return f"({parts[0]},)" if len(parts) == 1 else _wrapped("(", parts, ")", indent=8, before=16)


def literal(value: Any) -> str:
    """Write a value as Python, with the quotes that ruff takes."""
    if not isinstance(value, str):
        return repr(value)
    return (
        f"'{value}'"
        if '"' in value and "'" not in value and "\\" not in value
        else json.dumps(value, ensure_ascii=False)
    )


def added(path: Path, imports: str, function: str, name: str) -> str:
    """Return a file of the user's with one more function at its end, and the imports that it needs."""
    text = path.read_text(encoding="utf-8")
    if function in text:
        return text
    tree = _tree(path, text)
    if any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body):
        message = f"{path.as_posix()} has a function {name} already: give the model another --name"
        raise Stopped(message)
    return _with_imports(text, tree, imports).rstrip() + f"\n\n\n{function}"


def _tree(path: Path, text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        message = f"{path.as_posix()} line {error.lineno} is not valid Python: correct it first"
        raise Stopped(message) from error


def _with_imports(text: str, tree: ast.Module, imports: str) -> str:
    """Add the imports that are missing: to the names of the same module, or below the others of their kind."""
    there, lines = _imported(tree), text.splitlines(keepends=True)
    for line in imports.splitlines():
        if _imported(ast.parse(line)) <= there:
            continue
        module, _, name = line.partition(" import ")
        same = [at for at, other in enumerate(lines) if other.startswith(f"{module} import ") and "(" not in other]
        if same and module.startswith("from "):
            names = {*lines[same[0]].strip().partition(" import ")[2].split(", "), name}
            lines[same[0]] = f"{module} import {', '.join(sorted(names))}\n"
        else:
            lines.insert(_place_of_imports(ast.parse("".join(lines)), is_relative="from ." in line), f"{line}\n")
    return "".join(lines)


def _imported(tree: ast.Module) -> set[str]:
    return {alias.asname or alias.name for node in tree.body if isinstance(node, IMPORT) for alias in node.names}


def _is_relative(node: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(node, ast.ImportFrom) and node.level > 0


def _place_of_imports(tree: ast.Module, *, is_relative: bool) -> int:
    """Return the number of the last line of the imports; without any, that of the module's docstring, or 0.

    What is imported from the project itself comes last.
    """
    docstring = tree.body[:1] if ast.get_docstring(tree) is not None else []
    imports = [node for node in tree.body if isinstance(node, IMPORT) and (is_relative or not _is_relative(node))]
    nodes = imports or docstring
    return max((node.end_lineno or 0 for node in nodes), default=0)


def estimator(model: Model) -> str:
    """Name the class of the model."""
    return f"HistGradientBoosting{'Regressor' if model.kind == REGRESSION else 'Classifier'}"


def function_of_model(model: Model, texts: Iterable[str]) -> str:
    """Write the function that returns the model."""
    settings = 'loss="absolute_error", ' if model.kind == REGRESSION else ""
    made = f"{estimator(model)}({settings}early_stopping=False, random_state=0)"
    arguments = ["features", made]
    if texts := list(texts):
        arguments.append(f"texts={_sequence(texts)}")
    call = _wrapped("with_codes(", arguments, ")", indent=4, before=len("    return "))
    return (
        f"def {model.name}(features: pl.DataFrame) -> Pipeline:\n"
        '    """Return gradient boosted trees with their usual settings: a place to begin."""\n'
        f"    return {call}\n"
    )


def tests(model: Model) -> str:
    """Write the tests of the three functions."""
    return f'''"""The three functions of {model.name}, on the data of the project."""

import polars as pl
import pytest

from .. import baseline, features, model
from ..platform.tables import Tables
from .conftest import PROJECT


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> pl.DataFrame:
    monkeypatch.chdir(PROJECT)
    return features.{model.name}(Tables("{model.id}"))


def test_no_feature_tells_the_outcome(known: pl.DataFrame) -> None:
    assert known.columns[0] == "{model.id}"
    assert "{model.target}" not in known.columns


def test_the_rule_answers_for_each_row(known: pl.DataFrame) -> None:
    answers = baseline.{model.name}(known)
    assert len(answers) == len(known)
    assert answers.null_count() == 0


def test_the_model_learns_from_the_features(known: pl.DataFrame) -> None:
    some = known.drop("{model.id}").head(200)
    fitted = model.{model.name}(some).fit(some, [row % 2 for row in range(len(some))])
    assert len(fitted.predict(some)) == len(some)
'''
