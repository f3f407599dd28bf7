"""Tells what came with the template and was not touched since: only that may be taken out."""

import re
import shutil
import subprocess
from pathlib import Path

MARK = "example"
# What each page, program and contract of the example says of itself. Data cannot say it.
SAYS_SO = "Example (replace it)"
DATA = Path("data")


def original(path: Path) -> str | None:
    """Return a file as it was first committed, which is how the template made it; None where git cannot tell."""
    if _git("rev-parse", "--is-shallow-repository") != "false\n":  # the last commits alone do not say what came first
        return None
    first = _git("log", "--diff-filter=A", "--format=%H", "--", path.as_posix())
    return _git("show", f"{first.split()[-1]}:./{path.as_posix()}") if first else None


def is_untouched(path: Path) -> bool:
    """Tell whether a file belongs to the example, and is as the template made it.

    A file that somebody wrote is as it was first committed, too: so it also has to say that it is an example.
    """
    if not path.is_file():
        return False
    text = path.read_text(encoding="utf-8")
    return (SAYS_SO in text or path.is_relative_to(DATA)) and original(path) == text


def without_blocks(text: str, first: str | None, instead: str = "") -> str:
    """Take the parts between the marks of the example out of a text, but for those that were changed.

    `instead` takes the place of the first part; what was the file as it was first committed is `first`.
    """
    kept: list[str] = []
    block: list[str] = []
    for line in text.splitlines(keepends=True):
        if block or f"{MARK}: begin" in line:
            block.append(line)
            if f"{MARK}: end" in line:
                is_kept = first is None or "".join(block) not in first
                kept.extend(block if is_kept else [instead])
                instead, block = instead if is_kept else "", []
        else:
            kept.append(line)
    return re.sub(r"\n{3,}", "\n\n", "".join([*kept, *block]))


def has_blocks(text: str) -> bool:
    """Tell whether a text has a part between the marks of the example."""
    return f"{MARK}: begin" in text


def _git(*arguments: str) -> str | None:
    program = shutil.which("git")
    if program is None:
        return None
    done = subprocess.run([program, *arguments], capture_output=True, encoding="utf-8", check=False)
    return done.stdout if done.returncode == 0 else None
