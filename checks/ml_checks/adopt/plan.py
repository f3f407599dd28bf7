"""The plan of an adoption: what is there, what to add, and what is left once all of it is written."""

from __future__ import annotations

import json
import os
from datetime import timedelta

from ml_checks import standards
from ml_checks.adopt import drafts, hook
from ml_checks.adopt.exclusions import exclusions, folder_of, pattern_of
from ml_checks.adopt.insertion import with_first_lines, with_item
from ml_checks.adopt.inventory import generators, inventory, personal
from ml_checks.adopt.models import MOST, candidates
from ml_checks.codeowners import parse
from ml_checks.errors import CannotRunError, count
from ml_checks.project.project import Project
from ml_checks.reading.git import Command, is_ignored
from ml_checks.record import Record
from ml_checks.report.model import documentation
from ml_checks.report.summary import summary
from ml_checks.rules import select
from ml_checks.rules.pr_checklist import OFFERED
from ml_checks.rules.registry import RULES, RunRule, is_on_unread
from ml_checks.rules.run import BASELINE
from ml_checks.run import baseline, engine
from ml_checks.run.fingerprint import fingerprints

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ml_checks.adopt.exclusions import Exclusion
    from ml_checks.adopt.inventory import Kind, Personal
    from ml_checks.adopt.models import Candidate
    from ml_checks.adopt.tree import Change, Tree
    from ml_checks.report.summary import Row
    from ml_checks.rules.run import Result
    from ml_checks.values import Finding

# Where the file lies that a host reads; the first of a dialect's places is not what each host's people expect.
CODEOWNERS = {"GitHub": ".github/CODEOWNERS", "GitLab": ".gitlab/CODEOWNERS"}
STANDARDS_HEAD = """\
# What differs here from the company's standards. `ml-checks standards` shows what is in force.
"""
# In how many days a model is looked at again.
REVIEW_DAYS = 180
# What adopt writes under a name that depends on nothing.
OWN_PATHS = (standards.PROJECT_FILE, BASELINE, drafts.CHARTER, hook.WORKFLOW, *hook.SETTINGS)


class Leftover(Record):
    """A finding that neither the plan nor the baseline settles, and what does."""

    finding: Finding
    remedy: str


class Plan(Record):
    """All that an adoption found, what it adds, and what it leaves."""

    owner: str
    targets: tuple[str, ...]
    """What adopt may write here, or has written."""
    tracked: int
    kinds: tuple[Kind, ...]
    generators: dict[str, str]
    models: tuple[Candidate, ...]
    personal: tuple[Personal, ...]
    exclusions: tuple[Exclusion, ...]
    changes: tuple[Change, ...]
    by_hand: tuple[tuple[str, tuple[str, ...]], ...]
    """What a person has to add: a sentence, and the lines."""
    notes: tuple[str, ...]
    rows: tuple[Row, ...]
    """What the baseline lists, by rule."""
    leftovers: tuple[Leftover, ...]
    crashes: tuple[str, ...]


