"""killed.py - programs that are killed at any moment, and what must be read.

Each program says in a file of numbers, which outlives it as the recording
does, how many turns it began and how many it ended. The two are the least and
the most that a line of its loop may have been reached, whatever is in memory
must be of these turns, and nothing may be there twice.
"""

import collections
import json
import mmap
import os
import pathlib
import random
import signal
import subprocess
import time

from recording_figures import Figures
from replay import HAS_NATIVE, native_table
from support import PACKAGE, PYTRACE, Case, environment

SLOTS = 64
BLOCK = 7013  # bytes of a block that only the program makes

# Line by line: `turn` is what is killed, slots 2 i and 2 i + 1 of `steps` are
# how often it was begun and how often it was ended.
HEAD = f"""\
import mmap, os, sys, threading
file = os.open("progress", os.O_RDWR)
steps = memoryview(mmap.mmap(file, 8 * {SLOTS})).cast("Q")
kept = []
def turn(i):
    kept.append(bytes({BLOCK}))
    if len(kept) > 20:
        del kept[0]
def turns(i, last=1 << 60):
    while steps[2 * i] < last:
        steps[2 * i] += 1
        turn(i)  # a turn
        steps[2 * i + 1] += 1
"""
ONE = HEAD + "turns(0)\n"
THREADS = HEAD + """\
for i in range(4):
    threading.Thread(target=turns, args=[i]).start()
"""
FORKS = HEAD + """\
for i in range(1, 31):
    steps[0] += 1
    pid = os.fork()
    if pid == 0:
        turns(i, 40)
        os._exit(0)
    steps[1] += 1
    if i % 3 == 0:
        for _ in range(3):
            os.wait()
turns(0)
"""
SNAPSHOTS = HEAD + """\
import pytrace
def turn(i):
    kept.append(bytes(7013))
    pytrace.snapshot(f"turn {steps[0]}")
turns(0)
"""
PROGRAMS = {
    "count": (["--count"], ONE),
    "calls": (["--count", "--timeline=calls"], ONE),
    "lines": (["--count", "--timeline=lines"], ONE),
    "events": (["--count", "--timeline=calls,lines"], ONE),
    "followed": (["--count", "--branch", "--line-times", "--trackcalls"],
                 THREADS),
    "mem": (["--mem"], ONE),
    "allocs": (["--mem", "--timeline=allocs"], ONE),
    "sample": (["--mem=sample"], ONE),
    "ages": (["--mem", "--mem-churn", "--mem-lifetime"], THREADS),
    "all": (["--count", "--mem", "--timeline=all"], ONE),
    "ring": (["--count", "--mem", "--timeline=all", "--ring=1M"], ONE),
    "last": (["--count", "--mem", "--timeline=all", "--last=20ms"], THREADS),
    "threads": (["--count", "--mem", "--timeline=allocs"], THREADS),
    "fork": (["--count", "--mem", "--timeline=calls"], FORKS),
    "snapshots": (["--count", "--mem"], SNAPSHOTS),
}
if HAS_NATIVE:
    PROGRAMS["native"] = (
        ["--count", "--mem", "--native", "--timeline=allocs"], THREADS)


