"""What the service is asked, and what the pipeline reads."""

from datetime import datetime

import pandera.polars as pa
from pydantic import BaseModel, Field


class Question(BaseModel):
    """A flight that somebody asks about."""

    flight_number: str = Field(description="Carrier and number, as the ticket has them.")
    asked_at: datetime | None = None


class ServiceConfig(BaseModel):
    """How the service runs; no data."""

    verbose: bool = False


class Departures(pa.DataFrameModel):
    """The columns that the model needs."""

    runway: str
    passenger_count: int
