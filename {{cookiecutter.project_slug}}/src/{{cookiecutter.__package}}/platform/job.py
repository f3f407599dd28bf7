"""Runs a command of the project in a container of its own, through Docker or Podman: isolated, as in production."""

import csv
import hashlib
import io
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from . import DOCKERFILES, PROGRAM
from .errors import Stopped

COMPOSE = Path("infra/compose.yaml")
OUTPUTS = Path("outputs")
DOCKER, PODMAN = "docker", "podman"
# Nobody is root in a container: for root on this machine, it is the user of the image.
IMAGE_USER = 1000
# Production's limits stand in compose.yaml; these hold where there is none.
LIMITS = {"mem_limit": "2g", "cpus": "2", "pids_limit": "256"}
# What each limit is called on the command line, and the part of the kernel that keeps it.
FLAGS = {"mem_limit": ("--memory", "memory"), "cpus": ("--cpus", "cpu"), "pids_limit": ("--pids-limit", "pids")}
CONTROLLERS = frozenset(controller for _, controller in FLAGS.values())
ISOLATED = ("--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges")
# The label by which an image is known again: what it was built of.
BUILT_OF = "built-of"
SERVER = "MLFLOW_TRACKING_"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
SELINUX = Path("/sys/fs/selinux/enforce")
# What no image is made of.
IGNORED = (".git", ".venv", "__pycache__", "node_modules", OUTPUTS.name)
ENGINE_FAILED, KILLED = 125, 137


class Engine(NamedTuple):
    """The program that runs containers here."""

    program: str
    name: str
    is_rootless: bool = False
    controllers: frozenset[str] = CONTROLLERS
    """Which limits it can keep."""


class Image(NamedTuple):
    """Which image it is, where its commands work, and whether it knows which program to run."""

    id: str
    folder: str
    has_entry_point: bool


def run(words: Sequence[str], reads: Mapping[Path, Path], writes: Mapping[Path, Path], *, is_build: bool) -> int:
    """Build the image if something changed, run a command in it, and return its exit code.

    The working folder is the project's root. The files that the command reads or writes are given as they were typed,
    each with its whole path: what it reads is lent to the container.
    """
    dockerfile = next(filter(Path.exists, map(Path, DOCKERFILES)), None)
    if dockerfile is None:
        message = (
            "this project has no Dockerfile, because it was generated with `infrastructure: none`; "
            'get one with `uvx cruft update --variables-to-update \'{"infrastructure": "container"}\'`'
        )
        raise Stopped(message)
    if outside := [typed for typed, path in writes.items() if not _is_output(path)]:
        message = f"{outside[0]} is not in {OUTPUTS.resolve()}, the one folder that a container writes to: write there"
        raise Stopped(message)
    if missing := [typed for typed, path in reads.items() if not path.exists()]:
        message = f"{missing[0]} is not there"
        raise Stopped(message)
    engine = find()
    commit, state = _commit()
    image = _built(engine, dockerfile, commit)
    return 0 if is_build else _run_in(engine, image, words, {**reads, **writes}, state)


def _is_output(path: Path) -> bool:
    return path.is_relative_to(OUTPUTS.resolve())


def find() -> Engine:
    """Return the engine that is there and answers: Docker before Podman."""
    silent = []
    for name in (DOCKER, PODMAN):
        program = shutil.which(name)
        if program is None:
            continue
        done = _ask(program, "info")
        if done.returncode == 0:
            return _described(program, name, done.stdout)
        silent.append((name, done.stderr.strip().splitlines() or ["it says nothing"]))
    if silent:
        name, lines = silent[0]
        message = f"{name} is installed and does not answer, so start it: {lines[-1].strip()}"
    else:
        message = "neither Docker nor Podman is installed: see https://docs.docker.com/get-started/get-docker/"
    raise Stopped(message)


def _described(program: str, name: str, text: str) -> Engine:
    """Read what an engine says of itself: Podman in YAML, also where it is installed as `docker`."""
    if name == DOCKER and "Server Version:" in text:
        return Engine(program, DOCKER, is_rootless=any(line.strip() == "rootless" for line in text.splitlines()))
    import yaml

    host = yaml.safe_load(text)["host"]
    controllers = frozenset(host.get("cgroupControllers") or ())
    return Engine(program, PODMAN, bool(host["security"]["rootless"]), controllers)


