"""Kinds of files by their content: what is found wherever it lies, what only looks like it, and what is counted."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from ml_checks.project.inventory import Kind, Unread, inventory
from ml_checks.project.project import Project
from ml_checks.project.recognition import is_candidate, look_into

from tests.command import CLEAN, CONTRACT, run, snapshot
from tests.command import repository as new_repository
from tests.conftest import git

if TYPE_CHECKING:
    from pathlib import Path

CHART = "is a template of the Helm chart in which it lies"
TEMPLATE = "is a template, which another program fills in"
TESTS = "lies in a folder of tests"
SETTINGS = "describes settings, not data"
DRAFT = '"$schema": "http://json-schema.org/draft-07/schema#"'
SCHEMA = f'{{{DRAFT}, "type": "object", "properties": {{"cust_id": {{"type": "string"}}}}}}'
AVRO = '{"type": "record", "name": "Ride", "fields": [{"name": "cust_id", "type": "string"}]}'
DBT = """\
models:
  - name: rides
    description: One row for each ride that has ended.
    columns:
      - name: cust_id
"""
JOB = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {0}\n"
PYDANTIC = "from pydantic import BaseModel\nclass Ride(BaseModel):\n    cust_id: str\n"
CARD = "# Churn\n\n## Intended use\n\nWhom to call.\n"


def repository(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Make a repository of these files beside those of a clean project."""
    return new_repository(folder, {**CLEAN, **files})


