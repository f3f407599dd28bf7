"""Writes repositories of data contracts that differ as those of a company do, and keep its rules."""

from __future__ import annotations

import subprocess
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from ml_checks import standards

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DOMAINS = 50
NOUNS = """\
account airport basket booking branch campaign carrier category channel claim contract course customer delivery
device driver employee engine factory flight gate hotel invoice journey kitchen lesson machine meter network offer
parcel passenger payment pipeline policy product project refund region repair room route runway season segment
sensor shift shipment station store student supplier terminal ticket tower train vehicle voucher warehouse weather
yard
"""
THINGS = NOUNS.split()
ADJECTIVES = """\
active annual archived billed cancelled central closed confirmed daily direct early expected external final first
former forwarded global hourly internal joint late local main manual merged monthly nearest original paid pending
planned prepared printed public rejected returned scheduled secondary sent shared signed split stored tested total
verified weekly yearly
"""
QUALITIES = ADJECTIVES.split()
# The ending of a field's name, the type that it promises, and what goes under the type.
KINDS = (
    ("id", "string", "        required: true\n"),
    ("at", "timestamp", ""),
    ("date", "date", "        required: {flag}\n"),
    ("count", "integer", "        logicalTypeOptions: {{minimum: 0, maximum: {number}}}\n"),
    ("amount_eur", "number", "        logicalTypeOptions:\n          minimum: -{number}\n"),
    ("duration_minutes", "integer", "        examples: [{number}, 15, 30]\n"),
    (
        "status",
        "string",
        "        tags: [closed, 'list {number}']\n",
    ),
    ("name", "string", ""),
    ("ratio", "number", ""),
)
HEAD = """\
# {dataset}: agreed with its consumers, see the README of this folder.
apiVersion: v3.1.0
kind: DataContract
id: {dataset}
name: {title}
version: {major}.{minor}.0
status: {status}
team:
  name: "{owner}"
description:
  purpose: >-
    Say of each {thing} what the {domain} team knows, so that a {other} can be planned.
  usage: 'Reports and models; no decision about a single person.'
  limitations: Rows older than {years} years are kept without personal fields.
servers:
  - server: production
    type: postgres
    host: "db-{domain}.acme.example"
    port: {port}
    database: {domain}
    schema: {thing}
slaProperties:
  - {{property: endOfSupport, value: '2030-12-31'}}
schema:
  - name: {dataset}
    physicalType: table
    description: One row for each {quality} {thing}, as the {domain} team counts them.
    properties:
"""
FIELD = """\
      - name: {name}
        description: {description}
        logicalType: {type}
        classification: {classification}
{rest}"""
README = """\
# {title}

What the {title} team promises about its data: see [the standards](../../README.md#run).

## Owner

{owner} answers for these contracts.

- Questions: in the channel of the team.
- Changes: by pull request; the consumers are asked.
"""
SECTION = """
## {title}

One team answers for what is said here, see [CODEOWNERS](CODEOWNERS), and everyone may propose a change.

- A list with `code` in it, with a [link](project.yaml), and with **stress** on a word.
- Another point, long enough to be folded by whoever reads it in a narrow terminal or on a phone.

| Command | What it does |
| --- | --- |
| `ml-checks check` | Checks all that is tracked |
"""
FRONT = "---\nowner: '@acme/platform'\ndescribes: [project.yaml, compose.yaml]\n---\n"
MODEL_CARD = (
    FRONT
    + "# Demand\n"
    + "".join(
        SECTION.format(title=title).replace("](", "](../../")
        for title in ("Intended use", "Training data", "Evaluation", "Limitations", "Owner and review")
    )
)
# What the company asks in a review.
POINTS = standards.load(str(Path(__file__).parent)).review_points.values()
ROOT_README = "# Contracts\n" + "".join(
    SECTION.format(title=title) for title in ("Owner", "Run", "Test", "Where things are", "Your own data")
)
OTHERS = {
    "README.md": ROOT_README,
    "project.yaml": "name: Demand\nowner: '@acme/platform'\nmodels: [demand]\n",
    "models/demand/README.md": MODEL_CARD,
    ".github/pull_request_template.md": "".join(f"- [ ] {asks}\n" for asks, _ in POINTS),
    "compose.yaml": "services:\n  demand:\n    image: demand:1.0.0\n    labels:\n      owner: platform\n",
}


