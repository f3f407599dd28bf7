"""What the nightly job reads and writes, as it declares."""

RUNWAYS = "runways"
DELAYS = "data/delays.csv"
