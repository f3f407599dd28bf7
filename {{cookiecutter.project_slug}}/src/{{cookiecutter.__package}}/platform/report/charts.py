"""Draws charts as SVG that is part of a page: with words, shapes and patterns of lines beside their colours."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from ..say import shown
from .diagnostics import Importance, Tenth
from .page import PALETTE, element, short

# Drawn for a phone, and enlarged where there is room.
WIDTH, EDGE = 340, 12
DOTS = 300
DASHES = {"model": {}, "rule": {"stroke_dasharray": "4 3"}}


class Scale(NamedTuple):
    """Takes values from one range to another, which may run backwards."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> str:
        """Return the place of a value."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return f"{self.start + share * (self.end - self.start):.1f}"


def _figure(name: str, title: str, says: str, height: float, *parts: Element) -> Element:
    """Return a drawing with its title and what it says in words, for those who do not see it."""
    drawing = element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", says, id=f"{name}-desc"),
        *parts,
        viewBox=f"0 0 {WIDTH} {height:g}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )
    return element("figure", drawing, element("figcaption", f"{title}. {says}"))


def _line(colour: str, *ends: object, width: float = 1, **more: object) -> Element:
    places = dict(zip(("x1", "y1", "x2", "y2"), ends, strict=True))
    return element("line", stroke=PALETTE[colour], stroke_width=width, **places, **more)


def _text(x: object, y: object, text: str, anchor: str = "start") -> Element:
    return element("text", text, x=x, y=y, text_anchor=anchor)


def _mark(of: str, x: str, y: float) -> Element:
    """Return a filled circle for the model, and a hollow square for the rule."""
    if of == "model":
        return element("circle", cx=x, cy=f"{y:g}", r=5, fill=PALETTE[of])
    colours = {"fill": PALETTE["paper"], "stroke": PALETTE[of]}
    return element("rect", x=f"{float(x) - 4.5:.1f}", y=f"{y - 4.5:g}", width=9, height=9, stroke_width=2, **colours)


def intervals(measured: Mapping[str, Mapping[str, Mapping[str, float | None]]]) -> Element:
    """Draw model and rule with their intervals, each metric on a scale of its own."""
    parts: list[Element] = []
    for number, (name, of) in enumerate(measured.items()):
        top = number * 64
        parts.append(_text(EDGE, top + 14, short(name, 44)))
        ends = [value for one in ("model", "rule") for value in of[one].values() if value is not None]
        if not ends:
            parts.append(_text(EDGE, top + 34, "undefined on these rows"))
            continue
        scale = Scale(min(ends), max(ends), EDGE + 46, WIDTH - EDGE - 50)
        for place, one in enumerate(("model", "rule")):
            parts += _interval(one, of[one], scale, top + 28 + place * 18)
    says = "A filled circle and a whole line are the model, a hollow square and a dashed line are the rule."
    return _figure("intervals", "Model and rule with their 95% intervals", says, len(measured) * 64, *parts)


def _interval(name: str, found: Mapping[str, float | None], scale: Scale, y: float) -> list[Element]:
    value, low, high = found["value"], found["low"], found["high"]
    parts = [_text(EDGE, y + 4, name), _text(WIDTH - EDGE, y + 4, shown(value), "end")]
    if low is not None and high is not None:
        parts.append(_line(name, scale(low), y, scale(high), y, width=2, **DASHES[name]))
    return [*parts, *([_mark(name, scale(value), y)] if value is not None else [])]


def calibration(found: Sequence[Tenth]) -> Element:
    """Draw what the model says against what came, with the line on which both are the same."""
    top = max(max(tenth.said, tenth.high) for tenth in found)
    across, up = Scale(0, top, 44, WIDTH - EDGE), Scale(0, top, 250, EDGE)
    parts = [*_axes(across, up, (0, top), (0, top), "said by the model", "came true", "{:.0%}")]
    parts.append(_line("line", across(0), up(0), across(top), up(top), stroke_dasharray="2 3"))
    for tenth in found:
        x = across(tenth.said)
        parts += [
            _line("model", x, up(tenth.low), x, up(tenth.high), width=2),
            _mark("model", x, float(up(tenth.came))),
        ]
    says = "On the dotted line both are the same; a line through a point is the 95% interval of what came true."
    return _figure("calibration", "How often it came true, by what the model said", says, 290, *parts)


def residuals(outcomes: NDArray[Any], scores: NDArray[Any]) -> Element:
    """Draw what came minus what the model said, for some of the rows."""
    few = np.random.default_rng(0).permutation(len(scores))[:DOTS]
    said, missed = scores[few], outcomes[few] - scores[few]
    most = float(np.abs(missed).max()) or 1.0
    across, up = Scale(float(said.min()), float(said.max()), 60, WIDTH - EDGE), Scale(-most, most, 250, EDGE)
    ends = (float(said.min()), float(said.max()))
    parts = [*_axes(across, up, ends, (-most, 0, most), "said by the model", "off by", "")]
    parts.append(_line("line", across(ends[0]), up(0), across(ends[1]), up(0), stroke_dasharray="2 3"))
    dots = (
        element("circle", cx=across(x), cy=up(y), r=2.5, fill="none", stroke=PALETTE["model"])
        for x, y in zip(said.tolist(), missed.tolist(), strict=True)
    )
    says = (
        f"{len(few):,} of {len(scores):,} rows. Above the dotted line more came than was said. "
        "A pattern is something left to learn."
    )
    return _figure("residuals", "What came minus what the model said", says, 290, *parts, *dots)


def _axes(
    across: Scale, up: Scale, xs: Sequence[float], ys: Sequence[float], below: str, beside: str, form: str
) -> list[Element]:
    def words(value: float) -> str:
        return form.format(value) if form else shown(value)

    left, bottom = across.start, up.start
    parts = [_line("line", left, bottom, across.end, bottom), _line("line", left, bottom, left, up.end)]
    anchors = ["start", "end"]
    parts += [_text(across(x), bottom + 16, words(x), anchor) for x, anchor in zip(xs, anchors, strict=True)]
    parts += [_text(left - 6, float(up(y)) + 4, words(y), "end") for y in ys]
    middle = (left + across.end) / 2
    return [*parts, _text(middle, bottom + 32, below, "middle"), _text(left + 6, up.end + 4, beside)]


def bars(found: Sequence[Importance], metric: str) -> Element:
    """Draw how much the model loses without each column."""
    most = max((item.mean for item in found if item.mean > 0), default=0) or 1.0
    scale = Scale(0, most, 0, WIDTH - 2 * EDGE - 60)
    parts: list[Element] = []
    for number, item in enumerate(found):
        top, width = number * 36, scale(max(0.0, item.mean)) if item.mean > 0 else "0"
        parts += [
            _text(EDGE, top + 13, short(item.column, 44)),
            element("rect", x=EDGE, y=top + 18, width=width, height=10, fill=PALETTE["model"]),
            _text(f"{EDGE + float(width) + 6:.1f}", top + 27, shown(item.mean)),
        ]
    says = "The longer the bar, the more the model relies on the column."
    return _figure("importance", f"Loss of {metric} when a column is shuffled", says, len(found) * 36, *parts)
