"""Generators that are sent to, thrown at, closed, delegated to and dropped."""


def echo():
    got = None
    while True:
        try:
            got = yield got
        except ValueError as error:
            got = f"caught {error}"
        finally:
            last = got
        if last == "stop":
            return "stopped"


def outer():
    result = yield from echo()
    yield result


def clean(log):
    try:
        yield 1
        yield 2
    finally:
        log.append("closed")


def oneline(n): yield from range(n)


log = []
gen = outer()
print(next(gen), gen.send("a"), gen.throw(ValueError("b")), gen.send("stop"))
first = clean(log)
next(first)
first.close()
second = clean(log)
next(second)
del second
third = clean(log)
try:
    third.throw(KeyError("never begun"))
except KeyError:
    log.append("thrown before the start")
print(log, list(oneline(3)), sum(x for x in oneline(4) if x))
