"""The report of a run is whole, true to the run, safe to open, readable by anybody, and the same each time."""

from __future__ import annotations

import re
import shutil
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl
import pytest
from flight_delays import baseline, features
from flight_delays.platform import PROGRAM, lineage, report
from flight_delays.platform.charter import Charter
from flight_delays.platform.files import sha256
from flight_delays.platform.report import findings
from flight_delays.platform.report.page import PALETTE
from flight_delays.platform.suspects import Search, Suspect
from flight_delays.tests.conftest import command

from .looked_at import CLASSES, FINISHED, KINDS, NUMBER, PICKED, RUN_ID, YES, animals, evidence_of, look, trial

if TYPE_CHECKING:
    from pathlib import Path

    from flight_delays.platform.charter import Model
    from flight_delays.platform.report.findings import Findings

    from .conftest import Finished

kinds = pytest.mark.parametrize("model", [pytest.param(model, id=kind) for kind, model in KINDS.items()])
LARGEST = 300_000
VOID = {"meta"}
ALWAYS = [
    "Model against rule",
    "Worst errors",
    "Slices",
    "What the model reads",
    "What was tried",
    "Where it comes from",
]
HOSTILE = """<script>alert("1")</script><img src=x onerror='alert(2)'>|`*_&amp;"""


class Outline(HTMLParser):
    """Reads a page: its elements with their attributes, and the text in each; refuses what is not closed in order."""

    def __init__(self, text: str) -> None:
        """Read a page to its end."""
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))
        self.texts.append((tag, ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Add to the text of the element before it."""
        if self.open:
            tag, text = self.texts[-1]
            self.texts[-1] = tag, text + data

    def tags(self, *names: str) -> list[dict[str, str | None]]:
        """Return the attributes of the elements of some names."""
        return [attributes for tag, attributes in self.found if tag in names]

    def words(self, *names: str) -> list[str]:
        """Return the text in the elements of some names."""
        return [text for tag, text in self.texts if tag in names]


@cache
def looked(model: Model) -> Findings:
    """Look at a model once for all tests that only read what is found."""
    return look(trial(model))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder of this test: what is looked at has no evidence beside it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@kinds
def test_a_page_has_what_its_kind_needs(model: Model) -> None:
    found = Outline(report.html(looked(model)))
    extra = {
        "weight": ["Residuals"],
        "kind": ["Confusion"],
        "is_cat": ["Calibration", "Confusion"] if model.decision else ["Calibration"],
    }
    assert found.words("h2") == [ALWAYS[0], *extra[model.name], *ALWAYS[1:]]
    assert found.words("h1") == found.words("title")[:1] == [f"{model.name}: report of a run"]
    figures = [text.partition(".")[0] for text in found.words("figcaption")]
    assert len(figures) == len(found.tags("svg")) == 2 + (not model.has_classes)


@kinds
def test_a_page_has_a_language_and_headings_in_order(model: Model) -> None:
    text = report.html(looked(model))
    found = Outline(text)
    assert text.startswith("<!doctype html>\n")
    assert found.tags("html") == [{"lang": "en"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in found.tags("meta")
    levels = [int(tag[1]) for tag, _ in found.found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(lower <= upper + 1 for upper, lower in pairwise(levels))


@kinds
def test_each_table_has_a_caption_and_says_what_its_heads_are_about(model: Model) -> None:
    found = Outline(report.html(looked(model)))
    captions = found.words("caption")
    assert len(captions) == len(set(captions)) == len(found.tags("table")) >= 5
    assert all(captions)
    assert {cell.get("scope") for cell in found.tags("th")} == {"col", "row", "rowgroup"}


@kinds
def test_each_drawing_has_its_words(model: Model) -> None:
    found = Outline(report.html(looked(model)))
    names = [attributes["id"] for _, attributes in found.found if "id" in attributes]
    assert len(names) == len(set(names))
    for drawing in found.tags("svg"):
        assert drawing["role"] == "img"
        assert set(str(drawing["aria-labelledby"]).split()) <= set(names)
    assert all(found.words("desc"))


@kinds
def test_a_page_runs_nothing_and_asks_for_nothing(model: Model) -> None:
    found = Outline(report.html(looked(model)))
    assert {tag for tag, _ in found.found} <= {
        *("html", "head", "meta", "title", "style", "body", "main", "section", "h1", "h2", "p", "ul", "li", "dl", "dt"),
        *("dd", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption"),
        *("svg", "desc", "line", "circle", "rect", "text"),
    }
    names = {name for _, attributes in found.found for name in attributes}
    assert not {name for name in names if name.startswith("on")} | names & {"src", "href", "style", "xlink:href"}
    assert not re.search(r"url\(|@import|https?:", str(found.words("style")))
    policy = {"http-equiv": "Content-Security-Policy", "content": "default-src 'none'; style-src 'unsafe-inline'"}
    assert policy in found.tags("meta")


def digests(folder: Path) -> dict[str, str]:
    """Return what names the content of each page: to show where long bytes differ takes minutes."""
    return {path.name: sha256(path) for path in (folder / report.FOLDER).iterdir()}


@kinds
def test_the_same_run_gives_the_same_bytes(model: Model, elsewhere: Path) -> None:
    made = trial(model)
    first = report.write(look(made))
    before = digests(elsewhere)
    assert before.keys() == {f"{RUN_ID}.html", f"{RUN_ID}.md"}
    assert report.write(look(made)) == first
    assert digests(elsewhere) == before


def spoilt(columns: int = 1) -> pl.DataFrame:
    """Return animals all of whose words are hostile, with more columns."""
    rows = animals()
    more = {f"{HOSTILE}{number}{'long' * 50}": rows["place"] + HOSTILE * 20 for number in range(columns)}
    return rows.with_columns(rows["animal_id"] + HOSTILE, rows["place"] + HOSTILE, rows["species"] + HOSTILE, **more)


@kinds
def test_what_the_data_says_stays_text(model: Model) -> None:
    rows = spoilt()
    hostile = model._replace(positive=f"cat{HOSTILE}") if model.positive else model
    seen = look(trial(hostile, rows))
    suspect = Suspect((HOSTILE,), f"{HOSTILE} tells all")
    text = report.html(
        seen._replace(search=Search((suspect,), 5, 300, 300), project=Charter(HOSTILE, HOSTILE, (hostile,)))
    )
    found = Outline(text)
    assert not found.tags("script", "img")
    assert text.count("<script") == 0
    assert f"{HOSTILE} tells all" in found.words("li")
    assert any(cell.startswith(f"lake{HOSTILE}"[:40]) for cell in found.words("th"))
    assert any(f"place lake{HOSTILE}"[:40] in cell for cell in found.words("td"))
    short = report.summary(seen._replace(search=Search((suspect,), 5, 300, 300)))
    assert r"\<script\>alert(" in short
    assert not re.search(r"(?<!\\)[<>]", short)


@pytest.mark.parametrize("model", [pytest.param(NUMBER, id="a number"), pytest.param(PICKED, id="yes or no")])
def test_a_page_of_85_columns_and_long_words_is_small(model: Model) -> None:
    model = model._replace(positive=f"cat{HOSTILE}") if model.positive else model
    seen = look(trial(model, spoilt(85)))
    many = Search(tuple(Suspect((f"c{number}",), "a" * 900) for number in range(500)), 500, 300, 300)
    attempt = findings.Attempt("f" * 32, FINISHED, True, False, 0.5, None, None)  # noqa: FBT003 - a row of a table
    text = report.html(seen._replace(search=many, attempts=[attempt] * 500))
    assert 40_000 < len(text.encode()) < LARGEST
    assert "Do not believe it before you have looked at 500 suspects:" in text
    assert "(the first 15 of 89)" in text
    assert "The 69 columns that matter least are left out." in text
    assert "500 runs of this model before this one." in text


def test_the_short_form_is_whole_and_has_no_values_of_rows() -> None:
    seen = looked(PICKED)
    attention = Suspect(
        ("paid",), "paid alone all but tells species (skill 1.00 of 1): is it known before the outcome?"
    )
    attempt = findings.Attempt("f" * 32, FINISHED, True, False, 0.5, None, None)  # noqa: FBT003 - a row of a table
    text = report.summary(seen._replace(search=Search((attention,), 5, 300, 300), attempts=[attempt]))
    first = (
        r"(It is not shown that the model|The model) beats the rule: the model has \d+ of 100 pairs of a positive and "
        r"another row in the right order, the rule \d+; 95% of the resamples of 300 rows put the model between "
        r"\d+\.\d( in 100 worse)? and \d+\.\d in 100 better\."
    )
    last = (
        rf"Run `{RUN_ID}`, {re.escape(FINISHED)}, commit c{{40}}\. "
        rf"The whole report: `uv run {PROGRAM} report --run {RUN_ID}`"
    )
    three = " ".join([r"\S+ \(\S+ to \S+\) \|"] * 3)
    lines = [
        "### is_cat",
        "",
        first,
        "",
        r"\| metric \| model \| rule \| difference \|",
        r"\| --- \| ---: \| ---: \| ---: \|",
        *(rf"\| {name} \| {three}" for name in seen.metrics),
        "",
        rf"- Attention: {re.escape(attention.why)}",
        r"- Suspects: 1 in 5 columns, on 300 training rows",
        r"- Room: of 1,000 rows 200 are chosen: the rule hits \d+, the model \d+, a perfect model 200; .+",
        r"- Gate: (passed|undecided|failed): roc_auc \(difference to the rule\) \\> 0",
        "- Tried before: 1 run",
        r"- Relies most on length_cm[a-z, ]*",
        "",
        last,
    ]
    assert re.fullmatch("\n".join(lines) + "\n", text)
    assert not any(str(one) in text for one in seen.judged.ids)


def measured(
    low: float | None, high: float | None, value: float | None = 0.2, sign: int = 1
) -> dict[str, dict[str, float | None]]:
    side = {"value": 0.5 * sign, "low": 0.4, "high": 0.6}
    return {
        "model": {**side, "value": 0.7 * sign},
        "rule": side,
        "difference": {"value": value, "low": low, "high": high},
        "ratio": side,
    }


@pytest.mark.parametrize(
    ("model", "metric", "of", "said"),
    [
        pytest.param(
            YES,
            "roc_auc",
            measured(0.1, 0.3),
            "The model beats the rule: the model has 70 of 100 pairs of a positive and another row in the right order, "
            "the rule 50; 95% of the resamples of 12 days put the model between 10.0 and 30.0 in 100 better.",
            id="better",
        ),
        pytest.param(
            CLASSES,
            "accuracy",
            measured(-0.3, -0.1),
            "The rule beats the model: the model is right about species for 70 of 100 rows, the rule for 50; "
            "95% of the resamples of 12 days put the model between 10.0 and 30.0 in 100 worse.",
            id="worse",
        ),
        pytest.param(
            YES._replace(target="weight_g", positive=">= 15"),
            "precision_at_20_percent",
            measured(-0.1, 0.3),
            "It is not shown that the model beats the rule: of 100 rows that the model picks 70 have weight_g >= "
            "15, of 100 that the rule picks 50; 95% of the resamples of 12 days put the model between 10.0 in 100 "
            "worse and 30.0 in 100 better.",
            id="not shown",
        ),
        pytest.param(
            NUMBER,
            "neg_mean_absolute_error",
            measured(None, None, sign=-1),
            "Whether the model beats the rule is not known, because 12 days tell too little: on average the model is "
            "off by 0.7 in weight_g, the rule by 0.5.",
            id="too few rows",
        ),
        pytest.param(
            YES,
            "roc_auc",
            measured(None, None, None),
            "Whether the model beats the rule is not known: roc_auc is undefined on these rows.",
            id="undefined",
        ),
    ],
)
def test_the_first_sentence_says_who_wins_by_how_much_and_how_sure(
    model: Model, metric: str, of: dict[str, dict[str, float | None]], said: str
) -> None:
    seen = look(trial(model if model.kind == "regression" or model.has_classes else YES))
    seen.evidence.held = {"rows": 90, "unit": "day", "units": 12, "metrics": {metric: of}}
    assert findings.headline(seen._replace(model=model)) == said


def test_what_is_undefined_is_said_to_be_undefined() -> None:
    seen = look(trial(YES))
    nothing = {"value": None, "low": None, "high": None}
    seen.evidence.held["metrics"]["roc_auc"] = dict.fromkeys(("model", "rule", "difference", "ratio"), nothing)
    found = Outline(report.html(seen))
    assert found.words("td")[:3] == ["undefined"] * 3
    assert "undefined on these rows" in found.words("text")


def shares_of(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("over", "under", "least"),
    [
        *(
            pytest.param(name, ground, 4.5, id=f"{name} on {ground}")
            for name in ("ink", "muted")
            for ground in ("paper", "shade")
        ),
        *(pytest.param(name, "paper", 3, id=f"{name} on paper") for name in ("model", "rule", "line")),
    ],
)  # fmt: skip
def test_colours_have_contrast(over: str, under: str, least: float) -> None:
    darker, lighter = sorted(shares_of(PALETTE[name]) for name in (over, under))
    assert (lighter + 0.05) / (darker + 0.05) >= least


def test_no_colour_is_used_that_is_not_in_the_palette() -> None:
    text = "".join(report.html(looked(model)) for model in KINDS.values())
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", text)) <= set(PALETTE.values())
    assert set(re.findall(r'(?:fill|stroke)="([^"#]+)"', text)) == {"none"}


def test_model_and_rule_are_told_apart_without_colour() -> None:
    comparison = report.html(looked(YES)).partition("<svg")[2].partition("</svg>")[0]
    found = Outline(f"<svg{comparison}</svg>")
    lines = {(line["stroke"], "stroke-dasharray" in line) for line in found.tags("line")}
    assert lines == {(PALETTE["rule"], True), (PALETTE["model"], False)}
    assert {mark["fill"] for mark in found.tags("rect")} == {PALETTE["paper"]}
    assert {mark["fill"] for mark in found.tags("circle")} == {PALETTE["model"]}


def keep(run_id: str, finished: str, model: Model = YES) -> lineage.Evidence:
    """Write the evidence of another run, as its end does."""
    evidence = evidence_of(trial(model), run_id, finished)
    lineage.keep(run_id, evidence.statements)
    return evidence


def test_what_was_tried_are_the_earlier_runs_of_the_model_with_evidence() -> None:
    keep("a" * 32, "2026-01-30T12:00:00+00:00")
    keep("b" * 32, "2026-01-31T11:59:59+00:00")
    keep("c" * 32, "2026-01-31T12:00:01+00:00")  # later
    keep("d" * 32, "2026-01-30T12:00:00+00:00", NUMBER)  # of another model
    (lineage.RUNS / f"{'e' * 32}.intoto.jsonl").write_text("{}\n", encoding="utf-8")  # tells nothing
    recorded = lineage.RECORDED / "is_cat" / f"{'f' * 32}.intoto.jsonl"
    recorded.parent.mkdir(parents=True)
    statements = keep("f" * 32, "2026-01-29T12:00:00+00:00").statements
    recorded.write_text(lineage.text_of(statements), encoding="utf-8")
    seen = look(trial(YES))
    assert [attempt.run_id[0] for attempt in seen.attempts] == ["b", "a", "f"]
    value = seen.metrics["roc_auc"]["model"]["value"]
    assert {(attempt.value, attempt.is_same_data, attempt.is_passed) for attempt in seen.attempts} == {
        (value, True, False)
    }
    found = Outline(report.html(seen))
    assert [text for text in found.words("p") if text.startswith("3 runs of this model before this one.")]
    assert len(found.words("th")) > 3


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(
            animals().with_columns(length_cm=pl.lit(None, pl.Float64)), id="a column of nulls in place of the best"
        ),
        pytest.param(animals().with_columns(place=pl.Series(["", None] * 300)), id="empty words"),
        pytest.param(animals(60), id="few rows"),
    ],
)
@kinds
def test_holes_and_few_rows_make_a_report_too(model: Model, rows: pl.DataFrame) -> None:
    rows = rows.with_columns(pl.col("place").fill_null(""))
    found = Outline(report.html(look(trial(model, rows))))
    assert found.words("h2")[0] == ALWAYS[0]
    assert not [text for text in found.words("td", "p", "li", "dd", "text") if re.search(r"\bnan\b|\bNone\b", text)]


@pytest.fixture
def reported(finished: Finished, tmp_path: Path) -> tuple[Path, str]:
    """Return a copy of the project after its run, and the id of the run."""
    folder = tmp_path / "project"
    shutil.copytree(finished.folder, folder)
    (evidence,) = (folder / lineage.RUNS).iterdir()
    return folder, evidence.name.partition(".")[0]


def test_a_run_leaves_its_report_and_the_command_writes_the_same_again(reported: tuple[Path, str]) -> None:
    folder, run_id = reported
    before = digests(folder)
    assert set(before) == {f"{run_id}.html", f"{run_id}.md"}
    assert max(path.stat().st_size for path in (folder / report.FOLDER).iterdir()) < LARGEST
    shutil.rmtree(folder / report.FOLDER)
    for arguments in ([], ["--run", run_id], ["--model", "late_arrival"]):
        again = command(folder, "report", *arguments)
        assert (again.code, again.errors) == (0, "")
        assert again.output.splitlines()[-1] == f"report      outputs/reports/{run_id}.html"
        assert digests(folder) == before


def change_data(folder: Path) -> str:
    path = folder / "data" / "sample" / "flights.csv"
    path.write_bytes(path.read_bytes().replace(b"UA", b"AA", 1))
    return "data/sample/flights.csv is not the file that it was"


def remove_data(folder: Path) -> str:
    (folder / "data" / "sample" / "weather.csv").unlink()
    return "data/sample/weather.csv is gone"


def change_target(folder: Path) -> str:
    path = folder / "project.yaml"
    path.write_text(path.read_text("utf-8").replace(">= 15", ">= 30"), encoding="utf-8")
    return "project.yaml has positive '>= 30' for late_arrival, and it was '>= 15'"


def change_split(folder: Path) -> str:
    path = folder / "project.yaml"
    path.write_text(
        path.read_text("utf-8").replace("field: scheduled", "field: scheduled").replace("by: time", "by: group"),
        encoding="utf-8",
    )
    return "project.yaml has split_by 'group' for late_arrival, and it was 'time'"


@pytest.mark.parametrize("change", [change_data, remove_data, change_target, change_split])
def test_a_report_is_not_written_anew_from_other_inputs(change: object, reported: tuple[Path, str]) -> None:
    folder, run_id = reported
    before, why = digests(folder), change(folder)  # type: ignore[operator]
    kept = command(folder, "report")
    sentence = f"the report of run {run_id} cannot be written anew: {why}"
    assert (kept.code, kept.errors) == (0, "")
    assert kept.output == f"attention   {sentence}; this one is from then\nreport      outputs/reports/{run_id}.html\n"
    assert digests(folder) == before
    shutil.rmtree(folder / report.FOLDER)
    stopped = command(folder, "report")
    assert (stopped.code, stopped.output) == (2, "")
    assert stopped.errors == f"{PROGRAM}: {sentence}; restore that, or train again\n"
    assert not (folder / report.FOLDER).exists()


def test_another_rule_or_other_features_are_seen(reported: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, run_id = reported
    before, known = digests(folder), features.late_arrival
    with monkeypatch.context() as patch:
        patch.setattr(baseline, "late_arrival", lambda rows: rows["scheduled_departure_at_hour"] < 12)
        told = command(folder, "report").output
        assert re.search(
            r"attention   the report of run \w+ cannot be written anew: roc_auc of the rule comes out as 0\.\d+, "
            r"and the run measured 0\.616",
            told,
        )
    with monkeypatch.context() as patch:
        patch.setattr(features, "late_arrival", lambda tables: known(tables).drop("carrier_code"))
        told = command(folder, "report").output
        assert (
            f"the report of run {run_id} cannot be written anew: its model cannot read the features of today (" in told
        )
    assert digests(folder) == before


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        pytest.param([], "no late_arrival model was trained yet: use `train` or `run` first", id="untrained"),
        pytest.param(["--model", "x"], "project.yaml has no model 'x': it has late_arrival", id="unknown model"),
        pytest.param(
            ["--run", "x"],
            "outputs/mlflow.db knows no late_arrival model of run 'x': outputs/evidence names each run",
            id="unknown run",
        ),
    ],
)
def test_a_report_of_nothing_is_one_sentence(project: Path, arguments: list[str], reason: str) -> None:
    stopped = command(project, "report", *arguments)
    assert (stopped.code, stopped.output, stopped.errors) == (2, "", f"{PROGRAM}: {reason}\n")
    assert not (project / "outputs").exists()


@pytest.mark.parametrize(
    ("search", "said"),
    [
        pytest.param(
            Search((), 5, 300, 300),
            "5 columns that the model reads were looked at, on 300 training rows. No one of them tells the outcome "
            "alone, or looks like an identifier.",
            id="all",
        ),
        pytest.param(
            Search((Suspect(("a",), "a tells all"),), 1, 2_000, 7_500, ("note (free text)",)),
            "1 column that the model reads was looked at, on 2,000 of 7,500 training rows. Not looked at: note (free "
            "text).",
            id="some",
        ),
        pytest.param(
            Search((), 0, 0, 19),
            "Columns that give the outcome away were not looked for: there are 19 training rows, and 20 are needed.",
            id="none",
        ),
    ],
)
def test_what_was_looked_at_for_suspects_is_said(search: Search, said: str) -> None:
    text = report.html(looked(YES)._replace(search=search))
    assert said in Outline(text).words("p")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param({}, None, id="nothing"),
        pytest.param(
            dict.fromkeys(("metric", "unit", "baseline", "target"), "TODO"),
            "What the project is for: not written yet, see value in project.yaml.",
            id="not written",
        ),
        pytest.param(
            {"metric": "Fed cats", "unit": "TODO", "baseline": "TODO: ask", "target": 20},
            "What the project is for: Fed cats (target 20).",
            id="partly written",
        ),
        pytest.param({"metric": "Fed cats"}, "What the project is for: Fed cats (without a target).", id="no target"),
    ],
)
def test_what_nobody_has_written_is_not_shown_as_if_it_were(value: dict[str, object], said: str | None) -> None:
    seen = looked(YES)
    project = seen.project._replace(value=value, decision="TODO")
    page = report.html(seen._replace(project=project))
    assert "TODO" not in page
    found = [text for text in Outline(page).words("p") if text.startswith("What the project is for")]
    assert found == ([said] if said else [])


@pytest.mark.parametrize(
    ("model", "metric", "said"),
    [
        (YES, "average_precision", "average_precision is 0.7 for the model and 0.5 for the rule; "),
        (YES, "recall_at_20_percent", "of 100 rows that have species = cat the model picks 70, the rule 50; "),
        (
            YES,
            "lift_at_20_percent",
            "rows that the model picks have species = cat 0.7 times as often as all rows, those that the rule picks ",
        ),
        (
            CLASSES,
            "balanced_accuracy",
            "the model is right about species for 70 of 100 rows, as many of each class, the rule for 50; ",
        ),
        (CLASSES, "f1_macro", "f1_macro is 0.7 for the model and 0.5 for the rule; "),
        (NUMBER, "r2", "r2 is 0.7 for the model and 0.5 for the rule; "),
        (
            NUMBER,
            "neg_root_mean_squared_error",
            "the root of the mean squared distance is 0.7 in weight_g for the model, 0.5 for the rule; ",
        ),
    ],
)
def test_each_metric_has_its_first_sentence(model: Model, metric: str, said: str) -> None:
    seen = look(trial(model))
    of = measured(0.0, 0.3, sign=-1 if metric.startswith("neg_") else 1)
    seen.evidence.held = {"rows": 90, "unit": "row", "units": 90, "metrics": {metric: of}}
    assert said in findings.headline(seen)
    assert findings.headline(seen).startswith("It is not shown that the model beats the rule: ")
