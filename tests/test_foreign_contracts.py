"""Contracts that nobody here wrote: what the packages of ODCS and of datacontract-cli ship, held to every rule."""

from __future__ import annotations

import ast
import contextlib
import json
import re
import sys
import tarfile
import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Any

import jsonschema
import jsonschema_rs
import pytest
import yaml
from ml_checks.contracts import odcs
from ml_checks.reading.yaml import compose

from tests import effort, registry
from tests.command import TODAY, misplaced, repository, run
from tests.test_contract_schema import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Contracts = dict[str, str]

pytestmark = pytest.mark.slow

# Their wheels ship no contract, so these are read from the sources.
PACKAGES = ("open-data-contract-standard==3.2.0", "datacontract-cli==1.2.8")
IS_CONTRACT = re.compile(r"""^kind: *["']?DataContract["']? *(?:#.*)?$""", re.MULTILINE)
FENCE = re.compile(r"^```ya?ml\n(.*?)^```", re.MULTILINE | re.DOTALL)
# What they are found not to be, and why each of it is true.
JUDGED = {
    "the braces stand for what their test fills in, and are a mapping until then": """
        datacontract_cli/test_breaking/732:12:22 'description' is a mapping, where a text is expected
        datacontract_cli/test_changelog/88:8:11 'name' is a mapping, where a text is expected
        datacontract_cli/test_enum_values/14:10:15 'database' is a mapping, where a text is expected
        datacontract_cli/test_map_type/16:10:15 'database' is a mapping, where a text is expected
        datacontract_cli/test_server_type_synonyms/15:9:11 'type' is a mapping, where a text is expected
        datacontract_cli/test_test_array_items/112:10:11 'path' is a mapping, where a text is expected
        datacontract_cli/test_vector_type/22:10:15 'database' is a mapping, where a text is expected
        datacontract_cli/test_vector_type/22:21:23 'dimensions' is a mapping, where a whole number is expected
    """,
    "so does the word in capitals": """
        datacontract_cli/test_test_trino/104:10:11 'port' is '__PORT__', which came with ODCS 3.2
        datacontract_cli/test_test_trino/190:10:11 'port' is '__PORT__', which came with ODCS 3.2
    """,
    "ODCS 3.0 calls the rule of a library `rule`; these write `metric`, which came with 3.1": """
        datacontract_cli/test_changelog/62:13:13 'rule' is missing
        datacontract_cli/test_check_quality_provenance/8:25:13 'rule' is missing
        datacontract_cli/test_test_checks_filter/9:15:9 'rule' is missing
        datacontract_cli/test_test_dimension_filter/9:16:9 'rule' is missing
        datacontract_cli/test_test_dimension_filter/9:31:13 'rule' is missing
        datacontract_cli/test_test_metadata_only/135:15:9 'rule' is missing
        datacontract_cli/test_test_quality_id_and_tag_filter/9:16:9 'rule' is missing
        datacontract_cli/test_test_quality_id_and_tag_filter/9:33:13 'rule' is missing
        datacontract_cli/test_test_quality_id_and_tag_filter/9:42:13 'rule' is missing
    """,
    "relationships came with ODCS 3.1, and this names 3.0.2": """
        datacontract_cli/test_export_html/128:13:9 key 'relationships' came with ODCS 3.1
    """,
    "what every contract needs was left out for the test's sake": """
        datacontract_cli/test_export_avro_idl/108:2:1 'version', 'id', 'status' are missing
        datacontract_cli/test_export_avro_idl/73:2:1 'version', 'id', 'status' are missing
        datacontract_cli/test_export_great_expectations/1270:2:1 'status' is missing
        datacontract_cli/test_export_great_expectations/1435:2:1 'status' is missing
        datacontract_cli/test_export_great_expectations/1466:2:1 'status' is missing
        datacontract_cli/test_export_great_expectations/1486:2:1 'status' is missing
        datacontract_cli/test_export_great_expectations/1517:2:1 'status' is missing
        datacontract_cli/test_export_great_expectations/1591:2:1 'status' is missing
        datacontract_cli/test_export_protobuf/153:2:1 'version', 'status' are missing
        datacontract_cli/test_export_protobuf/174:2:1 'version' is missing
        datacontract_cli/test_export_protobuf/196:2:1 'version', 'status' are missing
        datacontract_cli/test_export_protobuf/20:2:1 'version', 'status' are missing
        datacontract_cli/test_import_excel/31:1:1 'version', 'apiVersion', 'id' are missing
    """,
    "ODCS says for each kind of server what it needs and what it may have": """
        datacontract_cli/test_duckdb_json/152:13:5 key 'delimiter' does not belong here
        datacontract_cli/test_duckdb_json/7:13:5 key 'delimiter' does not belong here
        datacontract_cli/test_duckdb_json/86:13:5 key 'delimiter' does not belong here
        datacontract_cli/test_import_sql_oracle/29:9:5 'serviceName' is missing
        datacontract_cli/test_import_sql_snowflake/12:8:3 'account' is missing
        open_data_contract_standard/test_odcs_3_2_0/77:12:5 'database', 'schema' are missing
        open_data_contract_standard/test_odcs_3_2_0/77:8:5 'database', 'schema' are missing
    """,
    "wrong on purpose, to see their own linter find it": """
        datacontract_cli/test_lint/140:9:5 key 'rol' is not known here; did you mean 'role'?
        datacontract_cli/test_lint/156:13:9 keys 'mustBe' and 'mustBeGreaterThan' exclude each other
    """,
}
FINDING = re.compile(r"contracts/(?P<path>.+)\.odcs\.yaml(?P<place>:\d+:\d+): (?P<code>[A-Z]{3}\d{3}) (?P<message>.*)")


