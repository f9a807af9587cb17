"""Takes memory until there is none, says so, and goes on."""
import resource
import sys

kept = []
limit = int(sys.argv[1]) << 20
if limit:
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def hoard():
    while True:
        kept.append(bytes(1 << 20))


try:
    hoard()
except MemoryError:
    count = len(kept)
    kept.clear()
    print("out of memory", count > int(sys.argv[2]), file=sys.stderr)
small = [[n] for n in range(20000)]
print(len(small))  # hits: 1
if sys.argv[3:]:
    kept.append(bytes(1 << 40))
print("end")
