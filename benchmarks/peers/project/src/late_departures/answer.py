"""What the service answers."""

from datetime import datetime

from pydantic import BaseModel


class Answer(BaseModel):
    """Whether one flight will leave late."""

    flight_id: int
    is_late: bool
    predicted_at: datetime
