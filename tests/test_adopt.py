"""`ml-checks adopt` brings an old repository in: a plan first, then exactly that, and nothing of others changes."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from ml_checks import standards
from ml_checks.adopt import hook
from ml_checks.adopt.exclusions import attributes
from ml_checks.adopt.models import name_of
from ml_checks.adopt.tree import Tree
from ml_checks.rules.registry import rule
from ml_checks.standards import load

from tests.command import CONTRACT, README, TODAY, repository, run, snapshot, write
from tests.conftest import ROOT, commit, git
from tests.machine import PROGRAMS
from tests.test_generation import identified

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ml_checks.project.project import Project
    from ml_checks.values import Location

    from tests.machine import Machine

OWNER = ("--owner", "@acme/ml")
APPLY = ("adopt", *OWNER, "--today", TODAY, "--apply")
SCHEMA = json.loads((ROOT / "checks" / "ml_checks" / "report" / "adopt.schema.json").read_text("utf-8"))
OLD = {
    "README.md": "# Bookings\n\nHow full the flights of tomorrow will be.\n",
    "schemas/bookings.schema.json": '{"title": "bookings", "properties": {"cust_id": {"type": "string"}}}\n',
}
PLAIN = {"README.md": README}
HOOK = f"  - repo: https://github.com/org/ml-template\n    rev: {hook.version()}\n    hooks:\n      - id: ml-checks\n"


def old(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Make a repository that has a history."""
    return commit(repository(folder, files))


def adopted(folder: Path) -> str:
    """Adopt a repository that must be clean afterwards, commit it and see that a second run changes nothing."""
    done = run(folder, *APPLY)
    assert (done.code, done.err) == (0, ""), done
    again = run(folder, *APPLY)
    assert (again.code, "Nothing to change" in again.out) == (0, True), again
    commit(folder)
    assert run(folder, "check", "--today", TODAY).code == 0
    again = run(folder, "adopt", *OWNER)
    assert (again.code, "Nothing to change" in again.out) == (0, True), again
    assert git(folder, "status", "--porcelain") == ""
    return done.out


def told(folder: Path, *words: str) -> dict[str, Any]:
    """Return the plan as programs get it."""
    done = run(folder, "adopt", *OWNER, "--today", TODAY, "--format", "json", *words)
    plan: dict[str, Any] = json.loads(done.out)
    Draft202012Validator(SCHEMA).validate(plan)
    assert done.code == (0 if plan["clean"] else 1)
    return plan


def paths(plan: dict[str, Any]) -> list[str]:
    return [change["path"] for change in plan["changes"]]


def state(folder: Path) -> dict[str, bytes]:
    """Return every file of a work tree."""
    files = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.relative_to(folder).parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_plan_is_shown_and_nothing_is_written(tmp_path: Path) -> None:
    folder = old(tmp_path / "bookings", OLD)
    before = state(folder)
    done = run(folder, "adopt", *OWNER, "--today", TODAY)
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        """\
Found in 2 tracked files:
  JSON Schemas: 1 of 1 read
  DOC002 3 findings in 1 file: A page lacks a section that people look for in it.
  SCH004 1 finding in 1 file: A name uses an abbreviation or a synonym of a word that the company has settled on.

To be written:
  add  .github/CODEOWNERS               @acme/ml is asked about every file
  add  .pre-commit-config.yaml          the hook, at VERSION
  add  .github/workflows/ml-checks.yml  the same checks on every pull request
  add  standards.baseline.yaml          4 old findings, which no commit has to correct

--- /dev/null
+++ b/.github/CODEOWNERS
@@ -0,0 +1,2 @@
+# Who is asked to review a change. Where several lines match a file, the last one decides.
+* @acme/ml
--- /dev/null
+++ b/.pre-commit-config.yaml
@@ -0,0 +1,5 @@
+repos:
"""
        + "".join(f"+{row}\n" for row in HOOK.splitlines())
        + "--- /dev/null\n+++ b/.github/workflows/ml-checks.yml\n@@ -0,0 +1,34 @@\n"
        + "".join(f"+{row}\n" for row in hook.workflow("https://github.com/org/ml-template", "master").splitlines())
        + """\
--- /dev/null
+++ b/standards.baseline.yaml
@@ -0,0 +1,6 @@
+# Findings that were there when the checks came. The list may only become shorter:
+# `ml-checks baseline --prune` removes what is no longer found.
+- "DOC002 README.md 'Owner'"
+- "DOC002 README.md 'Run'"
+- "DOC002 README.md 'Test'"
+- "SCH004 schemas/bookings.schema.json properties.cust_id 'cust'"

Next: ml-checks adopt --owner @acme/ml --apply
"""
    ).replace("VERSION", hook.version())
    assert state(folder) == before
    plan = told(folder)
    assert plan["clean"]
    patch = tmp_path / "plan.patch"
    patch.write_text(plan["diff"], "utf-8", newline="")
    git(folder, "apply", str(patch))
    assert state(folder) == {**before, **{one["path"]: one["text"].encode() for one in plan["changes"]}}


