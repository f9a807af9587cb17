"""What sys.settrace and sys.monitoring tell a tool inside the program."""
import sys

events = []


def tracer(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        shown = arg[0].__name__ if event == "exception" else arg
        events.append((frame.f_code.co_name, event, frame.f_lineno,
                       shown if event != "call" else None))
    return tracer


def branches(n):
    total = 0
    for i in range(n):
        if i % 2:
            total += i
        elif i > 3: break
        else:
            total -= 1
    while n:
        n -= 1
        if n == 1: continue
    return total if n else [x for x in (1, 2)
                            if x]


def errors(n):
    try:
        try:
            if n: raise ValueError
        finally:
            n += 1
        {}[n]
    except (KeyError,
            ValueError) as error:
        return type(error)
    else:
        return n


def numbers(n):
    try:
        for i in range(n):
            yield i
    finally:
        n = 0


def runs():
    for n in 0, 2, 6:
        branches(n)
    errors(0), errors(1)
    list(numbers(3))
    kept = numbers(3)
    next(kept)
    kept.close()
    match [n, 1]:
        case [0, _] | [1, _]:
            pass
        case [_, last] if last:
            n = last


def monitored():
    watch = sys.monitoring
    watch.use_tool_id(2, "test")
    kinds = {name: getattr(watch.events, name) for name in (
        "LINE", "PY_START", "PY_RETURN", "PY_YIELD", "PY_RESUME", "PY_UNWIND",
        "RAISE", "CALL")}
    for name, kind in kinds.items():
        def note(code, *arguments, name=name):
            if code.co_filename == __file__:
                where = arguments[0] if name == "LINE" else None
                events.append((code.co_name, name, where))
        watch.register_callback(2, kind, note)
    watch.set_events(2, sum(kinds.values()))
    runs()
    watch.set_events(2, 0)
    watch.free_tool_id(2)


sys.settrace(tracer)
runs()
sys.settrace(None)
print(*events, sep="\n")
events.clear()
if hasattr(sys, "monitoring"):
    monitored()
print(*events, sep="\n")
