"""Splits by time."""

HELD_OUT = 0.25
