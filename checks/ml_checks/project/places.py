"""What lies where: the folders in which dbt looks for properties, the charts of Helm, what kustomize patches."""

from __future__ import annotations

import posixpath

from ml_checks.values import maps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from ml_checks.reading.reader import Reader
    from ml_checks.values import Map

# Where dbt looks for properties: the key of its project's file, the one it had before, and what holds where neither is.
# Source: dbt's pages "model-paths" and so on, and "source-paths" before 1.0.
_DBT_PATHS = (
    ("model-paths", "source-paths", "models"),
    ("seed-paths", "data-paths", "seeds"),
    ("snapshot-paths", "", "snapshots"),
    ("analysis-paths", "", "analyses"),
    ("macro-paths", "", "macros"),
    ("test-paths", "", "tests"),
)


class Places:
    """What the files say of others that lie beside or below them."""

    def __init__(self, reader: Reader, markers: Iterable[tuple[str, object]], paths: Container[str]) -> None:
        """Read the files that say where something is, in a work tree that has these paths."""
        self._reader, self._paths = reader, paths
        self._dbt: tuple[str, ...] = ()
        self._charts: tuple[str, ...] = ()
        self.patches: frozenset[str] = frozenset()
        """The files that only change what another one describes."""
        for path, _ in markers:
            folder, _, name = path.rpartition("/")
            if name == "dbt_project.yml":
                self._dbt += tuple(_below(folder, one) for one in self._dbt_paths(path))
            elif name == "Chart.yaml":
                self._charts += (_below(folder, "templates"),)
            else:
                self.patches |= frozenset(self._patches(path, folder))

    def is_in_dbt(self, path: str) -> bool:
        """Tell whether a file lies where dbt looks for properties."""
        return path.startswith(self._dbt)

    def is_in_chart(self, path: str) -> bool:
        """Tell whether a file is a template of a chart of Helm's."""
        return path.startswith(self._charts)

    def is_code(self, path: str) -> bool:
        """Tell whether a file in a folder below `models` is about classes of Python or tables of dbt."""
        models = posixpath.dirname(posixpath.dirname(path))
        return self.is_in_dbt(path) or f"{models}/__init__.py" in self._paths

    def _dbt_paths(self, path: str) -> Iterator[str]:
        root = next(self._roots(path), None)
        for key, old, default in _DBT_PATHS:
            written = [*root.one_or_more(key), *root.one_or_more(old)] if root else []
            yield from written
            if not written:
                yield default

    def _patches(self, path: str, folder: str) -> Iterator[str]:
        for root in self._roots(path):
            listed = [*root.texts("patchesStrategicMerge"), *root.texts("patches")]
            described = (one.text("path") for key in ("patches", "patchesJson6902") for one in root.mappings(key))
            for one in filter(None, (*listed, *described)):
                yield posixpath.normpath(posixpath.join(folder, one))

    def _roots(self, path: str) -> Iterator[Map]:
        """Return the mappings in a file; nothing where it cannot be read, which its own rules or tools say."""
        return maps(self._reader.documents(path) or ())


def _below(folder: str, name: str) -> str:
    """Return how the paths in a folder begin; nothing for the root."""
    joined = posixpath.normpath(posixpath.join(folder, name))
    return "" if joined == "." else f"{joined}/"
