"""What fails in the project's own files is one sentence with its place."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from flight_delays.platform import own
from flight_delays.platform.charter import AT_RANDOM, REGRESSION, Model, Split
from flight_delays.platform.errors import Stopped

if TYPE_CHECKING:
    from pathlib import Path


def test_the_last_line_of_the_project_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "PLATFORM", tmp_path / "platform")
    path = tmp_path / "features.py"
    path.write_text("import json\n\ndef known():\n    return json.loads('{')\n", encoding="utf-8")
    written = spec_from_file_location("features", path)
    assert written is not None
    assert written.loader is not None
    module = module_from_spec(written)
    written.loader.exec_module(module)
    with (
        pytest.raises(Stopped, match=r"^src/flight_delays/features\.py:4: JSONDecodeError: Expecting"),
        own.failing("x"),
    ):
        module.known()


def test_a_file_that_is_no_python_is_named(tmp_path: Path) -> None:
    with pytest.raises(Stopped, match=r"^src/flight_delays/features\.py:2: SyntaxError: "), own.failing("x"):
        compile("a = 1\nb = = 2\n", str(tmp_path / "features.py"), "exec")


def test_what_is_a_sentence_already_stays_it() -> None:
    with pytest.raises(Stopped, match=r"^enough$"), own.failing("x"):
        raise Stopped("enough")


@pytest.mark.parametrize(
    ("module", "function", "sentence"),
    [
        ("baseline", "score", 'has score, as in the first version of the template: "Migrating" in the template\'s '),
        ("baseline", "scores", "has no function late: write it, named after the model"),
        ("features", "score", "has no function late: write it, named after the model"),
    ],
)
def test_a_file_of_the_first_version_is_told_how_to_move_on(
    module: str, function: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ModuleType(module)
    setattr(first, function, print)
    monkeypatch.setitem(sys.modules, f"flight_delays.{module}", first)
    model = Model("late", "feasibility", REGRESSION, "t", "id", "y", None, Split(AT_RANDOM, None, 0.25), None)
    with pytest.raises(Stopped) as stopped:
        own.own(module, model)
    assert str(stopped.value).startswith(f"src/flight_delays/{module}.py {sentence}")
