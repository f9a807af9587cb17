"""Statements that share a line, and conditions cut over lines."""


def sign(n):
    if n > 0: return 1
    elif n < 0: return -1
    else: return 0


def choose(a, b):
    x = a if a > b else b; y = a and b; z = a or b
    if (
        x
        and y
    ): z += 1
    return x, y, z


def loops(n):
    total = 0
    for i in range(n): total += i
    while total > 3: total -= 2
    while total:
        if total == 1: break
        total -= 1
    else: total = -1
    for i in range(n): continue
    else: total += 1
    return total


print([sign(n) for n in (-1, 0, 1)], choose(1, 2), choose(0, 0))
print([loops(n) for n in range(5)]); a = b = 3; print(a, b)
if a: pass
if not a: print("never")
try: a.missing
except AttributeError: print("none")
finally: print("done")
