"""What fails in the project's own files is one sentence with its place."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING

import pytest
from flight_delays.platform import own
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
