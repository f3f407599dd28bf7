# Example (replace it)
"""What the model may know three hours before the scheduled departure."""

from datetime import timedelta

import polars as pl

from .platform.tables import Tables

# A prediction is made this long before the scheduled departure: nothing that is known only later may enter.
LEAD = timedelta(hours=3)
# Weather older than this says nothing about the flight.
OLDEST = timedelta(hours=3)
# The moments, by the property `availableAt` of the contracts, that come before the prediction: a field is on the
# timetable, or was observed in time (`join` sees to that).
KNOWN_IN_TIME = ("scheduled", "observed")


def late_arrival(tables: Tables) -> pl.DataFrame:
    """Return the flights with all that is known of them in time."""
    return tables.known(join(tables["flights"], tables["weather"]), KNOWN_IN_TIME)


def join(flights: pl.DataFrame, weather: pl.DataFrame) -> pl.DataFrame:
    """Give each flight the latest weather of its origin that was observed by the moment of prediction."""
    moment = pl.col("scheduled_departure_at") - LEAD
    return (
        flights.with_columns(predicted_at=moment)
        .sort("predicted_at", "flight_id")
        .join_asof(
            weather.sort("observed_at"),
            left_on="predicted_at",
            right_on="observed_at",
            by="origin_airport_code",
            tolerance=OLDEST,
            check_sortedness=False,  # polars cannot check it within groups; both sides were sorted above
        )
    )
