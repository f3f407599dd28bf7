"""The command as a process: `ml-checks`, or `python -m ml_checks`."""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def program() -> NoReturn:
    """Run the command and leave at once, for to free all values one by one would take a tenth of the run."""
    gc.disable()  # a short life, and trees of many small values: collecting would double the time
    from ml_checks.cli import main  # to import everything makes many small values too

    code = main()
    if sys.stdout:
        sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    program()
