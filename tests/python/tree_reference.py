"""tree_reference.py - print calls by hand with sys.settrace.

    python tree_reference.py prog.py

runs a program as `trace` does; each call of its own code is printed as it
happens, two blanks for each of its own calls around it, "name" or "name ..."
for a generator that goes on.
"""
import os
import sys
import threading


class Reference:

    def __init__(self, path):
        self.path = path
        self.known = set()  # frames that were called: kept, so all differ
        self.depth = threading.local()

    def trace(self, frame, event, arg):
        if frame.f_code.co_filename != self.path:
            return None
        depth = getattr(self.depth, "value", 0)
        if event == "call":
            goes_on = " ..." if frame in self.known else ""
            print("  " * depth + frame.f_code.co_qualname + goes_on)
            self.known.add(frame)
            self.depth.value = depth + 1
        elif event == "return":
            self.depth.value = depth - 1
        return self.trace


def main():
    path, = sys.argv[1:]
    sys.argv = [path]
    sys.path[0] = os.path.dirname(path)
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec")
    names = {"__name__": "__main__", "__file__": path}
    sys.modules["__main__"].__dict__.update(names)
    reference = Reference(path)
    sys.settrace(reference.trace)
    try:
        exec(code, names)
    finally:
        sys.settrace(None)


if __name__ == "__main__":
    main()
