"""Functions, loops and conditions that stand on one line."""
def nothing(): pass
def double(n): return n * 2
def spin(n):
    while n: n -= 1
def pick(n): return "big" if n > 5 else "small"
def numbers(n): yield n; yield n + 1
def recurse(n): return n and recurse(n - 1)
class Empty: pass
class Tiny: value = 1; other = 2


square = lambda n: n * n
compose = lambda f, g: lambda n: f(g(n))
ordered = sorted(["ccc", "a", "bb"], key=lambda word: len(word))
for i in range(5): nothing(); double(i)
while i: i -= 1
while i < 10: i += 1; i += 0 if i % 2 else 1
if i > 3: print("yes")
if i > 300: print("no")
elif i > 30: print("no")
else: print("else")
for c in "abc": print(c); continue
for c in "abc":
    if c == "b": break
else: print("never")
try: spin(7); double("x" * 2); 1 / 0
except ZeroDivisionError: print("zero")
finally: print("finally")
with open(__file__) as file: text = file.read(); size = len(text) > 10
x = 1; y = 2; print(x, y); x = y
print(pick(3), pick(9), square(4), compose(square, double)(3), ordered)
print(list(numbers(3)), recurse(4), Tiny.value, size)
print([lambda: i for i in range(3)][2](), (lambda: (yield))())if 0 else None
print(*map(lambda n: n + 1, range(4)))
assert i; del x; y = None
for i in range(3):
    for j in range(3): double(j); pick(j)
[nothing() for i in range(4)]; [double(i) for i in range(2)]
while True: break
while True:
    i += 1
    if i > 6: break
