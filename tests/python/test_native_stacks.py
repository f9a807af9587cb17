# SPDX-License-Identifier: MIT
"""--native-stacks: by which C functions memory was taken."""
import json
import os
import unittest

import support
from test_nativemem import EXTENSIONS, HAS_TIER

# leaky.nest() calls itself so many times, is called by leaky.hold_nested(),
# and that by functions of the interpreter.
PROGRAM = """\
import sys; sys.path.append(%r)
import leaky, pytrace
def take(depth):
    leaky.hold_nested(depth, 1000)
pytrace.snapshot("round")
for n in range(12):
    take(2); take(5); take(5)
    pytrace.snapshot("round")
""" % EXTENSIONS


@unittest.skipUnless(os.path.isdir(EXTENSIONS),
                     "no test extension: set PT_TEST_EXTENSIONS")
@unittest.skipUnless(HAS_TIER, "built without jemalloc")
@support.without_asan
class NativeStacks(support.Case):
    def record(self, source=PROGRAM, *options):
        self.write("prog.py", source)
        done = self.pytrace("--mem", "--native", "--native-stacks",
                            "--mem-filter", "*prog.py", "-o", "run.pytrace",
                            *options, "prog.py", env=support.environment(
                                PYTHONPATH=support.PACKAGE))
        if "libunwind" in done.err:
            self.skipTest("libunwind is not installed")
        self.assertEqual(done.status, 0, done.err)
        return done.out

    def functions(self):
        done = self.pytrace("leaks", "--json", "run.pytrace")
        self.assertEqual(done.status, 0, done.err)
        leak, = (leak for leak in json.loads(done.out)["leaks"]
                 if leak["memory"] == "native")
        self.assertEqual(4, leak["line"])
        return leak["functions"]

    def test_callers_of_each_stack(self):
        self.record()
        functions = self.functions()
        self.assertEqual([(24000, 24), (12000, 12)],
                         [(function["live_bytes"], function["live_blocks"])
                          for function in functions])
        for function, depth in zip(functions, (5, 2)):
            row = [function, *function["callers"]]
            inside = [at for at in row if "leaky" in at["library"]]
            # What is in the extension comes first, and nothing is missing.
            self.assertEqual(depth + 2, len(inside))
            self.assertEqual(inside, row[:depth + 2])
            self.assertGreater(len(row), depth + 2)
            if function["function"] is None:
                continue  # built without elfutils
            self.assertEqual(["nest"] * (depth + 1) + ["hold_nested"],
                             [at["function"] for at in inside])
            self.assertNotIn("_PyEval_EvalFrameDefault",
                             [at["function"] for at in row])

    def test_the_table_has_them(self):
        text = self.record().partition("by native memory kept\n")[2]
        table = text.partition("prog.py:4: ")[2]
        self.assertRegex(table, r"^size=35\.2 KiB, count=36, .*\n"
                         r"    from .* in leaky\S*: size=23\.4 KiB, "
                         r"count=24\n(      by .* in leaky\S*\n){6}"
                         r"(      by .*\n)+"
                         r"    from .* in leaky\S*: size=11\.7 KiB, "
                         r"count=12\n(      by .* in leaky\S*\n){3}"
                         r"      by (?!.* in leaky)")

    def test_forks_and_threads(self):
        text = self.record("""\
import sys; sys.path.append(%r)
import leaky, os, threading
def work():
    for _ in range(300):
        leaky.churn(5)
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for _ in range(5):
    if os.fork() == 0:
        leaky.hold_nested(3, 1000)
        os._exit(0)
for _ in range(5): os.wait()
for thread in threads: thread.join()
""" % EXTENSIONS)
        self.assertRegex(text, r"prog.py:10: size=5000 B, count=5, .*\n"
                         r"    from .* in leaky\S*: size=5000 B, count=5\n"
                         r"(      by .* in leaky\S*\n){4}")

    def test_the_totals_are_the_same(self):
        with_stacks = self.record()
        self.write("prog.py", PROGRAM)
        without = self.pytrace("--mem", "--native", "--mem-filter",
                               "*prog.py", "prog.py",
                               env=support.environment(
                                   PYTHONPATH=support.PACKAGE)).out

        def lines(text):
            return [line for line in text.rpartition("native memory kept\n")[2]
                    .splitlines() if not line.startswith(" ")]

        self.assertEqual(lines(without), lines(with_stacks))

    def test_without_libunwind(self):
        self.write("prog.py", "print('ran')\n")
        self.write("libunwind.so.8", "no library\n")
        env = support.environment(LD_LIBRARY_PATH=str(self.scratch))
        reason = ("there is no libunwind.so.8, which --native-stacks needs; "
                  "install libunwind (Debian: libunwind8)")
        done = self.pytrace("--mem", "--native", "--native-stacks", "prog.py",
                            env=env)
        self.assertEqual((1, ""), (done.status, done.out))
        self.assertIn("cannot follow native memory: " + reason, done.err)
        done = self.pytrace("--mem", "--native=auto", "--native-stacks",
                            "prog.py", env=env)
        self.assertEqual(0, done.status)
        self.assertIn("native memory is not followed: " + reason, done.err)

    def test_it_needs_native(self):
        done = self.pytrace("--mem", "--native-stacks", "prog.py")
        self.assertEqual(2, done.status)
        self.assertIn("--native-stacks can only be used with --native",
                      done.err)


if __name__ == "__main__":
    unittest.main()
