# SPDX-License-Identifier: MIT
"""--native-profile: the heap profile that jemalloc itself writes."""
import os
import unittest

import support
from test_nativemem import EXTENSIONS, HAS_TIER

PROGRAM = """\
import sys; sys.path.append(%r)
import leaky, os
print({name: value for name, value in os.environ.items()
       if name == "MALLOC_CONF" or "PYTRACE" in name})
leaky.hold_malloc(300, 100000)
os.chdir("/")
""" % EXTENSIONS


@unittest.skipUnless(os.path.isdir(EXTENSIONS),
                     "no test extension: set PT_TEST_EXTENSIONS")
@unittest.skipUnless(HAS_TIER, "built without jemalloc")
@support.without_asan
class NativeProfile(support.Case):
    def run_profiled(self, *options, program=PROGRAM, **env):
        self.write("prog.py", program)
        done = self.pytrace("--mem", "--native", "--native-profile", "heap",
                            *options, "prog.py",
                            env=support.environment(**env))
        if "built without (--enable-prof)" in done.err:
            self.skipTest("jemalloc was built without profiling")
        return done

    def profile(self):
        """(bytes of a sampling step, bytes that live)"""
        lines = (self.scratch / "heap").read_text().splitlines()
        step = int(lines[0].partition("heap_v2/")[2])
        return step, int(lines[1].split(": ")[2].split(" ")[0])

    def test_it_is_written(self):
        done = self.run_profiled()
        self.assertEqual(done.status, 0, done.err)
        self.assertEqual("{}", done.out.splitlines()[0])
        self.assertIn("MAPPED_LIBRARIES:",
                      (self.scratch / "heap").read_text())
        self.assertEqual(1 << 19, self.profile()[0])

    def test_the_users_settings_hold(self):
        conf = "lg_prof_sample:0"
        done = self.run_profiled(MALLOC_CONF=conf)
        self.assertEqual("{'MALLOC_CONF': '%s'}" % conf,
                         done.out.splitlines()[0])
        step, live = self.profile()
        self.assertEqual(1, step)
        # All blocks are in it: rounded, ours and the interpreter's.
        self.assertGreater(live, 300 * 100000)

    def test_switched_off(self):
        done = self.run_profiled(MALLOC_CONF="prof:false")
        self.assertEqual(0, done.status)
        self.assertIn("prof:false in MALLOC_CONF switches it off", done.err)
        self.assertIn("there is no heap profile 'heap'", done.err)

    def test_of_a_killed_program(self):
        (self.scratch / "heap").write_text("an older one\n")
        done = self.run_profiled(
            program=PROGRAM + "os.kill(os.getpid(), 9)\n")
        self.assertEqual(-9, done.status)
        self.assertIn("there is no heap profile 'heap': the program did not "
                      "reach its end", done.err)

    def test_no_such_directory(self):
        self.write("prog.py", "print('ran')\n")
        done = self.pytrace("--mem", "--native", "--native-profile",
                            "nowhere/heap", "prog.py")
        self.assertEqual((1, ""), (done.status, done.out))
        self.assertIn("cannot write the heap profile 'nowhere/heap': No such "
                      "file", done.err)

    def test_it_needs_native(self):
        done = self.pytrace("--mem", "--native-profile", "heap", "prog.py")
        self.assertEqual(2, done.status)
        self.assertIn("--native-profile can only be used with --native",
                      done.err)


if __name__ == "__main__":
    unittest.main()
