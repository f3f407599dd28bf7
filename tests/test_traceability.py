"""The golden path against its manifest: what counts as an edit, and what does not."""

from __future__ import annotations

import json
import runpy
import shutil
from typing import TYPE_CHECKING

import pytest
from ml_checks.reading.blobs import blob_of

from tests.command import CLEAN, Outcome, repository, run, write
from tests.conftest import ROOT, git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GATE = "packages/late/src/late/platform/gate.py"
MANIFEST = "packages/late/src/late/platform/manifest.json"
TEXT = "LEVEL = 0.95\n"
FILES: dict[str, str | bytes] = {
    **CLEAN,
    GATE: TEXT,
    MANIFEST: json.dumps({"git_blobs": {"gate.py": blob_of(TEXT.encode())}}),
}
EDITED = [f"{GATE}:1:1: TRC001 differs from what {MANIFEST} lists"]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "platform_manifest.py"))


def check(folder: Path) -> Outcome:
    return run(folder, "check", "--select", "TRC")


def test_git_gives_the_same_id(tmp_path: Path) -> None:
    folder = repository(tmp_path, FILES)
    assert git(folder, "ls-files", "--stage", GATE).split()[1] == blob_of(TEXT.encode())


@pytest.mark.parametrize("commits", [0, 1], ids=["before the first commit", "after it"])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("LEVEL = 0.95\n", [], id="as it was"),
        pytest.param("LEVEL = 0.95\r\n", [], id="other line ends"),
        pytest.param("LEVEL = 0.9\n", EDITED, id="a digit less"),
        pytest.param("LEVEL = 0.95", EDITED, id="no end of the line"),
    ],
)
def test_any_other_text_is_an_edit(text: str, found: list[str], commits: int, tmp_path: Path) -> None:
    folder = repository(tmp_path, FILES)
    if commits:
        git(folder, "commit", "--quiet", "--message", "As it was")
    write(folder, {GATE: text})
    git(folder, "add", "--all")
    assert check(folder).findings == found
    if commits:
        git(folder, "commit", "--allow-empty", "--quiet", "--message", "Edited")
        assert check(folder).findings == found


def test_what_is_no_text_is_an_edit(tmp_path: Path) -> None:
    folder = repository(tmp_path, {**FILES, GATE: b"LEVEL = '\xff'\n"})
    assert check(folder).findings == [*EDITED, f"{GATE}:1:10: FIL001 is not UTF-8: byte 0xff"]


def test_what_git_does_not_track_is_nobodys_concern(tmp_path: Path) -> None:
    folder = repository(tmp_path, FILES)
    write(folder, {GATE.replace("gate", "plot"): "", GATE.replace("gate.py", "__pycache__/gate.pyc"): b"\0"})
    assert check(folder) == Outcome(0, "", "")
    git(folder, "add", "--all")
    plot = GATE.replace("gate", "plot")
    assert check(folder).findings == [f"{plot}:1:1: TRC001 is not listed in {MANIFEST}"]


def test_a_file_that_goes_is_missing_and_a_link_is_an_edit(tmp_path: Path) -> None:
    folder = repository(tmp_path, FILES)
    (folder / GATE).unlink()
    (folder / GATE).symlink_to("/dev/null")
    git(folder, "add", "--all")
    assert check(folder).findings == EDITED
    git(folder, "rm", "--quiet", "--force", GATE)
    assert check(folder).findings == [f"{MANIFEST}:1:16: TRC001 'gate.py' is listed and missing"]


def test_a_waiver_says_why_and_until_when(tmp_path: Path) -> None:
    waiver = f"{{code: TRC001, path: {GATE}, reason: until v2, owner: '@acme/ml', until: 2026-12-31}}"
    folder = repository(tmp_path, {**FILES, GATE: "LEVEL = 0.9\n", "standards.yaml": f"waivers: [{waiver}]\n"})
    waived = "1 finding waived; `ml-checks waivers` lists them.\n"
    assert run(folder, "check", "--today", "2026-12-01") == Outcome(0, waived, "")


@pytest.mark.parametrize("text", ['{"name": "Late", "icons": []}', "\t{", "[]", "", b"\xff"])
def test_another_list_of_that_name_is_left_alone(text: str | bytes, tmp_path: Path) -> None:
    assert check(repository(tmp_path, {**FILES, "web/platform/manifest.json": text})) == Outcome(0, "", "")


def test_a_manifest_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    folder = repository(tmp_path, {**FILES, MANIFEST: '["git_blobs"]'})
    why = "holds a list, where a manifest is one mapping"
    assert check(folder).findings == [f"{MANIFEST}:1:1: FIL005 {why}"]


def test_the_manifest_of_the_template_lists_its_files_as_they_are() -> None:
    assert SCRIPT["main"](["--check"]) == 0, "run `make docs`"


def test_a_change_that_is_not_listed_is_told_and_listed_by_one_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main: Callable[[list[str]], int] = SCRIPT["main"]
    folder = shutil.copytree(SCRIPT["PLATFORM"], tmp_path / "platform", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setitem(main.__globals__, "PLATFORM", folder)
    (folder / "judge.py").write_text("LEVEL = 0.5\n", "utf-8")
    assert main(["--check"]) == 1
    why = "the golden path has changed; run `make docs` to list its files anew"
    assert capsys.readouterr().err == f"{folder / 'manifest.json'}: {why}\n"
    assert main([]) == 0
    assert main(["--check"]) == 0
    listed = json.loads((folder / "manifest.json").read_text("utf-8"))["git_blobs"]
    assert listed["judge.py"] == blob_of(b"LEVEL = 0.5\n")
    assert listed.keys() == {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {
        "manifest.json"
    }
