# SPDX-License-Identifier: MIT
"""--native: what libraries take from malloc(), by Python line and function.

The figures are those that the programs ask for; jemalloc's own counters are
compared in tests/unit/test_interposed.c.
"""
import importlib.util
import os
import re
import shutil
import subprocess
import textwrap
import unittest

import support

EXTENSIONS = os.environ.get("PT_TEST_EXTENSIONS", "")
HAS_TIER = os.path.exists(
    os.path.join(support.PACKAGE, "pytrace", "libpytrace_native.so"))
TITLE = re.compile(r"top lines? by native memory kept\n")
ROW = re.compile(r"(\S+):(\d+): size=([\d.]+ \w+), count=(\d+),")
SITE = re.compile(r"    from (.*) in (\S+): size=([\d.]+ \w+), count=(\d+)")

ACCOUNT = re.compile(r"  (.{20}) *(-?[\d.]+) (\w+)(?: \([^)]*\))? *"
                     r"(-?[\d.]+) (\w+)")
UNIT = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


class Native:
    """The table of native memory: rows by line, and the sites of each."""

    def __init__(self, text):
        self.rows = {}
        self.sites = {}
        line = None
        table = TITLE.split(text + "\n\n")[-1]
        for text_line in table.partition("\n\n")[0].splitlines():
            row = ROW.match(text_line)
            site = SITE.match(text_line)
            if row:
                line = int(row[2])
                self.rows[line] = (row[3], int(row[4]))
            elif site:
                self.sites.setdefault(line, []).append(
                    (site[1], site[2], site[3], int(site[4])))


@unittest.skipIf(HAS_TIER, "built with jemalloc")
class WithoutTier(support.Case):

    def test_it_says_what_is_missing(self):
        done = self.pytrace("--mem", "--native", "--cmd", "print('ran')")
        self.assertEqual((1, ""), (done.status, done.out))
        self.assertIn("libjemalloc-dev", done.err)

    def test_auto_goes_on(self):
        done = self.pytrace("--mem", "--native=auto", "--cmd", "print('ran')")
        self.assertEqual(0, done.status, done.err)
        self.assertTrue(done.out.startswith("ran\n"))
        self.assertIn("libjemalloc-dev", done.err)


@unittest.skipUnless(os.path.isdir(EXTENSIONS),
                     "no test extension: set PT_TEST_EXTENSIONS")
