"""The template of pull requests: where hosts look for it, what is a box to tick, and which questions it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ml_checks.reading.markdown import Markdown
from ml_checks.standards.values import kind_of_template

from tests.command import repository, run
from tests.conftest import ROOT
from tests.described import STANDARDS

if TYPE_CHECKING:
    from pathlib import Path

GENERATED = (ROOT / "templates" / "review.md").read_text("utf-8")
ASKED = "".join(f"- [ ] {asks}\n" for asks, _ in STANDARDS.review_points.values())
SIMPLER = STANDARDS.review_points["simplicity"][0]
TEMPLATE, DEFAULT = ".github/pull_request_template.md", ".gitlab/merge_request_templates/Default.md"
AZURE = "owners: {host: azure}\n"
ENERGY = "pull_request: {points: {energy: {asks: Is it worth the power?, known_by: [KWH]}}}\n"
CARD = """\
---
owner: "@acme/flight-ops"
---
# Late arrival

## Intended use

Decide three hours before departure whom to warn.

## Training data

The first nine months of 2013.

## Evaluation

A third more late flights than the rule finds.

## Limitations

Knows New York only.

## Owner and review

@acme/flight-ops reviews it each quarter.
"""
README = """\
# Late arrivals

## Owner

@acme/flight-ops

## Run

`uv run late-arrivals run`

## Test

`uv run pytest`
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("pull_request_template.md", "shared_templates"),
        ("PULL_REQUEST_TEMPLATE.MD", "shared_templates"),
        (".github/pull_request_template.txt", "github_templates"),
        (".GitHub/Pull_Request_Template.md", "github_templates"),
        ("docs/pull_request_template.md", "shared_templates"),
        (".azuredevops/pull_request_template.md", "azure_templates"),
        (".vsts/pull_request_template.txt", "azure_templates"),
        (".gitlab/merge_request_templates/Default.md", "gitlab_templates"),
        (".gitlab/merge_request_templates/default.md", "gitlab_templates"),
        pytest.param(".gitlab/merge_request_templates/model.md", "", id="picked by hand on GitLab"),
        pytest.param(".github/PULL_REQUEST_TEMPLATE/model.md", "", id="picked by hand on GitHub"),
        pytest.param("delays/.github/pull_request_template.md", "", id="in a folder where nobody looks"),
        pytest.param("docs/Default.md", "", id="a page of that name"),
        pytest.param(".github/pull_request_template", "", id="without an ending"),
    ],
)
def test_a_template_is_what_a_host_puts_into_each_new_request(path: str, kind: str) -> None:
    assert kind_of_template(path) == kind


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({}, [f"{TEMPLATE}:1:1: PRC001 no template that the host puts into new pull requests"]),
        ({TEMPLATE: ASKED}, []),
        ({"docs/PULL_REQUEST_TEMPLATE.txt": ASKED}, []),
        (
            {"docs/PULL_REQUEST_TEMPLATE.txt": ASKED.replace(f"- [ ] {SIMPLER}", f"- [x] {SIMPLER}")},
            [f"docs/PULL_REQUEST_TEMPLATE.txt:2:3: PRC003 box {SIMPLER!r} is ticked from the start"],
        ),
        ({".gitlab-ci.yml": "", DEFAULT: ASKED}, []),
        (
            {".gitlab-ci.yml": "", "pull_request_template.md": "- [x] Read.\n"},
            [f"{DEFAULT}:1:1: PRC001 no template that the host puts into new merge requests"],
        ),
        (
            {"standards.yaml": ENERGY, TEMPLATE: ASKED},
            [f"{TEMPLATE}:1:1: PRC002 no box on 'energy', such as '- [ ] Is it worth the power?'"],
        ),
        ({"standards.yaml": ENERGY, TEMPLATE: f"{ASKED}- [ ] At most 3 kWh a run.\n"}, []),
        ({"standards.yaml": "exclude: [/.github/]\n", TEMPLATE: "Whatever.\n"}, []),
        ({".azuredevops/pull_request_template.md": ASKED}, []),
        ({"standards.yaml": AZURE, "docs/pull_request_template.md": ASKED}, []),
        (
            {"standards.yaml": AZURE, TEMPLATE: ASKED},
            [".azuredevops/pull_request_template.md:1:1: PRC001 no template that the host puts into new pull requests"],
        ),
    ],
)
def test_a_template_is_asked_for_where_the_host_looks(files: dict[str, str], found: list[str], tmp_path: Path) -> None:
    models = {"models/late_arrival/README.md": CARD, "README.md": README}
    outcome = run(repository(tmp_path, {**models, **files}), "check", "--select", "PRC")
    assert (outcome.code, outcome.findings, outcome.err) == (1 if found else 0, found, "")


