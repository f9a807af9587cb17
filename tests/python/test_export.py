"""Exports have the figures of the run, and are read by their own tools."""

import csv
import gzip
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest
import xml.etree.ElementTree

from support import PY, Case

ROOT = pathlib.Path(__file__).resolve().parents[2]
DTD = ROOT / "tests" / "data" / "coverage-04.dtd"
SCHEMA = ROOT / "docs" / "schema" / "export.json"
# Debian's, when the interpreter has not the module that reads a format.
SYSTEM_PYTHON = "/usr/bin/python3"

PROGRAM = '''\
KEPT = [None] * 50                      # hits: 1


def fill(count):                        # hits: 1
    for number in range(count):         # hits: 52
        KEPT[number] = bytes(1000)      # hits: 50
    return count                        # hits: 2


def unused():                           # hits: 1
    return 'never'


def excused():  # pragma: no cover
    return 'never, and that is known'


def outer():                            # hits: 1
    return fill(20)                     # hits: 1


fill(30)                                # hits: 1
outer()                                 # hits: 1
'''
HITS = {1: 1, 4: 1, 5: 52, 6: 50, 7: 2, 10: 1, 11: 0, 14: 1, 18: 1, 19: 1,
        22: 1, 23: 1}
CALLS = {"fill": 2, "unused": 0, "outer": 1}
BLOCK = sys.getsizeof(bytes(1000))  # without a word for the collector
LIVE = 30  # the second call replaced what the first had made, 20 of 30


def python_with(module):
    """An interpreter that has a module, or None."""
    for python in (PY, SYSTEM_PYTHON):
        if os.path.exists(python) and subprocess.run(
                [python, "-c", f"import {module}"],
                stderr=subprocess.DEVNULL).returncode == 0:
            return python
    return None


class ExportCase(Case):
    def export(self, name, *words, recording="run.pytrace"):
        """The text of an export; `out` is its file."""
        done = self.pytrace("export", "--to", name, "-o", "out", *words,
                            recording)
        self.assertEqual((0, "", ""), done)
        return (self.scratch / "out").read_bytes()

    def tool(self, *words):
        """A tool reads what it is given, or the test fails."""
        done = self.run_command(*words)
        self.assertEqual(0, done.status, done.out + done.err)
        return done.out


class RecordedCase(ExportCase):
    def setUp(self):
        super().setUp()
        self.write("prog.py", PROGRAM)
        done = self.pytrace("--count", "--mem", "-C", "cov", "-o",
                            "run.pytrace", "prog.py")
        self.assertEqual(0, done.status, done.err)


