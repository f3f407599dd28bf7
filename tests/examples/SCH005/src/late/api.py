"""What the service is asked and what it answers."""

from datetime import date, datetime
from typing import NamedTuple

from pydantic import BaseModel


class Answer(BaseModel):
    """Whether a flight will be late."""

    flight_date: datetime  # SCH005 col 18: field 'flight_date' has type 'timestamp', '_date' promises date
    is_late: bool | None
    # More than one type promises nothing.
    booking_date: date | str


class Row(NamedTuple):
    """A tuple within the program is no schema."""

    flight_date: datetime
