print("load, train, evaluate")
