"""Small functions calling each other: the price of a call."""


def leaf(n):
    return n + 1


def choose(n):
    if n % 2:
        return leaf(n)
    return leaf(n - 1)


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def main(scale):
    total = 0
    for i in range(int(200000 * scale)):
        total += choose(i)
        if i % 1000 == 0:
            total += ackermann(2, 9)
    return total
