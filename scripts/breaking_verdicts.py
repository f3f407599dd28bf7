"""Asks the real `datacontract` what it says of each change in tests/test_contract_evolution.py, and compares."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from ml_checks.contracts.versions import NONE

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))

from tests.test_contract_evolution import CHANGES, CONTRACT  # noqa: E402  # the table is kept there

if TYPE_CHECKING:
    from collections.abc import Iterable

    Answer = tuple[list[str], bool]

PACKAGE = "datacontract-cli==1.2.8"
HEAD = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "flights", "version": "1.0.0", "status": "active"}
# Runs where the tool is installed. To start its command for each verdict would take minutes.
ASK = """
import json, sys
from datacontract.data_contract import DataContract

def contract(text):
    read = DataContract(data_contract_str=text, inline_references=False).get_data_contract()
    return DataContract(data_contract=read, inline_references=False)

def answer(old, new):
    sides = ("consumer", "producer")
    breaks = [f"{side}s" for side in sides if old.breaking(new, perspective=side).is_breaking]
    return breaks, bool(old.changelog(new).entries)

old, *changed = map(contract, json.load(sys.stdin))
print(json.dumps([answer(old, new) for new in changed]))
"""


def ask() -> list[Answer]:
    """Return for each change whom it breaks, and whether it is seen as a change at all."""
    command = [str(Path(sys.executable).with_name("uv")), "tool", "run", "--quiet", "--from", PACKAGE, "python"]
    texts = json.dumps([written(CONTRACT), *(written(_changed(name)) for name in CHANGES)])
    done = subprocess.run([*command, "-c", ASK], input=texts, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        sys.exit(f"{PACKAGE} has no answer:\n{done.stderr}")
    answers: list[Answer] = json.loads(done.stdout)
    return answers


def written(contract: dict[str, object]) -> str:
    """Return a contract as a text, with all that the standard asks for."""
    return yaml.safe_dump({**HEAD, **contract}, sort_keys=False)


def _changed(name: str) -> dict[str, object]:
    changed: dict[str, object] = copy.deepcopy(CONTRACT)
    CHANGES[name][0](changed)
    return changed


def differing(answers: Iterable[Answer]) -> list[str]:
    """Say where the table has it otherwise."""
    lines = []
    for (name, (_, verdict)), (sides, is_seen) in zip(CHANGES.items(), answers, strict=True):
        if (breaks := _in_a_word(sides)) != verdict.breaks:
            lines.append(f"{name}: breaks {breaks}, the table says {verdict.breaks}")
        if is_seen != (verdict.ours != NONE):
            lines.append(f"{name}: is {'a' if is_seen else 'no'} change, which we see otherwise")
    return lines


def _in_a_word(sides: list[str]) -> str:
    return " ".join(sides) if len(sides) == 1 else ("both" if sides else "nobody")


def main() -> int:
    """Compare, and return whether something is different."""
    found = differing(ask())
    print(*found, f"{len(CHANGES)} changes, {PACKAGE} differs from the table in {len(found)}", sep="\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
