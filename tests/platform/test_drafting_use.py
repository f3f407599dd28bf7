"""A table that the project has never seen becomes a model in one command, and nothing of anybody's is lost."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
import yaml
from flight_delays.platform import charter
from flight_delays.platform.__main__ import main
from flight_delays.platform.drafting import use
from flight_delays.tests.conftest import PROJECT, Finished, command, git

if TYPE_CHECKING:
    from collections.abc import Iterable

SOURCE = Path("src/flight_delays")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a fresh copy of the whole project, with its first commit."""
    folder = tmp_path / "project"
    git(PROJECT, "clone", "--quiet", "--local", str(PROJECT), str(folder))
    monkeypatch.chdir(folder)
    return folder


def run(folder: Path, *arguments: str) -> Finished:
    """Run a command of the copy by its own code."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    words = [sys.executable, "-m", "flight_delays.platform", *arguments]
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)
    return Finished(folder, done.returncode, done.stdout, done.stderr)


def shop(folder: Path, rows: int = 400) -> Path:
    """Make a table of customers: who comes seldom and spends much, or often and little, leaves; no one column tells."""
    dice = random.Random(0)  # noqa: S311 - no secret
    lines = ["Customer ID;Signup;Plan;Visits;Spent (EUR);Age;Left?"]
    for number in range(1, rows + 1):
        visits = dice.randint(0, 18)
        amount = dice.uniform(0, 900)
        left = "yes" if ((visits < 8) == (amount > 450)) != (dice.random() < 0.1) else "no"
        spent = f"{amount:.2f}".replace(".", ",")
        lines.append(
            f"C{number:04};{number % 28 + 1}.{number % 12 + 1}.2024;{dice.choice('AB')};{visits};{spent};NA;{left}"
        )
    path = folder / "My Shop.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return shop(tmp_path)


def tracked(folder: Path) -> dict[str, bytes]:
    """Return all files of a project but git's and what runs write."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not {".git", "outputs", "__pycache__", "platform"} & set(path.relative_to(folder).parts)
    }


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Give a command that is refused, and return the sentence."""
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    return said.err.removeprefix("flight-delays: ").strip()


def test_a_table_becomes_a_model_that_runs(project: Path, table: Path) -> None:
    done = command(project, "use", str(table), "--target", "Left?", "--time", "Signup")
    assert (done.code, done.errors) == (0, "")
    entry = charter.load().models
    assert [(model.name, model.kind, model.rows, model.id, model.target, model.positive) for model in entry] == [
        ("left", "classification", "my_shop", "customer_id", "is_left", True)
    ]
    assert entry[0].split == ("time", "signup_date", 0.25)
    contract = yaml.safe_load(Path("contracts/my_shop.odcs.yaml").read_text("utf-8"))
    assert {field["name"]: field["logicalType"] for field in contract["schema"][0]["properties"]} == {
        "customer_id": "string",
        "signup_date": "date",
        "plan": "string",
        "visits": "integer",
        "spent_eur": "number",
        "age": "string",
        "is_left": "boolean",
    }
    ran = run(project, "run")
    assert (ran.code, ran.errors) == (0, "")
    assert "gate        pass: roc_auc (difference to the rule) > 0.0" in ran.output


def test_the_example_is_gone_in_the_same_step(project: Path, table: Path) -> None:
    command(project, "use", str(table), "--target", "Left?")
    left = [path for path, content in tracked(project).items() if WORDS.search(content)]
    assert left == []
    assert not [path for path in tracked(project) if "late_arrival" in path or "sample" in path]


@pytest.mark.parametrize("again", [1, 2])
def test_twice_is_once(project: Path, table: Path, again: int) -> None:
    wish = ("use", str(table), "--target", "Left?")
    command(project, *wish)
    before = tracked(project)
    for _ in range(again):
        done = command(project, *wish)
        assert (done.code, done.output) == (0, "nothing     project.yaml has this model already, under the name left\n")
    assert tracked(project) == before


def test_a_dry_run_says_all_and_does_nothing(project: Path, table: Path) -> None:
    before = tracked(project)
    done = command(project, "use", str(table), "--target", "Left?", "--dry-run")
    assert done.code == 0
    assert "written     contracts/my_shop.odcs.yaml" in done.output
    assert "taken out   contracts/flights.odcs.yaml" in done.output
    assert tracked(project) == before


def test_the_example_may_stay(project: Path, table: Path) -> None:
    before = tracked(project)
    done = command(project, "use", str(table), "--target", "Left?", "--keep-example")
    assert done.code == 0
    assert [model.name for model in charter.load().models] == ["late_arrival", "left"]
    assert set(before) <= set(tracked(project))
    assert run(project, "run").code == 0


# Of the example. What the project is called, who owns it and which decision it is for was said by its owner.
WORDS = re.compile(rb"flights\b|weather|late_arrival|airport|arrival_delay")
CHANGED = (
    "contracts/weather.odcs.yaml",
    "src/flight_delays/features.py",
    "README.md",
    "project.yaml",
    "data/sample/weather.csv",
)


@pytest.mark.parametrize("path", CHANGED)
def test_what_somebody_wrote_stays(project: Path, table: Path, path: str) -> None:
    place = project / path
    written = place.read_text("utf-8").replace("weather", "climate").replace("2013", "2014") + "# mine\n"
    place.write_text(written, encoding="utf-8")
    done = command(project, "use", str(table), "--target", "Left?")
    assert done.code == 0
    kept = place.read_text("utf-8").splitlines()
    lost = [line for line in written.splitlines() if line not in kept]
    # Of a page, the parts that nobody touched may go.
    original = git(project, "show", f"HEAD:{path}").splitlines()
    assert not [line for line in lost if line not in original]
    assert "# mine" in kept


@pytest.mark.parametrize(
    "path", ["contracts/my_shop.odcs.yaml", "models/left/README.md", "gates/left/feasibility.yaml", "data/my_shop.csv"]
)
def test_a_file_of_that_name_is_not_overwritten(
    project: Path, table: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / path).parent.mkdir(parents=True, exist_ok=True)
    other = "contracts/flights.odcs.yaml" if path.endswith(".odcs.yaml") else "README.md"
    shutil.copy(project / other, project / path)
    before = tracked(project)
    assert f"{path} is there already" in refused(capsys, "use", str(table), "--target", "Left?")
    assert tracked(project) == before


@pytest.mark.parametrize("step", range(1, 12, 2))
def test_a_use_that_was_cut_short_is_said_again(
    project: Path, table: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    wish = ("use", str(table), "--target", "Left?")
    steps: list[Path] = []
    write = use.write

    def cut(path: Path, text: str) -> Path:
        steps.append(path)
        if len(steps) == step:
            raise KeyboardInterrupt
        return write(path, text)

    monkeypatch.setattr(use, "write", cut)
    first = command(project, *wish)
    monkeypatch.setattr(use, "write", write)
    assert first.code == (130 if len(steps) == step else 0)
    assert command(project, *wish).code == 0
    after = tracked(project)
    git(project, "stash", "--quiet", "--include-untracked")
    command(project, *wish)
    assert tracked(project) == after


def test_a_second_model_comes_beside_the_first(project: Path, table: Path) -> None:
    command(project, "use", str(table), "--target", "Left?")
    other = shop(table.parent, 300)
    done = command(project, "use", str(other.rename(table.parent / "other.csv")), "--target", "Spent (EUR)")
    assert (done.code, done.errors) == (0, "")
    assert [model.name for model in charter.load().models] == ["left", "spent_eur"]
    for name in ("features", "baseline", "model"):
        text = (project / SOURCE / f"{name}.py").read_text("utf-8")
        assert [text.count(f"def {model}(") for model in ("left", "spent_eur")] == [1, 1]
    ran = run(project, "run")
    assert ran.code in (0, 1)
    assert len(list((project / "outputs/predictions").glob("*.csv"))) == 2


def test_a_second_model_of_the_same_rows_keeps_their_contract(project: Path, table: Path) -> None:
    command(project, "use", str(table), "--target", "Left?")
    contract = project / "contracts/my_shop.odcs.yaml"
    contract.write_text(contract.read_text("utf-8").replace("version: 0.1.0", "version: 0.2.0"), "utf-8")
    wish = ("use", str(table), "--target", "Plan", "--positive", "B")
    done = command(project, *wish)
    assert (done.code, done.errors) == (0, "")
    assert "version: 0.2.0" in contract.read_text("utf-8")
    assert [(model.name, model.id) for model in charter.load().models] == [
        ("left", "customer_id"),
        ("plan", "customer_id"),
    ]
    # The plan may tell who leaves, and does not tell itself.
    functions = (project / SOURCE / "features.py").read_text("utf-8")
    assert functions.count('known.drop("plan")') == 1
    assert functions.count(".drop(") == 1
    before = tracked(project)
    assert command(project, *wish).output.startswith("nothing ")
    assert tracked(project) == before
    assert run(project, "run", "--model", "plan").code == 1


def test_a_column_that_gives_the_outcome_away_is_named(project: Path, table: Path) -> None:
    rows = table.read_text("utf-8").splitlines()
    told = [f"{row};{'2024-05-01' if row.endswith('yes') else ''}" for row in rows[1:]]
    table.write_text("\n".join([f"{rows[0]};Closed", *told]), "utf-8")
    done = command(project, "use", str(table), "--target", "Left?")
    assert [line for line in done.output.splitlines() if line.startswith("attention") and "closed" in line]


def test_of_persons_nothing_stands_in_the_code_or_the_contract(project: Path, table: Path) -> None:
    rows = table.read_text("utf-8").splitlines()
    named = [f"{row};{'Ada' if row.endswith('yes') else 'Bert'};{row[:5]}@b.org" for row in rows[1:]]
    table.write_text("\n".join([f"{rows[0]};First Name;Mail", *named]), "utf-8")
    done = command(project, "use", str(table), "--target", "Left?")
    assert "First Name looks personal, like person name: its contract says confidential" in done.output
    assert not [path for path, text in tracked(project).items() if b"Bert" in text and not path.startswith("data/")]
    ran = run(project, "run")
    assert "first_name" not in ran.output


def test_new_words_and_numbers_are_no_fault(project: Path, table: Path) -> None:
    command(project, "use", str(table), "--target", "Left?")
    run(project, "run")
    (project / "new.csv").write_text(
        "Customer ID;Signup;Plan;Visits;Spent (EUR);Age\nX1;1.1.2030;Z;99;5000,5;NA\n", encoding="utf-8"
    )
    done = run(project, "predict", "--input", "new.csv")
    assert (done.code, done.errors) == (0, "")


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("option", ["--time", "--group"])
def test_too_few_moments_or_groups_to_judge_by_are_refused(
    table: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(capsys, "use", str(table), "--target", "Left?", option, "Visits")
    assert said.startswith(f"{option} Visits has 19 different values, and 20 are needed")


def test_moments_of_few_days_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], project: Path) -> None:
    assert project
    rows = [f"2024-01-{number % 3 + 1:02} {number % 24:02}:00:00,{number % 7},{number % 2}" for number in range(90)]
    (tmp_path / "calls.csv").write_text("\n".join(["Called,Length,Lost", *rows]), "utf-8")
    said = refused(capsys, "use", str(tmp_path / "calls.csv"), "--target", "Lost", "--time", "Called")
    assert said.startswith("--time Called has 3 days, and 20 are needed")


def test_run_says_it_too_when_there_are_too_few_groups(project: Path, table: Path) -> None:
    command(project, "use", str(table), "--target", "Left?")
    path = project / "project.yaml"
    path.write_text(path.read_text("utf-8").replace("by: random", "by: group, field: visits"), "utf-8")
    ran = run(project, "run")
    assert ran.code == 2
    assert ran.errors.splitlines()[-1] == (
        "flight-delays: my_shop has 19 groups by visits, and 20 are needed, so that enough of them judge the model: "
        "name another field or a larger share under `split` in project.yaml, or split at random"
    )


def test_what_the_example_is_for_becomes_a_gap(project: Path, table: Path) -> None:
    done = command(project, "use", str(table), "--target", "Left?")
    assert "left        12 x TODO in project.yaml" in done.output
    stated = yaml.safe_load((project / "project.yaml").read_text("utf-8"))
    assert (stated["decision"], stated["value"]["confirmed_by"]) == ("TODO", "TODO")
    assert not [path for path, text in tracked(project).items() if b"ravellers" in text and path != ".cruft.json"]
    assert (project / "README.md").read_text("utf-8").split("\n\n")[1] == (
        "Which decision it improves is in [project.yaml](project.yaml), as `decision`."
    )


def test_what_the_owner_said_it_is_for_stays(project: Path, table: Path) -> None:
    said = "decision: Call those who may leave\n"
    for name, begin, instead in (
        ("project.yaml", "review_by:", f"{said}review_by:"),
        ("README.md", "<!-- example: begin -->", "Call those who may leave\n\n<!-- example: begin -->"),
    ):
        path = project / name
        text = re.sub(r"decision: \"Warn .*\n", "", path.read_text("utf-8"))
        path.write_text(text.replace(begin, instead), "utf-8")
    git(project, "commit", "--all", "--quiet", "--no-verify", "--amend", "--message", "First")
    command(project, "use", str(table), "--target", "Left?")
    assert (project / "project.yaml").read_text("utf-8").count("decision: ") == 2
    assert (
        (project / "README.md")
        .read_text("utf-8")
        .startswith("# Flight delays\n\nCall those who may leave\n\n## Owner\n")
    )


def test_a_model_that_may_know_nothing_is_said(project: Path, table: Path) -> None:
    command(project, "use", str(table), "--target", "Left?")
    path = project / "contracts" / "my_shop.odcs.yaml"
    path.write_text(re.sub(r"(availableAt\s+value: )TODO", r"\1later", path.read_text("utf-8")), "utf-8")
    ran = run(project, "run")
    assert ran.code == 2
    assert ran.errors.endswith("is known in time, see `availableAt` in the contracts\n")


def test_without_history_nothing_is_taken_for_the_example(
    project: Path, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(project / ".git")
    assert "commit it first, or say --keep-example" in refused(capsys, "use", str(table), "--target", "Left?")
    assert command(project, "use", str(table), "--target", "Left?", "--keep-example").code == 0


def test_an_example_whose_entry_was_changed_stays_whole(project: Path, table: Path) -> None:
    entry = project / "project.yaml"
    entry.write_text(entry.read_text("utf-8").replace("feasibility\n", "feasibility # ours\n"), "utf-8")
    done = command(project, "use", str(table), "--target", "Left?")
    assert "a part of the example in project.yaml was changed and stays: " in done.output
    assert [model.name for model in charter.load().models] == ["late_arrival", "left"]
    for name in ("features", "baseline", "model"):
        text = (project / SOURCE / f"{name}.py").read_text("utf-8")
        assert re.findall(r"^def (late_arrival|left)\(", text, re.MULTILINE) == ["late_arrival", "left"]
    assert run(project, "run", "--model", "late_arrival").code == 0


def test_what_somebody_wrote_and_committed_once_is_not_overwritten(
    project: Path, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = project / "models/left/README.md"
    card.parent.mkdir()
    card.write_text("# Ours\n", "utf-8")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--no-verify", "--message", "Write a card of our own")
    assert "models/left/README.md is there already" in refused(capsys, "use", str(table), "--target", "Left?")
    assert card.read_text("utf-8") == "# Ours\n"


def test_in_a_shallow_clone_nothing_is_taken_for_the_example(
    project: Path, table: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = project / "contracts/flights.odcs.yaml"
    contract.write_text(f"{contract.read_text('utf-8')}# ours\n", "utf-8")
    git(project, "commit", "--quiet", "--no-verify", "--all", "--message", "Change the example")
    clone = project.parent / "clone"
    git(project, "clone", "--quiet", "--depth", "1", project.as_uri(), str(clone))
    monkeypatch.chdir(clone)
    before = tracked(clone)
    assert "`git fetch --unshallow` if this is" in refused(capsys, "use", str(table), "--target", "Left?")
    assert tracked(clone) == before


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ["--target", "Lft?"],
            "My Shop.csv has no column 'Lft?': it has Customer ID, Signup, Plan, Visits, Spent (EUR), Age, Left?",
        ),
        (["--target", "Age"], "Age is empty in each row: name the column that is to be predicted"),
        (["--target", "Signup"], "Signup is a date: a model predicts numbers, classes, or yes and no"),
        (["--target", "Visits"], "Visits has 19 whole numbers, from 0 to 18: are they classes, or amounts?"),
        (["--target", "Plan"], "Plan is 'A' or 'B': which one counts as yes? Say it with --positive A or --positive B"),
        (["--target", "Plan", "--positive", "C"], "--positive 'C' is no value of Plan: it has 'A', 'B'"),
        (
            ["--target", "Plan", "--kind", "regression"],
            "Plan holds words, which are no numbers to predict: leave --kind out",
        ),
        (["--target", "Customer ID"], "Customer ID has 400 different words in 400 rows: too few of each to learn from"),
        (["--target", "Left?", "--id", "Plan"], "--id Plan: it is 'B' in two rows, so it does not identify them"),
        (
            ["--target", "Left?", "--time", "Plan"],
            "--time Plan is a string: name a column of days or times, or use --group",
        ),
        (
            ["--target", "Left?", "--name", "Left"],
            "--name 'Left': write a name of small letters, digits and underscores",
        ),
        (["--target", "Left?", "--name", "class"], "--name 'class' means something else in Python: choose another one"),
        (
            ["--target", "Left?", "--name", "late_arrival"],
            "project.yaml has a model late_arrival already: give the new one another --name",
        ),
    ],
)
def test_what_cannot_be_known_is_said_in_one_sentence(
    project: Path, table: Path, options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tracked(project)
    said = refused(capsys, "use", str(table), *options)
    assert sentence in said or said.startswith(sentence)
    assert tracked(project) == before


def answered(monkeypatch: pytest.MonkeyPatch, answers: Iterable[str]) -> None:
    """Answer questions as on a terminal."""
    left = iter(answers)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: next(left))


def test_on_a_terminal_it_asks_until_it_is_answered(
    project: Path, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(monkeypatch, ["X", "B"])
    assert command(project, "use", str(table), "--target", "Plan").code == 0
    assert charter.load().models[0].positive == "B"


def test_texts_are_read_word_by_word(project: Path, tmp_path: Path) -> None:
    dice = random.Random(0)  # noqa: S311 - no secret
    good, bad = "a fine and friendly place", "a sad and dirty hole"
    rows = [
        (f"{dice.choice(['we found', 'it was', 'this is'])} {good if kind else bad} number {n}", kind)
        for n in range(200)
        for kind in (1, 0)
    ]
    pl.DataFrame(rows, schema=["Review", "liked"], orient="row").write_parquet(tmp_path / "reviews.parquet")
    done = command(project, "use", str(tmp_path / "reviews.parquet"), "--target", "liked")
    assert (done.code, done.errors) == (0, "")
    assert 'texts=("review",)' in (project / SOURCE / "model.py").read_text("utf-8")
    ran = run(project, "run")
    assert "gate        pass" in ran.output


def test_data_that_is_too_large_for_git_stays_out_of_it(
    project: Path, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use, "MAX_BYTES", 1_000)
    command(project, "use", str(table), "--target", "Left?")
    assert "data/my_shop.csv" not in git(project, "status", "--porcelain", "--untracked-files=all")
    assert (project / "data/my_shop.csv").is_file()
