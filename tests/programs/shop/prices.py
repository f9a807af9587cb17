class NoPrice(Exception):
    pass


_prices = dict(apple=3, pear=4)


def price(name):
    if name not in _prices:
        raise NoPrice(name)
    return _prices[name]


if __name__ == "__main__":
    print(_prices)
