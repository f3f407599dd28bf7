"""Reads what is there: files, YAML, Markdown, git, and the cache of what was read before."""
