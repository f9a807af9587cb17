"""--mem=sample: estimates of what is known, with their errors.

Where chance has a part, the bound is six standard deviations of the figure,
computed from what the program does: one run in 500 million is beyond."""

import math
import os
import re
import unittest

from support import PACKAGE, Case, environment

MEAN = 512 << 10
UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
SIZE = r"(?P<%s>[\d.]+) (?P<%s_unit>B|KiB|MiB|GiB)"
ENTRY = re.compile(
    r"^\S*/(?P<file>[^/\n]+):(?P<line>\d+): (?:size|allocated)="
    + SIZE % ("size", "size") + r"(?: \+- " + SIZE % ("error", "error")
    + r")?, count=(?:about )?(?P<count>\d+)", re.MULTILINE)
SAID = "memory sample, about 512 KiB apart: sizes are estimates"


def number(found, name):
    if found[name] is None:
        return 0
    return float(found[name]) * UNITS[found[name + "_unit"]]


def deviation(size, count):
    """Of the estimate of so many blocks: of their bytes, of their number."""
    share = -math.expm1(-size / MEAN)
    blocks = math.sqrt(count * (1 - share) / share)
    return size * blocks, blocks


class SampleCase(Case):

    def sample(self, *words, **options):
        done = self.pytrace("--mem=sample", "--mem-churn", *words, **options)
        self.assertEqual(0, done.status, done.err)
        self.assertIn(SAID, done.err)
        kept, _, allocated = done.out.partition("by memory allocated")
        return kept, allocated

    def entries(self, table):
        """{line: (bytes, standard error, blocks)}, of programs here."""
        return {int(one["line"]): (number(one, "size"), number(one, "error"),
                                   int(one["count"]))
                for one in ENTRY.finditer(table)
                if (self.scratch / one["file"]).exists()}

    def assertEstimates(self, entry, size, count):
        """An entry is within six deviations of `count` blocks of `size`."""
        of_bytes, of_blocks = deviation(size, count)
        # Sizes are printed with three digits.
        self.assertLess(abs(entry[0] - size * count),
                        6 * of_bytes + 0.01 * size * count)
        self.assertLess(abs(entry[2] - count), 6 * of_blocks + 1)


class EstimatesTest(SampleCase):

    def test_blocks_of_one_size(self):
        self.write("one.py", "kept = []\n"
                   "for i in range(100000):\n"
                   "    kept.append(bytes(1000 - 33))\n")
        kept, _ = self.sample("one.py")
        entry = self.entries(kept)[3]
        self.assertEstimates(entry, 1000, 100000)
        of_bytes, _ = deviation(1000, 100000)
        # Itself an estimate, from about 190 blocks.
        self.assertLess(abs(entry[1] - of_bytes), 0.5 * of_bytes)

    def test_what_was_allocated_and_freed(self):
        self.write("churn.py", "for i in range(200000):\n"
                   "    bytes(3000 - 33)\n")
        kept, allocated = self.sample("churn.py")
        self.assertEstimates(self.entries(allocated)[2], 3000, 200000)
        # Each block of the sample was seen to die.
        self.assertNotIn(2, self.entries(kept))

    def test_large_blocks_are_exact(self):
        self.write("large.py", "kept = []\n"
                   "for i in range(20):\n"
                   "    kept.append(bytes((64 << 20) - 33))\n"
                   "    dead = bytes((128 << 20) - 33)\n"
                   "del dead\n")
        kept, allocated = self.sample("large.py")
        self.assertEqual((20 * (64 << 20), 0, 20), self.entries(kept)[3])
        self.assertNotIn(4, self.entries(kept))
        self.assertEqual((20 * (128 << 20), 0, 20),
                         self.entries(allocated)[4])

    def test_resized_blocks(self):
        self.write("grow.py", "data = bytearray()\n"
                   "for i in range(64):\n"
                   "    data.extend(bytes(1 << 20))\n"
                   "small = bytearray(64 << 20)\n"
                   "del small[1000:]\n")
        kept, _ = self.sample("grow.py")
        entry = self.entries(kept)[3]
        self.assertEqual(1, entry[2])
        self.assertLess(abs(entry[0] - (64 << 20)), 10 << 20)
        self.assertNotIn(4, self.entries(kept))
        self.assertLess(self.entries(kept).get(5, (0,))[0], 2 << 20)

    def test_threads(self):
        self.write("threads.py", "import threading\n"
                   "kept = []\n"
                   "def work():\n"
                   "    mine = []\n"
                   "    for i in range(20000):\n"
                   "        mine.append(bytes(2000 - 33))\n"
                   "    kept.append(mine)\n"
                   "threads = [threading.Thread(target=work)\n"
                   "           for i in range(5)]\n"
                   "[t.start() for t in threads]\n"
                   "[t.join() for t in threads]\n")
        kept, _ = self.sample("threads.py")
        self.assertEstimates(self.entries(kept)[6], 2000, 100000)

    def test_whole_stacks(self):
        self.write("deep.py", "def down(n):\n"
                   "    return bytes(32 << 20) if n == 0 else down(n - 1)\n"
                   "kept = [down(40), down(5)]\n")
        kept, _ = self.sample("--mem-group", "traceback", "--mem-frames",
                              "100", "deep.py")
        self.assertEqual([42, 7], [entry.count("  File ") for entry in
                                   kept.split("size=")[1:3]])


