"""Checks each answer as soon as it is given, and writes answers safely into files."""

from __future__ import annotations

import difflib
import inspect
import json
import keyword
import os
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from jinja2.ext import Extension
from slugify import slugify

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

HERE = Path(__file__).resolve().parent
QUESTIONS: dict[str, Any] = json.loads((HERE / "cookiecutter.json").read_text("utf-8"))
NAMES = [key for key in QUESTIONS if not key.startswith("_")]
DERIVED_NAMES = [key for key in QUESTIONS if key.startswith("__") and key != "__prompts__"]
OWN_TEMPLATES = frozenset(value for value in QUESTIONS.values() if isinstance(value, str))

LONGEST_SLUG = 60  # leaves room under the 255 bytes of a file name, and on a line
SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
PERSON = re.compile(r"@[\w-]+", re.ASCII)
TEAM = re.compile(r"@[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
EMAIL = re.compile(r"[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
DERIVED = re.compile(r"[\w-]*", re.ASCII)

# What a new project installs, by its names in the registry and in Python. A project with such a name could
# not be installed beside it, or would hide it.
DEPENDENCIES = frozenset(
    re.findall(
        r"[\w-]+",
        """
    aiohappyeyeballs aiohttp aiosignal alembic annotated-doc annotated-types anyio ast-serialize attr
    attrs blinker build cachetools certifi cffi cfgv charset-normalizer click cloudpickle colorama
    contourpy cruft cryptography cycler databricks databricks-sdk dateutil distlib docker dotenv fastapi
    filelock flask flask-cors fonttools frozenlist git gitdb gitpython google google-auth graphene
    graphql graphql-core graphql-relay gunicorn h11 hatchling huey identify idna importlib-metadata
    iniconfig itsdangerous jinja2 joblib kiwisolver librt mako markupsafe matplotlib mlflow
    mlflow-skinny mlflow-tracing multidict mypy mypy-extensions narwhals nodeenv numpy opentelemetry
    opentelemetry-api opentelemetry-proto opentelemetry-sdk opentelemetry-semantic-conventions packaging
    pandas pandera pathspec pillow pip platformdirs pluggy polars polars-runtime-32 pre-commit prek
    prettytable propcache protobuf pyarrow pyasn1 pyasn1-modules pycparser pydantic pydantic-core
    pygments pylab pyparsing pytest python-dateutil python-discovery python-dotenv pywin32 pyyaml
    requests rich ruff scikit-learn scipy setuptools six sklearn skops smmap sqlalchemy sqlparse
    starlette threadpoolctl typeguard types-pyyaml typing-extensions typing-inspect typing-inspection
    tzdata urllib3 uv uvicorn virtualenv waitress wcwidth werkzeug wheel yaml yarl zipp
    """,
    ),
)
# Folders and modules that Python and its tools take for something else.
RESERVED = frozenset(("conftest", "docs", "main", "outputs", "src", "test", "tests"))
# Windows opens a device when it meets one of these names, in any folder.
DEVICES = frozenset(("aux", "con", "nul", "prn", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))))
# The functions that begin to make a project. `cruft update` is none: it gives what the project remembers.
ENTRIES = frozenset((("cookiecutter.main", "cookiecutter"), ("cruft._commands.create", "create")))
TAKEN = DEPENDENCIES | RESERVED | DEVICES | frozenset(keyword.kwlist) | sys.stdlib_module_names


# Answers in files


def one_line(text: str) -> str:
    """Return the text as one line that UTF-8 can hold, whatever was pasted."""
    return " ".join(text.encode("utf-8", "replace").decode("utf-8").split())


def quoted(text: str) -> str:
    """Return the text as one double-quoted string, which TOML, YAML and JSON all read as the same text."""
    return re.sub(r"[\x7f-\xa0\ufeff\ufffe\uffff]", _escape, json.dumps(one_line(text), ensure_ascii=False))


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def markdown(text: str) -> str:
    """Return the text as one line of Markdown that shows each character as it was typed."""
    line = re.sub(r"[\\`*\[\]<>|~$]|&(?=[#\w])|(?<![^\W_])_|_(?![^\W_])", r"\\\g<0>", one_line(text))
    return re.sub(r"^(\d*)([#+=.):-])", r"\1\\\2", line)


