"""A message names the line on which a row stands in its file, whatever stands between the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flight_delays.platform.places import place
from flight_delays.platform.source import Layout

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "layout", "lines"),
    [
        pytest.param("a,b\n1,2\n3,4\n", Layout(), [2, 3, 4], id="plain; below the end as in a plain one"),
        pytest.param("a,b\r\n1,2\r\n\r\n3,4\r\n", Layout(), [2, 4], id="a blank line"),
        pytest.param("a,b\n1,2\n,\n3,4\n", Layout(), [2, 4], id="a row of separators"),
        pytest.param('a,b\n1,"x\n\ny"\n3,4\n', Layout(), [2, 5], id="a text of three lines"),
        pytest.param('"a\nb",c\n1,2\n', Layout(), [3], id="a name of two lines"),
        pytest.param("# c\na,b\n# d\n1,2\n", Layout(comment="#"), [4], id="comments"),
        pytest.param("Report\n\na,b\n1,2\n", Layout(skip_lines=2), [4], id="lines above"),
        pytest.param("1,2\n3,4\n", Layout(has_header=False), [1, 2, 3], id="no names"),
        pytest.param("a,b\r1,2\r\r3,4\r", Layout(line_end="\r"), [2, 4], id="old line ends"),
        pytest.param('a,b\n1,"\n3,4\n', Layout(quote=""), [2, 3], id="no quotes"),
        pytest.param("a,b\n1,2\n", Layout(encoding="no such"), [2], id="unknown encoding"),
        pytest.param("a,b\n1,2\n", Layout(format="parquet"), ["row 1", "row 2"], id="no lines"),
    ],
)
def test_a_row_stands_where_an_editor_shows_it(
    text: str, layout: Layout, lines: list[int | str], tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(text.encode())
    expected = [line if isinstance(line, str) else f"line {line}" for line in lines]
    assert [place(path, layout, row) for row in range(len(lines))] == expected


def test_without_a_file_a_row_is_where_it_will_be(tmp_path: Path) -> None:
    assert place(tmp_path / "*.csv", Layout(skip_lines=1), 2) == "line 5"
