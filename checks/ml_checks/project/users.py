"""The users that containers run as, as far as the text says so."""

from __future__ import annotations

import re
from itertools import chain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.formats.dockerfile import Dockerfile, Instruction
    from ml_checks.project.batch import Batch
    from ml_checks.values import Location, Map, Text

# Images that run as root when nobody says otherwise, as their own Dockerfiles have it; of others that is not known.
ROOT_IMAGES = frozenset(
    [
        *("almalinux", "alpine", "amazonlinux", "busybox", "centos", "debian", "eclipse-temurin", "fedora", "gcc"),
        *("golang", "httpd", "julia", "maven", "nginx", "node", "openjdk", "perl", "php", "pypy", "python", "r-base"),
        *("rockylinux", "ruby", "rust", "scratch", "ubuntu", "nvidia/cuda", "pytorch/pytorch", "rocker/r-ver"),
        *("tensorflow/tensorflow", "continuumio/miniconda3", "condaforge/miniforge3", "ghcr.io/astral-sh/uv"),
    ]
)
_HOST = re.compile(r"^(?:(?:index\.)?docker\.io/|public\.ecr\.aws/docker/)?(?:library/)?")
_NAME_ENDS = re.compile(r"[:@]")
_OTHER_USER = re.compile(r"non-?root|rootless|unprivileged")
_ROOT = re.compile(r"(?:root|0+)(?::.*)?")
_STARTS = frozenset(["CMD", "ENTRYPOINT"])


def is_root(user: str) -> bool:
    """Tell whether a user, with a group or without, is root."""
    return _ROOT.fullmatch(user.strip("\"'")) is not None


def silent_bases(batch: Batch) -> Iterator[Text]:
    """Yield each base that makes an image run as root because nobody says otherwise."""
    for dockerfile in batch.dockerfiles:
        if not any(_users(dockerfile)) and _starts(dockerfile):
            base = dockerfile.lineage(dockerfile.stages[-1])[-1].base
            yield from filter(_runs_as_root, filter(None, (base,)))


def chosen_roots(batch: Batch) -> Iterator[tuple[Location, str]]:
    """Yield where images, services and workloads are told to run as root, and what is told."""
    images = chain.from_iterable(list(_users(dockerfile))[:1] for dockerfile in batch.dockerfiles)
    services = filter(None, (service.text("user") for _, service in batch.services))
    yield from ((user.at, "the image") for user in filter(is_root, images))
    yield from ((user.at, "service") for user in filter(is_root, services))
    yield from chain.from_iterable(_roots_of(kind, pod) for kind, pod in batch.pods)


def _users(dockerfile: Dockerfile) -> Iterator[Text]:
    """Yield the users that the last stage says it runs as, the one that counts first."""
    return chain.from_iterable(one.words[:1] for one in _last(dockerfile) if one.name == "USER")


def _starts(dockerfile: Dockerfile) -> bool:
    """Tell whether the last stage starts something; on others people build, and say there who runs it."""
    return any(one.name in _STARTS for one in _last(dockerfile))


def _roots_of(kind: str, pod: Map) -> Iterator[tuple[Location, str]]:
    return ((one.at_key("runAsUser"), kind) for one in _securities(pod) if one.text("runAsUser") == "0")


def _securities(pod: Map) -> Iterator[Map]:
    """Yield what says as whom the containers of a pod run, once each; what only prepares it may be root."""
    shared = pod.mapping("securityContext")
    own = [container.mapping("securityContext") for container in pod.mappings("containers")]
    if not all("runAsUser" in security for security in own):
        yield shared
    yield from own


def _last(dockerfile: Dockerfile) -> Iterator[Instruction]:
    """Yield the instructions that the last stage is made of, the last one first."""
    stages = dockerfile.lineage(dockerfile.stages[-1]) if dockerfile.stages else ()
    return chain.from_iterable(reversed(stage.instructions) for stage in stages)


def _runs_as_root(image: str) -> bool:
    name, _, tag = _HOST.sub("", image).partition(":")
    return _NAME_ENDS.split(name)[0] in ROOT_IMAGES and not _OTHER_USER.search(tag)