class KilledCase(Case):

    def kill_once(self, name, dice):
        """Run a program, kill it: (what slots say, said by pytrace)."""
        options, source = PROGRAMS[name]
        self.write("prog.py", source)
        self.write("progress", bytes(8 * SLOTS))
        path = self.scratch / "progress"
        (self.scratch / "run.pytrace").unlink(missing_ok=True)
        with open(path, "r+b") as file, subprocess.Popen(
                [PYTRACE, *options, "-C", "cover", "-o", "run.pytrace",
                 "prog.py"], cwd=self.scratch, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, start_new_session=True,
                env=environment(PYTHONPATH=PACKAGE)) as process:
            slots = memoryview(mmap.mmap(file.fileno(), 8 * SLOTS)).cast("Q")
            if dice.random() < 0.9:
                while slots[0] == 0 and process.poll() is None:
                    time.sleep(0.001)
            time.sleep(dice.random() ** 2 * 0.1)
            if process.poll() is not None:
                self.fail("ended by itself: " + process.stdout.read().decode())
            self.kill(process, dice.random() < 0.3)
            return list(slots), process.stdout.read().decode()

    def kill(self, process, with_supervisor):
        if with_supervisor:
            os.killpg(process.pid, signal.SIGKILL)
        # All but the supervisor, who is to tell of it; there may be none yet.
        while process.poll() is None:
            for pid in self.group(process.pid) - {process.pid}:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.001)

    def group(self, leader):
        """The ids of the processes of a group."""
        found = set()
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                words = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(words[2]) == leader:  # behind state and parent
                found.add(int(stat.parent.name))
        return found

    def check(self, name, seed):
        slots, said = self.kill_once(name, random.Random(seed))
        path = self.scratch / "run.pytrace"
        if "nothing was recorded" in said or not path.exists():
            return 0
        for command in "check", "info", "report", "dump":
            done = self.pytrace(command, *(["-C", "cover"] if command ==
                                           "report" else []), path)
            if "nothing was recorded" in done.err:
                return 0
            self.assertEqual(done.status, 0, (command, done.out, done.err))
        run = Figures(path)
        self.check_totals(run)
        if "--count" in PROGRAMS[name][0]:
            self.check_hits_of(run, slots, name)
        if "sample" not in name:
            self.check_blocks(run, slots, name)
        if name == "snapshots":
            self.check_snapshots(run, slots)
        for process in run.processes:
            self.check_events(run, process, name)
        return 1

    def check_totals(self, run):
        for process, record in run.processes.items():
            self.assertGreaterEqual(
                record["traced_bytes"] + record["raw_bytes"], 0)
            self.assertLess(record["peak_bytes"], 1 << 32)
            self.assertEqual(record["dropped_events"], 0)
            for fields in run.items(process, "pair").values():
                size, _, _, live, allocated, _, inherited, _, _ = fields
                self.assertGreaterEqual(live, 0)
                # The block that is just being made, or is just gone.
                self.assertGreaterEqual(inherited + allocated - live, -1)

    def turns(self, slots, name):
        """How many turns were begun, and ended; forks are no turns."""
        first = 1 if name == "fork" else 0
        begun, ended = sum(slots[2 * first::2]), sum(slots[2 * first + 1::2])
        if name == "fork" and slots[0] > 30:
            begun, ended = begun + slots[0] - 30, ended + slots[1] - 30
        return begun, ended

    def check_hits_of(self, run, slots, name):
        """Of each line of turns(), between what was ended and was begun."""
        hits = collections.Counter()
        for process in run.processes:
            for (path, line), count in run.hits(process).items():
                if path.endswith("prog.py"):
                    self.assertGreaterEqual(count, 0)
                    hits[line] += count
        begun, ended = self.turns(slots, name)
        # A thread that was killed is at one line, its hit counted or not.
        line = HEAD.splitlines().index("        turn(i)  # a turn") + 1
        running = 5 if PROGRAMS[name][1] != ONE or run.wanted & 2 else 1
        for at in line - 1, line, line + 1:
            self.assertTrue(ended - running <= hits[at] <= begun + running,
                            (at, hits[at], ended, begun))

    def check_blocks(self, run, slots, name):
        begun, ended = self.turns(slots, name)
        allocated = live = 0
        for process in run.processes:
            for fields in run.items(process, "pair").values():
                if BLOCK < fields[0] < BLOCK + 64:
                    allocated += fields[4]
                    live += fields[3]
        if run.wanted & 2:
            self.assertLessEqual(allocated, begun)
            self.assertGreaterEqual(allocated, min(1, ended))
            self.assertLessEqual(live, begun)

    def check_snapshots(self, run, slots):
        told = json.loads(self.pytrace(
            "info", "--json", self.scratch / "run.pytrace").out)["snapshots"]
        found = run.snapshots()
        self.assertEqual([one["label"] for one in told],
                         [one["label"] for one in found.values()])
        self.assertIn(len(found), range(slots[1], slots[0] + 1))
        self.assertEqual(
            [one["label"] for one in found.values()],
            [f"turn {i}" for i in range(1, len(found) + 1)])
        for one in found.values():
            self.assertEqual(one["rest"], 0)

    def check_events(self, run, process, name):
        """What is replayed is what was counted, but for an event a thread."""
        streams = [list(run.entries(process, stream)) for stream in (0, 1)]
        for entries in streams:
            times = [event["time_ns"] for _, _, event in entries]
            self.assertEqual(times, sorted(times))
        if run.wanted & 1 << 18:
            events = [event for entries in streams for _, _, event in entries]
            is_end = run.ring_bytes or run.last_ns
            off = self.off_by(events, "pair", is_end, {
                index: (pair.live, pair.inherited, pair.allocated)
                for index, pair in run.items(process, "pair").items()})
            off += self.off_by(events, "native", is_end,
                               native_table(run, process))
            self.assertLessEqual(off, 2 * 5)

    def off_by(self, events, name, is_end, table):
        """How many blocks events and counts differ by; of a kept end how many
        less than none there were."""
        live, born = collections.Counter(), collections.Counter()
        for event in events:
            if name in event:
                is_birth = event["kind"].endswith("alloc")
                live[event[name]] += 1 if is_birth else -1
                born[event[name]] += is_birth
        if is_end:
            return sum(max(0, live[index] - at_end) +
                       max(0, born[index] - allocated)
                       for index, (at_end, _, allocated) in table.items())
        return sum(abs(at_end - inherited - live[index]) +
                   abs(allocated - born[index])
                   for index, (at_end, inherited, allocated) in table.items())
