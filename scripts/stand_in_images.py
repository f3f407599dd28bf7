"""Makes images that stand in for those of a Dockerfile where no image registry can be reached.

An image of Python holds this machine's interpreter and a shell, and the image of uv the uv of this environment; all
libraries that they need are copied from this machine, so nothing is downloaded. FOLDER/bin/podman builds with them.
Usage: stand_in_images.py FOLDER DOCKERFILE
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FROM = re.compile(r"^FROM (?:--\S+ )*(\S+)", re.MULTILINE)
STAGE = re.compile(r"^FROM .* AS (\S+)", re.MULTILINE | re.IGNORECASE)
LIBRARY = re.compile(r"(?:=> )?(/\S+) \(0x")
# What a Dockerfile and a person who looks into a container call.
PROGRAMS = ("sh", "cat", "chmod", "chown", "env", "id", "install", "ls", "mkdir", "rm", "sleep", "true")
# What compiled packages expect beside themselves.
EXPECTED = tuple(f"lib{name}" for name in ("gcc_s.so.1", "stdc++.so.6", "m.so.6", "pthread.so.0", "dl.so.2", "rt.so.1"))
LEFT_OUT = shutil.ignore_patterns("__pycache__", "site-packages", "dist-packages", "test", "idlelib", "*.a")
SYSTEM = "/usr/bin:/bin"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# Root in a container of a container may neither raise limits nor ask systemd for a group of processes.
CONTAINERS = """\
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
netns = "host"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "{runtime}"
"""
STORAGE = """\
[storage]
driver = "overlay"
graphroot = "{folder}/graph"
runroot = "{folder}/run"
"""
# Only a build is told of the stand-ins: the Dockerfile stays as it is.
WRAPPER = """\
#!/bin/sh
export CONTAINERS_CONF={containers} CONTAINERS_STORAGE_CONF={storage}
unset STORAGE_DRIVER
if [ "$1" = build ]; then
    shift
    set -- build --pull=never {contexts} "$@"
fi
exec {podman} "$@"
"""


class Podman(NamedTuple):
    """A podman that keeps its images in a folder of its own."""

    program: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The settings by which podman finds its own."""
        return {
            **os.environ,
            "CONTAINERS_CONF": str(self.folder / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(self.folder / "storage.conf"),
        }

    def settle(self) -> None:
        """Write the settings."""
        self.folder.mkdir(parents=True, exist_ok=True)
        runtime = "runc" if shutil.which("runc") else "crun"
        (self.folder / "containers.conf").write_text(CONTAINERS.format(runtime=runtime), "utf-8")
        (self.folder / "storage.conf").write_text(STORAGE.format(folder=self.folder), "utf-8")

    def can_pull(self, image: str) -> bool:
        """Tell whether a registry gives the image; half a minute is enough to learn that there is none."""
        pull = [self.program, "pull", "--quiet", image]
        try:
            subprocess.run(pull, env=self.environment, capture_output=True, check=True, timeout=30)
        except subprocess.SubprocessError:
            return False
        return True

    def build(self, name: str, root: Path, *lines: str) -> None:
        """Make an image of all that lies in a folder."""
        dockerfile = root.with_suffix(".Dockerfile")
        dockerfile.write_text("\n".join(("FROM scratch", "COPY . /", *lines)) + "\n", "utf-8")
        command = [self.program, "build", "--quiet", "--tag", name, "--file", str(dockerfile), str(root)]
        subprocess.run(command, env=self.environment, stdout=subprocess.DEVNULL, check=True)


def images(dockerfile: str) -> list[str]:
    """Return the images that a Dockerfile begins with, each once."""
    stages = set(STAGE.findall(dockerfile))
    return list(dict.fromkeys(name for name in FROM.findall(dockerfile) if name not in stages | {"scratch"}))


def libraries(program: Path) -> Iterator[Path]:
    """Yield what the loader needs for a program or a library, and the loader itself."""
    listed = subprocess.run(["/usr/bin/ldd", str(program)], capture_output=True, encoding="utf-8", check=False).stdout
    yield from map(Path, LIBRARY.findall(listed))


def place(root: Path, path: Path) -> None:
    """Copy a file to where it lies on this machine, seen from the root of the image."""
    target = root / path.relative_to("/")
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)


