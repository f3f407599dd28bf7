# What is built for others to start, what is not known, and what says otherwise.
FROM jupyter/scipy-notebook:2024-10-07
CMD ["late"]
