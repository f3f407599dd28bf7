"""The golden path, the same in every project: nothing in it knows what this project is about."""

import os

# Set before the libraries are imported, which is when they read them; what is set outside stays.
# Nothing is sent to anyone.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")
# A server of MLflow that is down is told of in seconds, and its addresses are not printed among the results.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
# A missing git is reported in our own words.
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
# One thread is as fast on so few rows, does not fight over busy processors, and adds up in the same order everywhere,
# so that all machines train the same model.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The command is named after the project's folder, and so is this package.
PROGRAM = __name__.partition(".")[0].replace("_", "-")
# Where a project says how its image is made, if it has one. What lies in its root takes over.
DOCKERFILES = ("Dockerfile", "infra/Dockerfile")
