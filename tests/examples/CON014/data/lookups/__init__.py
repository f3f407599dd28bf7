"""A package of Python, whose tables are code."""
