"""What runs: the services of compose files and the workloads of Kubernetes."""

from __future__ import annotations

from ml_checks.record import Record
from ml_checks.values import text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Protocol

    from ml_checks.values import Location, Map, Text

    class Workload(Protocol):
        """What is asked of a workload of Kubernetes."""

        @property
        def kind(self) -> str:
            """What it is."""

        @property
        def name(self) -> Text | None:
            """What it is called, if it is."""

        @property
        def labels(self) -> tuple[str, ...]:
            """The labels that say something."""

        @property
        def is_whole(self) -> bool:
            """Whether it names an image."""


WORKLOADS = frozenset(["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "StatefulSet"])


# Folders of what is shared and of what changes it, beside each other, as kustomize has them.
LAYERS = frozenset(["base", "bases", "components", "environments", "envs", "overlays", "patches"])


class Service(Record):
    """A service of a compose file or a workload of Kubernetes; `at` is where it is named.

    One that is not `is_whole` changes another: it names nothing that runs.
    """

    kind: str
    name: str
    at: Location
    has_owner: bool
    is_whole: bool

    @property
    def scope(self) -> tuple[str, str, str]:
        """What the service is, whichever file says something of it: its folder, its kind and its name."""
        folders = self.at.path.split("/")[:-1]
        # What holds the base and the overlays is no part of it.
        layer = next((index for index, name in enumerate(folders) if name in LAYERS), len(folders))
        return "/".join(folders[:layer]), self.kind, self.name


def workloads_in(roots: Iterable[Map]) -> Iterator[Map]:
    """Yield the workloads of Kubernetes among some objects, and in the lists of objects among them."""
    for root in roots:
        if root.text("kind") in WORKLOADS:
            yield root
        elif root.text("kind") == "List":
            yield from workloads_in(root.mappings("items"))


def composed(root: Map, label: str) -> Iterator[Service]:
    """Yield the services of a compose file; labels are a mapping or a list of `name=value`."""
    services = root.mapping("services")
    for name in services:
        service = services.mapping(name)
        is_whole = not {"build", "extends", "image"}.isdisjoint(service)
        yield Service("service", name, services.at_key(name), _has_label(service, label), is_whole)


def _has_label(service: Map, label: str) -> bool:
    """Tell whether a service of a compose file says something under a label."""
    listed = any(text.startswith(f"{label}=") and text != f"{label}=" for text in service.texts("labels"))
    return listed or service.mapping("labels").text(label) is not None


def deployed(workload: Workload, label: str) -> Iterator[Service]:
    """Yield what a workload of Kubernetes runs, if it has a name."""
    if name := workload.name:
        yield Service(workload.kind, name, name.at, label in workload.labels, workload.is_whole)


def runs_an_image(spec: Map) -> bool:
    """Tell whether the specification of a workload names an image, wherever its kind has the containers."""
    return any(container.text("image") for pod in pods_of(spec) for container in pod.mappings("containers"))


def pods_of(spec: Map) -> Iterator[Map]:
    """Yield wherever the kinds of workloads have their containers, in the specification of one."""
    yield spec
    for one in (spec, spec.mapping("jobTemplate").mapping("spec")):
        yield one.mapping("template").mapping("spec")


def flows(service: Map) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
    """Return the contracts that a service of a compose file says it reads, and those that it writes."""
    # As compose has it for keys that are not its own.
    return tuple(service.one_or_more("x-inputs")), tuple(service.one_or_more("x-outputs"))


def annotated_flows(workload: Map) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
    """Return the contracts that a workload says it reads, and those that it writes."""
    annotations = workload.mapping("metadata").mapping("annotations")
    return _listed(annotations.text("ml-checks/inputs")), _listed(annotations.text("ml-checks/outputs"))


def _listed(annotation: Text | None) -> tuple[Text, ...]:
    """Return the names in an annotation, which is one text: between commas, each where the text begins."""
    if annotation is None:
        return ()
    names = filter(None, map(str.strip, annotation.split(",")))
    return tuple(text_at(annotation.at, name) for name in names)
