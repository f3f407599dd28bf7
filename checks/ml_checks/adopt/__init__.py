"""Brings an existing repository in: what is there, what to add, and what is left; nothing is overwritten."""
