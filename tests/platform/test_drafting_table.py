"""Tables as people have them: what is recognised in a file, and what its drafted contract then reads."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
import yaml
from flight_delays.platform import contract
from flight_delays.platform.charter import AT_RANDOM, REGRESSION, Model, Split
from flight_delays.platform.drafting import documents, table
from flight_delays.platform.drafting.table import Given, Table
from flight_delays.platform.drafting.vocabulary import vocabulary
from flight_delays.platform.errors import Stopped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flight_delays.platform.drafting.kinds import Question

MODEL = Model("m", "feasibility", REGRESSION, "t", table.ROW_NUMBER, "y", None, Split(AT_RANDOM, None, 0.25), None)


def refuse(question: Question) -> str:
    raise AssertionError(question.text)


def look(path: Path, content: bytes | str, *answers: str, given: Given = Given(), target: str = "y") -> Table:  # noqa: B008 - a tuple
    """Look at a file with this content, answer questions in order, and see that all were asked."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    left = list(answers)
    seen = table.look_at(path, target, given, lambda question: left.pop(0) if left else refuse(question), vocabulary())
    assert not left
    return seen


def read_again(seen: Table) -> pl.DataFrame:
    """Read the file by the contract that is drafted of it."""
    subject = documents.Subject(MODEL, seen, "@a/b", vocabulary(), seen.path.as_posix(), frozenset(), {})
    drafted = yaml.safe_load(documents.contract(subject))
    rows = contract.read(contract.of(Path("contracts/t.odcs.yaml"), drafted))
    assert rows[table.ROW_NUMBER].to_list() == list(range(1, len(rows) + 1))
    return rows.drop(table.ROW_NUMBER)


