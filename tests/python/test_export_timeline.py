"""Chrome's and Perfetto's timelines: each event once, in its order.

There are more functions, and more kinds of blocks, than an export keeps ready
made, in two threads and two processes that have different ones. What must come
is what the program did, with the times of the reader in plain Python.
"""

import collections
import json
import sys
import unittest

from recording_figures import Figures
from support import PACKAGE, Case, environment

FUNCTIONS = 1200
FIRST = 6  # line of the first function
SOURCE = """\
import os, threading
def work(first, last):
    for _ in range(2):
        for i in range(first, last):
            FUNCTIONS[i]()
""" + "".join(f"def f{i}(): return bytes({1000 + i})\n"
              for i in range(FUNCTIONS)) + f"""\
FUNCTIONS = [globals()[f"f{{i}}"] for i in range({FUNCTIONS})]
work(0, {FUNCTIONS})
thread = threading.Thread(target=work, args=(0, 100))
thread.start()
thread.join()
if os.fork() == 0:
    work(1000, {FUNCTIONS})
    os._exit(0)
os.wait()
"""
BEGINS = ("call", "resume", "throw")
ENDS = ("return", "yield", "unwind")
Item = collections.namedtuple("Item", "thread time_ns phase name place",
                              defaults=("", None))


def fields(data):
    """(number, value) of a message of protobuf: integers, or bytes."""
    at = 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at, value = at + 1, value | (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        field = number()
        value = number()
        if field & 7 == 2:
            at, value = at + value, data[at:at + value]
        yield field >> 3, value


class TimelineTest(Case):
    def setUp(self):
        super().setUp()
        self.write("prog.py", SOURCE)
        done = self.pytrace("--count", "--mem", "--timeline=calls,allocs",
                            "-C", "cover", "-o", "run.pytrace", "prog.py",
                            env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(0, done.status, done.err)
        self.recording = Figures(self.scratch / "run.pytrace")

    def export(self, name):
        done = self.pytrace("export", "--to", name, "-o", "out",
                            "run.pytrace")
        self.assertEqual(0, done.status, done.err)
        return (self.scratch / "out").read_bytes()

    def told(self, process):
        """What the recording says, read by the other reader."""
        places = Places(self.recording, process)
        depth = collections.Counter()
        for event in self.recording.events(process):
            at = event["thread"], event["time_ns"] - self.recording.start_ns
            if event["kind"] in BEGINS:
                depth[event["thread"]] += 1
                name, *place = places.of_code(event["code"])
                yield Item(*at, "B", name, tuple(place))
            elif event["kind"] in ENDS and depth[event["thread"]]:
                depth[event["thread"]] -= 1
                yield Item(*at, "E")
            elif event["kind"] == "alloc":
                yield Item(*at, "i", "alloc", places.of_pair(event["pair"]))
        for thread in sorted(depth):
            for _ in range(depth[thread]):
                yield Item(thread, at[1], "E")

    def chrome(self):
        items = collections.defaultdict(list)
        for event in json.loads(self.export("chrome"))["traceEvents"]:
            if event["ph"] in "BE" or event.get("name") == "alloc":
                place = event.get("args") and tuple(event["args"].values())
                items[event["pid"]].append(Item(
                    event["tid"], round(event["ts"] * 1000), event["ph"],
                    event.get("name", ""), place))
        return items

    def perfetto(self):
        items, threads = collections.defaultdict(list), {}
        for _, packet in fields(self.export("perfetto")):
            packet = dict(fields(packet))
            if 60 in packet:
                track = dict(fields(packet[60]))
                if 4 in track:
                    thread = dict(fields(track[4]))
                    name = thread[5].decode()
                    threads[track[1]] = thread[1], int(name.split()[1])
            event = list(fields(packet.get(11, b"")))
            whole = dict(event)
            name = whole.get(23, b"").decode()
            phase = {1: "B", 2: "E", 3: "i"}.get(whole.get(9))
            if whole.get(11) not in threads or (
                    phase == "i" and name != "alloc"):
                continue
            place = tuple(self.note(note) for number, note in event
                          if number == 4)
            pid, thread = threads[whole[11]]
            items[pid].append(Item(thread, packet[8], phase, name,
                                   place or None))
        return items

    def note(self, data):
        note = dict(fields(data))
        return note[6].decode() if 6 in note else note[3]

    def test_both(self):
        told = {record["pid"]: list(self.told(process))
                for process, record in self.recording.processes.items()}
        self.assertEqual(2, len(told))
        for items in self.chrome(), self.perfetto():
            self.assertEqual(told.keys(), items.keys())
            for pid in told:
                self.assertEqual(told[pid], items[pid])
        self.check_program(told)

    def check_program(self, told):
        """The program's functions, and what each allocates."""
        parent, child = sorted(told.values(), key=len, reverse=True)
        thread = parent[-1].thread
        for items, first, last in ((parent, 0, FUNCTIONS),
                                   (child, 1000, FUNCTIONS)):
            self.assertEqual(self.calls(first, last), [
                item[2:] for item in items if item.thread == thread
                and item.place and item.place[0] == "prog.py"
                and FIRST <= item.place[1] < FIRST + FUNCTIONS
                and (item.phase == "B" or item.place[2] ==
                     self.size_of(item.place[1] - FIRST))])

    def calls(self, first, last):
        calls = []
        for i in 2 * [*range(first, last)]:
            calls += [("B", f"f{i}", ("prog.py", FIRST + i)),
                      ("i", "alloc", ("prog.py", FIRST + i,
                                      self.size_of(i)))]
        return calls

    def size_of(self, i):
        return sys.getsizeof(bytes(1000 + i))


class Places:
    """Where the events of a process were: a name, a path and a line."""

    def __init__(self, run, process):
        self.run, self.process = run, process
        self.file, self.code, self.node, self.pair = (
            run.items(process, name)
            for name in ("file", "code", "node", "pair"))
        self.known = {}

    def of_code(self, index):
        if index not in self.known:
            code = self.code[index]
            path = self.run.text(self.process, self.file[code.file].path)
            self.known[index] = (
                self.run.text(self.process, code.name),
                path.removeprefix(self.run.directory + "/"),
                code.defined_line)
        return self.known[index]

    def of_pair(self, index):
        pair = self.pair[index]
        node = self.node.get(pair.node)
        return node and (self.of_code(node.code)[1], node.line, pair.size)


if __name__ == "__main__":
    unittest.main()
