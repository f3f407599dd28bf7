"""Secrets that stand in plain text where containers get their environment."""

from __future__ import annotations

import re
from itertools import chain

from ml_checks.values import text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.formats.dockerfile import Dockerfile
    from ml_checks.project.batch import Batch
    from ml_checks.values import Map, Text

    # A name, where it stands, and its value.
    Setting = tuple[Text, str]

_NAME = re.compile(
    r"(?:.*_)?(?:PASSWORD|PASSWD|PASS|PASSPHRASE|PWD|SECRET|TOKEN"
    r"|(?:API|ACCESS|SECRET|PRIVATE|ENCRYPTION|SIGNING|AUTH|FERNET|MASTER)_?KEY)",
    re.IGNORECASE,
)
# What is filled in later, is in another place, or is no secret at all.
_NO_SECRET = re.compile(
    r"\s*|.*(?:\$|\{\{).*|<.*>|\[.*\]|x{3,}|\*+|\.{3,}|your[-_ ].*|.*[-_ ]here|/.*|\w+://.*|vault:.*|arn:.*"
    r"|true|false|yes|no|on|off|none|null|0|1",
    re.IGNORECASE | re.DOTALL,
)
# As the address of a database has it: user, password, host.
_IN_ADDRESS = re.compile(r"\w[\w+.-]*://[^\s:/@$]*:([^\s:/@]+)@")


def secrets(batch: Batch) -> Iterator[Text]:
    """Yield the name of each setting whose value is a secret, where it is set."""
    services, pods = ([one for _, one in ones] for ones in (batch.services, batch.pods))
    return chain(*map(_secret, chain(map(_built, batch.dockerfiles), map(_composed, services), map(_deployed, pods))))


def _secret(settings: Iterator[Setting]) -> Iterator[Text]:
    return (name for name, value in settings if _is_secret(name, value))


def _is_secret(name: str, value: str) -> bool:
    if _NAME.fullmatch(name):
        return not _NO_SECRET.fullmatch(value)
    return any(not _NO_SECRET.fullmatch(password) for password in _IN_ADDRESS.findall(value))


def _built(dockerfile: Dockerfile) -> Iterator[Setting]:
    from ml_checks.formats.dockerfile import assignments

    stages = (dockerfile.arguments, *(stage.instructions for stage in dockerfile.stages))
    set_by = (one for one in chain(*stages) if one.name in {"ENV", "ARG"})
    return chain.from_iterable(map(assignments, set_by))


def _composed(service: Map) -> Iterator[Setting]:
    return chain(_set(service, "environment"), _set(service.mapping("build"), "args"))


def _set(owner: Map, key: str) -> Iterator[Setting]:
    """Yield what a service of a compose file sets: a mapping, or a list of `name=value`."""
    written = owner.mapping(key)
    yield from ((name, written.text(name) or "") for name in written.names())
    yield from map(_parted, owner.texts(key))


def _parted(text: Text) -> Setting:
    name, _, value = text.partition("=")
    return text_at(text.at, name), value


def _deployed(pod: Map) -> Iterator[Setting]:
    containers = chain(pod.mappings("initContainers"), pod.mappings("containers"))
    settings = chain.from_iterable(container.mappings("env") for container in containers)
    return ((name, str(one.get("value"))) for one in settings if "value" in one and (name := one.text("name")))
