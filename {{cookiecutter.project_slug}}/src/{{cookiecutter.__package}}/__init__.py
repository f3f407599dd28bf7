"""What is this project's own, in three files; the rest is in `platform`."""

from . import platform as platform  # first: it sets what the libraries read when they are imported
