print("How many flights are late?")
