"""Gates: what a model has to show."""

LEVEL = 0.5  # TRC001 src/late/platform/gate.py:1:1: differs from what src/late/platform/manifest.json lists
