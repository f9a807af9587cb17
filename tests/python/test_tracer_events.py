"""A Tracer's callback sees what a function given to sys.settrace does."""

import json
import sys
import unittest

import support
from support import Case

PROGRAMS = support.PROGRAMS / "trace"

# Runs a program and tells what it did. The arguments of events are told by
# their types or, where there are no addresses in them, by their texts.
TELL = """
import json, runpy, sys, threading
import asyncio, dis, inspect, contextlib, dataclasses, functools
import pytrace

path = sys.argv[1]
sys.path.insert(0, path.rpartition("/")[0])
kinds = sys.argv[2].split(",")

def told(frame, event, arg):
    if event == "exception":
        arg = arg[0].__name__, type(arg[1]).__name__, arg[2] is not None
    elif type(arg) not in (int, str, float, bool, type(None)):
        arg = type(arg).__name__
    line = frame.f_lineno if event != "call" else frame.f_code.co_firstlineno
    at = frame.f_lasti if event == "opcode" else None
    return [frame.f_code.co_name, line, event, arg, at]

def by_hand():
    seen = []
    def trace(frame, event, arg):
        if event == "call" and frame.f_code.co_filename != path:
            return None
        frame.f_trace_opcodes = "opcode" in kinds
        if event in kinds:
            seen.append(told(frame, event, arg))
        return trace
    # 3.12.1 looks for a frame that asks for opcodes when tracing is set.
    sys._getframe().f_trace_opcodes = "opcode" in kinds
    sys.settrace(trace)
    try:
        runpy.run_path(path)
    except SystemExit:
        pass
    finally:
        sys.settrace(None)
    return seen

def by_tracer():
    seen = []
    def trace(frame, event, arg):
        seen.append(told(frame, event, arg))
    with pytrace.Tracer(trace, events=kinds, include=path, threads="current"):
        try:
            runpy.run_path(path)
        except SystemExit:
            pass
    return seen

seen = by_tracer() if sys.argv[3] == "tracer" else by_hand()
print("\\n" + json.dumps(seen))
"""


class SameAsSettrace(Case):

    def events(self, program, kinds, who):
        """What the program printed, and its events."""
        done = self.run_command(
            support.PY, "-c", TELL, program, kinds, who,
            env=support.environment(PYTHONPATH=support.PACKAGE,
                                    PYTHONDONTWRITEBYTECODE="1",
                                    PYTHONHASHSEED="0"))
        self.assertEqual("", done.err)
        *printed, events = done.out.splitlines()
        return printed, json.loads(events)

    def compare(self, kinds):
        for path in sorted(PROGRAMS.glob("*.py")):
            if path.name in ("switches_off.py", "borrows_the_slot.py"):
                # They use sys.settrace, so there is nothing to compare with.
                continue
            with self.subTest(program=path.name):
                hand = self.events(str(path), kinds, "hand")
                self.assertTrue(hand[1])
                self.assertEqual(hand,
                                 self.events(str(path), kinds, "tracer"))

    def test_calls_lines_returns_exceptions(self):
        self.compare("call,line,return,exception")

    def test_calls_and_returns(self):
        self.compare("call,return")

    def test_opcodes(self):
        self.compare("opcode")


if __name__ == "__main__":
    unittest.main()
