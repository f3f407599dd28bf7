"""How long the checks take and how much memory, next to what people would run or write instead."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import codeowners
import contracts
import ml_checks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CLOCK = Path(__file__).with_name("clock.py")
# A virtual environment's Python is a link; its folder holds the programs.
PROGRAMS = Path(sys.executable).parent
IMPORT = 'python -c "import yaml"'
COMPOSE = "yaml.compose (C) alone"
VALUES = "ml_checks.nodes alone"
CHECK = "ml-checks check"
# The families that read and compare, but do not hold contracts to the JSON Schema of their standard.
SELECT = ("--select", "SCH,OWN,DOC")
NAMES = "ml-checks SCH,OWN,DOC"
HOOK = "ml-checks SCH,OWN,DOC, hook"
JSONSCHEMA = "check-jsonschema"
# Both walk the same files and keep nothing; pausing the collector is what a careful author would do in either.
WALK = """
import gc, glob{imports}
gc.disable()
for path in glob.iglob("contracts/*/*.odcs.yaml"):
    with open(path, encoding="utf-8") as file:
        {work}
"""
# What the contracts are written to, and a company would hold them to.
ODCS = Path(ml_checks.__file__).parent / "odcs" / "odcs-3.1.0.schema.json"
SLOW_ROUNDS = 2


class Contender(NamedTuple):
    """A command, and how many rounds it gets at most."""

    label: str
    command: Sequence[str]
    rounds: int = 1_000


class Cost(NamedTuple):
    """What a run costs: seconds, those of a processor (children included), and peak memory in the system's unit."""

    seconds: float
    processor: float
    memory: float


Costs = dict[str, Cost]


class Budget(NamedTuple):
    """What is promised of a ratio: at most the limit, or at least."""

    text: str
    ratio: float
    limit: float
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        """Tell whether the promise is kept."""
        return self.ratio >= self.limit if self.at_least else self.ratio <= self.limit

    def __str__(self) -> str:
        """Say what is promised, what was measured, and the verdict."""
        bound = "at least" if self.at_least else "at most"
        return f"{'met' if self.is_met else 'MISSED'}: {self.text}: {self.ratio:.2f}, {bound} {self.limit:g}"


