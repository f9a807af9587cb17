"""replay.py - random programs, and what their events add up to.

A program keeps a log of its own: which of its functions it began, and which
blocks it told an extension of. It recurses, raises, yields, awaits, allocates,
resizes and frees, in threads and in forked children, all as its seed says.
"""

import collections
import json
import os

from recording_figures import Figures
from support import PACKAGE, Case, environment

EXTENSIONS = os.environ.get("PT_TEST_EXTENSIONS", "")
HAS_NATIVE = os.path.exists(
    os.path.join(PACKAGE, "pytrace", "libpytrace_native.so"))
ALL = "--count", "--mem", "--trackcalls", "--timeline=all"
PROGRAM = """\
import asyncio, collections, json, os, random, sys, threading, warnings
import tracking
warnings.simplefilter("ignore")  # of forks beside threads
SEED, TURNS = map(int, sys.argv[1:])
log, told = [], {}

class Stop(Exception):
    pass

def fib(n):
    log.append("fib")
    return n if n < 2 else fib(n - 1) + fib(n - 2)

def raises(depth):
    log.append("raises")
    if depth == 0:
        raise Stop(str(depth))
    raises(depth - 1)

def numbers(n):
    log.append("numbers")
    for i in range(n):
        if (yield [i] * i):
            return

def all_of(n):
    log.append("all_of")
    yield from numbers(n)
    yield from numbers(n // 2)

async def waits(dice, depth):
    log.append("waits")
    if depth == 0:
        await asyncio.sleep(0)
        return bytes(dice.randrange(3000))
    return [await waits(dice, depth - 1), await waits(dice, 0)]

async def gives(n):
    log.append("gives")
    for i in range(n):
        await asyncio.sleep(0)
        yield str(i)

async def several(dice):
    log.append("several")
    kept = await asyncio.gather(*(waits(dice, dice.randrange(4))
                                  for _ in range(dice.randrange(6))))
    task = asyncio.ensure_future(waits(dice, 3))
    async for text in gives(dice.randrange(5)):
        kept.append(text)
    task.cancel()
    return kept

def tell(dice):
    log.append("tell")
    key = dice.choice((7, 77)), dice.randrange(1, 300) * 24 + 1
    if dice.random() < 0.6:
        told[key] = dice.randrange(1, 5000)
        tracking.track(*key, told[key])
    else:
        told.pop(key, None)
        tracking.untrack(*key)

def turn(dice, kept, is_main):
    log.append("turn")
    what = dice.randrange(12)
    if what == 0:
        kept.append(fib(dice.randrange(7)))
    elif what == 1:
        try:
            raises(dice.randrange(5))
        except Stop as stop:
            kept.append(stop)
    elif what == 2:
        kept.append(list(all_of(dice.randrange(8))))
    elif what == 3:
        some = numbers(4)
        next(some)
        try:
            dice.choice((some.close, some.__next__,
                         lambda: some.send(1), lambda: some.throw(Stop)))()
        except (StopIteration, Stop):
            pass
        kept.append(some)
    elif what == 4 and is_main and dice.random() < 0.2:
        kept.append(asyncio.run(several(dice)))
    elif what == 5 and is_main:
        tell(dice)
    elif what == 6:
        kept.append(bytearray(dice.randrange(1, 70000)))
    elif what == 7 and kept:
        some = dice.choice(kept)
        if isinstance(some, bytearray):
            some.extend(bytes(dice.randrange(9000)))  # resized
    elif what == 8:
        kept.append({i: str(i) for i in range(dice.randrange(60))})
    elif what == 9 and kept:
        del kept[dice.randrange(len(kept)):]
    elif what == 10 and is_main and dice.random() < 0.05:
        tracking.raw_threads(dice.randrange(1, 2000), 40, 0)
    else:
        kept.append(object())

def work(seed, turns, is_main=False):
    log.append("work")
    dice, kept = random.Random(seed), []
    for _ in range(turns):
        turn(dice, kept, is_main)

def finish():
    with open(f"told-{os.getpid()}", "w") as file:
        json.dump({"calls": collections.Counter(log),
                   "tracked": sum(told.values()), "blocks": len(told)}, file)

dice = random.Random(SEED)
work(SEED, TURNS, True)
threads = [threading.Thread(target=work, args=(SEED + i, TURNS))
           for i in range(dice.randrange(3))]
children = []
for thread in threads:
    thread.start()
for i in range(dice.randrange(3)):
    child = os.fork()
    if child == 0:
        log.clear()
        work(SEED * 7 + i, TURNS // 3, True)
        finish()
        os._exit(0)
    children.append(child)
    work(SEED - i, TURNS // 2, True)
for thread in threads:
    thread.join()
for child in children:
    os.waitpid(child, 0)
finish()
"""
ENTERED = "call", "resume", "throw"


def native_table(run, process):
    """{native pair: (live, of these inherited, born)} of libraries' blocks.

    All of these have events: others are Python's, older than the recording of
    events, or mappings, some of which are.
    """
    return {index: (item.inherited + item.allocated - item.freed,
                    item.inherited, item.allocated)
            for index, item in run.items(process, "native").items()
            if item.whose == 0}


