"""Blocks held by lines, functions and stacks; then standard statistics."""
import sys
import other
from store import KEPT


def fill(count):
    for number in range(count):
        KEPT.append(bytes(1000 + number))
    return deeper(count)


def deeper(count):
    KEPT.append(bytearray(5000 * count))
    return other.fill(KEPT, count)


def twice():
    fill(30)
    fill(40)


def main():
    twice()
    fill(5)


main()
# Imported by both: it takes up what lies on free lists.
import standard
if len(sys.argv) > 1:
    standard.write(sys.argv[1])
