"""What files look like by their content, wherever they lie: the kind of each whose path does not say it."""

from __future__ import annotations

import re

from ml_checks.project.infrastructure import WORKLOADS
from ml_checks.reading.text import MAX_BYTES, TEMPLATE
from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ml_checks.project.places import Places
    from ml_checks.reading.reader import Reader

# So much of a file is looked at; of JSON, which may be data of any size, less.
FIRST = 65_536
FIRST_OF_JSON = 4_096

# What a template is called beside what it makes; and what is called without a suffix: `1-0-0` and `1.0.0` are versions.
_OF_TEMPLATE = re.compile(r"(?:\.(?:j2|jinja2?|tpl|tmpl|gotmpl|template|mustache|erb))+$")
_NO_SUFFIX = re.compile(r"[^.]*|[0-9.]*[0-9]")

# Why a file that looks like a kind is not read: each goes on after "it".
LARGE = f"is larger than {MAX_BYTES / 1_000_000:g} MB"
OTHER_FORMAT = "is written in the Data Contract Specification; ODCS is read"
NO_PROJECT = "lies below no path of a dbt_project.yml"
CHART = "is a template of the Helm chart in which it lies"
PATCH = "changes a workload that is described elsewhere (kustomize)"
VENDORED = "lies in a folder of packages that others wrote"
TEST = "lies in a folder of tests"

VENDORED_FOLDERS = frozenset(
    [
        *("node_modules", "bower_components", "vendor", "third_party", "third-party"),
        *("site-packages", ".venv", "dbt_packages", "dbt_modules"),
    ]
)
TEST_FOLDERS = frozenset(["test", "tests", "__tests__", "fixtures", "testdata", "test_data", "test-data"])


class Look(Record):
    """What a content looks like: a kind or none, why it is not read, and whether it holds the tags of a template.

    `dbt-keys` is the kind of dbt where the file lies below a path of dbt's; `model_cards-name` that of a card where it
    lies beside no code.
    """

    kind: str
    reason: str = ""
    has_tags: bool = False


NOTHING = Look("")


def is_candidate(path: str) -> bool:
    """Tell whether a file may be of a kind that rules read, by the end of its name."""
    return _suffix(path)[0] in _LOOKS


def look_at(reader: Reader, path: str) -> Look:
    """Return what a file looks like that is a candidate."""
    return _look(path, lambda size: _plain(reader.first_bytes(path, size)))


def look_into(path: str, content: bytes) -> Look:
    """Return what a content looks like under the path of a candidate."""
    return _look(path, lambda size: _plain(content[:size]))


def look_at_name(path: str) -> Look:
    """Return whether a page is called, or lies, as the card of a model does."""
    return Look("model_cards-name") if _CARD_NAME.search(path) else NOTHING


def _look(path: str, read: Callable[[int], bytes]) -> Look:
    suffix, is_template = _suffix(path)
    look_of, first = _LOOKS[suffix]
    look = look_of(read(first), read)
    return look._replace(reason=TEMPLATE, has_tags=True) if look.kind and is_template else look


def placed(path: str, look: Look, places: Places, named: str) -> tuple[str, str]:
    """Return the kind of a file that looks so where it lies, and why it is not read; `named` is what its path says."""
    if named == "kubernetes":
        return _placed_manifest(path, look, places)
    kind, reason = _PLACED.get(look.kind, _as_it_looks)(path, look, places)
    return (kind, reason or aside(path)) if kind else (named, "")


def left(named: str) -> str:
    """Return the kind of a file that looks like another one and is not read as such."""
    return "" if named == "kubernetes" else named


def _placed_manifest(path: str, look: Look, places: Places) -> tuple[str, str]:
    """Return the same for a file that lies in a folder of Kubernetes: a workload, another object, a template of one."""
    if look.kind != "kubernetes":
        return ("" if look.has_tags else "kubernetes"), ""
    # YAML all the same, or else its reader says what it is.
    return _as_workload(path, look._replace(reason=""), places)


def _as_it_looks(_: str, look: Look, __: Places) -> tuple[str, str]:
    return look[:2]


def _as_workload(path: str, look: Look, places: Places) -> tuple[str, str]:
    if look.has_tags and places.is_in_chart(path):
        return "kubernetes", CHART
    return "kubernetes", PATCH if path in places.patches else look.reason


def _as_dbt(path: str, look: Look, places: Places) -> tuple[str, str]:
    return "dbt", look.reason if places.is_in_dbt(path) else NO_PROJECT


