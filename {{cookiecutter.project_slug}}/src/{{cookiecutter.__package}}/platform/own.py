"""Calls the functions that a project writes by itself, and says in one sentence where one of them fails."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

from .charter import MIGRATING, Model
from .errors import Stopped

PLATFORM = Path(__file__).parent
PACKAGE = __name__.split(".", maxsplit=1)[0]
# The functions that these files had in the first version of the template.
FIRST = {"baseline": "score", "model": "train"}


def own(module: str, model: Model) -> Callable[..., Any]:
    """Return the project's own function of the name of the model."""
    file = f"src/{PACKAGE}/{module}.py"
    with failing(file):
        there = import_module(f"{PACKAGE}.{module}")
    found = getattr(there, model.name, None)
    if found is None and hasattr(there, FIRST.get(module, "")):
        message = f"{file} has {FIRST[module]}, as in the first version of the template: {MIGRATING}"
        raise Stopped(message)
    if found is None:
        message = f"{file} has no function {model.name}: write it, named after the model"
        raise Stopped(message)
    function: Callable[..., Any] = found

    @wraps(function)
    def called(*arguments: Any) -> Any:
        with failing(file):
            return function(*arguments)

    return called


@contextmanager
def failing(place: str) -> Iterator[None]:
    """Say what failed, and in which line of the project's own files; a place is given for where it is none of them."""
    try:
        yield
    except (Stopped, OSError):
        raise
    except Exception as error:
        first = (str(error).splitlines() or [""])[0]
        message = f"{line_of(error) or place}: {type(error).__name__}: {first}"
        raise Stopped(message) from error


def line_of(error: BaseException) -> str | None:
    """Return the last line of the project's own files that led to an error."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"src/{PACKAGE}/{Path(error.filename).name}:{error.lineno}"
    own_files = [
        (path, frame.lineno)
        for frame in traceback.extract_tb(error.__traceback__)
        if (path := Path(frame.filename)).is_relative_to(PLATFORM.parent) and not path.is_relative_to(PLATFORM)
    ]
    return f"src/{PACKAGE}/{own_files[-1][0].name}:{own_files[-1][1]}" if own_files else None
