"""What C modules make of texts: JSON, pickles, SQL, XML, structures."""
import ctypes
import csv
import io
import json
import lzma
import pickle
import sqlite3
import xml.etree.ElementTree
import zlib


class Structure(ctypes.Structure):
    _fields_ = [("a", ctypes.c_int), ("b", ctypes.c_double)]


data = {"key %d" % n: [n, n / 3, None, {"s": "x" * (n % 40)}]
        for n in range(600)}
text = json.dumps(data, indent=1)
pickles = [pickle.dumps(data, protocol) for protocol in range(6)]
copies = [json.loads(text)] + [pickle.loads(one) for one in pickles]
packer = zlib.compressobj()
packed = [packer.compress(text[n:n + 999].encode())
          for n in range(0, 20000, 999)] + [packer.flush()]
again = lzma.decompress(lzma.compress(text[:5000].encode()))
database = sqlite3.connect(":memory:")
database.execute("create table t (a integer, b text, c blob)")
database.executemany("insert into t values (?, ?, ?)",
                     [(n, "t%d" % n, b"x" * (n % 99)) for n in range(1500)])
rows = database.execute("select * from t where a % 2 order by b").fetchall()
root = xml.etree.ElementTree.Element("root")
for number in range(500):
    child = xml.etree.ElementTree.SubElement(root, "child", n=str(number))
    child.text = "text %d" % number
found = xml.etree.ElementTree.fromstring(
    xml.etree.ElementTree.tostring(root)).findall("./child[@n='7']")
structures = [Structure(n, n / 2) for n in range(200)]
pointers = [ctypes.pointer(one) for one in structures]
strings = [ctypes.create_string_buffer(n + 1) for n in range(200)]
table = io.StringIO()
csv.writer(table).writerows([n, str(n), n / 3] for n in range(500))
cells = list(csv.reader(table.getvalue().splitlines()))
