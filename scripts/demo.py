"""Shows all of it in one run: a new project, its hooks, its pipeline, and three commits that are refused."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / ".demo"
GITHUB = PLACE / "github"
PROJECT = PLACE / "flight-delays"
INTERRUPTED = 130
# A virtual environment's Python is a link; its folder holds the programs.
PROGRAMS = Path(sys.executable).parent
# Settings of this shell that would lead the tools elsewhere, or switch hooks off.
FOREIGN = re.compile(r"PYTHON|VIRTUAL_ENV|SKIP$|PRE_COMMIT|COOKIECUTTER_|UV_PROJECT|GIT_(DIR|INDEX_FILE|WORK_TREE)$")
BOLD, DIM, PLAIN = (
    ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() and "NO_COLOR" not in os.environ else ("", "", "")
)


class StepFailedError(Exception):
    """What did not work, as one sentence, with the output of the tool where it was not shown before."""

    def __init__(self, sentence: str, output: str = "") -> None:
        """Keep the output beside the sentence."""
        super().__init__(sentence)
        self.output = output


class Fault(NamedTuple):
    """An edit that breaks a rule: in a file, what a pattern matches becomes something else."""

    title: str
    path: str
    pattern: str
    replacement: str
    message: str
    code: str


FAULTS = (
    Fault(
        "A name that is not the company's",
        "contracts/flights.odcs.yaml",
        r"name: departure_delay_minutes",
        "name: dep_delay",
        "Shorten a name",
        "SCH004",
    ),
    Fault("A project that nobody owns", "project.yaml", r"\nowner: .*", "", "Leave the team out", "OWN001"),
    Fault(
        "A promise that nobody wrote down",
        "README.md",
        r"(?<=## Test\n)(.|\n)*?(?=\n## )",
        "",
        "Say nothing about tests",
        "DOC003",
    ),
)


def main() -> int:
    """Run the demo; 1 when a step fails, 130 after Ctrl-C."""
    started = time.monotonic()
    try:
        demonstrate()
    except StepFailedError as failure:
        print(f"{failure.output}\n{BOLD}The demo stopped: {failure}{PLAIN}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nInterrupted. All that was made is in {PLACE}; `make demo` starts over.", file=sys.stderr)
        return INTERRUPTED
    print(f"\nDone in {time.monotonic() - started:.0f} seconds.")
    return 0


def demonstrate() -> None:
    """Go through all steps."""
    heading("A stand-in for github.com")
    publish()
    heading("A new project, with the default answers")
    show("cookiecutter", "gh:org/ml-template", "--no-input", cwd=PLACE)
    show("git", "log", "--oneline", "--shortstat")
    heading("Its hooks, on every file (the first time they are installed, which takes a while)")
    show("pre-commit", "run", "--all-files", keep=is_result)
    heading("Its pipeline: data, rule, model, gates, predictions (the first time, the libraries are installed)")
    show("uv", "sync", "--quiet")
    ran = show("uv", "run", "flight-delays", "run")
    heading("Where a prediction comes from")
    show(*found(r"uv run flight-delays trace \S+", ran).split())
    for fault in FAULTS:
        heading(f"Refused: {fault.title[0].lower()}{fault.title[1:]}")
        refuse(fault)
    heading("What next")
    part()


def publish() -> None:
    """Put this repository's last commit where `gh:org/ml-template` will be looked for, tagged with its version."""
    if PLACE.exists():
        shutil.rmtree(PLACE)
    repository = GITHUB / "org" / "ml-template.git"
    repository.mkdir(parents=True)
    (PLACE / "cookiecutter.yaml").write_text(
        f"cookiecutters_dir: '{PLACE / 'cookiecutters'}'\nreplay_dir: '{PLACE / 'replay'}'\n", encoding="utf-8"
    )
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings().items())
    (PLACE / "env").write_text(f'{exports}export PATH={shlex.quote(str(PROGRAMS))}:"$PATH"\n', encoding="utf-8")
    tag = f"v{tomllib.loads((ROOT / 'pyproject.toml').read_text('utf-8'))['project']['version']}"
    references = ("HEAD:refs/heads/main", f"HEAD:refs/tags/{tag}")
    quietly("git", "init", "--quiet", "--bare", ".", cwd=repository)
    quietly("git", "symbolic-ref", "HEAD", "refs/heads/main", cwd=repository)
    # A shallow clone of this repository will do.
    quietly("git", "fetch", "--quiet", "--no-tags", "--update-shallow", str(ROOT), *references, cwd=repository)
    commit = quietly("git", "log", "-1", "--format=%h", cwd=repository).strip()
    print(f"Commit {commit} of this repository, tagged {tag}, is taken for https://github.com/org/ml-template.")
    if quietly("git", "status", "--porcelain", "--untracked-files=no", cwd=ROOT):
        print("What you have not committed is not in it.")


