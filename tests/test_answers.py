"""Answers on the command line: one sentence and nothing written, or a project that can be read."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

import local_extensions

if TYPE_CHECKING:
    from tests.conftest import Bake
    from tests.machine import Machine

WORKS = "is not a folder name that works everywhere"
TAKEN = "already means something else to Python, to a tool or to Windows"
TEAM = "name a team like @acme/flight-ops or a shared e-mail"
ANY = "project_name or project_slug or description or owner or project_type or infrastructure or ci or license"

REFUSED = [
    ("project_name=", "project_name '' holds no text: answer it in words"),
    ("project_name= \n ", r"project_name ' \n ' holds no text: answer it in words"),
    ("project_name=🚀", "project_name '🚀' has no letter or digit to name the folder after: add a word"),
    ("project_name=a\x1b[31m", r"project_name 'a\x1b[31m' holds hidden characters: type it anew"),
    ("project_name=a\u202eb", r"project_name 'a\u202eb' holds hidden characters: type it anew"),
    ("project_slug=", "project_slug '' holds no text: answer it in words"),
    ("project_slug=../x", f"project_slug '../x' {WORKS}: try x"),
    ("project_slug=/x", f"project_slug '/x' {WORKS}: try x"),
    ("project_slug=a/b", f"project_slug 'a/b' {WORKS}: try a-b"),
    ("project_slug=a\\b", rf"project_slug 'a\\b' {WORKS}: try a-b"),
    ("project_slug=..", f"project_slug '..' {WORKS}: try project"),
    ("project_slug=~", f"project_slug '~' {WORKS}: try project"),
    ("project_slug=My Proj", f"project_slug 'My Proj' {WORKS}: try my-proj"),
    ("project_slug=Café", f"project_slug 'Café' {WORKS}: try cafe"),
    ("project_slug=a_b", f"project_slug 'a_b' {WORKS}: try a-b"),
    ("project_slug=-rf", f"project_slug '-rf' {WORKS}: try rf"),
    ("project_slug=a--b", f"project_slug 'a--b' {WORKS}: try a-b"),
    ("project_slug=a\n", rf"project_slug 'a\n' {WORKS}: try a"),
    ("project_slug=123abc", f"project_slug '123abc' {WORKS}: try project-123abc"),
    ("project_slug={{ 7*7 }}", "project_slug '{{ 7*7 }}' " + f"{WORKS}: try project-7-7"),
    (f"project_slug={'x' * 300}", f"project_slug [...] {WORKS}: try {'x' * 52}"),
    ("project_slug=class", f"project_slug 'class' {TAKEN}: try class-project"),
    ("project_slug=json", f"project_slug 'json' {TAKEN}: try json-project"),
    ("project_slug=test", f"project_slug 'test' {TAKEN}: try test-project"),
    ("project_slug=src", f"project_slug 'src' {TAKEN}: try src-project"),
    ("project_slug=mlflow", f"project_slug 'mlflow' {TAKEN}: try mlflow-project"),
    ("project_slug=sklearn", f"project_slug 'sklearn' {TAKEN}: try sklearn-project"),
    ("project_slug=nul", f"project_slug 'nul' {TAKEN}: try nul-project"),
    ("project_slug=com1", f"project_slug 'com1' {TAKEN}: try com1-project"),
    ("description=", "description '' holds no text: answer it in words"),
    ("description=...", "description '...' has no word in it: say which decision the project improves"),
    ("owner=", "owner '' holds no text: answer it in words"),
    ("owner=@bob", f"owner '@bob' is one person, who may leave: {TEAM}"),
    ("owner=flight ops", f"owner 'flight ops' is not a team: {TEAM}"),
    ("owner=@acme/", f"owner '@acme/' is not a team: {TEAM}"),
    ("owner=@acme/ops\n* @eve", rf"owner '@acme/ops\n* @eve' is not a team: {TEAM}"),
    ("owner=@acme/ops # x", f"owner '@acme/ops # x' is not a team: {TEAM}"),
    ("project_type=genai", "project_type 'genai' is not offered: choose tabular"),
    ("infrastructure=kubernetes", "infrastructure 'kubernetes' is not offered: choose container or none"),
    ("infrastructure=", "infrastructure '' holds no text: answer it in words"),
    ("ci=bitbucket", "ci 'bitbucket' is not offered: choose github or gitlab or azure"),
    ("license=GPL", "license 'GPL' is not offered: choose Proprietary or Apache-2.0 or MIT"),
    ("projct_name=x", "there is no question 'projct_name': did you mean project_name?"),
    ("__package=../../x", f"there is no question '__package': did you mean {ANY}?"),
    ("_repository=x", f"there is no question '_repository': did you mean {ANY}?"),
]

HARMLESS = [
    pytest.param({"project_name": "Café Ünïcode"}, "cafe-unicode", id="accents"),
    pytest.param({"project_name": "o'brien"}, "o-brien", id="an apostrophe"),
    pytest.param({"project_name": 'say "hi"'}, "say-hi", id="quotation marks"),
    pytest.param({"project_name": "../x"}, "x", id="a path as a name"),
    pytest.param({"project_name": "Class"}, "class-project", id="a keyword as a name"),
    pytest.param({"project_name": "123 go"}, "project-123-go", id="a digit first"),
    pytest.param({"project_name": "Flight 🚀 👩‍✈️"}, "flight", id="emoji"),
    pytest.param({"project_name": "{{ 7*7 }}"}, "project-7-7", id="an expression of Jinja"),
    pytest.param({"project_name": "{% raw %}"}, "raw", id="a tag of Jinja"),
    pytest.param({"project_name": "{# x"}, "x", id="a comment of Jinja"),
    pytest.param({"project_name": "$(touch hacked) `x`"}, "touch-hacked-x", id="a command of the shell"),
    pytest.param({"project_name": r"back\slash\n \u0041"}, "back-slash-n-u0041", id="backslashes"),
    pytest.param({"project_name": "n" * 300}, "n" * 52, id="300 letters"),
    pytest.param({"project_name": "yes"}, "yes", id="a word that YAML takes for true"),
    pytest.param({"description": "one\ntwo"}, "flight-delays", id="a newline"),
    pytest.param({"description": "long " * 60}, "flight-delays", id="300 characters"),
    pytest.param({"description": "a: b # c - d | e > f\t*g* _h_ <i> [j](k) ]]>"}, "flight-delays", id="marks"),
    pytest.param({"description": "''' \"\"\" }} %} ${{ x }}"}, "flight-delays", id="ends of strings"),
    pytest.param({"owner": "flight-ops+ml@acme.example"}, "flight-delays", id="an e-mail address"),
]


def everything_below(folder: Path) -> set[Path]:
    """Return the paths below a folder; `.cookiecutter_replay` may be there, it is cookiecutter's own."""
    return {path for path in folder.rglob("*") if ".cookiecutter" not in str(path)}


