"""Memory by line: the very bytes and blocks that tracemalloc finds."""

import ast
import ctypes
import re
import sys
import unittest

from support import Case, environment

# The user's sitecustomize of a run in which both look on: tracemalloc starts
# right before pytrace does, and its snapshot is taken right after pytrace is
# done, so that both see the same blocks of the same process.
LOOK_ON = '''\
import atexit, os, sys, tracemalloc

# A snapshot needs a list and a tuple or two. These are freed to be taken
# for that, or it took some that the program had left on the free lists.
spare = [([], (i, i), {}) for i in range(5)]

# What pytrace hangs on the program's code objects, for tracemalloc to see.
not_ours = int(os.environ.pop("NOT_OURS"))

def tell(path=os.environ.pop("SNAPSHOT"), write=os.write, open=os.open):
    spare.clear()
    current, peak = tracemalloc.get_traced_memory()
    snapshot = tracemalloc.take_snapshot()
    tracemalloc.stop()
    lines = {}
    for trace in snapshot.traces:
        if trace.size == not_ours:
            continue
        frame = trace.traceback[0]
        key = frame.filename, frame.lineno
        size, count = lines.get(key, (0, 0))
        lines[key] = size + trace.size, count + 1
    fd = open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    write(fd, repr((current, peak, lines)).encode())

atexit.register(tell)
import linecache, pickle

# Tuples that pytrace leaves on the free lists before it looks on, too, would
# be tracemalloc's alone. It finds some there which are older than both.
older = [(n,) * n for n in range(1, 20) for _ in range(3)]
del older
tracemalloc.start(1)
'''
STATISTIC = re.compile(r"^(?P<path>[/<].*):(?P<line>\d+): size=(?P<size>.*), "
                       r"count=(?P<count>\d+), average=(?P<average>.*)$",
                       re.MULTILINE)
TOTAL = re.compile(r"memory at the end +(.*) in ([\d,]+) blocks?\n"
                   r"at its peak +(.*)\n"
                   r"allocated in all +(.*) in ([\d,]+) blocks?\n"
                   r"pytrace's own +(.*), not counted above\n")
# Can a tracer see objects that come off a free list on this Python? If not
# they stay with the line that had the block first; tracemalloc sees them.
SEES_FREE_LISTS = hasattr(ctypes.pythonapi, "PyRefTracer_SetTracer")
NO_FREE_LISTS = "objects from free lists belong to another line here"
UNITS = {"B": 1, "KiB": 1024, "MiB": 1 << 20, "GiB": 1 << 30}


def size_text(size):
    """tracemalloc's _format_size(size, False)."""
    for unit in "B", "KiB", "MiB", "GiB":
        if abs(size) < 100 and unit != "B":
            return "%.1f %s" % (size, unit)
        if abs(size) < 10 * 1024:
            return "%.0f %s" % (size, unit)
        size /= 1024
    raise AssertionError(size)


def bytes_of(text):
    """What a printed size stands for, about."""
    number, unit = text.split()
    return float(number.replace(",", "")) * UNITS[unit]


# The last line of every program: the interpreter's method cache lets go of
# the names that only it holds. Which of them the work of pytrace's end would
# push out is up to their addresses.
CLEAR = ("_clear_internal_caches" if hasattr(sys, "_clear_internal_caches")
         else "_clear_type_cache")
EMPTY_METHOD_CACHE = f"\n__import__('sys').{CLEAR}()\n"


