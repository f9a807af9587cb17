"""Keeps enough for a sample of it to say something."""


def keep(count):
    return [bytes(100_000 + number) for number in range(count)]


kept = keep(60)
thrown = keep(40)
del thrown
large = bytearray(3_000_000)
