"""The rules: the registry, and a module for each family."""
