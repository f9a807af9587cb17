KEPT = []


def fill(count):
    for number in range(count):
        KEPT.append(bytes(1000 + number))


fill(50)