@pytest.mark.parametrize(
    ("content", "answers", "expected"),
    [
        pytest.param("a,y\nx,1\nz,2\n", [], {"a": ["x", "z"], "y": [1, 2]}, id="plain"),
        pytest.param("a;y\nx;1,5\nz;-2,25\n", [], {"a": ["x", "z"], "y": [1.5, -2.25]}, id="decimal commas"),
        pytest.param("a\ty\nx, z\t1\nz\t2\n", [], {"a": ["x, z", "z"], "y": [1, 2]}, id="tabs"),
        pytest.param("a|y\n'x|z'|1\nz|2\n", [], {"a": ["x|z", "z"], "y": [1, 2]}, id="single quotes"),
        pytest.param("\ufeffa,y\nÜ,1\n", [], {"a": ["Ü"], "y": [1]}, id="byte-order mark"),
        pytest.param("a;y\nÜber;1\n".encode("cp1252"), [], {"a": ["Über"], "y": [1]}, id="cp1252"),
        pytest.param("a\ty\nZoë\t1\n".encode("utf-16"), [], {"a": ["Zoë"], "y": [1]}, id="UTF-16"),
        pytest.param("a\ty\nZoe\t1\n".encode("utf-16-le"), [], {"a": ["Zoe"], "y": [1]}, id="UTF-16 without a mark"),
        pytest.param("a,y\rx,1\rz,2\r", [], {"a": ["x", "z"], "y": [1, 2]}, id="old line ends"),
        pytest.param("a,y\r\nx,1\r\n\r\n\r\n", [], {"a": ["x"], "y": [1]}, id="blank lines at the end"),
        pytest.param('a,y\n"x\nz",1\n"say ""hi""",2\n', [], {"a": ["x\nz", 'say "hi"'], "y": [1, 2]}, id="quoted"),
        pytest.param("sep=;\na;y\nx;1\n", [], {"a": ["x"], "y": [1]}, id="separator said"),
        pytest.param("# by us\n# now\na,y\nx,1\n", [], {"a": ["x"], "y": [1]}, id="comments"),
        pytest.param("#a,y\nx,1\n", [], {"number_a": ["x"], "y": [1]}, id="a header that only looks like a comment"),
        pytest.param("Sales\n\na;b;y\nx;u;1\nz;v;2\n", [], {"a": ["x", "z"], "b": ["u", "v"], "y": [1, 2]}, id="title"),
        pytest.param("a,y,\nx,1,\nz,2,\n", [], {"a": ["x", "z"], "y": [1, 2]}, id="separators at the end"),
        pytest.param("a, y\n x, 1\n z, 2\n", [], {"a": ["x", "z"], "y": [1, 2]}, id="blanks after separators"),
        pytest.param(
            "a,y\n1,NA\n,2\nn/a,-\n4,8\n", [], {"a": [1, None, None, 4], "y": [None, 2, None, 8]}, id="no value"
        ),
        pytest.param("a,y\nNA,1\nUS,2\n", [], {"a": ["NA", "US"], "y": [1, 2]}, id="a word that looks like none"),
        pytest.param("a,y\n1,NA\n2,US\n", [], {"a": [1, 2], "y": [None, "US"]}, id="but never in the target"),
        pytest.param(
            'a,y\nx,"1,234.50"\nz,"1,000,000.25"\n', [], {"a": ["x", "z"], "y": [1234.5, 1000000.25]}, id="1,234.5"
        ),
        pytest.param("a;y\nx;1.234,50\nz;12,0\n", [], {"a": ["x", "z"], "y": [1234.5, 12.0]}, id="1.234,5"),
        pytest.param("a;y\nx;1'234.5\nz;7.25\n", [], {"a": ["x", "z"], "y": [1234.5, 7.25]}, id="1'234.5"),
        pytest.param(
            "a;y\nx;1\u00a0234,5\nz;7,25\n",
            [],
            {"a": ["x", "z"], "y": [1234.5, 7.25]},
            id="1 234,5 with no-break spaces",
        ),
        pytest.param("a;y\nx;1 234,5\nz;7,25\n", [], {"a": ["x", "z"], "y": [1234.5, 7.25]}, id="1 234,5"),
        pytest.param("a;y\nx;1.234\nz;2.500\n", ["comma"], {"a": ["x", "z"], "y": [1234, 2500]}, id="1.234 asked"),
        pytest.param("a;y\nx;1.234\nz;2.500\n", ["point"], {"a": ["x", "z"], "y": [1.234, 2.5]}, id="1.234 answered"),
        pytest.param("a;y\n0.5;1.234\n1.5;2.500\n", [], {"a": [0.5, 1.5], "y": [1.234, 2.5]}, id="settled by a column"),
        pytest.param("a;y\n1,5;0.25\n2,5;0.5\n", [], {"a": [1.5, 2.5], "y": [0.25, 0.5]}, id="one way in each column"),
        pytest.param("a,y\nx,$1.50\nz,-$2\n", [], {"a": ["x", "z"], "y_usd": [1.5, -2.0]}, id="dollars"),
        pytest.param("a;y\nx;12,5 %\nz;3 %\n", [], {"a": ["x", "z"], "y_percent": [12.5, 3.0]}, id="percent"),
        pytest.param("a;y\nx;12 kg\nz;3 kg\n", [], {"a": ["x", "z"], "y_kg": [12, 3]}, id="kilograms"),
        pytest.param("a,y\nx,(12.5)\nz,3.0\n", [], {"a": ["x", "z"], "y": [-12.5, 3.0]}, id="brackets"),
        pytest.param("a,y\nx,\u22122\nz,3\n", [], {"a": ["x", "z"], "y": [-2, 3]}, id="a minus of typographers"),
        pytest.param("a,y\n02134,1\n10001,2\n", [], {"a": ["02134", "10001"], "y": [1, 2]}, id="leading zeros"),
        pytest.param("a,y\n123456789012345678901,1\n", [], {"a": ["123456789012345678901"], "y": [1]}, id="long codes"),
        pytest.param("a,y\n+41791234567,1\n", [], {"a": ["+41791234567"], "y": [1]}, id="phones"),
        pytest.param("a,y\n1,1\n1O,2\n", [], {"a": ["1", "1O"], "y": [1, 2]}, id="a letter among digits"),
        pytest.param("ok,y\nY,1\nn,2\n", [], {"is_ok": [True, False], "y": [1, 2]}, id="yes and no"),
        pytest.param("ok,y\nJa,1\nNein,2\n", [], {"is_ok": [True, False], "y": [1, 2]}, id="ja und nein"),
        pytest.param("on,y\n2024-01-31,1\n", [], {"on_date": [date(2024, 1, 31)], "y": [1]}, id="days"),
        pytest.param(
            "d;y\n31.01.2024;1\n01.02.2024;2\n",
            [],
            {"d_date": [date(2024, 1, 31), date(2024, 2, 1)], "y": [1, 2]},
            id="31.01.2024",
        ),
        pytest.param(
            "d,y\n01/31/2024,1\n02/03/2024,2\n",
            [],
            {"d_date": [date(2024, 1, 31), date(2024, 2, 3)], "y": [1, 2]},
            id="01/31/2024",
        ),
        pytest.param("d,y\n01/02/2024,1\n", ["day-first"], {"d_date": [date(2024, 2, 1)], "y": [1]}, id="01/02 asked"),
        pytest.param(
            "d,y\n01/02/2024,1\n", ["month-first"], {"d_date": [date(2024, 1, 2)], "y": [1]}, id="01/02 answered"
        ),
        pytest.param("d,y\n02/02/2024,1\n", [], {"d_date": [date(2024, 2, 2)], "y": [1]}, id="both ways the same day"),
        pytest.param(
            "d,y\n20240131,1\n20240201,2\n",
            [],
            {"d_date": [date(2024, 1, 31), date(2024, 2, 1)], "y": [1, 2]},
            id="8 digits",
        ),
        pytest.param("d,y\nJan 1 2000,1\n", [], {"d_date": [date(2000, 1, 1)], "y": [1]}, id="Jan 1 2000"),
        pytest.param("d,y\n31-Jan-24,1\n", [], {"d_date": [date(2024, 1, 31)], "y": [1]}, id="31-Jan-24"),
        pytest.param(
            "when,y\n2024-01-31T12:00:00+01:00,1\n",
            [],
            {"when_at": [datetime(2024, 1, 31, 11, tzinfo=UTC)], "y": [1]},
            id="zones",
        ),
        pytest.param(
            "t,y\n2024-01-31 12:30,1\n", [], {"t_at": [datetime(2024, 1, 31, 12, 30, tzinfo=UTC)], "y": [1]}, id="clock"
        ),
        pytest.param(
            "a,y\nx,<NA>\nz,#DIV/0!\nz,\nz,1\n", [], {"a": [*"xzzz"], "y": [None] * 3 + [1]}, id="mixed nulls"
        ),
        pytest.param("a,y\nNA,1\n-,2\n,3\n", [], {"a": [None] * 3, "y": [1, 2, 3]}, id="only nulls"),
        pytest.param("a;y\nx;-12,50 €\nz;3,25€\n", [], {"a": ["x", "z"], "y_eur": [-12.5, 3.25]}, id="-12,50 €"),
        pytest.param(
            "a,y\nx,($12.50)\nz,$(2)\nz,$3\n", [], {"a": [*"xzz"], "y_usd": [-12.5, -2.0, 3.0]}, id="($12.50)"
        ),
        pytest.param("a,y\nx,(3 %)\nz,4.5%\n", [], {"a": ["x", "z"], "y_percent": [-3.0, 4.5]}, id="(3 %)"),
        pytest.param(
            "a,y\nx,-$ 2\nz,$ - 3\nz,$1\n", [], {"a": [*"xzz"], "y_usd": [-2, -3, 1]}, id="blanks after a sign"
        ),
        pytest.param("a,y\nx,- 2\nz,1\n", [], {"a": ["x", "z"], "y": ["- 2", "1"]}, id="but not as a bullet"),
        pytest.param("a,y\nx,1e5\nz,-2.5E-3\n", [], {"a": ["x", "z"], "y": [1e5, -0.0025]}, id="exponents"),
        pytest.param("a,y\nx,1e5\nz,20\n", [], {"a": ["x", "z"], "y": [1e5, 20.0]}, id="an exponent in whole numbers"),
        pytest.param(
            'a,y\nx,"1,000,000,000,000,000,000,000"\nz,1\n',
            [],
            {"a": ["x", "z"], "y": [1e21, 1.0]},
            id="too many digits",
        ),
        pytest.param("a,y\nx,+5\nz,-.5\n", [], {"a": ["x", "z"], "y": [5.0, -0.5]}, id="plus"),
        pytest.param(
            "a;b;y\n1.234;0,5;x\n2.500;1,5;z\n",
            [],
            {"a": [1234, 2500], "b": [0.5, 1.5], "y": ["x", "z"]},
            id="thousands",
        ),
        pytest.param(
            "a;b;c;y\n1,5;0.5;1.234;2\n2,5;0.7;2.500;3\n",
            ["comma"],
            {"a": [1.5, 2.5], "b": [0.5, 0.7], "c": [1234, 2500], "y": [2, 3]},
            id="asked where columns differ",
        ),
        pytest.param("ok,y\nTRUE,1\nTrue,2\n", [], {"is_ok": [True, True], "y": [1, 2]}, id="only true"),
        pytest.param("ok,y\nno,1\nNo,2\n", [], {"ok": ["no", "No"], "y": [1, 2]}, id="only no, which may be a country"),
        pytest.param(
            "ok,y\nNO,1\nNo,2\nYES,3\nYes,4\nno,5\nzz,6\n",
            [],
            {"ok": ["NO", "No", "YES", "Yes", "no", "zz"], "y": [1, 2, 3, 4, 5, 6]},
            id="yes, no and a rare third",
        ),
        pytest.param(
            "t,y\n2024-01-31 00:00:00,1\n2024-02-01 00:00:00,2\n",
            [],
            {"t_date": [date(2024, 1, 31), date(2024, 2, 1)], "y": [1, 2]},
            id="midnights are days",
        ),
        pytest.param(
            "t,y\n01/31/2024 12:00:00 AM,1\n", [], {"t_date": [date(2024, 1, 31)], "y": [1]}, id="midnights of 12 hours"
        ),
        pytest.param(
            "t,y\n01/31/2024 12:05 AM,1\n1/31/2024 1:30PM,2\n",
            [],
            {
                "t_at": [datetime(2024, 1, 31, 0, 5, tzinfo=UTC), datetime(2024, 1, 31, 13, 30, tzinfo=UTC)],
                "y": [1, 2],
            },
            id="12 hours",
        ),
        pytest.param(
            "t,y\n2024-01-31 12:30:00.25,1\n2024-01-31 12:30:01,2\n",
            [],
            {
                "t_at": [
                    datetime(2024, 1, 31, 12, 30, 0, 250_000, tzinfo=UTC),
                    datetime(2024, 1, 31, 12, 30, 1, tzinfo=UTC),
                ],
                "y": [1, 2],
            },
            id="fractions of seconds",
        ),
        pytest.param('"a\nb",y\nx,1\n', [], {"a_b": ["x"], "y": [1]}, id="a line break among the names"),
        pytest.param('"a","y"\n"x,z",1\n"u,v",2\n', [], {"a": ["x,z", "u,v"], "y": [1, 2]}, id="quoted separators"),
        pytest.param("a,y\r\nx\rz,1\r\n", [], {"a": ["x\rz"], "y": [1]}, id="a carriage return in a value"),
        pytest.param("a,y\nx\u2028z\x0c,1\n", [], {"a": ["x\u2028z\x0c".strip()], "y": [1]}, id="ends of Unicode"),
        pytest.param("sep=^\na^y\nx,z^1\n", [], {"a": ["x,z"], "y": [1]}, id="an unusual separator said"),
        pytest.param("sep=\t\na\ty\nx,z\t1\n", [], {"a": ["x,z"], "y": [1]}, id="a tab said"),
        pytest.param(",a,y\n1,x,1\n2,z,2\n", [], {"unnamed": [1, 2], "a": ["x", "z"], "y": [1, 2]}, id="names of rows"),
        pytest.param(
            "Row Number,y\n3,1\n", [], {"row_number_2": [3], "y": [1]}, id="the name of a number that is counted"
        ),
        pytest.param("x,x,y\n1,a,2\n", [], {"x": [1], "x_duplicated_0": ["a"], "y": [2]}, id="a name twice"),
    ],
)
def test_a_file_is_read_as_it_is_meant(
    tmp_path: Path, content: bytes | str, answers: list[str], expected: dict[str, list[Any]]
) -> None:
    seen = look(tmp_path / "t.csv", content, *answers)
    assert {name: seen.rows[name].to_list() for name in seen.rows.columns} == expected
    assert {name: column.to_list() for name, column in read_again(seen).to_dict().items()} == expected


