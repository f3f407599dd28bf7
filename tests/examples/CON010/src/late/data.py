"""What the model learns from."""

FLIGHTS = "data/flights.csv"
WEATHER = "weather"
PLANES = "contracts/planes.odcs.yaml"  # CON010 col 10: reads contracts/planes.odcs.yaml, which no model card, service or workload declares
GATES = ("Übergang", "data/gates.csv")  # CON010 col 22: reads contracts/gates.odcs.yaml, which no model card, service or workload declares


def load(name: str) -> str:
    """Read planes, and the airports beside them."""
    return {"planes": PLANES, "airports.csv": GATES[1]}[name]
