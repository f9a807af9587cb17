import shop


class Basket:
    def __init__(self, currency):
        self.currency = currency
        self.lines = []

    def add(self, name, price):
        self.lines.append((name, price))
        shop.items.take(name)

    def total(self):
        return sum(price for _, price in self.lines)

    def __str__(self):
        return f"{len(self.lines)} for {self.total()} {self.currency}"
