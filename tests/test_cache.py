"""The cache: what was kept comes back whole, or not at all."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import pytest
from ml_checks import standards
from ml_checks.reading import cache, yaml

if TYPE_CHECKING:
    from ml_checks.reading.yaml import Plain

KEY = ("standards.yaml", 1, 2)
VALUE: Plain = {"names": {"reserved": ["all", "and"], "example": "a_é"}, "nothing": None}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ML_CHECKS_CACHE", str(tmp_path / "cache" / "deep"))
    return tmp_path / "cache" / "deep"


def test_what_was_kept_comes_back_for_its_key_only(place: Path) -> None:
    assert cache.recall("it", KEY) is None
    cache.keep("it", KEY, VALUE)
    assert cache.recall("it", KEY) == VALUE
    assert cache.recall("it", (*KEY[:2], 3)) is None
    assert cache.recall("other", KEY) is None
    assert [path.name for path in place.iterdir()] == ["it"]


def test_what_another_version_wrote_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.keep("it", KEY, VALUE)
    monkeypatch.setattr(cache, "WRITER", ("9.9.9", "4.0"))
    assert cache.recall("it", KEY) is None


def test_a_file_with_a_wrong_byte_or_a_missing_end_is_not_read(place: Path) -> None:
    cache.keep("it", KEY, VALUE)
    content = (place / "it").read_bytes()
    for index in range(len(content)):
        (place / "it").write_bytes(content[:index] + bytes([content[index] ^ 1]) + content[index + 1 :])
        assert cache.recall("it", KEY) is None
        (place / "it").write_bytes(content[:index])
        assert cache.recall("it", KEY) is None


def test_a_whole_file_of_something_else_is_not_read(place: Path) -> None:
    for foreign in (b"\xe9\x03\x00\x00\x00", b"N", b"(\x01\x00\x00\x00N"):
        place.mkdir(parents=True, exist_ok=True)
        (place / "it").write_bytes(crc32(foreign).to_bytes(4) + foreign)
        assert cache.recall("it", KEY) is None


def test_what_was_kept_long_ago_makes_room_for_what_is_new(place: Path) -> None:
    ages = {"gone": 91, "killed.17.part": 91, "mine": 89}
    for name in ages:
        cache.keep(name, KEY, VALUE)
    for name, days in ages.items():
        then = time.time() - days * 86_400
        os.utime(place / name, (then, then))
    (place / "folder").mkdir()
    os.utime(place / "folder", (0, 0))
    cache.keep("mine", KEY, VALUE)
    assert {path.name for path in place.iterdir()} == {"gone", "killed.17.part", "mine", "folder"}
    cache.keep("new", KEY, VALUE)
    assert {path.name for path in place.iterdir()} == {"mine", "new", "folder"}


def test_where_nothing_can_be_written_the_run_goes_on(place: Path) -> None:
    place.parent.write_text("a file, where the folder would be")
    cache.keep("it", KEY, VALUE)
    assert cache.recall("it", KEY) is None


def test_a_name_that_cannot_be_replaced_leaves_nothing_behind(place: Path) -> None:
    (place / "it" / "of another user").mkdir(parents=True)
    for _ in range(2):
        cache.keep("it", KEY, VALUE)
    assert [path.name for path in place.iterdir()] == ["it"]


def test_without_room_or_right_nothing_is_kept_and_nothing_left(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.keep("it", KEY, VALUE)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        cache.keep("it", KEY, "more")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert cache.recall("it", KEY) == VALUE

    def refused(path: str) -> None:
        raise PermissionError(1, "Operation not permitted", path)

    os.utime(place / "it", (0, 0))
    monkeypatch.setattr(os, "remove", refused)  # as in a folder where everyone keeps their own
    cache.keep("other", KEY, VALUE)
    assert cache.recall("other", KEY) == VALUE
    assert sorted(path.name for path in place.iterdir()) == ["it", "other"]


def test_an_empty_name_switches_the_cache_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ML_CHECKS_CACHE", "")
    cache.keep("it", KEY, VALUE)
    assert cache.recall("it", KEY) is None
    assert list(tmp_path.iterdir()) == []
    assert not place.exists()


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"HOME": "/srv/ann"}, "/srv/ann/.cache/ml-checks"),
        ({"HOME": "/srv/ann", "XDG_CACHE_HOME": "/var/ann"}, "/var/ann/ml-checks"),
        ({"HOME": "/srv/ann", "LOCALAPPDATA": "/local"}, "/local/ml-checks"),
    ],
)
def test_it_lies_where_the_system_keeps_caches(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ML_CHECKS_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache.folder() == expected


def test_standards_from_the_cache_are_those_of_the_file(tmp_path: Path, place: Path) -> None:
    read, recalled = standards.load(str(tmp_path)), standards.load(str(tmp_path))
    assert (place / "standards").exists()
    assert {**vars(recalled), "_late": None} == {**vars(read), "_late": None}
    assert vars(recalled.contracts) == vars(read.contracts)
    assert recalled.logical_types("sql") == read.logical_types("sql") != {}


def test_values_come_back_without_their_places() -> None:
    (values,), _ = yaml.read("a.yaml", "a: [b, null, {c: 1}]\nd:\n")
    back = yaml.placeless(yaml.plain(values))
    assert yaml.plain(back) == yaml.plain(values) == {"a": ["b", None, {"c": "1"}], "d": None}
    assert next(back.mappings("a")).mapping("none") == {}


def test_standards_are_read_again_once_the_file_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "company"
    folder.mkdir()
    text = Path(standards.FOLDER, standards.PROJECT_FILE).read_text("utf-8")
    (folder / standards.PROJECT_FILE).write_text(text)
    monkeypatch.setattr(standards, "FOLDER", str(folder))
    assert standards.load(str(tmp_path)).max_name_length == 63
    (folder / standards.PROJECT_FILE).write_text(text.replace("max_length: 63", "max_length: 62"))
    os.utime(folder / standards.PROJECT_FILE, ns=(1, 1))
    assert standards.load(str(tmp_path)).max_name_length == 62
