"""corrupt.py - what was done to golden recordings, and what is said of each.

A recording is named, then how it is destroyed: bytes put at an offset, or a
file that ends there. `message` is what every command that reads one says
before it ends with status 1; `found` is what `pytrace check` says where
figures are still read, of all that holds.
"""

import collections
import struct

Corrupt = collections.namedtuple("Corrupt", "golden change message found",
                                 defaults=("", ""))


def put(offset, bytes_):
    return lambda data, extents: data[:offset] + bytes_ + data[
        offset + len(bytes_):]


def cut(size):
    return lambda data, extents: data[:size]


def in_extent(segment, offset, bytes_):
    """Bytes put into the first extent of a segment, its head included."""
    def change(data, extents):
        at = next(at for kind, *_, at, _ in extents if kind == segment) - 64
        return put(at + offset, bytes_)(data, extents)
    return change


def cut_before(segment):
    def change(data, extents):
        return data[:next(at for kind, *_, at, _ in extents
                          if kind == segment) - 64]
    return change


NOT_OURS = "is not a pytrace recording; make one with pytrace -o FILE"
CORRUPT = {
    "magic": Corrupt("count", put(0, b"pytracE\n"), NOT_OURS),
    "empty": Corrupt("count", cut(0), "nothing was recorded in"),
    "half a header": Corrupt("count", cut(2000), NOT_OURS),
    "version 1": Corrupt(
        "count", put(8, struct.pack("<I", 1)),
        "has format version 1, this pytrace reads 2; use the pytrace that "
        "wrote it"),
    "version 3": Corrupt(
        "count", put(8, struct.pack("<I", 3)),
        "has format version 3, this pytrace reads 2; use the pytrace that "
        "wrote it"),
    "byte order": Corrupt(
        "count", put(12, b"\1\2\3\4"),
        "was written on a machine of the other byte order; read it on one "
        "like that"),
    "extents of 0 bytes": Corrupt(
        "count", put(16, struct.pack("<I", 0)),
        "is damaged: its header says extents of 0 bytes"),
    "extents of 6144 bytes": Corrupt(
        "count", put(16, struct.pack("<I", 6144)),
        "is damaged: its header says extents of 6144 bytes"),
    "nothing but a header": Corrupt(
        "count", cut(4096), "nothing was recorded in"),
    "no process record": Corrupt(
        "probe", in_extent(1, 0, bytes(64)), "nothing was recorded in"),
    "cut before its pairs": Corrupt(
        "count", cut_before(8), found="damaged: the file ends at"),
    "cut in the middle": Corrupt(
        "fork", cut(300_001), found="damaged: the file ends at"),
    "head of the counters": Corrupt(
        "count", in_extent(5, 32, b"\xff"), found="are no extent, or one that "
        "does not hold"),
    "head of the texts": Corrupt(
        "branch", in_extent(2, 8, b"\7"), found="are no extent, or one that "
        "does not hold"),
    "a byte of a packet": Corrupt(
        "events", in_extent(32, 64 + 64 + 99, b"\0\1\2\3"),
        found="packets do not hold; what was in them is left out"),
    "length of a packet": Corrupt(
        "events", in_extent(32, 64 + 52, b"\xff\xff\xff\xff"),
        found="packets do not hold; what was in them is left out"),
    "a byte of a snapshot": Corrupt(
        "snapshot", in_extent(32, 64 + 64 + 500, b"\0\1\2\3"),
        found="packets do not hold; what was in them is left out"),
    "blocks that never were": Corrupt(
        "count", in_extent(8, 64 + 56 + 16, struct.pack("<q", 1 << 40)),
        found="more blocks live than were allocated"),
    "fewer than no blocks": Corrupt(
        "count", in_extent(8, 64 + 56 + 16, struct.pack("<q", -7)),
        found="fewer than no blocks live"),
    "code of no file": Corrupt(
        "branch", in_extent(4, 64 + 40, b"\xff\xff\xff\0"),
        found="its source is missing"),
}
