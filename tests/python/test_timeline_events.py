"""Calls, lines and blocks as events of the timeline."""

import collections
import json
import re
import sys
import unittest

from random_programs import program
from recording_reader import Recording
from support import Case, listed_hits

BUSY = """\
import random, threading

class Stop(Exception):
    pass

def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

def numbers(n):
    for i in range(n):
        got = yield [i] * i
        if got:
            return

def raises(depth):
    if depth == 0:
        raise Stop(str(depth))
    raises(depth - 1)

def work(seed):
    choice = random.Random(seed).choice
    kept = []
    for i in range(300):
        what = choice("frgtc")
        if what == "f":
            kept.append(fib(i % 8))
        elif what == "r":
            try:
                raises(i % 6)
            except Stop as stop:
                kept.append(stop.args)
        elif what == "g":
            kept.append(list(numbers(i % 9)))
        elif what == "t":
            some = numbers(5)
            next(some)
            try:
                some.throw(Stop)
            except Stop:
                pass
        else:
            some = numbers(5)
            next(some)
            some.close()
            del kept[: i % 50]
    return kept

kept = work(1)
threads = [threading.Thread(target=work, args=[seed]) for seed in (2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


# With "plain", what a profile function sees of the modules goes to log.json.
PROFILED = """\
import gc, importlib, json, logging, sys
logging.disable()
gc.disable()
sys.unraisablehook = lambda what: None
log = []

def profile(frame, what, value):
    code = frame.f_code
    if what in ("call", "return") and "random_" in code.co_filename:
        log.append([what == "call", code.co_qualname])

how, *names = sys.argv[1:]
if how == "plain":
    sys.setprofile(profile)
for name in names:
    module = importlib.import_module(name)
    vars(module).clear()
    del module
    gc.collect()
if how == "plain":
    sys.setprofile(None)
with open("log.json", "w") as file:
    json.dump(log, file)
"""

# What raises is the handler of a signal that comes when no body has begun yet.
AT_THE_DOOR = """\
import _thread, signal

class Trip:
    __getitem__ = staticmethod(_thread.interrupt_main)

def stop(*_):
    raise KeyError

def callee(n):
    return n

def caller():
    return callee(trip[signal.SIGINT])

trip = Trip()
signal.signal(signal.SIGINT, stop)
for _ in range(100):
    try:
        caller()
    except KeyError:
        pass
