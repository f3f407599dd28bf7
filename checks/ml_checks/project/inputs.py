"""What the models read that are past feasibility."""

from __future__ import annotations

from ml_checks.contracts.consumers import Consumer
from ml_checks.values import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ml_checks.contracts.contract import Contract
    from ml_checks.project.project import Model, Project

# The stage of a model that nobody uses any more.
RETIRED = "retired"


def inputs_in_use(project: Project) -> Iterator[tuple[Model, Contract | None]]:
    """Yield each model past feasibility beside each contract that it reads; None for rows under no contract."""
    idle = {None, *project.standards.draft_stages, RETIRED}
    for model in project.models:
        if model.stage not in idle:
            yield from ((model, contract) for contract in _inputs(project, model))


def _inputs(project: Project, model: Model) -> Iterable[Contract | None]:
    """Return the contracts that a model reads, once each: that of its rows, and those that its card declares."""
    declared = next((page.inputs for page in project.model_cards if page.path == model.card), ())
    reader = Consumer(project.folder_of(model.card), declared, ())
    rows = project.flows.found(reader, _names(model.rows))[:1]
    judged: list[Contract | None] = [*rows] if rows or not model.rows else [None]
    return dict.fromkeys([*judged, *project.flows.found(reader, declared)])


def _names(dataset: str | None) -> list[Text]:
    """Return what the contract of a dataset may be called: by its file, and by its id."""
    return [Text(f"contracts/{dataset}.odcs.yaml"), Text(dataset)] if dataset else []