def test_what_the_plan_says_is_written_and_then_a_new_fault_is_refused(tmp_path: Path) -> None:
    folder = old(tmp_path / "bookings", OLD)
    planned, before = told(folder), state(folder)
    said = adopted(folder)
    assert said.endswith(
        """\
Next: git add .github/CODEOWNERS .pre-commit-config.yaml .github/workflows/ml-checks.yml standards.baseline.yaml \
&& git commit --message 'Adopt the checks'
Then let the hook watch: pre-commit install (or prek install)
Once that is committed, `ml-checks check` is clean.
"""
    )
    assert state(folder) == {**before, **{one["path"]: one["text"].encode() for one in planned["changes"]}}
    write(folder, {"schemas/bookings.schema.json": OLD["schemas/bookings.schema.json"].replace("cust_id", "amt")})
    refused = run(folder, "check", "--today", TODAY)
    assert (refused.code, "SCH004 name 'amt'" in refused.out) == (1, True)


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {**OLD, "node_modules/a/README.md": "[a](b.md)\n", "models/churn.onnx": b"\0"}
    whole = old(tmp_path / "whole" / "x", files)
    run(whole, *APPLY)
    expected = state(whole)
    for number in range(1, len(told(old(tmp_path / "count" / "x", files))["changes"])):
        folder = old(tmp_path / str(number) / "x", files)
        for change in told(folder)["changes"][:number]:
            write(folder, {change["path"]: change["text"]})
        adopted(folder)
        assert state(folder) == expected, number


# What is written where.


def test_an_existing_codeowners_gets_a_line_for_what_nobody_owns_and_keeps_its_own(tmp_path: Path) -> None:
    text = "\ufeff# Docs\r\n/docs/\t@acme/docs\r\n"
    folder = old(tmp_path, {**PLAIN, "docs/a.md": "# A\n", "CODEOWNERS": text})
    adopted(folder)
    assert (folder / "CODEOWNERS").read_bytes().decode() == (
        "\ufeff# Who is asked where no line below matches.\r\n* @acme/ml\r\n\r\n# Docs\r\n/docs/\t@acme/docs\r\n"
    )
    assert not (folder / ".github" / "CODEOWNERS").exists()


def test_a_codeowners_that_owns_all_stays_as_it_is(tmp_path: Path) -> None:
    folder = old(tmp_path, {**PLAIN, ".github/CODEOWNERS": "* @acme/docs\n", "models/churn.onnx": b"\0"})
    adopted(folder)
    assert (folder / ".github" / "CODEOWNERS").read_text("utf-8") == "* @acme/docs\n"
    # The drafts are owned by whom the host asks.
    assert 'owner: "@acme/docs"\n' in (folder / "project.yaml").read_text("utf-8")


def test_a_codeowners_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    folder = old(tmp_path, {**PLAIN, ".github/CODEOWNERS": b"* @acme/docs\n" + b"# x\n" * 1_000_000})
    plan = told(folder)
    assert ".github/CODEOWNERS" not in paths(plan)
    assert plan["notes"] == [".github/CODEOWNERS has 4.0 MB; no more than 3 MB is read: nothing is added to it."]
    assert [one["code"] for one in plan["leftovers"]] == ["FIL001"]


def test_gitlab_reads_its_own_places_and_gets_lines_to_add(tmp_path: Path) -> None:
    folder = old(tmp_path, {**PLAIN, ".gitlab-ci.yml": "test: {script: pytest}\n", "models/churn.onnx": b"\0"})
    assert paths(told(folder)) == [
        ".gitlab/CODEOWNERS",
        "models/churn/README.md",
        ".gitlab/merge_request_templates/Default.md",
        "project.yaml",
        ".pre-commit-config.yaml",
    ]
    said = adopted(folder)
    assert "Add to .gitlab-ci.yml, so that the host checks what a hook would have checked:\n    ml-checks:\n" in said
    lines = "\n".join(hook.gitlab_lines("https://example.com/a"))
    write(folder, {".gitlab-ci.yml": f"{lines}\n"})
    assert list(yaml.safe_load(lines)) == ["ml-checks"]
    commit(folder)
    assert told(folder)["by_hand"] == []


def test_azure_gets_lines_to_add(tmp_path: Path) -> None:
    folder = old(tmp_path / "a", {**PLAIN, "azure-pipelines.yml": "steps: []\n"})
    (by_hand,) = told(folder)["by_hand"]
    assert by_hand["what"] == "Add to azure-pipelines.yml, so that the host checks what a hook would have checked:"
    assert yaml.safe_load("\n".join(by_hand["lines"]))[0] == {"checkout": "self", "fetchDepth": 0}
    folder = old(tmp_path / "b", {**PLAIN, ".azuredevops/pull_request_template.md": "Why?\n"})
    assert ".github/workflows/ml-checks.yml" not in paths(told(folder))
    assert ".azuredevops/CODEOWNERS" in paths(told(folder))


