"""make_corpus.py - make the inputs that fuzz_reader starts from.

    python tests/fuzz/make_corpus.py

They come from the golden recordings, in the form that fuzz_reader.c takes: no
header, and each extent cut to one page. So the fuzzer begins with a reader
that gets all the way, to events, snapshots and samples, and not with zeros.
"""

import pathlib
import struct
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "python"), str(HERE.parent / "golden")]
import make  # noqa: E402
from recording_reader import (  # noqa: E402
    EVENTS, SEALED, SEGMENTS, SNAPSHOT, STREAM, Recording)

PAGE = 4096
PAYLOAD = PAGE - 64
PACKED = PAYLOAD - 64 - 32  # of a packet, which literals() makes longer
PAGES_MAX = 15  # of an input


def page_of(segment, process, first, payload):
    """An extent; fuzz_reader.c puts in its magic, place and check."""
    assert len(payload) <= PAYLOAD
    return struct.pack("<4I4Q16x", 0, segment, process, first, 0, PAGE,
                       len(payload), 0) + payload.ljust(PAYLOAD, b"\0")


def cut(content):
    """A page of events with as many of its bytes as there is room for."""
    content = content[:PACKED]
    return content[:4] + struct.pack("<I", len(content) - 64) + content[8:]


def literals(content):
    """An LZ4 block that says the bytes as they are."""
    count = len(content) - 15
    return b"\xf0" + b"\xff" * (count // 255) + bytes([count % 255]) + content


def sealed(run, process, kind):
    """A packet, as it is and as an LZ4 block."""
    for head, content in run.packets(process, kind):
        content = cut(content) if kind == EVENTS else content[:PACKED]
        for body in content, literals(content):
            yield page_of(SEALED, process, 0, struct.pack(
                "<4IQIIQQIIQ", 0, kind, process, head[3], 0,
                head[5] if kind == EVENTS else len(content), 1, *head[7:9],
                len(content), len(body), 0) + body)


def pages(run, process):
    """Of everything that a process has one page, what is filed first."""
    for segment, owner, first, at, room in run.extents:
        payload = run.data[at:at + min(room, PAYLOAD)]
        is_first = first == 0 or segment == STREAM
        if owner != process or not is_first or not any(payload):
            continue
        if segment == STREAM:
            payload = cut(payload)
        if segment in (*SEGMENTS.values(), STREAM):
            yield page_of(segment, process, first, payload)
    for kind in (EVENTS, SNAPSHOT):
        yield from list(sealed(run, process, kind))[:2]


def main():
    (HERE / "corpus").mkdir(exist_ok=True)
    for name in make.NAMES:
        with tempfile.TemporaryDirectory() as directory:
            run = Recording(make.unpack(name, directory))
        for process in run.processes:
            made = list(pages(run, process))
            assert len(made) <= PAGES_MAX, len(made)
            content = b"".join(made)
            (HERE / "corpus" / f"{name}-{process}").write_bytes(content)


if __name__ == "__main__":
    main()