def _as_dbt_keys(path: str, look: Look, places: Places) -> tuple[str, str]:
    return ("dbt" if places.is_in_dbt(path) else ""), look.reason


def _as_card(path: str, _: Look, places: Places) -> tuple[str, str]:
    return ("" if places.is_code(path) else "model_cards"), ""


# What a file is depends for some kinds on where it lies.
_PLACED = {"kubernetes": _as_workload, "dbt": _as_dbt, "dbt-keys": _as_dbt_keys, "model_cards-name": _as_card}


def aside(path: str) -> str:
    """Return why nobody here answers for what a path holds, if that is so."""
    folders = set(path.split("/")[:-1])
    if not folders.isdisjoint(VENDORED_FOLDERS):
        return VENDORED
    return "" if folders.isdisjoint(TEST_FOLDERS) else TEST


def _suffix(path: str) -> tuple[str, bool]:
    """Return how a name ends, without what makes it a template's, and whether that is there."""
    name = path.rpartition("/")[2].lower()
    stem = _OF_TEMPLATE.sub("", name)
    return "" if _NO_SUFFIX.fullmatch(stem) else stem.rpartition(".")[2], stem != name


def _plain(content: bytes) -> bytes:
    """Return a content as UTF-8 with plain line ends: one in UTF-16 shows what it is, and is then refused by name."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16", errors="ignore").encode(errors="ignore")
    return content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")


# YAML ----------------------------------------------------------------------------------------------------------------

_TAG = re.compile(rb"\{[{%]")
_JSON = re.compile(rb"\s*(?:\{(?![{%])|\[)")
_ODCS = re.compile(rb"^kind:\s*[\"']?DataContract\b", re.MULTILINE)
_SPECIFICATION = re.compile(rb"^dataContractSpecification:\s*\S", re.MULTILINE)
_API = re.compile(rb"^apiVersion:\s*\S", re.MULTILINE)
_WORKLOAD = "|".join(sorted(WORKLOADS))
_WORKLOAD_API = re.compile(rb"^[ -]*apiVersion:\s*[\"']?(?:v1\b|apps/|batch/|extensions/|\{\{)", re.MULTILINE)
_TOP_KIND = re.compile(rf"^kind:\s*[\"']?(?:{_WORKLOAD})[\"']?\s*(?:#.*)?$".encode(), re.MULTILINE)
_ANY_KIND = re.compile(rf"^[ -]*kind:\s*[\"']?(?:{_WORKLOAD})[\"']?\s*(?:#.*)?$".encode(), re.MULTILINE)
_LIST = re.compile(rb"^kind:\s*[\"']?List\b", re.MULTILINE)
_SEPARATOR = re.compile(rb"^---.*$", re.MULTILINE)
# A value without quotes that is a tag: a mapping in a mapping, as YAML has it.
_FILLED_IN = re.compile(rb"^[^\n#'\"]*[:-][ \t]+\{\{", re.MULTILINE)
_DBT_KEY = re.compile(rb"^[\"']?(?:models|sources|seeds|snapshots)[\"']?\s*:", re.MULTILINE)
_DBT_VERSION = re.compile(rb"^version\s*:\s*[\"']?2\b", re.MULTILINE)
_NAMED = re.compile(rb"^\s*-\s+[\"']?name[\"']?\s*:", re.MULTILINE)
_YAML_SCHEMA = re.compile(rb"^[\"']?\$schema[\"']?\s*:\s*[\"']?https?://json-schema\.org/", re.MULTILINE)


def _look_at_yaml(content: bytes, read: Callable[[int], bytes]) -> Look:
    if _JSON.match(content):
        return _look_at_json(content[:FIRST_OF_JSON], read)
    if len(content) >= FIRST and _API.search(content):
        content = read(MAX_BYTES + 1)  # of many documents any may be a workload
    kind, reason = _kind_of_yaml(content)
    return Look(kind, reason or _reason(kind, content), _TAG.search(content) is not None)


def _reason(kind: str, content: bytes) -> str:
    """Return why a YAML text of a kind is not read; nothing where it is."""
    if kind and len(content) > MAX_BYTES:
        return LARGE
    return _REASONS.get(kind, _no_reason)(content)


def _no_reason(_: bytes) -> str:
    return ""


def _reason_of_manifest(content: bytes) -> str:
    return TEMPLATE if _FILLED_IN.search(content) else ""


def _reason_of_schema(content: bytes) -> str:
    from ml_checks.formats.evidence import use_of_text

    return use_of_text(content.decode(errors="replace"))


_REASONS = {"kubernetes": _reason_of_manifest, "json_schema": _reason_of_schema}


def _kind_of_yaml(content: bytes) -> tuple[str, str]:
    """Return the kind of a YAML text, and why it is not read."""
    found = ((kind, reason) for kind, reason, is_so in _YAML_KINDS if is_so(content))
    return next(found, ("", ""))


def _is_contract(content: bytes) -> bool:
    return bool(_ODCS.search(content) and _API.search(content))


def _has_workload(content: bytes) -> bool:
    return any(map(_is_workload, _SEPARATOR.split(content)))


def _is_dbt(content: bytes) -> bool:
    return bool(_DBT_KEY.search(content) and _DBT_VERSION.search(content) and _NAMED.search(content))


def _is_workload(document: bytes) -> bool:
    """Tell whether a document describes a workload, or is a list that holds one."""
    kind = _ANY_KIND if _LIST.search(document) else _TOP_KIND
    return bool(kind.search(document) and _WORKLOAD_API.search(document))


_YAML_KINDS: tuple[tuple[str, str, Callable[[bytes], object]], ...] = (
    ("contracts", "", _is_contract),
    ("contracts", OTHER_FORMAT, _SPECIFICATION.search),
    ("kubernetes", "", _has_workload),
    ("dbt", "", _is_dbt),
    ("dbt-keys", "", _DBT_KEY.search),
    ("json_schema", "", _YAML_SCHEMA.search),
)


# JSON ----------------------------------------------------------------------------------------------------------------

_MARKS = re.compile(
    rb'json-schema\.org|"(?:\$defs|definitions|properties|fields|DataContract|apiVersion)"|"type"\s*:\s*"(?:record|object)"'
)


def _look_at_json(content: bytes, read: Callable[[int], bytes]) -> Look:
    """Return what a JSON text looks like, by its shape, which is worth a look only where the first bytes say so."""
    if not (_JSON.match(content) and _MARKS.search(content)):
        return NOTHING
    from ml_checks.formats import evidence

    whole = read(MAX_BYTES + 1)
    try:
        found = Look("json_schema", LARGE) if len(whole) > MAX_BYTES else Look(*evidence.kind_of_json(whole, WORKLOADS))
    except ValueError:
        found = Look("json_schema", TEMPLATE if _TAG.search(whole) else f"{evidence.INVALID} JSON")
    # What cannot be read has to say itself what it is.
    return found if found.reason in {"", evidence.SETTINGS} or b"json-schema.org" in content else NOTHING


# Others --------------------------------------------------------------------------------------------------------------

_LIBRARY = re.compile(rb"^\s*(?:from|import)\s+(?:pandera|sqlmodel|[\w.]*pydantic)", re.MULTILINE)
_MODEL = re.compile(rb"\b(?:BaseModel|DataFrameModel|DataFrameSchema|SchemaModel|SQLModel)\b")
_TABLE = re.compile(rb"\bcreate(?:\s+\w+){0,4}?\s+table\b", re.IGNORECASE)
# Keys that the Hub knows, and other generators of pages do not.
_CARD_NAME = re.compile(r"(?:^|/)(?:model[-_]?card\.md|models/[^/]+/readme\.md)$", re.IGNORECASE)
_CARD = re.compile(rb"^(?:model-index|library_name|pipeline_tag|base_model)\s*:", re.MULTILINE)


def _look_at_python(content: bytes, _: Callable[[int], bytes]) -> Look:
    return Look("python") if _LIBRARY.search(content) and _MODEL.search(content) else NOTHING


def _look_at_sql(content: bytes, _: Callable[[int], bytes]) -> Look:
    return Look("sql") if _TABLE.search(content) else NOTHING


def _look_at_page(content: bytes, _: Callable[[int], bytes]) -> Look:
    """Return that a page is the card of a model where its front matter says so."""
    if not content.startswith(b"---\n"):
        return NOTHING
    front = content[4:].partition(b"\n---")[0]
    return Look("model_cards") if _CARD.search(front) else NOTHING


_LOOKS: dict[str, tuple[Callable[[bytes, Callable[[int], bytes]], Look], int]] = {
    "yml": (_look_at_yaml, FIRST),
    "yaml": (_look_at_yaml, FIRST),
    "json": (_look_at_json, FIRST_OF_JSON),
    "": (_look_at_json, FIRST_OF_JSON),
    "py": (_look_at_python, MAX_BYTES),
    "sql": (_look_at_sql, FIRST),
    "ddl": (_look_at_sql, FIRST),
    "hql": (_look_at_sql, FIRST),
    "md": (_look_at_page, FIRST_OF_JSON),
}