def _ask(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False)


def _commit() -> tuple[str, dict[str, str]]:
    """Return how the image calls its code, and what the evidence of a run is told: there is no git in a container."""
    from . import lineage

    code = lineage.code()
    if code["commit"] is None:
        return "", {}
    return f"{code['commit']}{'-dirty' * bool(code['is_dirty'])}", {
        "GIT_COMMIT": code["commit"],
        "GIT_IS_DIRTY": "yes" if code["is_dirty"] else "no",
    }


def _built(engine: Engine, dockerfile: Path, commit: str) -> Image:
    """Return the image of the project as it is now; what is built, and how far, is shown as the engine shows it."""
    built_of = _fingerprint(dockerfile, commit)
    # Not by its name: that goes to whichever clone of the project was built last.
    same = ("--quiet", "--no-trunc", "--filter", f"label={BUILT_OF}={built_of}")
    if found := _ask(engine.program, "images", *same).stdout.split():
        return _image(engine, found[0])
    print(f"{PROGRAM}: {engine.name} builds the image, since something has changed", file=sys.stderr, flush=True)
    names = ("--tag", PROGRAM, "--label", f"{BUILT_OF}={built_of}", "--build-arg", f"GIT_COMMIT={commit}")
    with TemporaryDirectory() as folder:
        noted = Path(folder, "id")
        command = (engine.program, "build", "--file", str(dockerfile), *names, "--iidfile", str(noted), ".")
        if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
            message = f"{dockerfile.as_posix()} could not be built: {engine.name} says above what is wrong"
            raise Stopped(message)
        return _image(engine, noted.read_text(encoding="utf-8").strip())


def _image(engine: Engine, name: str) -> Image:
    """Return what is known of an image."""
    done = _ask(engine.program, "image", "inspect", name)
    if done.returncode:
        message = f"{engine.name} built an image and does not find it again: is another builder set up?"
        raise Stopped(message)
    config: Mapping[str, Any] = json.loads(done.stdout)[0]["Config"]
    return Image(name, config.get("WorkingDir") or "/", bool(config.get("Entrypoint")))


def _fingerprint(dockerfile: Path, commit: str) -> str:
    """Return a hash that changes with any file that may enter the image: by its size and time, as make does it."""
    digest = hashlib.sha256(f"{dockerfile} {commit}".encode())
    for folder, folders, files in os.walk("."):
        folders[:] = sorted(name for name in folders if name not in IGNORED and not name.endswith("_cache"))
        for name in sorted(files):
            path = os.path.join(folder, name)  # noqa: PTH118 - many files
            found = os.lstat(path)
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _run_in(
    engine: Engine, image: Image, words: Sequence[str], files: Mapping[Path, Path], state: Mapping[str, str]
) -> int:
    """Run the command in a container that ends with it."""
    OUTPUTS.mkdir(exist_ok=True)
    name = f"{PROGRAM[:40]}-{secrets.token_hex(4)}"
    lent = {path: f"/inputs/{number}/{path.name}" for number, path in enumerate(files.values()) if not _is_output(path)}
    named = {typed: lent.get(path) or os.path.relpath(path) for typed, path in files.items()}
    limits = _limits()
    command = [engine.program, "run", "--rm", f"--name={name}", f"--hostname={name}", *ISOLATED]
    command += [*_terminal(), *_kept(engine, limits), *_user(engine), *_network()]
    command += ["--security-opt=label=disable"] * SELINUX.exists()  # or it may not read what it is lent
    command += [f"--env={key}={value}" for key, value in state.items()]
    command += _mount(OUTPUTS.resolve(), f"{image.folder.rstrip('/')}/{OUTPUTS.name}")
    for path, place in lent.items():
        command += _mount(path, place, "readonly")
    program = [] if image.has_entry_point else [PROGRAM]
    try:
        code = _passed_on(engine, [*command, image.id, *program, *_as_lent(words, named)], name)
    finally:
        _sweep(name)
    if code == ENGINE_FAILED:
        message = f"{engine.name} could not run the container, and says above why"
        raise Stopped(message)
    if code == KILLED:
        what = f"the container was killed, most likely at its limit of memory ({limits['mem_limit']})"
        print(f"{PROGRAM}: {what}: raise `mem_limit` in {COMPOSE.as_posix()}", file=sys.stderr)
    return code


