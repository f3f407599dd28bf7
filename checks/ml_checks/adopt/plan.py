"""The plan of an adoption: what is there, what to add, and what is left once all of it is written."""

from __future__ import annotations

import json
import os
from datetime import timedelta

from ml_checks import standards
from ml_checks.adopt import drafts, hook
from ml_checks.adopt.exclusions import exclusions, folder_of, narrowest
from ml_checks.adopt.insertion import with_first_lines, with_item
from ml_checks.adopt.models import MOST, candidates
from ml_checks.adopt.surroundings import generators, personal
from ml_checks.codeowners import parse
from ml_checks.errors import CannotRunError, count
from ml_checks.project.inventory import NOUNS, inventory
from ml_checks.project.project import Project
from ml_checks.project.recognition import NO_PROJECT, aside
from ml_checks.reading.command import Command
from ml_checks.record import Record
from ml_checks.report.summary import summary
from ml_checks.rules import select
from ml_checks.rules.pr_checklist import OFFERED
from ml_checks.rules.registry import RULES, RunRule, is_on_unread
from ml_checks.rules.run import BASELINE
from ml_checks.run import baseline, engine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from ml_checks.adopt.exclusions import Exclusion
    from ml_checks.adopt.models import Candidate
    from ml_checks.adopt.surroundings import Personal
    from ml_checks.adopt.tree import Change, Tree
    from ml_checks.project.inventory import Kind
    from ml_checks.project.project import Codeowners
    from ml_checks.report.summary import Row
    from ml_checks.rules.run import Result
    from ml_checks.values import Finding, Map

