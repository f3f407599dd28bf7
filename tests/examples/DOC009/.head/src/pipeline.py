print('load, train, evaluate')
