"""Which datasets of a repository can meet in one query: names and types are compared among those."""

from __future__ import annotations

import re
from functools import partial
from itertools import chain, islice

from ml_checks.project.recognition import TEST_FOLDERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ml_checks.project.project import Project
    from ml_checks.values import Text

    # A name or a type, and the dataset of which it is told.
    Told = tuple[Text, Text | None]

# A folder with one of these is a project of its own.
MANIFESTS = ("pyproject.toml", "dbt_project.yml", "project.yaml", "package.json", "setup.py")
# What these describe ends up in one database.
_FAMILIES = dict.fromkeys(["avro", "dbt", "sql"], "tables")
# Databases after which a folder or a file is called that says in their dialect what others say in theirs.
_DIALECT = re.compile(
    r"(?<![a-z])(?:bigquery|clickhouse|databricks|db2|duckdb|hive|impala|mariadb|mssql|mysql|netezza|oracle|pdw"
    r"|postgres(?:ql)?|redshift|snowflake|spark|sql_?server|sqlite(?:_extended)?|synapse|trino|vertica)(?![a-z])",
    re.IGNORECASE,
)
# Who defines a JSON Schema: the host of its address, or the vendor that it names.
_OWNER = re.compile(r'"(?:\$?id"\s*:\s*"[a-z]+://([^/"]+)|vendor"\s*:\s*"([^"]+)")')
# So much of a schema is looked at.
FIRST = 4_096


class Joined:
    """Compares what is told of datasets with what is told of those that can be joined with them."""

    def __init__(self, project: Project) -> None:
        """Take the project that describes the datasets."""
        self._project = project
        self._groups: dict[str, tuple[str, ...]] = {}
        self._parts = {"sql": _dialects, "json_schema": self._owner}

    def pairs(self, told: Iterable[Told]) -> Iterator[tuple[Text, Text]]:
        """Yield each text with the first one that it has to agree with, if there is one.

        What a contract says comes first: it binds the other contracts, and all below the project in which it lies.
        """
        before: dict[tuple[str, ...], list[Told]] = {}
        contracts: list[Told] = []
        for one in told:
            group = self._group(one[0].path)
            is_contract = self._kind(one[0].path) == "contracts"
            known = contracts if is_contract else before.setdefault(group, [])
            others = known if is_contract else chain(contracts, known)
            yield from ((one[0], other[0]) for other in islice(filter(partial(self._binds, one), others), 1))
            known.append(one)

    def _binds(self, one: Told, other: Told) -> bool:
        """Tell whether a text has to agree with one of its group, or of a contract."""
        path, above = one[0].path, other[0].path
        if self._kind(above) == "contracts" != self._kind(path):
            return self._group(path)[0].startswith(self._group(above)[0])
        return not self._is_same_table(one, other)

    def _group(self, path: str) -> tuple[str, ...]:
        """Return what the files have in common whose datasets can be joined with those of a file."""
        if path not in self._groups:
            kind = self._kind(path)
            part = self._parts.get(kind, _nothing)(path)
            self._groups[path] = (self._folder(path), _FAMILIES.get(kind, kind), part)
        return self._groups[path]

    def _kind(self, path: str) -> str:
        return self._project.kinds([path])[path]

    def _owner(self, path: str) -> str:
        return str(_OWNER.findall(self._project.first_lines(path, FIRST))[:1])

    def _folder(self, path: str) -> str:
        """Return the project, or the folder of tests, in which a file lies; nothing for the top."""
        parts = path.split("/")[:-1]
        for depth in range(len(parts), 0, -1):
            folder = "/".join(parts[:depth]) + "/"
            if parts[depth - 1] in TEST_FOLDERS or any(folder + name in self._project.tracked for name in MANIFESTS):
                return folder
        return ""

    def _is_same_table(self, one: Told, other: Told) -> bool:
        """Tell whether two files of SQL create the same table: versions, or dialects, of which one is used."""
        (text, table), (known, another) = one, other
        are_sql = {self._kind(text.path), self._kind(known.path)} == {"sql"}
        return are_sql and text.path != known.path and str(table).lower() == str(another).lower()


def _dialects(path: str) -> str:
    return "".join(sorted({*map(str.lower, _DIALECT.findall(path))}))


def _nothing(_: str) -> str:
    return ""
