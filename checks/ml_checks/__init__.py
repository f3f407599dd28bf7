"""Checks that hold a machine-learning repository to its company's standards."""
