"""What is judged: a work tree with what it is held to, and the kinds of files that rules read in it."""

from __future__ import annotations

import os

from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from ml_checks.reading.git import Repository
    from ml_checks.standards import Standards

    # A path from the repository's root, and its kind.
    File = tuple[str, str]

# The kinds of files that hold schemas in other formats, each with the language whose types it names.
TYPE_LANGUAGES = {"json_schema": "json_schema", "avro": "avro", "sql": "sql", "dbt": "sql", "python": "python"}
# What rules read: contracts, charters, schemas in other formats, pages as rules tell them apart, all that has datasets.
CONTRACTS = ("contracts",)
CHARTERS = ("charters",)
SCHEMAS = tuple(TYPE_LANGUAGES)
PAGES = ("readme", "model_card", "review_template", "page")
DATASETS = (*CONTRACTS, *SCHEMAS)
INFRASTRUCTURE = ("dockerfiles", "compose", "kubernetes")
GROUPS = {"contracts": CONTRACTS, "schemas": SCHEMAS, "pages": (*PAGES, *CHARTERS), "infrastructure": INFRASTRUCTURE}
# The kinds of files, as the standards have them, that are pages; model cards apart.
PAGE_FILES = ("pages", "shared_templates", "github_templates", "gitlab_templates", "azure_templates")
# The files that say what others are: projects of dbt, charts of Helm, and what kustomize puts together.
MARKERS = ("dbt_project.yml", "Chart.yaml", "kustomization.yaml", "kustomization.yml", "Kustomization")


class Snapshot(Record):
    """What is judged: a work tree, what it is held to, the day, the commit to compare with, and what is not saved.

    `base` is empty where that is the last commit; `unsaved` holds what an editor has, in the place of these files.
    """

    repository: Repository
    standards: Standards
    today: datetime.date
    base: str = ""
    unsaved: Mapping[str, bytes] = {}

    @property
    def paths(self) -> tuple[str, ...]:
        """Every tracked path, and every path that is not saved, in git's order."""
        tracked = self.repository.paths
        return tuple(sorted({*tracked, *self.unsaved}, key=os.fsencode)) if self.unsaved else tracked
