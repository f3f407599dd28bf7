"""Makes a model of a table: looks at the file, asks what only a person can know, and writes all that a run needs."""

import builtins
import keyword
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import yaml

from .. import PROGRAM, charter, contract, gate, split, tables, task
from ..charter import AT_RANDOM, BY_GROUP, BY_TIME, CLASSIFICATION, REGRESSION, Charter, Decision, Model, Split
from ..contract import Contract
from ..errors import Stopped
from ..files import write
from ..say import say
from ..suspects import Suspect, suspects
from . import code, documents, example, kinds, rule, table
from .kinds import Answers, Question
from .names import dataset_name
from .table import ID, ROW_NUMBER, Column, Given, Table
from .vocabulary import Vocabulary, vocabulary

HELD_OUT, TOP_SHARE = 0.25, 0.2
MAX_CLASSES = 20
# What git takes without a large-file store; the hook check-added-large-files has the same limit.
MAX_BYTES = 2_048 * 1_024
REVIEW_DAYS = 180
README, METADATA = Path("README.md"), Path("pyproject.toml")
ABOUT = f"Which decision it improves is in [{charter.FILE}]({charter.FILE}), as `decision`.\n"
# What is about a person and no name of one: a model may have to read it.
TRAITS = ("gender", "health", "income", "birth_date")
# The moments that the drafted function of the features names.
KNOWN = (documents.KNOWN, "prediction", tables.UNCONFIRMED)
PACKAGE = __name__.split(".", maxsplit=1)[0]
SOURCE = Path("src") / PACKAGE


class Wish(NamedTuple):
    """What the command line says."""

    file: Path
    target: str
    id: str | None = None
    time: str | None = None
    group: str | None = None
    positive: str | None = None
    kind: str | None = None
    name: str | None = None
    given: Given = Given()
    answers: Answers = Answers()
    keeps_example: bool = False
    is_dry: bool = False


class Plan(NamedTuple):
    """What is written and what is taken out, and what is said of it. Nothing happens before all of it is known."""

    written: dict[Path, str]
    copied: tuple[tuple[Path, Path], ...]
    removed: tuple[Path, ...]
    remarks: tuple[str, ...]


class Drafted(NamedTuple):
    """A table, the contract that it had before, and the model of it."""

    seen: Table
    agreed: Contract | None
    model: Model


def use(project: Charter, wish: Wish) -> None:
    """Draft all that a model of a table needs, and say what is left to write."""
    words = vocabulary()
    agreed = under_contract(wish, words)
    asking = kinds.ambiguous(wish.answers, ask)
    seen = table.agreed(agreed) if agreed else table.look_at(wish.file, wish.target, wish.given, asking, words)
    model = model_of(wish, seen, agreed)
    if model in project.models:
        say("nothing", f"{charter.FILE} has this model already, under the name {model.name}")
        return
    plan = planned(project, wish, Drafted(seen, agreed, model), words)
    tell(plan, seen, is_dry=wish.is_dry)
    if not wish.is_dry:
        carry_out(plan)
        say("next", f"uv run {PROGRAM} run")


def under_contract(wish: Wish, words: Vocabulary) -> Contract | None:
    """Return the contract that the file has already: another model may learn from the same rows."""
    if not wish.file.is_file():
        message = f"{wish.file} is missing: name a file that is there"
        raise Stopped(message)
    dataset = dataset_name(wish.file.stem, words)
    if not _contract_of(dataset).is_file():
        return None
    found, (data, _) = contract.load(dataset), _data(wish.file, dataset)
    return found if found.data == data.as_posix() else None


def _contract_of(dataset: str) -> Path:
    return contract.FOLDER / f"{dataset}.odcs.yaml"


