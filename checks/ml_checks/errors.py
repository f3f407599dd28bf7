"""The one error that ends a run before it starts."""


class CannotRunError(Exception):
    """The checks cannot run: a usage, a configuration or git itself is at fault. The text tells a person what to do."""