def kinds(folder: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Return what is read of each kind, and what is not and why; the contract of the clean project apart."""
    found = {}
    for kind in inventory(Project(snapshot(folder))):
        read = [path for path in kind.read if path not in CLEAN]
        if read or kind.unread:
            found[kind.name] = read, {one.path: one.reason for one in kind.unread}
    return found


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("a.yaml", CONTRACT, "contracts"),
        ("a.yml", "kind: 'DataContract'\r\napiVersion: v3.0.2\r\n", "contracts"),
        ("a.json", '{"kind": "DataContract", "apiVersion": "v3.1.0"}', "contracts"),
        ("a.yaml", "\ufeffkind: DataContract\napiVersion: v9\n", "contracts"),
        ("a.yaml", "kind: DataContract\n", ""),
        ("a.yaml", "  kind: DataContract\n  apiVersion: v3.1.0\n", ""),
        ("a.yaml", JOB, "kubernetes"),
        ("a.yaml", f"kind: Service\napiVersion: v1\n---\n{JOB}", "kubernetes"),
        ("a.yaml", f"kind: Service\napiVersion: v1\n--- # a remark\n{JOB}", "kubernetes"),
        ("a.yaml", "kind: List\napiVersion: v1\nitems:\n  - apiVersion: apps/v1\n    kind: Deployment\n", "kubernetes"),
        ("a.json", '{"kind": "Pod", "apiVersion": "v1"}', "kubernetes"),
        ("a.json", '{"kind": "List", "apiVersion": "v1", "items": [{"kind": "Pod"}]}', "kubernetes"),
        ("a.json", '{"kind": "List", "apiVersion": "v1", "items": 1}', ""),
        ("a.json", '{"kind": "Service", "apiVersion": "v1"}', ""),
        ("a.yaml", "kind: Job\napiVersion: flink.apache.org/v1\n", ""),
        ("a.yaml", "kind: Job\n---\napiVersion: batch/v1\n", ""),
        ("a.yaml", "kind: Service\napiVersion: v1\nspec:\n  scaleTargetRef:\n    kind: Deployment\n", ""),
        ("a.yaml", f"version: 2\n{DBT}", "dbt"),
        ("a.yaml", DBT, "dbt-keys"),
        ("a.yaml", "version: '2'\nservices:\n  - name: a\n", ""),
        ("a.yaml", f'{{{DRAFT}, "type": "object", "properties": {{"a": {{"type": "string"}}}}}}', "json_schema"),
        (
            "a.yaml",
            "$schema: https://json-schema.org/draft/2020-12/schema\nproperties: {a: {type: string}}\n",
            "json_schema",
        ),
        ("a.json", SCHEMA, "json_schema"),
        ("1-0-0", SCHEMA, "json_schema"),
        ("v/1.0.0", SCHEMA, "json_schema"),
        ("ride", SCHEMA, "json_schema"),
        ("a.json", SCHEMA.encode("utf-16"), "json_schema"),
        ("a.json", '{"type": "object", "properties": {"a": {"type": "string"}}}', "json_schema"),
        ("a.json", '{"self": {"format": "jsonschema"}, "properties": {"a": {"default": 1}}}', "json_schema"),
        ("a.json", '{"type": "object", "properties": {"a": 1}}', ""),
        ("a.json", '{"type": "object", "properties": {}}', ""),
        ("a.json", '{"properties": {"a": {"type": "string"}}}', ""),
        ("a.json", f"{{{DRAFT}}}", ""),
        ("a.json", '{"$schema": "https://json.schemastore.org/x.json", "properties": 1}', ""),
        ("a.json", "{}", ""),
        ("a.json", '"properties"', ""),
        ("a.json", AVRO, "avro"),
        ("a.json", f"[{AVRO}]", "avro"),
        ("a.json", '[{"name": "a", "type": "RECORD", "fields": []}]', ""),
        ("a.json", '[1, "fields", {"fields": 1}]', ""),
        ("a.json", '{"type": "record", "fields": []}', ""),
        ("a.json", '{"properties": ' + "[" * 100_000, ""),
        ("a.py", PYDANTIC, "python"),
        ("a.py", "import pandera as pa\nS = pa.DataFrameSchema({})\n", "python"),
        ("a.py", "from app._pydantic_compat import BaseModel\nclass A(BaseModel): pass\n", "python"),
        ("a.py", f"import pydantic\n{'# a remark' * 7_000}\nclass A(pydantic.BaseModel): pass\n", "python"),
        ("a.py", f"import pydantic\n{'# a remark' * 7_000}\n", ""),
        ("a.py", "import pydantic\n", ""),
        ("a.py", "# from pydantic import BaseModel\n", ""),
        ("a.ddl", "create or replace table t (a int)", "sql"),
        ("a.hql", "select 1", ""),
        ("a.md", "---\npipeline_tag: text-generation\n---\n", "model_cards"),
        ("a.md", "---\ntags: [a]\n---\n\npipeline_tag: x\n", ""),
        ("a.md", "library_name: x\n", ""),
    ],
)
def test_a_content_shows_its_kind(path: str, text: str | bytes, kind: str) -> None:
    content = text.encode() if isinstance(text, str) else text
    look = look_into(path, content)
    assert (look.kind, look.reason) == (kind, "")


@pytest.mark.parametrize(
    ("path", "text", "kind", "reason"),
    [
        (
            "a.yaml",
            "dataContractSpecification: 1.1.0\n",
            "contracts",
            "is written in the Data Contract Specification; ODCS is read",
        ),
        ("a.yaml", f"{CONTRACT}#{'.' * 2_000_000}", "contracts", "is larger than 2 MB"),
        ("a.yaml.j2", JOB, "kubernetes", TEMPLATE),
        ("a.sql.jinja", "CREATE TABLE {{ a }} (b int)", "sql", TEMPLATE),
        ("a.yaml", JOB.format("{{ name }}"), "kubernetes", TEMPLATE),
        ("a.json", f'{{{DRAFT}, "a": {{{{ b }}}}}}', "json_schema", TEMPLATE),
        ("a.json", f"{{{DRAFT}, }}", "json_schema", "is not valid JSON"),
        ("a.json", f'{{{DRAFT}, "a": "{"b" * 2_000_000}"}}', "json_schema", "is larger than 2 MB"),
        ("a.yaml", "$schema: http://json-schema.org/schema\nproperties: [\n", "json_schema", "is not valid YAML"),
        ("a.yaml", "$schema: http://json-schema.org/schema\ntitle: Settings\n", "json_schema", SETTINGS),
    ],
)
def test_a_content_may_show_why_it_is_not_read(path: str, text: str, kind: str, reason: str) -> None:
    assert look_into(path, text.encode())[:2] == (kind, reason)


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param('"properties": {"a": {"type": "string", "default": "b"}}', id="a default"),
        pytest.param('"properties": {"a-b": {"type": "string"}}', id="a hyphen"),
        pytest.param('"properties": {"$schema": {"type": "string"}}', id="a place for the schema itself"),
        pytest.param('"title": "Plugin", "properties": {"a": {"type": "string"}}', id="a word"),
        pytest.param('"properties": {"a": {"patternProperties": {}}, "b": {"type": "string"}}', id="names by pattern"),
        pytest.param('"additionalProperties": {}, "properties": {"b": {"type": "string"}}', id="any names"),
        pytest.param('"properties": {"a": {"oneOf": [{"type": "string"}, {"type": "array"}]}}', id="a choice"),
        pytest.param(
            '"properties": {"a": {"type": "object"}, "b": {"type": "array"}, "c": {"type": "string"}}', id="depth"
        ),
        pytest.param('"definitions": {}', id="no fields"),
    ],
)
def test_a_schema_with_a_sign_of_settings_is_not_read(schema: str) -> None:
    assert look_into("a.json", f"{{{DRAFT}, {schema}}}".encode())[:2] == ("json_schema", SETTINGS)
    of_events = f'{{"self": {{"format": "jsonschema"}}, {DRAFT}, {schema}}}'
    assert look_into("a.json", of_events.encode())[:2] == ("json_schema", "")


def test_a_schema_of_a_choice_beside_null_describes_data() -> None:
    text = f'{{{DRAFT}, "properties": {{"a": {{"type": ["string", "null"], "anyOf": [{{"type": "null"}}, {{}}]}}}}}}'
    assert look_into("a.json", text.encode())[:2] == ("json_schema", "")


def test_what_is_no_candidate_is_not_opened() -> None:
    paths = ["a.csv", "LICENSE.txt", ".gitignore", "a.tar.gz", "a.png.j2", "src/a.js"]
    assert not any(map(is_candidate, paths))
    assert all(map(is_candidate, ["LICENSE", "a.YML", "x/.a.yml", "a.json.tmpl", "1-0-0"]))


@pytest.mark.parametrize("name", ["schema.yml", "models.yml", "_models.yml", "properties.yaml", "sources.yml"])
def test_dbt_reads_properties_under_any_name(tmp_path: Path, name: str) -> None:
    folder = repository(tmp_path, {"t/dbt_project.yml": "name: t\n", f"t/models/marts/{name}": f"version: 2\n{DBT}"})
    assert run(folder, "check", "--select", "SCH").findings == [
        f"t/models/marts/{name}:6:15: SCH004 name 'cust_id' says 'cust', the company's word is 'customer'"
    ]


def test_dbt_looks_for_properties_where_its_project_says(tmp_path: Path) -> None:
    project = "name: t\nmodel-paths: [./tables/, ../shared]\nseed-paths: rows\ndata-paths: [old]\n"
    files: dict[str, str | bytes] = {
        "t/dbt_project.yml": project,
        "t/tables/a.yml": DBT,
        "shared/b.yml": DBT,
        "t/rows/c.yml": DBT,
        "t/old/d.yml": DBT,
        "t/snapshots/e.yaml": DBT,
        "t/models/f.yml": DBT,
        "t/tables/g.yml": "groups: []\n",
        "t/models/h.yml": f"version: 2\n{DBT}",
        "t/tables/.github/i.txt": DBT,
    }
    read = ["shared/b.yml", "t/old/d.yml", "t/rows/c.yml", "t/snapshots/e.yaml", "t/tables/a.yml"]
    folder = repository(tmp_path, files)
    assert kinds(folder) == {"dbt": (read, {"t/models/h.yml": "lies below no path of a dbt_project.yml"})}

    (folder / "t/dbt_project.yml").write_text("model-paths: ['.']\n")
    git(folder, "add", "--all")
    assert kinds(folder)["dbt"][0] == [
        "t/models/f.yml",
        "t/models/h.yml",
        *(
            path
            for path in sorted(files)
            if DBT in str(files[path]) and path[:4] in ("t/ol", "t/ro", "t/sn", "t/ta") and path[-3:] != "txt"
        ),
    ]


def test_a_project_of_dbt_that_nobody_can_read_has_the_usual_paths(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"dbt_project.yml": "name: {{ a\n", "models/a.yml": DBT, "seeds/b.yml": DBT})
    assert kinds(folder) == {"dbt": (["models/a.yml", "seeds/b.yml"], {})}


def test_workloads_are_found_wherever_they_lie(tmp_path: Path) -> None:
    items = "apiVersion: v1\nkind: List\nitems:\n  - apiVersion: batch/v1\n    kind: Job\n    metadata: {name: c}\n"
    files: dict[str, str | bytes] = {
        "deploy/all.yaml": f"{JOB.format('a')}---\nkind: Service\n---\n{JOB.format('b')}  labels: {{owner: us}}\n",
        "deploy/list.yaml": items,
        "k8s/nameless.yaml": "kind: Job\n",
    }
    folder = repository(tmp_path, files)
    expected = [
        "deploy/all.yaml:4:9: OWN010 Job 'a' has no label 'owner'",
        "deploy/list.yaml:6:22: OWN010 Job 'c' has no label 'owner'",
    ]
    for _ in range(2):  # read, then kept
        assert run(folder, "check").findings == expected
    (folder / "deploy/list.yaml").write_text(items.replace("{name", "{labels: {owner: us}, name"))
    git(folder, "add", "--all")
    assert run(folder, "check").findings == expected[:1]


def test_a_template_of_kubernetes_is_counted_and_no_fault(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "k8s/charts/app/Chart.yaml": "apiVersion: v2\nname: app\n",
        "k8s/charts/app/templates/job.yaml": f"{{{{- if .a }}}}\n{JOB.format('{{ .Release.Name }}')}{{{{- end }}}}\n",
        "k8s/charts/app/templates/service.yaml": "{{- if .Values.service }}\nkind: Service\n{{- end }}\n",
        "k8s/charts/app/templates/plain.yaml": f"{JOB.format('plain')}  labels: {{owner: us}}\n",
        "deploy/charts/app/Chart.yaml": "name: app\n",
        "deploy/charts/app/templates/job.yaml": JOB.format("app-{{ .Release.Name }}"),
        "k8s/job.yaml": f"{{% if job %}}\n{JOB.format('job')}{{% endif %}}\n",
    }
    folder = repository(tmp_path, files)
    for _ in range(2):  # read, then kept
        outcome = run(folder, "check")
        assert (outcome.code, outcome.err) == (0, "")
        assert outcome.out == "4 files look like Kubernetes workloads, 1 is read; `ml-checks adopt` shows them.\n"
    unread = dict.fromkeys(["deploy/charts/app/templates/job.yaml", "k8s/charts/app/templates/job.yaml"], CHART)
    read = ["k8s/charts/app/templates/plain.yaml"]
    assert kinds(folder) == {"kubernetes": (read, {**unread, "k8s/job.yaml": TEMPLATE})}
    # A chart alone is understood, and nothing has to be said of it at each commit.
    git(folder, "rm", "--quiet", "--cached", "k8s/job.yaml")
    assert run(folder, "check") == (0, "", "")
    assert kinds(folder) == {"kubernetes": (read, unread)}


def test_what_kustomize_patches_is_no_workload_of_its_own(tmp_path: Path) -> None:
    kustomization = "resources: [../base]\npatches: [path: a.yaml, target.yaml]\npatchesStrategicMerge: [./b.yaml]\n"
    base = f"{JOB.format('a')}  labels: {{owner: us}}\n"
    overlay = {"kustomization.yaml": kustomization.replace("[path: a.yaml", "[{path: a.yaml}")}
    patches = {f"{name}.yaml": JOB.format(name) for name in "abc"}
    files = {f"deploy/dev/{name}": text for name, text in {**overlay, **patches}.items()}
    folder = repository(tmp_path, {"deploy/base/a.yaml": base, "k8s/a.yaml": JOB.format("a"), **files})
    why = "changes a workload that is described elsewhere (kustomize)"
    read = ["deploy/base/a.yaml", "deploy/dev/c.yaml", "k8s/a.yaml"]
    assert kinds(folder) == {"kubernetes": (read, {"deploy/dev/a.yaml": why, "deploy/dev/b.yaml": why})}


def test_a_manifest_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    files = {
        "deploy/a.yaml": f"{JOB.format('a')}  labels: [\n",
        "deploy/b.yaml": f"# ml-checks: waive\n{JOB.format('[')}",
    }
    outcome = run(repository(tmp_path, {**files}), "check", "--select", "FIL")
    assert [line.partition(" is not valid")[0] for line in outcome.findings] == [
        "deploy/a.yaml:6:1: FIL001",
        "deploy/b.yaml:6:1: FIL001",
    ]


def test_schemas_are_found_wherever_they_lie(tmp_path: Path) -> None:
    yaml = "$schema: http://json-schema.org/draft-07/schema#\ntype: object\nproperties:\n  cust_id: {type: string}\n"
    files: dict[str, str | bytes] = {
        "schemas/com.acme/ride/jsonschema/1-0-0": SCHEMA,
        "schemas/ride.json": SCHEMA,
        "schemas/tabs.json": SCHEMA.replace("{", "{\n\t"),
        "schemas/ride.yaml": yaml,
        "avro/ride.json": AVRO,
        "ddl/ride.ddl": "CREATE TABLE rides (cust_id text);",
        "app/ride.py": PYDANTIC,
        "rides.yaml": CONTRACT.format("rides").replace("id: flights", "id: rides"),
    }
    folder = repository(tmp_path, files)
    assert [line.partition(" name ")[0] for line in run(folder, "check").findings] == [
        "app/ride.py:3:5: SCH004",
        "avro/ride.json:1:56: SCH004",
        "ddl/ride.ddl:1:21: SCH004",
        "schemas/com.acme/ride/jsonschema/1-0-0:1:89: SCH004",
        "schemas/ride.json:1:89: SCH004",
        "schemas/ride.yaml:4:3: SCH004",
        "schemas/tabs.json:3:2: SCH004",
    ]


def test_what_nobody_here_answers_for_is_counted_and_not_read(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "node_modules/a/ride.json": SCHEMA,
        "tests/data/ride.json": SCHEMA,
        "tests/test_ride.py": PYDANTIC,
        "settings/ride.json": SCHEMA.replace('"type": "string"', '"type": "string", "default": ""'),
        "tests/ride.schema.json": SCHEMA.replace("cust_id", "customer_id"),
    }
    folder = repository(tmp_path, files)
    assert run(folder, "check").out.splitlines() == [
        "4 files look like JSON Schemas, 1 is read; `ml-checks adopt` shows them.",
        "1 file looks like data models in Python and is not read; `ml-checks adopt` shows it.",
    ]
    assert run(folder, "check", "tests").out.splitlines() == [
        "2 files look like JSON Schemas, 1 is read; `ml-checks adopt` shows them.",
        "1 file looks like data models in Python and is not read; `ml-checks adopt` shows it.",
    ]
    assert run(folder, "check", "README.md").out == ""
    unread = {
        "node_modules/a/ride.json": "lies in a folder of packages that others wrote",
        "settings/ride.json": SETTINGS,
        "tests/data/ride.json": TESTS,
    }
    assert kinds(folder) == {
        "json_schema": (["tests/ride.schema.json"], unread),
        "python": ([], {"tests/test_ride.py": TESTS}),
    }


def test_the_files_of_the_standards_say_more(tmp_path: Path) -> None:
    standards = "files:\n  python: [/app/tests/]\n  json_schema: ['/config/*.json']\nexclude: [/old/]\n"
    files: dict[str, str | bytes] = {
        "standards.yaml": standards,
        "app/tests/ride.py": PYDANTIC.replace("cust", "customer"),
        "config/ride.json": SCHEMA.replace('{"cust_id"', '{"$comment": 1, "customer_id"'),
        "old/ride.json": SCHEMA,
        "old/ride.sql": "CREATE TABLE rides (cust_id text)",
        "old/query.sql": "SELECT 1",
        "old/README.md": "# Old\n",
    }
    folder = repository(tmp_path, files)
    assert run(folder, "check").out == ""
    document = json.loads(run(folder, "check", "--format", "json").out)
    nothing = {"excluded": 0, "unread": []}
    assert document["kinds"] == {
        "contracts": {"looks_like": 1, "read": 1, **nothing},
        "json_schema": {"looks_like": 1, "read": 1, "excluded": 1, "unread": []},
        "sql": {"looks_like": 0, "read": 0, "excluded": 1, "unread": []},
        "python": {"looks_like": 1, "read": 1, **nothing},
    }


def test_a_folder_in_a_package_of_models_is_no_model_without_a_card(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"README.md": "# Net\n", "models/hub/yolo.yaml": "", "my_models/__init__.py": ""}
    (tmp_path / "a").mkdir()
    missing = ["models/hub/README.md:1:1: DOC001 model 'hub' has no card in models/hub/README.md"]
    assert run(repository(tmp_path / "a", files), "check", "--select", "DOC001").findings == missing
    (tmp_path / "b").mkdir()
    package = repository(tmp_path / "b", {**files, "models/__init__.py": ""})
    assert run(package, "check", "--select", "DOC001").findings == []


@pytest.mark.parametrize(
    ("front", "findings"),
    [
        ("{{ card_data }}", []),
        ("{% if tags %}\ntags: {{ tags }}\n{% endif %}", []),
        ("title: '{{ title }}'", []),
        (
            "{title: {card: data}, {a: b}: c}",
            ["card.md:2:23: FIL004 a key is a list or a mapping, where a name is expected"],
        ),
    ],
)
def test_front_matter_that_is_still_to_be_filled_in_is_no_yaml(front: str, findings: list[str], tmp_path: Path) -> None:
    folder = repository(tmp_path, {"card.md": f"---\n{front}\n---\n# {{{{ name }}}}\n"})
    assert run(folder, "check", "--select", "FIL001,FIL004").findings == findings


def test_model_cards_are_found_by_name_place_and_front_matter(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "churn/model_card.md": CARD,
        "team/models/churn/README.md": CARD,
        "docs/churn.md": f"---\nlibrary_name: sklearn\n---\n{CARD}",
        "app/models/__init__.py": "",
        "app/models/user/README.md": "# The class of users\n",
        "t/dbt_project.yml": "name: t\n",
        "t/models/marts/README.md": "# The tables of the marts\n",
        "docs/models/README.md": "# All models\n",
    }
    folder = repository(tmp_path, files)
    assert kinds(folder) == {
        "model_cards": (["churn/model_card.md", "docs/churn.md", "team/models/churn/README.md"], {})
    }
    assert run(folder, "check", "--select", "OWN001,PRC001").findings == [
        ".github/pull_request_template.md:1:1: PRC001 no template that the host puts into new pull requests",
        "churn/model_card.md:1:1: OWN001 model card declares no owner",
        "docs/churn.md:2:1: OWN001 model card declares no owner",
        "team/models/churn/README.md:1:1: OWN001 model card declares no owner",
    ]


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        pytest.param("a.schema.json", "{\n  {{ common }}\n}", TEMPLATE, id="Jinja in JSON"),
        pytest.param("src/a.py", "BaseModel\nimport {{ cookiecutter.name }}\n", TEMPLATE, id="cookiecutter in Python"),
        pytest.param("models/schema.yml", "models:\n{% for x in y %}\n  - name: x\n", TEMPLATE, id="Jinja in YAML"),
        pytest.param("contracts/a.yaml", "{% if a %}\nid: a\n", TEMPLATE, id="a contract"),
        pytest.param("a.sql", "CREATE TABLE {{ a }} (b text)", TEMPLATE, id="SQL"),
        pytest.param("a.sql", "CREATE TABLE a (b text DEFAULT '{{ c }})", TEMPLATE, id="half of a quote in SQL"),
        pytest.param("compose.yaml", "services:\n  {% if a %}\n", TEMPLATE, id="compose"),
    ],
)
def test_a_template_is_no_fault(tmp_path: Path, path: str, text: str, reason: str) -> None:
    folder = repository(tmp_path, {path: text})
    for _ in range(2):  # read, then kept
        outcome = run(folder, "check", "--select", "FIL")
        assert (
            outcome.code,
            outcome.out.count("\n"),
            " is not read; " in outcome.out or ", 1 is read; " in outcome.out,
        ) == (0, 1, True)
    assert [unread for _, unread in kinds(folder).values()] == [{path: reason}]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("a.schema.json", "{\n  @COMMON_FIELDS@\n}", id="another mark"),
        pytest.param("a.schema.json", '{"a": "{{ b }}",\n"c": 1,\n\n]', id="a tag elsewhere"),
        pytest.param("contracts/a.yaml", "a: '{{ b }}'\nc: 1\n\nd: [\n", id="a text with a tag"),
    ],
)
def test_a_fault_is_no_template(tmp_path: Path, path: str, text: str) -> None:
    folder = repository(tmp_path, {path: text})
    outcome = run(folder, "check", "--select", "FIL")
    assert (outcome.code, [line.split(" ")[1] for line in outcome.findings]) == (1, ["FIL001"])
    assert "look" not in outcome.out
    (name,) = kinds(folder)
    (found,) = (kind for kind in inventory(Project(snapshot(folder))) if kind.name == name)
    assert [(one.path, one.is_fault) for one in found.unread] == [(path, True)]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("note\na\n".encode("utf-16"), "is UTF-16; save it as UTF-8"),
        (
            b"version https://git-lfs.github.com/spec/v1\n",
            "is a pointer of Git LFS; run `git lfs pull`, which puts the file in its place",
        ),
    ],
)
@pytest.mark.parametrize("select", ["CON008", "SCH"])
def test_a_sample_that_nobody_can_read_is_a_fault(tmp_path: Path, content: bytes, why: str, select: str) -> None:
    servers = "servers:\n  - {server: a, type: local, format: csv, path: data/*}\n"
    files: dict[str, str | bytes] = {
        "contracts/flights.odcs.yaml": f"{CONTRACT.format('flights')}{servers}",
        "data/a.csv": content,
        "data/b.parquet": content,
    }
    folder = repository(tmp_path, files)
    assert run(folder, "check", "--select", select).findings == [f"data/a.csv:1:1: FIL001 {why}"]


@pytest.mark.parametrize("path", ["README.md", "a.sql", "a.avsc", "src/a.py", "contracts/a.odcs.yaml", "k8s/a.yaml"])
def test_a_pointer_in_the_place_of_any_file_is_a_fault(tmp_path: Path, path: str) -> None:
    folder = repository(tmp_path, {path: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"})
    found = [line for line in run(folder, "check", "--select", "FIL").findings if "FIL001" in line]
    assert found == [
        f"{path}:1:1: FIL001 is a pointer of Git LFS; run `git lfs pull`, which puts the file in its place"
    ]


def test_the_inventory_has_what_a_plan_needs(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"tests/ride.json": SCHEMA, "broken.schema.json": "{"})
    contracts, schemas = inventory(Project(snapshot(folder)))
    assert contracts == Kind("contracts", ("contracts/flights.odcs.yaml",), (), ())
    broken = "is not valid JSON: Expecting property name enclosed in double quotes"
    unread = (Unread("broken.schema.json", broken, is_fault=True), Unread("tests/ride.json", TESTS, is_fault=False))
    assert schemas == Kind("json_schema", (), unread, ())
    assert (schemas.looks_like, schemas.has_silent) == (2, True)


def test_what_is_not_read_is_said_in_every_format_that_has_a_place(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"tests/ride.json": SCHEMA, "README.md": "# Rides\n"})
    line = "1 file looks like a JSON Schema and is not read; `ml-checks adopt` shows it."
    found = {
        name: run(folder, "check", "--format", name).out for name in ("text", "github", "junit", "sarif", "gitlab")
    }
    assert found["text"].splitlines()[-1] == run(folder, "check", "--summary").out.splitlines()[-1] == line
    assert f"::notice title=ml-checks::{line}\n" in found["github"]
    assert f"<system-out>{line}</system-out>" in found["junit"]
    (invocation,) = json.loads(found["sarif"])["runs"][0]["invocations"]
    notes = [{"level": "note", "message": {"text": line}}]
    assert invocation == {"executionSuccessful": True, "toolExecutionNotifications": notes}
    assert line not in found["gitlab"]


def test_a_file_is_looked_at_again_when_it_changes(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a.json": "{}", "b.json": SCHEMA, "c.json": SCHEMA})
    assert kinds(folder) == {"json_schema": (["b.json", "c.json"], {})}
    (folder / "a.json").write_text(SCHEMA)
    (folder / "b.json").write_text("{}")
    (folder / "c.json").unlink()
    for _ in range(2):  # not staged, then staged
        assert kinds(folder) == {"json_schema": (["a.json"], {})} or kinds(folder)["json_schema"][0][0] == "a.json"
        git(folder, "add", "--all")
    assert kinds(folder) == {"json_schema": (["a.json"], {})}


def test_what_a_sparse_checkout_leaves_out_is_looked_at(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "t/dbt_project.yml": "model-paths: [tables]\n",
        "t/tables/a.yml": DBT,
        "b/b.json": SCHEMA,
    }
    folder = repository(tmp_path, {**files, "b/job.yaml": JOB.format("b")})
    git(folder, "commit", "--quiet", "--message", "All of it")
    git(folder, "sparse-checkout", "set", "contracts", ".github")
    assert not (folder / "t").exists()
    assert kinds(folder) == {
        "dbt": (["t/tables/a.yml"], {}),
        "json_schema": (["b/b.json"], {}),
        "kubernetes": (["b/job.yaml"], {}),
    }


def test_names_that_differ_are_kept_until_a_file_changes(tmp_path: Path) -> None:
    text = AVRO.replace("cust_id", "ride_ref")
    number = text.replace('"string"', '"int"')
    files: dict[str, str | bytes] = {"a.json": number, "b.json": text, "c.json": text, "d.json": "[1, 2]"}
    folder = repository(tmp_path, {f"avro/{name}": content for name, content in files.items()})
    git(folder, "commit", "--quiet", "--message", "As it was")
    why = "SCH009 field 'ride_ref' is 'string' here and 'integer' in avro/a.json:1"
    for _ in range(2):  # read, then kept
        found = run(folder, "check", "--select", "SCH009").findings
        assert found == [f"avro/b.json:1:76: {why}", f"avro/c.json:1:76: {why}"]
        time.sleep(0.05)
    (folder / "avro/b.json").write_text(number)
    (folder / "avro/c.json").unlink()
    git(folder, "add", "--all")
    assert run(folder, "check", "--select", "SCH009").findings == []


def test_what_an_editor_has_not_saved_is_looked_at(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a.json": "{}"})
    unsaved = snapshot(folder)._replace(unsaved={"a.json": SCHEMA.encode(), "new.json": SCHEMA.encode()})
    assert Project(unsaved).files("json_schema") == ["a.json", "new.json"]


def test_a_contract_of_any_name_is_held_to_what_it_was(tmp_path: Path) -> None:
    text = CONTRACT.format("rides").replace("id: flights", "id: rides")
    files: dict[str, str | bytes] = {
        "data/rides.yaml": text,
        "data/old.yml": text.replace("rides", "walks"),
        "data/other.yml": "a: 1\n",
        "tests/t.yml": text,
    }
    folder = repository(tmp_path, files)
    git(folder, "commit", "--quiet", "--message", "As it was")
    (folder / "data/rides.yaml").write_text(text.replace("One row", "  Once a row"))
    (folder / "data/old.yml").unlink()
    (folder / "tests/t.yml").unlink()
    (folder / "data/other.yml").unlink()
    (folder / "README.md").write_text("# Late\n")
    git(folder, "add", "--all")
    assert run(folder, "check", "--select", "CON002").findings == [
        "data/old.yml:1:1: CON002 contract 'walks' was removed while it was 'active'; retire it first"
    ]
