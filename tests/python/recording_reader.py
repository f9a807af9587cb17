"""recording_reader.py - a reader of recordings in plain Python.

Written from docs/format.md alone, to show that it is enough, and to be a
second opinion on what the reader in C says. It is slow, and reads all of a
file into memory.
"""

import collections
import itertools
import pathlib
import struct

from sealed_bytes import unpack_lz4, xxh64

MASK = (1 << 64) - 1
HITS = MASK >> 1
SEALED, STREAM, SAMPLE, RUN = 32, 33, 34, 35
EVENTS, SNAPSHOT = 1, 2
ARRAYS = {  # number, layout, fields of an item
    "process": (1, "6I2Q16s16s4I128s2Qq Q2I7Q", "number parent pid state "
                "trouble python_version start_ns end_ns engine mem_tier "
                "executable search_path version_text main_file items "
                "traced_bytes peak_bytes raw_bytes inherited_bytes peak_epoch "
                "sample_bytes dropped_blocks dropped_lines tool_bytes "
                "tool_mapped_bytes dropped_sealed dropped_events "
                "native_mapped_bytes"),
    "text": (2, "B", "byte"),
    "file": (3, "2IQqQ", "path flags size_bytes modified_ns unused"),
    "code": (4, "10I", "file name defined_line units first_line lines counter "
             "term terms counters"),
    "counter": (5, "Q", "value"),
    "term": (6, "2Ii", "line counter weight"),
    "node": (7, "4I", "parent code line depth"),
    "pair": (8, "Q2IqQ2q2I", "size node epoch live allocated saved inherited "
             "domain own"),
    "arc": (9, "4IiI", "code start stop counter weight flags"),
    "call": (10, "4I", "caller callee counter unused"),
    "clock": (11, "3Q2I", "first_ns since_ns idle_ns counter unused"),
    "module": (12, "Q2I", "base path unused"),
    "native": (13, "3QIH2B3Q2I", "size rounded address node whose alignment "
               "own allocated freed inherited module frame"),
    "moment": (14, "Q2I18Q", "time_ns flags unused resident python blocks "
               "mappings slack files stacks tool untouched rounded allocated "
               "active metadata in_memory mapped retained highest cost_ns"),
    "temporary": (15, "Q", "blocks"),
    "frame": (16, "Q2I", "address caller module"),
    "lifetime": (17, "Q", "ns"),
    "sample": (SAMPLE, "4Q32x", "time_ns traced resident tool"),
    "run": (RUN, "4I3QI2iI", "name command directory wanted start_unix_ns "
            "start_ns end_ns ended exit_status exit_signal unused"),
}
SEGMENTS = {name: number for name, (number, _, _) in ARRAYS.items()}
ITEMS = {name: collections.namedtuple(name, fields)._make
         for name, (_, _, fields) in ARRAYS.items()}
Packet = collections.namedtuple(
    "Packet", "magic kind process stream first items note start_ns end_ns "
    "raw_bytes packed_bytes check")
# Kinds of entries whose first operand is a time, and if a code follows.
TIMED = {0: ("other", False), 1: ("call", True), 2: ("return", False),
         3: ("yield", False), 4: ("resume", True), 5: ("unwind", False),
         6: ("throw", True), 11: ("time", False)}
OTHERS = {1: ("start", 0), 2: ("stop", 0), 3: ("thread_start", 1),
          4: ("thread_stop", 0), 5: ("gc_start", 1), 6: ("gc_stop", 3),
          7: ("fork", 0), 8: ("mark", 0), 9: ("span_begin", 1),
          10: ("span_end", 1), 11: ("snapshot", 1)}


class Refused(Exception):
    """The file is no recording that this reader knows."""


def take(data, at):
    """A number in bytes of seven bits, and the place behind it."""
    number = shift = 0
    while data[at] > 127:
        number |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
    return (number | data[at] << shift) & MASK, at + 1


