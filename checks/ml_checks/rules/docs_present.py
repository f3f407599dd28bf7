"""DOC: documentation that is there and stays true."""

from __future__ import annotations

import posixpath
import re
from itertools import chain

from ml_checks.errors import UncheckedError, count, quoted
from ml_checks.project.snapshot import CHARTERS, DATASETS, PAGES
from ml_checks.rules.registry import file_rule, rule
from ml_checks.values import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.project.batch import Batch
    from ml_checks.project.pages import Page
    from ml_checks.project.project import Project
    from ml_checks.standards import Standards
    from ml_checks.values import Dataset, Field, Text

# Words that a description may add to a name without saying more.
FILLERS = frozenset(
    ["a", "an", "and", "column", "dataset", "field", "for", "in", "is", "of", "or", "table", "the", "this"]
)
# Where GitHub looks for the first page of a repository, beside its root.
README_FOLDERS = ("docs", ".github")
# Not compiled here: most runs need none of them.
_WORD = r"\w+"
_TEMPLATE = r"(?:^|/)(?:issue|pull_request|merge_request)_templates?(?:[./]|$)"
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*:|//|#"


@rule("DOC001")
def page_missing(project: Project) -> Iterator[tuple[Location, str]]:
    """A project or a model has no page that explains it.

    New colleagues have to read the code to learn its purpose. Write `README.md` in the project's folder, and a model
    card in `models/<name>/README.md`.
    """
    for folder in project.project_folders:
        page = posixpath.join(folder, "README.md")
        if page not in project.tracked and not _is_explained(project, folder):
            yield Location(page, 1, 1), "the project has no README.md"
    for model in project.models:
        if model.card not in project.tracked:
            yield model.at, f"model {model.name!r} has no card in {model.card}"


def _is_explained(project: Project, folder: str) -> bool:
    """Tell whether a folder has its page in another language than Markdown, or where hosts look for it too."""
    places = {folder, *(posixpath.join(folder, name) for name in README_FOLDERS)}
    return any(posixpath.dirname(path) in places for path in filter(_is_readme, project.paths))


def _is_readme(path: str) -> bool:
    return posixpath.basename(path).lower().partition(".")[0] == "readme"