class HitsTest(RecordedCase):
    """Formats of coverage tools."""

    def lcov(self):
        return self.export("lcov", "--filter", "prog.py").decode()

    def test_lcov(self):
        text = self.lcov()
        lines = {int(line): int(hits) for line, hits in
                 re.findall(r"^DA:(\d+),(\d+)$", text, re.M)}
        calls = {name: int(calls) for calls, name in
                 re.findall(r"^FNDA:(\d+),(.+)$", text, re.M)}
        self.assertEqual(HITS, lines)
        self.assertEqual(CALLS, calls)
        self.assertIn(f"SF:{self.scratch}/prog.py\n", text)

    @unittest.skipIf(shutil.which("lcov") is None, "lcov is missing")
    def test_lcov_reads_it(self):
        self.lcov()
        out = self.tool("lcov", "--summary", "out")
        self.assertIn("(11 of 12 lines)", out)
        self.assertIn("(2 of 3 functions)", out)

    @unittest.skipIf(shutil.which("genhtml") is None, "genhtml is missing")
    def test_genhtml_reads_it(self):
        self.lcov()
        self.tool("genhtml", "--quiet", "-o", "html", "out")
        page = next((self.scratch / "html").rglob("prog.py.gcov.html"))
        self.assertIn("KEPT", page.read_text())

    def test_cobertura(self):
        root = xml.etree.ElementTree.fromstring(self.export("cobertura"))
        lines = {int(line.get("number")): int(line.get("hits"))
                 for line in root.iterfind(".//class/lines/line")}
        methods = {method.get("name"): {
            int(line.get("number")) for line in method.iter("line")}
            for method in root.iter("method")}
        self.assertEqual(HITS, lines)
        self.assertEqual({"fill": {4, 5, 6, 7}, "unused": {10, 11},
                          "outer": {18, 19}}, methods)
        self.assertEqual(("11", "12"), (root.get("lines-covered"),
                                        root.get("lines-valid")))
        self.assertEqual("prog.py", next(root.iter("class")).get("filename"))

    @unittest.skipIf(shutil.which("xmllint") is None, "xmllint is missing")
    def test_cobertura_keeps_to_its_dtd(self):
        self.export("cobertura")
        self.tool("xmllint", "--noout", "--nonet", "--dtdvalid", DTD, "out")

    def test_cobertura_of_odd_names(self):
        name = 'a&b<c>"d\x07\udcff.py'
        self.write(name, PROGRAM)
        self.pytrace("--count", "-C", "cov", "-o", "odd.pytrace", name)
        root = xml.etree.ElementTree.fromstring(
            self.export("cobertura", recording="odd.pytrace"))
        self.assertEqual('a&b<c>"d\ufffd\ufffd.py',
                         next(root.iter("class")).get("filename"))

    @unittest.skipIf(python_with("coverage") is None, "coverage.py is missing")
    def test_coverage_reads_it(self):
        (self.scratch / ".coverage").write_bytes(self.export("coveragepy"))
        out = self.tool(python_with("coverage"), "-m", "coverage", "json",
                        "-q", "-o", "coverage.json")
        report = json.loads((self.scratch / "coverage.json").read_text())
        lines = report["files"]["prog.py"]
        # Whether what is excused ran is coverage.py's own business.
        ran = [line for line, hits in HITS.items() if hits and line != 14]
        self.assertEqual(ran, [line for line in lines["executed_lines"]
                               if line != 14], out)
        self.assertEqual([11], lines["missing_lines"])


class FiguresTest(RecordedCase):
    """Our own formats."""

    def test_csv(self):
        rows = list(csv.DictReader(io.StringIO(
            self.export("csv", "--filter", "prog.py").decode())))
        hits = {int(row["line"]): int(row["hits"]) for row in rows
                if row["hits"]}
        # Lines that are excused are lines all the same.
        self.assertEqual(HITS | {15: 0}, hits)
        line = next(row for row in rows if row["line"] == "6")
        self.assertEqual(("prog.py", "fill"), (line["path"], line["function"]))
        self.assertEqual((str(LIVE * BLOCK), str(LIVE), "50"),
                         (line["live_bytes"], line["live_blocks"],
                          line["allocated_blocks"]))

    def test_json(self):
        data = json.loads(self.export("json"))
        file = next(f for f in data["files"] if f["path"] == "prog.py")
        hits = {line["line"]: line["hits"] for line in file["lines"]
                if "hits" in line}
        self.assertEqual(HITS | {15: 0}, hits)
        line = next(line for line in file["lines"] if line["line"] == 6)
        self.assertEqual((LIVE * BLOCK, LIVE, 50 * BLOCK, 50), tuple(
            line[name] for name in ("live_bytes", "live_blocks",
                                    "allocated_bytes", "allocated_blocks")))
        calls = {function["name"]: function["calls"]
                 for function in file["functions"]}
        self.assertEqual(CALLS | {"<module>": 1, "excused": 0}, calls)
        for name in ("live_bytes", "live_blocks", "allocated_blocks"):
            self.assertEqual(data["total"][name], sum(
                line[name] for file in data["files"]
                for line in file["lines"]), name)

    @unittest.skipIf(python_with("jsonschema") is None,
                     "jsonschema is missing")
    def test_json_keeps_to_its_schema(self):
        for words in (["--count", "--mem"], ["--count"], ["--mem"]):
            self.pytrace(*words, "-o", "some.pytrace", "prog.py")
            self.export("json", recording="some.pytrace")
            self.tool(python_with("jsonschema"), "-W", "ignore", "-m",
                      "jsonschema", "-i", "out", SCHEMA)

    def test_odd_names(self):
        name = 'a,"b\x07\udcff.py'
        self.write(name, PROGRAM)
        self.pytrace("--count", "-C", "cov", "-o", "odd.pytrace", name)
        rows = list(csv.DictReader(io.StringIO(
            self.export("csv", recording="odd.pytrace").decode(
                errors="surrogateescape"))))
        self.assertEqual({name}, {row["path"] for row in rows})
        data = json.loads(self.export("json", recording="odd.pytrace"))
        self.assertEqual([name], [file["path"] for file in data["files"]])


