"""Pages of Markdown as values: what the rules across files ask of them."""

from __future__ import annotations

from ml_checks.reading.document import Document, fact
from ml_checks.record import Record
from ml_checks.values import Location, Text, text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ml_checks.reading.document import Packed
    from ml_checks.reading.markdown import Markdown
    from ml_checks.values import Map


class Owned(Record):
    """The owners that a charter or a model card names, and where it names one, or where it should."""

    owner_at: Location
    owners: tuple[Text, ...]


class Page(Document):
    """A page of Markdown; `kind` is readme, model_card, review_template or page.

    To add a fact, write it here: `text` is the page, and `front` the mapping that its front matter holds, if it does.
    """

    text: Markdown
    front: Map | None

    def __init__(self, path: str, kind: str, packed: dict[str, Packed] | None = None) -> None:
        """Take the facts where they are known."""
        super().__init__(path, packed)
        self.kind = kind

    @classmethod
    def of(cls, path: str, kind: str, text: Markdown, front: Map | None) -> Page:
        """Return the page that a text is."""
        page = cls(path, kind)
        page.text, page.front = text, front
        return page

    @property
    def at(self) -> Location:
        """The page as a whole."""
        return Location(self.path, 1, 1)

    @fact
    def is_declared(self) -> bool:
        """Whether there is a front matter that declares something."""
        return self.front is not None

    @fact
    def owner_at(self) -> Location:
        """Where the page names an owner, or where it should."""
        return self.at if self.front is None else owned(self.front).owner_at

    @fact
    def owners(self) -> tuple[Text, ...]:
        """The owners of what the page is about."""
        return self._texts("owner")

    @fact
    def describes(self) -> tuple[Text, ...]:
        """The paths of what the page describes."""
        return self._texts("describes")

    @fact
    def inputs(self) -> tuple[Text, ...]:
        """The contracts that the model reads."""
        return self._texts("inputs")

    @fact
    def outputs(self) -> tuple[Text, ...]:
        """The contracts that the model writes."""
        return self._texts("outputs")

    @fact
    def links(self) -> tuple[Text, ...]:
        """Where its links and images point, as it is written."""
        return tuple(text_at(Location(self.path, link.line, link.col), link.target) for link in self.text.links())

    @fact
    def labels(self) -> tuple[Text, ...]:
        """The labels that MyST lets other pages link to."""
        return tuple(text_at(self.at, label) for label in self.text.labels())

    def _texts(self, key: str) -> tuple[Text, ...]:
        return () if self.front is None else tuple(self.front.one_or_more(key))


def owned(declared: Map) -> Owned:
    """Return the owner that a charter or a model card names, or the list of its owners, and where."""
    owners = tuple(declared.one_or_more("owner"))
    return Owned(owners[0].at if owners else declared.at_key("owner"), owners)