# Answers in answers


def slug(name: str) -> str:
    """Return a folder name for the project: always one that `project_slug` accepts."""
    words = slugify(name, max_length=LONGEST_SLUG - len("project-"), word_boundary=True)
    if words in TAKEN:
        return f"{words}-project"
    return words if words[:1].isalpha() else f"project-{words}".rstrip("-")


def _package(name: str) -> str:
    return name.replace("-", "_")


# Problems with answers: each function returns what is wrong and what to do, or None


def _name_problem(name: str) -> str | None:
    return None if slugify(name) else "has no letter or digit to name the folder after: add a word"


def _slug_problem(name: str) -> str | None:
    if not SLUG.fullmatch(name) or len(name) > LONGEST_SLUG:
        return f"is not a folder name that works everywhere: try {slug(name)}"
    if name in TAKEN or _package(name) in TAKEN:
        return f"already means something else to Python, to a tool or to Windows: try {slug(name)}"
    return None


def _description_problem(text: str) -> str | None:
    return None if re.search(r"\w", text) else "has no word in it: say which decision the project improves"


def _owner_problem(owner: str) -> str | None:
    advice = "name a team like @acme/flight-ops or a shared e-mail"
    if PERSON.fullmatch(owner):
        return f"is one person, who may leave: {advice}"
    return None if TEAM.fullmatch(owner) or EMAIL.fullmatch(owner) else f"is not a team: {advice}"


PROBLEMS = {
    "project_name": _name_problem,
    "project_slug": _slug_problem,
    "description": _description_problem,
    "owner": _owner_problem,
}


def _choice_problem(question: str, answer: str) -> str | None:
    choices = QUESTIONS["_choices"][question]
    return None if answer in choices else f"is not offered: choose {' or '.join(choices)}"


def _hidden(character: str) -> bool:
    # The zero-width joiner (U+200D) holds many emoji together.
    return unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs"} and character != "\u200d"


def _problem(question: str, answer: object) -> str | None:
    if not isinstance(answer, str) or not answer.strip():
        return "holds no text: answer it in words"
    if any(map(_hidden, " ".join(answer.split()))):
        return "holds hidden characters: type it anew"
    if question in PROBLEMS:
        return PROBLEMS[question](answer)
    return _choice_problem(question, answer)


def problem(answers: Mapping[str, Any], question: str) -> str | None:
    """Return what is wrong with one answer, and what to do, as a sentence; None when it is right."""
    answer = answers.get(question)
    wrong = _problem(question, answer)
    return wrong and f"{question} {textwrap.shorten(repr(answer), 2 * LONGEST_SLUG)} {wrong}"


def unanswered(answers: Mapping[str, Any], question: str) -> bool:
    """Tell whether an answer is the one that the template offers, which speaks of its example."""
    return bool(answers.get(question) == QUESTIONS[question])


def problems(answers: Mapping[str, Any]) -> list[str]:
    """Return all that is wrong: with the answers, and with what is derived from them."""
    found = [wrong for name in NAMES if (wrong := problem(answers, name))]
    odd = [key for key in DERIVED_NAMES if not DERIVED.fullmatch(str(answers.get(key, "")))]
    found += [f"{key} was set by hand: leave it out" for key in odd]
    if not found and answers.get("__package") != _package(answers["project_slug"]):
        found.append("__package does not follow from project_slug: leave it out")
    return found


def checked(answers: Mapping[str, Any], question: str) -> str:
    """Stop when the answer cannot be used; nothing is written yet."""
    if wrong := problem(answers, question):
        stop(wrong)
    return ""


def refuse_unknown_answers() -> str:
    """Stop at an answer to a question that nobody asks; cookiecutter would drop it without a word."""
    for name in given_answers():
        if name not in NAMES:
            near = difflib.get_close_matches(name, NAMES, 1) or NAMES
            stop(f"there is no question {name!r}: did you mean {' or '.join(near)}?")
    return ""


def refuse_unchecked_questions() -> None:
    """Stop at a question, of a fork, whose answers nothing would check."""
    for name in NAMES:
        if name not in PROBLEMS and name not in QUESTIONS["_choices"]:
            stop(
                f"question {name!r} has no check: add its `_choices`, or a function to PROBLEMS in local_extensions.py"
            )


