"""Run by -m, by runpy, or as a directory."""
from pack import named

for word in "a", "b":
    print(named(word), __name__, __package__)
