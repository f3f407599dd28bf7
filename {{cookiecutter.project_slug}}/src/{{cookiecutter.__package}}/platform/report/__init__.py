"""Writes the report of a run: one page for people, and a short text to paste into a pull request."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from .. import PROGRAM, lineage
from ..charter import FILE, REGRESSION
from ..files import write as write_file
from ..identifiers import MIN_ROWS
from ..say import counted, shown
from ..suspects import Search
from . import charts
from .diagnostics import FIRST, MIN_SLICE, SHUFFLED, Confusion, Slice, Sliced, main_metric, text_of
from .findings import OF_A_ROW, SLICED, Findings, explained, headline
from .findings import main_metric as main_of
from .page import Child, element, grouped, page, points, section, short, table, with_texts

FOLDER = Path("outputs/reports")
# The latest attempts and the first suspects are shown, and all are counted.
MOST = 20
# What nobody has written yet.
GAP = re.compile(r"\s*(TODO|TBD)\b")
NO_BREAK = "\N{NO-BREAK SPACE}"


def path_of(run_id: str) -> Path:
    """Return where the page of a run lies; the text is beside it."""
    return FOLDER / f"{run_id}.html"


def write(found: Findings) -> Path:
    """Write page and text of a run. The same run gives the same bytes."""
    path = path_of(found.evidence.run_id)
    write_file(path.with_suffix(".md"), summary(found))
    return write_file(path, html(found))


def summary(found: Findings) -> str:
    """Return the short form. It has no values of rows: a pull request is read by more people than the data."""
    evidence = found.evidence
    head = ["metric", "model", "rule", "difference"]
    rows = [
        [name, *(_interval(of[key]).replace(NO_BREAK, " ") for key in ("model", "rule", "difference"))]
        for name, of in found.metrics.items()
    ]
    lines = [
        f"### {_plain(found.model.name)}",
        "",
        _plain(headline(found)),
        "",
        *(f"| {' | '.join(row)} |" for row in [head, ["---", *["---:"] * 3], *rows]),
        "",
        *(f"- {_plain(line)}" for line in _points_of_summary(found)),
        "",
        f"Run `{evidence.run_id}`, {evidence.finished}, {lineage.describe(evidence.code)}. "
        f"The whole report: `uv run {PROGRAM} report --run {evidence.run_id}`",
    ]
    return "\n".join(lines) + "\n"


def _points_of_summary(found: Findings) -> Iterator[str]:
    for suspect in found.search.found[:MOST]:
        yield f"Attention: {suspect.why}"
    yield f"Suspects: {found.search}"
    if found.room:
        yield f"Room: {found.room}"
    yield from (f"Gate: {claim}" for claim in _claims(found))
    yield f"Tried before: {counted(len(found.attempts), 'run')}"
    if matter := [item.column for item in found.importance[:3] if item.mean > 0]:
        yield f"Relies most on {', '.join(matter)}"


def _plain(text: str) -> str:
    """Return a text such that Markdown shows its signs and follows none of them."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return re.sub(r"([\\`*\[\]<>|&~])|(?<!\w)(_)|(_)(?!\w)", lambda sign: f"\\{sign[0]}", plain)


def html(found: Findings) -> str:
    """Return the page."""
    return page(
        f"{found.model.name}: report of a run",
        element("p", headline(found), class_="lead"),
        *_first(found),
        _comparison(found),
        *_how_it_errs(found),
        _worst(found),
        _slices(found),
        _importance(found),
        _attempts(found),
        *_left_out(found),
        _origin(found),
    )


def _first(found: Findings) -> Iterator[Element]:
    if suspects := found.search.found:
        count = counted(len(suspects), "suspect")
        yield element("p", f"Do not believe it before you have looked at {count}:", class_="attention")
        yield points(short(suspect.why, 200) for suspect in suspects[:MOST])
    yield element("p", short(_looked_at(found.search), 500))
    if found.room:
        yield element("p", f"Room for improvement: {found.room}.")
    yield points([f"Gate: {claim}" for claim in _claims(found)])
    if aim := _aim(found.project.value):
        yield element("p", short(f"What the project is for: {aim}.", 300))


def _looked_at(search: Search) -> str:
    """Say what was looked at, and what was not: nothing found there is no promise about the rest."""
    if not search.rows:
        why = f"there are {counted(search.known, 'training row')}, and {MIN_ROWS} are needed"
        return f"Columns that give the outcome away were not looked for: {why}."
    looked = f"{counted(search.columns, 'column')} that the model reads {'was' if search.columns == 1 else 'were'}"
    none = "" if search.found else " No one of them tells the outcome alone, or looks like an identifier."
    rest = f" {search.rest[0].upper()}{search.rest[1:]}." if search.rest else ""
    return f"{looked} looked at, on {search.where}.{none}{rest}"


def _aim(value: Mapping[str, Any]) -> str:
    """Say what the project is for, as far as somebody has written it; empty where nobody has."""
    written = {key: str(text) for key, text in value.items() if text is not None and not GAP.match(str(text))}
    if not value:
        return ""
    if "metric" not in written:
        return f"not written yet, see value in {FILE.as_posix()}"
    aims = ", ".join(f"{key} {written[key]}" for key in ("baseline", "target") if key in written)
    aim = f"{aims} {written.get('unit', '')}".rstrip() if aims else "without a target"
    return f"{written['metric']} ({aim})"


def _claims(found: Findings) -> Iterator[str]:
    tested = found.evidence.statements[-1]["predicate"]
    for key, verdict in (("passedTests", "passed"), ("warnedTests", "undecided"), ("failedTests", "failed")):
        yield from (f"{verdict}: {claim}" for claim in tested[key])


def _interval(of: Mapping[str, float | None]) -> str:
    bounds = "" if of["low"] is None else f" ({_bounds(shown(of['low']), shown(of['high']))})"
    return f"{shown(of['value'])}{bounds}"


def _bounds(low: str, high: str) -> str:
    """Return both on one line, however narrow the page is."""
    return f"{low}{NO_BREAK}to{NO_BREAK}{high}"


def _comparison(found: Findings) -> Element:
    held = found.evidence.held
    units = "" if held["unit"] == "row" else f" of {counted(held['units'], held['unit'])}"
    rows = [
        [name, *(_interval(of[key]) for key in ("model", "rule", "difference"))] for name, of in found.metrics.items()
    ]
    names = [element("dt", name) for name in found.metrics]
    texts = [element("dd", explained(name)) for name in found.metrics]
    return section(
        "Model against rule",
        element("p", f"On {counted(held['rows'], 'held-out row')}{units}. In parentheses the 95% intervals."),
        charts.intervals(found.metrics),
        table("Model and rule", ["metric", "model", "rule", "difference"], rows),
        element("dl", *(part for pair in zip(names, texts, strict=True) for part in pair)),
    )


def _how_it_errs(found: Findings) -> Iterator[Element]:
    if found.model.kind == REGRESSION:
        yield _residuals(found)
    elif found.tenths:
        rows = [
            [f"{one.said:.1%}", f"{one.rows:,}", f"{one.came:.1%}", _bounds(f"{one.low:.1%}", f"{one.high:.1%}")]
            for one in found.tenths
        ]
        head = ["said, on average", "rows", "came true", "95% interval"]
        mean, base = found.judged.scores.mean(), found.judged.outcomes.mean()
        says = element("p", f"On average the model says {mean:.1%}, and {base:.1%} came true.")
        chart, numbers = charts.calibration(found.tenths), table("What came true, by tenths of the score", head, rows)
        yield section("Calibration", says, chart, numbers)
    if found.confusion:
        yield _confusion(found.confusion, "chosen" if found.model.decision else "said to be")


def _residuals(found: Findings) -> Element:
    if why := found.personal.why(found.model.target):
        return section("Residuals", element("p", f"Left out: {found.model.target} is {why}.", class_="note"))
    rows = [
        [shown(one.said), f"{one.rows:,}", shown(one.came), _bounds(shown(one.low), shown(one.high))]
        for one in found.tenths
    ]
    head = ["said, on average", "rows", "came, on average", "middle 80% of what came"]
    drawing = (
        element("p", f"No single rows are drawn: what the model says is {found.personal.said}.", class_="note")
        if found.personal.said
        else charts.residuals(found.judged.outcomes, found.judged.scores)
    )
    return section("Residuals", drawing, table("What came, by tenths of what the model said", head, rows))


def _confusion(found: Confusion, what: str) -> Element:
    names = [short(name) for name in found.classes]
    rows = ([name, *(f"{count:,}" for count in row)] for name, row in zip(names, found.counts, strict=True))
    head = ["is", *(f"{what}: {name}" for name in names)]
    return section("Confusion", table("Rows by what they are (down) and what the model says (across)", head, rows))


def _worst(found: Findings) -> Element:
    if why := found.personal.why(found.model.target):
        return section("Worst errors", element("p", f"Left out: {found.model.target} is {why}.", class_="note"))
    if not found.worst:
        return section("Worst errors", element("p", "No row is wrong."))
    note = f"These are values of single rows: share this page with those who may see the data.{_rest(found)}"
    has_chances = bool(found.tenths) and found.model.kind != REGRESSION
    caption = "Rows that it missed, then false alarms" if has_chances else "Rows about which the model is furthest off"
    said = [] if found.personal.said else ["chance of yes" if has_chances else "the model said"]
    table_of_rows = with_texts(caption, [found.model.id, "outcome", *said], _wrong_rows(found))
    return section("Worst errors", element("p", note, class_="note"), table_of_rows)


def _wrong_rows(found: Findings) -> Iterator[tuple[list[Child], str]]:
    """Yield the cells of each row that is far off, and what stands below them."""
    is_id_open = found.personal.why(found.model.id) is None
    for number, error in enumerate(found.worst, start=1):
        name = short(error.id) if is_id_open else f"row {number}"
        said = [] if found.personal.said else [short(error.said)]
        features = "; ".join(_values(error.features)) or "left out"
        yield [name, short(error.outcome), *said], f"Features: {features}"


def _rest(found: Findings) -> str:
    """Say which columns are not shown of a row."""
    columns = [item.column for item in found.importance]
    hidden = max(0, len(found.personal.open(columns)) - OF_A_ROW)
    least = f" The {hidden} columns that matter least are left out." if hidden else ""
    return f"{least}{_about_persons(found)}"


def _about_persons(found: Findings) -> str:
    count = sum(found.personal.why(item.column) is not None for item in found.importance)
    what = f"{counted(count, 'column')} about persons {'is' if count == 1 else 'are'}"
    return f" {what} left out, see below." if count else ""


def _personal_columns(found: Findings) -> list[tuple[str, str]]:
    """Return what is left out because it is about persons, with the reason."""
    names = dict.fromkeys([found.model.id, found.model.target, *(item.column for item in found.importance)])
    columns = [(name, why) for name in names if (why := found.personal.why(name))]
    return columns + ([("what the model says of a row", found.personal.said)] if found.personal.said else [])


def _left_out(found: Findings) -> Iterator[Element]:
    if not (columns := _personal_columns(found)):
        return
    shown_ones = [f"{short(name)}: {short(why, 120)}" for name, why in columns[:MOST]]
    rest = [f"and {counted(len(columns) - MOST, 'more column')}"] if len(columns) > MOST else []
    note = "This page is read by more people than the data. No value is shown of what is about persons:"
    yield section("What is left out", element("p", note), points([*shown_ones, *rest]))


def _values(features: Sequence[tuple[str, str]]) -> Iterator[str]:
    return (f"{short(column)} {short(value)}" for column, value in features)


def _slices(found: Findings) -> Element:
    if not found.sliced:
        why = f"No column has two values, or ranges of numbers, with {MIN_SLICE} rows or more."
        return section("Slices", element("p", why + _about_persons(found)))
    note = (
        f"By the columns that matter most, up to {SLICED}. Values with fewer than {MIN_SLICE} rows are left out; of "
        f"many all but the most frequent. Chance alone moves a slice of few rows.{_about_persons(found)}"
    )
    metric = metric_of_slices(found)
    mean = [] if found.model.has_classes else ["mean outcome" if found.model.kind == REGRESSION else "positive"]
    head = ["slice", "rows", *mean, f"model's {metric}", f"rule's {metric}"]
    groups = [(_title(sliced), [_slice(found, one) for one in sliced.slices]) for sliced in found.sliced]
    return section("Slices", element("p", note, class_="note"), grouped(f"{metric} by slices", head, groups))


def _title(sliced: Sliced) -> str:
    left = f" ({counted(sliced.left_out, 'row')} left out)" if sliced.left_out else ""
    return f"{short(sliced.column)}{left}"


def metric_of_slices(found: Findings) -> str:
    """Return the metric of slices and of importance: the one that needs no decision."""
    return main_metric(found.model)[0]


def _slice(found: Findings, one: Slice) -> list[Child]:
    form = "{:.4g}" if found.model.kind == REGRESSION else "{:.1%}"
    outcome = [] if one.outcome is None else [form.format(one.outcome)]
    mark = " (rule is better)" if one.rule > one.model else ""
    return [short(one.value), f"{one.rows:,}", *outcome, shown(one.model), shown(one.rule) + mark]


def _importance(found: Findings) -> Element:
    metric = metric_of_slices(found)
    top = found.importance[:FIRST]
    if not top:
        return section("What the model reads", element("p", "It has no features."))
    rest = len(found.importance) - len(top)
    note = (
        f"Each column is shuffled on up to {SHUFFLED:,} held-out rows, some times over. Columns that say the same "
        "share their importance, and one that chance makes useful once may be below zero another time."
    )
    left = f" (the first {len(top)} of {len(found.importance)})" if rest else ""
    rows = [[short(item.column), shown(item.mean), f"± {shown(item.spread)}"] for item in top]
    return section(
        "What the model reads",
        element("p", note, class_="note"),
        charts.bars(top, metric),
        table(f"Loss of {metric}{left}", ["column", "mean", "spread of the repeats"], rows),
    )


def _attempts(found: Findings) -> Element:
    count, metric = len(found.attempts), main_of(found.metrics)
    if not count:
        return section(
            "What was tried", element("p", "This is the first run of this model of which there is evidence here.")
        )
    rows = [
        [
            attempt.run_id[:8],
            attempt.finished,
            "passed" if attempt.is_passed else "not passed",
            "the same" if attempt.is_same_data else "other",
            _interval({"value": attempt.value, "low": attempt.low, "high": attempt.high}),
        ]
        for attempt in found.attempts[:MOST]
    ]
    advice = "The best of many tries looks better than it is: the same rows judged all of them."
    last = f" The last {len(rows)} are shown." if count > len(rows) else ""
    head = ["run", "finished", "gate", "data", metric]
    return section(
        "What was tried",
        element("p", f"{counted(count, 'run')} of this model before this one. {advice}{last}"),
        table("Earlier runs, the latest first", head, rows, 4),
    )


def _origin(found: Findings) -> Element:
    evidence = found.evidence
    facts = {
        "Project": found.project.name,
        "Decision": found.project.decision,
        "Answers for it": found.project.owner,
        "Run": f"{evidence.run_id}, {evidence.finished}",
        "Code": lineage.describe(evidence.code),
        "Model file": f"sha256 {evidence.digest}",
        "Data": ", ".join(entry["uri"] for entry in evidence.named("data")),
        "Gate": ", ".join(entry["uri"] for entry in evidence.named("gate")),
    }
    parts = [
        (element("dt", key), element("dd", text_of(value)))
        for key, value in facts.items()
        if value and not GAP.match(value)
    ]
    return section("Where it comes from", element("dl", *(part for pair in parts for part in pair)))