class Planner:
    """Puts a plan together; each step adds to the tree, or to what a person has to do."""

    def __init__(self, tree: Tree, owner: str) -> None:
        """Look at the repository as it is."""
        self.tree, self.owner = tree, owner
        self.targets = _targets(tree)
        for path in self.targets:
            tree.text(path)  # what an earlier run has written counts, committed or not
        refuse_owner(owner, Project(tree.snapshot()))
        self.before = engine.run(tree.snapshot(), select([]))
        self.project, self.standards = self.before.run.project, self.before.run.project.standards
        self.tracked = frozenset(tree.repository.paths)
        self.by_hand: list[tuple[str, tuple[str, ...]]] = []
        self.notes: list[str] = []
        self.url = hook.address(self.standards)
        self.review_by = tree.today + timedelta(days=REVIEW_DAYS)

    def exclude(self) -> list[Exclusion]:
        """Leave alone what others wrote, in the standards of the project."""
        rows = exclusions(self.project, self.before.findings)
        if not rows:
            return []
        path = standards.PROJECT_FILE
        before = self.tree.text(path)
        text: str | None = STANDARDS_HEAD if before is None else before
        company = [] if "exclude" in self.standards.project else company_exclude()
        items = [(pattern, "as the company has it") for pattern in company]
        items += [(row.pattern, f"{row.why}: {count(row.findings, 'finding')}") for row in rows]
        for pattern, why in items:
            shown = json.dumps(pattern, ensure_ascii=False)
            text = with_item(text, "exclude", [f"{shown} # {why}"], shown) if text is not None else None
        lines = ("exclude:", *(f"  - {json.dumps(row.pattern, ensure_ascii=False)} # {row.why}" for row in rows))
        if text is None or not self._is_accepted(text):
            self.by_hand.append((f"Add to {path}, in the place that its form asks for:", lines))
            return []
        self._put(path, text, f"leave {count(len(rows), 'place')} alone that others wrote")
        return rows

    def _put(self, path: str, text: str, why: str) -> None:
        """Add a change, but none that git would leave out of every commit."""
        if self.tree.text(path) is None and is_ignored(self.tree.root, path):
            self.notes.append(f"Git ignores {path}: take it out of .gitignore, then run this again.")
        else:
            self.tree.put(path, text, why)

    def _is_accepted(self, text: str) -> bool:
        """Tell whether the company lets a project say this."""
        try:
            standards.load(self.tree.root, text)
        except CannotRunError:
            return False
        return True

    def own(self) -> None:
        """Give every file an owner."""
        codeowners, dialect = self.project.codeowners, self.project.dialect
        line = f"* {self.owner}"
        if codeowners is None:
            if fault := self.project.codeowners_fault:
                self.notes.append(f"{fault.at.path} {fault.message}: nothing is added to it.")
                return
            path = CODEOWNERS[dialect.host]
            head = "# Who is asked to review a change. Where several lines match a file, the last one decides."
            self._put(path, f"{head}\n{line}\n", f"{self.owner} is asked about every file")
            return
        unowned = [path for path in codeowners.ownership.unowned if path not in self.project.excluded]
        text = self.tree.text(codeowners.path)
        if unowned and text is not None:
            head = "# Who is asked where no line below matches."
            grown = with_first_lines(text, [head, line, ""])
            why = f"{self.owner} is asked about {count(len(unowned), 'file')} of nobody"
            self._put(codeowners.path, grown, why)

    def owner_of(self, path: str) -> str:
        """Return who owns a file that is not there yet: whom CODEOWNERS asks, else the owner that was given."""
        codeowners = Project(self.tree.snapshot()).codeowners
        asked = codeowners.ownership.owners_of(path) if codeowners else ()
        return self.owner if self.owner in asked or not asked else asked[0]

    def draft(self, excluded: Collection[str]) -> list[Candidate]:
        """Draft a charter, cards and the questions of a review where models are made."""
        found = candidates(self.project, self._own_work(excluded))
        if not found:
            return []
        names = ", ".join(model.name for model in found)
        hidden = [path for path in map(drafts.card_path, found) if is_ignored(self.tree.root, path)]
        if hidden:
            self.notes.append(f"Git ignores {hidden[0]}, so no model is drafted ({names}): take it out of .gitignore.")
        elif len(found) > MOST:
            why = f"{len(found)} models seem to be made here ({names})"
            self.notes.append(f"{why}: list those that count in {drafts.CHARTER}, each with its card.")
        elif self.tree.text(drafts.CHARTER) is None:
            self._write_cards(found)
            self._write_charter(found)
        else:
            drafted = {str(model.name) for model in self.project.models if model.card in self.project.drafts}
            self._write_cards([model for model in found if model.name in drafted])
            self._note_unlisted([model.name for model in found if model.name not in drafted])
        return found

    def _note_unlisted(self, names: Sequence[str]) -> None:
        listed = {str(model.name) for model in self.project.models}
        if new := [name for name in names if name not in listed]:
            self.notes.append(f"{drafts.CHARTER} lists no {', '.join(new)}: add under `models` what counts.")

    def _write_charter(self, found: Sequence[Candidate]) -> None:
        stage, owner = self.standards.draft_stages[0], self.owner_of(drafts.CHARTER)
        charter = drafts.charter(os.path.basename(self.tree.root), owner, self.review_by, found, stage)
        self._put(drafts.CHARTER, charter, f"the charter, with {count(len(found), 'model')} in {stage}")

    def _write_cards(self, found: Sequence[Candidate]) -> None:
        """Write the cards that are missing, and what a review of a model asks."""
        for model in found:
            path = drafts.card_path(model)
            if self.tree.text(path) is None:
                card = drafts.card(model, self.owner_of(path), self.review_by, self.standards)
                self._put(path, card, f"the card of {model.name}")
        _, path = OFFERED[self.project.dialect.host]
        if found and not self.project.review_templates and self.tree.text(path) is None:
            self._put(path, drafts.review_template(self.standards), "what a review of a model asks")

    def _own_work(self, excluded: Collection[str]) -> list[str]:
        """Return the files that this project's people wrote, and no tests or examples."""
        own = []
        for path in self.project.paths:
            folder = f"/{os.path.dirname(path).lower()}/"
            is_test = any(f"/{word}/" in folder for word in ("test", "tests", "testing"))
            if not is_test and not folder_of(path, self.tracked) and not self._is_excluded(path, excluded):
                own.append(path)
        return own

    def _is_excluded(self, path: str, excluded: Collection[str]) -> bool:
        return path in self.project.excluded or any(f"/{path}".startswith(pattern) for pattern in excluded)

    def hook(self) -> None:
        """Put the hook into the settings that are there, or into new ones."""
        there = [path for path in hook.SETTINGS if self.tree.text(path) is not None]
        for path in there or hook.SETTINGS[:1]:
            text = self.tree.text(path) or ""
            if hook.is_there(path, text):
                continue
            grown = hook.with_hook(path, text, self.url)
            if grown is None:
                lines = hook.table(self.url) if path.endswith(".toml") else hook.lines(self.url)
                what = f"Add to `repos` in {path}, where no place for it is sure:"
                self.by_hand.append((what, tuple(lines)))
            else:
                self._put(path, grown, f"the hook, at {hook.version()}")

    def ci(self) -> None:
        """Run the checks on the host: by a workflow of their own on GitHub, by lines to add elsewhere."""
        if self.project.dialect.host == "GitLab":
            self._lines_for(hook.GITLAB, hook.gitlab_lines(self.url))
        elif hook.AZURE in self.tracked or any(path.startswith(".azuredevops/") for path in self.tracked):
            self._lines_for(hook.AZURE, hook.azure_lines(self.url))
        elif self.tree.text(hook.WORKFLOW) is None and not self._is_run_by_github():
            text = hook.workflow(self.url, main_branch(self.tree.root))
            self._put(hook.WORKFLOW, text, "the same checks on every pull request")

    def _is_run_by_github(self) -> bool:
        flows = (path for path in self.project.paths if path.startswith(".github/workflows/"))
        return any("ml-checks check" in (self.project.source(path) or "") for path in flows)

    def _lines_for(self, path: str, lines: Sequence[str]) -> None:
        if "ml-checks check" not in (self.tree.text(path) or ""):
            what = f"Add to {path}, so that the host checks what a hook would have checked:"
            self.by_hand.append((what, tuple(lines)))

    def list_old(self) -> tuple[Row, ...]:
        """Put what is found in files that were there into a baseline, where none is."""
        if self.tree.text(BASELINE) is not None:
            return ()
        result = self._judged()
        new = {path for path, change in self.tree.changes.items() if change.before is None}
        old = [one for one in result.findings if _may_be_listed(one) and one.at.path not in new]
        if old and not result.crashes:
            names = fingerprints(result.run.project, [*result.findings, *(one for one, _ in result.waived)])
            text = "".join(baseline.listing(names[one] for one in old))
            self._put(BASELINE, text, f"{count(len(old), 'old finding')}, which no commit has to correct")
        return tuple(summary(old))

    def _judged(self) -> Result:
        return engine.run(self.tree.snapshot(), select([]))

    def leftovers(self) -> tuple[tuple[Leftover, ...], tuple[str, ...]]:
        """Return what is still found once all is written, and what crashed."""
        result = self._judged()
        return tuple(Leftover(one, remedy(one)) for one in result.findings), result.crashes


