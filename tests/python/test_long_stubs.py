"""The type stubs say of the package what it is.

mypy is fetched for the test; where no index can be reached it is skipped.
"""

import os
import unittest

from support import PACKAGE, PY, Case, environment, fetch

# What stubtest is not to look at.
ALLOWED = r"""
# Runs inside `site` only, and imports the user's module of the same name.
pytrace\._boot\.sitecustomize
# Has one of two signatures; mypy looks at the first.
pytrace\._trace_results\.CoverageResults\.write_results
# A library that is preloaded, no module.
pytrace\.libpytrace_native
"""

USES = """\
import pytrace
import pytrace.trace
import pytrace.tracemalloc as tracemalloc
from types import FrameType
from typing import Any

def seen(frame: FrameType, event: str, value: Any) -> None:
    print(frame.f_lineno, event, value)

@pytrace.Tracer(seen, events="line")
def double(n: int) -> int:
    return 2 * n

tracer = pytrace.Tracer(callgraph=True, times=True)
with tracer, pytrace.span("work"):
    pytrace.mark("begin")
    total: int = double(2)
for function, calls in tracer.calls.items():
    print(function.name.upper(), calls + 1)
for (path, line), time in tracer.line_times.items():
    print(path.upper(), line + 1, time.hits + 1, time.seconds + 0.5)

runner = pytrace.trace.Trace(count=True, trace=False)
result: int = runner.runfunc(double, 3)
hits: dict[tuple[str, int], int] = runner.results().counts

tracemalloc.start(25)
before = tracemalloc.take_snapshot()
kept = [bytes(n) for n in range(1000)]
growth = tracemalloc.take_snapshot().compare_to(before, "lineno")
print(growth[0].size_diff + 1, growth[0].traceback[0].filename.upper())
written: bool = pytrace.snapshot("end")
"""


class StubsTest(Case):

    @classmethod
    def setUpClass(cls):
        cls.peers = fetch(cls, "mypy")

    def mypy(self, *words):
        paths = environment(
            PYTHONPATH=os.pathsep.join([PACKAGE, self.peers]),
            MYPYPATH=PACKAGE)
        done = self.run_command(PY, "-m", *words, env=paths)
        self.assertEqual(0, done.status, done.out + done.err)
        return done.out

    def test_stubs_are_the_package(self):
        self.write("allowed", ALLOWED)
        out = self.mypy("mypy.stubtest", "pytrace", "--allowlist", "allowed",
                        "--ignore-unused-allowlist")
        self.assertIn("Success: no issues found", out)

    def test_users_find_their_types(self):
        self.write("uses.py", USES)
        out = self.mypy("mypy", "--strict", "uses.py")
        self.assertIn("Success: no issues found in 1 source file", out)
        done = self.python("uses.py", env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(0, done.status, done.err)

    def test_wrong_types_are_told(self):
        self.write("wrong.py", "import pytrace\npytrace.mark(3)\n")
        done = self.run_command(
            PY, "-m", "mypy", "wrong.py",
            env=environment(PYTHONPATH=self.peers, MYPYPATH=PACKAGE))
        self.assertIn('expected "str"', done.out + done.err)


if __name__ == "__main__":
    unittest.main()
