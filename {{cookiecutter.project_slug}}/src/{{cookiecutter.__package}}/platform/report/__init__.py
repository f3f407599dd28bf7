"""Writes the report of a run: one page for people, and a short text to paste into a pull request."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from .. import PROGRAM, lineage
from ..charter import REGRESSION
from ..files import write as write_file
from ..say import shown
from . import charts
from .diagnostics import FIRST, MIN_SLICE, SHUFFLED, Confusion, Slice, Sliced, text_of
from .findings import SLICED, Findings, explained, headline, main_metric
from .page import Child, element, grouped, page, points, section, short, table, with_texts

FOLDER = Path("outputs/reports")
# The latest attempts and the first suspects are shown, and all are counted.
MOST = 20
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
    for suspect in found.suspects[:MOST]:
        yield f"Attention: {suspect.why}"
    if found.room:
        yield f"Room: {found.room}"
    yield from (f"Gate: {claim}" for claim in _claims(found))
    yield f"Tried before: {_counted(len(found.attempts), 'run')}"
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
        _origin(found),
    )


def _first(found: Findings) -> Iterator[Element]:
    if found.suspects:
        count = _counted(len(found.suspects), "suspect")
        yield element("p", f"Do not believe it before you have looked at {count}:", class_="attention")
        yield points(short(suspect.why, 200) for suspect in found.suspects[:MOST])
    else:
        yield element("p", "No column alone tells the outcome, and none looks like an identifier.")
    if found.room:
        yield element("p", f"Room for improvement: {found.room}.")
    yield points([f"Gate: {claim}" for claim in _claims(found)])
    value = found.project.value
    if value.get("metric"):
        aims = ", ".join(f"{key} {value[key]}" for key in ("baseline", "target") if key in value)
        aim = f"{aims} {value.get('unit', '')}".rstrip() if aims else "without a target"
        yield element("p", short(f"What the project is for: {value['metric']} ({aim}).", 300))


def _claims(found: Findings) -> Iterator[str]:
    tested = found.evidence.statements[-1]["predicate"]
    for key, verdict in (("passedTests", "passed"), ("warnedTests", "undecided"), ("failedTests", "failed")):
        yield from (f"{verdict}: {claim}" for claim in tested[key])


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _interval(of: Mapping[str, float | None]) -> str:
    bounds = "" if of["low"] is None else f" ({_bounds(shown(of['low']), shown(of['high']))})"
    return f"{shown(of['value'])}{bounds}"


def _bounds(low: str, high: str) -> str:
    """Return both on one line, however narrow the page is."""
    return f"{low}{NO_BREAK}to{NO_BREAK}{high}"


def _comparison(found: Findings) -> Element:
    held = found.evidence.held
    units = "" if held["unit"] == "row" else f" of {_counted(held['units'], held['unit'])}"
    rows = [
        [name, *(_interval(of[key]) for key in ("model", "rule", "difference"))] for name, of in found.metrics.items()
    ]
    names = [element("dt", name) for name in found.metrics]
    texts = [element("dd", explained(name)) for name in found.metrics]
    return section(
        "Model against rule",
        element("p", f"On {_counted(held['rows'], 'held-out row')}{units}. In parentheses the 95% intervals."),
        charts.intervals(found.metrics),
        table("Model and rule", ["metric", "model", "rule", "difference"], rows),
        element("dl", *(part for pair in zip(names, texts, strict=True) for part in pair)),
    )


def _how_it_errs(found: Findings) -> Iterator[Element]:
    if found.model.kind == REGRESSION:
        rows = [
            [shown(one.said), f"{one.rows:,}", shown(one.came), _bounds(shown(one.low), shown(one.high))]
            for one in found.tenths
        ]
        head = ["said, on average", "rows", "came, on average", "middle 80% of what came"]
        drawing = charts.residuals(found.judged.outcomes, found.judged.scores)
        yield section("Residuals", drawing, table("What came, by tenths of what the model said", head, rows))
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


def _confusion(found: Confusion, what: str) -> Element:
    names = [short(name) for name in found.classes]
    rows = ([name, *(f"{count:,}" for count in row)] for name, row in zip(names, found.counts, strict=True))
    head = ["is", *(f"{what}: {name}" for name in names)]
    return section("Confusion", table("Rows by what they are (down) and what the model says (across)", head, rows))


def _worst(found: Findings) -> Element:
    if not found.worst:
        return section("Worst errors", element("p", "No row is wrong."))
    hidden = len(found.importance) - len(found.worst[0].features)
    rest = f" The {hidden} columns that matter least are left out." if hidden else ""
    note = f"These are values of single rows: share this page with those who may see the data.{rest}"
    has_chances = bool(found.tenths) and found.model.kind != REGRESSION
    caption = "Rows that it missed, then false alarms" if has_chances else "Rows about which the model is furthest off"
    head = [found.model.id, "outcome", "chance of yes" if has_chances else "the model said"]
    rows = (
        ([short(error.id), short(error.outcome), short(error.said)], f"Features: {'; '.join(_values(error.features))}")
        for error in found.worst
    )
    return section("Worst errors", element("p", note, class_="note"), with_texts(caption, head, rows))


def _values(features: Sequence[tuple[str, str]]) -> Iterator[str]:
    return (f"{short(column)} {short(value)}" for column, value in features)


def _slices(found: Findings) -> Element:
    if not found.sliced:
        why = f"No column has two values, or ranges of numbers, with {MIN_SLICE} rows or more."
        return section("Slices", element("p", why))
    note = (
        f"By the columns that matter most, up to {SLICED}. Values with fewer than {MIN_SLICE} rows are left out; of "
        "many all but the most frequent. Chance alone moves a slice of few rows."
    )
    metric = metric_of_slices(found)
    mean = [] if found.model.has_classes else ["mean outcome" if found.model.kind == REGRESSION else "positive"]
    head = ["slice", "rows", *mean, f"model's {metric}", f"rule's {metric}"]
    groups = [(_title(sliced), [_slice(found, one) for one in sliced.slices]) for sliced in found.sliced]
    return section("Slices", element("p", note, class_="note"), grouped(f"{metric} by slices", head, groups))


def _title(sliced: Sliced) -> str:
    left = f" ({_counted(sliced.left_out, 'row')} left out)" if sliced.left_out else ""
    return f"{short(sliced.column)}{left}"


def metric_of_slices(found: Findings) -> str:
    """Return the metric of slices and of importance: the one that needs no decision."""
    return next(iter(found.metrics))


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
    count, metric = len(found.attempts), main_metric(found.metrics)
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
        element("p", f"{_counted(count, 'run')} of this model before this one. {advice}{last}"),
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
    parts = [(element("dt", key), element("dd", text_of(value))) for key, value in facts.items() if value]
    return section("Where it comes from", element("dl", *(part for pair in parts for part in pair)))
