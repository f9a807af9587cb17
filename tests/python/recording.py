"""recording.py - a reader of recordings made from docs/format.md alone.

It believes what it reads: it is for recordings that are whole, and checks by
another hand what the program says of them.
"""

import collections
import struct

EXTENT_MAGIC = 0x54584550
ITEM = {
    "file": (3, struct.Struct("=IIQqQ")),
    "code": (4, struct.Struct("=10I")),
    "counter": (5, struct.Struct("=Q")),
    "arc": (9, struct.Struct("=IIIIiI")),
    "call": (10, struct.Struct("=IIII")),
    "clock": (11, struct.Struct("=QQQII")),
}
PROCESS, TEXT = 1, 2
COUNTER_HITS = (1 << 63) - 1
CODE_ITEMS_AT = 88

Arc = collections.namedtuple("Arc", "path start stop count is_branch")
Call = collections.namedtuple("Call", "caller callee calls resumed")


class Process:
    """One process of a run: its segments as bytes, by number."""

    def __init__(self, segments):
        self.segments = segments
        self.record = segments[PROCESS]

    def items(self, name):
        """The items of a segment, with index 0."""
        number, layout = ITEM[name]
        used, = struct.unpack_from("=I", self.record,
                                   CODE_ITEMS_AT + 4 * number)
        data = self.segments[number]
        return [layout.unpack_from(data, i * layout.size)
                for i in range(used)]

    def text(self, index):
        """A text by its index."""
        data = self.segments[TEXT]
        size, = struct.unpack_from("=I", data, index)
        return data[index + 4:index + 4 + size].decode()

    def arcs(self):
        """[Arc] of all code objects, as they are filed."""
        files, codes = self.items("file"), self.items("code")
        counters = self.items("counter")
        return [Arc(self.text(files[codes[code][0]][0]), start, stop,
                    weight * (counters[counter][0] & COUNTER_HITS), flags & 1)
                for code, start, stop, counter, weight, flags
                in self.items("arc")[1:]]

    def calls(self):
        """[Call] between (path, name, line), caller None for no code."""
        files, codes = self.items("file"), self.items("code")
        counters = self.items("counter")
        names = [(self.text(files[code[0]][0]), self.text(code[1]), code[2])
                 if i else None for i, code in enumerate(codes)]
        return [Call(names[caller], names[callee], counters[counter][0],
                     counters[counter + 1][0])
                for caller, callee, counter, _ in self.items("call")[1:]]

    def line_times(self):
        """{(path, line): nanoseconds}."""
        files, codes = self.items("file"), self.items("code")
        counters = self.items("counter")
        times = collections.Counter()
        for code in codes[1:]:
            lines, first = code[5], code[6]
            if first and code[8] == 0 and code[9] == 2 * lines:
                path = self.text(files[code[0]][0])
                for i in range(lines):
                    times[path, code[4] + i] += counters[first + lines + i][0]
        return times


def read(path):
    """[Process] of the recording in a file, in the order of their numbers."""
    data = path.read_bytes()
    align, = struct.unpack_from("=I", data, 16)
    segments = collections.defaultdict(
        lambda: collections.defaultdict(bytearray))
    at = align
    while at < len(data):
        magic, segment, process, first, offset, size, payload = (
            struct.unpack_from("=IIIIQQQ", data, at))
        if magic != EXTENT_MAGIC or offset != at:
            at += align
            continue
        item = next((layout.size for number, layout in ITEM.values()
                     if number == segment), 1)
        whole = segments[process][segment]
        whole.extend(bytes(max(0, first * item + payload - len(whole))))
        whole[first * item:first * item + payload] = (
            data[at + 64:at + 64 + payload])
        at += size
    return [Process(segments[process]) for process in sorted(segments)
            if PROCESS in segments[process]]
