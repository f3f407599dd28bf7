"""Our own, which belongs beside the golden path."""  # TRC001 src/late/platform/plot.py:1:1: is not listed in src/late/platform/manifest.json
