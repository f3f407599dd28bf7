"""What fails in the project's own files is one sentence with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flight_delays.platform import own
from flight_delays.platform.errors import Stopped

if TYPE_CHECKING:
    from pathlib import Path


def test_the_last_line_of_the_project_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "PLATFORM", tmp_path / "platform")
    path = tmp_path / "features.py"
    code = compile("import json\n\ndef f():\n    return json.loads('{')\n", str(path), "exec")
    names: dict[str, object] = {}
    exec(code, names)
    with pytest.raises(Stopped, match=r"^src/flight_delays/features\.py:4: JSONDecodeError: Expecting property name"), own.failing("x"):
        names["f"]()


def test_a_file_that_is_no_python_is_named(tmp_path: Path) -> None:
    with pytest.raises(Stopped, match=r"^src/flight_delays/features\.py:2: SyntaxError: "), own.failing("x"):
        compile("a = 1\nb = = 2\n", str(tmp_path / "features.py"), "exec")


def test_what_is_a_sentence_already_stays_it() -> None:
    with pytest.raises(Stopped, match="^enough$"), own.failing("x"):
        raise Stopped("enough")
