"""Pages of Markdown as values: what the rules across files ask of them."""

from __future__ import annotations

from ml_checks.record import Record
from ml_checks.values import Location, all_noted, texts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ml_checks.reading.markdown import Markdown
    from ml_checks.values import Map, Text

    Told = tuple[str, ...]
    Head = tuple[tuple[int, int], Told, Told, Told, Told] | None
    Kept = tuple[Head, tuple[tuple[str, int, int], ...]]


class Link(Record):
    """Where a link or an image points, as it is written."""

    target: str
    line: int
    col: int


class Owned(Record):
    """The owners that a charter or a model card names, and where it names one, or where it should."""

    owner_at: Location
    owners: tuple[Text, ...]


class Front(Record):
    """What the front matter of a page declares."""

    owned: Owned
    describes: tuple[Text, ...]
    inputs: tuple[Text, ...]
    outputs: tuple[Text, ...]


class Page(Record):
    """A page of Markdown; `kind` is readme, model_card, review_template or page."""

    path: str
    kind: str
    front: Front | None
    links: tuple[Link, ...]

    @property
    def at(self) -> Location:
        """The page as a whole."""
        return Location(self.path, 1, 1)

    @property
    def owned(self) -> Owned:
        """Who owns what the page is about."""
        return self.front.owned if self.front else Owned(self.at, ())


def page(path: str, kind: str, text: Markdown, declared: Map | None) -> Page:
    """Return the page that a text is, with the mapping that its front matter holds."""
    return Page(path, kind, None if declared is None else _front(declared), tuple(text.links()))


def _front(declared: Map) -> Front:
    lists = (tuple(declared.one_or_more(key)) for key in ("describes", "inputs", "outputs"))
    return Front(owned(declared), *lists)


def owned(declared: Map) -> Owned:
    """Return the owner that a charter or a model card names, or the list of its owners, and where."""
    owners = tuple(declared.one_or_more("owner"))
    return Owned(owners[0].at if owners else declared.at_key("owner"), owners)


def kept(page: Page) -> Kept:
    """Return a page in plain types."""
    links = tuple(link[:] for link in page.links)
    if page.front is None:
        return None, links
    (owner_at, owners), describes, inputs, outputs = page.front
    return (owner_at[1:], all_noted(owners), all_noted(describes), all_noted(inputs), all_noted(outputs)), links


def page_of(path: str, kind: str, told: Kept) -> Page:
    """Return the page of which this was kept."""
    head, links = told
    front = None
    if head is not None:
        owner_at, owners, *lists = head
        owned = Owned(Location(path, *owner_at), texts_of(path, owners))
        front = Front(owned, *(texts_of(path, told) for told in lists))
    return Page(path, kind, front, tuple(Link(*link) for link in links))
