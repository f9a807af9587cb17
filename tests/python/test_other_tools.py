"""Programs that trace themselves, by whatever means, do so under us, too."""

import importlib.util
import sys
import unittest
import warnings

import pytrace
import support
import traced_functions
from support import Case
from traced_functions import Recorder

# What the programs below look at.
WORK = '''
import sys, threading

def add(a, b):
    c = a + b
    return c

def each(n):
    for i in range(n):
        yield add(i, 1)

def fails():
    raise KeyError("x")

def work():
    total = sum(each(3))
    try:
        fails()
    except KeyError:
        total += 1
    return total

def own(frame):
    return frame.f_code.co_filename == __file__
'''

TOOLS = {
    "settrace": '''
def main():
    def trace(frame, event, arg):
        if own(frame):
            print(frame.f_code.co_name, event, frame.f_lineno)
            return trace
    before = sys.gettrace()
    sys.settrace(trace)
    work()
    print(sys.gettrace() is trace)
    sys.settrace(None)
    print(sys.gettrace())
''',
    "settrace_once_more": '''
def main():
    seen = []
    def trace(frame, event, arg):
        if own(frame):
            seen.append((frame.f_code.co_name, event))
            return trace
    for _ in range(2):
        before = sys.gettrace()
        sys.settrace(trace)
        work()
        sys.settrace(before)
        work()
    print(seen)
''',
    "threading_settrace": '''
def main():
    def trace(frame, event, arg):
        if own(frame):
            print(frame.f_code.co_name, event, frame.f_lineno)
            return trace
    threading.settrace(trace)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    threading.settrace(None)
''',
    "setprofile": '''
def main():
    def profile(frame, event, arg):
        if own(frame):
            print(frame.f_code.co_name, event, getattr(arg, "__name__", arg))
    sys.setprofile(profile)
    work()
    print(sys.getprofile() is profile)
    sys.setprofile(None)
    print(sys.getprofile())
''',
    "pdb": '''
def main():
    import io, pdb
    out = io.StringIO()
    orders = io.StringIO("break add, a == 1\\ncontinue\\np a, b\\nnext\\n"
                         "p c\\nup\\np i\\nclear 1\\ncontinue\\n")
    debugger = pdb.Pdb(stdin=orders, stdout=out, nosigint=True,
                       readrc=False)
    debugger.use_rawinput = False
    debugger.runcall(work)
    print(out.getvalue())
''',
    "cProfile": '''
def main():
    import cProfile, pstats
    profile = cProfile.Profile()
    profile.runcall(work)
    stats = pstats.Stats(profile).stats
    for (file, line, name), (calls, total, *_) in sorted(stats.items()):
        if file == __file__:
            print(line, name, calls, total)
''',
    "trace": '''
def main():
    import trace
    tracer = trace.Trace(count=1, trace=0)
    print(tracer.runfunc(work))
    counts = tracer.results().counts
    print(sorted((n, c) for (file, n), c in counts.items()
                 if file == __file__))
''',
    "coverage": '''
def main():
    import coverage
    measured = coverage.Coverage(data_file=None, include=[__file__])
    measured.start()
    work()
    measured.stop()
    print(sorted(measured.get_data().lines(__file__)))
''',
    "monitoring": '''
def main():
    monitoring = sys.monitoring
    events = monitoring.events
    tool = next(i for i in range(6) if monitoring.get_tool(i) is None)
    monitoring.use_tool_id(tool, "mine")
    def told(*what):
        if what[0].co_filename == __file__:
            print(what[0].co_name, *map(repr, what[2:]))
    def line(code, number):
        if code.co_filename == __file__:
            print(code.co_name, "line", number)
    wanted = [events.PY_START, events.PY_RETURN, events.PY_YIELD,
              events.PY_UNWIND, events.RAISE]
    for event in wanted:
        monitoring.register_callback(tool, event, told)
    monitoring.register_callback(tool, events.LINE, line)
    monitoring.set_events(tool, sum(wanted))
    monitoring.set_local_events(tool, add.__code__, events.LINE)
    work()
    monitoring.set_events(tool, 0)
    monitoring.free_tool_id(tool)
''',
}

PLAIN = "import prog\nprog.main()\n"
IN_OURS = {
    "Tracer of all": '''
import prog, pytrace
def callback(frame, event, arg):
    pass
with pytrace.Tracer(callback, callgraph=True, times=True) as tracer:
    prog.main()
''',
    "Tracer of opcodes": '''
import prog, pytrace
with pytrace.Tracer(lambda *event: None, events="opcode"):
    prog.main()
''',
    "pytrace.trace": '''
import prog, pytrace.trace
tracer = pytrace.trace.Trace(count=1, trace=0, countfuncs=1, countcallers=1)
tracer.runfunc(prog.main)
tracer.results()
''',
}


