"""A program that ends its being traced, in a function and for good."""
import sys


def before():
    return 1


def off():
    x = 1
    sys.settrace(None)
    y = 2
    return x + y


def after():
    return 3


before()
print(off())
after()
print("untraced from here")