class ProcessesTest(SampleCase):

    def test_fork(self):
        self.write("forks.py", "import os\n"
                   "ours = [bytes(64 << 20) for i in range(3)]\n"
                   "if os.fork() == 0:\n"
                   "    more = [bytes(64 << 20) for i in range(5)]\n"
                   "    del ours[0]\n"
                   "else:\n"
                   "    os.wait()\n")
        kept, _ = self.sample("forks.py")
        found = self.entries(kept)
        self.assertEqual((3, 5), (found[2][2], found[4][2]))
        self.assertRegex(kept, r" ~?32\d MiB +~?19\d MiB ")

    def test_killed(self):
        self.write("dies.py", "import os, signal\n"
                   "kept = [bytes(64 << 20) for i in range(3)]\n"
                   "os.kill(os.getpid(), signal.SIGKILL)\n")
        done = self.pytrace("--mem=sample", "dies.py")
        self.assertEqual(-9, done.status)
        self.assertEqual(3, self.entries(done.out)[2][2])

    def test_kept_recording(self):
        self.write("large.py", "kept = [bytes(64 << 20)]\n")
        self.sample("-o", "run.pytrace", "large.py")
        done = self.pytrace("report", "run.pytrace")
        self.assertIn(SAID, done.err)
        self.assertIn("by memory kept, estimated\n", done.out)


class SurroundingsTest(SampleCase):

    def test_is_called_an_estimate(self):
        self.write("some.py", "kept = [bytes(1000) for i in range(50000)]\n")
        done = self.pytrace("--count", "--mem=sample", "some.py")
        self.assertRegex(done.out, r"memory at the end   [\d.]+ MiB \+- "
                         r".*iB in about [\d,]+ blocks\n"
                         r"at its peak         about ")
        self.assertRegex(done.out, r"50,00\d +~")
        self.assertRegex(self.listing("some"), r"~.*~.*kept = ")

    def test_little_memory_of_its_own(self):
        self.write("some.py", "kept = [bytes(1000) for i in range(100000)]\n")
        kept, _ = self.sample("some.py")
        found = re.search(r"pytrace's own +(\d+) KiB", kept)
        self.assertLess(int(found[1]), 2048)

    def test_tracemalloc_beside_it_is_exact(self):
        self.write("both.py", "import pytrace.tracemalloc as tracemalloc\n"
                   "tracemalloc.start()\n"
                   "before = tracemalloc.get_traced_memory()[0]\n"
                   "kept = bytes(5000 - 33)\n"
                   "after = tracemalloc.get_traced_memory()[0]\n"
                   "assert 5000 <= after - before < 6000, (before, after)\n"
                   "large = [bytes(64 << 20) for i in range(4)]\n"
                   "tracemalloc.stop()\n"
                   "large += [bytes(64 << 20) for i in range(4)]\n")
        kept, _ = self.sample("both.py", env=environment(
            PYTHONPATH=PACKAGE))
        found = self.entries(kept)
        self.assertEqual((4, 4), (found[7][2], found[9][2]))

    def test_blocks_of_extensions(self):
        self.write("tracks.py", "import tracking\n"
                   "tracking.track(7, 0x10000000, 64 << 20)\n"
                   "tracking.track(7, 0x20000000, 64 << 20)\n"
                   "tracking.track(8, 0x20000000, 64 << 20)\n"
                   "tracking.track(8, 0x20000000, 32 << 20)\n"
                   "tracking.untrack(7, 0x10000000)\n")
        kept, _ = self.sample("tracks.py", env=environment(
            PYTHONPATH=os.environ["PT_TEST_EXTENSIONS"]))
        self.assertEqual({3: (64 << 20, 0, 1), 5: (32 << 20, 0, 1)},
                         self.entries(kept))


class TierTest(Case):

    def test_off_wins(self):
        self.write("some.py", "x = 1\n")
        done = self.pytrace("--mem", "--count", "--mem-top", "3", "--mem=off",
                            "some.py")
        self.assertEqual((0, ""), (done.status, done.out))
        self.assertNotIn("memory", done.err)

    def test_exact_is_the_one_without_a_word(self):
        self.write("some.py", "x = 1\n")
        for option in "--mem", "--mem=exact":
            done = self.pytrace(option, "some.py")
            self.assertIn("pytrace: memory exact\n", done.err)


if __name__ == "__main__":
    unittest.main()
