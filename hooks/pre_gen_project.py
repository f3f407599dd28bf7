"""Stops when the answers cannot be used, and tells all problems at once.

Each answer is checked as it is given. A replay file, or a program that calls cookiecutter, passes that by.
"""

from __future__ import annotations

import json
import sys
from urllib.parse import unquote


def main(problems: list[str]) -> int:
    """Print one line per problem; cookiecutter removes the folder when this returns 1."""
    for problem in problems:
        sys.stderr.write(f"Error: {problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    # cookiecutter renders this file first. Percent-encoded text cannot end a string, whatever was answered.
    sys.exit(main(json.loads(unquote("{{ cookiecutter | problems | jsonify | urlencode }}"))))