"""


class EventsTest(Case):
    """What the events add up to is what was counted."""

    def record(self, *options, source=BUSY):
        self.write("busy.py", source)
        done = self.pytrace(*options, "-o", "run.pytrace", "busy.py")
        self.assertEqual(done.status, 0, done.err)
        return Recording(self.scratch / "run.pytrace"), done

    def names(self, run):
        return {index: run.text(0, code[1])
                for index, code in run.items(0, "code").items()}

    def test_calls_are_the_call_counts(self):
        run, done = self.record("--listfuncs", "--call-counts",
                                "--timeline=calls")
        names = self.names(run)
        called = collections.Counter(
            names[event["code"]] for event in run.events()
            if event["kind"] == "call")
        wanted = {name: int(count) for name, count in re.findall(
            r"funcname: (.+), calls: (\d+)\n", done.out)}
        self.assertGreater(wanted["fib"], 300)
        self.assertEqual(called, wanted)

    def test_code_that_dies_is_not_taken_for_the_next(self):
        run, _ = self.record("--count", "--timeline=calls", source=(
            "for i in range(2000):\n"
            "    name = f'f{i % 7}'\n"
            "    exec(compile(f'def {name}(): pass\\n{name}()', __file__,\n"
            "                 'exec'), {})\n"))
        names = self.names(run)
        called = collections.Counter(
            names[event["code"]] for event in run.events()
            if event["kind"] == "call")
        self.assertEqual({f"f{i}": len(range(i, 2000, 7)) for i in range(7)},
                         {name: called[name] for name in called
                          if name != "<module>"})

    def test_whoever_is_entered_is_left(self):
        run, _ = self.record("--count", "--timeline=calls")
        open_now = collections.Counter()
        for event in run.events():
            kind = event["kind"]
            if kind in ("call", "resume", "throw"):
                open_now[event["thread"]] += 1
            elif kind in ("return", "yield", "unwind"):
                open_now[event["thread"]] -= 1
                self.assertGreaterEqual(open_now[event["thread"]], 0)
        self.assertEqual(set(open_now), {1, 2, 3})
        self.assertEqual(set(open_now.values()), {0})

    def test_calls_are_what_a_profile_function_sees(self):
        self.write("main.py", PROFILED)
        names = [self.write(f"random_{seed}.py", program(seed))[:-3]
                 for seed in (0, 4, 6, 9)]
        done = self.python("-W", "ignore", "main.py", "plain", *names)
        self.assertEqual(done.status, 0, done.err)
        seen = json.loads((self.scratch / "log.json").read_text())
        done = self.pytrace("--count", "--timeline=calls", "-o", "run.pytrace",
                            "main.py", "traced", *names)
        self.assertEqual(done.status, 0, done.err)
        run = Recording(self.scratch / "run.pytrace")
        files = run.items(0, "file")
        codes = {index: (run.text(0, code.name),
                         "random_" in run.text(0, files[code.file].path))
                 for index, code in run.items(0, "code").items()}
        stack, told = [], []
        for event in run.events():
            if event["kind"] in ("call", "resume", "throw"):
                stack.append(codes[event["code"]])
                told.append((True, *stack[-1]))
            elif event["kind"] in ("return", "yield", "unwind"):
                told.append((False, *stack.pop()))
        self.assertEqual(stack, [])
        self.assertGreater(len(seen), 2000)
        self.assertEqual(seen, [[is_call, name] for is_call, name, is_random
                                in told if is_random])

    def test_who_is_interrupted_at_the_door_is_not_left(self):
        run, _ = self.record("--count", "--timeline=calls", source=AT_THE_DOOR)
        names, depth, callers = self.names(run), 0, []
        for event in run.events():
            if event["kind"] == "call":
                if names[event["code"]] == "caller":
                    callers.append(depth)
                depth += 1
            elif event["kind"] in ("return", "unwind"):
                depth -= 1
        self.assertEqual((callers, depth), ([1] * 100, 0))

    def test_lines_are_the_line_counts(self):
        run, _ = self.record("--count", "--timeline=lines")
        lines = collections.Counter(
            event["line"] for event in run.events()
            if event["kind"] == "line")
        self.assertEqual(
            lines, {line: hits for line, hits in listed_hits(
                self.listing("busy")).items() if hits})

    def test_blocks_are_the_live_table(self):
        run, _ = self.record("--mem", "--timeline=allocs")
        live, allocated = collections.Counter(), collections.Counter()
        for event in run.events():
            if event["kind"] == "alloc":
                live[event["pair"]] += 1
                allocated[event["pair"]] += 1
            elif event["kind"] == "free":
                live[event["pair"]] -= 1
                self.assertGreaterEqual(live[event["pair"]], 0)
        pairs = run.items(0, "pair")
        self.assertGreater(len(pairs), 100)
        self.assertEqual({pair: (live[pair], allocated[pair])
                          for pair in pairs},
                         {pair: fields[3:5]
                          for pair, fields in pairs.items()})
        self.assertEqual(
            sum(pairs[pair][0] * count for pair, count in live.items()),
            run.processes[0]["traced_bytes"] + run.processes[0]["raw_bytes"])

    def test_all_of_them_in_one_order(self):
        run, _ = self.record("--count", "--mem", "--timeline=all")
        events = run.events()
        self.assertEqual(run.processes[0]["dropped_events"], 0)
        seen = {event["kind"] for event in events}
        wanted = {"call", "return", "yield", "resume", "line", "unwind",
                  "alloc", "free"}
        if hasattr(sys, "monitoring"):
            wanted.add("throw")  # 3.11 says resume
        self.assertEqual(wanted - seen, set())
        names = self.names(run)
        begun = None
        for event in events:
            # A function's first line follows its call.
            if begun is not None and event["kind"] == "line":
                self.assertEqual(names[event["code"]], begun)
                begun = None
            elif event["kind"] == "call" and event["thread"] == 1:
                begun = names[event["code"]]
            elif event["kind"] != "alloc" and event["kind"] != "free":
                begun = None

    def test_a_child_begins_with_what_it_inherited(self):
        run, _ = self.record("--mem", "--timeline=allocs", source=(
            "import os\n"
            "kept = [object() for _ in range(500)]\n"
            "if os.fork() == 0:\n"
            "    kept = [str(i) for i in range(300)]\n"
            "else:\n"
            "    os.wait()\n"))
        for process in 0, 1:
            live = collections.Counter()
            for event in run.events(process):
                live[event.get("pair")] += {"alloc": 1, "free": -1}.get(
                    event["kind"], 0)
            self.assertTrue(all(
                fields[3] == fields[6] + live[pair]
                for pair, fields in run.items(process, "pair").items()))

    def test_three_bytes_an_event(self):
        for options in (["--count", "--timeline=calls"],
                        ["--count", "--timeline=lines"],
                        ["--mem", "--timeline=allocs"]):
            run, _ = self.record(*options, source=(
                "def one(n):\n"
                "    return [two(i) for i in range(n)]\n"
                "def two(i):\n"
                "    return str(i) + 'x'\n"
                "for _ in range(300):\n"
                "    one(100)\n"))
            packed = items = 0
            for head, _ in run.packets(0, 1):
                packed += head[10] + 64
                items += head[5]
            self.assertGreater(items, 20_000)
            self.assertLess(packed, 3 * items)

    def test_a_ring_keeps_the_end(self):
        source = ("def f(n):\n"
                  "    return n\n"
                  "for i in range(1_500_000):\n"
                  "    f(i)\n")
        for limit in ["--ring=1M"], ["--last=100ms"]:
            with self.subTest(limit):
                run, _ = self.record("--count", "--timeline=calls", *limit,
                                     source=source)
                size = sum(extent[4] for extent in run.extents
                           if extent[0] == 32)
                heads = sorted(head[4:6] for head, _ in run.packets(0, 1))
                self.assertGreater(heads[0][0], 0)
                for (first, items), after in zip(heads, heads[1:]):
                    self.assertEqual(first + items, after[0])
                self.assertEqual(run.events()[-3]["kind"], "stop")
                if limit == ["--ring=1M"]:
                    self.assertLess(size, 1_100_000)
                    self.assertGreater(size, 700_000)

    def test_wrong_use(self):
        self.write("busy.py", "pass\n")
        for options, message in [
                (["--count", "--timeline=frames"],
                 "--timeline knows no 'frames'; choose calls, lines, allocs "
                 "or all, with a comma between"),
                (["--count", "--timeline=calls,allocs"],
                 "--timeline allocs can only be used with --mem"),
                (["--mem", "--timeline=calls"],
                 "--timeline calls can only be used with --count or "
                 "--listfuncs"),
                (["--count", "--timeline=lines", "--engine=probe"],
                 "--timeline lines needs the engine monitoring or settrace: "
                 "probes tell of no single line"),
                (["--mem=sample", "--timeline=allocs"],
                 "--timeline allocs cannot be used with --mem=sample, which "
                 "sees only some of them"),
                (["--count", "--ring=5"],
                 "--ring needs a size of at least 1M, as 64M, not '5'"),
                (["--count", "--last=long"],
                 "--last needs a time, as 500ms, 30s, 5m or 1h, not 'long'")]:
            with self.subTest(options):
                done = self.pytrace(*options, "busy.py")
                self.assertEqual(done.status, 2)
                self.assertEqual(done.err, f"pytrace: {message}\n")


if __name__ == "__main__":
    unittest.main()
