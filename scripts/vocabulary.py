"""Write the company's words that the golden path drafts names with, from the company's standards."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
STANDARDS = ROOT / "checks" / "ml_checks" / "standards.yaml"


def main() -> None:
    """Print the words as JSON."""
    standards = yaml.safe_load(STANDARDS.read_text(encoding="utf-8"))
    contracts = standards["contracts"]
    words = {
        "glossary": {
            term: {key: words for key, words in entry.items() if key != "means"}
            for term, entry in standards["glossary"].items()
        },
        "reserved": standards["names"]["reserved"],
        "max_length": standards["names"]["max_length"],
        "quantities": standards["quantities"]["words"],
        "units": standards["quantities"]["units"],
        "classifications": contracts["classifications"],
        "personal": {
            "classification": contracts["personal"]["classification"],
            "names": contracts["personal"]["names"],
            # Only as a whole value: what has arithmetic to it is for the checks, which see all rows.
            "values": {kind: entry["pattern"] for kind, entry in contracts["personal"]["values"].items()},
        },
    }
    json.dump(words, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
