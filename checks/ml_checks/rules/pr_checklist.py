"""PRC: the questions that a review answers because no machine can."""

from __future__ import annotations

from ml_checks.errors import quoted
from ml_checks.project.snapshot import PAGES
from ml_checks.rules.registry import file_rule, rule
from ml_checks.standards.values import kind_of_template
from ml_checks.values import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.project.batch import Batch
    from ml_checks.project.pages import Page
    from ml_checks.project.project import Project
    from ml_checks.reading.markdown import Markdown
# What each host calls such a request, and where to begin a template.
OFFERED = {
    "GitHub": ("pull requests", ".github/pull_request_template.md"),
    "Azure": ("pull requests", ".azuredevops/pull_request_template.md"),
    "GitLab": ("merge requests", ".gitlab/merge_request_templates/Default.md"),
}


@rule("PRC001")
def template_missing(project: Project) -> Iterator[tuple[Location, str]]:
    """A repository that makes models has no template for its pull requests.

    Nobody is asked whether an input is known in time, who bears the errors, and how to go back. Add the template, with
    the points of `pull_request` in the standards.
    """
    # One that is excluded is there all the same.
    if project.models and not project.review_templates and not any(map(kind_of_template, project.excluded)):
        requests, path = OFFERED[project.dialect.host]
        yield Location(path, 1, 1), f"no template that the host puts into new {requests}"


@file_rule("PRC002", PAGES)
def point_missing(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A template of pull requests has no box to tick for a question of the company.

    If nobody asks the question on each change, somebody asks it after the accident. Add the box, in your own words if
    you like; `known_by` in the standards lists the words by which it is found.
    """
    for page, text in _templates(batch):
        asked = [box.text.lower() for box in text.boxes]
        for name, (asks, known_by) in batch.standards.review_points.items():
            if not any(words in box for box in asked for words in known_by):
                yield page.at, f"no box on {quoted(name)}, such as '- [ ] {asks}'"


@file_rule("PRC003", PAGES)
def box_ticked(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A box is ticked in the template already.

    It says yes on every change, before anybody has looked. Leave it empty.
    """
    for page, text in _templates(batch):
        for box in text.boxes:
            if box.mark != " ":
                yield Location(page.path, box.line, box.col), f"box {quoted(box.text)} is ticked from the start"


@file_rule("PRC004", PAGES)
def box_broken(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A line looks like a box to tick, and is none.

    The host shows its brackets as text, and nobody can tick it. A box is a dash, a space, brackets around one space,
    and a space again: `- [ ] text`.
    """
    for page, text in _templates(batch):
        for line, col, written in text.broken_boxes():
            yield Location(page.path, line, col), f"{quoted(written)} makes no box to tick; write '- [ ] ' and the text"


def _templates(batch: Batch) -> Iterator[tuple[Page, Markdown]]:
    return ((page, text) for page, text in batch.pages if page.kind == "review_template")
