"""How long the checks take and how much memory, next to what people would run or write instead."""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import codeowners
import contracts
import ml_checks
from ml_checks.codeowners import host_dialect

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CLOCK = Path(__file__).with_name("clock.py")
REPORTS = Path(__file__).with_name("reports.py")
# A virtual environment's Python is a link; its folder holds the programs.
PROGRAMS = Path(sys.executable).parent
IMPORT = 'python -c "import yaml"'
COMPOSE = "yaml.compose (C) alone"
VALUES = "ml_checks.reading.yaml alone"
CHECK = "ml-checks check"
# The families that read and compare, but do not hold contracts to the JSON Schema of their standard.
SELECT = ("--select", "SCH,OWN,DOC")
NAMES = "ml-checks SCH,OWN,DOC"
HOOK = f"{NAMES}, hook"
STATUS = "git status"
COLD = ", nothing known"
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
ODCS = Path(ml_checks.__file__).parent / "contracts" / "schemas" / "odcs-3.1.0.schema.json"
SLOW_ROUNDS = 2
ROOT = Path(__file__).parent.parent
PLAIN_SCRIPT = Path(__file__).with_name("plain_scoring.py")
# The golden path lets an estimator use one thread, so that all machines train the same model; so do both here.
ONE_THREAD = ("env", "OMP_NUM_THREADS=1")
PLAIN, PREDICT = "polars and the estimator", "predict --input"
MILLION, SCORING_ROUNDS = 1_000_000, 3


class Contender(NamedTuple):
    """A command, how many rounds it gets at most, the cache that it finds (none, or a copy of one), how it ends."""

    label: str
    command: Sequence[str]
    rounds: int = 1_000
    cache: Path | None = None
    status: int = 0


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
        one, budgets = one_file(Path(work) / "one", rounds)
        thousand, kept = many(Path(work) / "thousand", 1_000, rounds, peers())
        budgets += kept
        most, kept = many(Path(work) / "ten-thousand", 10_000, rounds, (), scaled(one, thousand, 10))
        budgets += kept
        budgets += reports(Path(work) / "reports", 10_000)
        budgets.append(Budget("10,000 contracts, times 3 contracts", most[CHECK].seconds / one[CHECK].seconds, 5))
        budgets.append(large_repository(Path(work) / "large", 45_000, rounds))
        budgets.append(scoring(Path(work) / "scoring"))
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
    """Measure one staged contract in a repository of a few; what takes milliseconds gets many rounds."""
    paths = contracts.write(folder, 3)
    contenders = [
        Contender(IMPORT, (sys.executable, "-c", "import yaml")),
        *ours(remembered(folder, paths[0])),
        *(peer._replace(command=(*peer.command, paths[0]), rounds=rounds) for peer in peers()),
    ]
    costs = measure(contenders, folder, rounds * 10)
    note = f"median of {rounds * 10} runs, of the last three {rounds}"
    tabulate(f"A staged contract that is new, in a repository of 3 ({note})", costs, IMPORT)
    return costs, [
        Budget(f"one file, {label}, times {IMPORT}", costs[label].seconds / costs[IMPORT].seconds, 1.3)
        for label in (NAMES, HOOK)
    ]


def many(
    folder: Path, count: int, rounds: int, slow: Iterable[Contender], known: Costs | None = None
) -> tuple[Costs, list[Budget]]:
    """Measure a cold run over so many contracts; `known` are costs that were measured elsewhere."""
    paths = contracts.write(folder, count)
    values = WALK.format(imports="\nfrom ml_checks.reading import yaml", work="yaml.read(path, file.read())")
    compose = WALK.format(imports=", yaml", work="yaml.compose(file.read(), yaml.CSafeLoader)")
    contenders = [
        Contender(COMPOSE, (sys.executable, "-c", compose)),
        Contender(VALUES, (sys.executable, "-c", values)),
        Contender(NAMES + COLD, (program("ml-checks"), "check", *SELECT)),
        Contender(CHECK + COLD, (program("ml-checks"), "check")),
        *ours(remembered(folder, paths[0])),
        *(peer._replace(command=(*peer.command, *paths)) for peer in slow),
    ]
    costs = measure(contenders, folder, rounds) | (known or {})
    note = f"median of {rounds} runs, of the last three {SLOW_ROUNDS}" if slow else f"median of {rounds} runs"
    tabulate(f"{count:,} contracts, one of them new and staged ({note})", costs, COMPOSE)
    labels = {label.partition(" (")[0]: label for label in costs}
    other, cold, warm = (costs[label].seconds for label in (labels[JSONSCHEMA], NAMES + COLD, CHECK))
    return costs, [
        Budget(f"{count:,} contracts{COLD}, times composing them", cold / costs[COMPOSE].seconds, 1.5),
        Budget(f"{count:,} contracts{COLD}, times faster than {JSONSCHEMA}", other / cold, 40, at_least=True),
        Budget(f"{count:,} contracts, times faster than {JSONSCHEMA}", other / warm, 100, at_least=True),
    ]


