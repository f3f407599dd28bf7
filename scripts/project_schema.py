"""Prints the schema of a project's standards.yaml, made from the company's: its keys, with none of them required."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

COMPANY = Path(__file__).parent.parent / "checks" / "ml_checks" / "standards.schema.json"
TEXT = {"type": "string", "minLength": 1}
OWN = {
    "extends": {
        "description": "Standards between the company's and these: a path, or `package:NAME` with `/FILE` if need be.",
        "anyOf": [TEXT, {"type": "array", "minItems": 1, "uniqueItems": True, "items": TEXT}],
    },
    "waivers": {
        "description": "Findings that are allowed for a while.",
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["code", "path", "reason", "owner", "until"],
            "properties": {
                "code": {"description": "The rule.", "type": "string", "pattern": "^[A-Z]{3}[0-9]{3}$"},
                "path": {"description": "The files, as a pattern in the manner of CODEOWNERS on GitHub.", **TEXT},
                "key": {
                    "description": "What the finding is about, as `--format json` names it: `flights.tail_num`.",
                    **TEXT,
                },
                "reason": {"description": "Why the fault stays for now.", **TEXT},
                "owner": {"description": "Who answers for it.", **TEXT},
                "until": {
                    "description": "The last day, such as 2026-12-31.",
                    "type": "string",
                    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
                },
            },
        },
    },
}
OVERRIDES = {
    "description": "What holds for some paths only; where two match, the later one wins.",
    "type": "array",
}


def optional(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that requires no key; what stands in a list is still complete."""
    rest = {key: value for key, value in schema.items() if key != "required"}
    if "properties" in rest:
        rest["properties"] = {key: optional(part) for key, part in rest["properties"].items()}
    if isinstance(rest.get("additionalProperties"), dict):
        rest["additionalProperties"] = optional(rest["additionalProperties"])
    return rest


def by_path(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without the keys that hold everywhere or nowhere."""
    if "properties" not in schema:
        return schema
    inner = {key: by_path(part) for key, part in schema["properties"].items() if not part.get("x-everywhere")}
    return {**schema, "properties": inner}


def project_schema(company: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of what a project may say."""
    keys = {key: optional(part) for key, part in company["properties"].items() if key != "overridable"}
    paths = {"description": "Patterns in the manner of CODEOWNERS on GitHub.", "$ref": "#/$defs/patterns"}
    entry = {
        "type": "object",
        "additionalProperties": False,
        "required": ["paths"],
        "properties": {"paths": paths, **by_path({"properties": keys})["properties"]},
    }
    return {
        "$schema": company["$schema"],
        "title": "A project's standards.yaml",
        "description": "What a project adds to the company's. Made by `make docs` from standards.schema.json.",
        "type": "object",
        "additionalProperties": False,
        "properties": {**OWN, "overrides": {**OVERRIDES, "items": entry}, **keys},
        "$defs": {name: optional(part) for name, part in company["$defs"].items()},
    }


if __name__ == "__main__":
    print(json.dumps(project_schema(json.loads(COMPANY.read_text("utf-8"))), indent=2, ensure_ascii=False))