@unittest.skipUnless(HAS_TIER, "built without jemalloc")
@support.without_asan
class NativeMemory(support.Case):
    def run_native(self, program, *options, **env):
        source = ("import sys; sys.path.append(%r)\n" % EXTENSIONS
                  + textwrap.dedent(program).lstrip("\n"))
        self.write("prog.py", source)
        done = self.pytrace("--mem", "--native", "--mem-top", "50",
                            "--mem-filter", "*prog.py", *options, "prog.py",
                            env=env)
        self.assertEqual(done.status, 0, done.err)
        return done

    def native(self, program, *options, **env):
        return Native(self.run_native(program, *options, **env).out)

    def test_a_forgotten_free_has_a_line_and_a_function(self):
        table = self.native("""
            import leaky
            def work():
                leaky.hold_malloc(9, 1000)
            work()
        """)
        self.assertEqual(table.rows[4], ("9000 B", 9))
        (function, library, size, count), = table.sites[4]
        self.assertIn("leaky", library)
        self.assertEqual((size, count), ("9000 B", 9))

    def test_the_whole_family(self):
        table = self.native("""
            import leaky
            leaky.hold_family(1000)
        """)
        # Eight blocks of 1000, and "seven b" with its end.
        self.assertEqual(table.rows[3], ("8008 B", 9))

    def test_mappings_have_a_table(self):
        # mmap.mmap(-1, ...) is what a library does that takes memory for
        # itself; half of one is given back, and one grows.
        done = self.run_native("""
            import ctypes, mmap
            def take():
                return mmap.mmap(-1, 1 << 20)
            kept = [take() for _ in range(9)]
            for region in kept[:4]: region.close()
            kept[8].resize(3 << 20)
            libc = ctypes.CDLL(None)
            libc.mmap.restype = ctypes.c_void_p
            libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
            def take_raw():
                return libc.mmap(None, 1 << 18, 3, 0x22, -1, 0)
            half = take_raw()
            libc.munmap(half, 1 << 17)
        """)
        table = done.out.partition("by mapped memory kept\n")[2]
        rows = {int(row[2]): (row[3], int(row[4]))
                for row in ROW.finditer(table)}
        self.assertEqual(rows[4], ("4096 KiB", 4))
        self.assertEqual(rows[7], ("3072 KiB", 1))
        self.assertEqual(rows[12], ("128 KiB", 1))
        self.assertRegex(table, r"    from .* in mmap\S*: size=4096 KiB, "
                         "count=4")

    def test_freed_is_not_kept(self):
        table = self.native("""
            import leaky
            leaky.churn(1000)
            leaky.hold_malloc(50, 100)
            leaky.free_elsewhere()
            leaky.hold_malloc(7, 100)
        """)
        # In line 5 the new thread's own block is taken, and kept by libc.
        self.assertEqual(set(table.rows) & {3, 4, 6}, {6})
        self.assertEqual(table.rows[6], ("700 B", 7))

    def test_what_was_allocated_in_all(self):
        done = self.run_native("""
            import leaky
            leaky.churn(1000)
        """, "--mem-churn")
        churn = done.out.rpartition("by native memory allocated")[2]
        # Of 100, 200, ... 1000 bytes.
        self.assertIn("prog.py:3: allocated=5371 KiB, count=10000; "
                      "freed=5371 KiB, count=10000", churn)

    def test_without_the_gil(self):
        table = self.native("""
            import leaky
            def inner():
                leaky.hold_without_gil(8, 500)
            inner()
        """)
        self.assertEqual(table.rows[4], ("4000 B", 8))

    def test_operator_new(self):
        done = self.run_native("""
            import leaky
            print(leaky.hold_new(6, 300))
        """)
        self.assertTrue(done.out.startswith("True\n"))
        self.assertEqual(Native(done.out).rows[3], ("1800 B", 6))

    def test_python_counts_its_own(self):
        # Large objects, raw memory and all of it under PYTHONMALLOC=malloc:
        # none of that is a library's.
        for malloc in ("pymalloc", "malloc", "malloc_debug"):
            with self.subTest(malloc=malloc):
                table = self.native("""
                    kept = [bytes(100000) for _ in range(10)]
                    many = [str(n) for n in range(10000)]
                """, PYTHONMALLOC=malloc)
                self.assertEqual(set(table.rows) & {2, 3}, set())

    def test_told_to_tracemalloc(self):
        done = self.run_native("""
            import ctypes, tracking
            libc = ctypes.CDLL(None)
            libc.malloc.restype = ctypes.c_void_p
            def take():
                return libc.malloc(5000)
            blocks = [take() for _ in range(3)]
            for block in blocks[:2]:
                tracking.track(42, block, 5000)
            tracking.untrack(42, blocks[0])
        """)
        python, native = TITLE.split(done.out)
        self.assertIn("prog.py:6: size=10000 B, count=2", native)
        self.assertRegex(python, r"prog.py:9: size=5\d\d\d B")

    @unittest.skipUnless(importlib.util.find_spec("numpy"),
                         "numpy is not installed")
    def test_numpy_is_counted_once(self):
        numpy = os.path.dirname(os.path.dirname(
            importlib.util.find_spec("numpy").origin))
        done = self.run_native("""
            sys.path.append(%r)
            import numpy
            kept = numpy.empty(1000000)
        """ % numpy)
        python, native = TITLE.split(done.out + "top line by native memory "
                                     "kept\n")[:2]
        self.assertRegex(python, r"prog.py:4: size=7813 KiB, count=\d")
        self.assertNotRegex(native, r"prog.py:4: size=\d{4} KiB")

    def test_libraries_of_the_standard_library(self):
        table = self.native("""
            import sqlite3, _ssl
            base = sqlite3.connect(":memory:")
            base.execute("create table t (a, b)")
            base.executemany("insert into t values (?, ?)",
                             ((n, "x" * 100) for n in range(20000)))
            context = _ssl._SSLContext(_ssl.PROTOCOL_TLS_CLIENT)
        """)
        self.assertRegex(table.rows[5][0], r"^2\d\d\d KiB$")
        self.assertTrue(any("sqlite3" in site[1] for site in table.sites[5]))
        self.assertTrue(any("crypto" in site[1] for site in table.sites[7]))

    def test_the_program_sees_nothing_of_it(self):
        program = """
            import os, subprocess, sys
            print([v for v in os.environ if "PYTRACE" in v])
            print(os.environ.get("LD_PRELOAD"))
            print(subprocess.run(["sh", "-c", "echo $LD_PRELOAD"],
                                 capture_output=True).stdout)
        """
        done = self.run_native(program)
        self.assertTrue(done.out.startswith("[]\nNone\nb'\\n'\n"), done.out)
        libm = "libm.so.6"
        done = self.run_native(program, LD_PRELOAD=libm)
        self.assertTrue(done.out.startswith(
            "[]\n%s\nb'%s\\n'\n" % (libm, libm)), done.out)

    def test_forked_children_count_their_own(self):
        done = self.run_native("""
            import leaky, os
            leaky.hold_malloc(5, 1000)
            if os.fork() == 0:
                leaky.hold_malloc(4, 1000)
                leaky.churn(10)
                sys.exit()
            os.wait()
            leaky.hold_malloc(3, 1000)
        """)
        rows = Native(done.out).rows
        self.assertEqual([rows[line] for line in (3, 5, 9)],
                         [("5000 B", 5), ("4000 B", 4), ("3000 B", 3)])
        self.assertNotIn(6, rows)

    def test_killed(self):
        self.write("prog.py", "import sys; sys.path.append(%r)\n"
                   "import leaky, os\nleaky.hold_malloc(9, 1000)\n"
                   "os.kill(os.getpid(), 9)\n" % EXTENSIONS)
        done = self.pytrace("--mem", "--native", "--mem-filter", "*prog.py",
                            "prog.py")
        self.assertEqual(done.status, -9)
        self.assertEqual(Native(done.out).rows[3], ("9000 B", 9))

    def test_threads(self):
        table = self.native("""
            import leaky, threading
            def work():
                for _ in range(200):
                    leaky.churn(20)
            threads = [threading.Thread(target=work) for _ in range(8)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            leaky.hold_malloc(9, 100)
        """)
        self.assertEqual(table.rows[9], ("900 B", 9))
        self.assertNotIn(5, table.rows)

    def account(self, done):
        """The account of the first process: {row: (peak, end)} in bytes."""
        text = done.out.partition("\nresident memory")[2]
        rows = {}
        for line in text.splitlines()[2:]:
            row = ACCOUNT.match(line)
            if line == "":
                break
            if row is not None:
                rows[row[1].strip()] = tuple(
                    float(row[at]) * UNIT[row[at + 1]] for at in (2, 4))
        return rows

    def check_account(self, rows):
        names = ("Python", "libraries, malloc", "libraries, mmap",
                 "allocator's slack", "code and files", "stacks", "pytrace",
                 "unexplained")
        for at in (0, 1):
            whole = rows["in all"][at]
            self.assertLess(abs(rows["unexplained"][at]), whole * 0.02, rows)
            # Each figure has three digits.
            self.assertAlmostEqual(sum(rows[name][at] for name in names),
                                   whole, delta=whole * 0.02)

    def test_the_account_of_resident_memory(self):
        done = self.run_native("""
            import leaky, mmap, time
            kept = [bytes(2000000) + b"1" for _ in range(10)]
            leaky.hold_malloc(20, 1000000)
            leaky.hold_filled(20, 1000000)
            region = mmap.mmap(-1, 50 << 20)
            region[:30 << 20] = bytes(30 << 20)
            small = [object() for _ in range(200000)]
            print(open("/proc/self/statm").read().split()[1])
            # One a second is taken at any price.
            time.sleep(1.2)
            leaky.churn(1000)
            del small
            leaky.free_elsewhere()
        """)
        rows = self.account(done)
        self.check_account(rows)
        rss = int(done.out.split()[0]) * os.sysconf("SC_PAGE_SIZE")
        mega = 1e6
        # Freed pages may have gone back before the account was taken.
        self.assertGreater(rows["in all"][0], rss * 0.85)
        self.assertGreater(rows["highest until then"][1], rss * 0.98)
        # 20 of Python's megabytes, 3.2 in 200,000 objects, and the list.
        self.assertAlmostEqual(rows["Python"][0], 26 * mega, delta=3 * mega)
        self.assertAlmostEqual(rows["Python"][1], 22 * mega, delta=5 * mega)
        # Of the blocks that were not filled only the first page is there; the
        # interpreter's start took 2 megabytes. How much of slack, and of
        # blocks, is untouched counters can but guess.
        self.assertAlmostEqual(rows["libraries, malloc"][0], 22.5 * mega,
                               delta=4 * mega)
        self.assertLess(rows["libraries, malloc"][1], 4 * mega)
        # One may lie where another was, filled and freed.
        self.assertAlmostEqual(rows["asked for, untouched"][0], 20 * mega,
                               delta=4 * mega)
        for at in (0, 1):
            self.assertAlmostEqual(rows["libraries, mmap"][at], 30 << 20,
                                   delta=mega)

    def test_the_account_of_threads_and_of_a_killed_program(self):
        self.write("prog.py", textwrap.dedent("""
            import os, signal, sys, threading, time
            sys.path.append(%r)
            import leaky
            ready = threading.Barrier(9)
            def work(depth=200):
                if depth:
                    return work(depth - 1)
                leaky.churn(1000)
                ready.wait()
                time.sleep(60)
            for _ in range(8):
                threading.Thread(target=work, daemon=True).start()
            leaky.hold_filled(1000, 50000)
            ready.wait()
            time.sleep(1.2)  # as above
            leaky.churn(1000)
            os.kill(os.getpid(), signal.SIGKILL)
        """ % EXTENSIONS))
        done = self.pytrace("--mem", "--native", "prog.py")
        self.assertEqual(done.status, -9)
        rows = self.account(done)
        self.check_account(rows)
        self.assertAlmostEqual(rows["libraries, malloc"][1], 51e6, delta=2e6)

    def refusal(self, *options, **env):
        """What --native says of it; with =auto the run goes on without."""
        self.write("prog.py", "print('ran')\n")
        done = self.pytrace("--mem", "--native", *options, "prog.py", env=env)
        self.assertEqual((done.status, done.out), (1, ""))
        return done.err

    def goes_on(self, *options, **env):
        done = self.pytrace("--mem", "--native=auto", *options, "prog.py",
                            env=env)
        self.assertEqual(done.status, 0)
        self.assertTrue(done.out.startswith("ran\n"))
        self.assertNotIn("native", done.out)
        return done.err

    def test_refused_with_another_allocator(self):
        for name in ("libtcmalloc.so", "libtcmalloc_minimal.so.4",
                     "/opt/lib/libmimalloc.so.2", "libjemalloc.so.2"):
            with self.subTest(name=name):
                reason = ("LD_PRELOAD names '%s', which is an allocator "
                          "itself" % name)
                self.assertIn("cannot follow native memory: " + reason,
                              self.refusal(LD_PRELOAD=name))
                self.assertIn("native memory is not followed: " + reason,
                              self.goes_on(LD_PRELOAD=name))

    def test_refused_when_the_loader_did_not_preload(self):
        path = self.scratch / "python"
        path.write_text("#!/bin/sh\nunset LD_PRELOAD\nexec %s \"$@\"\n"
                        % support.PY)
        path.chmod(0o755)
        reason = "the loader did not preload"
        self.assertIn(reason, self.refusal("--python", str(path)))
        self.assertIn(reason, self.goes_on("--python", str(path)))

    def test_refused_for_a_static_program(self):
        self.write("main.c", "int main(void) { return 0; }\n")
        path = self.scratch / "static"
        if subprocess.run(["cc", "-static", "-o", path,
                           self.scratch / "main.c"],
                          capture_output=True).returncode:
            self.skipTest("cc cannot link statically here")
        self.assertIn("linked statically",
                      self.refusal("--python", str(path)))

    @unittest.skipIf(os.getuid(), "only root can make a program another's")
    def test_refused_for_a_setuid_program(self):
        path = self.scratch / "setuid"
        shutil.copy("/bin/true", path)
        os.chown(path, 65534, 65534)
        path.chmod(0o4755)
        self.assertIn("runs as another user",
                      self.refusal("--python", str(path)))

    def test_a_script_that_picks_the_interpreter(self):
        path = self.scratch / "python"
        path.write_text("#!/bin/sh\n/bin/true\nexec %s \"$@\"\n"
                        % support.PY)
        path.chmod(0o755)
        table = self.native("""
            import leaky
            leaky.hold_malloc(9, 1000)
        """, "--python", str(path))
        self.assertEqual(table.rows[3], ("9000 B", 9))

    def test_it_needs_mem(self):
        done = self.pytrace("--count", "--native", "prog.py")
        self.assertEqual(done.status, 2)
        self.assertIn("--native can only be used with --mem", done.err)


if __name__ == "__main__":
    unittest.main()
