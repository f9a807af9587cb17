"""Names of outer scopes, `else` of loops and try, walrus, eval, __del__."""
import contextlib

TOTAL = 0


def add(n):
    global TOTAL
    TOTAL += n


def counter():
    n = 0

    def step(by=1):
        nonlocal n
        n += by
        return n

    return step


class Dies:
    def __init__(self, log): self.log = log

    def __del__(self):
        self.log.append("died")


@contextlib.contextmanager
def noted(log):
    log.append("in")
    try: yield log
    except KeyError as error: log.append(repr(error))
    else: log.append("well")
    finally: log.append("out")


def search(numbers, wanted):
    for number in numbers:
        if number == wanted:
            break
    else:
        return "missing"
    while numbers:
        if (last := numbers.pop()) == wanted: continue
        if last < 0: break
    else:
        return "emptied"
    return "negative"


def chained(a, *, b=(1,
                     2), **rest):
    first, *middle, last = a, *b, len(rest)
    return (first
            < len(middle)
            <= last) or (
        "none" if not rest
        else "some")


log = []
step = counter()
add(step() + step(3))
Dies(log)
with noted(log): pass
with noted(log) as same: same["x" if isinstance(same, dict) else 0]
with noted(log):
    {}["missing"]
print(TOTAL, log, eval("step(by=2)"))
print(eval(compile("add(\n1)", "<text>", "eval")))
for case in ([1, 2, 3], 2), ([3, 1], 2), ([-1, 2], 2): print(search(*case))
print(chained(0), chained(1, x=1), chained(9, b=[], y=2), f"{step()!r:>{3}}")
try: assert TOTAL == 0, f"total is {TOTAL}"
except AssertionError as error: print(error)
exec("def made(n):\n    return n + 1\nresult = [made(n) for n in range(2)]")
print(result); del result
if TOTAL: print("if"); print("on a line")
elif log: print("elif")
else: print("else")
