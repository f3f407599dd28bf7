"""The filters: what they write is read back as it was answered, in every kind of file."""

from __future__ import annotations

import importlib
import json
import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import local_extensions
from local_extensions import markdown, one_line, problem, problems, quoted, slug, without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable

NASTY = [
    "o'brien",
    'say "hi"',
    "two\nlines\r\nand\u2028more\x85",
    "back\\slash \\n \\u0041",
    "{{ 7*7 }} {% raw %} ${{ x }} $(x) `x`",
    "# no comment: yes, 'no' - off | > & * ! % @ ~",
    "Café Ünïcode 航班 🚀 👩‍✈️",
    "\x00\x07\x1b\x7f\x9b\ufeff\ufffe",
    "lone \ud800 surrogate",
    "__init__ and *stars* and [a](b) and <b>bold</b> &amp; &#65; ~~gone~~ a_b_c",
    "- list",
    "1. list",
    "# title",
    "> quote",
    "=====",
]


RIGHT = {
    "project_name": "Flight delays",
    "project_slug": "flight-delays",
    "description": "Warn travellers early",
    "owner": "@acme/flight-ops",
    "project_type": "tabular",
    "infrastructure": "container",
    "ci": "github",
    "license": "MIT",
    "__package": "flight_delays",
}
GITHUB_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])

texts = st.one_of(st.sampled_from(NASTY), st.text(), st.text(st.sampled_from(" \t\n#*_`[]()<>&;:.!|~$\\\"'{}%-+=1aé")))


@given(texts)
def test_a_quoted_text_is_one_string_for_toml_yaml_and_json(text: str) -> None:
    assert tomllib.loads(f"answer = {quoted(text)}\n") == {"answer": one_line(text)}
    assert yaml.safe_load(f"answer: {quoted(text)}\n") == {"answer": one_line(text)}
    assert json.loads(quoted(text)) == one_line(text)


@given(texts)
def test_a_quoted_text_can_be_written_as_one_line_of_utf_8(text: str) -> None:
    assert quoted(text).encode("utf-8").decode("utf-8").splitlines() == [quoted(text)]


@given(texts)
def test_markdown_shows_a_text_as_it_was_typed(text: str) -> None:
    tokens = GITHUB_MARKDOWN.parse(markdown(text))
    parts = [part for token in tokens for part in token.children or ()]
    assert {part.type for part in parts} <= {"text"}
    assert "".join(part.content for part in parts) == one_line(text).replace("\0", "\ufffd")
    assert [token.type for token in tokens] in ([], ["paragraph_open", "inline", "paragraph_close"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("A plain sentence, with 3.5 % - no more (or less)!", None, id="plain words stay as they are"),
        pytest.param("a snake_case name", None, id="an underscore inside a word is no emphasis"),
        pytest.param("_all_", r"\_all\_", id="an underscore around a word is"),
        pytest.param("12. of May", r"12\. of May", id="a number that would start a list"),
        pytest.param("R&D, &amp; more", r"R\&D, \&amp; more", id="an entity"),
    ],
)
def test_markdown_escapes_no_more_than_it_must(text: str, shown: str | None) -> None:
    assert markdown(text) == (shown or text)


@given(texts)
def test_the_folder_name_made_from_any_name_is_accepted(name: str) -> None:
    assert problem({"project_slug": slug(name)}, "project_slug") is None


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("Flight delays", "flight-delays"),
        ("Café Ünïcode", "cafe-unicode"),
        ("../x", "x"),
        ("Class", "class-project"),
        ("Test", "test-project"),
        ("CON", "con-project"),
        ("scikit learn", "scikit-learn-project"),
        ("123abc", "project-123abc"),
        ("🚀", "project"),
        ("航班", "hang-ban"),
        ("x" * 300, "x" * 52),
    ],
)
def test_a_name_becomes_a_folder_that_says_it(name: str, folder: str) -> None:
    assert slug(name) == folder


def test_right_answers_have_no_problem() -> None:
    assert problems(RIGHT) == []


def test_all_problems_are_told_at_once() -> None:
    wrong = {
        "project_name": "...",
        "project_slug": "../x",
        "description": "a\x1bb",
        "owner": "@bob",
        "project_type": "tabular",
        "infrastructure": "container",
        "ci": "bitbucket",
        "license": None,
        "__year": "2026\n<script>",
    }
    assert problems(wrong) == [
        "project_name '...' has no letter or digit to name the folder after: add a word",
        "project_slug '../x' is not a folder name that works everywhere: try x",
        r"description 'a\x1bb' holds hidden characters: type it anew",
        "owner '@bob' is one person, who may leave: name a team like @acme/flight-ops or a shared e-mail",
        "ci 'bitbucket' is not offered: choose github or gitlab or azure",
        "license None holds no text: answer it in words",
        "__year was set by hand: leave it out",
    ]


@pytest.mark.parametrize("name", ["json", "mlflow", "scikit-learn", "typing-extensions", "nul", "tests"])
def test_a_folder_that_means_something_else_is_told(name: str) -> None:
    assert problem({"project_slug": name}, "project_slug") == (
        f"project_slug '{name}' already means something else to Python, to a tool or to Windows: try {name}-project"
    )


def test_a_package_that_is_not_the_projects_is_told() -> None:
    assert problems({**RIGHT, "__package": "os"}) == ["__package does not follow from project_slug: leave it out"]