def write(folder: Path, count: int) -> list[str]:
    """Make `folder` a git repository of so many contracts, one of them staged with a change; return their paths."""
    domains = [f"{thing}s" for thing in THINGS[:DOMAINS]][: max(1, count // 20)]
    texts = dict(OTHERS)
    owners = [f"/contracts/{domain}/ @acme/{domain}\n" for domain in domains]
    texts["CODEOWNERS"] = "".join(["* @acme/platform\n", *owners])
    for domain in domains:
        texts[f"contracts/{domain}/README.md"] = README.format(title=domain.title(), owner=f"@acme/{domain}")
    contracts = {}
    for index in range(count):
        domain = domains[index % len(domains)]
        dataset = _dataset(index)
        contracts[f"contracts/{domain}/{dataset}.odcs.yaml"] = _contract(index, dataset, domain)
    for path, text in (texts | contracts).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    commit(folder)
    paths = list(contracts)
    staged = folder / paths[0]
    staged.write_text(staged.read_text("utf-8") + "# reviewed\n", encoding="utf-8")
    stage(folder)
    return paths


def spoil(folder: Path, paths: Iterable[str]) -> None:
    """Take descriptions and classifications from contracts, as in a repository that is older than the checks."""
    for path in paths:
        rows = (folder / path).read_text("utf-8").splitlines(keepends=True)
        kept = (row for row in rows if not row.startswith(("        description: ", "        classification: ")))
        (folder / path).write_text("".join(kept), "utf-8")
    commit(folder)


def stage(folder: Path) -> None:
    """Stage whatever has changed."""
    _git(folder, "add", ".")


def commit(folder: Path) -> None:
    """Commit all files of a folder, which becomes a repository."""
    _git(folder, "init", "--quiet", "--template=")
    _git(folder, "add", ".")
    identity = ("-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.com", "-c", "commit.gpgSign=false")
    _git(folder, *identity, "commit", "--quiet", "--message", "Agree on contracts")


def _dataset(index: int) -> str:
    """Return a name that no other index has."""
    index, thing = divmod(index * 7919 % (len(THINGS) * len(QUALITIES) * len(THINGS)), len(THINGS))
    other, quality = divmod(index, len(QUALITIES))
    return f"{QUALITIES[quality]}_{THINGS[thing]}_{THINGS[other]}"


def _contract(index: int, dataset: str, domain: str) -> str:
    random = Random(index)  # noqa: S311  the same contracts on each run; nothing is secret
    thing = random.choice(THINGS)
    head = HEAD.format(
        dataset=dataset,
        title=dataset.replace("_", " ").capitalize(),
        major=random.randint(1, 5),
        minor=random.randint(0, 20),
        status=random.choice(("draft", "active", "deprecated")),
        owner=f"@acme/{domain}",
        domain=domain,
        thing=thing,
        quality=random.choice(QUALITIES),
        other=random.choice(THINGS),
        years=random.randint(2, 10),
        port=random.randint(5000, 6000),
    )
    return head + "".join(_fields(random))


def _fields(random: Random) -> Iterator[str]:
    """Yield 12 fields on average; the first is the key, and no two have one name."""
    names = random.sample(range(len(THINGS) * len(QUALITIES)), random.randint(8, 16))
    for position, name in enumerate(names):
        quality, thing = QUALITIES[name % len(QUALITIES)], THINGS[name // len(QUALITIES)]
        ending, kind, rest = random.choice(KINDS) if position else KINDS[0]
        description = random.choice(
            (
                f"What the {quality} {thing} had when the row was written, empty before that.",
                f"'From the {thing} system: corrected by hand where it was wrong.'",
                f"Taken over from the {thing} as it is; {quality} ones only.",
                f">-\n          Of the {quality} {thing}, in the time zone of the place.",
            )
        )
        number = random.randint(10, 9999)
        flag = random.choice(("true", "false"))
        yield FIELD.format(
            name=f"{quality}_{thing}_{ending}",
            description=description,
            type=kind,
            # The name of a customer or a passenger is personal.
            classification="confidential" if ending == "name" else random.choice(("public", "internal")),
            rest=rest.format(number=number, flag=flag),
        )


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", folder, *arguments], check=True)  # noqa: S607  git, as users find it
