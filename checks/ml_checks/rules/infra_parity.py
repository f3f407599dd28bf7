"""INF: containers that are the same everywhere, and no larger or more powerful than needed."""

from __future__ import annotations

from ml_checks.errors import quoted
from ml_checks.rules.registry import file_rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.project.batch import Batch
    from ml_checks.values import Location


@file_rule("INF001", ("dockerfiles", "compose"))
def tag_moving(batch: Batch) -> Iterator[tuple[Location, str]]:
    """An image has a tag that moves: none, or `latest`.

    The same file runs something else tomorrow, and nobody can go back to what ran yesterday. Write a version, and its
    digest where it has to be exactly this one: `python:3.12-slim@sha256:…`. What the text does not say is no finding,
    such as `${TAG}`, and neither is an image that is built here.
    """
    from ml_checks.project.images import images, tag_of

    for image in images(batch):
        tag = tag_of(image)
        if tag == "":
            yield image.at, f"image {quoted(image)} has no tag, so it is the latest one"
        elif tag == "latest":
            yield image.at, f"image {quoted(image)} has the tag 'latest', which moves"