@pytest.mark.parametrize(("answer", "sentence"), REFUSED)
def test_a_bad_answer_is_refused_with_one_sentence(
    machine: Machine, template: Path, tmp_path: Path, answer: str, sentence: str
) -> None:
    before = everything_below(tmp_path)
    done = machine.run("cookiecutter", template, "--no-input", answer)
    assert done.stderr == f"Error: {sentence}\n"
    assert (done.returncode, done.stdout) == (1, "")
    assert everything_below(tmp_path) == before


def test_each_question_has_an_answer_that_is_refused() -> None:
    assert {answer.partition("=")[0] for answer, _ in REFUSED} >= set(local_extensions.NAMES)


def test_a_typed_answer_is_refused_before_the_next_question(machine: Machine, template: Path) -> None:
    done = machine.run("cookiecutter", template, typed="Flights\n\nWarn travellers\n@bob\n")
    assert done.stderr == f"Error: owner '@bob' is one person, who may leave: {TEAM}\n"
    assert (done.returncode, "[4/8]" in done.stdout, "[5/8]" in done.stdout) == (1, True, False)
    assert list(machine.folder.iterdir()) == []


def test_a_typed_answer_is_taken_as_it_was_typed(machine: Machine, template: Path) -> None:
    done = machine.run("cookiecutter", template, typed="{{ 7*7 }}\nsums\n" + "\n" * 6)
    assert done.returncode == 0, done.stderr
    assert read_answers(machine.folder / "sums")["project_name"] == "{{ 7*7 }}"