class Loader(yaml.CSafeLoader):
    """YAML's types without dates, which JSON has not."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if not tag.endswith(":timestamp")]
    for first, forms in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


@pytest.fixture(scope="session")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Contracts:
    """Return each contract of the packages under a path that says where it is from."""
    return downloaded(tmp_path_factory.mktemp("packages"))


def downloaded(folder: Path) -> Contracts:
    """Download the packages into a folder, and return their contracts."""
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--retries", "1", "--dest", folder)
    registry.ok(*pip, "--no-deps", "--no-binary", ":all:", *PACKAGES)
    found: Contracts = {}
    for archive in sorted(folder.iterdir()):
        for path, line, text in sorted(_texts(archive)):
            if IS_CONTRACT.search(text) and text not in found.values():
                package = archive.name.partition("-")[0]
                found[f"contracts/{package}/{path.partition('.')[0]}/{line}.odcs.yaml"] = text
    return found


def _texts(archive: Path) -> Iterator[tuple[str, int, str]]:
    """Yield the YAML files, the YAML in pages and the strings in code of an archive, with file name and line."""
    with tarfile.open(archive) as packed:
        for member in packed:
            name = member.name.rpartition("/")[2]
            if (
                member.isfile()
                and name.endswith((".yaml", ".yml", ".md", ".py"))
                and (file := packed.extractfile(member))
            ):
                yield from ((name, line, text) for line, text in _parts(name, file.read().decode()))


def _parts(name: str, text: str) -> Iterator[tuple[int, str]]:
    if name.endswith(".md"):
        yield from ((text.count("\n", 0, block.start()) + 1, block[1]) for block in FENCE.finditer(text))
    elif name.endswith(".py"):
        yield from _strings(text)
    else:
        yield 1, text


def _strings(code: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each string in code of Python that no formatted one holds."""
    nodes = list(ast.walk(ast.parse(code)))
    parts = {part for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in parts:
            yield node.lineno, textwrap.dedent(node.value)


@pytest.fixture(scope="session")
def project(contracts: Contracts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository that holds nothing but them."""
    return repository(tmp_path_factory.mktemp("foreign"), dict(contracts))


@pytest.fixture(scope="session")
def findings(project: Path) -> list[str]:
    """Return what all rules find in them; none of the rules crashes."""
    outcome = run(project, "check", "--today", TODAY)
    assert (outcome.code, outcome.err) == (1, "")
    return outcome.findings


def written(contracts: Contracts) -> dict[str, Any]:
    """Return the contracts that PyYAML can read, as it reads them."""
    values = {}
    for path, text in contracts.items():
        with contextlib.suppress(yaml.YAMLError):
            values[path] = yaml.load(text, Loader)  # noqa: S506  # a safe loader
    return values


def told(findings: list[str], code: str) -> list[re.Match[str]]:
    return [found for finding in findings if (found := FINDING.match(finding)) and found["code"] == code]


def test_the_packages_ship_contracts_of_all_versions(contracts: Contracts) -> None:
    named = Counter(str(value.get("apiVersion")) for value in written(contracts).values())
    assert named == {"v3.2.0": 46, "v3.1.0": 46, "v3.0.2": 22, "v3.0.0": 1, "None": 1}


def test_what_odcs_says_against_them_is_true(findings: list[str]) -> None:
    found = [f"{match['path']}{match['place']} {match['message']}" for match in told(findings, "CON001")]
    assert sorted(found) == sorted(line.strip() for text in JUDGED.values() for line in text.strip().splitlines())


def test_both_implementations_refuse_what_we_refuse(contracts: Contracts, findings: list[str]) -> None:
    refused = {f"contracts/{match['path']}.odcs.yaml" for match in told(findings, "CON001")}
    values = written(contracts)
    # The reference takes half a second for one: on most days it judges what is refused, and each tenth of the others.
    accepted = sorted(values.keys() - refused)[:: 1 if effort.is_thorough() else 10]
    asked = {path: values[path] for path in (*refused & values.keys(), *accepted)}
    assert {path for path, value in asked.items() if not reference(value).is_valid(value)} == refused
    typed = {path: odcs.typed(compose(contracts[path])[0]) for path in values}
    assert {path for path, value in typed.items() if not rust(values[path]).is_valid(value)} == refused


def reference(value: dict[str, Any]) -> jsonschema.Draft201909Validator:
    """Return what judges a contract as PyYAML reads it, with none of our code."""
    return jsonschema.Draft201909Validator(SCHEMAS[version_of(value)])


def rust(value: dict[str, Any]) -> jsonschema_rs.Validator:
    """Return what judges a contract as we read it."""
    return jsonschema_rs.validator_for(SCHEMAS[version_of(value)])


def version_of(value: dict[str, Any]) -> str:
    """Return the version of the schema that a contract names."""
    return odcs.SCHEMA_VERSIONS[value.get("apiVersion", odcs.NEWEST)]


@pytest.mark.parametrize("version", ["3.0.2", "3.1.0"])  # the newest takes the reference half a minute
def test_both_implementations_agree_on_contracts_of_any_version(version: str, contracts: Contracts) -> None:
    one, other = jsonschema_rs.validator_for(SCHEMAS[version]), jsonschema.Draft201909Validator(SCHEMAS[version])
    values = {path: odcs.typed(compose(contracts[path])[0]) for path in written(contracts)}
    verdicts = {path: (one.is_valid(value), other.is_valid(value)) for path, value in values.items()}
    assert {path for path, (ours, theirs) in verdicts.items() if ours != theirs} == set()
    assert {ours for ours, _ in verdicts.values()} == {True, False}


def test_only_what_no_parser_reads_cannot_be_read(contracts: Contracts, findings: list[str]) -> None:
    unread = {f"contracts/{match['path']}.odcs.yaml" for match in told(findings, "FIL001")}
    # Its path holds a tag that another program fills in.
    template = {"contracts/datacontract_cli/test_test_relationships/8.odcs.yaml"}
    assert unread == contracts.keys() - written(contracts).keys() - template
    assert {
        finding for finding in findings if ": FIL" in finding and ": FIL001 is not valid YAML: " not in finding
    } == set()


def test_each_finding_is_on_one_line_at_a_place_that_is_there(project: Path, findings: list[str]) -> None:
    assert misplaced(project, findings) == []
    assert {finding for finding in findings if not re.match(r"[^:]+:\d+:\d+: [A-Z]{3}\d{3} \S", finding)} == set()
    assert len(findings) > len(odcs.SCHEMA_VERSIONS) * 100


COUNTED: dict[str, Callable[[str], int]] = {
    "json": lambda text: len(json.loads(text)["findings"]),
    "sarif": lambda text: len(json.loads(text)["runs"][0]["results"]),
    "github": lambda text: text.count("::error "),
    "gitlab": lambda text: len(json.loads(text)),
    "junit": lambda text: len(re.findall(r":\d+:\d+: [A-Z]{3}\d{3} ", text)),
}


@pytest.mark.parametrize("name", COUNTED)
def test_every_report_holds_every_finding(name: str, project: Path, findings: list[str]) -> None:
    outcome = run(project, "check", "--today", TODAY, "--format", name)
    assert (outcome.code, outcome.err, COUNTED[name](outcome.out)) == (1, "", len(findings))
