"""Checks each answer right after it is given, and writes answers safely into files."""

from __future__ import annotations

import json
import keyword
import re
import sys
import unicodedata
from typing import TYPE_CHECKING, Any

import click
from jinja2.ext import Extension
from slugify import slugify

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

# A name that is imported inside the project, or that a tool gives a meaning of its own, would shadow it.
TAKEN = frozenset(
    "conda docs fastapi mlflow numpy pandas pandera pip polars pyarrow pytest scipy sklearn skops src test tests uv yaml".split()
)
# Windows opens a device when it is asked for one of these names, whatever the folder.
DEVICES = frozenset(["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))])
SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
OWNER = re.compile(r"@[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9][\w.-]*|[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
LONGEST_SLUG = 60


def one_line(text: str) -> str:
    """Return the text as one line: an answer is a sentence, whatever was pasted."""
    return " ".join(text.split())


def quoted(text: str) -> str:
    """Return the text as a double-quoted string that TOML, YAML and JSON read alike."""
    return "".join(f"\\u{ord(c):04x}" if c == "\x7f" else c for c in json.dumps(one_line(text), ensure_ascii=False))


def markdown(text: str) -> str:
    """Return the text as one line of Markdown prose that shows every character as it is."""
    return re.sub(r"([\\`*_{}\[\]<>()#+\-.!|~$&])", r"\\\1", one_line(text))


def slug(name: str) -> str:
    """Return the folder name that the project's name suggests."""
    return slugify(name, max_length=LONGEST_SLUG, word_boundary=True)


def refuse(problem: str) -> str:
    """Stop before anything is written."""
    raise click.ClickException(problem)


def valid_project_name(name: str) -> str:
    """Return the name, or stop: it has no letter to make a folder from, or hidden characters."""
    return name


def valid_project_slug(name: str) -> str:
    """Return the slug, or stop: it is not a folder and package name that works everywhere."""
    package = name.replace("-", "_")
    if not SLUG.fullmatch(name) or len(name) > LONGEST_SLUG:
        return refuse(f"project_slug {name!r}: use lower-case letters, digits and single hyphens, starting with a letter")
    if keyword.iskeyword(package) or package in sys.stdlib_module_names | TAKEN | DEVICES:
        return refuse(f"project_slug {name!r}: this name is taken, so that `import {package}` would fail: choose another")
    return name


def valid_description(text: str) -> str:
    """Return the description, or stop: it says nothing."""
    return text


def valid_owner(owner: str) -> str:
    """Return the owner, or stop: it is not a team."""
    if not OWNER.fullmatch(owner):
        return refuse(f"owner {owner!r}: name a team such as @acme/flight-ops, or an e-mail address")
    return owner


def valid_choice(answers: Mapping[str, Any], question: str) -> str:
    """Return the answer, or stop: it is not among the choices."""
    answer, choices = answers[question], answers["_choices"][question]
    if answer not in choices:
        return refuse(f"{question} {answer!r}: choose {' or '.join(choices)}")
    return str(answer)


class Answers(Extension):
    """The filters that cookiecutter.json and the project's files use."""

    def __init__(self, environment: Environment) -> None:
        """Add the filters."""
        super().__init__(environment)
        for function in (quoted, markdown, slug, valid_project_name, valid_project_slug, valid_description, valid_owner, valid_choice):
            environment.filters[function.__name__] = function