def test_the_workflow_uses_what_the_template_uses(tmp_path: Path) -> None:
    (text,) = [path.read_text("utf-8") for path in ROOT.glob("{{*/.{{*/*/*__github %}ci.yml*")]
    assert f"uses: {hook.CHECKOUT}\n" in text
    assert f"uses: {hook.SETUP_UV}\n" in text
    assert hook.BEFORE in text
    file = tmp_path / "ml-checks.yml"
    file.write_text(hook.workflow("https://github.com/org/ml-template", "main"), "utf-8")
    for words in (
        ["zizmor", "--offline", "--quiet"],
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
    ):
        done = subprocess.run([Path(PROGRAMS, words[0]), *words[1:], file], capture_output=True, check=False, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_repository_that_runs_the_checks_already_gets_no_second_job(tmp_path: Path) -> None:
    flow = "jobs: {a: {steps: [{run: uvx ml-checks check}]}}\n"
    settings = f"repos:\n{HOOK}"
    folder = old(tmp_path, {**PLAIN, ".github/workflows/ci.yml": flow, ".pre-commit-config.yaml": settings})
    assert paths(told(folder)) == [".github/CODEOWNERS"]


def test_settings_of_prek_get_the_hook_too(tmp_path: Path) -> None:
    folder = old(tmp_path, {**PLAIN, "prek.toml": "repos = []\n", ".pre-commit-config.yaml": "repos:\n- repo: meta\n"})
    plan = told(folder)
    assert [(one["what"], one["lines"][0]) for one in plan["by_hand"]] == [
        ("Add to `repos` in prek.toml, where no place for it is sure:", "[[repos]]")
    ]
    (change,) = [one for one in plan["changes"] if one["path"] == ".pre-commit-config.yaml"]
    assert change["text"].startswith("repos:\n- repo: meta\n- repo: https://")
    write(folder, {".pre-commit-config.yaml": "repos: none\n"})
    assert len(told(folder)["by_hand"]) == 2


def test_the_branch_is_that_of_the_remote(tmp_path: Path) -> None:
    old(tmp_path / "far", PLAIN)
    git(tmp_path / "far", "branch", "-m", "trunk")
    git(tmp_path, "clone", "--quiet", "far", "near")
    git(tmp_path / "near", "switch", "--quiet", "-c", "feature")
    flows = [one["text"] for one in told(tmp_path / "near")["changes"] if one["path"] == hook.WORKFLOW]
    assert ['branches: ["trunk"]' in text for text in flows] == [True]
    git(tmp_path / "far", "checkout", "--quiet", "--detach")
    assert 'branches: ["main"]' in told(tmp_path / "far")["diff"]


# What is left alone.

COPY = "[a](b.md)\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"node_modules/a/x.md": COPY}, ["/node_modules/"], id="installed"),
        pytest.param({"a/third_party/b/x.md": COPY}, ["/a/third_party/"], id="vendored"),
        pytest.param({"a/testdata/x.md": COPY, "a/testdata/y.md": COPY}, ["/a/testdata/"], id="data of tests"),
        pytest.param({"a/__tests__/x.md": COPY, "a/tests__/y.md": COPY}, ["/a/__tests__/"], id="tests of JavaScript"),
        pytest.param({"a/e2e/x.md": COPY, "a/e2e_b/y.md": COPY}, ["/a/e2e/"], id="tests from end to end"),
        pytest.param({"integration_tests/x.md": COPY}, ["/integration_tests/"], id="tests of a package of dbt"),
        pytest.param(
            {"a/src/test/resources/x.md": COPY, "src/main/resources/y.md": COPY, "test/resources/z.md": COPY},
            ["/a/src/test/resources/"],
            id="resources of tests in Java",
        ),
        pytest.param(
            {
                "tests/a/b/models/x.md": COPY,
                "tests/a/b/dbt_project.yml": "name: b\n",
                "tests/c/x.md": COPY,
                "d/dbt_project.yml": "name: d\n",
                "d/x.md": COPY,
            },
            ["/tests/a/b/"],
            id="a project of dbt in tests",
        ),
        pytest.param({"vendor/x.md": COPY}, [], id="a word of the business"),
        pytest.param({"go/vendor/x.md": COPY, "go/go.mod": "module x\n"}, ["/go/vendor/"], id="beside a manifest"),
        pytest.param({"upstream/x.md": COPY, "upstream/LICENSE": "MIT\n"}, ["/upstream/"], id="a licence of its own"),
        pytest.param({"x [1].md": f"<!-- Do not edit. -->\n{COPY}"}, ["/x \\[1\\].md"], id="a generated page"),
        pytest.param({"x.md": f"The docs are auto-generated; do not edit them.\n\n{COPY}"}, [], id="a page about such"),
        pytest.param({"x.md": f"# A\n\n<!-- This table is auto-generated. -->\n{COPY}"}, [], id="a part of a page"),
        pytest.param({"a.sql": "-- @generated by x\ncreate table a (b int);\n"}, [], id="without a finding"),
        pytest.param({"a.sql": "-- @generated by x\ncreate table A (cust int);\n"}, ["/a.sql"], id="generated code"),
        pytest.param(
            {"x.md": COPY, "y.md": COPY, ".gitattributes": "x.md linguist-vendored\n"}, ["/x.md"], id="marked"
        ),
        pytest.param({"x.md": COPY, ".gitattributes": "*.md linguist-generated=true\n"}, ["/x.md"], id="marked true"),
        pytest.param({"x.md": COPY, ".gitattributes": "*.md linguist-generated=false\n"}, [], id="marked false"),
    ],
)
def test_work_of_others_is_left_alone_where_something_is_found(
    files: dict[str, str | bytes], expected: list[str], tmp_path: Path
) -> None:
    folder = old(tmp_path, {**PLAIN, **files})
    plan = told(folder)
    assert [one["pattern"] for one in plan["exclusions"]] == expected
    assert ("standards.yaml" in paths(plan)) == bool(expected)
    adopted(folder)


