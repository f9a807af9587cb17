"""frame_reference.py - count arcs and calls by hand with sys.settrace.

    python frame_reference.py OUT prog.py args...

runs a program as `trace` does and writes to OUT, as JSON, what its own code
did: "arcs", [from, to, count] of two line events of one frame in a row, 0
where a frame begins or returns, a frame that yields keeping its line; and
"calls", [caller, callee, calls, resumed] by qualified names, null for a caller
elsewhere.
"""

import collections
import json
import opcode
import os
import sys
import threading

RETURNS = {opcode.opmap[name] for name in ("RETURN_VALUE", "RETURN_CONST")
           if name in opcode.opmap}


class Reference:

    def __init__(self, path):
        self.path = path
        self.arcs = collections.Counter()
        self.calls = collections.defaultdict(lambda: [0, 0])
        self.line = {}  # of each frame that was entered and not left
        self.raised = None  # the frame that an exception was seen in last

    def trace(self, frame, event, arg):
        if frame.f_code.co_filename != self.path:
            return None
        if event == "call":
            self.enter(frame)
        elif event == "line":
            self.arcs[self.line[frame], frame.f_lineno] += 1
            self.line[frame] = frame.f_lineno
            self.raised = None
        elif event == "exception":
            self.raised = frame
        elif event == "return":
            self.leave(frame)
        return self.trace

    def enter(self, frame):
        back = frame.f_back and frame.f_back.f_code
        caller = (back.co_qualname
                  if back and back.co_filename == self.path else None)
        resumed = frame in self.line
        self.line.setdefault(frame, 0)
        self.calls[caller, frame.f_code.co_qualname][resumed] += 1

    def leave(self, frame):
        op = frame.f_code.co_code[frame.f_lasti]
        if op in RETURNS:
            self.arcs[self.line[frame], 0] += 1
        if op in RETURNS or self.raised is frame:
            del self.line[frame]


def main():
    out, path, *arguments = sys.argv[1:]
    sys.argv = [path, *arguments]
    sys.path[0] = os.path.dirname(path)
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec")
    names = {"__name__": "__main__", "__file__": path, "__package__": None,
             "__cached__": None}
    reference = Reference(path)
    # The program may look itself up.
    sys.modules["__main__"].__dict__.update(names)
    threading.settrace(reference.trace)
    sys.settrace(reference.trace)
    try:
        exec(code, names)
    except SystemExit:
        pass
    finally:
        sys.settrace(None)
        threading.settrace(None)
        with open(out, "w", encoding="utf-8") as file:
            json.dump({"arcs": [[*arc, count]
                                for arc, count in reference.arcs.items()],
                       "calls": [[*pair, *counts] for pair, counts
                                 in reference.calls.items()]}, file)


if __name__ == "__main__":
    main()