@pytest.mark.parametrize("answer", [None, True, 3, ["a"], "", " \n"])
def test_an_answer_without_text_is_told(answer: object) -> None:
    assert problem({"owner": answer}, "owner") == f"owner {answer!r} holds no text: answer it in words"


@pytest.mark.parametrize(
    "url",
    [
        "https://host/o/r.git",
        "git@host:o/r.git",
        "ssh://git@host:22/o/r",
        "file:///srv/r",
        "/srv/r",
        "C:/srv/r",
    ],
)
def test_a_url_without_credentials_stays_as_it_is(url: str) -> None:
    assert without_credentials(url) == url


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://user:token@host/o/r.git", "https://host/o/r.git"),
        ("https://token@host:8443/o/r.git", "https://host:8443/o/r.git"),
        ("https://host/o/r.git?private_token=t#f", "https://host/o/r.git"),
        ("ssh://git:password@host/o/r", "ssh://git@host/o/r"),
    ],
)
def test_credentials_are_taken_out_of_a_url(url: str, clean: str) -> None:
    assert without_credentials(url) == clean


@pytest.mark.parametrize(
    ("archive", "repository"),
    [
        ("https://github.com/o/r/archive/refs/tags/v1.zip", "https://github.com/o/r"),
        ("https://u:t@github.com/o/r/releases/download/v1/r.zip", "https://github.com/o/r"),
        ("https://gitlab.com/group/sub/r/-/archive/v1/r-v1.zip", "https://gitlab.com/group/sub/r"),
        ("https://bitbucket.org/o/r/get/v1.zip", "https://bitbucket.org/o/r"),
        ("downloads/r.ZIP", "https://github.com/org/ml-template"),
    ],
)
def test_the_repository_of_a_zip_file_is_found(archive: str, repository: str) -> None:
    assert local_extensions.template_url({"_template": archive}) == repository


def test_without_git_a_template_is_the_folder_where_it_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert local_extensions.template_url({"_template": ".", "_repo_dir": "."}) == str(local_extensions.HERE)


# cookiecutter inside this process: it loads the extension as it does for a user.


@pytest.fixture
def cookiecutter(tmp_path: Path) -> Callable[..., Result]:
    """Return the command without the hooks; it writes below the test's own folder only."""
    settings = tmp_path / "settings.yaml"
    settings.write_text(f"replay_dir: {tmp_path / 'replay'}\ncookiecutters_dir: {tmp_path / 'clones'}\n", "utf-8")
    command: Any = importlib.import_module("cookiecutter.cli")
    options = ["--no-input", "--accept-hooks", "no", "--config-file", str(settings), "-o", str(tmp_path / "out")]
    return lambda template, *answers: CliRunner().invoke(command.main, [str(template), *options, *answers])


def test_an_answer_that_looks_like_a_template_is_text(
    cookiecutter: Callable[..., Result], template: Path, tmp_path: Path
) -> None:
    done = cookiecutter(template, "project_name={{ 7*7 }} {% raw %}")
    assert (done.exit_code, done.output) == (0, "")
    project = tmp_path / "out" / "project-7-7-raw"
    assert "{{ 7*7 }} {% raw %}" in (project / "project.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            "owner=@bob",
            "owner '@bob' is one person, who may leave: name a team like @acme/flight-ops or a shared e-mail",
        ),
        ("ovner=x", "there is no question 'ovner': did you mean owner?"),
    ],
)
def test_a_bad_answer_ends_the_command(
    cookiecutter: Callable[..., Result], template: Path, answer: str, sentence: str
) -> None:
    done = cookiecutter(template, answer)
    assert (done.exit_code, done.output) == (1, f"Error: {sentence}\n")


def test_a_program_that_calls_cookiecutter_has_no_command_line_to_check() -> None:
    assert local_extensions.refuse_unknown_answers() == ""


def test_a_project_can_be_updated_from_the_repository_of_its_template() -> None:
    answers = {**RIGHT, "_template": ".", "_repo_dir": ".", "_checkout": "v1"}
    root = Path(local_extensions.git("rev-parse", "--show-toplevel"))
    directory = Path(os.path.relpath(local_extensions.HERE, root)).as_posix()
    assert local_extensions.cruft_state(answers) == {
        "template": str(root),
        "commit": local_extensions.git("rev-parse", "HEAD"),
        "checkout": "v1",
        "context": {"cookiecutter": {name: RIGHT[name] for name in local_extensions.NAMES}},
        "directory": None if directory == "." else directory,
    }


@pytest.mark.parametrize("context", [{"_commit": "c0ffee", "_repo_dir": "."}, {}])
def test_cruft_keeps_its_own_record(context: dict[str, str]) -> None:
    assert local_extensions.cruft_state({**RIGHT, **context}) is None


def test_the_version_is_the_packages() -> None:
    metadata = tomllib.loads((local_extensions.HERE / "pyproject.toml").read_text("utf-8"))
    assert local_extensions.template_version() == metadata["project"]["version"]


def test_a_question_whose_answers_nothing_checks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_extensions, "NAMES", ["owner", "ci", "region"])
    with pytest.raises(SystemExit, match="Error: question 'region' has no check: add its `_choices`, or a function"):
        local_extensions.refuse_unchecked_questions()