def test_what_is_left_alone_is_counted_and_stands_in_the_standards(tmp_path: Path) -> None:
    text = "# ours\r\nexclude: # none yet\r\n- /old/\r\nmax_waiver_days: 30\r\n"
    folder = old(tmp_path, {**PLAIN, "standards.yaml": text, "node_modules/a.md": COPY + COPY, "old/x.md": COPY})
    said = adopted(folder)
    assert "  leave alone /node_modules/ (installed): 2 findings in 1 file\n" in said
    assert (folder / "standards.yaml").read_bytes().decode() == text.replace(
        "- /old/\r\n", '- /old/\r\n- "/node_modules/" # installed: 2 findings\r\n'
    )


def test_standards_without_a_sure_place_are_told(tmp_path: Path) -> None:
    text = "max_waiver_days: 30\n...\n"
    folder = old(tmp_path, {**PLAIN, "standards.yaml": text, "node_modules/a.md": COPY})
    assert told(folder)["by_hand"] == [
        {
            "what": "Add to standards.yaml, in the place that its form asks for:",
            "lines": ["exclude:", '  - "/node_modules/" # installed'],
        }
    ]


def test_a_company_that_lets_nobody_exclude_is_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = tmp_path / "company"
    shared.mkdir()
    text = Path(standards.FOLDER, standards.PROJECT_FILE).read_text("utf-8")
    shared_text = re.sub(r"(?m)^exclude:\n(?: .*\n)+", "exclude: [/old/]\n", text)
    closed = re.sub(r"(?m)^  exclude: only .*\n", "", shared_text)
    (shared / standards.PROJECT_FILE).write_text(closed, "utf-8")
    monkeypatch.setattr(standards, "FOLDER", str(shared))
    folder = old(tmp_path / "x", {**PLAIN, "node_modules/a.md": COPY})
    plan = told(folder)
    assert ("standards.yaml" in paths(plan), len(plan["by_hand"])) == (False, 1)
    (shared / standards.PROJECT_FILE).write_text(shared_text, "utf-8")
    (change,) = [one for one in told(folder)["changes"] if one["path"] == "standards.yaml"]
    assert yaml.safe_load(change["text"]) == {"exclude": ["/old/", "/node_modules/"]}


def test_the_attributes_of_many_paths_are_asked_in_parts(tmp_path: Path) -> None:
    names = [f"{'a' * 200}{number}.md" for number in range(200)]
    folder = old(tmp_path, {"x": "", ".gitattributes": "*7.md linguist-vendored\n"})
    found = attributes(str(folder), ["linguist-vendored"], names)
    assert [*found] == [name for name in names if name.endswith("7.md")]
    assert attributes(str(folder), ["linguist-vendored"], []) == {}


# Models.