class ReplayCase(Case):

    def record(self, seed, turns, *options):
        self.write("prog.py", PROGRAM)
        for told in self.scratch.glob("told-*"):
            told.unlink()
        done = self.pytrace(
            *options, "-C", "cover", "-o", "run.pytrace", "prog.py", str(seed),
            str(turns), env=environment(PYTHONPATH=EXTENSIONS))
        self.assertEqual(done.status, 0, done.err)
        return Figures(self.scratch / "run.pytrace")

    def check(self, run):
        """Compare what the events of each process say with what it counted,
        and with what it knows itself: how many events there are."""
        seen = 0
        for process, record in run.processes.items():
            self.assertEqual(record["dropped_events"], 0)
            events = run.events(process)
            seen += len(events)
            told = json.loads(
                (self.scratch / f"told-{record['pid']}").read_text())
            is_whole = self.begins(run, process)
            if run.wanted & 1 << 18:
                self.check_blocks(run, process, events, is_whole)
                self.check_native(run, process, events, is_whole)
            if run.wanted & 2:
                self.check_told(run, process, told)
            if run.wanted & 1 << 16:
                self.check_calls(run, process, events, is_whole, told["calls"])
            if run.wanted & 1 << 17:
                self.check_lines(run, process, events, is_whole)
        return seen

    def begins(self, run, process):
        """True if the events are there from the first on; without gaps."""
        firsts = []
        for stream in 0, 1:
            numbers = [number for number, _, _ in run.entries(process, stream)]
            firsts += numbers[:1]
            rows = sorted((head.first, head.first + head.items)
                          for head, _ in run.packets(process, 1)
                          if head.stream == stream)
            for (_, end), (first, _) in zip(rows, rows[1:]):
                self.assertEqual(end, first)
        # A switch and what begins a thread are no events.
        return max(firsts, default=0) < 10

    def check_table(self, table, changes, is_whole):
        """{item: (live at the end, of these inherited, born)} against
        [(item, +1 or -1)]; of a kept end only that nothing was less than
        nothing when it began, or later."""
        live, born = collections.Counter(), collections.Counter()
        least = collections.Counter()
        for item, change in changes:
            live[item] += change
            born[item] += change > 0
            least[item] = min(least[item], live[item])
        for item, (at_end, inherited, allocated) in table.items():
            start = at_end - live[item]
            self.assertGreaterEqual(start + least[item], 0, item)
            if is_whole:
                self.assertEqual((start, born[item]), (inherited, allocated),
                                 item)
            else:
                self.assertGreaterEqual(inherited + allocated - born[item],
                                        start)
        self.assertLessEqual(set(live), set(table))

    def check_blocks(self, run, process, events, is_whole):
        pairs = run.items(process, "pair")
        self.check_table(
            {index: (pair.live, pair.inherited, pair.allocated)
             for index, pair in pairs.items()},
            [(event["pair"], 1 if event["kind"] == "alloc" else -1)
             for event in events if event["kind"] in ("alloc", "free")],
            is_whole)
        record = run.processes[process]
        self.assertEqual(sum(pair.size * pair.live for pair in pairs.values()),
                         record["traced_bytes"] + record["raw_bytes"])

    def check_native(self, run, process, events, is_whole):
        table = native_table(run, process)
        self.check_table(
            table,
            [(event["native"], 1 if event["kind"] == "native_alloc" else -1)
             for event in events if event.get("native") in table], is_whole)

    def check_told(self, run, process, told):
        """What the extension told of is what the program told it."""
        pairs = [pair for pair in run.items(process, "pair").values()
                 if pair.domain in (7, 77)]
        self.assertEqual((told["blocks"], told["tracked"]),
                         (sum(pair.live for pair in pairs),
                          sum(pair.size * pair.live for pair in pairs)))

    def check_calls(self, run, process, events, is_whole, told):
        codes = run.items(process, "code")
        names = {index: run.text(process, code.name)
                 for index, code in codes.items()}
        begun, entered = collections.Counter(), collections.Counter()
        for event in events:
            if event["kind"] in ENTERED:
                entered[event["code"], event["kind"] == "call"] += 1
                begun[names[event["code"]]] += event["kind"] == "call"
        for name, count in told.items():
            least = count if is_whole else 0
            self.assertTrue(least <= begun[name] <= count, name)
        if not run.wanted & 1 << 10:
            return
        # Who called whom was counted apart from the events.
        counters = run.items(process, "counter")
        counted = collections.Counter()
        for call in run.items(process, "call").values():
            for i, is_call in enumerate((True, False)):
                counted[call.callee, is_call] += counters[
                    call.counter + i].value
        if is_whole:
            self.assertEqual(+entered, +counted)
        self.assertLessEqual(entered, counted)

    def check_lines(self, run, process, events, is_whole):
        files, codes = run.items(process, "file"), run.items(process, "code")
        paths = {index: run.text(process, files[code.file].path)
                 for index, code in codes.items()}
        lines = collections.Counter(
            (paths[event["code"]], event["line"]) for event in events
            if event["kind"] == "line")
        hits = run.hits(process)
        if is_whole:
            self.assertEqual(lines, +hits)
        self.assertLessEqual(lines, hits)