@pytest.mark.parametrize(
    ("content", "given", "sentence"),
    [
        ("", Given(), "holds no table"),
        ("a\nx\n", Given(), "has one column, 'a': something to predict y from is needed"),
        ("a,y\n", Given(), "has no rows: nothing can be learned from it"),
        ("a,b,y\n1,2,3\n4,5,6,7\n", Given(), "line 3 has 4 values, and its first line 3: correct that line"),
        ("1,2\n3,4\n", Given(), "t.csv begins with 1, 2: say --no-header if these are values and not the names"),
        ("a,y\nÜ,1\n", Given(encoding="ascii"), "cannot be read as ascii"),
        ('a,"b\nc",y\n1,2,3\n4,5,6,7\n', Given(), "line 4 has 4 values, and its first line 3: correct that line"),
        (
            "a,y\nr1,1,2\nr2,3,4\n",
            Given(),
            "names 2 columns, and its rows have 3 values: name each, or take away what is too much",
        ),
        ('a,y\n"' + "x" * 140_000, Given(), "cannot be read as CSV, maybe because a quote is not closed"),
        ("\ufeffa,y\nÜ,1\n".encode("utf-16") + b"\n", Given(), "cannot be read as utf-16"),
        (b"PK\x03\x04\x14", Given(), "is a workbook or another archive: export its table as CSV"),
        ("a,y", Given(), "has no rows: nothing can be learned from it"),
        ('"a,y"\n"1,2"\n', Given(), "has one column, 'a,y': something to predict y from is needed"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:1\n", Given(), "is only a pointer of Git LFS"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(
    tmp_path: Path, content: bytes | str, given: Given, sentence: str
) -> None:
    with pytest.raises(Stopped) as stopped:
        look(tmp_path / "t.csv", content, given=given)
    assert sentence in str(stopped.value)
    assert "\n" not in str(stopped.value)


def test_words_of_a_parquet_file_lose_the_blanks_around_them(tmp_path: Path) -> None:
    words = pl.DataFrame({"sex": [" Male", "Female "], "is_old": [" yes", " no"], "plan": ["a", "b"], "y": [1, 2]})
    path = tmp_path / "t.parquet"
    words.with_columns(pl.col("plan").cast(pl.Categorical)).write_parquet(path)
    seen = look(path, path.read_bytes())
    assert [column.kind.is_padded for column in seen.columns] == [True, False, False, False]
    expected = {"sex": ["Male", "Female"], "is_old": [True, False], "plan": ["a", "b"], "y": [1, 2]}
    assert read_again(seen).to_dict(as_series=False) == expected


@pytest.mark.parametrize(
    ("name", "values", "is_one"),
    [
        pytest.param("rownames", range(1, 31), True, id="places"),
        pytest.param("", range(30), True, id="places from 0, without a name"),
        pytest.param("customer_id", [number * 7919 % 10_007 for number in range(30)], True, id="called so"),
        pytest.param("visits", [number * 7919 % 10_007 for number in range(30)], False, id="any numbers"),
        pytest.param("year", range(2020, 1990, -1), False, id="in order, but downwards"),
        pytest.param("customer_id", [number // 2 for number in range(30)], False, id="each is there twice"),
        pytest.param("code", [f"C{number * 7}" for number in range(30)], True, id="texts"),
        pytest.param("story", [f"how the day number {number} went" for number in range(30)], False, id="prose"),
        pytest.param(
            "story", [f"第{number}天的故事很长很长" for number in range(30)], False, id="prose without blanks"
        ),
        pytest.param("customer_id", range(12), False, id="too few to tell"),
    ],
)
def test_what_only_tells_rows_apart_is_no_feature(
    tmp_path: Path, name: str, values: Iterable[object], *, is_one: bool
) -> None:
    rows = "".join(f"{value},{place % 5}.5\n" for place, value in enumerate(values))
    seen = look(tmp_path / "t.csv", f"{name},y\n{rows}")
    assert table.identifiers(seen, "y") == {seen.columns[0].name for _ in range(is_one)}


def test_a_file_without_names_gets_numbers_for_names(tmp_path: Path) -> None:
    seen = look(tmp_path / "t.csv", "1,2\n3,4\n", given=Given(has_header=False))
    assert read_again(seen).to_dict(as_series=False) == {"column_0": [1, 3], "column_1": [2, 4]}


def test_the_clock_that_is_named_is_that_of_the_times(tmp_path: Path) -> None:
    seen = look(tmp_path / "t.csv", "t,y\n2024-01-31 12:30,1\n", given=Given(zone="Europe/Zurich"))
    expected = [datetime(2024, 1, 31, 11, 30, tzinfo=UTC)]
    assert (seen.rows["t_at"].to_list(), read_again(seen)["t_at"].to_list()) == (expected, expected)


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    rows = pl.DataFrame(
        {
            "Größe (cm)": [1.5, None],
            "kind": pl.Series(["a", "b"], dtype=pl.Categorical),
            "at": [datetime(2024, 1, 31, 12), datetime(2024, 2, 1, 12)],  # noqa: DTZ001 - a time without a zone
            "y": [1, 2],
        }
    )
    rows.write_parquet(tmp_path / "t.parquet")
    seen = table.look_at(tmp_path / "t.parquet", "y", Given(), refuse, vocabulary())
    expected = {
        "groesse_cm": [1.5, None],
        "kind": ["a", "b"],
        "recorded_at": [datetime(2024, 1, 31, 12, tzinfo=UTC), datetime(2024, 2, 1, 12, tzinfo=UTC)],
        "y": [1, 2],
    }
    assert seen.rows.to_dict(as_series=False) == expected
    assert read_again(seen).to_dict(as_series=False) == expected


def test_a_column_of_lists_is_named(tmp_path: Path) -> None:
    pl.DataFrame({"a": [[1], [2]], "y": [1, 2]}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(Stopped, match="the column 'a' holds lists"):
        table.look_at(tmp_path / "t.parquet", "y", Given(), refuse, vocabulary())


@pytest.mark.parametrize(
    ("content", "remark"),
    [
        ("a;y\nÜber;1\n".encode("cp1252"), "read as cp1252, as in Über: if that is wrong, name --encoding"),
        (
            b"a,y\nNA,1\nUS,2\n",
            "a holds 'NA', kept as words: if they stand for no value, add `nullValues` to its contract",
        ),
        (b"a,y\nx,1\nTotal,1\n", "the last row begins with 'total'"),
        (b"a,b,y\n1,2,3\n4,5\n", "1 rows are shorter than the first, at the lines 3: what is missing counts as empty"),
        (b"t,y\n2024-01-31 12:30,1\n", "t holds times without a zone, read as UTC"),
        (b"x,x,y\n1,a,2\n", "two columns have the same name, the later ones are read as x_duplicated_0"),
    ],
)
def test_what_is_taken_for_granted_is_said(tmp_path: Path, content: bytes, remark: str) -> None:
    assert any(remark in said for said in look(tmp_path / "t.csv", content).remarks)


def test_a_plain_file_needs_no_remark(tmp_path: Path) -> None:
    assert look(tmp_path / "t.csv", "a,y\nx,1\nz,2\n").remarks == ()
