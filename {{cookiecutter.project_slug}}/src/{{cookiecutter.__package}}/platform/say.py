"""What a command prints: one line for each result, which begins with its topic."""


def say(topic: str, text: str) -> None:
    """Print a result."""
    print(f"{topic:<12}{text}", flush=True)


def counted(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def shown(value: float | None) -> str:
    """Return a number as people read it: three digits of it, and all of a large one."""
    if value is None or value != value:
        return "undefined"
    return f"{value:,.0f}" if 1_000 <= abs(value) < 1e15 else f"{value:.3g}"