# Where the file lies that a host reads; the first of a dialect's places is not what each host's people expect.
CODEOWNERS = {
    "GitHub": ".github/CODEOWNERS",
    "GitLab": ".gitlab/CODEOWNERS",
    "Azure": ".azuredevops/CODEOWNERS",
}
STANDARDS_HEAD = """\
# What differs here from the company's standards. `ml-checks standards` shows what is in force.
"""
# In how many days a model is looked at again.
REVIEW_DAYS = 180
# What adopt writes under a name that depends on nothing.
OWN_PATHS = (standards.PROJECT_FILE, BASELINE, drafts.CHARTER, hook.WORKFLOW, hook.GITLAB, hook.AZURE, *hook.SETTINGS)
TESTS = frozenset(["test", "tests", "testing"])


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

    # What to leave alone, and what to read.

    def exclude(self) -> list[Exclusion]:
        """Leave alone what others wrote, in the standards of the project."""
        rows = exclusions(self.project, self.before.findings)
        text = self._excluding(rows)
        if text and rows and self._is_accepted(text):
            self._put(standards.PROJECT_FILE, text, f"leave {count(len(rows), 'place')} alone that others wrote")
            return rows
        if rows:
            lines = ("exclude:", *(f"  - {_quoted(row.pattern)} # {row.why}" for row in rows))
            self._ask(f"Add to {standards.PROJECT_FILE}, in the place that its form asks for:", lines)
        return []

    def _excluding(self, rows: Iterable[Exclusion]) -> str | None:
        """Return the project's standards with these patterns; None where they have no sure place for them."""
        text = self.tree.text(standards.PROJECT_FILE)
        text = STANDARDS_HEAD if text is None else text
        items = [f"{_quoted(row.pattern)} # {row.why}: {count(row.findings, 'finding')}" for row in rows]
        for item in [*self._shared(), *items]:
            text = with_item(text, "exclude", [item], item.partition(" # ")[0]) if text else None
        return text

    def _shared(self) -> list[str]:
        """Return what the company excludes, which a list of the project's own takes the place of."""
        is_own = "exclude" in self.standards.project
        return [] if is_own else [f"{_quoted(one)} # as the company has it" for one in company().texts("exclude")]

    def _is_accepted(self, text: str) -> bool:
        """Tell whether the company lets a project say this."""
        try:
            standards.load(self.tree.root, text)
        except CannotRunError:
            return False
        return True

    def show_unread(self) -> None:
        """Say of what is not read how a setting, the narrowest, would have it read."""
        project = Project(self.tree.snapshot())
        for kind in inventory(project):
            if paths := _in_no_project(kind):
                patterns = [*self._patterns(kind.name), *narrowest(paths, project.tracked)]
                lines = ("files:", f"  {kind.name}:", *(f"    - {_quoted(one)}" for one in patterns))
                what = f"Not read: {count(len(paths), 'file')} of {NOUNS[kind.name][1]}; each {NO_PROJECT}"
                self._ask(f"{what}. To have them read, add to {standards.PROJECT_FILE}:", lines)

    def _patterns(self, kind: str) -> list[str]:
        """Return the patterns of a kind that are in force."""
        layers = (one.mapping("files").texts(kind) for one in (self.standards.project, company()))
        return next(filter(None, map(list, layers)), [])

    # Who owns what.

    def own(self) -> None:
        """Give every file an owner."""
        if codeowners := self.project.codeowners:
            self._own_rest(codeowners)
        elif fault := self.project.codeowners_fault:
            self.notes.append(f"{fault.at.path} {fault.message}: nothing is added to it.")
        else:
            head = "# Who is asked to review a change. Where several lines match a file, the last one decides."
            path = CODEOWNERS[self.project.dialect.host]
            self._put(path, f"{head}\n* {self.owner}\n", f"{self.owner} is asked about every file")

    def own_new(self) -> None:
        """Give every file an owner that this plan brings."""
        if codeowners := Project(self.tree.snapshot()).codeowners:
            self._own_rest(codeowners, [BASELINE])

    def _own_rest(self, codeowners: Codeowners, more: Iterable[str] = ()) -> None:
        """Put a line before all others, where none of them gives an owner to some file."""
        new = (path for path in more if not codeowners.ownership.lines_of(path))
        unowned = {*codeowners.ownership.unowned, *new} - self.project.excluded
        if unowned:
            rows = ["# Who is asked where no line below matches.", f"* {self.owner}", ""]
            text = with_first_lines(self.tree.text(codeowners.path) or "", rows)
            self._put(codeowners.path, text, f"{self.owner} is asked about {count(len(unowned), 'file')} of nobody")

    def owner_of(self, path: str) -> str:
        """Return who owns a file that is not there yet: whom CODEOWNERS asks, else the owner that was given."""
        codeowners = Project(self.tree.snapshot()).codeowners
        asked = codeowners.ownership.owners_of(path) if codeowners else ()
        return self.owner if self.owner in asked else next(iter(asked), self.owner)

    # What only an owner can finish.

    def draft(self, excluded: Collection[str]) -> list[Candidate]:
        """Draft a charter, cards and the questions of a review where models are made."""
        found = candidates(self.project, self._own_work(excluded))
        if why := self._why_not(found):
            self.notes.append(why)
        elif self.tree.text(drafts.CHARTER) is not None:
            self._complete(found)
        elif found:
            self._write_cards(found)
            self._write_charter(found)
        return found

    def _why_not(self, found: Sequence[Candidate]) -> str:
        """Return why no model can be drafted; nothing where they can, or where there are none."""
        names = ", ".join(model.name for model in found)
        hidden = (path for path in map(drafts.card_path, found) if self.tree.is_hidden(path))
        if path := next(hidden, ""):
            return f"Git ignores {path}, so no model is drafted ({names}): take it out of .gitignore."
        if len(found) > MOST:
            why = f"{len(found)} models seem to be made here ({names})"
            return f"{why}: list those that count in {drafts.CHARTER}, each with its card."
        return ""

    def _complete(self, found: Sequence[Candidate]) -> None:
        """Write the cards of those that a charter lists as drafts, and name those that it does not list."""
        listed = {str(model.name) for model in self.project.models}
        drafted = self._drafted()
        self._write_cards([model for model in found if model.name in drafted])
        if new := [model.name for model in found if model.name not in listed]:
            self.notes.append(f"{drafts.CHARTER} lists no {', '.join(new)}: add under `models` what counts.")

    def _drafted(self) -> set[str]:
        """Return the names of the models whose cards are drafts."""
        return {str(model.name) for model in self.project.models if model.card in self.project.drafts}

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
        is_asked = self.project.review_templates or self.tree.text(path) is not None
        if found and not is_asked:
            self._put(path, drafts.review_template(self.standards), "what a review of a model asks")

    def _own_work(self, excluded: Collection[str]) -> list[str]:
        """Return the files that this project's people wrote, and no tests."""
        left_out = tuple(pattern.removeprefix("/") for pattern in excluded)
        ours = (path for path in self.project.paths if not path.startswith(left_out))
        return [path for path in ours if self._is_own(path)]

    def _is_own(self, path: str) -> bool:
        return not (_is_test(path) or path in self.project.excluded or folder_of(path, self.tracked))

    # Where the checks run.

    def hook(self) -> None:
        """Put the hook into the settings that are there, or into new ones."""
        for path in self._settings() or hook.SETTINGS[:1]:
            text = self.tree.text(path) or ""
            if not hook.is_there(path, text):
                self._hook_into(path, text)

    def _settings(self) -> list[str]:
        """Return the settings of pre-commit or prek that are there."""
        return [path for path in hook.SETTINGS if self.tree.text(path) is not None]

    def _hook_into(self, path: str, text: str) -> None:
        if grown := hook.with_hook(path, text, self.url):
            self._put(path, grown, f"the hook, at {hook.version()}")
        else:
            lines = hook.table(self.url) if path.endswith(".toml") else hook.lines(self.url)
            self._ask(f"Add to `repos` in {path}, where no place for it is sure:", lines)

    def ci(self) -> None:
        """Run the checks on the host: by a workflow of their own on GitHub, by lines to add elsewhere."""
        if self.project.dialect.host == "GitLab":
            self._lines_for(hook.GITLAB, hook.gitlab_lines(self.url))
        elif _is_on_azure(self.tracked):
            self._lines_for(hook.AZURE, hook.azure_lines(self.url))
        elif self.tree.text(hook.WORKFLOW) is None and not self._is_run_by_github():
            text = hook.workflow(self.url, main_branch(self.tree.root))
            self._put(hook.WORKFLOW, text, "the same checks on every pull request")

    def _is_run_by_github(self) -> bool:
        flows = filter(_is_workflow, self.project.paths)
        return any(hook.RUN in text for text in map(self.project.source, flows) if text)

    def _lines_for(self, path: str, lines: Sequence[str]) -> None:
        if hook.RUN not in (self.tree.text(path) or ""):
            self._ask(f"Add to {path}, so that the host checks what a hook would have checked:", lines)

    # What was there before.

    def list_old(self) -> list[Finding]:
        """Put what is found in files that were there into a baseline, where none is."""
        if self.tree.text(BASELINE) is not None:
            return []
        result = self._judged()
        old = list(filter(self._is_old, result.findings))
        if old and not result.crashes:
            why = f"{count(len(old), 'old finding')}, which no commit has to correct"
            self._put(BASELINE, _listing(result, old), why)
        return old

    def _is_old(self, finding: Finding) -> bool:
        """Tell whether a baseline may list a finding: not one in what is drafted here, and none about the run."""
        change = self.tree.changes.get(finding.at.path)
        is_new = change is not None and change.before is None
        return not is_new and baseline.is_listable(finding, ())

    def _judged(self) -> Result:
        """Run all rules on what is planned; raise CannotRunError where git cannot tell all that they ask."""
        result = engine.run(self.tree.snapshot(), select([]))
        for sentence in result.unchecked:
            raise CannotRunError(f"{sentence}; {baseline.UNKNOWN}")
        return result

    def leftovers(self) -> tuple[tuple[Leftover, ...], tuple[str, ...]]:
        """Return what is still found once all is written, and what crashed."""
        result = self._judged()
        unread = {one.at.path for one in result.findings if is_on_unread(one)}
        told = (baseline.remedy(one, result.run.project, unread) for one in result.findings)
        return tuple(map(Leftover, result.findings, told)), result.crashes

    def _put(self, path: str, text: str, why: str) -> None:
        """Add a change, but none that git would leave out of every commit."""
        if self.tree.is_hidden(path):
            self.notes.append(f"Git ignores {path}: take it out of .gitignore, then run this again.")
        else:
            self.tree.put(path, text, why)

    def _ask(self, what: str, lines: Iterable[str]) -> None:
        self.by_hand.append((what, tuple(lines)))