def main(argv: Sequence[str] | None = None) -> int:
    """Print all tables; 1 when a budget is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="runs of each fast command; the median counts")
    rounds: int = parser.parse_args(argv).rounds
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before we begin\n")
    compile_all()
    with tempfile.TemporaryDirectory() as work:
        one, budgets = one_file(Path(work) / "one", rounds * 3)
        thousand, kept = many(Path(work) / "thousand", 1_000, rounds, peers())
        budgets += kept
        _, kept = many(Path(work) / "ten-thousand", 10_000, rounds, (), scaled(one, thousand, 10))
        budgets += kept
    budgets.append(large_codeowners())
    print("\n== Budgets", *budgets, sep="\n")
    return 0 if all(budget.is_met for budget in budgets) else 1


def compile_all() -> None:
    """Compile what will be imported: installers may not, and whoever ran first would pay for the others."""
    packages, checks = sysconfig.get_path("purelib"), Path(ml_checks.__file__).parent
    subprocess.run([sys.executable, "-m", "compileall", "-qq", "-j", "0", packages, checks], check=False)


def peers() -> tuple[Contender, ...]:
    """Return the tools that others use; the files to check come after their words."""
    return (
        Contender("check-yaml", (program("check-yaml"),), SLOW_ROUNDS),
        Contender("yamllint", (program("yamllint"), "-d", "relaxed"), SLOW_ROUNDS),
        Contender(
            JSONSCHEMA,
            (program("check-jsonschema"), "--no-cache", "--schemafile", str(ODCS)),
            SLOW_ROUNDS,
        ),
    )


def program(name: str) -> str:
    """Return a program of this environment."""
    return str(PROGRAMS / name)


def one_file(folder: Path, rounds: int) -> tuple[Costs, list[Budget]]:
    """Measure one staged contract in a repository of a few."""
    paths = contracts.write(folder, 3)
    contenders = [
        Contender(IMPORT, (sys.executable, "-c", "import yaml")),
        Contender(NAMES, (program("ml-checks"), "check", *SELECT)),
        Contender(HOOK, (program("ml-checks"), "check", "--if-staged", *SELECT)),
        Contender(CHECK, (program("ml-checks"), "check")),
        *(peer._replace(command=(*peer.command, paths[0]), rounds=rounds) for peer in peers()),
    ]
    costs = measure(contenders, folder, rounds)
    tabulate(f"One staged file, in a repository of 3 contracts (median of {rounds} runs)", costs, IMPORT)
    return costs, [
        Budget(f"one file, {label}, times {IMPORT}", costs[label].seconds / costs[IMPORT].seconds, 1.3)
        for label in (NAMES, HOOK)
    ]


def many(
    folder: Path, count: int, rounds: int, slow: Iterable[Contender], known: Costs | None = None
) -> tuple[Costs, list[Budget]]:
    """Measure a cold run over so many contracts; `known` are costs that were measured elsewhere."""
    paths = contracts.write(folder, count)
    ours = WALK.format(imports="\nfrom ml_checks import nodes", work="nodes.load(path, file.read())")
    compose = WALK.format(imports=", yaml", work="yaml.compose(file.read(), yaml.CSafeLoader)")
    contenders = [
        Contender(COMPOSE, (sys.executable, "-c", compose)),
        Contender(VALUES, (sys.executable, "-c", ours)),
        Contender(NAMES, (program("ml-checks"), "check", *SELECT)),
        Contender(CHECK, (program("ml-checks"), "check")),
        *(peer._replace(command=(*peer.command, *paths)) for peer in slow),
    ]
    costs = measure(contenders, folder, rounds) | (known or {})
    note = f"median of {rounds} runs, of the last three {SLOW_ROUNDS}" if slow else f"median of {rounds} runs"
    tabulate(f"{count:,} contracts, nothing cached ({note})", costs, COMPOSE)
    labels = {label.partition(" (")[0]: label for label in costs}
    own, other = costs[NAMES].seconds, costs[labels[JSONSCHEMA]].seconds
    return costs, [
        Budget(f"{count:,} contracts, times composing them", own / costs[COMPOSE].seconds, 1.5),
        Budget(f"{count:,} contracts, times faster than {JSONSCHEMA}", other / own, 40, at_least=True),
    ]


def large_codeowners() -> Budget:
    """Measure the owners of 50,000 files under 500 patterns, of the usual kind and of the slowest."""
    print("== CODEOWNERS, 50,000 paths under 500 patterns")
    tracked = codeowners.paths(50_000)
    took = {}
    for name, shapes in (("usual", codeowners.USUAL), ("slow", codeowners.SLOW)):
        text = codeowners.codeowners(500, shapes)
        took[name] = codeowners.milliseconds(partial(codeowners.own, text, tracked), 3)
        print(f"{name + ' patterns':<30}{took[name]:>10,.0f}")
    return Budget("50,000 paths under 500 usual patterns, seconds", took["usual"] / 1000, 1)


def measure(contenders: Iterable[Contender], folder: Path, rounds: int) -> Costs:
    """Run all in turns, so that a busy moment slows all of them; return the medians."""
    runs: dict[str, list[Cost]] = defaultdict(list)
    for turn in range(rounds):
        for contender in contenders:
            if turn < contender.rounds:
                runs[contender.label].append(clock(contender.command, folder))
    return {
        label: Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))
        for label, costs in runs.items()
    }


def clock(command: Sequence[str], folder: Path) -> Cost:
    """Run a command in a folder; stop the benchmark when it finds fault with the files, which have none."""
    clocked = [sys.executable, "-I", "-S", str(CLOCK), *command]
    done = subprocess.run(clocked, cwd=folder, stdout=subprocess.PIPE, text=True, check=True)
    *numbers, status = done.stdout.split()
    if status != "0":
        sys.exit(f"{' '.join(command[:4])} ended with exit code {status}")
    return Cost(*map(float, numbers))


def scaled(one: Costs, many: Costs, factor: int) -> Costs:
    """Estimate what the peers would take for so many times the files; their start is paid once."""

    def grown(label: str) -> Cost:
        seconds, processor, memory = many[label]
        start, start_processor, _ = one[label]
        return Cost(
            start + factor * (seconds - start), start_processor + factor * (processor - start_processor), memory
        )

    return {f"{peer.label} (scaled)": grown(peer.label) for peer in peers()}


def tabulate(title: str, costs: Costs, reference: str) -> None:
    """Print a table of costs, as ratios to one of them."""
    print(f"== {title}")
    print(f"{'':<30}{'ms':>10}{'time':>9}{'processor':>11}{'memory':>9}")
    for label, cost in costs.items():
        time, processor, memory = (own / other for own, other in zip(cost, costs[reference], strict=True))
        print(f"{label:<30}{cost.seconds * 1000:>10,.0f}{time:>8.2f}x{processor:>10.2f}x{memory:>8.2f}x")
    print(flush=True)


if __name__ == "__main__":
    sys.exit(main())
