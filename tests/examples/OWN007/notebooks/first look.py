print("How many flights are there?")