def place_all(root: Path, programs: Iterable[Path]) -> None:
    """Copy programs with all libraries that they need."""
    for program in programs:
        place(root, program)
        for library in libraries(program):
            place(root, library)


def names(interpreter: Path) -> dict[str, Path]:
    """Return by which names, from the root of the image on, each program is called."""
    found = {f"bin/{name}": Path(path).resolve() for name in PROGRAMS if (path := shutil.which(name, path=SYSTEM))}
    return found | {f"usr/local/bin/{name}": interpreter for name in ("python", "python3", interpreter.name)}


def python_root(root: Path) -> None:
    """Lay out the interpreter that runs this script, a shell and the certificates of this machine."""
    interpreter = Path(sys.executable).resolve()
    standard = Path(sysconfig.get_path("stdlib"))
    shutil.copytree(standard, root / standard.relative_to("/"), ignore=LEFT_OUT, symlinks=True)
    found = names(interpreter)
    place_all(root, [*found.values(), *standard.rglob("lib-dynload/*.so")])
    places = {library.parent for library in libraries(interpreter)}
    place_all(root, filter(Path.exists, [CERTIFICATES, *(folder / name for folder in places for name in EXPECTED)]))
    for name in ("bin", "etc", "root", "tmp", "usr/bin", "usr/local/bin", "var/tmp"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for link in [link for link in found if not (root / link).exists()]:
        (root / link).symlink_to(found[link])
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n", "utf-8")
    (root / "etc/group").write_text("root:x:0:\n", "utf-8")
    (root / "tmp").chmod(0o1777)


def uv_root(root: Path) -> None:
    """Lay out the one program of the image of uv."""
    root.mkdir(parents=True)
    shutil.copy2(Path(sys.executable).with_name("uv"), root / "uv")


def stand_in(podman: Podman, image: str) -> str:
    """Make the image that stands in for another one, and return its name."""
    name = re.sub(r"[^a-z0-9]+", "-", image.partition("@")[0])
    root = podman.folder / "roots" / name
    shutil.rmtree(root, ignore_errors=True)
    if "/uv:" in image:
        uv_root(root)
        podman.build(f"stand-in/{name}", root)
    else:
        python_root(root)
        environment = (
            "ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/bin:/bin:/usr/sbin:/sbin LANG=C.UTF-8",
            f"ENV SSL_CERT_FILE={CERTIFICATES}",
            'CMD ["python3"]',
        )
        podman.build(f"stand-in/{name}", root, *environment)
    shutil.rmtree(root)
    return f"localhost/stand-in/{name}"


def main(argv: list[str]) -> int:
    """Make what no registry supplies, and print each image that is none of the real ones."""
    folder, dockerfile = Path(argv[0]).absolute(), Path(argv[1])
    program = shutil.which("podman")
    if program is None:
        print("podman is not installed", file=sys.stderr)
        return 2
    podman = Podman(program, folder)
    podman.settle()
    missing = [image for image in images(dockerfile.read_text("utf-8")) if not podman.can_pull(image)]
    contexts = [f"--build-context={image}=container-image://{stand_in(podman, image)}" for image in missing]
    wrapper = folder / "bin" / "podman"
    wrapper.parent.mkdir(exist_ok=True)
    settings = {name: shlex.quote(str(folder / f"{name}.conf")) for name in ("containers", "storage")}
    wrapper.write_text(WRAPPER.format(**settings, contexts=shlex.join(contexts), podman=shlex.quote(program)), "utf-8")
    wrapper.chmod(0o755)
    print("\n".join(missing))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