def test_each_choice_is_explained_in_its_question() -> None:
    prompts = local_extensions.QUESTIONS["__prompts__"]
    assert list(prompts) == local_extensions.NAMES
    for question, choices in local_extensions.QUESTIONS["_choices"].items():
        explained = [line.partition(" - ")[0].strip() for line in prompts[question].splitlines()[1:-1]]
        assert explained == choices


def read_answers(project: Path) -> dict[str, str]:
    """Return the answers that the project remembers."""
    answers: dict[str, str] = json.loads((project / ".cruft.json").read_text("utf-8"))["context"]["cookiecutter"]
    return answers


@pytest.mark.parametrize(("answers", "folder"), HARMLESS)
def test_a_harmless_answer_makes_a_sane_project(bake: Bake, answers: dict[str, str], folder: str) -> None:
    project = bake(**answers)
    assert [path.name for path in project.parent.iterdir()] == [folder]
    remembered = read_answers(project)
    assert {name: remembered[name] for name in answers} == answers
    metadata = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    assert metadata["name"] == folder
    assert metadata["description"] == " ".join(remembered["description"].split())
    for path in project.rglob("*.yaml"):
        yaml.safe_load(path.read_text("utf-8"))
    package = project / "src" / folder.replace("-", "_")
    for path in package.rglob("*.py"):
        compile(path.read_bytes(), path, "exec")


def test_a_folder_that_exists_is_left_alone(machine: Machine, template: Path) -> None:
    folder = machine.folder / "flight-delays"
    folder.mkdir()
    (folder / "mine").write_text("mine")
    done = machine.run("cookiecutter", template, "--no-input")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == 'Error: "flight-delays" directory already exists\n'
    assert [path.name for path in folder.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("ci: bitbucket", "ci 'bitbucket' is not offered: choose github or gitlab or azure"),
        ("owner: '@bob'", f"owner '@bob' is one person, who may leave: {TEAM}"),
        ("owner: null", "owner None holds no text: answer it in words"),
        ("owner: true", "owner True holds no text: answer it in words"),
    ],
)
def test_an_answer_from_the_users_settings_is_checked_too(
    machine: Machine, template: Path, answer: str, sentence: str
) -> None:
    settings = machine.folder.parent / "settings.yaml"
    settings.write_text(f"default_context:\n  full_name: somebody\n  {answer}\n")
    done = machine.run("cookiecutter", template, "--no-input", "--config-file", settings)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"Error: {sentence}\n")
    assert list(machine.folder.iterdir()) == []


def test_a_replay_is_checked_before_files_are_written_and_all_its_problems_are_told(
    machine: Machine, template: Path, bake: Bake, tmp_path: Path
) -> None:
    bake()
    record = Path(machine.environment["HOME"]) / ".cookiecutter_replay" / "ml-template.json"
    answers = json.loads(record.read_text("utf-8"))
    answers["cookiecutter"] |= {"project_slug": "other", "owner": "@bob", "ci": "bitbucket"}
    record.write_text(json.dumps(answers))
    before = everything_below(tmp_path)
    done = machine.run("cookiecutter", template, "--replay")
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if line.startswith("Error")] == [
        f"Error: owner '@bob' is one person, who may leave: {TEAM}",
        "Error: ci 'bitbucket' is not offered: choose github or gitlab or azure",
    ]
    assert everything_below(tmp_path) == before


def test_a_replay_of_right_answers_makes_the_same_project(machine: Machine, template: Path, bake: Bake) -> None:
    first = bake(project_name='{{ 7*7 }} "x"')
    files = {path.relative_to(first): path.read_bytes() for path in first.rglob("*") if path.is_file()}
    first.rename(machine.folder / "first")
    machine.ok("cookiecutter", template, "--replay")
    for name, content in files.items():
        if ".git" not in name.parts:
            assert (first / name).read_bytes() == content, name