@file_rule("DOC002", PAGES, gap="section")
def section_missing(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A page lacks a section that people look for in it.

    People ask the question again and again, or they do not ask and guess. Write the section.
    """
    for page, text in batch.pages:
        for accepted in batch.standards.sections.get(page.kind, ()):
            if not text.titled(accepted):
                yield page.at, f"no section {_either(*accepted)}"


@file_rule("DOC003", PAGES, gap="section")
def section_empty(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A required section of a page is empty.

    The heading promises an answer, and there is none. Write the answer; one sentence can be enough.
    """
    for page, text in batch.pages:
        required = chain.from_iterable(batch.standards.sections.get(page.kind, ()))
        for section in text.titled(required):
            if section.is_empty:
                yield Location(page.path, section.line, section.col), f"section {quoted(section.title)} is empty"


@file_rule("DOC004", (*PAGES, *CHARTERS, *DATASETS), gap="placeholder")
def placeholder_left(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A page, a charter or a description still holds a placeholder.

    The text looks finished and says nothing. Write the real text, or remove the placeholder.
    """
    for page, text in batch.pages:
        found = _placeholders_in_page(page, text.prose, batch.standards)
        for match, place in zip(found, text.places(match.start() for match in found), strict=True):
            yield Location(page.path, *place), f"placeholder {quoted(match[0])}"
    for value, word in _placeholders_in_texts(batch):
        yield value.at, f"placeholder {quoted(word)}"


def _placeholders_in_page(page: Page, prose: str, standards: Standards) -> list[re.Match[str]]:
    """Return the placeholders in a page; what a host puts into each request or issue is there to be filled in."""
    found = [] if re.search(_TEMPLATE, page.path.lower()) else standards.placeholders(prose)
    # A line of MyST that begins with a per cent sign is a comment, which no reader sees.
    return [one for one in found if not prose.startswith("%", prose.rfind("\n", 0, one.start()) + 1)]


@file_rule("DOC005", DATASETS, gap="description")
def description_missing(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A dataset or a field under contract, or one that dbt makes, has no description.

    Only one person knows the meaning, and will leave one day. Write one sentence: what it is, when it is known, in
    which unit.
    """
    for dataset in batch.explained:
        if not dataset.description:
            yield dataset.at, f"dataset {dataset.shown} has no description"
        for field in dataset.fields:
            if not field.description:
                yield field.at, f"field {field.shown} has no description"


@file_rule("DOC006", DATASETS, gap="description")
def description_short(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A description is too short to say anything.

    One or two words only repeat the name. Write one sentence.
    """
    least = batch.standards.min_description
    for description, name in _descriptions(batch):
        if len(description) < least and not _has_another_fault(description, name, batch.standards):
            sizes = f"has {len(description)} characters, {least} are expected"
            yield description.at, f"description {description!r} {sizes}"


@file_rule("DOC007", DATASETS, gap="description")
def description_repeats_name(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A description says what the name says, and no more.

    It costs a line and answers nothing. Say where the value comes from, when it is known, what it excludes.
    """
    for description, name in _descriptions(batch):
        if name and _says_no_more(description, name) and not batch.standards.placeholders(description):
            yield description.at, f"description {description!r} repeats the name {name!r}"


@rule("DOC008")
def link_broken(project: Project) -> Iterator[tuple[Location, str]]:
    """A page or a contract refers to a file that is not in the repository.

    The reader finds nothing there. Correct the link, or remove it together with its promise.
    """
    for link in _broken(project):
        yield link.at, f"link to {link!r}, which is not tracked"
    for described, path in chain.from_iterable(map(project.described, project.pages)):
        if path not in project.tracked:
            yield described.at, f"describes {described!r}, which is not tracked"


@rule("DOC009", by_path=True)
def page_stale(project: Project) -> Iterator[tuple[Location, str]]:
    """A page is older than what it describes allows.

    The files that it describes (`describes` in its front matter) have changed and the page has not, so nobody knows
    whether it is still true. Read it again and correct it, or write that it was reviewed.
    """
    for page in project.pages:
        described = [(text, path) for text, path in project.described(page) if path in project.tracked]
        if _may_be_stale(project, page, [path for _, path in described]):
            for text, path in described:
                if (days := _lag(project, page, [path])) > project.standards.max_page_lag_days:
                    yield text.at, f"{text!r} changed {days} days after this page"
    _refuse_unknown(project)


def _refuse_unknown(project: Project) -> None:
    """Raise UncheckedError where git could not tell when pages last changed."""
    if unknown := [page.path for page in project.pages if page.describes and project.is_change_unknown(page.path)]:
        others = f" and {count(len(unknown) - 1, 'other page')}" if unknown[1:] else ""
        why = f"this clone does not reach back to when {unknown[0]}{others} last changed"
        raise UncheckedError(f"{why}; run `git fetch --unshallow`")


def _may_be_stale(project: Project, page: Page, paths: list[str]) -> bool:
    """Tell whether one of the paths changed too late after a page.

    Git is a process each time: it is asked when the answer may have changed, and of all paths together first.
    """
    if not paths or project.is_settled([page.path, *paths]):
        return False
    return _lag(project, page, paths) > project.standards.max_page_lag_days


def _lag(project: Project, page: Page, paths: list[str]) -> int:
    """Return how many days after a page the last of the paths changed; 0 where that is not known."""
    written, changed = project.last_changes([page.path], paths)
    return (changed - written).days if changed and written else 0


def _descriptions(batch: Batch) -> Iterator[tuple[Text, Text | None]]:
    """Yield every description of a dataset or a field that is written, with the name."""
    for dataset in batch.datasets:
        everything: tuple[Dataset | Field, ...] = (dataset, *dataset.fields)
        for one in everything:
            if one.description:
                yield one.description, one.name


def _has_another_fault(description: Text, name: Text | None, standards: Standards) -> bool:
    """Tell whether a short text is a block of dbt's (`{{ doc("flight_id") }}`), or is for DOC004 or DOC007."""
    if description.startswith("{{") or standards.placeholders(description):
        return True
    return name is not None and _says_no_more(description, name)


def _placeholders_in_texts(batch: Batch) -> Iterator[tuple[Text, str]]:
    """Yield the texts of charters and the descriptions with a placeholder, and the first one in each."""
    texts = [*batch.chartered, *batch.purposes, *(description for description, _ in _descriptions(batch))]
    # Searched as one text first: in nearly every repository that finds nothing, and is twice as fast.
    if batch.standards.placeholders("\n".join(texts)):
        for text in texts:
            found = _placeholders_in(text, batch.standards)
            yield from ((text, match[0]) for match in found[:1])


def _placeholders_in(text: Text, standards: Standards) -> list[re.Match[str]]:
    """Return the placeholders in a text, which may be Markdown; code counts nowhere."""
    if "`" not in text:
        return standards.placeholders(text)
    from ml_checks.reading.markdown import Markdown

    return standards.placeholders(Markdown(text).prose)


def _either(title: str, *others: str) -> str:
    """Return a title as a message shows it, and what else would do."""
    return quoted(title) + (f" (or {', '.join(map(quoted, others))})" if others else "")


def _says_no_more(description: Text, name: Text) -> bool:
    known = {*name.lower().split("_"), *FILLERS}
    # Nearly every description ends in a word of its own, and there is no need to look at the others.
    last = "".join(description.lower().rsplit(None, 1)[-1:]).rstrip(".,;:!?)")
    if last.isalnum() and last not in known:
        return False
    return known.issuperset(re.findall(_WORD, description.lower()))


def _links(project: Project) -> Iterator[Text]:
    """Yield where the links of pages and the definitions of contracts lead, as written."""
    for page in project.pages:
        yield from page.links
    for contract in project.contracts:
        yield from contract.definitions


def _broken(project: Project) -> Iterator[Text]:
    """Yield the links that lead nowhere, be it as files or as the generator of a site takes them."""
    paths = ((link, _path_of(link, link.path)) for link in _links(project))
    missing = [(link, path) for link, path in paths if path is not None and not _is_there(path, project)]
    if missing:
        from ml_checks.project.sites import Sites

        yield from Sites(project).broken(missing)


def _is_there(path: str, project: Project) -> bool:
    """Tell whether a path is tracked, a folder, or in a submodule, of which git tracks no more than where it is."""
    if path in project.tracked or path in project.folders:
        return True
    return any(path[:index] in project.tracked for index, char in enumerate(path) if char == "/")


def _path_of(target: str, page: str) -> str | None:
    """Return the path from the root that a link means; None where it leads out of the repository."""
    if re.match(_SCHEME, target):
        return None
    target = _file_of(target)
    base = "" if target.startswith("/") else posixpath.dirname(page)
    path = posixpath.normpath(posixpath.join(base, target.lstrip("/")))
    if f"{path}/".startswith("../"):
        return None
    return "" if path == "." else path


def _file_of(target: str) -> str:
    """Return the path in a target as it is meant, without a query and a place in the page."""
    if "\\" in target or "&" in target:
        from ml_checks.reading.markdown import meant

        target = meant(target)
    target = target.partition("#")[0].partition("?")[0]
    if "%" in target:
        from urllib.parse import unquote

        target = unquote(target)
    return target
