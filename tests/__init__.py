"""Holds the template, the hooks and the checks to what they promise."""
