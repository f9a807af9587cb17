"""sealed_bytes.py - XXH64 and LZ4 blocks, which the standard library has not.

From their own specifications: xxhash_spec.md, "XXH64 algorithm", and
lz4_Block_format.md. A reader in another language takes them from a library.
"""

import struct

MASK = (1 << 64) - 1


def xxh64(data, seed):
    """XXH64, as its specification has it."""
    p1, p2, p3, p4, p5 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F,
                          0x165667B19E3779F9, 0x85EBCA77C2B2AE63,
                          0x27D4EB2F165667C5)

    def rotate(value, bits):
        return (value << bits | value >> 64 - bits) & MASK

    def step(value, word):
        return rotate(value + word * p2 & MASK, 31) * p1 & MASK

    result, at = seed + p5, len(data) & ~31
    if at:
        lanes = [seed + p1 + p2 & MASK, seed + p2 & MASK, seed, seed - p1]
        for words in struct.iter_unpack("<4Q", data[:at]):
            lanes = [step(*pair) for pair in zip(lanes, words)]
        result = sum(map(rotate, lanes, (1, 7, 12, 18)))
        for lane in lanes:
            result = (result ^ step(0, lane)) * p1 + p4 & MASK
    result += len(data)
    while at + 8 <= len(data):
        word, = struct.unpack_from("<Q", data, at)
        result = rotate((result ^ step(0, word)) & MASK, 27) * p1 + p4
        at += 8
    if at + 4 <= len(data):
        word, = struct.unpack_from("<I", data, at)
        result = rotate((result ^ word * p1) & MASK, 23) * p2 + p3
        at += 4
    for byte in data[at:]:
        result = rotate((result ^ byte * p5) & MASK, 11) * p1
    for shift, factor in (33, p2), (29, p3), (32, 1):
        result = (result & MASK ^ (result & MASK) >> shift) * factor
    return result & MASK


def unpack_lz4(data):
    """The content of one LZ4 block."""
    out, at = bytearray(), 0

    def length(count, at):
        more = count == 15
        while more:
            count, more, at = count + data[at], data[at] == 255, at + 1
        return count, at

    while at < len(data):
        token = data[at]
        count, at = length(token >> 4, at + 1)
        out += data[at:at + count]
        at += count
        if at < len(data):
            back = data[at] | data[at + 1] << 8
            count, at = length(token & 15, at + 2)
            for _ in range(count + 4):
                out.append(out[-back])
    return bytes(out)
