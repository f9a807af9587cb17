STOCK = {"apple": 10, "pear": 2}


def take(name):
    STOCK[name] -= 1
    if STOCK[name] < 0:
        raise ValueError(name)


def left(name):
    return STOCK.get(name, 0)