def plan(tree: Tree, owner: str) -> Plan:
    """Return the plan for a repository, whose changes the tree then holds; raise CannotRunError."""
    planner = Planner(tree, owner)
    excluded = planner.exclude()
    planner.own()
    models = planner.draft([row.pattern for row in excluded])
    planner.hook()
    planner.ci()
    rows = planner.list_old()
    left, crashes = planner.leftovers()
    project = Project(tree.snapshot())
    return Plan(
        owner=owner,
        targets=planner.targets,
        tracked=len(tree.repository.paths),
        kinds=tuple(inventory(project)),
        generators=generators(project),
        models=tuple(models),
        personal=tuple(personal(project)),
        exclusions=tuple(excluded),
        changes=tuple(tree.changes.values()),
        by_hand=tuple(planner.by_hand),
        notes=tuple(planner.notes),
        rows=rows,
        leftovers=left,
        crashes=crashes,
    )


def main_branch(root: str) -> str:
    """Return the branch that others branch from: that of the remote, else the one that is checked out."""
    for head in ("refs/remotes/origin/HEAD", "HEAD"):
        if name := Command(root, "symbolic-ref", "--short", head).output():
            return os.fsdecode(name).strip().removeprefix("origin/")
    return "main"


def _targets(tree: Tree) -> tuple[str, ...]:
    """Return what adopt may write in a repository, or has written."""
    dialect = Project(tree.snapshot()).dialect
    folder = os.path.join(tree.root, "models")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    cards = (f"models/{name}/README.md" for name in names)
    return (*OWN_PATHS, *dialect.paths, CODEOWNERS[dialect.host], OFFERED[dialect.host][1], *cards)


