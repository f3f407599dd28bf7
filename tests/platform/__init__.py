"""Tests of the golden path, which run in the environment of a generated project: see tests/test_platform.py."""
