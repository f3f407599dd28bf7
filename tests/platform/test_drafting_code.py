"""A function more in a file of the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flight_delays.platform.drafting.code import added
from flight_delays.platform.errors import Stopped

if TYPE_CHECKING:
    from pathlib import Path

IMPORTS = "import polars as pl\n\nfrom .platform import rules\n"
FUNCTION = "def new() -> None:\n    pass\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", "import polars as pl\nfrom .platform import rules", id="an empty file"),
        pytest.param(
            '"""Mine."""\n', '"""Mine."""\nimport polars as pl\nfrom .platform import rules', id="a docstring"
        ),
        pytest.param(
            "import polars as pl\n\nA = 1\n",
            "import polars as pl\nfrom .platform import rules\n\nA = 1",
            id="some of the imports",
        ),
        pytest.param(
            "from .platform import (\n    rules,\n)\nimport polars\n",
            "from .platform import (\n    rules,\n)\nimport polars\nimport polars as pl",
            id="another name for a module",
        ),
    ],
)
def test_a_function_comes_at_the_end_with_the_imports_that_are_missing(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "features.py"
    path.write_text(before, encoding="utf-8")
    assert added(path, IMPORTS, FUNCTION, "new") == f"{after}\n\n\n{FUNCTION}"


def test_a_function_that_is_there_is_not_added_again(tmp_path: Path) -> None:
    path = tmp_path / "features.py"
    path.write_text(f"{FUNCTION}\n\nA = 1\n", encoding="utf-8")
    assert added(path, IMPORTS, FUNCTION, "new") == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("def new(): ...\n", "features.py has a function new already: give the model another --name"),
        ("A = 1\ndef old(:\n", "features.py line 2 is not valid Python: correct it first"),
    ],
)
def test_a_file_that_takes_no_function_is_named(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "features.py"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(Stopped) as stopped:
        added(path, IMPORTS, FUNCTION, "new")
    assert str(stopped.value).endswith(sentence)