class Recording:
    def __init__(self, path):
        self.data = pathlib.Path(path).read_bytes()
        if len(self.data) < 4096 or self.data[:8] != b"pytrace\n":
            raise Refused("no recording")
        self.order = {b"\1\2\3\4": ">", b"\4\3\2\1": "<"}.get(self.data[12:16])
        if self.order is None:
            raise Refused("no byte order")
        (version, _, self.align, self.wanted, self.start_unix_ns,
         self.start_ns) = self.unpack("4I2Q", 8)
        if version != 2 or self.align < 4096 or self.align & self.align - 1:
            raise Refused(f"version {version}, extents of {self.align} bytes")
        self.ended, self.status, self.signal = self.unpack("I2i", 56)
        self.end_ns, = self.unpack("Q", 72)
        self.directory = self.data[1104:2128].split(b"\0")[0].decode()
        kind, shift, ticks, ns, latest = self.unpack("2I3Q", 3168)
        self.sample_ns, self.ring_bytes, self.last_ns = self.unpack("3Q", 3200)
        self.rate = 0.0 if kind else 1.0
        if latest > ticks and ns > self.start_ns:
            self.rate = (ns - self.start_ns) / (latest - ticks)
        self.rate *= 1 << shift
        self.extents = sorted(self.walk())
        self.rows = collections.defaultdict(list)
        for segment, process, first, at, room in self.extents:
            self.rows[segment, process].append((first, at, room))
        self.processes = {
            process: record for segment, process, _, _, room in self.extents
            if segment == SEGMENTS["process"] and room >= 312
            and (record := self.read_process(process))["number"] == process}

    def unpack(self, layout, at):
        return struct.unpack_from(self.order + layout, self.data, at)

    def walk(self):
        """(segment, process, first item, place, payload bytes) of extents."""
        at = self.align
        while at + 64 <= len(self.data):
            (magic, segment, process, first, offset, size, payload,
             check) = self.unpack("4I4Q", at)
            wanted = 0x9E3779B97F4A7C15
            for word in (magic << 32 | segment, process << 32 | first, offset,
                         size, payload):
                wanted = (wanted ^ word) * 0xC2B2AE3D27D4EB4F & MASK
                wanted ^= wanted >> 29
            if (magic == 0x54584550 and offset == at and check == wanted
                    and size and size % self.align == 0
                    and at + size <= len(self.data) and payload <= size - 64):
                yield segment, process, first, at + 64, payload
                at += size
            else:
                at += self.align

    def read_process(self, process):
        (_, record), *_ = self.records(process, "process")
        return record._asdict() | {
            "items": struct.unpack(self.order + "32I", record.items),
            "end_ns": record.end_ns or self.end_ns}

    def records(self, process, name):
        """(index, fields) of all that there is room for in a segment."""
        segment, layout, _ = ARRAYS[name]
        size = struct.calcsize("=" + layout)
        for first, at, room in self.rows[segment, process]:
            for i in range(room // size):
                yield first + i, ITEMS[name](
                    self.unpack(layout, at + i * size))

    def items(self, process, name):
        """{index: fields} of what is in use of an array."""
        used = self.processes[process]["items"][SEGMENTS[name]]
        return {index: item for index, item in itertools.takewhile(
            lambda pair: pair[0] < used, self.records(process, name)) if index}

    def text(self, process, index):
        for first, at, room in self.rows[SEGMENTS["text"], process]:
            if index and first <= index < first + room:
                at += index - first
                size, = self.unpack("I", at)
                return self.data[at + 4:at + 4 + size].decode(
                    "utf-8", "surrogateescape")
        return ""

    def run(self, process):
        """The run that a process of a combined recording comes from."""
        for _, run in self.records(process, "run"):
            return run._replace(**{name: self.text(process, index) for
                                   name, index in zip(run._fields[:3], run)})

    def samples(self, process):
        """Memory at moments, in their order."""
        return [sample for _, sample in self.records(process, "sample")
                if sample.time_ns]

    def packets(self, process, kind=None):
        """(head, content) of the packets that hold, in their order."""
        for _, at, room in self.rows[SEALED, process]:
            end = at + room
            while at + 64 <= end:
                head = Packet(*self.unpack("4IQ2I2Q2IQ", at))
                body = self.data[at + 64:at + 64 + head.packed_bytes]
                if (head.magic != 0x544B5050 or head.process != process
                        or at + 64 + len(body) > end
                        or head.check != xxh64(body, xxh64(
                            self.data[at:at + 56], 0))):
                    at += 8
                    continue
                if kind in (None, head.kind):
                    yield head, (body if head.packed_bytes == head.raw_bytes
                                 else unpack_lz4(body))
                at += 64 + len(body) + 7 & ~7

    def snapshots(self, process=0):
        """{number: what it was} of the snapshots of which nothing is missing.

        `figures` are {(segment, offset of the figure in an item): figures of
        the items from 0}.
        """
        wholes, ended = collections.defaultdict(bytes), set()
        for head, content in self.packets(process, SNAPSHOT):
            if head.first == len(wholes[head.stream]):
                wholes[head.stream] += content
                ended |= {head.stream} if head.note else set()
        return {number: self.snapshot(whole)
                for number, whole in wholes.items() if number in ended}

    def snapshot(self, whole):
        time_ns, traced, raw, peak, columns, size = struct.unpack_from(
            self.order + "2Qq Q2I", whole)
        heads, at, figures = 40 + size, 40 + size + 16 * columns, {}
        for segment, offset, items, _ in struct.iter_unpack(
                self.order + "4I", whole[heads:at]):
            figures[segment, offset] = struct.unpack_from(
                f"{self.order}{items}q", whole, at)
            at += 8 * items
        return {"time_ns": time_ns, "traced_bytes": traced, "raw_bytes": raw,
                "peak_bytes": peak, "label": whole[40:heads].decode(),
                "figures": figures, "rest": len(whole) - at}

    def pages(self, process, stream):
        expected = 0
        for head, content in self.packets(process, EVENTS):
            if head.stream == stream:
                expected = head.first + head.items
                yield content
        for first, at, room in self.rows[STREAM, process]:
            if first == stream and self.unpack("Q", at + 8)[0] >= expected:
                yield self.data[at:at + room]

    def entries(self, process, stream):
        """(number, entries of stream 0 before it, event) of a stream."""
        for page in self.pages(process, stream):
            (_, used, number, start_ns, start_units, end_ns, end_units, thread,
             _, before) = struct.unpack_from(self.order + "2I5Q2IQ", page)
            rate = self.rate
            if end_ns:
                rate = (end_ns - start_ns) / max(1, end_units - start_units)
            at, units, code, line = 64, 0, 0, 0
            while at < 64 + used:
                word, at = take(page, at)
                kind, n = word & 15, word >> 4
                event = {"thread": thread}
                if kind in TIMED:
                    units += n
                    event["kind"], has_code = TIMED[kind]
                    if has_code:
                        event["code"], at = take(page, at)
                if kind == 0:
                    other, at = take(page, at)
                    size, at = take(page, at)
                    event.update(self.other(other, page[at:at + size]))
                    at += size
                elif kind == 7:
                    line += n >> 1 ^ -(n & 1)
                elif kind == 8:
                    code, at = take(page, at)
                    line, at = take(page, at)
                elif kind in (9, 10):
                    event.update(kind=("alloc", "free")[kind - 9], pair=n)
                elif kind == 12:
                    thread = n
                elif kind == 13:
                    before += n
                elif kind == 14:
                    event.update(kind=("native_alloc", "native_free")[n & 1],
                                 native=n >> 1)
                elif kind == 15:
                    break
                if kind in (7, 8):
                    event.update(kind="line", code=code, line=line)
                event["time_ns"] = start_ns + int(units * rate)
                if kind not in (11, 12, 13):
                    yield number, before, event
                number += 1

    @staticmethod
    def other(number, data):
        kind, count = OTHERS.get(number, ("unknown", 0))
        numbers, at = [], 0
        for _ in range(count):
            value, at = take(data, at)
            numbers.append(value)
        return {"kind": kind, "numbers": numbers,
                "text": data[at:].decode("utf-8", "surrogateescape")}

    def events(self, process=0):
        """All events of a process in their order."""
        order = [((number, 1), event)
                 for number, _, event in self.entries(process, 0)]
        order += [((before, 0), event)
                  for _, before, event in self.entries(process, 1)]
        latest, events = 0, []
        for _, event in sorted(order, key=lambda pair: pair[0]):
            latest = event["time_ns"] = max(latest, event["time_ns"])
            events.append(event)
        return events
