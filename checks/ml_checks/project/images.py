"""The images that Dockerfiles, compose files and workloads name, as far as they say which."""

from __future__ import annotations

import re
from itertools import chain, filterfalse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.formats.dockerfile import Dockerfile
    from ml_checks.project.batch import Batch
    from ml_checks.values import Text

# Source: the grammar of references in github.com/distribution/reference.
_IMAGE = re.compile(
    r"[a-z0-9][\w.-]*(?::\d+)?(?:/[a-z0-9][a-z0-9._-]*)*(?::[\w][\w.-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]+)?"
)
_TAG = re.compile(r":([\w][\w.-]*)$")


def images(batch: Batch) -> Iterator[Text]:
    """Yield each image that is fetched from somewhere, and known."""
    found = (chain.from_iterable(map(_fetched, batch.dockerfiles)), _composed(batch))
    return (image for image in chain(*found) if _IMAGE.fullmatch(image))


def tag_of(image: str) -> str | None:
    """Return the tag of an image; None where a digest says which it is."""
    if "@" in image:
        return None
    tag = _TAG.search(image)
    return tag[1] if tag else ""


def _fetched(dockerfile: Dockerfile) -> Iterator[Text]:
    """Yield the images that a build fetches: as a base, or to copy from."""
    for stage in dockerfile.stages:
        sources = (one.option("from") for one in stage.instructions if one.name == "COPY")
        yield from filterfalse(dockerfile.is_built, filter(None, (stage.base, *sources)))


def _composed(batch: Batch) -> Iterator[Text]:
    """Yield the images of services, but no image that the repository builds."""
    services = [service for _, service in batch.services]
    named = filter(None, (service.text("image") for service in services))
    return filterfalse({service.text("image") for service in services if "build" in service}.__contains__, named)
