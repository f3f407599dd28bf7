"""A run: judges by the rules, and sets aside what is allowed."""