def given_answers() -> Mapping[str, Any]:
    """Return what the command line, or a program, has answered beforehand; cookiecutter shows it to no template."""
    frame = inspect.currentframe()
    while frame:
        if (frame.f_globals.get("__name__"), frame.f_code.co_name) in ENTRIES:
            return frame.f_locals.get("extra_context") or {}
        frame = frame.f_back
    return {}


def stop(sentence: str) -> NoReturn:
    """Say one sentence and exit with 1: cookiecutter and cruft both let this pass without a traceback."""
    sys.exit(f"Error: {sentence}")


# Where the template came from


def template_version() -> str:
    """Return this repository's version; its tag is `v` and the version."""
    return str(tomllib.loads((HERE / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def git(*arguments: str) -> str:
    """Return what git says about this template's folder; nothing when there is no git, or no repository."""
    program = shutil.which("git")
    if program is None:
        return ""
    command = [program, "-C", str(HERE), *arguments]
    # S603: the arguments are constants of this module.
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False).stdout.strip()  # noqa: S603


def without_credentials(url: str) -> str:
    """Return the URL without a password, a token or a query."""
    parts = urlsplit(url)
    if not parts.netloc:
        return url
    user, _, host = parts.netloc.rpartition("@")
    login = f"{user.partition(':')[0]}@" if user and parts.scheme == "ssh" else ""
    return parts._replace(netloc=login + host, query="", fragment="").geturl()


def _archive_repository(url: str) -> str:
    """Return the repository of a zip file that its host made, else the one that cookiecutter.json names."""
    made_by_host = re.fullmatch(r"(https?://.+?)/(?:-/)?(?:archive|get|releases/download)/.+", without_credentials(url))
    return made_by_host[1] if made_by_host else str(QUESTIONS["_repository"])


def template_url(answers: Mapping[str, Any]) -> str:
    """Return the repository of this template, as git can clone it: the hooks come from there too."""
    template = str(answers.get("_template", ""))
    if template.lower().endswith(".zip"):
        return _archive_repository(template)
    # What cookiecutter cloned lies in a folder of its own; a folder that the user named is used where it is.
    named_by_user = str(answers.get("_repo_dir", "")).startswith(template or "/")
    # The clone knows its URL, with every abbreviation resolved; `remote get-url` would add `insteadOf`.
    origin = "" if named_by_user else git("config", "--get", "remote.origin.url")
    return without_credentials(origin) or git("rev-parse", "--show-toplevel") or str(HERE)


def cruft_state(answers: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what `cruft update` needs to know later; None when cruft is running and writes it by itself."""
    if "_commit" in answers or "_repo_dir" not in answers:
        return None
    root = git("rev-parse", "--show-toplevel")
    directory = os.path.relpath(HERE, root) if root else "."
    return {
        "template": template_url(answers),
        "commit": git("rev-parse", "--verify", "HEAD"),
        "checkout": answers.get("_checkout"),
        "context": {"cookiecutter": {name: answers[name] for name in NAMES}},
        "directory": None if directory == "." else Path(directory).as_posix(),
    }


class Answers(Extension):
    """Gives cookiecutter.json, the hooks and the project's files the functions above."""

    def __init__(self, environment: Environment) -> None:
        """Add the functions."""
        super().__init__(environment)
        refuse_unchecked_questions()
        for function in (quoted, markdown, slug, checked, unanswered, problems, template_url, cruft_state):
            environment.filters[function.__name__] = function
        environment.globals["refuse_unknown_answers"] = refuse_unknown_answers
        environment.globals["take_answers_as_text"] = self.take_answers_as_text
        environment.globals["template_version"] = template_version()
        self.asking = False
        # `cruft update` renders the old template and the new one in one process: each needs its own filters.
        sys.modules.pop(__name__, None)

    def take_answers_as_text(self) -> str:
        """Say that the answers are rendered now; cookiecutter.json calls this first."""
        self.asking = True
        return ""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Take an answer as plain text; cookiecutter would run `{{ ... }}` in it as a template."""
        del name, filename
        if self.asking and source not in OWN_TEMPLATES:
            return f"{{{{ {source!a} }}}}"
        return source
