# SPDX-License-Identifier: MIT
"""--native where processes begin, end and split, and where it is refused."""
import importlib.util
import os
import subprocess
import textwrap
import unittest

import support
from test_nativemem import EXTENSIONS, HAS_TIER, Native


@unittest.skipUnless(os.path.isdir(EXTENSIONS),
                     "no test extension: set PT_TEST_EXTENSIONS")
@unittest.skipUnless(HAS_TIER, "built without jemalloc")
@support.without_asan
class NativeHazards(support.Case):
    def run_native(self, program, *options, **env):
        self.write("prog.py", "import sys; sys.path.append(%r)\n"
                   "import leaky\n" % EXTENSIONS
                   + textwrap.dedent(program).lstrip("\n"))
        done = self.pytrace("--mem", "--native", "--mem-top", "50",
                            "--mem-filter", "*prog.py", *options, "prog.py",
                            env=env)
        self.assertEqual(done.status, 0, done.err)
        return done

    def native(self, program, *options, **env):
        return Native(self.run_native(program, *options, **env).out)

    def test_children_that_share_memory_until_they_execute(self):
        # subprocess takes vfork() and posix_spawn() is one; threads go on
        # meanwhile.
        for start in ("subprocess.run(['/bin/true'], check=True)",
                      "os.waitpid(os.posix_spawn('/bin/true', ['true'], "
                      "os.environ), 0)",
                      "os.system('exit 0')"):
            with self.subTest(start=start):
                table = self.native("""
                    import os, subprocess, threading
                    is_over = False
                    def work():
                        while not is_over:
                            leaky.churn(50)
                    threads = [threading.Thread(target=work) for _ in range(2)]
                    for thread in threads: thread.start()
                    for _ in range(20):
                        %s
                    leaky.hold_malloc(9, 1000)
                    is_over = True
                    for thread in threads: thread.join()
                    """ % start)
                self.assertEqual(table.rows[12], ("9000 B", 9))
                self.assertNotIn(7, table.rows)

    def test_what_ends_the_program(self):
        # Handlers of Python count; what C does behind them is no news.
        for end in ("", "sys.exit()", "raise SystemExit(0)"):
            with self.subTest(end=end):
                table = self.native("""
                    import atexit
                    leaky.hold_malloc(9, 1000)
                    @atexit.register
                    def say():
                        leaky.churn(10)
                        leaky.hold_malloc(4, 1000)
                    %s
                    """ % end)
                self.assertEqual(table.rows[4], ("9000 B", 9))
                self.assertNotIn(7, table.rows)

    def test_os_exit(self):
        table = self.native("""
            import os
            leaky.hold_malloc(9, 1000)
            os._exit(0)
            """)
        self.assertEqual(table.rows[4], ("9000 B", 9))

    def test_a_python_handler_of_a_signal_allocates(self):
        table = self.native("""
            import signal
            def handle(*_):
                leaky.churn(5)
                leaky.hold_malloc(1, 1000)
            signal.signal(signal.SIGALRM, handle)
            for _ in range(30):
                signal.raise_signal(signal.SIGALRM)
                leaky.churn(20)
            """)
        self.assertEqual(table.rows[6], ("29.3 KiB", 30))
        self.assertNotIn(5, table.rows)

    def test_libraries_of_the_standard_library(self):
        done = self.run_native("""
            import ctypes, zlib, _ssl
            packers = [zlib.compressobj() for _ in range(5)]
            libc = ctypes.CDLL(None)
            libc.strdup.restype = ctypes.c_void_p
            def copy():
                return libc.strdup(b"x" * 99)
            copies = [copy() for _ in range(7)]
            context = _ssl._SSLContext(_ssl.PROTOCOL_TLS_CLIENT)
            """)
        table = Native(done.out)
        # strdup() takes the text and its end.
        self.assertEqual(table.rows[8], ("700 B", 7))
        self.assertTrue(any("libcrypto" in site[1] or "libssl" in site[1]
                            for site in table.sites[10]), table.sites[10])
        # zlib is given memory by PyMem_RawMalloc(), which counts it.
        self.assertNotIn(4, table.rows)
        self.assertRegex(done.out.partition("by native memory")[0],
                         r"prog.py:4: size=1\d\d\d KiB")

    @unittest.skipUnless(importlib.util.find_spec("numpy"),
                         "numpy is not installed")
    def test_numpy_tells_tracemalloc(self):
        numpy = os.path.dirname(os.path.dirname(
            importlib.util.find_spec("numpy").origin))
        done = self.run_native("""
            sys.path.append(%r)
            import numpy
            kept = [numpy.zeros(100000) for _ in range(5)]
            """ % numpy)
        python = done.out.partition("by native memory kept")[0]
        self.assertRegex(python, r"prog.py:5: size=390\d KiB, count=")

    def check_refused(self, reason, *options, **env):
        """--native refuses, --native=auto goes on; both say why."""
        self.write("prog.py", "print('ran')\n")
        done = self.pytrace("--mem", "--native", *options, "prog.py", env=env)
        self.assertEqual((1, ""), (done.status, done.out))
        self.assertIn("cannot follow native memory: " + reason, done.err)
        if options:
            return  # an interpreter that cannot run at all
        done = self.pytrace("--mem", "--native=auto", "prog.py", env=env)
        self.assertEqual(0, done.status, done.err)
        self.assertTrue(done.out.startswith("ran\n"), done.out)
        self.assertIn("native memory is not followed: " + reason, done.err)

    def test_refused_without_jemalloc(self):
        self.write("libjemalloc.so.2", "no library\n")
        self.check_refused("there is no libjemalloc.so.2; install jemalloc",
                           LD_LIBRARY_PATH=str(self.scratch))

    def test_refused_for_address_sanitizer(self):
        self.write("main.c", "int main(void) { return 0; }\n")
        path = self.scratch / "checked"
        if subprocess.run(["cc", "-fsanitize=address", "-o", path,
                           self.scratch / "main.c"],
                          capture_output=True).returncode:
            self.skipTest("cc has no AddressSanitizer here")
        self.check_refused("'%s' was built with AddressSanitizer" % path,
                           "--python", str(path))


if __name__ == "__main__":
    unittest.main()
