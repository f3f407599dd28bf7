"""One file as text: what is read, and why the rest is not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from ml_checks.reading.text import MAX_BYTES, read_text
from ml_checks.reading.yaml import UnreadableError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        ("é\u2028\n".encode(), "é\u2028\n"),
        (b"\xef\xbb\xbfa\n", "a\n"),
        (b"a\r\nb\r\n", "a\nb\n"),
        (b"a" * MAX_BYTES, "a" * MAX_BYTES),
    ],
    ids=["empty", "UTF-8", "a byte order mark", "line ends of Windows", "as large as may be"],
)
def test_text_comes_with_plain_line_ends_and_without_a_mark(content: bytes, text: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    assert read_text(str(tmp_path / "file")) == text


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("é".encode("utf-16-le"), (1, 1, "is not UTF-8: byte 0xe9")),
        ("é".encode("utf-16"), (1, 1, "is UTF-16; save it as UTF-8")),
        ("\ufeffé".encode("utf-16-be"), (1, 1, "is UTF-16; save it as UTF-8")),
        ("é\nüb".encode() + b"\xff", (2, 3, "is not UTF-8: byte 0xff")),
        (b"\xef\xbb\xbfa\xff", (1, 2, "is not UTF-8: byte 0xff")),
        (b"a" * (MAX_BYTES + 1), (1, 1, "has 2.0 MB; no more than 2 MB is read")),
    ],
    ids=["no mark", "a mark", "a mark the other way round", "a byte in between", "a byte behind a mark", "too large"],
)
def test_what_is_no_text_is_told_with_its_place(
    content: bytes, complaint: tuple[int, int, str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(UnreadableError) as caught:
        read_text(str(tmp_path / "file"))
    assert (caught.value.line, caught.value.col, str(caught.value)) == complaint


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    assert read_text(str(tmp_path / "none")) is None


@pytest.mark.parametrize("kind", ["folder", "pipe", "link"])
def test_what_is_no_file_is_not_opened(kind: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(UnreadableError, match=r"^is no regular file in the work tree$"):
        read_text(str(tmp_path / kind))


def test_the_systems_own_words_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(UnreadableError, match=r"^cannot be read: Not a directory$"):
        read_text(str(tmp_path / "file" / "below"))
