"""Closes every descriptor it did not open, as daemons do, and goes on."""
import os
import tempfile

os.closerange(3, 4096)  # hits: 1
files = [tempfile.TemporaryFile() for _ in range(20)]
os.closerange(600, 1200)
high = os.dup2(files[0].fileno(), 700)
kept = {}
source = "\n".join("def f%d(x):\n    return [x] * %d" % (n, n)
                   for n in range(2000))
space = {}
exec(compile(source, "<made>", "exec"), space)
for n in range(2000):  # hits: 2001
    kept[n] = space["f%d" % n](n)  # hits: 2000
for file in files:  # hits: 21
    file.write(b"data")  # hits: 20
    file.seek(0)
    assert file.read() == b"data"
os.chdir("/")  # hits: 1
assert os.fstat(700).st_size == 4
print("end")  # hits: 1
