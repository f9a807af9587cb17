"""Tools from the package index, in programs that are counted by probe.

They are fetched for the test; where no index can be reached it is skipped.
"""

import sys
import unittest

from support import PROGRAMS, PY, Case, environment, fetch

PEERS = ["cloudpickle", "coverage"]
# Not its tracer in Python, which looks at the bytecode it finds at events.
CORES = ["ctrace"]
if hasattr(sys, "monitoring"):
    CORES.append("sysmon")
PICKLES = """\
import cloudpickle, subprocess, sys
def outer(n):
    kept = [n]
    def inner(m):
        try:
            return [i + n for i in range(m) if i] + kept
        finally:
            kept.append(m)
    return inner
class Numbers:
    def __iter__(self):
        yield from (x * 2 for x in (1, 2))
functions = [outer(1), lambda n: n or 7, lambda n: list(Numbers())]
data = cloudpickle.dumps(functions)
print(b"pytrace" in data)
for function in cloudpickle.loads(data):
    print(function(3))
for function in functions:
    print(function(2))
code = "import pickle, sys\\nread = pickle.load(sys.stdin.buffer)\\n"
code += "print(*[f(3) for f in read])"
subprocess.run([sys.executable, "-c", code], input=data, check=True,
               env={"PYTHONPATH": sys.argv[1]})
"""
COVERS = """\
import coverage, sys
cover = coverage.Coverage(data_file=None, branch=True, include="covered.py")
cover.start()
import covered
cover.stop()
data = cover.get_data()
print(cover._collector.tracer_name())
for file in data.measured_files():
    print(sorted(data.lines(file)), sorted(data.arcs(file)))
print(cover.analysis2(covered)[1:4])
"""


class PeersTest(Case):

    @classmethod
    def setUpClass(cls):
        cls.peers = fetch(cls, *PEERS)

    def check_same(self, *words, **changes):
        env = environment(PYTHONPATH=self.peers, **changes)
        plain = self.run_command(PY, *words, env=env)
        self.assertEqual(0, plain.status, plain.err)
        done = self.pytrace("--count", "--engine", "probe", *words, env=env)
        self.assertEqual(plain.out, done.out, done.err)
        self.assertEqual(0, done.status)
        return done

    def trace(self, name, *words):
        """The listing that `trace` makes of a program."""
        self.run_command(PY, "-m", "trace", "--count", "-C", "wanted", *words,
                         env=environment(PYTHONPATH=self.peers))
        listing, = self.scratch.glob(f"wanted/*{name}.cover")
        return listing.read_text()

    def test_cloudpickle_by_value(self):
        self.write("pickles.py", PICKLES)
        self.check_same("pickles.py", self.peers)
        # What came back from bytes counts for the same lines.
        self.assertEqual(self.trace("pickles", "pickles.py", self.peers),
                         self.listing("pickles"))

    def test_coverage_at_the_same_time(self):
        self.write("covered.py", (
            PROGRAMS / "raising.py").read_text())
        self.write("covers.py", COVERS)
        self.write("plain.py", "import covered\n")
        wanted = self.trace("covered", "plain.py")
        for core in CORES:
            with self.subTest(core=core):
                done = self.check_same("covers.py", COVERAGE_CORE=core)
                self.assertNotIn("pytrace: the program took", done.err)
                self.assertEqual(wanted, self.listing("covered"))


if __name__ == "__main__":
    unittest.main()