class StacksTest(RecordedCase):
    """Formats of stacks."""

    STACKS = {
        ("<module> (prog.py:22)", "fill (prog.py:6)"): LIVE - 20,
        ("<module> (prog.py:23)", "outer (prog.py:19)", "fill (prog.py:6)"):
            20,
    }

    def collapsed(self, *words):
        stacks = {}
        for line in self.export("collapsed", *words).decode().splitlines():
            frames, _, value = line.rpartition(" ")
            stacks[tuple(frames.split(";"))] = int(value)
        return stacks

    def test_collapsed(self):
        found = self.collapsed("--filter", "prog.py")
        for stack, blocks in self.STACKS.items():
            self.assertEqual(blocks * BLOCK, found[stack])
        found = self.collapsed("--filter", "prog.py", "--value",
                               "kept-blocks")
        for stack, blocks in self.STACKS.items():
            self.assertEqual(blocks, found[stack])
        found = self.collapsed("--value", "allocated-blocks")
        self.assertEqual(30, found[tuple(self.STACKS)[0]])
        found = self.collapsed("--value", "hits")
        self.assertEqual(50, found[("fill (prog.py:6)",)])
        self.assertEqual({}, self.collapsed("--omit", "*"))

    def test_speedscope(self):
        data = json.loads(self.export("speedscope", "--filter", "prog.py"))
        self.assertEqual(
            "https://www.speedscope.app/file-format-schema.json",
            data["$schema"])
        frames = data["shared"]["frames"]
        profiles = {profile["name"]: profile for profile in data["profiles"]}
        for profile in profiles.values():
            # What the format's file-format-spec.ts asks of this type.
            self.assertEqual("sampled", profile["type"])
            self.assertIn(profile["unit"], ("bytes", "none"))
            self.assertEqual(len(profile["samples"]), len(profile["weights"]))
            self.assertEqual(0, profile["startValue"])
            self.assertEqual(sum(profile["weights"]), profile["endValue"])
        kept = profiles["memory kept"]
        found = {tuple(f"{frames[i]['name']} ({frames[i]['file']}:"
                       f"{frames[i]['line']})" for i in sample): weight
                 for sample, weight in zip(kept["samples"], kept["weights"])}
        for stack, blocks in self.STACKS.items():
            self.assertEqual(blocks * BLOCK, found[stack])

    @unittest.skipIf(shutil.which("go") is None, "go is missing")
    def test_pprof_reads_it(self):
        self.export("pprof", "--filter", "prog.py")
        for kind, flat in (("hits", 50), ("alloc_objects", 50),
                           ("inuse_objects", LIVE),
                           ("inuse_space", LIVE * BLOCK)):
            unit = "B" if "space" in kind else "count"
            out = self.tool("go", "tool", "pprof", "-top", "-lines", "-unit",
                            unit, f"-sample_index={kind}", "out")
            line = next(line.split() for line in out.splitlines()
                        if line.endswith(" fill prog.py:6"))
            self.assertEqual(flat, int(re.match(r"\d+", line[0])[0]), out)
        self.assertIn("<module>", out)
        self.assertIn("Type: inuse_space", self.tool(
            "go", "tool", "pprof", "-top", "out"))

    @unittest.skipIf(shutil.which("protoc") is None, "protoc is missing")
    def test_pprof_decodes(self):
        data = gzip.decompress(self.export("pprof", "--filter", "prog.py"))
        protos = ROOT / "cli" / "report" / "export" / "proto"
        done = self.run_command(
            "protoc", f"--proto_path={protos}", "--decode=pprof.Profile",
            "pprof.proto", input=data)
        self.assertEqual(0, done.status, done.err)
        self.assertIn(f"value: {20 * BLOCK}", done.out)
        self.assertIn('string_table: "outer"', done.out)
        # Whatever is no field of the format would have a number for a name.
        self.assertNotRegex(done.out, r"(?m)^ *\d+:")


