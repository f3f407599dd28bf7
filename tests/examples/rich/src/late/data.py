FLIGHTS = "data/flights.csv"
# Not declared, so CON010 speaks; read, so CON011 does not.
PLANES = "planes"  # CON010 col 10: reads contracts/planes.odcs.yaml, which no model card, service or workload declares