def ask(question: Question) -> str:
    """Ask on a terminal, until the answer is one of the choices; elsewhere, stop and name the option."""
    if not sys.stdin.isatty():
        options = " or ".join(f"--{question.option} {choice}" for choice in question.choices)
        message = f"{question.text} Say it with {options}"
        raise Stopped(message)
    while True:
        answer = input(f"{question.text} [{' / '.join(question.choices)}] ").strip()
        if answer in question.choices:
            return answer


def model_of(wish: Wish, seen: Table, agreed: Contract | None) -> Model:
    """Return the model's entry."""
    target = seen.column(wish.target)
    if seen.rows[target.name].is_null().all():
        message = f"{target.source} is empty in each row: name the column that is to be predicted"
        raise Stopped(message)
    kind, positive = _task(wish, seen, target)
    return Model(
        name=_name(wish, seen, vocabulary().without_truth(target.name)),
        stage=charter.STAGES[0],
        kind=kind,
        rows=seen.dataset,
        id=agreed.keys[0] if agreed and len(agreed.keys) == 1 else _identifier(wish, seen, target),
        target=target.name,
        positive=positive,
        split=_split(wish, seen),
        decision=Decision(TOP_SHARE) if positive is not None else None,
    )


def _name(wish: Wish, seen: Table, usual: str) -> str:
    name = wish.name or usual
    if wish.name and not charter.NAME.fullmatch(wish.name):
        message = f"--name {wish.name!r}: write a name of small letters, digits and underscores"
        raise Stopped(message)
    # It becomes the name of functions, beside the names that their files import.
    is_taken = keyword.iskeyword(name) or keyword.issoftkeyword(name) or hasattr(builtins, name) or name in code.TAKEN
    if is_taken and wish.name:
        message = f"--name {name!r} means something else in Python: choose another one"
        raise Stopped(message)
    return f"{seen.dataset}_{name}" if is_taken else name


def _task(wish: Wish, seen: Table, target: Column) -> tuple[str, Any]:
    """Return the kind of task, and the value that counts as yes."""
    values = seen.rows[target.name].drop_nulls()
    if values.n_unique() == 1:
        message = f"{target.source} is always {values[0]!r}: nothing can be learned from that"
        raise Stopped(message)
    if wish.positive is not None:
        return CLASSIFICATION, _positive(wish.positive, values, target)
    _refuse_type(wish, target)
    if target.type == "boolean":
        return CLASSIFICATION, True
    found = values.unique().sort()
    if not target.kind.is_number:
        return CLASSIFICATION, _positive_word(found, target, len(values))
    if found.to_list() == [0, 1] and wish.kind != REGRESSION:
        return CLASSIFICATION, 1
    return wish.kind or _kind_of_numbers(found, target), None


def _refuse_type(wish: Wish, target: Column) -> None:
    """Stop where the target is of a type that no model here predicts."""
    if target.type in ("date", "timestamp"):
        message = f"{target.source} is a {target.type}: a model predicts numbers, classes, or yes and no"
        raise Stopped(message)
    if wish.kind == REGRESSION and not target.kind.is_number:
        message = f"{target.source} holds words, which are no numbers to predict: leave --kind out"
        raise Stopped(message)


