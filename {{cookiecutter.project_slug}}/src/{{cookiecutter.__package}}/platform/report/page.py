"""Makes one HTML page out of elements: all text is escaped, and nothing is fetched or run."""

from collections.abc import Iterable, Sequence
from string import Template
from xml.etree.ElementTree import Element, tostring

# The colours, named by what they are for. Tests compute their contrast; nothing is told by colour alone.
PALETTE = {"paper": "#ffffff", "shade": "#f1f3f5", "ink": "#1b1b1b", "muted": "#555555"} | {
    "model": "#0b5cad",
    "rule": "#9a4a00",
    "line": "#767676",
}
LONGEST = 60
# The page needs nothing but its own styles: a browser that meets anything else refuses it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = Template("""
:root { color-scheme: light; }
body { background: $paper; color: $ink; font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem;
  overflow-wrap: anywhere; padding: 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
h2 { border-top: 2px solid $ink; font-size: 1.2rem; margin-top: 2.5rem; padding-top: .5rem; }
.lead { font-size: 1.2rem; }
.attention { border-left: .4rem solid $rule; padding-left: .75rem; }
.note, figcaption { color: $muted; }
figure { margin: 1rem 0; max-width: 34rem; }
svg { display: block; height: auto; width: 100%; }
svg text { fill: $ink; font: 12px system-ui, sans-serif; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 1rem 0; min-width: 20rem;
  overflow-wrap: normal; }
caption { font-weight: bold; padding: .25rem 0; text-align: left; }
th, td { border-bottom: 1px solid $line; padding: .25rem .75rem .25rem 0; text-align: left; vertical-align: top; }
thead th { background: $shade; vertical-align: bottom; }
tbody th { font-weight: normal; min-width: 7rem; overflow-wrap: anywhere; }
.text { color: $muted; overflow-wrap: anywhere; }
tbody .group { font-weight: bold; padding-top: .75rem; }
.number { text-align: right; }
dt { font-weight: bold; }
dd { margin: 0 0 .5rem; }
@media print {
  body { font-size: 10pt; max-width: none; padding: 0; }
  .scroll { overflow: visible; }
  figure { max-width: 24rem; }
  p, tbody, tr, figure { break-inside: avoid; }
  h2, section > p, caption, thead, dt { break-after: avoid; }
  @page { margin: 15mm; }
}
""").substitute(PALETTE)

Child = Element | str | None


def element(tag: str, *children: Child, **attributes: object) -> Element:
    """Return an element with its attributes, of which `class_` and `aria_label` are spelt for Python."""
    names = {name.rstrip("_").replace("_", "-"): str(value) for name, value in attributes.items()}
    found = Element(tag, names)
    for child in children:
        if isinstance(child, Element):
            found.append(child)
        elif child and len(found):
            found[-1].tail = (found[-1].tail or "") + child
        elif child:
            found.text = (found.text or "") + child
    return found


def short(text: str, longest: int = LONGEST) -> str:
    """Return a text from the data on one line, cut where it is long."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text[: longest + 1])
    return f"{plain[: longest - 1]}…" if len(plain) > longest else plain


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[Child]], words: int = 1) -> Element:
    """Return a table whose first column names its rows; the first `words` columns are words, the others numbers."""
    return _table(caption, head, [element("tbody", *(_row(row, words) for row in rows))], words)


def grouped(caption: str, head: Sequence[str], groups: Iterable[tuple[str, Sequence[Sequence[Child]]]]) -> Element:
    """Return a table whose rows are in groups, each under its title."""
    bodies = [
        element(
            "tbody",
            element("tr", element("th", title, scope="rowgroup", colspan=len(head), class_="group")),
            *(_row(row, 1) for row in rows),
        )
        for title, rows in groups
    ]
    return _table(caption, head, bodies, 1)


def with_texts(caption: str, head: Sequence[str], rows: Iterable[tuple[Sequence[Child], str]]) -> Element:
    """Return a table of words in which a text stands under each row, as wide as the table."""
    bodies = [
        element("tbody", _row(cells, len(head)), element("tr", element("td", text, colspan=len(head), class_="text")))
        for cells, text in rows
    ]
    return _table(caption, head, bodies, len(head))


def _table(caption: str, head: Sequence[str], bodies: Sequence[Element], words: int) -> Element:
    titles = [element("th", title, scope="col", **_kind(place, words)) for place, title in enumerate(head)]
    whole = element("table", element("caption", caption), element("thead", element("tr", *titles)), *bodies)
    return element("div", whole, class_="scroll", role="region", aria_label=caption, tabindex=0)


def _row(cells: Sequence[Child], words: int) -> Element:
    rest = (element("td", cell, **_kind(place, words)) for place, cell in enumerate(cells[1:], start=1))
    return element("tr", element("th", cells[0], scope="row"), *rest)


def _kind(place: int, words: int) -> dict[str, str]:
    return {} if place < words else {"class_": "number"}


def points(items: Iterable[Child]) -> Element:
    """Return a list."""
    return element("ul", *(element("li", item) for item in items))


def section(title: str, *children: Child) -> Element:
    """Return a part of the page under a heading."""
    return element("section", element("h2", title), *children)


def page(title: str, *children: Child) -> str:
    """Return the text of a page."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", STYLE),
    )
    whole = element("html", head, element("body", element("main", element("h1", title), *children)), lang="en")
    return f"<!doctype html>\n{tostring(whole, encoding='unicode', method='html')}\n"
