"""recording_reader.py - a reader of recordings in plain Python.

Written from docs/format.md alone, to show that it is enough, and to be a
second opinion on what the reader in C says. It is slow, and reads all of a
file into memory.
"""

import collections
import itertools
import math
import struct

MASK = (1 << 64) - 1
HITS = MASK >> 1
SEALED, STREAM, SAMPLE = 32, 33, 34
SEGMENTS = {"process": 1, "text": 2, "file": 3, "code": 4, "counter": 5,
            "term": 6, "node": 7, "pair": 8, "arc": 9, "call": 10, "clock": 11,
            "module": 12, "native": 13, "moment": 14, "temporary": 15,
            "frame": 16, "lifetime": 17}
ITEMS = {2: "B", 3: "IIQqQ", 4: "IIIIIIIIII", 5: "Q", 6: "IIi", 7: "IIII",
         8: "QIIqQqqII", 9: "IIIIiI", 10: "IIII", 11: "QQQII", 12: "QII",
         13: "QQQIHBBQQQII", 14: "QII18Q", 15: "Q", 16: "QII", 17: "Q"}
EVENTS, SNAPSHOT = 1, 2
OTHERS = {1: "start", 2: "stop", 3: "thread_start", 4: "thread_stop",
          5: "gc_start", 6: "gc_stop", 7: "fork", 8: "mark", 9: "span_begin",
          10: "span_end", 11: "snapshot"}
NUMBERS = {"thread_start": 1, "gc_start": 1, "gc_stop": 3, "span_begin": 1,
           "span_end": 1, "snapshot": 1}
TIMED = {0: "other", 1: "call", 2: "return", 3: "yield", 4: "resume",
         5: "unwind", 6: "throw", 11: "time"}


class Refused(Exception):
    """The file is no recording that this reader knows."""


def rotate(value, bits):
    return (value << bits | value >> 64 - bits) & MASK


def xxh64(data, seed):
    """XXH64, as its specification has it."""
    p1, p2, p3, p4, p5 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F,
                          0x165667B19E3779F9, 0x85EBCA77C2B2AE63,
                          0x27D4EB2F165667C5)

    def step(value, word):
        return rotate(value + word * p2 & MASK, 31) * p1 & MASK

    at, end = 0, len(data)
    if end >= 32:
        lanes = [seed + p1 + p2 & MASK, seed + p2 & MASK, seed,
                 seed - p1 & MASK]
        while at + 32 <= end:
            words = struct.unpack_from("<4Q", data, at)
            lanes = [step(*pair) for pair in zip(lanes, words)]
            at += 32
        result = sum(rotate(lane, bits)
                     for lane, bits in zip(lanes, (1, 7, 12, 18))) & MASK
        for lane in lanes:
            result = (result ^ step(0, lane)) * p1 + p4 & MASK
    else:
        result = seed + p5 & MASK
    result = result + end & MASK
    while at + 8 <= end:
        word = struct.unpack_from("<Q", data, at)[0]
        result = rotate(result ^ step(0, word), 27) * p1 + p4 & MASK
        at += 8
    if at + 4 <= end:
        word = struct.unpack_from("<I", data, at)[0]
        result = rotate(result ^ word * p1 & MASK, 23) * p2 + p3 & MASK
        at += 4
    for byte in data[at:]:
        result = rotate(result ^ byte * p5 & MASK, 11) * p1 & MASK
    result = (result ^ result >> 33) * p2 & MASK
    result = (result ^ result >> 29) * p3 & MASK
    return result ^ result >> 32


def long_length(data, at, length):
    """A length of LZ4: 15 says that bytes follow, up to one below 255."""
    if length == 15:
        while True:
            length += data[at]
            at += 1
            if data[at - 1] != 255:
                break
    return length, at


def unpack_lz4(data):
    """The content of one LZ4 block."""
    out, at = bytearray(), 0
    while at < len(data):
        token = data[at]
        length, at = long_length(data, at + 1, token >> 4)
        out += data[at:at + length]
        at += length
        if at >= len(data):
            break
        offset, = struct.unpack_from("<H", data, at)
        length, at = long_length(data, at + 2, token & 15)
        for _ in range(length + 4):
            out.append(out[-offset])
    return bytes(out)


