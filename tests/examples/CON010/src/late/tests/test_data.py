"""A test reads what it likes."""

AIRPORTS = "airports"
