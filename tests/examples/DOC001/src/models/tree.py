# Only the `models` folder of a project holds its models.
DEPTH = 6