def refuse_owner(owner: str, project: Project) -> None:
    """Raise CannotRunError where an owner is none that the host knows, or one person."""
    advice = "name a team, such as @org/team"
    if owner.split() != [owner] or owner.startswith("#"):
        raise CannotRunError(f"--owner {owner!r} is not one owner; {advice}")
    (line,) = parse(f"* {owner}", project.dialect)
    if line.fault:
        raise CannotRunError(f"--owner: {line.fault.partition(': ')[0]}; {advice}")
    if project.standards.person.fullmatch(owner):
        raise CannotRunError(f"--owner {owner!r} is one person, who may leave; {advice}")


def company_exclude() -> list[str]:
    """Return what the company's standards exclude."""
    file = os.path.join(standards.FOLDER, standards.PROJECT_FILE)
    return list(map(str, standards.read(file, standards.COMPANY_FILE).texts("exclude")))


def remedy(finding: Finding) -> str:
    """Return what settles a finding that no baseline may list."""
    if is_on_unread(finding):
        pattern = json.dumps(pattern_of(finding.at.path), ensure_ascii=False)
        return f"Correct it; or leave it alone, by `- {pattern}` under `exclude` in {standards.PROJECT_FILE}."
    return documentation(finding.code)[1]


def _may_be_listed(finding: Finding) -> bool:
    return not isinstance(RULES[finding.code], RunRule) and finding.code != "OWN011"
