# SPDX-License-Identifier: MIT
"""What --native costs: for each block in time and memory, and for programs.

    PYTRACE=<build>/bin/pytrace PT_TEST_EXTENSIONS=<build>/tests/ext \\
        python nativetier.py [pairs] [memory] [programs] [accounts]

pairs: nanoseconds of the thread for a malloc() and its free(), over jemalloc
alone and followed, the least of some rounds that take turns; with two threads
each does as much. memory: bytes of the tool's for a live block of each size.
programs: processor time of the six programs of tests/bench with --mem and with
--mem --native, in rounds that take turns. accounts: what part of its processor
time a program spends on accounts of resident memory between start and end.
"""
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "python"))
from recording_reader import Recording  # noqa: E402

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

ACCOUNTS = {
    "steady": """
keep = [object() for _ in range(100000)]
leaky.hold_filled(100, 100000)
while time.process_time() < 2: leaky.churn(1000)
""",
    "1.5 million objects": """
kept = {}
for i in range(1500000): kept[i] = str(i)
""",
    "12,000 blocks": """
for _ in range(12000):
    leaky.hold_filled(1, 50000)
    leaky.churn(100)
""",
    "up and down": """
for _ in range(10):
    leaky.hold_filled(1000, 100000)
    leaky.churn(100000)
    leaky.free_elsewhere()
    leaky.churn(100000)
""",
    "eight threads": """
def work():
    for _ in range(1200):
        leaky.hold_filled(1, 50000)
        leaky.churn(300)
all = [threading.Thread(target=work) for _ in range(8)]
for thread in all: thread.start()
for thread in all: thread.join()
""",
}

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


def accounts(path):
    recording = path.with_suffix(".pytrace")
    for name, program in ACCOUNTS.items():
        path.write_text("import sys, threading, time; sys.path.append(%r)\n"
                        "import leaky\n%sprint(time.process_time_ns())\n"
                        % (EXTENSIONS, program))
        used_ns = int(run([PYTRACE, "--python", sys.executable, "--mem",
                           "--native", "-o", recording, path])[0].split()[0])
        moments = list(Recording(recording).items(0, "moment").values())
        # Those of the process, of Python and of the end come at any price.
        exact = [moment for moment in moments if moment.flags][2:-1]
        derived = [moment for moment in moments if not moment.flags]
        spent_ns = [sum(moment.cost_ns for moment in kind)
                    for kind in (derived, exact)]
        print("%-19s %.2f s; derived: %d, %.3f ms each, by pages: %d, %.2f ms "
              "each; %.2f %% of the time" % (
                  name, used_ns / 1e9, len(derived),
                  spent_ns[0] / 1e6 / max(1, len(derived)), len(exact),
                  spent_ns[1] / 1e6 / max(1, len(exact)),
                  sum(spent_ns) * 100 / used_ns), flush=True)


def main():
    wanted = sys.argv[1:] or ["pairs", "memory", "programs", "accounts"]
    with tempfile.TemporaryDirectory() as scratch:
        for name in wanted:
            globals()[name](pathlib.Path(scratch) / "prog.py")


if __name__ == "__main__":
    main()
