"""Python: the fields of Pydantic's and SQLModel's models, and of pandera's models and schemas, by the syntax tree."""

from __future__ import annotations

import ast
import sys
import warnings
from itertools import chain
from operator import attrgetter

from ml_checks.formats.source import field, only, text_or_none
from ml_checks.reading.yaml import UnreadableError
from ml_checks.values import Dataset, Location, text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeGuard, TypeVar

    from ml_checks.formats.source import Source
    from ml_checks.values import Field, Text

    Kind = TypeVar("Kind", bound=ast.AST)

LIBRARIES = ("pydantic", "pandera", "sqlmodel")
MODELS = ("BaseModel", "SQLModel", "DataFrameModel", "SchemaModel")
# A class that is called so says how a program is set up, and holds no data.
SETTINGS = ("Config", "Configuration", "Settings", "Options", "Parameters", "Params", "Arguments", "Args")

# What stands around one type or several, and is none itself; of `Annotated` only the first part is a type.
_AROUND = frozenset(["Optional", "Union", "Annotated", "Final", "Series", "Index"])


def datasets(source: Source) -> Iterator[Dataset]:
    """Yield each model and schema; none has a name, because a class is named like a class. Raise UnreadableError."""
    return _Module(source).datasets()


class _Module:
    """A module, with what its names mean."""

    def __init__(self, source: Source) -> None:
        self.source = source
        text = source.text.replace("\r", "\n")
        self.lines = text.split("\n")
        self.nodes = list(ast.walk(_parsed(text)))
        self.imported = dict(_imports(self.nodes))
        self.is_model: dict[str, bool] = {}  # by the name of each class

    def datasets(self) -> Iterator[Dataset]:
        yield from self._models()
        yield from self._schemas()

    def _models(self) -> Iterator[Dataset]:
        # A base stands above, and may be deeper: under an `if` for the version of a library.
        for node in sorted(_of_kind(ast.ClassDef, self.nodes), key=attrgetter("lineno")):
            self.is_model[node.name] = self._derives_from_model(node)
            if self.is_model[node.name]:
                yield Dataset(None, None, self._at(node), tuple(self._annotated(node)))

    def _schemas(self) -> Iterator[Dataset]:
        for call in _of_kind(ast.Call, self.nodes):
            if self._is_of_library(call.func, ("DataFrameSchema",)):
                yield Dataset(None, None, self._at(call), tuple(self._columns(call)))

    def _derives_from_model(self, node: ast.ClassDef) -> bool:
        return not node.name.endswith(SETTINGS) and any(map(self._is_base, node.bases))

    def _is_base(self, node: ast.expr) -> bool:
        """Tell whether a class is a model, of the libraries or of this module."""
        return self.is_model.get(_dotted(node), False) or self._is_of_library(node, MODELS)

    def _is_of_library(self, node: ast.expr, names: tuple[str, ...]) -> bool:
        first, _, rest = _dotted(node).partition(".")
        path = f"{self.imported.get(first, '')}.{rest}".strip(".").split(".")
        is_library = path[0] in LIBRARIES or any("pydantic" in part for part in path)  # `our._pydantic_compat`
        return is_library and path[-1] in names

    def _annotated(self, node: ast.ClassDef) -> Iterator[Field]:
        for line in _of_kind(ast.AnnAssign, node.body):
            if isinstance(line.target, ast.Name) and _is_field(line.target.id, line.annotation):
                name = line.target.id.removesuffix("_")  # which only keeps it apart from a word of Python
                yield self._field(line.target, name, line.annotation, filter(None, (line.annotation, line.value)))

    def _columns(self, node: ast.Call) -> Iterator[Field]:
        """Yield the columns of a schema that are written in it."""
        for key, column in _pairs(_argument(node, "columns", 0)):
            if _is_text(key) and isinstance(column, ast.Call) and not _is_pattern(str(key.value), column):
                yield self._field(key, str(key.value), _argument(column, "dtype", 0), (column,))

    def _field(self, at: ast.expr, name: str, kind: ast.expr | None, parts: Iterable[ast.expr]) -> Field:
        """Return a field; what describes it is in one of its parts."""
        description = next(chain.from_iterable(map(_descriptions, parts)), None)
        return field(
            text_at(self._at(at), name),
            self._type(kind) if kind else None,
            text_at(self._at(description), str(description.value)) if description else None,
        )

    def _type(self, kind: ast.expr) -> Text | None:
        """Return the company's type for the one type of an annotation beside None."""
        name = _dotted(only(_types(kind)))
        if name in self.is_model:
            return None
        return text_or_none(self._at(kind), self.source.types.get(name.rpartition(".")[2]))

    def _at(self, node: ast.expr | ast.ClassDef) -> Location:
        before = self.lines[node.lineno - 1].encode()[: node.col_offset].decode()
        return Location(self.source.path, node.lineno, len(before) + 1)


