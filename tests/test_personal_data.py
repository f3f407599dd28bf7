"""What looks personal in a sample, and what only seems to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from ml_checks.contracts.personal_data import announced, columns, ean, iban, kind_of, luhn
from ml_checks.reading.text import first_lines

from tests.command import CLEAN, repository, run
from tests.described import STANDARDS

if TYPE_CHECKING:
    from pathlib import Path

PATTERNS = STANDARDS.contracts.value_patterns
CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: trips
version: 1.0.0
status: active
team: {name: "@acme/flight-ops"}
servers:
  - {server: gone, type: local, path: data/gone.csv, format: csv}
  - {server: notes, type: local, path: data/trips.txt, format: txt}
  - {server: other, type: local, path: data/trips.json, format: json}
  - {server: remote, type: s3, location: s3://acme/trips.csv}
  - {server: sample, type: local, path: "data/*.csv", format: csv}
schema:
  - name: trips
    description: One row for each trip of a traveller.
    properties:
      - {name: remark, logicalType: string, classification: public, description: What the traveller wrote down.}
"""


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("ada@acme.example", "email address"),
        ("write to ada.lovelace+it@mail.acme.co.uk!", "email address"),
        ("@acme/flight-ops", None),
        ("ada@acme", None),
        ("+41 44 668 18 00", "phone number"),
        ("0041446681800", "phone number"),
        ("(212) 555-0182", "phone number"),
        ("2013-01-01 05:00:00", None),
        ("1 234 567 890", None),
        ("4111 1111 1111 1111", "card number"),
        ("5555-5555-5555-4444", "card number"),
        ("4111111111111112", None),
        ("0.4111111111111111", None),
        ("CH93 0076 2011 6238 5295 7", "bank account"),
        ("DE89370400440532013000", "bank account"),
        ("CH93 0076 2011 6238 5295 8", None),
        ("078-05-1120", "US social security number"),
        ("000-05-1120", None),
        ("756.9217.0769.85", "Swiss AHV number"),
        ("756.9217.0769.84", None),
        ("AB 12 34 56 C", "UK national insurance number"),
        ("QQ 12 34 56 C", None),
        ("4f0c9a3e-6f0e-5c1d-9a61-2d6c1f7d9b11", None),
        ("UA1545", None),
        ("40.6413", None),
    ],
)
def test_a_value_looks_personal_or_does_not(value: str, kind: str | None) -> None:
    assert kind_of(value, PATTERNS) == kind


def test_the_sums_of_cards_accounts_and_article_numbers() -> None:
    assert (luhn("79927398713"), luhn("79927398710")) == (True, False)
    assert (iban("GB82 WEST 1234 5698 7654 32"), iban("GB82 WEST 1234 5698 7654 33")) == (True, False)
    assert (ean("4006381333931"), ean("4006381333932")) == (True, False)


def test_a_column_is_told_once_with_its_rows() -> None:
    text = "a,b\n1,x\n2,ada@acme.example\n3,grace@acme.example,spare\n"
    assert list(columns("a.csv", text, PATTERNS)) == [("b", "email address", 3, 3, 2)]
    assert list(columns("a.csv", "", PATTERNS)) == []
    assert list(columns("a.csv", "\n\na\nada@acme.example\n", PATTERNS)) == [("a", "email address", 4, 1, 1)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.csv", "b;a\n1;2,5 ada@acme.example\n"),
        ("a.csv", "b|a\n1|ada@acme.example\n"),
        ("a.csv", "b, a\r\n1,ada@acme.example\r\n"),
        ("a.csv", "b,a\r1,ada@acme.example\r"),
        ("a.csv", "b\N{LINE SEPARATOR},a\n1,ada@acme.example\n"),
        ("a.csv", '"a";"b, c, d"\nada@acme.example;1\n'),
        ("a.csv", 'a,b\n"ada@acme.example,1\n'),
        ("a.TSV", "b\ta\n1\tada@acme.example\n"),
        ("a.jsonl", '{"b": 1}\n{"b": {"a": ["call", "ada@acme.example"]}}\n'),
        ("a.ndjson", '{"b": \n{"a": "ada@acme.example"}\n'),
        ("a.json", f'{"[" * 100_000}\n[{{"a": "ada@acme.example"}}]'),
    ],
)
def test_a_sample_is_read_in_each_of_its_forms(path: str, text: str) -> None:
    assert [(column.name, column.line) for column in columns(path, text, PATTERNS)] == [("a", 2)]