def plan(tree: Tree, owner: str) -> Plan:
    """Return the plan for a repository, whose changes the tree then holds; raise CannotRunError."""
    planner = Planner(tree, owner)
    excluded = planner.exclude()
    planner.own()
    models = planner.draft([row.pattern for row in excluded])
    planner.hook()
    planner.ci()
    planner.show_unread()
    planner.own_new()
    old = planner.list_old()
    left, crashes = planner.leftovers()
    project = Project(tree.snapshot())
    return Plan(
        owner=owner,
        targets=planner.targets,
        tracked=len(tree.repository.paths),
        kinds=inventory(project),
        generators=generators(project),
        models=tuple(models),
        personal=tuple(personal(project)),
        exclusions=tuple(excluded),
        changes=tuple(tree.changes.values()),
        by_hand=tuple(planner.by_hand),
        notes=tuple(planner.notes),
        rows=tuple(summary(old)),
        leftovers=left,
        crashes=crashes,
    )


def refuse_owner(owner: str, project: Project) -> None:
    """Raise CannotRunError where an owner is none that the host knows, or one person."""
    advice = "name a team, such as @org/team"
    if not owner.isprintable() or owner.split() != [owner] or owner.startswith("#"):
        raise CannotRunError(f"--owner {owner!r} is not one owner; {advice}")
    (line,) = parse(f"* {owner}", project.dialect)
    if line.fault:
        raise CannotRunError(f"--owner: {line.fault.partition(': ')[0]}; {advice}")
    if project.standards.person.fullmatch(owner):
        raise CannotRunError(f"--owner {owner!r} is one person, who may leave; {advice}")