DVC = """\
stages:
  prepare: {cmd: python a.py, outs: [data/x.pkl]}
  train_churn:
    cmd: python b.py
    outs:
      - store/churn_rate.pkl:
          cache: false
      - plots
"""


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"models/churn.onnx": ""}, ["churn"], id="ONNX"),
        pytest.param({"artifacts/lateArrival/model.skops": ""}, ["late_arrival"], id="skops"),
        pytest.param({"churn/models/model_v2.joblib": ""}, ["churn"], id="joblib"),
        pytest.param({"models/churn.pkl": "", "data/users.pkl": "", "models/scaler.pkl": ""}, ["churn"], id="pickles"),
        pytest.param({"mlruns/0/0123456789abcdef01/artifacts/churn/MLmodel": ""}, ["churn"], id="MLflow"),
        pytest.param({"dvc.yaml": DVC}, ["churn_rate"], id="DVC"),
        pytest.param({"a/dvc.yaml": "stages: {train: {cmd: x}}\n"}, ["a"], id="DVC without an output"),
        pytest.param({"dvc.yaml": "stages: ["}, [], id="DVC that cannot be read"),
        pytest.param({"dvc.yaml": "stages: {prepare: {cmd: x}}\n"}, [], id="DVC that trains nothing"),
        pytest.param({"src/churn/train.py": "model.fit(x, y)\n"}, ["churn"], id="a script"),
        pytest.param({"src/train_churn.py": "Trainer(x)\n"}, ["churn"], id="the name of a script"),
        pytest.param({"src/train.py": "model.fit(x)\n", "train.py": "x.fit(y)\n"}, ["rail_ways"], id="no name at all"),
        pytest.param({"src/churn/train.py": "def timetable(): ...\n"}, [], id="a script about railways"),
        pytest.param({"tests/train.py": "model.fit(x, y)\n", "testdata/a.onnx": ""}, [], id="tests"),
        pytest.param({"old/a.onnx": "", "standards.yaml": "exclude: [/old/]\n"}, [], id="excluded"),
        pytest.param({"churn.onnx": "", "churn.joblib": ""}, ["churn"], id="one model in two files"),
    ],
)
def test_models_are_seen_and_drafted(files: dict[str, str | bytes], expected: list[str], tmp_path: Path) -> None:
    folder = old(tmp_path / "Rail-Ways", {**PLAIN, **files})
    assert [one["name"] for one in told(folder)["models"]] == expected
    said = adopted(folder)
    charter = folder / "project.yaml"
    assert charter.exists() == bool(expected)
    for name in expected:
        card = f"models/{name}/README.md"
        assert [one["name"] for one in yaml.safe_load(charter.read_text("utf-8"))["models"]] == expected
        assert (folder / card).exists()
        # Nothing blocks, and nothing is silent.
        assert f"Only you know what stands as TODO in {card} (4).\n" in said
        gaps = f"6 gaps left to write in drafts: {card} (4 placeholders), project.yaml (2 placeholders)"
        assert gaps in run(folder, "check", "--today", TODAY).out


def test_a_charter_that_is_there_is_not_touched(tmp_path: Path) -> None:
    charter = 'owner: "@acme/ml"\nmodels:\n  - {name: churn, stage: feasibility}\n'
    folder = old(tmp_path, {**PLAIN, "project.yaml": charter, "churn.onnx": "", "late.onnx": ""})
    plan = told(folder)
    assert "models/churn/README.md" in paths(plan)  # a draft, which the charter asks for
    assert plan["notes"] == ["project.yaml lists no late: add under `models` what counts."]
    adopted(folder)
    assert (folder / "project.yaml").read_text("utf-8") == charter


def test_a_charter_that_lists_all_is_enough(tmp_path: Path) -> None:
    charter = 'owner: "@acme/ml"\nmodels: [churn]\n'
    files = {"project.yaml": charter, "churn.onnx": "", "models/churn/README.md": "# Churn\n"}
    plan = told(old(tmp_path, {**PLAIN, **files}))
    assert (plan["notes"], "project.yaml" in paths(plan)) == ([], False)


def test_of_many_models_the_owner_picks(tmp_path: Path) -> None:
    folder = old(tmp_path, {**PLAIN, **{f"m/{chr(97 + number)}x.onnx": "" for number in range(13)}})
    plan = told(folder)
    assert "project.yaml" not in paths(plan)
    (note,) = plan["notes"]
    assert note.startswith("13 models seem to be made here (ax, bx, ")
    adopted(folder)


def test_what_git_ignores_is_not_drafted(tmp_path: Path) -> None:
    files = {"a/churn.onnx": "", ".gitignore": "**/models/\n.pre-commit-config.yaml\n"}
    plan = told(old(tmp_path, {**PLAIN, **files}))
    assert plan["notes"] == [
        "Git ignores models/churn/README.md, so no model is drafted (churn): take it out of .gitignore.",
        "Git ignores .pre-commit-config.yaml: take it out of .gitignore, then run this again.",
    ]
    assert paths(plan) == [".github/CODEOWNERS", ".github/workflows/ml-checks.yml"]
    # Nor does it count that somebody has written it all the same.
    write(tmp_path, {"models/churn/README.md": "# Churn\n", ".pre-commit-config.yaml": "repos: []\n"})
    assert (told(tmp_path)["notes"], paths(told(tmp_path))) == (plan["notes"], paths(plan))


def test_questions_of_a_review_that_are_there_stay(tmp_path: Path) -> None:
    template = ".github/pull_request_template.md"
    folder = old(tmp_path, {**PLAIN, template: "Why?\n", "churn.onnx": ""})
    adopted(folder)
    assert (folder / template).read_text("utf-8") == "Why?\n"
    assert "PRC002 .github/pull_request_template.md" in (folder / "standards.baseline.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("XGBoostModel_v1.2", "xgboost"),
        ("2021-churn", "churn"),
        ("model", ""),
        ("", ""),
        ("é", ""),
        ("z" * 50, "z" * 40),
    ],
)
def test_a_model_is_called_as_names_are_written(words: str, name: str) -> None:
    assert name_of(words) == name


