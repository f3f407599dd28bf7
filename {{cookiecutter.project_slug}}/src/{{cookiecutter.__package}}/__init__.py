"""Learns from past rows whether the next one will be late, and leaves a trace of how."""

import os

# Set before the libraries are imported, which is when they read them. Nothing is sent to anyone, and a missing git is
# reported in our own words.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
