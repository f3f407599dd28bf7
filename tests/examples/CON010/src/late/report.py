"""Words about airports, gates and planes."""

AIRPORTS = "all airports"
READ = ["airports.odcs.yaml"]  # CON010 col 9: reads contracts/airports.odcs.yaml, which no model card, service or workload declares
