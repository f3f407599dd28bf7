FLIGHTS = "data/flights.csv"
