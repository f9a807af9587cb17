"""Comprehensions and generator expressions, on one line and on several."""
words = "the quick brown fox jumps over the lazy dog".split()
lengths = {word: len(word) for word in words}
letters = {letter for word in words for letter in word if letter > "m"}
table = [
    [
        row * column
        for column in range(4)
        if column != row
    ]
    for row in range(3)
]
pairs = sorted(
    (length, word)
    for word, length in lengths.items()
    if length > 3
    if word[0] != "q"
)


def primes(limit):
    return [n for n in range(2, limit)
            if all(n % d for d in range(2, int(n ** 0.5) + 1))]


def first(items):
    return next((item for item in items
                 if len(item) > 4),
                None)


class Scaled:
    factor = 3
    values = [value * 2 for value in range(factor)]
    names = {str(value): value
             for value in values}


print(lengths, sorted(letters), table, pairs)
print(primes(40), first(words), first([]))
print(Scaled.values, Scaled.names)
print([[y := x, x ** 2, y] for x in range(3)], y)
print(any(word.startswith("b") for word in words),
      sum(1 for word in words if "o" in word))
deep = [(a, b, c) for a in range(2) for b in [a] for c in "xy" if a or b]
print(deep, *(i for i in range(3)), sep="\n")
try:
    print([1 // (2 - i) for i in range(4)])
except ZeroDivisionError:
    print("stopped inside")
