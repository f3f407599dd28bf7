"""No golden path."""
