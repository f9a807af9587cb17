"""Blocks allocated inside C extensions of the standard library."""
import array
import collections
import decimal
import io
import itertools
import json
import re
import struct
import zlib

records = [{"id": n, "name": "name %d" % n, "tags": ["a", "b", str(n)]}
           for n in range(800)]
text = json.dumps(records)
again = json.loads(text)
packed = [zlib.compress(text.encode()[:n * 100]) for n in range(1, 20)]
numbers = array.array("d", range(5000))
queue = collections.deque(("entry %d" % n for n in range(3000)), 1000)
counted = collections.Counter(re.findall(r"\w+", text))
exact = [decimal.Decimal(n) / 7 for n in range(300)]
stream = io.BytesIO()
for n in range(1000):
    stream.write(struct.pack("<id", n, n / 3))
pairs = list(itertools.islice(itertools.combinations(range(60), 2), 1500))
