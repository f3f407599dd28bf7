"""Owners as the command and the rules see them, on both hosts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from ml_checks.codeowners import GITHUB
from ml_checks.owners import ABOUT_AZURE, EXACT, _filters, _may_meet

from tests.command import CLEAN, repository, run
from tests.conftest import git

if TYPE_CHECKING:
    from pathlib import Path

CODE = ("@acme/flight-ops", "@ada")
ON_GITHUB: dict[str, str | bytes] = {
    **CLEAN,
    ".github/CODEOWNERS": "* @acme/flight-ops\n/src/ @acme/flight-ops @ada\n/src/generated/\n",
    "src/model.py": "",
    "src/generated/schema.py": "",
}
# Two sections, each with its say; what the second one excludes is still the first one's.
SECTIONS = (
    "[Code]\n* @acme/flight-ops\n/src/ @ada @acme/flight-ops\n\n^[Data][2] @acme/data\n/contracts/\n!/contracts/old/\n"
)
ON_GITLAB: dict[str, str | bytes] = {
    "README.md": CLEAN["README.md"],
    "contracts/flights.odcs.yaml": CLEAN["contracts/flights.odcs.yaml"],
    "contracts/old/notes.txt": "",
    "src/model.py": "",
    ".gitlab/CODEOWNERS": SECTIONS,
}


def test_owners_of_paths_as_text(tmp_path: Path) -> None:
    folder = repository(tmp_path, ON_GITHUB)
    asked = run(folder, "owners", "README.md", "src/model.py", "src/generated/new.py")
    assert asked == (
        0,
        (
            "README.md: @acme/flight-ops (.github/CODEOWNERS:1)\n"
            "src/model.py: @acme/flight-ops @ada (.github/CODEOWNERS:2)\n"
            "src/generated/new.py: left to nobody (.github/CODEOWNERS:3)\n"
        ),
        "",
    )


def test_owners_are_asked_from_any_folder(tmp_path: Path) -> None:
    folder = repository(tmp_path, ON_GITHUB)
    assert run(folder / "src", "owners", "model.py").out.startswith("src/model.py: @acme/flight-ops @ada")


def test_a_folder_stands_for_what_is_tracked_in_it(tmp_path: Path) -> None:
    folder = repository(tmp_path, ON_GITHUB)
    in_src = (
        "src/generated/schema.py: left to nobody (.github/CODEOWNERS:3)\n"
        "src/model.py: @acme/flight-ops @ada (.github/CODEOWNERS:2)\n"
    )
    assert run(folder, "owners", "src/") == (0, in_src, "")
    assert len(run(folder, "owners", ".").out.splitlines()) == len(ON_GITHUB)


@pytest.mark.parametrize("path", ["..", "../other.py"])
def test_what_is_outside_has_no_owner(path: str, tmp_path: Path) -> None:
    complaint = f"{path!r} is outside of the repository, whose CODEOWNERS says nothing about it"
    assert run(repository(tmp_path / "inside", ON_GITHUB), "owners", path) == (2, "", f"ml-checks: {complaint}\n")


def test_owners_as_json_tell_nobody_from_no_line(tmp_path: Path) -> None:
    files = {**ON_GITHUB, ".github/CODEOWNERS": "/src/ @acme/flight-ops @ada\n/src/generated/\n"}
    folder = repository(tmp_path, files)
    asked = run(folder, "owners", "--format", "json", "src/model.py", "src/generated/schema.py", "README.md")
    file = ".github/CODEOWNERS"
    assert json.loads(asked.out) == [
        {"path": "src/model.py", "owners": ["@acme/flight-ops", "@ada"], "file": file, "line": 1},
        {"path": "src/generated/schema.py", "owners": [], "file": file, "line": 2},
        {"path": "README.md", "owners": [], "file": file, "line": None},
    ]


@pytest.mark.parametrize(
    ("codeowners", "told"),
    [({}, "there is no CODEOWNERS file"), ({"CODEOWNERS": "/src/ @acme/ops\n"}, "no line of CODEOWNERS matches")],
)
def test_a_path_that_no_line_is_about(codeowners: dict[str, str | bytes], told: str, tmp_path: Path) -> None:
    folder = repository(tmp_path, {"README.md": "", **codeowners})
    assert run(folder, "owners", "README.md") == (0, f"README.md: {told}\n", "")


def test_a_file_of_owners_that_cannot_be_read_is_there(tmp_path: Path) -> None:
    folder = repository(tmp_path, {**ON_GITHUB, ".github/CODEOWNERS": b"* @acme/\xff\n"})
    fault = ".github/CODEOWNERS:1:9: FIL001 is not UTF-8: byte 0xff"
    assert run(folder, "owners", "README.md") == (2, "", f"ml-checks: {fault}\n")
    assert run(folder, "check", "--select", "OWN").findings == [fault]


def test_on_gitlab_all_sections_own_a_path(tmp_path: Path) -> None:
    folder = repository(tmp_path, ON_GITLAB)
    asked = run(folder, "owners", "contracts/flights.odcs.yaml", "contracts/old/notes.txt", "src/model.py")
    assert asked.out == (
        "contracts/flights.odcs.yaml: @acme/flight-ops @acme/data (.gitlab/CODEOWNERS:6)\n"
        "contracts/old/notes.txt: @acme/flight-ops (.gitlab/CODEOWNERS:2)\n"
        "src/model.py: @ada @acme/flight-ops (.gitlab/CODEOWNERS:3)\n"
    )
    assert run(folder, "check", "--select", "OWN") == (0, "", "")


@pytest.mark.parametrize(
    ("files", "finding"),
    [
        pytest.param(
            {".gitlab/CODEOWNERS": SECTIONS + "/models/ @acme/data\n"},
            ".gitlab/CODEOWNERS:8:1: OWN005 pattern '/models/' matches no tracked file",
            id="a pattern without a match",
        ),
        pytest.param(
            {
                ".gitlab/CODEOWNERS": SECTIONS + "\n[Code]\n* @grace\n",
                "standards.yaml": "owners: {persons: ['@Grace']}\n",
            },
            ".gitlab/CODEOWNERS:10:1: OWN003 pattern '*' is owned by '@grace' alone",
            id="one person in a section that goes on",
        ),
        pytest.param(
            {"CODEOWNERS": SECTIONS},
            ".gitlab/CODEOWNERS:1:1: OWN008 ignored, because CODEOWNERS is there",
            id="the root is read first",
        ),
        pytest.param(
            {".gitlab/CODEOWNERS": SECTIONS.replace("@acme/data", "acme-data")},
            ".gitlab/CODEOWNERS:5:12: OWN007",
            id="a heading with an owner that is none",
        ),
        pytest.param(
            {"contracts/flights.odcs.yaml": str(CLEAN["contracts/flights.odcs.yaml"]).replace("flight-ops", "nobody")},
            "contracts/flights.odcs.yaml:2:9: OWN002 contract is owned by '@acme/nobody', "
            "whom .gitlab/CODEOWNERS never names",
            id="an owner whom no section names",
        ),
    ],
)
def test_on_gitlab_a_fault_is_told_in_its_dialect(files: dict[str, str | bytes], finding: str, tmp_path: Path) -> None:
    found = run(repository(tmp_path, {**ON_GITLAB, **files}), "check", "--select", "OWN").findings
    assert [line for line in found if line.startswith(finding)], found


def alone(folder: Path, files: dict[str, str | bytes], owners: str) -> list[str]:
    """Return who is said to own something alone, with these settings."""
    standards = {"standards.yaml": f"owners: {owners}\n"}
    return run(repository(folder, {**files, **standards}), "check", "--select", "OWN003").findings


def test_on_gitlab_a_name_may_be_a_group(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        ".gitlab-ci.yml": "",
        ".gitlab/CODEOWNERS": "[Docs] @docs-team\ndocs/\n[All] @acme/all\n*\n",
    }
    known = ".gitlab/CODEOWNERS:2:1: OWN003 pattern 'docs/' is owned by '@docs-team' alone"
    assert alone(tmp_path / "unknown", files, "{}") == []
    assert alone(tmp_path / "a person", files, "{persons: ['@docs-team']}") == [known]


def test_on_github_a_name_is_a_person_unless_a_project_knows_better(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"CODEOWNERS": "* @ada\n/docs/ ops@acme.example\n", "docs/a.md": "# A\n"}
    ada = "CODEOWNERS:1:1: OWN003 pattern '*' is owned by '@ada' alone"
    mail = "CODEOWNERS:2:1: OWN003 pattern '/docs/' is owned by 'ops@acme.example' alone"
    assert alone(tmp_path / "unknown", files, "{}") == [ada]
    assert alone(tmp_path / "a group", files, "{groups: ['@Ada']}") == []
    assert alone(tmp_path / "an address", files, "{persons: [ops@acme.example]}") == [ada, mail]


@pytest.mark.parametrize("text", ["# Nobody yet.\n", "", "[ @acme\n"])
def test_a_codeowners_without_a_line_that_counts_is_one_finding(text: str, tmp_path: Path) -> None:
    files = {**CLEAN, ".github/CODEOWNERS": text, "a.py": "", "b.py": ""}
    found = run(repository(tmp_path, files), "check", "--select", "OWN001,OWN002,OWN004,OWN011").findings
    assert found == [
        ".github/CODEOWNERS:1:1: OWN011 no line of .github/CODEOWNERS counts, so nobody owns any file",
    ]


def test_a_codeowners_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    folder = repository(tmp_path, {**CLEAN, "OWNERS": "* @acme/flight-ops\n"})
    (folder / ".github/CODEOWNERS").unlink()
    (folder / ".github/CODEOWNERS").symlink_to("../OWNERS")
    git(folder, "add", "--all")
    assert run(folder, "check", "--select", "OWN").findings == [
        ".github/CODEOWNERS:1:1: OWN011 is a symbolic link, which GitHub does not follow, so nobody owns any file",
    ]


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        pytest.param("/docs/ @acme/a\n* @acme/A @acme/b\n", [], id="asked by the other line"),
        pytest.param("/docs/ @acme/c\n* @acme/a\n", [1], id="not asked"),
        pytest.param("/docs/ @acme/a\n/docs/a.md @acme/a\n/docs/b.md @acme/b\n", [1], id="asked of some files only"),
        pytest.param("/docs/ @acme/a\n/docs/a.md @acme/a\n/docs/b.md @acme/a\n", [], id="asked by several lines"),
        pytest.param("/docs/\n* @acme/a\n", [1], id="left to nobody"),
    ],
)
def test_a_shadowed_line_is_a_fault_where_its_owners_are_not_asked(text: str, lost: list[int], tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"CODEOWNERS": text, "docs/a.md": "# A\n", "docs/b.md": "# B\n"}
    found = run(repository(tmp_path, files), "check", "--select", "OWN006").findings
    assert [int(line.split(":")[1]) for line in found] == lost


def test_a_label_settles_its_own_service_only(tmp_path: Path) -> None:
    labelled, bare = "image: a\n    labels: {owner: data}", "image: a"
    files: dict[str, str | bytes] = {
        "a/compose.yaml": f"services:\n  api:\n    {labelled}\n",
        "a/compose.override.yaml": "services:\n  api:\n    ports: ['80']\n",
        "b/compose.yaml": f"services:\n  api:\n    {bare}\n",
        "k8s/a/base/api.yaml": workload("owner: data", "containers: [{name: a, image: a}]"),
        "k8s/a/overlays/prod/api.yaml": workload("app: api", "containers: [{name: a, image: b}]"),
        "k8s/b/base/api.yaml": workload("app: api", "containers: [{name: a, image: a}]"),
        "k8s/c/api.yaml": workload("app: api", "replicas: 3"),
    }
    found = run(repository(tmp_path, files), "check", "--select", "OWN010").findings
    assert found == [
        "b/compose.yaml:2:3: OWN010 service 'api' has no label 'owner'",
        "k8s/b/base/api.yaml:4:9: OWN010 Deployment 'api' has no label 'owner'",
    ]


def workload(label: str, spec: str) -> str:
    """Return a manifest of a deployment."""
    pod = spec if spec.startswith("replicas") else f"template: {{spec: {{{spec}}}}}"
    return f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\n  labels: {{{label}}}\nspec: {{{pod}}}\n"


def test_the_host_is_told_by_its_files(tmp_path: Path) -> None:
    ci = {"README.md": CLEAN["README.md"], ".gitlab-ci.yml": ""}
    on_gitlab = run(repository(tmp_path / "gitlab", ci), "check", "--select", "OWN")
    assert on_gitlab.findings == ["CODEOWNERS:1:1: OWN011 no CODEOWNERS file, so nobody owns any file"]
    mirrored = repository(tmp_path / "both", {**ON_GITHUB, **ON_GITLAB, ".gitlab-ci.yml": ""})
    assert "(.github/CODEOWNERS:1)" in run(mirrored, "owners", "README.md").out


def test_the_standards_say_which_host_it_is(tmp_path: Path) -> None:
    files = {"README.md": CLEAN["README.md"], "src/model.py": "", "CODEOWNERS": "[Code] @acme/flight-ops\nsrc/\n"}
    on_gitlab = repository(tmp_path / "gitlab", {**files, "standards.yaml": "owners: {host: gitlab}\n"})
    assert run(on_gitlab, "owners", "src/model.py").out == "src/model.py: @acme/flight-ops (CODEOWNERS:2)\n"
    on_github = repository(tmp_path / "github", files)
    assert run(on_github, "owners", "src/model.py").out == "src/model.py: left to nobody (CODEOWNERS:2)\n"
    told = {**ON_GITLAB, ".gitlab-ci.yml": "", "standards.yaml": "owners: {host: github}\n"}
    told_otherwise = run(repository(tmp_path / "told", told), "check", "--select", "OWN011")
    assert told_otherwise.findings == [".github/CODEOWNERS:1:1: OWN011 no CODEOWNERS file, so nobody owns any file"]


def test_a_host_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    folder = repository(tmp_path, {**ON_GITHUB, "standards.yaml": "owners:\n  host: bitbucket\n"})
    assert run(folder, "owners", "README.md") == (
        2,
        "",
        'ml-checks: standards.yaml:2:3: "bitbucket" is not one of "auto", "github", "gitlab" or "azure"\n',
    )


ON_AZURE: dict[str, str | bytes] = {
    **CLEAN,
    ".azuredevops/CODEOWNERS": (
        "* ops@acme.example\n/src/ @acme/code @ada\n/src/generated/\n/data/*.csv data@acme.example\n"
    ),
    "src/model.py": "",
    "src/generated/schema.py": "",
    "data/a.csv": "",
}
del ON_AZURE[".github/CODEOWNERS"]
CREATE = (
    "az repos policy required-reviewer create --blocking true --enabled true --branch main "
    '--repository-id "$REPOSITORY_ID" --path-filter '
)
BY_LINE = "--message .azuredevops/CODEOWNERS:"


def test_reviewer_policies_of_azure_ask_whom_the_lines_name(tmp_path: Path) -> None:
    folder = repository(tmp_path, ON_AZURE)
    taken = ";!/src/*;!/src/generated/*;!/data/*.csv;!/data/*.csv/*"
    assert run(folder, "owners", "--format", "azure", ".") == (
        0,
        ABOUT_AZURE.format(file=".azuredevops/CODEOWNERS")
        + f"{CREATE}'*/*{taken}' --required-reviewer-ids ops@acme.example {BY_LINE}1\n"
        + f"{CREATE}'/src/*;!/src/generated/*' --required-reviewer-ids '@acme/code;@ada' {BY_LINE}2\n"
        + "# .azuredevops/CODEOWNERS:4: a star of Azure crosses folders, so this asks for more than the pattern says\n"
        + f"{CREATE}'/data/*.csv;/data/*.csv/*' --required-reviewer-ids data@acme.example {BY_LINE}4\n",
        "",
    )
    one = run(folder, "owners", "--format", "azure", "src/model.py").out
    assert one.splitlines()[2:] == [
        f"{CREATE}'/src/*;!/src/generated/*' --required-reviewer-ids '@acme/code;@ada' {BY_LINE}2"
    ]


@pytest.mark.parametrize("files", [{"README.md": ""}, ON_GITLAB], ids=["without owners", "on GitLab"])
def test_policies_of_azure_need_owners_in_githubs_dialect(files: dict[str, str | bytes], tmp_path: Path) -> None:
    complaint = "the policies of Azure are made of a CODEOWNERS file in GitHub's dialect, and there is none"
    asked = run(repository(tmp_path, files), "owners", "--format", "azure", ".")
    assert asked == (2, "", f"ml-checks: {complaint}\n")


@pytest.mark.parametrize(
    ("pattern", "filters", "is_exact"),
    [
        ("*", ["*/*"], True),
        ("/contracts/", ["/contracts/*"], True),
        ("docs/", ["*/docs/*"], True),
        ("/docs", ["/docs", "/docs/*"], True),
        ("*.js", ["*/*.js", "*/*.js/*"], True),
        ("test_*", ["*/test_*", "*/test_*/*"], True),
        ("a/**/b", ["/a/*/b", "/a/*/b/*", "/a/b", "/a/b/*"], True),
        ("/a/**", ["/a/*"], True),
        (r"/our\ files/", ["/our files/*"], True),
        pytest.param("/docs/*", ["/docs/*"], False, id="only what is right in a folder"),
        pytest.param("/src/*.py", ["/src/*.py", "/src/*.py/*"], False, id="a star in a folder"),
        pytest.param("te?t", ["*/te*t", "*/te*t/*"], False, id="one character"),
        pytest.param("/a/*/b/", ["/a/*/b/*"], False, id="one folder"),
    ],
)
def test_patterns_become_filters_of_azure(pattern: str, filters: list[str], *, is_exact: bool) -> None:
    spelled = GITHUB.spell(pattern)
    assert (_filters(spelled), bool(EXACT.fullmatch("/".join(spelled)))) == (filters, is_exact)


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [("/contracts/", "/src/", False), ("*", "/src/", True), ("/src/", "/src/a", True), ("/s*/", "/src/a", True)],
)
def test_only_lines_that_may_meet_take_from_each_other(one: str, other: str, *, may: bool) -> None:
    assert _may_meet(GITHUB.spell(one), GITHUB.spell(other)) == may
