"""Recordings that are kept for ever, and two readers that must agree.

One reader is the program, the other is recording_reader.py, which was written
from docs/format.md alone.
"""

import collections
import csv
import ctypes
import io
import itertools
import json
import os
import pathlib
import struct
import sys
import zlib

from recording_figures import Figures
from recording_reader import ARRAYS, SEALED, STREAM
from support import PACKAGE, PYTRACE, Case, environment, expected_hits

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"
sys.path.insert(0, str(GOLDEN))
import make  # noqa: E402

SHOP = (GOLDEN / "shop.py").read_text()
READ_ITEMS = os.path.join(os.environ.get("PT_TEST_EXTENSIONS", ""),
                          "read_items")
HAS_NATIVE = os.path.exists(
    os.path.join(PACKAGE, "pytrace", "libpytrace_native.so"))
try:
    ctypes.CDLL("libunwind.so.8")
    HAS_UNWIND = True
except OSError:
    HAS_UNWIND = False
LINE = SHOP.splitlines().index("        made.append(bytes(1000 + number))") + 1
BYTES = 1000 + sys.getsizeof(b"")  # of the first block of each fill()
NUMBERED = {"thread_start": ["native"], "gc_start": ["generation"],
            "gc_stop": ["generation", "collected", "uncollectable"],
            "span_begin": ["number"], "span_end": ["number"],
            "snapshot": ["number"]}