def test_names_that_are_no_text_break_nothing(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff")
    folder = tmp_path / f"x{name}"
    files = {f"churn/{name}/a\n.onnx": "", f"b\n{name}.csv": "email\n"}
    old(folder, {**PLAIN, **files})
    adopted(folder)
    assert 'name: "x?"\n' in (folder / "project.yaml").read_text("utf-8")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    folder = repository(tmp_path, {**PLAIN, "shared.yaml": "repos:\n- repo: meta\n"})
    (folder / ".pre-commit-config.yaml").symlink_to("shared.yaml")
    commit(folder)
    assert run(folder, *APPLY).code == 0
    assert (folder / ".pre-commit-config.yaml").is_symlink()
    assert "id: ml-checks\n" in (folder / "shared.yaml").read_text("utf-8")
    assert run(folder, *APPLY).out.count("Nothing to change") == 1


# What is found and said.


def test_personal_columns_without_a_contract_are_told(tmp_path: Path) -> None:
    contract = CONTRACT.format("users") + "servers: [{server: a, type: local, path: data/b.csv}]\n"
    files: dict[str, str | bytes] = {f"raw/{number:02}.csv": "email,x\n" for number in range(13)}
    rows = {"data/a.csv": "eMail,birthdate,x\n", "data/b.csv": "email\n", "c.csv": "x\n", "d.jsonl": '{"phone": 1}\n'}
    folder = old(tmp_path, {**PLAIN, **files, **rows, "contracts/users.odcs.yaml": contract})
    plan = told(folder)
    assert {"path": "d.jsonl", "columns": [{"name": "phone", "kind": "phone"}]} in plan["personal"]
    assert {"data/b.csv", "c.csv"}.isdisjoint(one["path"] for one in plan["personal"])
    assert len(plan["personal"]) == 15
    said = run(folder, "adopt", *OWNER, "--today", TODAY).out
    assert (
        "  personal by their names, and under no contract: data/a.csv: eMail (email), birthdate (birth_date)\n" in said
    )
    assert "  and personal columns in 3 more files; --format json lists them\n" in said


PATTERNS = ("x.yml", "/x/*.yml", "/y/c_props.yml", "/z/e.yml")
DBT = "version: 2\nmodels:\n  - name: a\n    columns: [{name: b, description: c}]\n"


def test_what_is_not_read_is_told_with_the_narrowest_setting_that_has_it_read(tmp_path: Path) -> None:
    files = {"x/a_props.yml": DBT, "x/b_props.yml": DBT, "y/c_props.yml": DBT, "y/d.yml": "a: b\n", "z/e.yml": DBT}
    folder = old(tmp_path, {**PLAIN, **files, "tests/f_props.yml": DBT, "standards.yaml": "files: {dbt: [x.yml]}\n"})
    plan = told(folder)
    (kind,) = [one for one in plan["kinds"] if one["name"] == "dbt"]
    assert (kind["looks_like"], kind["read"], len(kind["unread"])) == (5, 0, 5)
    (by_hand,) = plan["by_hand"]
    assert by_hand["what"] == (
        "Not read: 4 files of dbt properties; each lies below no path of a dbt_project.yml. "
        "To have them read, add to standards.yaml:"
    )
    assert by_hand["lines"] == ["files:", "  dbt:", *(f'    - "{one}"' for one in PATTERNS)]
    write(folder, {"standards.yaml": "\n".join(by_hand["lines"])})
    commit(folder)
    (kind,) = [one for one in told(folder)["kinds"] if one["name"] == "dbt"]
    assert kind["read"] == 4


def test_a_site_of_pages_is_told(tmp_path: Path) -> None:
    folder = old(tmp_path, {**PLAIN, "mkdocs.yml": "site_name: x\n"})
    assert told(folder)["generators"] == [{"path": "mkdocs.yml", "name": "MkDocs"}]
    assert "  a site by MkDocs (mkdocs.yml)\n" in run(folder, "adopt", *OWNER).out


def test_a_repository_without_anything_to_read_is_adopted_too(tmp_path: Path) -> None:
    folder = old(tmp_path, {"a.txt": "x\n", "README.md": README})
    (folder / "README.md").unlink()
    commit(folder)
    assert "  nothing that a rule reads\n" in run(folder, "adopt", *OWNER).out


def test_what_no_baseline_may_list_is_left_with_its_remedy(tmp_path: Path) -> None:
    twice = CONTRACT.format("flights") + "status: active\n"
    files = {"contracts/a.odcs.yaml": twice, "contracts/b.odcs.yaml": "a: [\n", "contracts/c.odcs.yaml": "- a\n"}
    folder = old(tmp_path, {**PLAIN, **files})
    plan = told(folder)
    line = "by a line in standards.yaml: `exclude: [/contracts/{}.odcs.yaml]`."
    alone = f"Correct it, or let the checks leave it alone, {line}"
    by_code = {one["code"]: one["remedy"] for one in plan["leftovers"]}
    assert by_code == {
        "FIL001": alone.format("b"),
        "FIL002": "Keep one.",
        "FIL005": alone.format("c"),
    }
    done = run(folder, *APPLY)
    assert done.code == 1
    assert "Left, because no baseline may list it (3 findings):\n  contracts/a.odcs.yaml:" in done.out
    again = run(folder, *APPLY)
    assert (again.code, "Nothing to change" in again.out) == (1, True)
    commit(folder)
    assert run(folder, "check", "--today", TODAY).code == 1


def test_of_many_leftovers_some_are_shown(tmp_path: Path) -> None:
    files = {f"contracts/{number}.odcs.yaml": "a: [\n" for number in range(25)}
    folder = old(tmp_path, {**PLAIN, **files})
    assert "  and 5 more, which `ml-checks check` shows\n" in run(folder, "adopt", *OWNER).out


def test_a_long_baseline_is_cut_in_the_text_and_whole_for_programs(tmp_path: Path) -> None:
    folder = old(tmp_path, {**PLAIN, **{f"docs/{number:02}.md": COPY for number in range(30)}})
    said = run(folder, "adopt", *OWNER, "--today", TODAY).out
    last = "# ... and 22 more lines of standards.baseline.yaml; --format json has all of them\n"
    assert f"+- \"DOC008 docs/07.md 'b.md'\"\n{last}" in said
    assert "+- \"DOC008 docs/29.md 'b.md'\"" in told(folder)["diff"]


def test_a_file_without_a_last_newline_makes_a_patch(tmp_path: Path) -> None:
    folder = old(tmp_path / "a", {**PLAIN, ".pre-commit-config.yaml": "repos:\n- repo: meta"})
    (tmp_path / "patch").write_text(told(folder)["diff"], "utf-8", newline="")
    git(folder, "apply", "--check", "../patch")


@pytest.mark.usefixtures("rules_taken_back")
def test_a_crash_is_no_reason_to_write_a_baseline(tmp_path: Path) -> None:
    @rule("DOC099")
    def crashing(_: Project) -> Iterator[tuple[Location, str]]:
        """Do what no rule may."""
        raise ValueError("no")

    folder = old(tmp_path, OLD)
    before = state(folder)
    done = run(folder, *APPLY)
    assert (done.code, "standards.baseline.yaml" in done.out) == (3, False)
    assert "ml-checks: DOC099 crashed in test_adopt.py" in done.err
    assert state(folder) == before


# What is refused, each in a sentence.


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "`ml-checks adopt` never guesses an owner: give it one with --owner @org/team"),
        (("--owner", "@ann"), "--owner '@ann' is one person, who may leave; name a team, such as @org/team"),
        (
            ("--owner", "acme"),
            "--owner: owner 'acme' is not @user, @org/team or an e-mail address; name a team, such as @org/team",
        ),
        (("--owner", "@a/b @a/c"), "--owner '@a/b @a/c' is not one owner; name a team, such as @org/team"),
        (("--owner", "#x"), "--owner '#x' is not one owner; name a team, such as @org/team"),
        ((*OWNER, "--format", "xml"), "`ml-checks adopt` has no format 'xml'; known are text, json"),
    ],
)
def test_a_wrong_use_is_a_sentence(words: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    done = run(old(tmp_path, PLAIN), "adopt", *words)
    assert (done.code, done.out, done.err) == (2, "", f"ml-checks: {sentence}\n")


def refused(folder: Path, *words: str) -> str:
    """Return the sentence of a run that must write nothing."""
    before = state(folder)
    done = run(folder, *(words or APPLY))
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done
    assert state(folder) == before
    return done.err.removeprefix("ml-checks: ").rstrip()


def test_no_repository(tmp_path: Path) -> None:
    assert refused(tmp_path) == "'.' is in no git work tree; run `git init` and `git add .` first"


def test_a_bare_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "x.git")
    words = "this is a bare repository, which has no files to look at; run it in a clone"
    assert refused(tmp_path / "x.git") == words


