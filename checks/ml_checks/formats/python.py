"""Python: the fields of Pydantic's models and of pandera's models and schemas, by the syntax tree."""

from __future__ import annotations

import ast
import sys
import warnings

from ml_checks.formats.source import field
from ml_checks.reading.yaml import UnreadableError
from ml_checks.values import Dataset, Location, text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml_checks.formats.source import Source
    from ml_checks.values import Field

LIBRARIES = ("pydantic", "pandera")
MODELS = ("BaseModel", "DataFrameModel", "SchemaModel")
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
        self.tree = _parsed(text)
        self.imported = dict(_imports(self.tree))
        self.is_model: dict[str, bool] = {}  # by the name of each class

    def datasets(self) -> Iterator[Dataset]:
        nodes = list(ast.walk(self.tree))
        classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
        # A base stands above, and may be deeper: under an `if` for the version of a library.
        for node in sorted(classes, key=lambda node: node.lineno):
            self.is_model[node.name] = self._derives_from_model(node)
            if self.is_model[node.name]:
                yield Dataset(None, None, self._at(node), tuple(self._annotated(node)))
        for call in nodes:
            if isinstance(call, ast.Call) and self._is_of_library(call.func, ("DataFrameSchema",)):
                yield Dataset(None, None, self._at(call), tuple(self._columns(call)))

    def _derives_from_model(self, node: ast.ClassDef) -> bool:
        bases = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
        known = (self.is_model.get(_dotted(base)) or self._is_of_library(base, MODELS) for base in bases)
        return not node.name.endswith(SETTINGS) and any(known)

    def _is_of_library(self, node: ast.expr, names: tuple[str, ...]) -> bool:
        first, _, rest = _dotted(node).partition(".")
        path = f"{self.imported.get(first, '')}.{rest}".strip(".").split(".")
        return path[0] in LIBRARIES and path[-1] in names

    def _annotated(self, node: ast.ClassDef) -> Iterator[Field]:
        for line in node.body:
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and _is_field(line):
                told = (line.annotation, line.value) if line.value else (line.annotation,)
                name = line.target.id.removesuffix("_")  # which only keeps it apart from a word of Python
                yield self._field(line.target, name, line.annotation, told)

    def _columns(self, node: ast.Call) -> Iterator[Field]:
        """Yield the columns of a schema that are written in it."""
        columns = _argument(node, "columns", 0)
        pairs = zip(columns.keys, columns.values, strict=True) if isinstance(columns, ast.Dict) else ()
        for key, column in pairs:
            if not isinstance(column, ast.Call) or _is_pattern(column):
                continue
            # For Polars and Ibis, what begins so is a pattern without being called one.
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and not key.value.startswith("^"):
                yield self._field(key, key.value, _argument(column, "dtype", 0), (column,))

    def _field(self, at: ast.expr, name: str, kind: ast.expr | None, told: tuple[ast.expr, ...]) -> Field:
        logical = self._logical(kind) if kind else None
        return field(
            text_at(self._at(at), name),
            text_at(self._at(kind), logical) if kind and logical else None,
            next((text_at(self._at(found), str(found.value)) for part in told for found in _descriptions(part)), None),
        )

    def _logical(self, kind: ast.expr) -> str | None:
        """Return the company's type for the one type of an annotation beside None."""
        types = list(_types(kind))
        if len(types) != 1:
            return None
        name = _dotted(types[0])
        return None if name in self.is_model else self.source.types.get(name.rpartition(".")[2])

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
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        line, col = max(error.lineno or 1, 1), max(error.offset or 1, 1)
        why = f"is not valid in Python {version}, which runs the checks: {error.msg}"
        raise UnreadableError(line, col, why) from error
    except (MemoryError, RecursionError, ValueError) as error:
        raise UnreadableError(1, 1, "is no Python that can be read: it nests too deep, or holds a null byte") from error


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each name that is imported, with where it comes from."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                first = one.name.partition(".")[0]
                yield (one.asname, one.name) if one.asname else (first, first)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((one.asname or one.name, f"{module}.{one.name}") for one in node.names)


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
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            left += _quoted(node.value)
        elif isinstance(node, ast.BinOp):
            left += [node.left, node.right]
        elif isinstance(node, ast.Subscript) and (around := _dotted(node).rpartition(".")[2]) in _AROUND:
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            left += inner[:1] if around == "Annotated" else inner
        elif not isinstance(node, ast.Constant):
            yield node


def _quoted(annotation: str) -> list[ast.expr]:
    """Return the type in an annotation that is a text; nothing where it is no type."""
    try:
        return [ast.parse(annotation, mode="eval").body]
    except (SyntaxError, ValueError):
        return []


def _is_field(line: ast.AnnAssign) -> bool:
    name = line.target.id if isinstance(line.target, ast.Name) else "_"
    is_of_class = _dotted(line.annotation).rpartition(".")[2] == "ClassVar"
    return not (is_of_class or name.startswith("_") or name == "model_config")


def _is_pattern(column: ast.Call) -> bool:
    """Tell whether the name of a column is a pattern for the names of several."""
    told = _argument(column, "regex", len(column.args))
    return isinstance(told, ast.Constant) and told.value is True


def _argument(call: ast.Call, name: str, index: int) -> ast.expr | None:
    named = [word.value for word in call.keywords if word.arg == name]
    return next(iter([*call.args[index : index + 1], *named]), None)


def _descriptions(node: ast.expr) -> Iterator[ast.Constant]:
    """Yield what `description=` says in a call, or in one within an annotation."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            told = _argument(call, "description", len(call.args))
            if isinstance(told, ast.Constant) and isinstance(told.value, str):
                yield told
