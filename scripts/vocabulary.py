"""Writes the company's words, with which the golden path drafts names, from the standards; `--check` compares."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
STANDARDS = ROOT / "checks" / "ml_checks" / "standards.yaml"
PLATFORM = ROOT / "{{cookiecutter.project_slug}}" / "src" / "{{cookiecutter.__package}}" / "platform"
WORDS = PLATFORM / "drafting" / "vocabulary.json"


def vocabulary() -> str:
    """Return the words as JSON."""
    standards = yaml.safe_load(STANDARDS.read_text(encoding="utf-8"))
    contracts = standards["contracts"]
    words = {
        "glossary": {
            term: {key: words for key, words in entry.items() if key != "means"}
            for term, entry in standards["glossary"].items()
        },
        "affixes": standards["affixes"],
        "reserved": standards["names"]["reserved"],
        "max_length": standards["names"]["max_length"],
        "quantities": standards["quantities"]["words"],
        "counts": standards["quantities"]["counts"],
        "units": standards["quantities"]["units"],
        "classifications": contracts["classifications"],
        "personal": {
            "classification": contracts["personal"]["classification"],
            "names": contracts["personal"]["names"],
            # Only as a whole value: what has arithmetic to it is for the checks, which see all rows.
            "values": {kind: entry["pattern"] for kind, entry in contracts["personal"]["values"].items()},
        },
    }
    return json.dumps(words, ensure_ascii=False, indent=2) + "\n"


def main(argv: list[str]) -> int:
    """Write the words, or say with `--check` that they are not those of the standards."""
    text = vocabulary()
    if "--check" not in argv:
        WORDS.write_text(text, "utf-8", newline="\n")
    elif WORDS.read_text("utf-8") != text:
        print(f"{WORDS}: the standards have changed; run `make docs` to write their words anew", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
