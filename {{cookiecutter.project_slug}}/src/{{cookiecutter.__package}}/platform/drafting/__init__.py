"""Drafts what a project says of a table that it has never seen: contracts, model, gate, card and three functions."""
