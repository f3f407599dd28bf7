# INF002 api.Dockerfile:2:6: the image runs as root, as 'docker.io/library/python:3.12-slim' does: no USER follows
FROM docker.io/library/python:3.12-slim AS base
FROM base
ENTRYPOINT ["late"]