class ReadersCase(Case):

    def told(self, run, process):
        """The events of a process as `pytrace dump` should tell them."""
        files, codes, nodes, pairs, natives = (
            run.items(process, name)
            for name in ("file", "code", "node", "pair", "native"))
        for sequence, event in enumerate(run.events(process)):
            kind = event["kind"]
            told = {"process": process, "sequence": sequence,
                    "time": max(0, event["time_ns"] - run.start_ns),
                    "thread": event["thread"], "kind": kind}
            code, line = event.get("code", 0), event.get("line")
            if kind.endswith(("alloc", "free")):
                told["size"], node = (
                    pairs[event["pair"]][:2] if "pair" in event else
                    natives[event["native"]][:4:3])
                code, line = nodes[node][1:3] if node else (0, 0)
            if code:
                source, name, first = codes[code][:3]
                told["path"] = self.absolute(
                    run, run.text(process, files[source][0]))
                told["function"] = run.text(process, name)
                told["line"] = first if line is None else line
            told.update(zip(NUMBERED.get(kind, ()), event.get("numbers", ())))
            if event.get("text"):
                told["label"] = event["text"]
            yield told

    def absolute(self, run, path):
        return path if path[:1] == "<" else os.path.join(run.directory, path)

    def dumped(self, run, path):
        """What `pytrace dump` tells, an event at a time."""
        done = self.pytrace("dump", path)
        self.assertEqual((done.status, done.err), (0, ""))
        for line in done.out.splitlines():
            if '"kind": "account"' in line:
                continue  # no event
            event = json.loads(line, parse_float=lambda text: int(
                text.replace(".", "")))
            if "path" in event:
                event["path"] = self.absolute(run, event["path"])
            yield event

    def check_events(self, run, path):
        """Compare all events of all processes: how many there were."""
        count = 0
        told = itertools.chain.from_iterable(
            self.told(run, process) for process in sorted(run.processes))
        for ours, theirs in itertools.zip_longest(
                self.dumped(run, path), told):
            self.assertEqual(ours, theirs)
            count += 1
        return count

    def check_figures(self, run, path):
        """Compare hits and live bytes by line, and the processes."""
        done = self.pytrace("export", "--to", "csv", path)
        self.assertEqual(done.status, 0, done.err)
        hits, live, times = (collections.Counter() for _ in range(3))
        for row in csv.DictReader(io.StringIO(done.out)):
            key = self.absolute(run, row["path"]), int(row["line"])
            hits[key] += int(row["hits"] or 0)
            live[key] += int(row["live_bytes"] or 0)
            times[key] += int(row.get("time_ns") or 0)
        for ours, theirs in ((hits, run.hits), (live, run.live_bytes),
                             (times, run.times)):
            wanted = collections.Counter()
            for process in run.processes:
                for (name, line), value in theirs(process).items():
                    name = self.absolute(run, name or "<unknown>")
                    wanted[name, line] += value
            self.assertEqual(+ours, +wanted)
        info = json.loads(self.pytrace("info", "--json", path).out)
        self.assertEqual(
            [(record["number"], record["parent"], record["pid"],
              record["traced_bytes"], record["peak_bytes"],
              record["dropped_blocks"], record["dropped_events"],
              record["dropped_packets"]) for record in info["processes"]],
            [(record["number"], record["parent"], record["pid"],
              record["traced_bytes"], record["peak_bytes"],
              record["dropped_blocks"], record["dropped_events"],
              record["dropped_sealed"]) for record in run.processes.values()])

    def check_items(self, run, path):
        """Compare all items of all segments: the segments there are."""
        if not os.path.exists(READ_ITEMS):
            self.skipTest("no read_items: set PT_TEST_EXTENSIONS")
        done = self.run_command(READ_ITEMS, path)
        self.assertEqual((done.status, done.err), (0, ""))
        told = {}
        for process, segment, *rest in map(str.split, done.out.splitlines()):
            told[int(process), int(segment)] = rest
        found = {}
        for process in run.processes:
            for segment, items in self.all_items(run, process):
                count = crc = 0
                for count, item in enumerate(items, 1):
                    crc = zlib.crc32(item, crc)
                if count:
                    found[process, segment] = [str(count), f"{crc:08x}"]
        self.assertEqual(told, found)
        return {segment for _, segment in found}

    def all_items(self, run, process):
        """(segment, its items as bytes, made of their fields)."""
        for name, (segment, layout, _) in ARRAYS.items():
            if name in ("process", "run"):
                items = [item for _, item in run.records(process, name)]
            elif name == "sample":
                items = run.samples(process)
            else:
                items = run.items(process, name).values()
            yield segment, (struct.pack(run.order + layout, *item)
                            for item in items)
        yield STREAM, (run.data[at:at + room]
                       for _, at, room in run.rows[STREAM, process])
        yield SEALED, (struct.pack(run.order + "4IQ2I2Q2IQ", *head) + content
                       for head, content in run.packets(process))

    def blocks(self, run, process=0):
        """{size: (live, allocated)} of what fill() made of shop.py."""
        nodes, files = run.items(process, "node"), run.items(process, "file")
        codes = run.items(process, "code")
        found = {}
        for size, node, _, live, allocated, *_ in run.items(
                process, "pair").values():
            code, line = nodes[node][1:3] if node else (0, 0)
            if (line == LINE and size >= BYTES and run.text(
                    process, files[codes[code][0]][0]).endswith("shop.py")):
                before = found.get(size, (0, 0))
                found[size] = before[0] + live, before[1] + allocated
        return {size - BYTES: both for size, both in found.items()}


