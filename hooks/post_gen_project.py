"""Makes the new project a git repository with its first commit; what cannot be done now is left for later."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

# A commit needs a name and an address; somebody who has not set git up yet still gets the first one.
IDENTITY = ("user.name=ml-template", "user.email=ml-template@localhost")
# The first commit is the project as it was generated, whatever hooks and ignore lists this machine has.
NEUTRAL = ("commit.gpgSign=false", f"core.hooksPath={os.devnull}", f"core.excludesFile={os.devnull}")
# A git hook that runs cookiecutter would lend its own repository to the git commands below.
LENT = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE")
LOCK_SECONDS = 60
ASK_SECONDS = 10
FAILED = -1
NO_SUCH_TAG = 2  # the answer of `git ls-remote --exit-code`
# git asks nobody for a password while we wait for its answer.
SILENT = {"GIT_TERMINAL_PROMPT": "0"}
HOOKS = Path(".pre-commit-config.yaml")
# What a code host reads at the top of a repository only: where it is generated, and where it goes in a repository that
# holds more. Each project has a workflow of its own.
AT_THE_TOP = {
    "github": {
        ".github/workflows/ci.yml": ".github/workflows/{slug}.yml",
        ".github/dependabot.yml": ".github/dependabot.yml",
        ".github/CODEOWNERS": ".github/CODEOWNERS",
        ".github/pull_request_template.md": ".github/pull_request_template.md",
    },
    "gitlab": {
        ".gitlab/CODEOWNERS": ".gitlab/CODEOWNERS",
        ".gitlab/merge_request_templates/Default.md": ".gitlab/merge_request_templates/Default.md",
        ".gitlab/renovate.json": ".gitlab/renovate.json",
    },
    "azure": {
        ".azuredevops/CODEOWNERS": ".azuredevops/CODEOWNERS",
        ".azuredevops/pull_request_template.md": ".azuredevops/pull_request_template.md",
        "renovate.json": "renovate.json",
    },
}
# Under which other names, and in which folders, somebody may have put the same.
FOLDERS = ("", ".github", ".gitlab", ".azuredevops", "docs")
ELSEWHERE = {
    "CODEOWNERS": ("CODEOWNERS",),
    "dependabot.yml": ("dependabot.yml", "dependabot.yaml"),
    "pull_request_template.md": ("pull_request_template.md", "PULL_REQUEST_TEMPLATE.md"),
    "renovate.json": ("renovate.json", "renovate.json5", ".renovaterc", ".renovaterc.json"),
}
PIPELINES = {"github": ".github/workflows/ci.yml", "gitlab": ".gitlab-ci.yml", "azure": ".azuredevops/pipelines/ci.yml"}
GITLAB = Path(".gitlab-ci.yml")
PIN = re.compile(r'  - repo: (".*")\n +rev: (\S+)\n')


def ask(*command: str, seconds: float | None = None) -> tuple[int, str]:
    """Run a program without a word; return its exit code and answer, FAILED when it is missing or takes too long."""
    program = shutil.which(command[0])
    if program is None:
        return FAILED, ""
    environment = {name: value for name, value in os.environ.items() if name not in LENT}
    try:
        done = subprocess.run(  # noqa: S603  the commands are constants of this file
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environment, **SILENT},
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return FAILED, ""
    return done.returncode, done.stdout.strip()


def run(*command: str, seconds: float | None = None) -> bool:
    """Run a program without a word, and tell whether it did what it should."""
    return ask(*command, seconds=seconds)[0] == 0


def link_to_template(state: dict[str, Any]) -> Iterator[str]:
    """Write what `cruft update` reads, in the form in which cruft writes it."""
    if state["commit"]:
        text = json.dumps(state, ensure_ascii=False, indent=2)
        Path(".cruft.json").write_text(f"{text}\n", encoding="utf-8", newline="\n")
    else:
        yield f"updates: the template came without its history; run `uvx cruft link {state['template']}`"


def start_history() -> Iterator[str]:
    """Make a repository, commit all of the project, and let the hooks watch the next commit."""
    if not shutil.which("git"):
        yield "git is not installed: install it, then run `git init`, `git add --all` and `git commit`"
        return
    if run("git", "rev-parse", "--is-inside-work-tree"):
        yield from join_repository(ask("git", "rev-parse", "--show-prefix")[1])
        yield "this folder is in a git repository already: look at `git status`, then commit"
    else:
        yield from lock_dependencies()
        yield from commit()
        yield from install_hooks()
    yield from find_hooks()


def join_repository(folder: str) -> Iterator[str]:
    """Keep to a folder of a repository that holds more, and put at its top what the code host reads only there."""
    if not folder:
        return
    yield from lock_dependencies()
    narrow_hooks(folder)
    here, top = folder.rstrip("/"), Path(ask("git", "rev-parse", "--show-toplevel")[1])
    ci = next((ci for ci, pipeline in PIPELINES.items() if Path(pipeline).is_file()), "")
    point_host_to(here, PIPELINES.get(ci, ""))
    yield from place_for_host(here, top, ci)
    yield "the checks look at the top only: move standards.yaml there"
    if (top / HOOKS).exists():
        yield f"the hooks of this repository are those at its top: add those of {folder}{HOOKS} there"
    else:
        yield f"no hook watches this repository yet: run `uv run pre-commit install` in {here}"


def point_host_to(here: str, pipeline: str) -> None:
    """Write into the files of the host where in the repository the project lies, once."""
    slug, quoted = here.rpartition("/")[2], json.dumps(here, ensure_ascii=False)
    replace(Path(pipeline), ("FOLDER: . #", f"FOLDER: {quoted} #"), ("name: CI\n", f"name: CI of {slug}\n"))
    for ecosystem, place in (("uv", ""), ("docker", "infra")):
        block = f"  - package-ecosystem: {ecosystem}\n    directory: "
        there = json.dumps(f"/{here}/{place}".rstrip("/"), ensure_ascii=False)
        replace(Path(".github/dependabot.yml"), (f"{block}/{place}\n", f"{block}{there}\n"))
    escaped = here.replace(" ", "\\ ")
    for host in (".github", ".gitlab", ".azuredevops"):
        replace(Path(host, "CODEOWNERS"), ("\n* ", f"\n/{escaped}/ "))


def replace(path: Path, *changes: tuple[str, str]) -> None:
    """Change a file that is there."""
    if path.is_file():
        text = path.read_text("utf-8")
        for before, after in changes:
            text = text.replace(before, after, 1)
        path.write_text(text, encoding="utf-8", newline="\n")


def place_for_host(here: str, top: Path, ci: str) -> Iterator[str]:
    """Move what the host reads to the top of the repository, but for what is there: then say what to add to it."""
    moved = []
    for name, place in AT_THE_TOP.get(ci, {}).items():
        target = place.format(slug=here.rpartition("/")[2])
        if not Path(name).is_file():
            continue
        taken = next((path for path in like(target) if (top / path).exists()), None)
        if taken is None:
            (top / target).parent.mkdir(parents=True, exist_ok=True)
            Path(name).replace(top / target)
            moved.append(target)
        elif Path(name).read_bytes() == (top / taken).read_bytes():  # generated before
            Path(name).unlink()
        else:
            yield f"{taken} is there already: add to it what {here}/{name} says"
    if ci == "gitlab":
        yield from include(f"/{here}/{GITLAB}", top / GITLAB)
    if ci == "azure":
        yield f"Azure DevOps asks where a new pipeline lies: in {here}/{PIPELINES[ci]}"
    if moved:
        yield f"at the top of the repository, where the code host looks, there is now {', '.join(moved)}"


def like(target: str) -> list[str]:
    """Return under which paths a host, or a bot, would find the same as this one; this one first."""
    name = Path(target).name
    return [target, *((Path(folder) / other).as_posix() for other in ELSEWHERE.get(name, ()) for folder in FOLDERS)]


def include(pipeline: str, top: Path) -> Iterator[str]:
    """Let the pipeline of the repository include this one."""
    line = f"  - local: {json.dumps(pipeline, ensure_ascii=False)}\n"
    if not top.exists():
        top.write_text(f"include:\n{line}", encoding="utf-8", newline="\n")
        yield f"at the top of the repository there is now {top.name}, which includes {pipeline}"
    elif pipeline not in top.read_text("utf-8", "replace"):
        yield f"{top.name} is there already: add `- local: {pipeline}` to its `include`"


def narrow_hooks(folder: str) -> None:
    """Keep the hooks to this folder: what others have beside it is not for this project to judge."""
    text = HOOKS.read_text("utf-8")
    if "\nfiles: " in text:
        return
    where = "# Paths count from the top of the repository: there, prek needs `--config` and the path of this file."
    text = text.replace("\nrepos:\n", f"\n{where}\nfiles: {json.dumps('^' + re.escape(folder))}\nrepos:\n", 1)
    arguments = json.dumps([folder.rstrip("/")], ensure_ascii=False)
    text = text.replace("      - id: ml-checks\n", f"      - id: ml-checks\n        args: {arguments}\n", 1)
    HOOKS.write_text(text, encoding="utf-8", newline="\n")


def lock_dependencies() -> Iterator[str]:
    """Write uv.lock, so that the first commit holds it and the first run changes no tracked file."""
    if not shutil.which("uv"):
        yield "uv is not installed: see https://docs.astral.sh/uv/, then run `uv lock` and commit uv.lock"
    elif not run("uv", "lock", "--quiet", "--python", sys.executable, seconds=LOCK_SECONDS):
        yield "uv.lock could not be written (is there a network?): run `uv lock` and commit uv.lock"


def commit() -> Iterator[str]:
    """Commit all files on the branch `main`."""
    is_known = has_identity()
    settings = NEUTRAL if is_known else (*NEUTRAL, *IDENTITY)
    git = ["git", *(word for setting in settings for word in ("-c", setting))]
    commands = (
        # The template folder of git may hold hooks, and `init.defaultBranch` another name.
        ("git", "init", "--quiet", "--template="),
        ("git", "symbolic-ref", "HEAD", "refs/heads/main"),
        (*git, "add", "--all"),
        (*git, "commit", "--quiet", "--message", "Start the project from its template"),
    )
    if not all(run(*command) for command in commands):
        yield "git refused the first commit: run `git init`, `git add --all` and `git commit`"
    elif not is_known:
        yield "git does not know you: set user.name and user.email, then `git commit --amend --reset-author`"


def has_identity() -> bool:
    """Tell whether git knows who commits."""
    # Without this setting, git makes up an address from the name of the machine.
    variable = ("git", "-c", "user.useConfigOnly=true", "var")
    return run(*variable, "GIT_AUTHOR_IDENT") and run(*variable, "GIT_COMMITTER_IDENT")


def install_hooks() -> Iterator[str]:
    """Install the hooks after the first commit: their first run needs the network."""
    shared = ask("git", "config", "core.hooksPath")[1]  # a folder that other repositories use too
    if shared:
        yield f"git takes its hooks from {shared}: let `pre-commit` in it run `uv run pre-commit run`"
    elif not any(run(tool, "install") for tool in ("pre-commit", "prek")):
        yield "the hooks do not watch your commits yet: run `uv run pre-commit install`"


def find_hooks() -> Iterator[str]:
    """Say when the next commit could not fetch the hooks: there is no network, or a fork has no such tag."""
    found = PIN.search(HOOKS.read_text("utf-8")) if HOOKS.exists() else None
    if not found:
        return
    url, tag = json.loads(found[1]), found[2]
    code, _ = ask("git", "ls-remote", "--exit-code", "--tags", url, tag, seconds=ASK_SECONDS)
    if code == NO_SUCH_TAG:
        yield f"{url} has no tag {tag}, from which the hooks come: add it there, or write another `rev` into {HOOKS}"
    elif code:
        yield f"{url} did not answer (is there a network?): your next commit fetches the hooks from there"


def main(state: dict[str, Any] | None) -> int:
    """Do what can be done now, and say what comes next."""
    if state is None:  # cruft is at work: it keeps its own record, and compares trees outside of any repository
        notes = join_repository(ask("git", "rev-parse", "--show-prefix")[1])
        sys.stdout.writelines(f"For later: {note}\n" for note in notes)
        return 0
    later = [*link_to_template(state), *start_history()]
    folder = Path.cwd()
    way = os.path.relpath(folder, os.environ.get("PWD", folder.parent))
    lines = [
        f"{folder.name} is ready. Next:",
        f"    cd {shlex.quote(way)}",
        f"    uv run {folder.name} run",
        "    uv run pre-commit run --all-files",
        *(f"For later: {note}" for note in later),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    # cookiecutter renders this file first. Percent-encoded text cannot end a string, whatever was answered.
    sys.exit(main(json.loads(unquote("{{ cookiecutter | cruft_state | jsonify | urlencode }}"))))
