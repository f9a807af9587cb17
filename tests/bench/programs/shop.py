"""Classes, attributes, properties: a shop with customers and stock."""
import heapq
import random


class Article:
    def __init__(self, name, price):
        self.name = name
        self.price = price
        self.stock = 50

    @property
    def is_cheap(self):
        return self.price < 20


class Basket:
    def __init__(self):
        self.lines = {}

    def add(self, article, count):
        if article.stock < count:
            raise LookupError(article.name)
        article.stock -= count
        self.lines[article.name] = self.lines.get(article.name, 0) + count

    def total(self, prices):
        return sum(prices[name] * n for name, n in self.lines.items())


class Shop:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.articles = [Article(f"a{i}", i % 40 + 1) for i in range(60)]
        self.prices = {a.name: a.price for a in self.articles}
        self.queue = []
        self.turnover = 0

    def arrive(self, time):
        heapq.heappush(self.queue, (time + self.random.random(), time))

    def serve(self):
        heapq.heappop(self.queue)
        basket = Basket()
        for _ in range(4):
            article = self.articles[int(self.random.random() * 60)]
            try:
                basket.add(article, 1 if article.is_cheap else 2)
            except LookupError:
                article.stock = 50
        self.turnover += basket.total(self.prices)


def main(scale):
    shop = Shop(7)
    for time in range(int(25000 * scale)):
        shop.arrive(time)
        if time % 3 != 0:
            shop.serve()
    return shop.turnover
