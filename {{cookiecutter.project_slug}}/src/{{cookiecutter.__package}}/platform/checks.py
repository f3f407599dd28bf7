"""Runs the company's checks at the version that the hooks use: they are no library of the project."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from . import PROGRAM
from .errors import Stopped

CONFIG = Path(".pre-commit-config.yaml")
HOOK = "ml-checks"
# ml-checks names itself so in its messages: it is what somebody types here.
COMMAND = "ML_CHECKS_COMMAND"
LOCATION = re.compile(r"[\w.-]+@[\w.-]+:(?!/)")  # git's short form of ssh://user@host/path


def run(arguments: Sequence[str]) -> int:
    """Run ml-checks with these arguments in the working folder. Returns its exit code."""
    program = _program(*_pin(Path.cwd()))
    environment = {**os.environ, COMMAND: f"uv run {PROGRAM} checks"}
    # Ctrl-C reaches both of us: ml-checks ends and says so, and we wait for it.
    previous = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.run([program, *arguments], env=environment, check=False).returncode
    finally:
        signal.signal(signal.SIGINT, previous)


def _pin(start: Path) -> tuple[str, str]:
    """Return repository and revision of the checks, from the nearest settings of hooks upwards that name them."""
    for folder in (start, *start.parents):
        if pin := _pin_in(folder / CONFIG):
            return pin
    message = f"no {CONFIG} in {start} or above it has the hook {HOOK}: `cruft update` brings it back"
    raise Stopped(message)


def _pin_in(path: Path) -> tuple[str, str] | None:
    try:
        config: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        for repository in config["repos"]:
            if any(hook["id"] == HOOK for hook in repository["hooks"]):
                return str(repository["repo"]), str(repository["rev"])
    except FileNotFoundError:
        return None
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError) as error:
        message = f"{path} cannot be read as settings of hooks: {' '.join(str(error).split())}"
        raise Stopped(message) from error
    return None


def _program(url: str, revision: str) -> Path:
    """Return ml-checks at a revision, installed beside the project's own libraries the first time it is asked for."""
    # uv's own cache would ask the network each time which commit a tag is.
    name = hashlib.sha256(f"{url} {revision}".encode()).hexdigest()[:12]
    folder = Path(sys.prefix) / f"ml-checks-{name}"
    scripts = "Scripts" if os.name == "nt" else "bin"
    if not folder.exists():
        _install(f"git+{address_of(url)}@{revision}", folder)
    return folder / scripts / HOOK


def address_of(url: str) -> str:
    """Return a repository as uv wants to have it: git also takes a folder, and a short form."""
    if LOCATION.match(url):
        host, _, path = url.partition(":")
        return f"ssh://{host}/{path}"
    return url if "://" in url else Path(url).resolve().as_uri()


def _install(source: str, folder: Path) -> None:
    """Make an environment with the checks; nobody meets half of it, and of two at once the first one counts."""
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        message = "uv is not installed, and it brings ml-checks: see https://docs.astral.sh/uv/"
        raise Stopped(message)
    print(f"{PROGRAM}: ml-checks is installed, once, from {source}", file=sys.stderr)
    unfinished = folder.with_name(f".{folder.name}-{os.getpid()}")
    commands = (
        (uv, "venv", "--quiet", "--relocatable", "--python", sys.executable, unfinished),
        (uv, "pip", "install", "--quiet", "--python", unfinished, source),
    )
    try:
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
            if done.returncode:
                reason = (done.stderr.strip().splitlines() or ["uv said nothing"])[-1].strip()
                message = f"{source} could not be installed: is there a network, and such a version? {reason}"
                raise Stopped(message)
        if not folder.exists():
            unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
