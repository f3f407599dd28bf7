"""What a command prints: one line for each result, which begins with its topic."""


def say(topic: str, text: str) -> None:
    """Print a result."""
    print(f"{topic:<12}{text}", flush=True)