class Guests(Case):

    programs = TOOLS
    path = support.PACKAGE

    def setUp(self):
        super().setUp()
        self.env = support.environment(PYTHONPATH=self.path,
                                       PYTHONWARNINGS="ignore",
                                       PYTHONDONTWRITEBYTECODE="1")

    def tools(self):
        for tool, text in self.programs.items():
            with self.subTest(tool=tool):
                if tool == "monitoring" and not hasattr(sys, tool):
                    self.skipTest("this Python has no sys.monitoring")
                if (tool == "coverage"
                        and importlib.util.find_spec(tool) is None):
                    self.skipTest("coverage.py is not installed")
                self.write("prog.py", WORK + text)
                self.write("plain.py", PLAIN)
                plain = self.python("plain.py", env=self.env)
                self.assertEqual((0, ""), (plain.status, plain.err))
                self.assertTrue(plain.out)
                yield tool, plain

    def test_under_count(self):
        for _, plain in self.tools():
            for engine in ("", "monitoring" if hasattr(sys, "monitoring")
                           else "settrace"):
                words = ["--engine", engine] if engine else []
                done = self.pytrace("--count", "-C", "cover", *words,
                                    "plain.py", env=self.env)
                self.assertEqual((0, plain.out), (done.status, done.out))

    def test_under_lines_and_calls(self):
        for tool, plain in self.tools():
            # What we print goes to stdout, what the program prints to a file.
            self.write("apart.py", "import sys\nout = sys.stdout\n"
                                   "sys.stdout = open('own', 'w')\n"
                                   "import plain\nsys.stdout.close()\n"
                                   "sys.stdout = out\nlast = 1\n")
            for words in (["-t"], ["--calls", "--args", "--returns",
                                   "--exceptions"], ["-t", "-c", "-C", "c"]):
                with self.subTest(words=words):
                    done = self.pytrace(*words, "apart.py", env=self.env)
                    self.assertEqual(0, done.status, done.err)
                    self.assertEqual(plain.out,
                                     (self.scratch / "own").read_text())
                    self.check_told(tool, words, done)

    def check_told(self, tool, words, done):
        """All lines are there, or it is said that some are not."""
        if "-t" in words and "apart.py(7): " not in done.out:
            self.assertIn("the program has set a trace function of its own",
                          done.err)
            self.assertFalse(hasattr(sys, "monitoring"), tool)

    def test_inside_our_own(self):
        for tool, plain in self.tools():
            for name, text in IN_OURS.items():
                with self.subTest(inside=name):
                    self.write("ours.py", text)
                    done = self.python("ours.py", env=self.env)
                    self.assertEqual(("", plain.out), (done.err, done.out))


class OneSlot(unittest.TestCase):
    """Where CPython has one slot, who sets it wins, and we say so."""

    def work(self, setter):
        recorder = Recorder()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with pytrace.Tracer(recorder, functions="inner") as tracer:
                traced_functions.inner(1)
                setter(lambda *event: None)
                traced_functions.inner(1)
                setter(None)
                traced_functions.inner(1)
        return recorder.seen, [str(w.message) for w in caught], tracer

    def test_settrace(self):
        self.addCleanup(sys.settrace, sys.gettrace())
        seen, said, tracer = self.work(sys.settrace)
        if hasattr(sys, "monitoring"):
            self.assertEqual((9, [], False),
                             (len(seen), said, tracer.interrupted))
        else:
            self.assertEqual(3, len(seen))
            self.assertTrue(tracer.interrupted)
            self.assertRegex(said[0], "the program took the trace function")

    def test_setprofile(self):
        self.addCleanup(sys.setprofile, sys.getprofile())
        seen, said, tracer = self.work(sys.setprofile)
        self.assertEqual((9, [], False), (len(seen), said, tracer.interrupted))

    def test_what_was_there_goes_on(self):
        for get, put in ((sys.gettrace, sys.settrace),
                         (sys.getprofile, sys.setprofile)):
            theirs, ours = Recorder(), Recorder()

            def function(frame, event, arg):
                if frame.f_code.co_name == "inner":
                    theirs(frame, event, arg)
                return function
            before = get()
            put(function)
            try:
                with pytrace.Tracer(ours, functions="inner",
                                    events=["call", "return"]):
                    traced_functions.inner(1)
                same = get() is function
            finally:
                put(before)
            self.assertTrue(same)
            self.assertEqual([("call", "inner"), ("return", "inner")],
                             ours.seen)
            self.assertEqual(ours.seen, [e for e in theirs.seen
                                         if e[0] != "line"])


@unittest.skipUnless(hasattr(sys, "monitoring"), "there are no tool ids")
class ToolIds(unittest.TestCase):

    def test_none_is_free(self):
        monitoring = sys.monitoring
        taken = [i for i in range(6) if monitoring.get_tool(i) is None]
        for i in taken:
            monitoring.use_tool_id(i, "theirs")
        try:
            with self.assertRaisesRegex(RuntimeError,
                                        "tool ids are taken; stop one"):
                pytrace.Tracer(callgraph=True).start()
        finally:
            for i in taken:
                monitoring.free_tool_id(i)

    def test_ids_are_given_back(self):
        before = [sys.monitoring.get_tool(i) for i in range(6)]
        for _ in range(20):
            with pytrace.Tracer(callgraph=True):
                traced_functions.inner(1)
        self.assertEqual(before,
                         [sys.monitoring.get_tool(i) for i in range(6)])

    def test_who_has_the_id_next_is_not_disturbed(self):
        monitoring = sys.monitoring
        tracer = pytrace.Tracer(callgraph=True, functions="inner")
        with tracer:
            used = [i for i in range(6)
                    if monitoring.get_tool(i) == "pytrace"][-1]
            traced_functions.inner(1)
            traced_functions.outer(1)
        seen = []
        monitoring.use_tool_id(used, "next")
        try:
            monitoring.register_callback(
                used, monitoring.events.PY_START,
                lambda code, offset: seen.append(code.co_name))
            monitoring.set_events(used, monitoring.events.PY_START
                                  | monitoring.events.PY_RETURN)
            monitoring.restart_events()
            traced_functions.outer(1)
            monitoring.set_events(used, 0)
        finally:
            monitoring.free_tool_id(used)
        self.assertEqual(["outer", "inner", "inner"], seen)
        self.assertEqual([3], list(tracer.calls.values()))


if __name__ == "__main__":
    unittest.main()
