"""One of two."""


def add(a, b):
    return a + b


def unused():
    return None
