"""Counts and memory of one run, joined in listings and tables."""

import re
import unittest

from support import COUNT_WIDTH, MEMORY_WIDTH, Case, without_memory

PROGRAMS = ["keeps_bytes.py", "keeps_objects.py", "leaks_requests.py",
            "closures.py", "async_tasks.py", "threads_work.py"]
ROW = re.compile(r"^ *([\d,]*) {2} *(\S+ \S+) {2} *(\S+ \S+|) {2}"
                 r"(\S+:\d+)(.*)$", re.MULTILINE)


class ListingsTest(Case):
    """The memory column."""

    def column(self, name):
        return [line[COUNT_WIDTH:COUNT_WIDTH + MEMORY_WIDTH]
                for line in self.listing(name).splitlines()]

    def test_without_the_column_it_is_the_plain_listing(self):
        for program in PROGRAMS:
            for options in [], ["-m", "-s"]:
                with self.subTest(program=program, options=options):
                    self.copy(program)
                    path = self.scratch / program.replace(".py", ".cover")
                    plain = self.pytrace("--count", *options, program)
                    wanted = path.read_bytes()
                    both = self.pytrace("--count", "--mem", *options, program)
                    self.assertEqual(wanted,
                                     without_memory(path.read_bytes()))
                    self.assertTrue(both.out.startswith(plain.out))

    def test_odd_sources_keep_their_columns(self):
        self.write("odd.py", "# coding: latin-1\nx = 'é\t'\tand\t[1]\n\f\n"
                   "for i in x: pass\nif not x:\n\ty = 1\n".encode("latin-1"))
        path = self.scratch / "odd.cover"
        self.pytrace("--count", "-m", "odd.py")
        wanted = path.read_bytes()
        self.pytrace("--count", "-m", "--mem", "odd.py")
        self.assertEqual(wanted, without_memory(path.read_bytes()))

    def test_allocated_and_live(self):
        self.write("flow.py", "kept = []\nfor i in range(50):\n"
                   "    bytearray(100000)\n    kept.append(bytes(10000))\n"
                   "x = bytearray(1 << 20)\ndel x\n")
        self.pytrace("--count", "--mem", "flow.py")
        column = self.column("flow")
        self.assertRegex(column[2], r"^ +488\d KiB +0 B  $")
        self.assertRegex(column[3], r"^ +49\d KiB +49\d KiB  $")
        # The tuple of the call's arguments may stay on a free list.
        self.assertRegex(column[4], r"^ +102[45] KiB +(0|48) B  $")
        self.assertEqual(" " * MEMORY_WIDTH, column[5])


class TableTest(Case):
    """The table of the top lines with their hits."""

    def rows(self, *words):
        done = self.pytrace("--count", "--mem", *words)
        head = "        hits        kept     per hit  line\n"
        self.assertIn(head, done.out)
        return ROW.findall(done.out[done.out.index(head) + len(head):])

    def test_hits_and_bytes_per_hit(self):
        self.copy("leaks_requests.py")
        rows = self.rows("leaks_requests.py", "1000")
        self.assertEqual(
            ("1,000", "leaks_requests.py:9", "log.append(bytes(2000))"),
            (rows[0][0], rows[0][3], rows[0][4].strip()))
        self.assertRegex(rows[0][1], r"^19\d\d KiB|20\d\d KiB|2\.0 MiB$")
        self.assertRegex(rows[0][2], r"^20\d\d B$")

    def test_same_lines_as_above(self):
        self.copy("keeps_bytes.py")
        done = self.pytrace("--count", "--mem", "keeps_bytes.py")
        above, below = done.out.split("per hit  line\n")
        wanted = re.findall(r"keeps_bytes\.py:(\d+): size=", above)
        got = re.findall(r"  keeps_bytes\.py:(\d+)", below)
        self.assertEqual(10, len(wanted))
        self.assertEqual(wanted, got)

    def test_no_table_without_counts(self):
        self.copy("keeps_bytes.py")
        done = self.pytrace("--mem", "keeps_bytes.py")
        self.assertNotIn("per hit", done.out)
        self.assertEqual([], list(self.scratch.glob("*.cover")))

    def test_tier_and_engine_are_named(self):
        self.copy("closures.py")
        done = self.pytrace("--count", "--mem", "closures.py")
        self.assertRegex(done.err, r"^pytrace: line counts exact, by "
                         r"[a-z]+; memory exact\n$")
        done = self.pytrace("--mem", "closures.py")
        self.assertEqual("pytrace: memory exact\n", done.err)

    def test_recording_that_is_kept(self):
        self.copy("leaks_requests.py")
        first = self.pytrace("--count", "--mem", "-o", "run.pytrace",
                             "leaks_requests.py")
        listing = self.listing("leaks_requests")
        (self.scratch / "leaks_requests.cover").unlink()
        again = self.pytrace("report", "run.pytrace")
        self.assertEqual((0, first.err), (again.status, again.err))
        self.assertTrue(first.out.endswith(again.out), again.out)
        self.assertEqual(listing, self.listing("leaks_requests"))


if __name__ == "__main__":
    unittest.main()
