"""The hook, in the settings of pre-commit or prek that are there, and the job of CI."""

from __future__ import annotations

import json
import re
from itertools import chain

from ml_checks import __version__
from ml_checks.adopt.insertion import with_item, with_table
from ml_checks.reading import yaml
from ml_checks.rules import FAMILIES
from ml_checks.values import maps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ml_checks.standards import Standards
    from ml_checks.values import Map

# The first is read by both programs, the others by prek alone.
SETTINGS = (".pre-commit-config.yaml", ".pre-commit-config.yml", "prek.toml")
HOOKS = frozenset(["ml-checks", *chain(*((family.hook, *family.older_hooks) for family in FAMILIES))])
WORKFLOW = ".github/workflows/ml-checks.yml"
GITLAB, AZURE = ".gitlab-ci.yml", "azure-pipelines.yml"
# The same as in the workflow of the template; a test compares them.
CHECKOUT = "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0"
SETUP_UV = "astral-sh/setup-uv@85856786d1ce8acfbcc2f13a5f3fbd6b938f9f41 # v7.1.2"
BEFORE = (
    "${{ github.event.pull_request.base.sha || (github.event.forced && 'HEAD^') || "
    "(!github.event.created && github.event.before) || '' }}"
)
# How a hook or a job of their own runs the checks.
RUN = "ml-checks check"
_IN_TOML = re.compile(rf'\bid\s*=\s*["\'](?:{"|".join(sorted(HOOKS))})["\']|{RUN}')
# What an address begins with that may hold a password.
_CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")


def address(standards: Standards) -> str:
    """Return where the checks come from: where they were installed from, else the repository of the rules' page."""
    installed = _CREDENTIALS.sub("", _installed_from()).removeprefix("git+")
    return installed or re.split(r"/(?:-/)?(?:blob|raw|src|tree)/", standards.rules_page)[0]


def _installed_from() -> str:
    """Return the address of the repository that this package was installed from; nothing where it was from a folder."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        told = json.loads(distribution("ml-template").read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, ValueError):
        return ""
    return str(told["url"]) if "vcs_info" in told and not told["url"].startswith("file:") else ""


def version() -> str:
    """Return the tag of this version."""
    return f"v{__version__}"


def is_there(path: str, text: str) -> bool:
    """Tell whether settings run one of the hooks, as ours or as a command of their own."""
    if path.endswith(".toml"):
        return _IN_TOML.search(text) is not None
    try:
        roots = yaml.read(path, text.removeprefix("\ufeff"))[0]
    except yaml.UnreadableError:
        return False
    repos = chain.from_iterable(root.mappings("repos") for root in maps(roots))
    return any(map(_is_hook, chain.from_iterable(repo.mappings("hooks") for repo in repos)))


def _is_hook(hook: Map) -> bool:
    return hook.text("id") in HOOKS or RUN in (hook.text("entry") or "")


def lines(url: str) -> list[str]:
    """Return the hook as an item of `repos`."""
    return [f"repo: {_plain(url)}", f"rev: {version()}", "hooks:", "  - id: ml-checks"]


def table(url: str) -> list[str]:
    """Return the hook as a table of prek.toml."""
    return ["[[repos]]", f"repo = {json.dumps(url)}", f'rev = "{version()}"', 'hooks = [{ id = "ml-checks" }]']


def with_hook(path: str, text: str, url: str) -> str | None:
    """Return settings with the hook; None where there is no place for it that is sure."""
    if path.endswith(".toml"):
        return with_table(text, "repos", table(url))
    flow = f"{{repo: {json.dumps(url)}, rev: {version()}, hooks: [{{id: ml-checks}}]}}"
    return with_item(text, "repos", lines(url), flow)


def _plain(url: str) -> str:
    return url if re.fullmatch(r"[A-Za-z][\w./:@+~-]*", url) else json.dumps(url)


def workflow(url: str, branch: str) -> str:
    """Return the workflow of GitHub."""
    return f"""\
# The company's rules, on what each change brings. `ml-checks adopt` wrote this file; it is yours to edit.
name: ml-checks

on:
  push:
    branches: [{json.dumps(branch)}]
  pull_request:

# The job may write nothing.
permissions:
  contents: read

# A newer push makes the older run pointless.
concurrency:
  group: ${{{{ github.workflow }}}}-${{{{ github.ref }}}}
  cancel-in-progress: true

jobs:
  ml-checks:
    name: The company's rules
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: {CHECKOUT}
        with:
          fetch-depth: 0 # contracts and pages are compared with where the branch began
          persist-credentials: false
      - uses: {SETUP_UV}
        with:
          python-version: "3.12"
      - run: uvx --from {json.dumps(f"git+{url}@{version()}")} ml-checks check --format github
        env:
          # The branch that is merged into, or what was there before the push; a forced push leaves nothing to fetch.
          PRE_COMMIT_FROM_REF: {BEFORE}
"""


def gitlab_lines(url: str) -> list[str]:
    """Return the job for GitLab."""
    return [
        "ml-checks:",
        "  image: python:3.12",
        "  rules:",
        "    - if: $CI_PIPELINE_SOURCE == 'merge_request_event'",
        "  variables:",
        '    GIT_DEPTH: "0"',
        "  script:",
        f'    - pip install --quiet "git+{url}@{version()}"',
        '    - ml-checks check --base "$CI_MERGE_REQUEST_DIFF_BASE_SHA"',
    ]


def azure_lines(url: str) -> list[str]:
    """Return the steps for Azure Pipelines."""
    target = "${SYSTEM_PULLREQUEST_TARGETBRANCH#refs/heads/}"
    return [
        "- checkout: self",
        "  fetchDepth: 0",
        "- script: |",
        f'    python -m pip install --quiet "git+{url}@{version()}"',
        f'    ml-checks check ${{SYSTEM_PULLREQUEST_TARGETBRANCH:+--base "origin/{target}"}}',
    ]