class TimesTest(RecordedCase):
    """Times of lines, in the formats that have room for them."""

    def setUp(self):
        super().setUp()
        self.write("slow.py", "import time\n"
                   "for _ in range(3):\n    time.sleep(0.01)\n")
        done = self.pytrace("--count", "--line-times", "-C", "cov", "-o",
                            "slow.pytrace", "slow.py")
        self.assertEqual(0, done.status, done.err)

    def times(self, *words):
        done = self.pytrace("export", *words, "slow.pytrace")
        self.assertEqual(0, done.status, done.err)
        return done.out

    def test_all_have_the_same(self):
        file, = json.loads(self.times("--to", "json"))["files"]
        times = {line["line"]: line["time_ns"] for line in file["lines"]
                 if "time_ns" in line}
        self.assertGreater(times[3], 3 * 10_000_000 - 1)
        rows = csv.DictReader(io.StringIO(self.times("--to", "csv")))
        self.assertEqual(times, {int(row["line"]): int(row["time_ns"])
                                 for row in rows if row["hits"]})
        stacks = self.times("--to", "collapsed", "--value", "time")
        self.assertEqual(sorted(map(str, times.values())), sorted(
            line.split()[-1] for line in stacks.splitlines()))
        profile = json.loads(self.times("--to", "speedscope"))["profiles"]
        time, = (one for one in profile if one["unit"] == "nanoseconds")
        self.assertEqual(sum(times.values()), time["endValue"])

    @unittest.skipIf(shutil.which("go") is None, "go is missing")
    def test_pprof_reads_them(self):
        self.times("--to", "pprof", "-o", "out")
        out = self.tool("go", "tool", "pprof", "-top", "-lines", "-unit",
                        "ns", "out")
        self.assertIn("Type: time", out)
        line = next(line.split() for line in out.splitlines()
                    if line.endswith(" slow.py:3"))
        file, = json.loads(self.times("--to", "json"))["files"]
        time, = (line["time_ns"] for line in file["lines"]
                 if line["line"] == 3)
        self.assertEqual(f"{time}ns", line[0])

    def test_none_were_taken(self):
        done = self.pytrace("export", "--to", "collapsed", "--value", "time",
                            "run.pytrace")
        self.assertEqual(1, done.status)
        self.assertIn("no figures of times of lines in 'run.pytrace'; record "
                      "with --line-times", done.err)


class RefusedTest(RecordedCase):
    def refused(self, status, *words):
        done = self.pytrace("export", *words)
        self.assertEqual((status, ""), (done.status, done.out), done.err)
        return done.err

    def test_usage(self):
        self.assertIn("--to is missing", self.refused(2, "run.pytrace"))
        self.assertIn("knows no 'xls'",
                      self.refused(2, "--to", "xls", "run.pytrace"))
        self.assertIn("file is missing", self.refused(2, "--to", "csv"))

    def test_what_was_not_recorded(self):
        self.pytrace("--mem", "-o", "mem.pytrace", "prog.py")
        for name in ("lcov", "cobertura", "coveragepy"):
            self.assertIn("no figures of line counts in 'mem.pytrace'; record "
                          "with --count",
                          self.refused(1, "--to", name, "mem.pytrace"))
        self.pytrace("--count", "-C", "cov", "-o", "count.pytrace", "prog.py")
        self.assertIn("no figures of memory", self.refused(
            1, "--to", "collapsed", "--value", "kept", "count.pytrace"))
        self.assertIn("no figures of native memory in 'mem.pytrace'; record "
                      "with --native", self.refused(
                          1, "--to", "collapsed", "--value",
                          "native-allocated", "mem.pytrace"))

    def test_no_place_for_it(self):
        for name in ("csv", "pprof"):
            self.assertIn("cannot write '/no/such/place'", self.refused(
                1, "--to", name, "-o", "/no/such/place", "run.pytrace"))

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [os.environ["PYTRACE"], "export", "--to", "csv",
                 self.scratch / "run.pytrace"],
                stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(1, done.returncode)
        self.assertIn(b"cannot write to stdout: No space left", done.stderr)


if __name__ == "__main__":
    unittest.main()