def test_a_subfolder(tmp_path: Path) -> None:
    folder = old(tmp_path, {**PLAIN, "a/b/c.txt": ""})
    assert refused(folder / "a" / "b") == "a repository is adopted as a whole; run it at its top: `cd ../..`"


def test_nothing_tracked_and_nothing_committed(tmp_path: Path) -> None:
    words = "git tracks no file here; add what there is with `git add .`, and commit it"
    assert refused(repository(tmp_path / "a", {})) == words
    words = "nothing is committed yet, so nothing is old; commit what there is first"
    assert refused(repository(tmp_path / "b", PLAIN)) == words


def test_what_is_not_committed(tmp_path: Path) -> None:
    files = {f"{name}.txt": "x" for name in "abcde"}
    folder = old(tmp_path, {**PLAIN, **files, ".pre-commit-config.yaml": "repos:\n- repo: meta\n"})
    write(folder, {"a.txt": "y", "new.txt": ""})  # what git does not track stands in nobody's way
    assert refused(folder) == "1 file changed and not committed (a.txt); commit or stash first"
    plan = run(folder, "adopt", *OWNER, "--today", TODAY)
    assert (plan.code, "Commit or stash first what has changed: a.txt.\n" in plan.out) == (0, True)
    write(folder, dict.fromkeys(files, "y"))
    write(folder, {".pre-commit-config.yaml": "repos:\n- repo: local\n"})
    words = (
        "6 files changed and not committed (.pre-commit-config.yaml, a.txt, b.txt and 3 more); commit or stash first"
    )
    assert refused(folder) == words


