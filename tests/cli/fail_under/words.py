"""Count things."""
import sys


def count(words):
    """How often each word is there."""
    found = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    if not found:
        return None
    return found


print(count(sys.argv[1:]))
