class Store:
    def __init__(self):
        self.kept = self.fill(100)
        self.fill(300)

    def fill(self, count):
        return [bytes(10000) for _ in range(count)]


store = Store()