class MemoryCase(Case):

    def copy(self, name):
        path = self.scratch / super().copy(name)
        path.write_text(path.read_text() + EMPTY_METHOD_CACHE)
        return name

    def look_on(self, *words):
        """Run by pytrace while tracemalloc looks on: how the run was done,
        and what tracemalloc found: (current, peak, {line: (size, count)})."""
        self.write("site/sitecustomize.py", LOOK_ON)
        path = self.scratch / "snapshot"
        done = self.pytrace(
            *words, env=environment(PYTHONPATH=str(self.scratch / "site"),
                                    SNAPSHOT=str(path),
                                    NOT_OURS="0" if SEES_FREE_LISTS else "16"))
        self.assertQuiet(done)
        self.assertEqual(0, done.status, done.err)
        return done, ast.literal_eval(path.read_text())

    def statistics(self, out, program):
        """{line: (size text, count)} of one file in a report."""
        return {int(found["line"]): (found["size"], int(found["count"]))
                for found in STATISTIC.finditer(out)
                if found["path"] == str(self.scratch / program)}

    def both(self, program, *arguments, options=("--mem",)):
        """{line: (size, count)} of a program: tracemalloc's, pytrace's text,
        tracemalloc's in that text."""
        done, (_, _, found) = self.look_on(
            *options, "--mem-top", "100000", program, *arguments)
        wanted = {line: figures for (path, line), figures in found.items()
                  if path == str(self.scratch / program)}
        got = self.statistics(done.out, program)
        self.assertTrue(got)
        return wanted, got

    def compare(self, program, *arguments, **options):
        """Every line of the program has the size and count tracemalloc
        found."""
        wanted, got = self.both(program, *arguments, **options)
        wanted = {line: (size_text(size), count)
                  for line, (size, count) in wanted.items()}
        self.assertEqual(dict(sorted(wanted.items())),
                         dict(sorted(got.items())))

    def compare_about(self, program, *arguments, **options):
        """All lines of the program together have about what tracemalloc
        found."""
        wanted, got = self.both(program, *arguments, **options)
        for which, tolerance in (0, 0.01), (1, 0.03):
            ours = sum(bytes_of(one[0]) if which == 0 else one[1]
                       for one in got.values())
            theirs = sum(one[which] for one in wanted.values())
            self.assertLess(abs(ours - theirs) / theirs, tolerance)


class TracemallocTest(MemoryCase):
    """Beside tracemalloc, line by line."""

    def test_blocks(self):
        self.compare(self.copy("keeps_blocks.py"))

    def test_growing_leak(self):
        self.copy("leaks_requests.py")
        for requests in 10, 400:
            self.compare("leaks_requests.py", str(requests))

    def test_about_the_same_with_free_lists(self):
        for program in "keeps_bytes.py", "keeps_objects.py":
            self.compare_about(self.copy(program))


@unittest.skipUnless(SEES_FREE_LISTS, NO_FREE_LISTS)
@unittest.skipIf(sys.version_info >= (3, 14),
                 "a snapshot of tracemalloc takes ints off a free list")
class FreeListsTest(MemoryCase):
    """The same where objects come off free lists, to the byte."""

    def test_with_probes(self):
        # Of objects that the probe engine has used and left on the free
        # lists, the program that gets them becomes the owner.
        for program in "keeps_bytes.py", "keeps_objects.py", "raising.py":
            self.compare(self.copy(program), options=("--count", "--mem"))


def add_free_lists_test(program):
    def test(self):
        self.compare(self.copy(program))
        self.compare(program, options=("--count", "--mem", "--engine",
                                       "monitoring"))
    setattr(FreeListsTest, "test_" + program.removesuffix(".py"), test)


for name in ("async_tasks", "class_bodies", "closures", "comprehensions",
             "decorators", "raising", "yielding", "keeps_bytes",
             "keeps_objects", "matching", "statements", "threads_work"):
    add_free_lists_test(name + ".py")