class GoldenTest(ReadersCase):

    def golden(self, name):
        path = make.unpack(name, self.scratch)
        return Figures(path), path

    def test_what_the_program_says(self):
        for name in make.NAMES:
            with self.subTest(name):
                self.assertEqual(make.session(PYTRACE, name),
                                 (GOLDEN / f"{name}.txt").read_text())

    def test_the_readers_agree(self):
        for name, least in (("count", 11), ("snapshot", 12), ("fork", 5000),
                            ("probe", 13), ("branch", 13), ("sample", 2),
                            ("events", 30000), ("lifetime", 11),
                            ("native", 5000), ("combined", 5000)):
            with self.subTest(name):
                run, path = self.golden(name)
                self.assertGreaterEqual(self.check_events(run, path), least)
                self.check_figures(run, path)

    def test_the_readers_find_the_same_items(self):
        segments = set()
        for name in make.NAMES:
            with self.subTest(name):
                segments |= self.check_items(*self.golden(name))
        # None is missing from the golden recordings.
        self.assertEqual(segments, {number for number, _, _ in ARRAYS.values()}
                         | {SEALED, STREAM})

    def test_where_combined_ones_come_from(self):
        run, path = self.golden("combined")
        told = json.loads(self.pytrace("info", "--json", path).out)
        parts = [make.unpack(name, self.scratch)
                 for name in make.COMBINED["combined"]]
        wanted = []
        for part in parts:
            own = Figures(part)
            wanted += [(part.name, own.start_unix_ns, own.ended, own.status,
                        own.wanted)] * len(own.processes)
        runs = [run.run(process) for process in sorted(run.processes)]
        self.assertEqual(wanted, [
            (os.path.basename(one.name), one.start_unix_ns, one.ended,
             one.exit_status, one.wanted) for one in runs])
        self.assertEqual([one.name for one in runs],
                         [record["run"]["recording"]
                          for record in told["processes"]])

    def test_hits(self):
        for name in "count", "probe", "branch":
            with self.subTest(name):
                self.check_hits_of(self.golden(name)[0])

    def check_hits_of(self, run):
        hits = {line: count for (path, line), count in run.hits().items()
                if path.endswith("shop.py")}
        wanted = expected_hits(SHOP)
        self.assertGreater(len(wanted), 15)
        self.assertEqual({line: hits[line] for line in wanted}, wanted)
        # halves(100) goes over 50, 25, 12, 6, 3 and 1, three times.
        first = SHOP.splitlines().index("    while number > 1:") + 1
        self.assertEqual([hits[first + i] for i in range(3)], [21, 18, 18])

    def test_arcs(self):
        run, path = self.golden("branch")
        arcs = collections.Counter()
        for (_, _, start, stop), (count, _) in run.arcs().items():
            arcs[start, stop] += count
        # Where a line of halves() was reached from, three times as above.
        first = SHOP.splitlines().index("    while number > 1:") + 1
        self.assertEqual(
            {arc: count for arc, count in arcs.items()
             if first <= arc[1] < first + 3 and count},
            {(0, first): 3, (first + 2, first): 18, (first, first + 1): 18,
             (first + 1, first + 2): 18})
        hits = {line: count for (_, line), count in run.hits().items()}
        for line, count in hits.items():
            self.assertEqual(count, sum(
                arcs[arc] for arc in arcs if arc[1] == line))
        ways = {arc[2:]: count for arc, (count, is_way) in run.arcs().items()
                if is_way}
        self.assertEqual(
            {way: count for way, count in ways.items() if way[0] == first},
            {(first, first + 1): 18, (first, 0): 3})

    def test_calls(self):
        run, path = self.golden("branch")
        codes, counters = run.items(0, "code"), run.items(0, "counter")
        names = {index: run.text(0, code[1]) for index, code in codes.items()}
        calls = {(names.get(caller), names[callee]): (
                     counters[counter][0], counters[counter + 1][0])
                 for caller, callee, counter, _ in
                 run.items(0, "call").values()}
        self.assertEqual(calls["<module>", "fill"], (3, 0))
        # A generator of six yields, and the end.
        self.assertEqual(calls["<module>", "halves"], (3, 18))
        graph, _ = json.JSONDecoder().raw_decode(self.pytrace(
            "report", "--callgraph", "json", "-C", "cover", path).out.lstrip())
        told = [node["name"] for node in graph["functions"]]
        self.assertEqual(calls, {
            (None if call["caller"] is None else told[call["caller"]],
             told[call["callee"]]): (call["calls"], call["resumed"])
            for call in graph["calls"]})

    def test_moments(self):
        run, path = self.golden("native")
        done = self.pytrace("dump", "--kind", "account", path)
        told = [json.loads(line) for line in done.out.splitlines()]
        moments = [fields for fields in run.items(0, "moment").values()
                   if fields[0]]
        self.assertGreater(len(moments), 3)
        self.assertEqual(
            [(one["is_exact"], one["rss"],
              *list(one["rows"].values())[:7], one["untouched"],
              *one["jemalloc"].values(), one["highest_rss"])
             for one in told],
            [(bool(flags & 1), *words[:9], *words[10:17])
             for _, flags, _, *words in moments])

    def test_native_pairs(self):
        run, _ = self.golden("native")
        frames, modules = run.items(0, "frame"), run.items(0, "module")
        live = collections.Counter()
        for event in run.events():
            if "native" in event:
                live[event["native"]] += (
                    1 if event["kind"] == "native_alloc" else -1)
        seen = 0
        for index, (_, _, address, _, whose, _, _, born, died, inherited,
                    module, frame) in run.items(0, "native").items():
            self.assertGreaterEqual(inherited + born - died, 0)
            self.assertLessEqual(whose, 4)
            # An address lies in its module, a caller before what it called.
            self.assertTrue(not module or modules[module][0] <= address)
            while frame:
                self.assertLess(frames[frame][1], frame)
                frame = frames[frame][1]
            seen += bool(live[index])
        self.assertGreater(seen, 10)

    def test_blocks(self):
        self.assertEqual(self.blocks(self.golden("count")[0]),
                         {size: (3, 3) for size in range(4)})
        self.assertEqual(self.blocks(self.golden("snapshot")[0]),
                         {**{size: (4, 4) for size in range(4)},
                          4: (1, 1), 5: (1, 1)})
        run, _ = self.golden("fork")
        self.assertEqual(self.blocks(run),
                         {**{size: (3, 4) for size in range(4)}, 4: (0, 1)})
        child = self.blocks(run, 1)
        self.assertEqual({size: child[size][1] for size in child
                          if child[size][1]}, {0: 1, 1: 1})


    def test_snapshot(self):
        run, path = self.golden("snapshot")
        told, = json.loads(self.pytrace("info", "--json", path).out)[
            "snapshots"]
        (number, half), = run.snapshots().items()
        self.assertEqual((number, half["label"], half["rest"]),
                         (told["number"], "half", 0))
        self.assertEqual(half["traced_bytes"] + half["raw_bytes"],
                         told["live_bytes"])
        # Before the last fill() there were three of each.
        live = half["figures"][8, 16]
        kept = collections.Counter()
        for pair, (size, *_) in run.items(0, "pair").items():
            if pair < len(live) and BYTES <= size < BYTES + 6:
                kept[size - BYTES] += live[pair]
        self.assertEqual(+kept, {0: 3, 1: 3, 2: 3, 3: 3})
        hits = half["figures"][5, 0]
        end = run.items(0, "counter")
        self.assertTrue(all(
            value & (1 << 63) - 1 <= end[i][0] & (1 << 63) - 1
            for i, value in enumerate(hits) if i))


    def test_losses_are_told(self):
        run, path = self.golden("fork")
        at, = (place for segment, process, _, place, _ in run.extents
               if (segment, process) == (1, 1))
        data = bytearray(run.data)
        # Packets and events that the child dropped (docs/format.md).
        struct.pack_into(run.order + "QQ", data, at + 288, 2, 1234)
        path.write_bytes(data)
        self.assertIn("\nlost          1,234 events, 2 packets\n",
                      self.pytrace("info", path).out)
        said = self.pytrace("report", "--mem-filter", "x", path).err
        self.assertIn("events that could not be recorded: 1,234\n", said)
        self.assertIn("packets that found no room: 2\n", said)
        missing = f"pytrace: 1234 events are missing from '{path}'\n"
        self.assertEqual(self.pytrace("dump", path).err, missing)
        self.assertEqual(self.pytrace("dump", "--process", "0", path).err, "")


class FreshTest(ReadersCase):

    def test_the_readers_agree(self):
        for name, options in make.RUNS.items():
            if "--native" in options and not HAS_NATIVE:
                continue
            if not HAS_UNWIND:
                options = [option for option in options
                           if option != "--native-stacks"]
            with self.subTest(name):
                path = self.scratch / f"{name}.pytrace"
                program = make.copy_program(name, self.scratch)
                done = self.pytrace(
                    *options, "-o", path, program, name,
                    env=environment(PYTHONPATH=PACKAGE))
                self.assertEqual(done.status, 0, done.err)
                run = Figures(path)
                self.check_events(run, path)
                self.check_figures(run, path)
                self.check_items(run, path)
