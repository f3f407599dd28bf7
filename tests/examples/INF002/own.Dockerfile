FROM python:3.12-slim AS base
USER ${USER_ID}
FROM base
CMD ["late"]
