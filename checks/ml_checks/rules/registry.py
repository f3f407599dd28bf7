"""The rules: plain functions under stable codes. Their type says what they judge, and when."""

from __future__ import annotations

from ml_checks.errors import CannotRunError, UncheckedError, crash, unchecked
from ml_checks.record import Record
from ml_checks.values import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ml_checks.project.batch import Batch
    from ml_checks.project.project import Project
    from ml_checks.rules.run import Run
    from ml_checks.values import Location

    Found = Iterator[tuple[Location, str]]
    OnFiles = Callable[[Batch], Found]
    OnProject = Callable[[Project], Found]
    OnRun = Callable[[Run], Found]


class FileRule(Record):
    """Judges each file of some kinds by itself, so that what it finds holds until the file changes.

    `gap` names what it misses, where that may be missing in a draft; else it is empty, and a draft is judged as all is.
    """

    code: str
    function: OnFiles
    kinds: tuple[str, ...]
    gap: str


class ProjectRule(Record):
    """Judges a project as a whole: once, or once for each set of standards that holds for some paths (`by_path`)."""

    code: str
    function: OnProject
    by_path: bool


class RunRule(Record):
    """Judges the run itself, after all others, and can be neither waived nor put into a baseline.

    `needs_all` is for what only a run of every rule knows. A finding of one that is `on_unread` says of a file that no
    other rule has judged it.
    """

    code: str
    function: OnRun
    needs_all: bool
    on_unread: bool


RULES: dict[str, FileRule | ProjectRule | RunRule] = {}


def file_rule(code: str, kinds: tuple[str, ...], *, gap: str = "") -> Callable[[OnFiles], OnFiles]:
    """Register a function as the rule with this code on files of these kinds; its docstring documents the rule.

    What it finds in a draft is no finding but a gap where `gap` has a noun for that, such as "description".
    """

    def register(function: OnFiles) -> OnFiles:
        _add(FileRule(code, function, kinds, gap))
        return function

    return register


def rule(code: str, *, by_path: bool = False) -> Callable[[OnProject], OnProject]:
    """Register a function as the rule with this code on a project.

    It is judged once, by the standards of the repository, because it holds files against each other. One that judges
    each place by itself, and asks for standards that may differ by path, is `by_path`.
    """

    def register(function: OnProject) -> OnProject:
        _add(ProjectRule(code, function, by_path))
        return function

    return register


def run_rule(code: str, *, needs_all: bool = False, on_unread: bool = False) -> Callable[[OnRun], OnRun]:
    """Register a function as the rule with this code on a run."""

    def register(function: OnRun) -> OnRun:
        _add(RunRule(code, function, needs_all, on_unread))
        return function

    return register


def found(codes: Sequence[str], subject: Batch | Project | Run) -> tuple[set[Finding], list[str]]:
    """Return what rules find in their subject, and a sentence for each that crashes or cannot know."""
    findings: set[Finding] = set()
    crashes = []
    for code in codes:
        function: Callable[..., Found] = RULES[code].function
        try:
            findings.update(Finding(at, code, message) for at, message in function(subject))
        except CannotRunError:
            raise
        except UncheckedError as error:
            crashes.append(unchecked(code, error))
        except Exception as error:  # noqa: BLE001  # whatever a rule does, the other rules have their say
            crashes.append(crash(code, error))
    return findings, crashes


def is_on_unread(finding: Finding) -> bool:
    """Tell whether a finding says of a file that no other rule has judged it."""
    rule = RULES[finding.code]
    return isinstance(rule, RunRule) and rule.on_unread


def is_by_path(code: str) -> bool:
    """Tell whether a rule asks for standards that may differ by path."""
    rule = RULES[code]
    return isinstance(rule, ProjectRule) and rule.by_path


def gaps() -> dict[str, str]:
    """Return the codes of the rules on what may be missing in a draft, each with what it misses."""
    return {code: rule.gap for code, rule in RULES.items() if isinstance(rule, FileRule) and rule.gap}


def crashed(crashes: Iterable[str]) -> set[str]:
    """Return the codes of the rules that crashed, or that could not know all."""
    return {sentence.partition(" ")[0] for sentence in crashes} & RULES.keys()


def _add(new: FileRule | ProjectRule | RunRule) -> None:
    if new.code in RULES:
        raise ValueError(f"two rules have the code {new.code}")
    RULES[new.code] = new
