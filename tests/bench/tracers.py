"""What tracers cost: nanoseconds for each call, and for each printed line.

    PYTRACE=<build>/bin/pytrace PYTHONPATH=<build>/python \\
        python tests/bench/tracers.py [--rounds N]

CPU time over that of the same work untraced, the least of some rounds; with
peers (hunter, viztracer) where they can be imported. Nothing passes or fails.
"""
import argparse
import contextlib
import cProfile
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import pytrace

CALLS = 100_000
LINES = 200_000
LOOP = """\
import sys

def main(n):
    total = 0
    for i in range(n):
        total += i
        if total > 10:
            total -= 3
    return total

main(int(sys.argv[1]))
"""


def called(value):
    return value


def calls():
    for i in range(CALLS):
        called(i)


def nothing(frame, event, arg):
    return None


@contextlib.contextmanager
def slot(setter, function):
    setter(function)
    try:
        yield
    finally:
        setter(None)


def peers():
    try:
        import hunter
    except ImportError:
        pass
    else:
        yield ("hunter, nothing matches", lambda: hunter.trace(
            function="no_such", action=lambda event: None))
    try:
        import viztracer
    except ImportError:
        pass
    else:
        yield ("viztracer, all calls", lambda: viztracer.VizTracer(
            verbose=0, log_func_args=False))


def ways():
    """(what it is called, what makes the context manager)."""
    tracer = pytrace.Tracer
    yield ("pytrace.Tracer, nothing matches",
           lambda: tracer(nothing, functions="no_such"))
    yield ("pytrace.Tracer, callback at calls",
           lambda: tracer(nothing, functions="called", events="call"))
    yield ("pytrace.Tracer, callback at all events",
           lambda: tracer(nothing, functions="called"))
    yield ("pytrace.Tracer, call graph",
           lambda: tracer(callgraph=True, functions="called"))
    yield ("pytrace.Tracer, times of lines",
           lambda: tracer(times=True, functions="called"))
    yield "sys.settrace, returns None", lambda: slot(sys.settrace, nothing)
    yield "sys.setprofile", lambda: slot(sys.setprofile, nothing)
    yield "cProfile", cProfile.Profile
    yield from peers()


def seconds(manager):
    with manager:
        start = time.process_time()
        calls()
        return time.process_time() - start


def table_of_calls(rounds):
    def least(make):
        return min(seconds(make()) for _ in range(rounds))

    plain = least(contextlib.nullcontext)
    print(f"{'':40}{plain / CALLS * 1e9:8.1f} ns a call, untraced")
    for name, make in ways():
        cost = (least(make) - plain) / CALLS * 1e9
        print(f"{name:40}{cost:8.1f} ns more", flush=True)


def child_seconds(command, lines, scratch):
    def spent():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    start = spent()
    with open(os.path.join(scratch, "out"), "wb") as out:
        subprocess.run([*command, "loop.py", str(lines // 4)], cwd=scratch,
                       stdout=out, check=True)
    return spent() - start


def table_of_lines(rounds):
    os.environ.pop("PYTHONUNBUFFERED", None)
    ways = [[sys.executable, "-m", module, *options]
            for module in ("pytrace.trace", "trace")
            for options in (["-t"], ["-t", "-g"])]
    program = os.environ.get("PYTRACE") or shutil.which("pytrace")
    if program:
        ways[:0] = [[program, "--python", sys.executable, "-t", *options]
                    for options in ([], ["-g"])]
    with tempfile.TemporaryDirectory() as scratch:
        with open(os.path.join(scratch, "loop.py"), "w") as file:
            file.write(LOOP)
        for command in ways:
            cost = min(child_seconds(command, LINES, scratch)
                       - child_seconds(command, 4, scratch)
                       for _ in range(rounds))
            name = " ".join(["pytrace" if command[0] == program else "python",
                             *(word for word in command[1:]
                               if word not in ("--python", sys.executable)),
                             "> FILE"])
            print(f"{name:40}{cost / LINES * 1e9:8.1f} ns a line", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print("CPython %d.%d.%d, least of %d" % (*sys.version_info[:3], rounds))
    table_of_calls(rounds)
    table_of_lines(rounds)


if __name__ == "__main__":
    main()