def ours(cache: Path) -> tuple[Contender, ...]:
    """Return our commands, all of which know every file but one."""
    return (
        Contender(NAMES, (program("ml-checks"), "check", *SELECT), cache=cache),
        Contender(HOOK, (program("ml-checks"), "check", "--if-staged", *SELECT), cache=cache),
        Contender(CHECK, (program("ml-checks"), "check"), cache=cache),
    )


def remembered(folder: Path, path: str) -> Path:
    """Return a cache of all families, and of some, that knows every file of a repository but this one as it is."""
    cache, file = folder.with_name(f"{folder.name}-cache"), folder / path
    text = file.read_bytes()
    file.write_bytes(text + b"# before it was reviewed\n")
    contracts.stage(folder)
    time.sleep(1)  # what has changed just now is kept by nobody
    for words in ((), SELECT):
        subprocess.run([program("ml-checks"), "check", *words], cwd=folder, env=with_cache(cache), check=True)
    file.write_bytes(text)
    contracts.stage(folder)
    return cache


def with_cache(cache: Path | None) -> dict[str, str]:
    """Return the environment of a command that finds a cache; none switches it off."""
    return os.environ | {"ML_CHECKS_CACHE": str(cache or "")}


def large_codeowners() -> Budget:
    """Measure the owners of 50,000 files under 500 patterns, of the usual kind and of the slowest, for both hosts."""
    print("== CODEOWNERS, 50,000 paths under 500 patterns, ms")
    tracked = codeowners.paths(50_000)
    took = {}
    for name, shapes in (("usual", codeowners.USUAL), ("slowest", codeowners.SLOW)):
        text = codeowners.codeowners(500, shapes)
        for host, written in (("github", text), ("gitlab", codeowners.sectioned(text))):
            work = partial(codeowners.own, written, tracked, host_dialect(host))
            took[name, host] = codeowners.milliseconds(work, 3)
            print(f"{f'{name} patterns, {host}':<38}{took[name, host]:>10,.0f}")
    return Budget("50,000 paths under 500 patterns of the slowest kind, seconds", max(took.values()) / 1000, 1)


def reports(folder: Path, count: int) -> list[Budget]:
    """Measure what a finding costs to report, in a repository that has hundreds of thousands; subjects are known."""
    contracts.spoil(folder, contracts.write(folder, count))
    time.sleep(1)  # what has changed just now is kept by nobody
    cache = folder.with_name("reports-cache")
    done = [
        subprocess.run(
            [sys.executable, str(REPORTS)], cwd=folder, env=with_cache(cache), capture_output=True, check=True
        )
        for _ in range(2)  # the first one finds out the subjects
    ]
    costs = dict(line.split() for line in done[-1].stdout.decode().splitlines())
    number = costs.pop("findings")
    print(f"== {int(number):,} findings, microseconds to report one")
    print(*(f"{name:<38}{float(cost):>10.2f}" for name, cost in costs.items()), sep="\n", end="\n\n")
    return [Budget(f"microseconds to report a finding as {name}", float(cost), 3) for name, cost in costs.items()]


def large_repository(folder: Path, count: int, rounds: int) -> Budget:
    """Measure a run in a repository of so many files that nobody here wrote, all of them known but none by its path."""
    write_packages(folder, count)
    time.sleep(1)  # what has changed just now is kept by nobody
    cache, check = folder.with_name("large-cache"), (program("ml-checks"), "check", "--output", os.devnull)
    subprocess.run(check, cwd=folder, env=with_cache(cache), check=False)
    contenders = [Contender(STATUS, ("git", "status", "--short")), Contender(CHECK, check, cache=cache, status=1)]
    costs = measure(contenders, folder, rounds)
    tabulate(f"A repository of {count:,} files, as it was before (median of {rounds} runs)", costs, STATUS)
    return Budget(f"{count:,} files, as they were before, seconds", costs[CHECK].seconds, 1.5)


