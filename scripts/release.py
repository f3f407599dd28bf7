"""Makes a release: version, day and section of the changelog, pins in the pages, a commit and its tag.

    python scripts/release.py 0.2.0

Nothing is pushed. Whatever is not ready is refused in one sentence, before anything is written.
"""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BRANCH = "main"
VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
# Where the version is written as such.
WRITTEN = {"pyproject.toml": 'version = "{}"', "checks/ml_checks/__init__.py": '__version__ = "{}"'}
CHANGELOG = "CHANGELOG.md"
UNRELEASED = "## [Unreleased]\n"
MIGRATING = "### Migrating\n"
# What names a version in a page: the tag behind `rev:`, an address, or the hook.
PIN = r"(?<=rev: v|, at v){0}(?!\d)|(?<=@v){0}(?!\d)"


class NotReadyError(Exception):
    """A release cannot be made; the text says why and what to do."""


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Make the release of a version, and say how to publish it."""
    try:
        version = release(arguments, root, datetime.datetime.now(tz=datetime.UTC).date())
    except NotReadyError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    print(f"v{version} is committed and tagged. Publish it: git push origin {BRANCH}; and once CI is green there:")
    print(f"git push origin v{version}")
    return 0


def release(arguments: list[str], root: Path, day: datetime.date) -> str:
    """Write, commit and tag a release; raise NotReadyError."""
    old = re.findall(r'^version = "(.*)"$', (root / "pyproject.toml").read_text("utf-8"), re.MULTILINE)[0]
    new = _asked(arguments, old)
    _refuse_state(root, new)
    changed = _changed(root, old, new, day)
    for name, text in changed.items():
        (root / name).write_text(text, encoding="utf-8")
    try:
        _git(root, "commit", "--quiet", "--message", f"Release {new}", "--", *changed)
    except NotReadyError:
        _git(root, "checkout", "--quiet", "HEAD", "--", *changed)
        raise
    _git(root, "tag", f"v{new}")
    return new


def _asked(arguments: list[str], old: str) -> str:
    """Return the version that is asked for."""
    new = arguments[0] if len(arguments) == 1 else ""
    if not VERSION.fullmatch(new):
        raise NotReadyError(f"say which version comes after {old}: make release VERSION=1.2.3")
    if _key(new) <= _key(old):
        raise NotReadyError(f"version {new} does not come after {old}; choose a later one")
    return new


def _key(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _refuse_state(root: Path, version: str) -> None:
    """Raise NotReadyError where the repository is not ready."""
    branch = _git(root, "branch", "--show-current")
    if branch != BRANCH:
        raise NotReadyError(f"a release is made on {BRANCH}, and this is {branch or 'no branch'}; switch to {BRANCH}")
    if _git(root, "tag", "--list", f"v{version}"):
        raise NotReadyError(f"there is a tag v{version} already, and a tag never moves; choose a later version")
    if changes := _git(root, "status", "--porcelain"):
        names = ", ".join(line[3:] for line in changes.splitlines()[:3])
        raise NotReadyError(f"there is something that is not committed ({names}); commit or remove it")


def _changed(root: Path, old: str, new: str, day: datetime.date) -> dict[str, str]:
    """Return what the files will hold that name the version."""
    changed = {CHANGELOG: _logged((root / CHANGELOG).read_text("utf-8"), new, day)}
    for name, form in WRITTEN.items():
        text = (root / name).read_text("utf-8")
        changed[name] = text.replace(form.format(old), form.format(new), 1)
    pin = re.compile(PIN.format(re.escape(old)))
    for name in _git(root, "ls-files", "README.md", "docs/*.md").splitlines():
        text = (root / name).read_text("utf-8")
        if (grown := pin.sub(new, text)) != text:
            changed[name] = grown
    return changed


def _logged(text: str, version: str, day: datetime.date) -> str:
    """Return the changelog with a section for the version, in the place of what was not released."""
    before, found, rest = text.partition(UNRELEASED)
    section = re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    told, _, migrating = section.partition(MIGRATING)
    if not found or not re.search(r"^- ", told, re.MULTILINE):
        raise NotReadyError(f"{CHANGELOG} has nothing under [Unreleased]; write what is new")
    if not migrating.strip():
        raise NotReadyError(
            f"{CHANGELOG} has no Migrating under [Unreleased]; write what a project has to do, or nothing"
        )
    return f"{before}{UNRELEASED}\n## [{version}] - {day}\n{rest}"


def _git(root: Path, *words: str) -> str:
    """Run git, and return what it printed; raise NotReadyError with its own words."""
    command = ["git", "-C", str(root), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotReadyError(f"git refuses: {(done.stderr.strip().splitlines() or ['no reason'])[-1]}")
    return done.stdout.strip("\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
