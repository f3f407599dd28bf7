"""How hard the property tests try: a little on every run, and a lot with `make test THOROUGH=1`."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

QUICK = "quick"
settings.register_profile(QUICK, max_examples=100, deadline=None)
settings.register_profile("thorough", max_examples=5000, deadline=None)


def is_thorough() -> bool:
    """Tell whether this run is to try a lot. Ask while a test runs: the command line is read later than the modules."""
    return settings().max_examples > settings.get_profile(QUICK).max_examples


def tries(share: float = 1, *, derandomize: bool = False) -> settings:
    """Return settings for a share of the profile's examples: a small one where each runs git, in one repository."""
    number = max(round(settings().max_examples * share), 1)
    checks = list(HealthCheck) if share < 1 else []
    return settings(max_examples=number, deadline=None, derandomize=derandomize, suppress_health_check=checks)