def test_a_column_of_other_numbers_holds_no_cards_because_some_pass_their_sum() -> None:
    rows = "".join(f"{number},4111111111111111\n" for number in range(4111111111111100, 4111111111111200))
    assert [column.name for column in columns("a.csv", f"id,card\n{rows}", PATTERNS)] == ["card"]
    assert [column.kind for column in columns("a.csv", f"id\n{rows}\nada@acme.example", PATTERNS)] == ["email address"]


def test_a_value_over_several_lines_is_found_on_its_last() -> None:
    assert list(columns("a.csv", 'a\n"call\nada@acme.example"\n', PATTERNS)) == [("a", "email address", 3, 1, 1)]


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        ("data/trips.csv", "remark\nnone\nada@acme.example\n", [3]),
        ("data/trips.csv", "remark\nnone\n", []),
        ("data/trips.csv", "other\nada@acme.example\n", []),
        ("data/trips.csv", "remark\n" + "none\n" * 20_000 + "ada@acme.example\n", []),
        ("data/trips.csv", b"\xef\xbb\xbfremark\n\xff ada@acme.example\n", [2]),
        ("data/trips.json", '["ada@acme.example"]', []),
        ("data/trips.txt", "remark\nada@acme.example\n", []),
    ],
)
def test_the_first_rows_of_a_sample_are_looked_at(
    path: str, text: str | bytes, lines: list[int], tmp_path: Path
) -> None:
    repository(tmp_path, {**CLEAN, "contracts/trips.odcs.yaml": CONTRACT, path: text})
    found = run(tmp_path, "check", "--select", "CON").findings
    message = "CON008 column 'remark' is 'public' and holds personal data (email address) in 1 row, first here"
    assert [line.split(": ", 1)[1] for line in found] == [message for _ in lines]
    assert [int(line.split(":")[1]) for line in found] == lines


def test_what_is_no_file_or_gone_has_no_first_lines(tmp_path: Path) -> None:
    assert first_lines(str(tmp_path), 10) == ""
    assert first_lines(str(tmp_path / "gone"), 10) == ""
    (tmp_path / "link").symlink_to(os.devnull)
    assert first_lines(str(tmp_path / "link"), 10) == ""
    (tmp_path / "long").write_text("one\ntwo\nthree\n", encoding="utf-8")
    assert first_lines(str(tmp_path / "long"), 10) == "one\ntwo\n"


def test_a_sample_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    repository(tmp_path, {**CLEAN, "contracts/trips.odcs.yaml": CONTRACT, "secret.csv": "remark\nada@acme.example\n"})
    (tmp_path / "data").mkdir()
    (tmp_path / "data/trips.csv").symlink_to("../secret.csv")
    repository(tmp_path, {})
    assert run(tmp_path, "check", "--select", "CON").findings == []


UNREAD = "; its columns were not read, for"
PERSONAL = "; by their names, these columns are personal:"


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("data/trips.csv", "", f"{UNREAD} it has no first line that can be"),
        ("data/trips.csv", "\n \n", f"{UNREAD} it has no first line that can be"),
        ("data/trips.csv", "e\0m\0a\0i\0l\0", f"{UNREAD} it has no first line that can be"),
        ("data/trips.csv", "version https://git-lfs.github.com/spec/v1\n", f"{UNREAD} Git LFS keeps them elsewhere"),
        ("data/trips.csv.gz", "email\n", f"{UNREAD} only CSV and JSON lines are"),
        ("data/trips.parquet", "PAR1", f"{UNREAD} only CSV and JSON lines are"),
        ("data/trips.csv", "trip_id,remark\n", ""),
        ("data/trips.csv", "email", f"{PERSONAL} 'email' (email)"),
        (
            "data/TRIPS.TSV",
            "First Name\tdateOfBirth\n",
            f"{PERSONAL} 'First Name' (person_name), 'dateOfBirth' (birth_date)",
        ),
        ("data/trips.csv", '\n"E-Mail ""home""";seat\n', f"{PERSONAL} 'E-Mail \"home\"' (email)"),
        ("data/trips.jsonl", '{"rider": {"phone": "1"}}\n', f"{PERSONAL} 'phone' (phone)"),
        ("data/trips.ndjson", "[\n", ""),
    ],
)
def test_the_names_of_columns_tell_what_is_personal(path: str, text: str, said: str) -> None:
    assert announced(path, text, STANDARDS.contracts) == said
