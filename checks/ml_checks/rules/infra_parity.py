"""INF: containers that are the same everywhere, and no larger or more powerful than needed."""

from __future__ import annotations

from ml_checks.errors import quoted
from ml_checks.project.snapshot import INFRASTRUCTURE
from ml_checks.rules.registry import file_rule, rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.project.batch import Batch
    from ml_checks.project.project import Project
    from ml_checks.values import Location, Map

# The workloads that others send requests to, and what tells how they are.
SERVING = frozenset(["Deployment", "StatefulSet"])
PROBES = frozenset(["readinessProbe", "livenessProbe", "startupProbe"])


@file_rule("INF001", ("dockerfiles", "compose"))
def tag_moving(batch: Batch) -> Iterator[tuple[Location, str]]:
    """An image has a tag that moves: none, or `latest`.

    The same file runs something else tomorrow, and nobody can go back to what ran yesterday. Write a version, and its
    digest where it has to be exactly this one: `python:3.12-slim@sha256:…`. What the text does not say is no finding,
    such as `${TAG}`, and neither is an image that is built here.
    """
    from ml_checks.project.images import images, tag_of

    said = {"": "has no tag, so it is the latest one", "latest": "has the tag 'latest', which moves"}
    moving = ((image, tag_of(image)) for image in images(batch))
    return ((image.at, f"image {quoted(image)} {said[tag]}") for image, tag in moving if tag in said)


@file_rule("INF002", INFRASTRUCTURE)
def user_root(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A container runs as root.

    Who breaks out of it, or out of a library in it, may do everything. End the Dockerfile with `USER 1000:1000`, as
    numbers, so that a cluster can see that this is not root. An image without `USER` is judged where its base is known.
    """
    from ml_checks.project import users

    for base in users.silent_bases(batch):
        yield base.at, f"the image runs as root, as {quoted(base)} does: no USER follows"
    for at, kind in users.chosen_roots(batch):
        yield at, f"{kind} runs as root"


@file_rule("INF003", ("compose", "kubernetes"))
def memory_unlimited(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A container has no limit of memory.

    One that grows takes the memory of all others on its machine. Write `mem_limit` in a compose file, and
    `resources.limits.memory` in a manifest. Of the services in a compose file those are judged that are built here.
    """
    yield from _unlimited_services(batch)
    for _, pod, container in batch.containers:
        if container.text("image") and not any(map(_is_limited, (pod, container))):
            yield container.at, f"container {_shown(container)} has no limit of memory"


@file_rule("INF004", INFRASTRUCTURE)
def secret_plain(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A secret stands in plain text.

    Everybody who can read the repository, or the image, has it, and its history keeps it. Change the secret, then take
    it from outside: `${NAME}` or `secrets` in a compose file, `secretKeyRef` in a manifest, `RUN --mount=type=secret`
    in a Dockerfile.
    """
    from ml_checks.project.secrets_in_text import secrets

    for name in secrets(batch):
        yield name.at, f"the value of {quoted(name)} is a secret in plain text"


@rule("INF005")
def python_contradicted(project: Project) -> Iterator[tuple[Location, str]]:
    """An image has a Python that its project does not allow.

    What was resolved and tested for one version runs on another one, or does not even install. Raise the base of the
    Dockerfile, or `requires-python` in the `pyproject.toml` beside or above it. Tags without a version say nothing.
    """
    if project.files("dockerfiles"):
        from ml_checks.project.pythons import contradictions

        for image, allowed, path in contradictions(project):
            yield image.at, f"image {quoted(image)} has a Python that {path} does not allow: {quoted(allowed)}"


@file_rule("INF006", ("kubernetes",))
def probe_missing(batch: Batch) -> Iterator[tuple[Location, str]]:
    """A container that serves has no probe.

    It gets requests before it is ready, and goes on getting them when it hangs. Add a `readinessProbe`, and a
    `livenessProbe` where a restart helps.
    """
    for kind, _, container in batch.containers:
        if kind in SERVING and _is_unwatched(container):
            yield container.at, f"container {_shown(container)} of this {kind} has ports and no probe"


def _unlimited_services(batch: Batch) -> Iterator[tuple[Location, str]]:
    for name, service in batch.services:
        if "build" in service and _is_unlimited(service):
            yield name.at, f"service {name!r} has no limit of memory"


def _is_unwatched(container: Map) -> bool:
    return bool(container.get("ports")) and PROBES.isdisjoint(container)


def _shown(container: Map) -> str:
    return quoted(container.text("name") or "?")


def _is_unlimited(service: Map) -> bool:
    """Tell whether a service of a compose file has no limit of its own and takes none from another one."""
    return {"mem_limit", "extends"}.isdisjoint(service) and not _is_limited(service.mapping("deploy"))


def _is_limited(owner: Map) -> bool:
    return "memory" in owner.mapping("resources").mapping("limits")
