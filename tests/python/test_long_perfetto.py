"""Perfetto traces, read by the schema that Perfetto publishes, and by its
trace_processor.

The schema comes with the package `perfetto`, which is fetched for the test;
where no index can be reached it is skipped. The package fetches
trace_processor itself; where it cannot, that test is skipped.
"""

import json
import unittest

import support

PROGRAM = """\
import os
import threading
import pytrace

KEPT = []


def inner(number):
    KEPT.append(bytes(5000 + number))
    if number == 2:
        raise KeyError(number)


def outer(number):
    with pytrace.span("turn"):
        yield number
        try:
            inner(number)
        except KeyError:
            pytrace.mark("raised")


def work():
    for number in range(3):
        for _ in outer(number):
            pass


work()
thread = threading.Thread(target=work)
thread.start()
thread.join()
child = os.fork()
if child:
    os.waitpid(child, 0)
else:
    inner(0)
"""
# Calls in each process; a generator has a slice for each time it runs.
SLICES = {"inner": 6 + 1, "outer": 2 * 3 * 2, "work": 2, "turn": 6}
MARKS = {"raised": 2}

# By the published schema: no unknown field, tracks told before their events,
# slices that nest.
READ = """\
import collections, json, sys
from google.protobuf.unknown_fields import UnknownFieldSet
from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as proto

def check(message):
    assert len(UnknownFieldSet(message)) == 0, message
    for field, value in message.ListFields():
        if field.message_type is not None:
            try:
                messages = list(value)
            except TypeError:
                messages = [value]
            for part in messages:
                check(part)

trace = proto.Trace()
with open(sys.argv[1], "rb") as file:
    trace.ParseFromString(file.read())
check(trace)
Event = proto.TrackEvent
tracks, depth = {}, collections.Counter()
slices, instants = collections.Counter(), collections.Counter()
heap, pids = collections.defaultdict(list), set()
for packet in trace.packet:
    assert packet.trusted_packet_sequence_id, packet
    if packet.HasField("track_descriptor"):
        track = packet.track_descriptor
        tracks[track.uuid] = track
        assert not track.HasField("parent_uuid") or (
            track.parent_uuid in tracks), track
        if track.HasField("process"):
            pids.add(track.process.pid)
        continue
    event = packet.track_event
    track = tracks[event.track_uuid]
    counts = event.type == Event.TYPE_COUNTER
    assert track.HasField("counter") == counts, packet
    if event.type == Event.TYPE_SLICE_BEGIN:
        slices[event.name] += 1
        depth[track.uuid] += 1
    elif event.type == Event.TYPE_SLICE_END:
        depth[track.uuid] -= 1
        assert depth[track.uuid] >= 0, packet
    elif event.type == Event.TYPE_INSTANT:
        instants[event.name] += 1
    elif counts and track.name == "heap":
        heap[track.uuid].append(event.counter_value)
assert not any(depth.values()), depth
print(json.dumps({"slices": slices, "instants": instants, "pids": len(pids),
                  "heap": list(heap.values())}))
"""

# 69 is what sysexits.h calls a service that is unavailable.
ASK = """\
import json, sys
from perfetto.trace_processor import TraceProcessor
try:
    processor = TraceProcessor(trace=sys.argv[1])
except Exception as error:
    print(error)
    sys.exit(69)
def count(table):
    return {row.name: row.n for row in processor.query(
        f"select name, count(*) as n from {table} group by name")}
errors = [row.name for row in processor.query(
    "select name from stats where severity = 'error' and value > 0")]
print(json.dumps({"slices": count("slice"), "errors": errors,
                  "pids": sum(1 for _ in processor.query(
                      "select pid from process where pid > 0")),
                  "tracks": count("counter_track")}))
"""


class PerfettoTest(support.Case):
    @classmethod
    def setUpClass(cls):
        cls.path = support.fetch(cls, "perfetto")

    def setUp(self):
        super().setUp()
        self.write("prog.py", PROGRAM)
        done = self.pytrace(
            "--count", "--mem", "--timeline=all", "-C", "cov", "-o",
            "run.pytrace", "prog.py",
            env=support.environment(PYTHONPATH=support.PACKAGE))
        self.assertEqual(0, done.status, done.err)
        done = self.pytrace("export", "--to", "perfetto", "-o", "out",
                            "run.pytrace")
        self.assertEqual((0, "", ""), done)

    def ask(self, code):
        return self.python("-c", code, "out", env=support.environment(
            PYTHONPATH=self.path))

    def events(self, kind):
        done = self.pytrace("dump", "--kind", kind, "run.pytrace")
        self.assertEqual(0, done.status, done.err)
        return len(done.out.splitlines())

    def test_published_schema(self):
        done = self.ask(READ)
        self.assertEqual(0, done.status, done.err)
        found = json.loads(done.out)
        self.assertEqual(SLICES, {name: found["slices"].get(name)
                                  for name in SLICES})
        self.assertEqual(MARKS, {name: found["instants"].get(name)
                                 for name in MARKS})
        self.assertEqual(self.events("alloc"), found["instants"]["alloc"])
        self.assertEqual(2, found["pids"])
        self.assertEqual(2, len(found["heap"]))
        for values in found["heap"]:
            self.assertGreater(max(values), 6 * 5000)
            self.assertGreaterEqual(min(values), 0)

    def test_trace_processor(self):
        done = self.ask(ASK)
        if done.status == 69:
            self.skipTest("trace_processor cannot be had: " +
                          done.out.splitlines()[-1])
        self.assertEqual(0, done.status, done.err)
        found = json.loads(done.out)
        self.assertEqual([], found["errors"])
        # Instants are slices of no length there.
        wanted = SLICES | MARKS | {"alloc": self.events("alloc")}
        self.assertEqual(wanted, {name: found["slices"].get(name)
                                  for name in wanted})
        self.assertEqual(2, found["pids"])
        self.assertEqual(2, found["tracks"]["heap"])


if __name__ == "__main__":
    unittest.main()