def _parsed(text: str) -> ast.Module:
    """Return the syntax tree of a module; raise UnreadableError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the author's compiler says them, at the right time
            return ast.parse(text)
    except SyntaxError as error:
        raise _invalid(error) from error
    except (MemoryError, RecursionError, ValueError) as error:
        raise UnreadableError(1, 1, "is no Python that can be read: it nests too deep, or holds a null byte") from error


def _invalid(error: SyntaxError) -> UnreadableError:
    """Return what Python's compiler says of a text that is none of its own."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    line, col = max(error.lineno or 1, 1), max(error.offset or 1, 1)
    return UnreadableError(line, col, f"is not valid in Python {version}, which runs the checks: {error.msg}")


def _of_kind(kind: type[Kind], nodes: Iterable[ast.AST]) -> Iterator[Kind]:
    """Yield the nodes of a kind."""
    return (node for node in nodes if isinstance(node, kind))


def _imports(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str]]:
    """Yield each name that is imported, with where it comes from."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from map(_module_name, node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from _names_from(node)


def _names_from(node: ast.ImportFrom) -> Iterator[tuple[str, str]]:
    module = "." * node.level + (node.module or "")
    return ((alias.asname or alias.name, f"{module}.{alias.name}") for alias in node.names)


def _module_name(alias: ast.alias) -> tuple[str, str]:
    """Return the name that `import a.b` gives to a module, which is `a`, and the module."""
    first = alias.name.partition(".")[0]
    return (alias.asname, alias.name) if alias.asname else (first, first)


def _dotted(node: ast.expr | None) -> str:
    """Return `a.b.c` for a name or an attribute of one; what is called or indexed stands for its result."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
        node = node.func if isinstance(node, ast.Call) else node.value
    parts.append(node.id if isinstance(node, ast.Name) else "")
    return ".".join(reversed(parts))


def _types(kind: ast.expr) -> Iterator[ast.expr]:
    """Yield the types that an annotation allows beside None."""
    left: list[ast.expr] = [kind]
    while left:
        node = left.pop()
        if (parts := _parts(node)) is None:
            yield node
        else:
            left += parts


def _parts(node: ast.expr) -> list[ast.expr] | None:
    """Return what stands for types in a part of an annotation; None where it is a type itself."""
    if isinstance(node, ast.Constant):
        return _quoted(node.value) if isinstance(node.value, str) else []
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    return _in_brackets(node) if isinstance(node, ast.Subscript) else None


def _quoted(annotation: str) -> list[ast.expr]:
    """Return the type in an annotation that is a text; nothing where it is no type."""
    try:
        return [ast.parse(annotation, mode="eval").body]
    except (SyntaxError, ValueError):
        return []


def _in_brackets(node: ast.Subscript) -> list[ast.expr] | None:
    """Return the types that something stands around; None where it is a type itself."""
    around = _dotted(node).rpartition(".")[2]
    if around not in _AROUND:
        return None
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return inner[:1] if around == "Annotated" else inner


def _is_field(name: str, annotation: ast.expr) -> bool:
    is_of_class = _dotted(annotation).rpartition(".")[2] == "ClassVar"
    return not (is_of_class or name.startswith("_") or name == "model_config")


def _is_text(node: ast.expr | None) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_pattern(name: str, column: ast.Call) -> bool:
    """Tell whether the name of a column is a pattern for the names of several."""
    if name.startswith("^"):
        return True  # for Polars and Ibis, without being called one
    regex = _argument(column, "regex", len(column.args))
    return isinstance(regex, ast.Constant) and regex.value is True


def _pairs(node: ast.expr | None) -> Iterable[tuple[ast.expr | None, ast.expr]]:
    """Return the keys and values of a dict that is written out."""
    return zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()


def _argument(call: ast.Call, name: str, index: int) -> ast.expr | None:
    named = [word.value for word in call.keywords if word.arg == name]
    return next(iter([*call.args[index : index + 1], *named]), None)


def _descriptions(node: ast.expr) -> Iterator[ast.Constant]:
    """Yield what `description=` says in a call, or in one within an annotation."""
    for call in _of_kind(ast.Call, ast.walk(node)):
        description = _argument(call, "description", len(call.args))
        if _is_text(description):
            yield description