class TotalsTest(MemoryCase):
    """What is printed above the table."""

    def run_program(self, *words, **options):
        done = self.pytrace(*words, **options)
        found = TOTAL.search(done.out)
        self.assertTrue(found, done.out)
        live, live_blocks, peak, allocated, blocks, own = found.groups()
        return (bytes_of(live), int(live_blocks.replace(",", "")),
                bytes_of(peak), bytes_of(allocated),
                int(blocks.replace(",", "")),
                bytes_of(own.replace("at most ", "")))

    def test_totals(self):
        self.write("peaks.py", "x = bytearray(40 << 20)\ndel x\n"
                   "for i in range(100):\n    y = bytearray(1 << 20)\n")
        live, live_blocks, peak, allocated, blocks, own = self.run_program(
            "--mem", "peaks.py")
        self.assertLess(abs(live - (1 << 20)), 200 << 10)
        self.assertLess(live_blocks, 3000)
        self.assertLess(abs(peak - (40 << 20)), 200 << 10)
        self.assertLess(abs(allocated - (140 << 20)), 1 << 20)
        self.assertGreater(blocks, 100)
        self.assertLess(own, 8 << 20)

    def test_close_to_tracemalloc(self):
        self.copy("keeps_objects.py")
        done, (current, peak, _) = self.look_on("--mem", "keeps_objects.py")
        live, _, ours, *_ = TOTAL.search(done.out).groups()
        self.assertLess(abs(bytes_of(live) - current) / current, 0.03)
        self.assertLess(abs(bytes_of(ours) - peak) / peak, 0.03)

    def test_own_memory_grows_apart(self):
        self.write("many.py", "kept = [bytes(i % 50) "
                   "for i in range(500000)]\n")
        live, blocks, _, _, _, own = self.run_program("--mem", "many.py")
        self.assertGreater(blocks, 500000 * 0.97)  # b"" and 256 more are one
        self.assertGreater(own, 1 << 20)
        self.assertLess(own / blocks, 24)
        wanted = sum((i % 50 + 33 + 15) // 16 * 16 - 8
                     for i in range(500000)) + 8 * 500000
        self.assertLess(abs(live - wanted) / wanted, 0.05)


class TopTest(MemoryCase):
    """The table of the top lines."""

    def test_ten_lines(self):
        self.copy("keeps_objects.py")
        done = self.pytrace("--mem", "keeps_objects.py")
        self.assertEqual(10, len(STATISTIC.findall(done.out)))
        self.assertRegex(done.out, r"\n[\d,]+ more lines?: size=")

    def test_as_many_as_asked_for(self):
        self.copy("keeps_bytes.py")
        for count in 1, 3:
            done = self.pytrace("--mem", f"--mem-top={count}",
                                "keeps_bytes.py")
            self.assertEqual(count, len(STATISTIC.findall(done.out)))
        done = self.pytrace("--mem", "--mem-top", "0", "keeps_bytes.py")
        self.assertEqual([], STATISTIC.findall(done.out))
        self.assertIn("memory at the end", done.out)

    def test_largest_first(self):
        self.copy("keeps_bytes.py")
        done = self.pytrace("--mem", "keeps_bytes.py")
        lines = [int(found["line"]) for found in
                 STATISTIC.finditer(done.out)]
        self.assertEqual(16, lines[0])
        sizes = [bytes_of(found["size"])
                 for found in STATISTIC.finditer(done.out)]
        self.assertEqual(sorted(sizes, reverse=True), sizes)

    def test_text_is_that_of_tracemalloc(self):
        self.write("grow.py", "\n".join(
            f"x{i} = bytearray({size})" for i, size in enumerate(
                (1, 99, 1000, 9000, 10182, 10183, 10184, 102343, 102344,
                 1048576, 10485000, 104857600), 1)))
        self.compare("grow.py")

    def test_averages(self):
        self.copy("leaks_requests.py")
        done = self.pytrace("--mem", "leaks_requests.py", "100")
        found = {int(one["line"]): one for one in STATISTIC.finditer(done.out)
                 if "leaks_requests" in one["path"]}[9]
        self.assertEqual("100", found["count"].replace("101", "100"))
        self.assertGreater(bytes_of(found["average"]), 2000)

    def check_own(self, *options):
        self.copy("keeps_objects.py")
        done = self.pytrace(*options, "--mem-top=100000", "-C", "cover",
                            "keeps_objects.py")
        own = [found["path"] for found in STATISTIC.finditer(done.out)
               if "/pytrace/" in found["path"]
               or "sitecustomize" in found["path"]]
        self.assertEqual([], own, options)

    def test_pytrace_is_not_among_the_lines(self):
        self.check_own("--mem")
        self.check_own("--mem", "--count")

    def test_pytrace_is_not_among_all_lines(self):
        self.check_own("--mem", "--count", "--all")


if __name__ == "__main__":
    unittest.main()
