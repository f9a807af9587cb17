"""Leaks, and what is told apart from them, in programs unlike each other.

A line says what it is: "# leak", or what `--others` calls it.
"""

import json
import re
import unittest

from support import PACKAGE, Case, environment

SAYS = re.compile(r"# (leak|warm-up|cache|uneven)$")

PROGRAMS = {
    "an LRU cache, a warm-up and a leak": """\
import functools, pytrace
KEPT, WARM = [None] * 250, [None] * 5
@functools.lru_cache(maxsize=50)
def page(number):
    return bytes(5000 + number)  # cache
for number in range(250):
    with pytrace.span("work"):
        if number < 5:
            WARM[number] = bytes(100000)  # warm-up
        page(number % 120)
        KEPT[number] = bytes(1024)  # leak
""",
    "a dict that grows by design": """\
import pytrace
SESSIONS = {}
for number in range(250):
    with pytrace.span("work"):
        SESSIONS[number] = bytes(400)  # leak
""",
    "jobs of a pool of threads": """\
import collections, concurrent.futures, pytrace
KEPT = [None] * 200
LATEST = collections.deque(maxlen=40)
def job(number):
    KEPT[number] = bytes(800)  # leak
    LATEST.append(bytes(3000))  # cache
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    for number in range(200):
        with pytrace.span("work"):
            pool.submit(job, number).result()
""",
    "tasks of asyncio": """\
import asyncio, pytrace
KEPT = [None] * 200
TABLE = []
async def reply(number):
    await asyncio.sleep(0)
    KEPT[number] = bytes(600)  # leak
async def handle(number):
    if not TABLE:
        TABLE.append(bytes(50000))  # warm-up
    answer = bytes(2000)
    await asyncio.gather(reply(number), asyncio.sleep(0))
    return answer
async def main():
    for number in range(200):
        with pytrace.span("work"):
            await handle(number)
asyncio.run(main())
""",
    "generators that nobody ends": """\
import pytrace
OPEN = [None] * 200
def produce():
    buffer = bytes(700)  # leak
    yield len(buffer)
    yield 0
for number in range(200):
    with pytrace.span("work"):
        OPEN[number] = produce()  # leak
        next(OPEN[number])
        sum(produce())
""",
    "a reference that C code forgets": """\
import ctypes, pytrace
incref = ctypes.pythonapi.Py_IncRef
incref.argtypes, incref.restype = [ctypes.py_object], None
for number in range(200):
    with pytrace.span("work"):
        blob = bytes(900)  # leak
        incref(blob)
        harmless = bytes(900)
""",
    "streams that stay open": """\
import io, pytrace
OPEN = [None] * 200
for number in range(200):
    with pytrace.span("work"):
        OPEN[number] = io.BytesIO()  # leak
        OPEN[number].write(bytes(500))  # leak
        io.BytesIO(bytes(900)).close()
""",
    "weak references to what is gone": """\
import pytrace, weakref
class Page:
    pass
PAGES = weakref.WeakValueDictionary()
LAST = None
for number in range(200):
    with pytrace.span("work"):
        LAST = Page(); LAST.data = bytes(2000)
        PAGES[number] = LAST
""",
    "the last error": """\
import pytrace
LAST = None
def fail(number):
    data = bytes(3000)
    raise ValueError(data)
for number in range(200):
    with pytrace.span("work"):
        try:
            fail(number)
        except ValueError as error:
            LAST = error
""",
    "what fills up to the end, then starts anew": """\
import pytrace
BATCH = []
for number in range(250):
    with pytrace.span("work"):
        if number % 100 == 0:
            BATCH = [None] * 100
        BATCH[number % 100] = bytes(500)  # uneven
""",
}


class OthersTest(Case):
    def check(self, program):
        self.write("prog.py", program)
        done = self.pytrace("--mem", "--timeline=allocs", "-o", "run.pytrace",
                            "prog.py", env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(0, done.status, done.err)
        says = {number: match[1]
                for number, line in enumerate(program.splitlines(), 1)
                if (match := SAYS.search(line))}
        done = self.pytrace("leaks", "--json", "--filter", "prog.py",
                            "run.pytrace")
        self.assertEqual(0, done.status, done.err)
        found = json.loads(done.out)
        self.assertEqual({line for line, word in says.items()
                          if word == "leak"},
                         {leak["line"] for leak in found["leaks"]})
        shapes = {other["line"]: other["shape"] for other in found["others"]}
        wanted = {line: word for line, word in says.items() if word != "leak"}
        self.assertEqual(wanted, {line: shapes.get(line) for line in wanted})
        self.assertEqual(found["grown_lines"],
                         len(found["leaks"]) + len(found["others"]))
        return found

    def test_in_words(self):
        self.check(next(iter(PROGRAMS.values())))
        done = self.pytrace("leaks", "--filter", "prog.py", "run.pytrace")
        self.assertNotIn("warm-up", done.out)
        done = self.pytrace("leaks", "--others", "--filter", "prog.py",
                            "run.pytrace")
        self.assertEqual((0, ""), (done.status, done.err))
        # Five blocks of 100,000 and 50 pages, each more than its data; of the
        # 250 pieces of work every other one is a point.
        self.assertRegex(done.out, r"(?m)^ +48\d KiB +5 +6  warm-up  "
                         r"prog\.py:9  WARM\[number\] = bytes\(100000\)")
        self.assertRegex(done.out, r"(?m)^ +250 KiB +50 +50  cache    "
                         r"prog\.py:5  return bytes\(5000 \+ number\)")
        done = self.pytrace("leaks", "--others", "--top", "1", "--filter",
                            "prog.py", "run.pytrace")
        self.assertRegex(done.out, r"(?m)^\d more lines?$")


def add_test(kind, program):
    def test(self):
        self.check(program)
    test.__doc__ = kind
    setattr(OthersTest, "test_" + re.sub(r"\W+", "_", kind), test)


for each in PROGRAMS.items():
    add_test(*each)


if __name__ == "__main__":
    unittest.main()
