"""Checks that hold a machine-learning repository to its company's standards."""

__version__ = "0.1.0"
