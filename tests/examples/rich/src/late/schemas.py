"""What the service is asked. What it answers is in schemas/answer.schema.json, which can hold no comment."""

# SCH006 schemas/answer.schema.json:5:9: field 'late' has type 'boolean', its name needs 'is_' or 'has_'
# SCH009 schemas/answer.schema.json:6:34: field 'tail_number' is 'integer' here and 'string' in contracts/planes.odcs.yaml:13
# SCH010 schemas/answer.schema.json:6:9: name 'tail_number' is spelt 'tailNumber' in contracts/flights.odcs.yaml:43

from datetime import datetime

from pydantic import BaseModel


class Question(BaseModel):
    """A flight that somebody asks about."""

    asked_date: datetime  # SCH005 col 17: field 'asked_date' has type 'timestamp', '_date' promises date
    cust_id: str  # SCH004 col 5: name 'cust_id' says 'cust', the company's word is 'customer'