def take(data, at):
    """A number in bytes of seven bits, and the place behind it."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number & MASK, at


class Recording:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        if len(self.data) < 4096 or self.data[:8] != b"pytrace\n":
            raise Refused("no recording")
        order = self.data[12:16]
        if order not in (b"\1\2\3\4", b"\4\3\2\1"):
            raise Refused("no byte order")
        self.order = ">" if order == b"\1\2\3\4" else "<"
        self.read_header()
        self.extents = sorted(self.walk())
        self.processes = {
            number: self.read_process(at)
            for segment, number, _, at, room in self.extents
            if segment == SEGMENTS["process"] and room >= 304}

    def unpack(self, layout, at):
        return struct.unpack_from(self.order + layout, self.data, at)

    def read_header(self):
        version, _, self.align, self.wanted = self.unpack("4I", 8)
        if version != 2:
            raise Refused(f"version {version}")
        if self.align < 4096 or self.align & self.align - 1:
            raise Refused(f"extents of {self.align} bytes")
        self.start_ns, = self.unpack("Q", 32)
        self.directory = self.data[1104:2128].split(b"\0")[0].decode()
        self.ended, self.status, self.signal = self.unpack("Iii", 56)
        self.end_ns, = self.unpack("Q", 72)
        kind, self.tick_shift, ticks, ns, latest = self.unpack("IIQQQ", 3168)
        self.sample_ns, self.ring_bytes, self.last_ns = self.unpack("3Q", 3200)
        self.rate = 0.0 if kind else 1.0
        if latest > ticks and ns > self.start_ns:
            self.rate = (ns - self.start_ns) / (latest - ticks)
        self.rate *= 1 << self.tick_shift

    def walk(self):
        """(segment, process, first item, place, payload bytes) of extents."""
        at = self.align
        while at + 64 <= len(self.data):
            words = self.unpack("4I4Q", at)
            (magic, segment, process, first, offset, size, payload,
             check) = words
            wanted = 0x9E3779B97F4A7C15
            for word in (magic << 32 | segment, process << 32 | first, offset,
                         size, payload):
                wanted = (wanted ^ word) * 0xC2B2AE3D27D4EB4F & MASK
                wanted ^= wanted >> 29
            if (magic == 0x54584550 and offset == at and check == wanted
                    and size and at + size <= len(self.data)
                    and payload <= size - 64):
                yield segment, process, first, at + 64, payload
                at += size
            else:
                at += self.align

    def read_process(self, at):
        number, parent, pid, state, trouble, python = self.unpack("6I", at)
        start_ns, end_ns = self.unpack("2Q", at + 24)
        (traced, peak, raw, inherited, epoch, sample, blocks, lines, _, mapped,
         sealed, events) = self.unpack("QQqQIIQQQQQQ", at + 216)
        return {"number": number, "parent": parent, "pid": pid, "state": state,
                "trouble": trouble, "start_ns": start_ns,
                "end_ns": end_ns or self.end_ns,
                "items": self.unpack("32I", at + 88),
                "traced_bytes": traced, "peak_bytes": peak, "raw_bytes": raw,
                "sample_bytes": sample,
                "peak_epoch": epoch, "dropped_blocks": blocks,
                "dropped_sealed": sealed, "dropped_events": events}

    def items(self, process, name):
        """{index: fields} of an array of one process."""
        segment = SEGMENTS[name]
        layout = self.order + ITEMS[segment]
        size = struct.calcsize("=" + ITEMS[segment])
        used = self.processes[process]["items"][segment]
        return {first + i: struct.unpack_from(layout, self.data, at + i * size)
                for kind, owner, first, at, room in self.extents
                if kind == segment and owner == process
                for i in range(min(room // size, max(0, used - first)))
                if first + i}

    def text(self, process, index):
        for kind, owner, first, at, room in self.extents:
            if (kind == SEGMENTS["text"] and owner == process
                    and first <= index < first + room):
                at += index - first
                size, = self.unpack("I", at)
                return self.data[at + 4:at + 4 + size].decode(
                    "utf-8", "surrogateescape")
        return ""

    def hits(self, process=0):
        """{(path, line): hits} of the lines that have code."""
        files = self.items(process, "file")
        counters = self.items(process, "counter")
        terms = self.items(process, "term")
        hits = collections.Counter()
        for code in self.items(process, "code").values():
            source, _, _, _, lowest, lines, counter, term, count, _ = code
            if not counter:
                continue
            path = self.text(process, files[source][0])
            if count:
                for line, at, weight in map(terms.get,
                                            range(term, term + count)):
                    if line:
                        value, = counters[counter + at]
                        hits[path, line] += weight * (value & HITS)
                continue
            for i in range(lines):
                value, = counters[counter + i]
                if value >> 63:
                    hits[path, lowest + i] += value & HITS
        return hits

    def arcs(self, process=0):
        """{(path, from, to): [how often, is it one of several ways]}."""
        files, codes = self.items(process, "file"), self.items(process, "code")
        counters = self.items(process, "counter")
        arcs = {}
        for code, start, to, counter, weight, flags in self.items(
                process, "arc").values():
            path = self.text(process, files[codes[code][0]][0])
            arc = arcs.setdefault((path, code, start, to), [0, 0])
            if counter:
                arc[0] += weight * (counters[counter][0] & HITS)
            arc[1] |= flags & 1
        return arcs

    def times(self, process=0):
        """{(path, line): nanoseconds} of the line itself."""
        counters = {index: value for index, (value,) in self.items(
            process, "counter").items()}
        end_ns = self.processes[process]["end_ns"]
        for _, since, _, counter, _ in self.items(process, "clock").values():
            if counter and end_ns > since:
                counters[counter] += end_ns - since
        files = self.items(process, "file")
        times = collections.Counter()
        for (source, _, _, _, lowest, lines, counter, _, terms,
             count) in self.items(process, "code").values():
            if counter and not terms and count == 2 * lines:
                path = self.text(process, files[source][0])
                for i in range(lines):
                    times[path, lowest + i] += counters[counter + lines + i]
        return times

    def live_bytes(self, process=0):
        """{(path, line): bytes} of the living blocks that are its own.

        Those that it had when it was forked are its parent's. If only a sample
        was recorded each stands for several.
        """
        sample = self.processes[process]["sample_bytes"]
        files, codes = self.items(process, "file"), self.items(process, "code")
        nodes = self.items(process, "node")
        live = collections.Counter()
        for pair in self.items(process, "pair").values():
            size, node, _, blocks, _, _, inherited, _, _ = pair
            if process:
                blocks = max(0, blocks - max(0, inherited))
            code, line = nodes[node][1:3] if node else (0, 0)
            path = self.text(process, files[codes[code][0]][0]) if code else ""
            share = 1 - math.exp(-size / sample) if sample and size else 1
            live[path, line] += round(size / share) * blocks
        return live

    def lived(self, process=0):
        """{pair: (blocks, nanoseconds they lived, all together)}"""
        record, pairs = self.processes[process], self.items(process, "pair")
        age = record["end_ns"] - record["start_ns"]
        return {i: (pairs[i][4] + pairs[i][6],
                    value + pairs[i][3] * age & MASK)
                for i, (value,) in self.items(process, "lifetime").items()
                if i in pairs}

    def packets(self, process, kind):
        """(head, content) of the packets that hold, in their order."""
        for segment, owner, _, at, room in self.extents:
            if segment != SEALED or owner != process:
                continue
            end = at + room
            while at + 64 <= end:
                head = self.unpack("4IQIIQQIIQ", at)
                packed = head[10]
                body = self.data[at + 64:at + 64 + packed]
                if (head[0] != 0x544B5050 or at + 64 + packed > end
                        or head[2] != process
                        or head[11] != xxh64(body, xxh64(
                            self.data[at:at + 56], 0))):
                    at += 8
                    continue
                if head[1] == kind:
                    yield head, (body if packed == head[9]
                                 else unpack_lz4(body))
                at += 64 + (packed + 7 & ~7)

    def snapshots(self, process=0):
        """{number: what it was} of the snapshots of which nothing is missing.

        `figures` are {(segment, offset of the figure in an item): figures of
        the items from 0}.
        """
        rows = collections.defaultdict(list)
        for head, content in self.packets(process, SNAPSHOT):
            rows[head[3]].append((head[4], head[6], content))
        found = {}
        for number, row in rows.items():
            whole = b"".join(content for _, _, content in row)
            at = list(itertools.accumulate(
                (len(content) for _, _, content in row), initial=0))
            if [first for first, _, _ in row] == at[:-1] and row[-1][1]:
                found[number] = self.snapshot(whole)
        return found

    def snapshot(self, whole):
        layout = self.order + "QQqQII"
        time_ns, traced, raw, peak, columns, size = struct.unpack_from(
            layout, whole)
        at = struct.calcsize(layout)
        label = whole[at:at + size].decode()
        heads = at + size
        at, figures = heads + 16 * columns, {}
        for i in range(columns):
            segment, offset, items, _ = struct.unpack_from(
                self.order + "4I", whole, heads + 16 * i)
            figures[segment, offset] = struct.unpack_from(
                f"{self.order}{items}q", whole, at)
            at += 8 * items
        return {"time_ns": time_ns, "traced_bytes": traced, "raw_bytes": raw,
                "peak_bytes": peak, "label": label, "figures": figures,
                "rest": len(whole) - at}

    def samples(self, process):
        """(time, traced bytes, resident bytes, the tool's) in their order."""
        return [self.unpack("4Q", at + i * 64)
                for kind, owner, _, at, room in self.extents
                if kind == SAMPLE and owner == process
                for i in range(room // 64)
                if self.unpack("Q", at + i * 64)[0]]

    def pages(self, process, stream):
        expected = 0
        for head, content in self.packets(process, EVENTS):
            if head[3] == stream:
                expected = head[4] + head[5]
                yield content
        for kind, owner, first, at, room in self.extents:
            if kind == STREAM and owner == process and first == stream:
                begins, = self.unpack("Q", at + 8)
                if begins >= expected:
                    yield self.data[at:at + room]

    def entries(self, process, stream):
        """(number, entries of stream 0 before it, event) of a stream."""
        for page in self.pages(process, stream):
            (_, used, number, start_ns, start_units, end_ns, end_units, thread,
             _, before) = struct.unpack_from(self.order + "IIQQQQQIIQ", page)
            rate = self.rate
            if end_ns:
                rate = (end_ns - start_ns) / max(1, end_units - start_units)
            at, end, units, code, line = 64, 64 + used, 0, 0, 0
            while at < end:
                word, at = take(page, at)
                kind, operand = word & 15, word >> 4
                event = {"kind": TIMED.get(kind), "thread": thread}
                if kind in TIMED:
                    units += operand
                if kind == 0:
                    other, at = take(page, at)
                    size, at = take(page, at)
                    event.update(self.other(other, page[at:at + size]))
                    at += size
                elif kind in (1, 4, 6):
                    event["code"], at = take(page, at)
                elif kind in (7, 8):
                    if kind == 7:
                        line += operand >> 1 ^ -(operand & 1)
                    else:
                        code, at = take(page, at)
                        line, at = take(page, at)
                    event.update(kind="line", code=code, line=line)
                elif kind in (9, 10):
                    event.update(kind="alloc" if kind == 9 else "free",
                                 pair=operand)
                elif kind == 14:
                    event.update(kind=("native_alloc", "native_free")[
                        operand & 1], native=operand >> 1)
                elif kind == 12:
                    thread = operand
                elif kind == 13:
                    before += operand
                event["time_ns"] = start_ns + int(units * rate)
                if kind not in (11, 12, 13):
                    yield number, before, event
                number += 1

    @staticmethod
    def other(number, data):
        kind = OTHERS.get(number, "unknown")
        numbers, at = [], 0
        for _ in range(NUMBERS.get(kind, 0)):
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
        latest = 0
        events = [event for _, event in sorted(
            order, key=lambda pair: pair[0])]
        for event in events:
            latest = event["time_ns"] = max(latest, event["time_ns"])
        return events