def write_packages(folder: Path, count: int) -> None:
    """Write so many files into a new repository: texts of the installed packages, again and again, no two alike."""
    packages = Path(sysconfig.get_path("purelib"))
    texts = [path for path in sorted(packages.rglob("*")) if path.is_file() and path.suffix not in {".pyc", ".so"}]
    for number in range(count):
        again, place = divmod(number, len(texts))
        path = folder / f"copy-{again}" / texts[place].relative_to(packages)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(texts[place].read_bytes() + b"\n" * again)
    contracts.commit(folder)


def scoring(folder: Path) -> Budget:
    """Measure what it costs a project to score a million rows, next to polars and the estimator alone."""
    project, rows, output = generate(folder), folder / "rows.csv", folder / "scores.csv"
    repeat(project / "data" / "sample" / "flights.csv", rows, MILLION)
    environment = folder / "environment" / "bin"
    (model,) = (project / "outputs" / "models").iterdir()
    contenders = [
        Contender(
            PLAIN, (*ONE_THREAD, str(environment / "python"), str(PLAIN_SCRIPT), str(model), str(rows), str(output))
        ),
        Contender(
            PREDICT, (str(environment / "flight-delays"), "predict", "--input", str(rows), "--output", str(output))
        ),
    ]
    costs = measure(contenders, project, SCORING_ROUNDS)
    tabulate(f"A million rows are scored (median of {SCORING_ROUNDS} runs)", costs, PLAIN)
    print(
        *(f"{label:<38}{cost.memory / 1024:>10,.0f} MiB at most" for label, cost in costs.items()), sep="\n", end="\n\n"
    )
    return Budget(f"a million rows, {PREDICT}, times {PLAIN}", costs[PREDICT].seconds / costs[PLAIN].seconds, 1.3)


def generate(folder: Path) -> Path:
    """Generate the example with an environment of its own, and train its model."""
    own = os.environ | {"UV_PROJECT_ENVIRONMENT": str(folder / "environment"), "COOKIECUTTER_CONFIG": os.devnull}
    words = (program("cookiecutter"), ROOT, "--no-input", "--accept-hooks", "no", "--output-dir", folder)
    subprocess.run(words, env=own, check=True, stdout=subprocess.DEVNULL)
    project, uv = folder / "flight-delays", program("uv")
    subprocess.run((uv, "sync", "--quiet", "--compile-bytecode"), cwd=project, env=own, check=True)
    subprocess.run(
        (uv, "run", "--quiet", "flight-delays", "run"), cwd=project, env=own, check=True, stdout=subprocess.DEVNULL
    )
    return project


def repeat(sample: Path, path: Path, count: int) -> None:
    """Write the rows of a file again and again, each with a number of its own in place of the first field."""
    names, *rows = sample.read_text("utf-8").splitlines()
    rest = [row.partition(",")[2] for row in rows]
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{names}\n")
        file.writelines(f"{number + 1},{rest[number % len(rest)]}\n" for number in range(count))


def measure(contenders: Iterable[Contender], folder: Path, rounds: int) -> Costs:
    """Run all in turns, so that a busy moment slows all of them; return the medians."""
    runs: dict[str, list[Cost]] = defaultdict(list)
    for turn in range(rounds):
        for contender in contenders:
            if turn < contender.rounds:
                runs[contender.label].append(clock(contender, folder))
    return {
        label: Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))
        for label, costs in runs.items()
    }


def clock(contender: Contender, folder: Path) -> Cost:
    """Run a command in a folder; stop the benchmark when it ends in another way than it should."""
    clocked = [sys.executable, "-I", "-S", str(CLOCK), *contender.command]
    cache = contender.cache and folder.with_name("cache")
    if cache and contender.cache:
        shutil.rmtree(cache, ignore_errors=True)
        shutil.copytree(contender.cache, cache)
    done = subprocess.run(clocked, cwd=folder, env=with_cache(cache), stdout=subprocess.PIPE, text=True, check=True)
    *numbers, status = done.stdout.split()
    if int(status) != contender.status:
        sys.exit(f"{' '.join(contender.command[:4])} ended with exit code {status}")
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
    print(f"{'':<38}{'ms':>10}{'time':>9}{'processor':>11}{'memory':>9}")
    for label, cost in costs.items():
        time, processor, memory = (own / other for own, other in zip(cost, costs[reference], strict=True))
        print(f"{label:<38}{cost.seconds * 1000:>10,.0f}{time:>8.2f}x{processor:>10.2f}x{memory:>8.2f}x")
    print(flush=True)


if __name__ == "__main__":
    sys.exit(main())
