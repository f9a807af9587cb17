"""Texts of all widths: joined, split, replaced, interned, encoded."""
import sys

words = ["w\xf6rd %d" % n for n in range(2000)]
line = " ".join(words)
parts = line.split(" ")
wide = [word + chr(0x4e00 + n) for n, word in enumerate(words)]
huge = [word + chr(0x1f600) for word in words[:500]]
coded = [word.encode() for word in wide]
upper = line.upper().replace("W", "ww")
names = [sys.intern("name_%d" % n) for n in range(500)]
f_strings = [f"{n:>10}|{n:x}" for n in range(1500)]
