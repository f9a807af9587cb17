value = sum(range(4))