def settings() -> dict[str, str]:
    """Return what sends the tools to the stand-in, and keeps what they store out of your home."""
    git = (
        (f"url.{GITHUB.as_uri()}/.insteadOf", "https://github.com/"),
        ("user.name", "You"),
        ("user.email", "you@example.com"),
    )
    return {
        # pre-commit hides most settings of git from the git that it runs, but not these.
        "GIT_CONFIG_COUNT": str(len(git)),
        **{f"GIT_CONFIG_KEY_{index}": key for index, (key, _) in enumerate(git)},
        **{f"GIT_CONFIG_VALUE_{index}": value for index, (_, value) in enumerate(git)},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CEILING_DIRECTORIES": str(ROOT),  # the project is not a part of this repository
        "COOKIECUTTER_CONFIG": str(PLACE / "cookiecutter.yaml"),
        "PRE_COMMIT_HOME": str(PLACE / "pre-commit"),
    }


def refuse(fault: Fault) -> None:
    """Break a rule, show how the commit is refused and for what, and take the edit back."""
    path = PROJECT / fault.path
    text, count = re.subn(fault.pattern, fault.replacement, path.read_text("utf-8"))
    if count != 1:
        raise StepFailedError(f"{fault.path} has changed, and scripts/demo.py no longer knows how to break it")
    path.write_text(text, encoding="utf-8")
    show("git", "diff", "--unified=0", keep=is_change)
    before = quietly("git", "rev-parse", "HEAD")
    words = ("git", "commit", "--all", "--message", fault.message)
    status, output = run(words, PROJECT, keep=lambda line: not is_green(line))
    if status == 0 or fault.code not in output or quietly("git", "rev-parse", "HEAD") != before:
        raise StepFailedError(f"this commit should have been refused with {fault.code}")
    show("git", "restore", "--staged", "--worktree", ".")
    if left := quietly("git", "status", "--porcelain"):
        raise StepFailedError("the project is not as it was before", left)


def part() -> None:
    """Say where all of it is and what to try."""
    folder = PROJECT.relative_to(ROOT)
    print(f"The project is in {folder}: start with its README.md, then project.yaml. Its predictions are in outputs/.")
    print("Break a rule of your own. In this shell, github.com/org/ml-template then is the stand-in:\n")
    print(f"    . {PLACE.relative_to(ROOT)}/env")
    print(f"    cd {folder}")
    print("    git rm --quiet README.md && git commit --message 'Who needs it'")
    print("\n`make demo` starts over and removes all of .demo/.")


def heading(title: str) -> None:
    """Print a line that stands out."""
    print(f"\n{BOLD}== {title}{PLAIN}", flush=True)


def is_result(line: str) -> bool:
    """Tell whether a line of pre-commit is about a hook, and not about its installation."""
    return not line.startswith("[INFO]")


def is_green(line: str) -> bool:
    """Tell whether a line of pre-commit is about its installation, or about a hook that found nothing."""
    return not is_result(line) or line.endswith(("Passed", "Skipped"))


def is_change(line: str) -> bool:
    """Tell whether a line of a diff was added or removed."""
    return re.match(r"[+-](?![+-]{2})", line) is not None


def found(pattern: str, text: str) -> str:
    """Return what a pattern matches in the output of a tool."""
    match = re.search(pattern, text)
    if match is None:
        raise StepFailedError(f"the output should hold {pattern!r}", text)
    return match[0]


def show(*words: str, cwd: Path = PROJECT, keep: Callable[[str], bool] = bool) -> str:
    """Run a command as a user would type it, with the lines that are worth reading, and return all of them."""
    status, output = run(words, cwd, keep)
    if status:
        raise StepFailedError(f"`{shlex.join(words)}` ended with exit code {status}")
    return output


def run(words: tuple[str, ...], cwd: Path, keep: Callable[[str], bool]) -> tuple[int, str]:
    """Print a command and, as they come, the lines of its output to keep; return its exit code and all output."""
    print(f"{DIM}${PLAIN} {BOLD}{shlex.join(words)}{PLAIN}", flush=True)
    lines = []
    with started(words, cwd) as process:
        for line in lines_of(process):
            lines.append(line)
            if keep(line):
                print(f"  {line}".rstrip(), flush=True)
    return process.returncode, "\n".join(lines)


def quietly(*words: str, cwd: Path = PROJECT) -> str:
    """Run a command that is not part of the show, and return its output."""
    with started(words, cwd) as process:
        output = "\n".join(lines_of(process))
    if process.returncode:
        raise StepFailedError(f"`{shlex.join(words)}` ended with exit code {process.returncode}", output)
    return output


def lines_of(process: subprocess.Popen[str]) -> Iterator[str]:
    """Yield the lines of a process; end it when we are interrupted."""
    try:
        for line in process.stdout or ():
            yield line.rstrip()
    except KeyboardInterrupt:
        process.terminate()
        raise


def started(words: tuple[str, ...], cwd: Path) -> subprocess.Popen[str]:
    """Start a program with the settings of the demo."""
    environment = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
    environment |= {"PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}", "PWD": str(cwd), **settings()}
    try:
        return subprocess.Popen(
            words,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    except FileNotFoundError as error:
        raise StepFailedError(f"{words[0]} was not found on the PATH") from error


if __name__ == "__main__":
    sys.exit(main())