def _terminal() -> list[str]:
    return ["--interactive", "--tty"] if sys.stdin.isatty() and sys.stdout.isatty() else []


def _limits() -> dict[str, str]:
    """Return the limits of production."""
    import yaml

    try:
        service = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]["pipeline"]
        return {name: str(service.get(name, limit)) for name, limit in LIMITS.items()}
    except FileNotFoundError:
        return LIMITS
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        message = f"{COMPOSE.as_posix()} has no service `pipeline` that can be read: {' '.join(str(error).split())}"
        raise Stopped(message) from error


def _kept(engine: Engine, limits: Mapping[str, str]) -> Iterator[str]:
    """Yield the limits that can be kept here, and tell of the others."""
    for name, (flag, controller) in FLAGS.items():
        if controller not in engine.controllers:
            print(f"{PROGRAM}: {engine.name} cannot limit {controller} here: {name} is left out", file=sys.stderr)
        elif name == "cpus":
            yield f"{flag}={min(float(limits[name]), os.cpu_count() or 1):g}"
        else:
            yield f"{flag}={limits[name]}"


def _user(engine: Engine) -> list[str]:
    """Name the user whom the outputs will belong to: whoever runs the command."""
    if sys.platform != "linux":  # the engine runs in a machine of its own, and gives all files to whoever runs it
        return []
    user, group = os.getuid(), os.getgid()
    if engine.is_rootless:  # root in there is nobody but this user out here
        return ["--userns=keep-id", f"--user={user}:{group}"] if engine.name == PODMAN else ["--user=0:0"]
    if user == 0:
        for path in (OUTPUTS, *OUTPUTS.rglob("*")):
            os.chown(path, IMAGE_USER, IMAGE_USER, follow_symlinks=False)
        user = group = IMAGE_USER
    return [f"--user={user}:{group}"]


def _network() -> Iterator[str]:
    """Leave the container without a network, unless runs are kept on a server."""
    names = [name for name in os.environ if name.startswith(SERVER)]
    yield from (f"--env={name}" for name in names)  # without a value, which is a secret
    address = os.environ.get(f"{SERVER}URI", "")
    if "://" not in address:
        yield "--network=none"
    elif urlsplit(address).hostname in LOOPBACK:
        yield "--network=host"


def _mount(path: Path, place: str, *more: str) -> list[str]:
    """Lend a file or a folder of this machine; the engine reads the words as a line of CSV."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(("type=bind", f"source={path}", f"target={place}", *more))
    return ["--mount", line.getvalue()]


def _as_lent(words: Sequence[str], named: Mapping[Path, str]) -> Iterator[str]:
    """Yield the words of the command, where each file has the name that it has in the container."""
    for word in words:
        option, sign, value = word.rpartition("=") if word.startswith("-") else ("", "", word)
        yield option + sign + named.get(Path(value), value)


def _passed_on(engine: Engine, command: Sequence[str], name: str) -> int:
    """Run the container, pass on what asks it to end, and return its exit code."""
    pending: list[int] = []
    previous = {n: signal.signal(n, lambda number, _: pending.append(number)) for n in (signal.SIGINT, signal.SIGTERM)}
    # Ctrl-C reaches all of a terminal's group: the client is in another one, so that the container hears of it once.
    has_terminal = "--tty" in command
    group = None if has_terminal or os.name == "nt" else 0
    typed = None if has_terminal else subprocess.DEVNULL
    try:
        with subprocess.Popen(command, stdin=typed, process_group=group) as client:
            while True:
                try:
                    return client.wait(timeout=0.2)
                except subprocess.TimeoutExpired:
                    _kill(engine, name, pending)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _kill(engine: Engine, name: str, pending: list[int]) -> None:
    """Pass signals on; one that comes before the container has started waits until it has."""
    while pending:
        if _ask(engine.program, "kill", "--signal", signal.Signals(pending[0]).name, name).returncode:
            return
        pending.pop(0)


def _sweep(name: str) -> None:
    """Remove what a container that was killed was just writing: such files are named after it."""
    for path in OUTPUTS.rglob(f".*.{name}-*"):
        path.unlink(missing_ok=True)