def test_who_makes_no_model_is_asked_nothing(tmp_path: Path) -> None:
    template = {TEMPLATE: "- [x] Read.\n- [] Understood.\n", "README.md": README}
    assert run(repository(tmp_path, dict(template)), "check", "--select", "PRC") == (0, "", "")


def test_a_template_is_a_page_too(tmp_path: Path) -> None:
    pages = {"README.md": README, DEFAULT: "See [there](gone.md). TODO\n"}
    outcome = run(repository(tmp_path, dict(pages)), "check", "--select", "DOC004,DOC008")
    # What it leaves to write is for whoever opens the request.
    assert outcome.findings == [f"{DEFAULT}:1:13: DOC008 link to 'gone.md', which is not tracked"]


@pytest.mark.parametrize(
    ("text", "boxes"),
    [
        ("- [ ] Read.\n", [(" ", "Read.", 1, 3)]),
        ("- [x] Read.\n* [X] Heard.\n+ [ ] Seen.", [("x", "Read.", 1, 3), ("X", "Heard.", 2, 3), (" ", "Seen.", 3, 3)]),
        ("1. [ ] One.\n12) [ ] Twelve.\n", [(" ", "One.", 1, 4), (" ", "Twelve.", 2, 5)]),
        ("- All:\n  - [ ] **Of** it,\n    `make` too,\n  or less\n", [(" ", "**Of** it, `make` too, or less", 2, 5)]),
        ("- [ ] One,\nand more.\n\nNot this.\n", [(" ", "One, and more.", 1, 3)]),
        ("- [ ] One.\n# Title\n- [ ] Two.\n", [(" ", "One.", 1, 3), (" ", "Two.", 3, 3)]),
        ("- [ ] `make test`\n", [(" ", "`make test`", 1, 3)]),
        ("---\na: 1\n---\n- [ ] Below.\n", [(" ", "Below.", 4, 3)]),
        pytest.param("- [ ]\n- [ ] \n", [], id="nothing to tick off"),
        pytest.param("- [] None.\n-[ ] None.\n- [  ] None.\n- [ ]None.\n[ ] None.\n", [], id="broken ones"),
        pytest.param("```\n- [ ] Code.\n```\n<!-- - [ ] Hidden. -->\n`- [ ] Code.`\n", [], id="where nobody can tick"),
        pytest.param("-\n[ ] Elsewhere.\n", [], id="on another line"),
    ],
)
def test_a_box_is_what_hosts_show_as_one(text: str, boxes: list[tuple[str, str, int, int]]) -> None:
    assert [(box.mark, box.text, box.line, box.col) for box in Markdown(text).boxes] == boxes


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("- [] None.\n-[ ] None.\n", [(1, 1, "- []"), (2, 1, "-[ ]")]),
        ("- [ ]\n  * [  ] None.\n", [(1, 1, "- [ ]"), (2, 3, "* [  ]")]),
        ("[x] None.\n", [(1, 1, "[x]")]),
        ("- [ ] One.\n", []),
        ("- [x](x.md)\n- [x][1]\n[x]: x.md\n- [1] note\n- [link]\n", []),
        ("`[ ]`\n<!-- [ ] -->\nAll [ ] of it.\n", []),
    ],
)
def test_what_only_looks_like_a_box_is_found(text: str, broken: list[tuple[int, int, str]]) -> None:
    assert list(Markdown(text).broken_boxes()) == broken


def test_each_box_of_the_generated_project_is_about_one_point_and_each_point_has_one() -> None:
    points = STANDARDS.review_points.items()
    about = [
        [name for name, (_, known_by) in points if any(words in box.text.lower() for words in known_by)]
        for box in Markdown(GENERATED).boxes
    ]
    assert about == [[name] for name in STANDARDS.review_points]


def test_a_point_is_known_by_what_it_asks() -> None:
    unknown = [
        name
        for name, (asks, known_by) in STANDARDS.review_points.items()
        if not any(words in asks.lower() for words in known_by)
    ]
    assert unknown == []
