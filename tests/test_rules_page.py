"""The generated pages are what the rules and the examples say today."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.test_examples import CODES

PAGE = (ROOT / "docs" / "rules.md").read_text("utf-8")
PARTS = dict(
    re.findall(r"^### ([A-Z]{3}\d{3})\n(.*?)(?=^### [A-Z]{3}\d|^## [a-z]+-|\Z)", PAGE, re.MULTILINE | re.DOTALL)
)


@pytest.mark.parametrize("page", ["README.md", "docs/comparison.md", "docs/rules.md"])
def test_the_generated_part_of_a_page_is_up_to_date(page: str) -> None:
    words = [sys.executable, "-m", "cogapp", "--check", "--diff", page]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_the_page_has_every_rule_in_order_and_leads_to_each() -> None:
    assert list(PARTS) == CODES
    assert re.findall(r"\[[A-Z]{3}\d{3}\]\(#([a-z]{3}\d{3})\)", PAGE) == [code.lower() for code in CODES]


@pytest.mark.parametrize("code", CODES)
def test_a_rule_shows_what_is_wrong_and_why_and_then_what_is_right(code: str) -> None:
    blocks = re.findall(r"^(Wrong|Right)[^\n]*:\n\n````[a-z]+\n(.*?)\n````$", PARTS[code], re.MULTILINE | re.DOTALL)
    titles = [title for title, _ in blocks]
    assert titles == sorted(titles, reverse=True)
    assert set(titles) == {"Wrong", "Right"}
    assert all(text.strip() for _, text in blocks)
    assert not re.search(rf"{code} (?:col \d|\S+:\d+:\d+)", PARTS[code])


def test_what_is_shown_as_right_has_no_fault_of_the_one_that_is_shown_as_wrong() -> None:
    wrong, right = (
        re.findall(rf"^{title}, in .*?\n````\n", PARTS["SCH004"], re.MULTILINE | re.DOTALL)
        for title in ("Wrong", "Right")
    )
    assert [len(wrong), len(right)] == [1, 1]
    assert (
        "- name: dep_airport_code # name 'dep_airport_code' says 'dep', the company's word is 'departure'" in wrong[0]
    )
    assert "- name: departure_airport_code\n" in right[0]
    assert "dep_airport_code" not in right[0]


def test_a_file_that_is_not_there_is_named_with_what_is_wrong() -> None:
    assert "````text\n.github/CODEOWNERS: no CODEOWNERS file, so nobody owns any file\n````" in PARTS["OWN011"]


def test_the_page_comes_from_the_script() -> None:
    assert runpy.run_path(str(ROOT / "scripts" / "rules_page.py"))["page"]() in PAGE
