# SPDX-License-Identifier: MIT
"""--native-stacks: by which C functions memory was taken."""
import json
import os
import re
import shutil
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

    def export(self, form, *words):
        done = self.pytrace("export", "--to", form, "-o", "out", "--filter",
                            "prog.py", *words, "run.pytrace")
        self.assertEqual(done.status, 0, done.err)
        return (self.scratch / "out").read_bytes()

    def named(self):
        """Record, in a build that names functions."""
        self.record()
        if self.functions()[0]["function"] is None:
            self.skipTest("built without elfutils")

    def check_stack(self, frames, python, depth):
        """`python`, then the interpreter, then so deep into leaky."""
        names = ["hold_nested"] + ["nest"] * (depth + 1)
        self.assertEqual(python, frames[:2])
        self.assertEqual(names, frames[-len(names):])
        self.assertGreater(len(frames), 2 + len(names))

    def test_collapsed_goes_down_to_malloc(self):
        self.named()
        for value, each in (("native", 1000), ("native-blocks", 1),
                            ("native-allocated", 1000),
                            ("native-allocated-blocks", 1)):
            lines = self.export("collapsed", "--value", value)
            deep = {}
            for line in lines.decode().splitlines():
                stack, _, amount = line.rpartition(" ")
                frames = stack.split(";")
                if "nest (leaky.c:" in frames[-1]:
                    deep[int(amount)] = frames
            self.assertEqual({24 * each, 12 * each}, set(deep))
            for count, depth in (24, 5), (12, 2):
                frames = deep[count * each]
                self.assertRegex(frames[-1], r" in leaky\S*\.so$")
                self.check_stack(
                    frames[:2] + [at.split()[0] for at in frames[2:]],
                    ["<module> (prog.py:7)", "take (prog.py:4)"], depth)
        # What Python's allocators gave out is not mixed with it.
        self.assertNotIn(b"leaky.c", self.export("collapsed"))

    def test_speedscope_goes_down_to_malloc(self):
        self.named()
        data = json.loads(self.export("speedscope"))
        frames = data["shared"]["frames"]
        profiles = {profile["name"]: profile for profile in data["profiles"]}
        for name, each in (("native memory kept", 1000),
                           ("native blocks kept", 1),
                           ("native memory allocated", 1000),
                           ("native blocks allocated", 1)):
            samples = dict(zip(profiles[name]["weights"],
                               profiles[name]["samples"]))
            for count, depth in (24, 5), (12, 2):
                sample = samples[count * each]
                self.check_stack([frames[at]["name"] for at in sample],
                                 ["<module>", "take"], depth)
                self.assertTrue(frames[sample[-1]]["file"]
                                .endswith("/leaky.c"))
        # A place is one frame, whoever called it: nest() has two.
        self.assertEqual(2, sum(frame["name"] == "nest" for frame in frames))

    @unittest.skipIf(shutil.which("go") is None, "go is missing")
    def test_pprof_goes_down_to_malloc(self):
        self.named()
        self.export("pprof")

        def pprof(*words):
            done = self.run_command("go", "tool", "pprof", *words, "out")
            self.assertEqual(0, done.status, done.err)
            return done.out

        for kind, flat in (("native_inuse_objects", "36"),
                           ("native_inuse_space", "36000B"),
                           ("native_alloc_objects", "36"),
                           ("native_alloc_space", "36000B")):
            unit = "B" if "space" in kind else "count"
            words = f"-sample_index={kind}", f"-unit={unit}", "-focus=take"
            self.assertRegex(pprof("-top", *words),
                             rf"(?m)^ *{flat}\b.* nest$")
            traces = [re.findall(r"(?m)^(?: *\d+B?)?  +(\S+)", trace)
                      for trace in re.split(r"-{9,}\+-+\n",
                                            pprof("-traces", *words))]
            deep = {len(trace): trace[::-1] for trace in traces
                    if trace[:1] == ["nest"]}
            for depth, length in zip((2, 5), sorted(deep), strict=True):
                self.check_stack(deep[length], ["<module>", "take"], depth)
        raw = pprof("-raw")
        self.assertRegex(raw, r"(?m)^ +\d+: 0x[0-9a-f]+ M=\d+ nest "
                         r"\S*/leaky\.c:\d+")
        self.assertRegex(raw, r"(?m)^\d+: .* \S*/leaky\S*\.so\b")
        self.assertIn("Type: inuse_space", pprof("-top"))

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
