print("load, check, train, evaluate")
