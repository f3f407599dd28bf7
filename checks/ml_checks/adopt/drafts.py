"""Drafts of what only an owner can finish: the charter, a card for each model, the questions of a review."""

from __future__ import annotations

import json
import posixpath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ml_checks.adopt.models import Candidate
    from ml_checks.standards import Standards

CHARTER = "project.yaml"
TODO = "TODO"
# So many files are named in a card.
MOST_FILES = 3
QUESTIONS = {
    "intended use": "which decision uses the predictions, and who takes it.",
    "training data": "which data, from when to when, and what they leave out.",
    "evaluation": "how well it does, and how much better than a simple rule.",
    "limitations": "where it is wrong, and who bears that.",
}


def charter(name: str, owner: str, review_by: object, models: Sequence[Candidate], stage: str) -> str:
    """Return the charter of a repository that makes models."""
    rows = [
        "# The charter: why this project exists, who answers for it, and which models it makes. `ml-checks adopt`",
        "# drafted it from the files that each model names; replace what is still to do. These stages block nothing.",
        f"name: {_text(name)}",
        f"decision: {_text(f'{TODO}: the decision that this project improves')}",
        f"problem: {_text(f'{TODO}: what goes wrong today, and how often')}",
        f"owner: {_text(owner)}",
        f"review_by: {review_by}",
        "models:",
    ]
    for model in models:
        rows += [f"  - name: {model.name} # {_files(model.files)}", f"    stage: {stage}"]
    return "".join(f"{row}\n" for row in rows)


def card_path(model: Candidate) -> str:
    """Return where the card of a model lies."""
    return f"models/{model.name}/README.md"


def card(model: Candidate, owner: str, review_by: object, standards: Standards) -> str:
    """Return the card of a model, with the sections that the standards ask for."""
    title = model.name.replace("_", " ").capitalize()
    up = posixpath.relpath(".", posixpath.dirname(card_path(model)))
    rows = ["---", f"owner: {_text(owner)}", f"review_by: {review_by}", "---", "", f"# {title}", ""]
    stage = f"the stage is in [{CHARTER}]({up}/{CHARTER})."
    rows += [f"`ml-checks adopt` drafted this card from {_files(model.files)}; {stage}"]
    for first, *_ in standards.sections["model_card"]:
        rows += ["", f"## {first}", "", _answer(first, owner, review_by)]
    return "".join(f"{row}\n" for row in rows)


def _answer(section: str, owner: str, review_by: object) -> str:
    """Return what is known of a section, or what its owner has to write."""
    if "owner" in section.lower():
        return f"{owner} answers for this model, and reviews it by {review_by}."
    return f"{TODO}: {QUESTIONS.get(section.lower(), 'what a reader has to know.')}"


def review_template(standards: Standards) -> str:
    """Return a template for pull requests with the company's questions."""
    rows = ["**What changes, and why?**", ""]
    rows += ["What no machine can tell: tick a yes, or write `N/A: reason` behind the point.", ""]
    rows += [f"- [ ] {asks}" for asks, _ in standards.review_points.values()]
    return "".join(f"{row}\n" for row in rows)


def _files(paths: Sequence[str]) -> str:
    more = len(paths) - MOST_FILES
    named = ", ".join(_shown(paths[:MOST_FILES]))
    return f"{named} and {more} more" if more > 0 else named


def _shown(paths: Iterable[str]) -> list[str]:
    return [path if path.isprintable() else ascii(path) for path in paths]


def _text(text: str) -> str:
    return json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False)