def test_a_history_that_is_cut_off(tmp_path: Path) -> None:
    page = "---\ndescribes: [a.py]\n---\n# A\n"
    folder = old(tmp_path / "far", {**PLAIN, "docs/a.md": page, "a.py": "a = 1\n"})
    for text in ("a = 2\n", "a = 3\n"):
        write(folder, {"a.py": text})
        commit(folder)
    git(tmp_path, "clone", "--quiet", "--depth", "2", folder.as_uri(), "near")
    sentence = refused(tmp_path / "near")
    assert sentence.endswith("; nothing is written, because not everything is known")


def test_a_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    folder = old(tmp_path, {**PLAIN, ".github": "x"})
    words = "'.github' is no folder, so '.github/CODEOWNERS' cannot be written; move it first"
    assert refused(folder) == words


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    folder = old(tmp_path, {**PLAIN, ".pre-commit-config.yaml/x": ""})
    assert refused(folder) == "'.pre-commit-config.yaml' cannot be read: Is a directory"


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    folder = old(tmp_path, {**PLAIN, ".pre-commit-config.yaml": "# é\nrepos: []\n".encode("latin-1")})
    words = "'.pre-commit-config.yaml' is not UTF-8, so nothing can be added to it; save it as UTF-8"
    assert refused(folder) == words


def test_a_folder_that_is_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = old(tmp_path, PLAIN)
    monkeypatch.setattr(os, "access", lambda *_: False)  # whoever runs the tests may be root, to whom nothing is
    assert refused(folder) == "the folder '.' is read-only, so '.github/CODEOWNERS' cannot be written"


def test_a_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    folder = old(tmp_path, PLAIN)
    monkeypatch.setattr(os, "makedirs", fail)
    assert refused(folder) == "cannot make the folder of '.github/CODEOWNERS': No space left on device"


# Where the hook comes from.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "https://github.com/org/ml-template"),
        ("nonsense", "https://github.com/org/ml-template"),
        ('{"url": "file:///x", "vcs_info": {}}', "https://github.com/org/ml-template"),
        ('{"url": "https://me:secret@git.acme.example/ml.git", "vcs_info": {}}', "https://git.acme.example/ml.git"),
    ],
)
def test_the_hook_comes_from_where_the_checks_did(
    text: str | None, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "ml_template-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: ml-template\nVersion: 0.1.0\n", "utf-8")
    if text is not None:
        (info / "direct_url.json").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert hook.address(load(str(tmp_path))) == expected


def test_a_page_on_another_host_names_its_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", [])  # as in a copy that nobody installed
    page = "rules_page: https://git.acme.example/a/b/-/blob/main/docs/rules.md\n"
    assert hook.address(load(str(tmp_path), page)) == "https://git.acme.example/a/b"


def test_a_changed_change_is_one_change(tmp_path: Path) -> None:
    folder = old(tmp_path, {"a.txt": "1\n"})
    tree = Tree(snapshot(folder).repository, snapshot(folder).today)
    tree.put("a.txt", "2\n", "first")
    tree.put("a.txt", "3\n", "second")
    assert [(one.before, one.after) for one in tree.changes.values()] == [("1\n", "3\n")]
    assert re.fullmatch("3\n", tree.text("a.txt") or "")


@pytest.mark.slow
def test_the_hook_that_is_written_refuses_a_bad_commit(online: Machine) -> None:
    user = identified(online)
    folder = old(user.folder / "bookings", OLD)
    assert run(folder, *APPLY).code == 0
    user.ok("pre-commit", "install", cwd=folder)
    user.ok("git", "add", "--all", cwd=folder)
    user.ok("git", "commit", "--quiet", "--message", "Adopt the checks", cwd=folder)
    write(folder, {"schemas/bookings.schema.json": OLD["schemas/bookings.schema.json"].replace("cust_id", "amt")})
    refused = user.run("git", "commit", "--quiet", "--all", "--message", "A fault", cwd=folder)
    assert (refused.returncode, "SCH004 name 'amt' says 'amt'" in refused.stderr) == (1, True), refused