def company() -> Map:
    """Return the company's own standards."""
    return standards.read(os.path.join(standards.FOLDER, standards.PROJECT_FILE), standards.COMPANY_FILE)


def main_branch(root: str) -> str:
    """Return the branch that others branch from: that of the remote, else the one that is checked out."""
    heads = ("refs/remotes/origin/HEAD", "HEAD")
    answers = (Command(root, "symbolic-ref", "--short", head).output() for head in heads)
    return os.fsdecode(next(filter(None, answers), b"main")).strip().removeprefix("origin/")


def _targets(tree: Tree) -> tuple[str, ...]:
    """Return what adopt may write in a repository, or has written."""
    dialect = Project(tree.snapshot()).dialect
    folder = os.path.join(tree.root, "models")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    cards = (f"models/{name}/README.md" for name in names)
    found = (*OWN_PATHS, *dialect.paths, CODEOWNERS[dialect.host], OFFERED[dialect.host][1], *cards)
    return tuple(dict.fromkeys((*found, *map(tree.real, found))))


def _in_no_project(kind: Kind) -> list[str]:
    """Return the files of a kind that a setting would have read."""
    return [one.path for one in kind.unread if one.reason == NO_PROJECT and not aside(one.path)]


def _listing(result: Result, old: Iterable[Finding]) -> str:
    """Return a baseline of some findings."""
    ours = (one for one in (*result.findings, *result.gaps) if not isinstance(RULES[one.code], RunRule))
    names = baseline.names(result.run.project, ours)
    return baseline.text_of({names[one] for one in old})


def _is_on_azure(tracked: Collection[str]) -> bool:
    return any(path == hook.AZURE or path.startswith(".azuredevops/") for path in tracked)


def _is_workflow(path: str) -> bool:
    return path.startswith(".github/workflows/")


def _is_test(path: str) -> bool:
    return not TESTS.isdisjoint(path.lower().split("/")[:-1])


def _quoted(text: str) -> str:
    return json.dumps(str(text), ensure_ascii=False)
