# SPDX-License-Identifier: MIT
"""What --native costs: for each block in time and memory, and for programs.

    PYTRACE=<build>/bin/pytrace PT_TEST_EXTENSIONS=<build>/tests/ext \\
        python nativetier.py [pairs] [memory] [programs]

pairs: nanoseconds of the thread for a malloc() and its free(), over jemalloc
alone and followed, the least of some rounds that take turns; with two threads
each does as much. memory: bytes of the tool's for a live block of each size.
programs: processor time of the six programs of tests/bench with --mem and with
--mem --native, in rounds that take turns.
"""
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

PYTRACE = os.path.abspath(os.environ["PYTRACE"])
EXTENSIONS = os.environ["PT_TEST_EXTENSIONS"]
HERE = pathlib.Path(__file__).resolve().parent
ROUNDS = 7

PAIRS = """
import sys; sys.path.append(%r)
import leaky, threading
threads, found = int(sys.argv[1]), []
def work():
    leaky.pairs(100000, 48)
    found.append(leaky.pairs(2000000, 48))
all = [threading.Thread(target=work) for _ in range(threads)]
for thread in all: thread.start()
for thread in all: thread.join()
print(max(found))
""" % EXTENSIONS

MEMORY = """
import sys; sys.path.append(%r)
import leaky
leaky.hold_malloc(int(sys.argv[1]), int(sys.argv[2]))
""" % EXTENSIONS

PROGRAMS = "orbits", "calls", "scanner", "shop", "pipeline", "records"
SCALE = "3"


def run(command, **env):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True,
                          env={**os.environ, **env}, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, (after.ru_utime + after.ru_stime - before.ru_utime
                         - before.ru_stime)


def pairs(path):
    path.write_text(PAIRS)
    for threads in "1", "2":
        plain, followed = [], []
        for _ in range(ROUNDS):
            plain.append(float(run(
                [sys.executable, path, threads],
                LD_PRELOAD="libjemalloc.so.2")[0]))
            followed.append(float(run(
                [PYTRACE, "--python", sys.executable, "--mem", "--native",
                 path, threads])[0].split()[0]))
        print("%s thread%s: jemalloc %.1f ns, followed %.1f ns, more %.1f ns"
              % (threads, "s" * (threads > "1"), min(plain), min(followed),
                 min(followed) - min(plain)), flush=True)


def tool_bytes(path, recording, blocks, size):
    run([PYTRACE, "--python", sys.executable, "--mem", "--native", "-o",
         recording, path, str(blocks), str(size)])
    info = json.loads(run([PYTRACE, "info", "--json", recording])[0])
    return info["accounts"][0]["end"]["rows"]["pytrace"]


def memory(path):
    path.write_text(MEMORY)
    recording = path.with_suffix(".pytrace")
    none = tool_bytes(path, recording, 0, 16)
    # Of the size classes those that take least and most.
    for size, blocks in ((16, 100000), (48, 100000), (64, 100000),
                         (224, 100000), (256, 100000), (1000, 100000),
                         (3584, 100000), (4000, 100000), (14336, 100000),
                         (20000, 100000), (57344, 100000), (100000, 100000),
                         (229376, 50000), (1 << 20, 20000)):
        own = tool_bytes(path, recording, blocks, size) - none
        print("%7d bytes: %.1f bytes of the tool's for each of %d blocks"
              % (size, own / blocks, blocks), flush=True)


def programs(path):
    result = path.with_suffix(".seconds")
    for name in PROGRAMS:
        spent = {"--mem": [], "--mem --native": []}
        for turn in range(ROUNDS):
            for options in sorted(spent, reverse=turn % 2):
                run([PYTRACE, "--python", sys.executable, *options.split(),
                     HERE / "measure.py", result, name, SCALE])
                spent[options].append(float(result.read_text()))
        mem, native = spent.values()
        print("%-9s --mem %.3f s, with --native %.3f: x %.3f (the least), "
              "%.3f (of rounds, the median)"
              % (name, min(mem), min(native), min(native) / min(mem),
                 statistics.median(b / a for a, b in zip(mem, native))),
              flush=True)


def main():
    wanted = sys.argv[1:] or ["pairs", "memory", "programs"]
    with tempfile.TemporaryDirectory() as scratch:
        for name in wanted:
            globals()[name](pathlib.Path(scratch) / "prog.py")


if __name__ == "__main__":
    main()
