"""A program of several modules and packages."""
import sys

import prices
import shop
from shop import basket
from shop.stock import items as stocked
from shop.stock.items import *  # noqa: F401,F403


def main(arguments):
    filled = basket.Basket(shop.CURRENCY)
    for name in arguments or ["apple", "pear", "apple", "melon"]:
        try:
            filled.add(name, prices.price(name))
        except prices.NoPrice as error:
            print("no price for", error)
    print(filled, stocked.left("apple"), STOCK["pear"])  # noqa: F405
    importlib = __import__("importlib")
    lazy = importlib.import_module("shop.stock.lazy")
    print(lazy.loaded(), shop.lazily())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:])) if len(sys.argv) > 9 else main(sys.argv[1:])