def _positive_word(found: pl.Series, target: Column, count: int) -> str | None:
    """Return which of two words counts as yes; None where there are more, which are classes."""
    if len(found) == 2:
        first, second = found
        text = f"{target.source} is {first!r} or {second!r}: which one counts as yes?"
        return ask(Question("positive", (first, second), text))
    if len(found) > max(MAX_CLASSES, count // 10):
        message = f"{target.source} has {len(found):,} different words in {count:,} rows: too few of each to learn from"
        raise Stopped(message)
    return None


def _kind_of_numbers(found: pl.Series, target: Column) -> str:
    if target.type != "integer" or len(found) > MAX_CLASSES:
        return REGRESSION
    numbers = f"{len(found)} whole numbers, from {found[0]} to {found[-1]}"
    text = f"{target.source} has {numbers}: are they classes, or amounts?"
    return ask(Question("kind", (CLASSIFICATION, REGRESSION), text))


def _positive(said: str, values: pl.Series, target: Column) -> Any:
    """Return the value that counts as yes, as the contract has it."""
    if charter.bound(said) and values.dtype.is_numeric():
        return said
    spelt = {str(value).lower(): value for value in values.unique().to_list()}
    written = {target.kind.true_value: True, target.kind.false_value: False} if target.type == "boolean" else {}
    found = spelt.get(said.lower(), written.get(said.lower()))
    if found is None:
        shown = ", ".join(repr(value) for value in values.unique().sort().head(5).to_list())
        message = f"--positive {said!r} is no value of {target.source}: it has {shown}"
        raise Stopped(message)
    return found


def _identifier(wish: Wish, seen: Table, target: Column) -> str:
    if wish.id:
        column = seen.column(wish.id)
        if why := _no_identifier(seen.rows[column.name]):
            message = f"--id {wish.id}: it is {why}, so it does not identify them"
            raise Stopped(message)
        return column.name
    named = (column.name for column in seen.columns if column.name.split("_")[-1] == ID and column is not target)
    return next((name for name in named if not _no_identifier(seen.rows[name])), ROW_NUMBER)


def _no_identifier(values: pl.Series) -> str | None:
    """Say why values do not tell rows apart; None where they do."""
    if values.null_count():
        return "empty in some rows"
    twice = values.is_duplicated()
    return f"{values.filter(twice)[0]!r} in two rows" if twice.any() else None


def _split(wish: Wish, seen: Table) -> Split:
    by, called = (BY_TIME, wish.time) if wish.time else (BY_GROUP, wish.group) if wish.group else (AT_RANDOM, None)
    if called is None:
        return Split(by, None, HELD_OUT)
    column = seen.column(called)
    if by == BY_TIME and column.type not in ("date", "timestamp", "integer"):
        message = f"--time {called} is a {column.type}: name a column of days or times, or use --group"
        raise Stopped(message)
    values = seen.rows[column.name]
    count = (values.dt.date() if column.type == "timestamp" else values).n_unique()
    if few := split.too_few(count, HELD_OUT):
        what = "days" if column.type == "timestamp" else "different values"
        message = f"--{by} {called} has {count} {what}, {few}: name another column, or leave --{by} out"
        raise Stopped(message)
    return Split(by, column.name, HELD_OUT)


def planned(project: Charter, wish: Wish, drafted: Drafted, words: Vocabulary) -> Plan:
    """Work out all that is to be written; stop where it would overwrite what somebody wrote."""
    seen, agreed, model = drafted
    if model.name in {one.name for one in project.models}:
        message = f"{charter.FILE} has a model {model.name} already: give the new one another --name"
        raise Stopped(message)
    data, copied = _data(wish.file, seen.dataset)
    personal = _personal(seen, words)
    identifiers = table.identifiers(seen, model.target) | _names_of_persons(personal)
    subject = documents.Subject(model, seen, project.owner, words, data.as_posix(), identifiers, personal)
    place = _contract_of(seen.dataset)
    written = {} if agreed else {place: documents.contract(subject)}
    written |= {
        _contract_of(model.predictions): documents.predictions(subject),
        gate.path_of(model): documents.gate(model, split.unit_of(model)),
        Path("models") / model.name / "README.md": _card(subject),
        SOURCE / "tests" / f"test_{model.name}.py": code.tests(model),
    }
    _refuse_to_overwrite(written)
    source = agreed or contract.of(place, yaml.safe_load(written[place]))
    answers, suspicious = chosen_rule(model, seen, source, personal)
    removed, kept = _example(project, wish)
    knows_target = source.field(model.target).available_at in KNOWN
    written |= _functions(drafted, answers, knows_target=knows_target, is_fresh=_is_only_example(project, wish))
    written |= _charter(model, wish)
    written |= _pages(wish)
    if copied and wish.file.stat().st_size > MAX_BYTES:
        written |= _ignored(data)
        kept = [*kept, f"{data.as_posix()} is too large for git (.gitignore): keep it where others find it"]
    remarks = (
        *seen.remarks,
        f"rule: {code.in_words(model, answers)}",
        *_about_persons(seen, personal, words),
        *_about_decision(model),
        *_about_identifiers(identifiers),
        *(suspect.why for suspect in suspicious),
        *kept,
    )
    return Plan(written, copied, removed, remarks)


def chosen_rule(
    model: Model, seen: Table, source: Contract, personal: Collection[str]
) -> tuple[rule.Rule, list[Suspect]]:
    """Return the rule that is best on the rows to learn from, and the columns that may give the outcome away.

    The rule reads none of these, nor what is about a person: its words stand in the code.
    """
    rows = seen.rows
    if model.id == ROW_NUMBER:
        rows = rows.with_row_index(ROW_NUMBER, offset=1)
    task.check(model, source)
    parts = split.split(rows, model, source)
    learned = task.settled(parts.train, model)
    used = [field for field in tables.in_time(source.fields, KNOWN) if field.name != model.target]
    features = learned.select(column for field in used for column in tables.columns(field))
    labels = task.labels(learned, model)
    task.refuse_constant(labels, model, "training")
    found = suspects(features, labels, model)
    hidden = {column for suspect in found for column in suspect.columns}.union(personal)
    return rule.best(features.drop(hidden, strict=False), labels, model), found


def _data(file: Path, dataset: str) -> tuple[Path, tuple[tuple[Path, Path], ...]]:
    """Return where the data lies in the project, and what has to be copied to get there."""
    path, root = file.resolve(), Path.cwd().resolve()
    if path.is_relative_to(root) and not path.is_relative_to(root / "outputs"):
        return path.relative_to(root), ()
    place = Path("data") / f"{dataset}{file.suffix.lower()}"
    if place.exists() and place.read_bytes() != file.read_bytes():
        message = f"{place} is there already, with other rows: rename {file.name}, or move {place} away"
        raise Stopped(message)
    return place, () if place.exists() else ((file, place),)


def _ignored(data: Path) -> dict[Path, str]:
    """Keep a file out of git."""
    path = Path(".gitignore")
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return {path: f"{text}/{data.as_posix()}\n"}


def _card(subject: documents.Subject) -> str:
    stated = charter.read_yaml(charter.FILE)
    review_by = stated.get("review_by") or datetime.now(UTC).date() + timedelta(days=REVIEW_DAYS)
    return documents.card(subject, package=PACKAGE, review_by=review_by, licence=_licence())


def _licence() -> str:
    """Return the licence that the project's other cards name."""
    for path in sorted(Path("models").glob("*/README.md")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("license: "):
                return line.removeprefix("license: ")
    return "other"


def _refuse_to_overwrite(written: Mapping[Path, str]) -> None:
    for path, text in written.items():
        if path.is_file() and path.read_text(encoding="utf-8") != text and not example.is_untouched(path):
            advice = "give the model another --name, or move the file away"
            message = f"{path.as_posix()} is there already, and nothing was written: {advice}"
            raise Stopped(message)


def _example(project: Charter, wish: Wish) -> tuple[tuple[Path, ...], list[str]]:
    """Return the files of the example that nobody touched, and what is said of the others."""
    if wish.keeps_example:
        return (), []
    files = [*chain.from_iterable(map(_files_of, _models_of_example(project)))]
    untouched = tuple(filter(example.is_untouched, files))
    changed = [path.as_posix() for path in files if path not in untouched]
    if example.has_blocks(_without_example()):
        changed = [f"a part of the example in {charter.FILE}", *changed]
    return untouched, [f"{what} was changed and stays: remove it when you need it no more" for what in changed]


def _models_of_example(project: Charter) -> list[Model]:
    """Return the models whose entries stand between the marks of the example, as the template made them."""
    left = yaml.safe_load(_without_example()) or {}
    names = {entry["name"] for entry in left.get("models") or ()}
    return [model for model in project.models if model.name not in names]


def _is_only_example(project: Charter, wish: Wish) -> bool:
    """Tell whether no model of the project stays, and so none of its functions."""
    return not wish.keeps_example and len(_models_of_example(project)) == len(project.models)


def _without_example(instead: str = "") -> str:
    """Return project.yaml without what the template made of the example in it."""
    text, first = charter.FILE.read_text(encoding="utf-8"), example.original(charter.FILE)
    if first is None:
        message = (
            "git does not know how the project began, so that your work cannot be told from the example: "
            "`git fetch --unshallow` if this is a shallow clone, else commit it first, or say --keep-example"
        )
        raise Stopped(message)
    return example.without_blocks(text, first, instead)


def _files_of(model: Model) -> Iterator[Path]:
    """Yield the files of a model that are there."""
    card = Path("models") / model.name / "README.md"
    contracts = {contract.FOLDER / f"{name}.odcs.yaml" for name in (model.rows, model.predictions)}
    if card.is_file():
        front = next(iter(yaml.safe_load_all(card.read_text(encoding="utf-8").split("\n---", 1)[0])), None) or {}
        contracts |= {Path(path) for path in front.get("inputs", ())}
    data = {Path(contract.load(path.name.partition(".")[0]).data) for path in contracts if path.is_file()}
    tests = SOURCE / "tests" / f"test_{model.name}.py"
    candidates = [card, tests, *sorted((gate.FOLDER / model.name).glob("*")), *sorted(contracts), *sorted(data)]
    return (path for path in candidates if path.is_file())


def _functions(drafted: Drafted, answers: rule.Rule, *, knows_target: bool, is_fresh: bool) -> dict[Path, str]:
    """Write a function into each of the three files; if `is_fresh`, in the place of what nobody touched there."""
    model, texts = drafted.model, sorted(table.texts(drafted.seen) - {drafted.model.target})
    functions = {
        "features": (code.FEATURES, code.features(model, knows_target=knows_target)),
        "baseline": (code.BASELINE, code.baseline(model, answers)),
        "model": (code.MODEL, code.function_of_model(model, texts)),
    }
    return {
        SOURCE / f"{name}.py": _with_function(SOURCE / f"{name}.py", name, head, function, model, is_fresh=is_fresh)
        for name, (head, function) in functions.items()
    }


def _with_function(path: Path, name: str, head: str, function: str, model: Model, *, is_fresh: bool) -> str:
    imports = code.IMPORTS[name].replace("{estimator}", code.estimator(model))
    if not path.is_file() or (is_fresh and example.is_untouched(path)):
        return f"{head}\n{imports}\n\n{function}"
    return code.added(path, imports, function, model.name)


def _charter(model: Model, wish: Wish) -> dict[Path, str]:
    """Add the entry to project.yaml; texts of the example give way to gaps."""
    text = charter.FILE.read_text(encoding="utf-8")
    if not wish.keeps_example:
        text = _without_example(documents.charter_texts(model, has_decision=_has_decision()))
    return {charter.FILE: with_entry(text, documents.entry(model))}


def with_entry(text: str, entry: str) -> str:
    """Return project.yaml with one more entry at the end of its models."""
    node = yaml.compose(text)
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    for key, value in pairs:
        if key.value == "models":
            if isinstance(value, yaml.SequenceNode) and value.value:
                return _inserted(text, value.value[-1].end_mark.index, entry, value)
            lines = text.splitlines(keepends=True)
            lines[key.start_mark.line] = "models:\n"
            return "".join([*lines[: key.start_mark.line + 1], entry, *lines[key.start_mark.line + 1 :]])
    return f"{text.rstrip()}\n\nmodels:\n{entry}"


def _inserted(text: str, index: int, entry: str, models: yaml.SequenceNode) -> str:
    """Put an entry after the last one, as far to the right as the others begin."""
    if models.flow_style:
        message = f"{charter.FILE}: write `models` as a list with a line for each entry, then say this again"
        raise Stopped(message)
    before, after = text[:index].rstrip("\n ") + "\n", text[index:]
    indent = " " * models.start_mark.column
    moved = "".join(f"{indent}{line[2:]}" for line in entry.splitlines(keepends=True))
    return before + moved + (f"\n{after.lstrip()}" if after.strip() else "")


def _has_decision() -> bool:
    """Tell whether somebody has said which decision the project improves: the example's is taken out."""
    return "decision" in (yaml.safe_load(_without_example()) or {})


def _pages(wish: Wish) -> dict[Path, str]:
    """Take the example out of the pages that speak of the whole project."""
    if wish.keeps_example:
        return {}
    instead = {README: "" if _has_decision() else ABOUT, METADATA: ""}
    before = {path: path.read_text(encoding="utf-8") for path in instead if path.is_file()}
    after = {path: example.without_blocks(text, example.original(path), instead[path]) for path, text in before.items()}
    return {path: text for path, text in after.items() if text != before[path]}


def _personal(seen: Table, words: Vocabulary) -> dict[str, str]:
    """Return the columns that seem to hold something of a person, and what."""
    texts = {
        column.name: seen.rows[column.name].drop_nulls().unique(maintain_order=True) if column.type == "string" else ()
        for column in seen.columns
    }
    return {name: kind for name, values in texts.items() if (kind := words.personal_kind(name, values))}


def _names_of_persons(personal: Mapping[str, str]) -> frozenset[str]:
    return frozenset(name for name, kind in personal.items() if kind not in TRAITS)


def _about_persons(seen: Table, personal: Mapping[str, str], words: Vocabulary) -> Iterator[str]:
    for column in seen.columns:
        if kind := personal.get(column.name):
            like = kind.replace("_", " ")
            yield f"{column.source} looks personal, like {like}: its contract says {words.personal_classification}"


def _about_decision(model: Model) -> Iterator[str]:
    if model.decision and model.decision.top_share:
        share = f"{model.decision.top_share:.0%}"
        where = f"change `decision` in {charter.FILE}"
        yield f"the {share} of the rows with the highest scores are chosen, for something to be done: {where}"


def _about_identifiers(identifiers: frozenset[str]) -> Iterator[str]:
    for name in sorted(identifiers):
        yield (
            f"{name} is another one in nearly each row: it only tells rows apart, and the model does not read it; "
            "if it says more, take its `role` out of its contract"
        )


def tell(plan: Plan, seen: Table, *, is_dry: bool) -> None:
    """Say what was seen, what is written and what is left to write."""
    say("table", f"{seen.path.name}: {len(seen.rows):,} rows, {len(seen.columns)} columns")
    for remark in plan.remarks:
        say("attention", remark)
    if is_dry:
        say("dry run", "nothing is done; without --dry-run it would be:")
    for path in [*plan.written, *(place for _, place in plan.copied)]:
        say("written", path.as_posix())
    for path in plan.removed:
        say("taken out", path.as_posix())
    for path, text in plan.written.items():
        count = sum(documents.TODO in line for line in text.splitlines())
        if count and path != README:  # which only speaks of it
            say("left", f"{count} x {documents.TODO} in {path.as_posix()}")


def carry_out(plan: Plan) -> None:
    """Write and take out; project.yaml last, so that a run that was cut short can be said again."""
    for file, place in plan.copied:
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished = place.with_name(f".{place.name}.part")
        shutil.copyfile(file, unfinished)
        unfinished.replace(place)
    last = charter.FILE
    for path, text in plan.written.items():
        if path != last:
            write(path, text)
    for path in plan.removed:
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    write(last, plan.written[last])
