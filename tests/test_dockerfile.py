"""Dockerfiles are read as the builder reads them, and as hadolint does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from ml_checks.formats import dockerfile

from tests.command import repository, run

HADOLINT = Path(sys.executable).with_name("hadolint")
MOVING = {"DL3006", "DL3007"}
# Each is written as people write it; the base of each stage, None where nobody can know it.
TEXTS: dict[str, tuple[str, list[str | None]]] = {
    "an escape": ("# escape=`\nFROM python `\n  AS build\nRUN dir C:\\\nFROM node:22\n", ["python", "node:22"]),
    "another directive": ("# syntax=docker/dockerfile:1\n# escape=`\nFROM python`\n:3.12\n", ["python:3.12"]),
    "comments in between": ("FROM \\\n# FROM debian\n\n  python:3.12\nRUN a\n", ["python:3.12"]),
    "a text within": ("FROM python:3.12\nRUN <<EOF\nFROM debian\nEOF\nFROM node:22\n", ["python:3.12", "node:22"]),
    "a text that is indented": (
        "FROM python:3.12\nCOPY <<-'END' /a\n\tFROM debian\n\tEND\nFROM node:22\n",
        ["python:3.12", "node:22"],
    ),
    "a text that does not end": ("FROM python:3.12\nRUN <<EOF\nLABEL a=b\n", ["python:3.12"]),
    "no text within": ("FROM python:3.12\nLABEL a=<<EOF\nFROM node:22\nEOF\n", ["python:3.12", "node:22"]),
    "an argument": ("ARG A=3.12\nARG B=python:${A}\nFROM $B\nFROM ${B}-slim\n", ["python:3.12", "python:3.12-slim"]),
    "an argument of nothing": ("ARG A\nARG B=$A\nFROM $A\nFROM a:$B\nFROM ${C}\n", [None, None, None]),
    "a default": ("ARG A\nFROM a:${A:-1}\nFROM a:${A-2}\nFROM a:${A:+3}\n", ["a:1", "a:2", None]),
    "a platform": ("FROM --platform=$BUILDPLATFORM python:3.12 AS b\nFROM b\n", ["python:3.12", "b"]),
    "quotes": ('ARG A="3.12"\nARG B=\'slim\'\nFROM "python:${A}-${B}"\n', ["python:3.12-slim"]),
    "small letters": ("from python:3.12 as Build\nfrom build\n", ["python:3.12", "build"]),
    "nothing": ("", []),
    "directives alone": ("# syntax=a", []),
    "no stage": ("# nothing\nARG A=1\n", []),
    "no base": ("FROM\nFROM --platform=a\n", [None, None]),
    "an end too soon": ("FROM python:3.12\nRUN a \\\n", ["python:3.12"]),
}

# What hadolint refuses to read; and it tells the names of stages apart by capitals, as the builder does not.
OTHERWISE = {
    "nothing",
    "directives alone",
    "no stage",
    "no base",
    "an end too soon",
    "a text that does not end",
    "small letters",
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_bases_of_all_stages_are_known_as_far_as_they_are_said(name: str) -> None:
    text, bases = TEXTS[name]
    assert [stage.base for stage in dockerfile.read("Dockerfile", text).stages] == bases


def test_a_base_that_is_a_stage_is_followed() -> None:
    read = dockerfile.read("Dockerfile", "FROM debian:13 AS A\nFROM a AS b\nFROM node:22\nFROM b\n")
    assert [stage.base for stage in read.lineage(read.stages[3])] == ["b", "a", "debian:13"]
    assert [read.is_built(name) for name in ("A", "0", "node:22")] == [True, True, False]


def test_names_and_values_are_told_apart_where_they_stand() -> None:
    text = "FROM a:1\nENV A=\"x y\" \\\n  B='z' C=a\\ b\nENV D e f\nARG G\nARG H=i\nENV\n"
    (stage,) = dockerfile.read("Dockerfile", text).stages
    found = [
        (str(name), value, *name.at[1:]) for one in stage.instructions for name, value in dockerfile.assignments(one)
    ]
    assert found == [
        ("A", "x y", 2, 5),
        ("B", "z", 3, 3),
        ("C", "a\\ b", 3, 9),
        ("D", "e f", 4, 5),
        ("H", "i", 6, 5),
    ]


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - OTHERWISE))
def test_hadolint_says_the_same_of_tags(name: str, tmp_path: Path) -> None:
    text = TEXTS[name][0]
    repository(tmp_path, {"Dockerfile": text})
    done = subprocess.run(
        [HADOLINT, "--no-fail", "--format", "json", "Dockerfile"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    theirs = {one["line"] for one in json.loads(done.stdout) if one["code"] in MOVING}
    ours = {int(line.split(":")[1]) for line in run(tmp_path, "check", "--select", "INF001").findings}
    assert ours == theirs


def test_a_dockerfile_that_nobody_can_read_is_a_fault_whatever_is_selected(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"Dockerfile": b"FROM \xff\n", "api.Dockerfile": "FROM python\n"})
    (folder / "api.Dockerfile").unlink()
    fault = "Dockerfile:1:6: FIL001 is not UTF-8: byte 0xff"
    assert run(folder, "check", "--select", "INF").findings == [fault]
    assert run(folder, "check", "--select", "SCH").findings == [fault]
