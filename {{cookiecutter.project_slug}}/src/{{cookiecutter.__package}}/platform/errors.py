"""What stops a command for a reason that its user can act on."""


class Stopped(Exception):  # noqa: N818 - not always a fault: the message says what to do, and no traceback is shown
    """One sentence that says what is wrong, where, and what to do."""
