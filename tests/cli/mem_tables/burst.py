class Store:
    def __init__(self):
        self.kept = self.fill(100)
        self.fill(300)

    def fill(self, count):
        blocks = []
        for _ in range(count):
            blocks.append(bytes(10000))
        return blocks


store = Store()
