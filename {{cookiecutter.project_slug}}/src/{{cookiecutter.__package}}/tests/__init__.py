"""Tests of each module, and of the way through all of them."""
