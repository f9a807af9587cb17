"""What each process has of a line, in the formats that have room for it."""

import csv
import io
import json
import sys
import unittest

from support import PACKAGE, PY, PYTRACE, environment
from test_export import SCHEMA, ExportCase, python_with

SHARD = """\
import sys

ROWS = [None] * 100
for number in range(int(sys.argv[1])):
    ROWS[number] = bytes(1000)
"""
FORKS = """\
import os
child = os.fork()
for number in range(3 if child else 5):
    kept = bytes(2000 + number)
if child:
    os.waitpid(child, 0)
"""
BLOCK = sys.getsizeof(bytes(1000))  # without a word for the collector
TURNS = {0: 10, 1: 25}
FIGURES = ("hits", "allocated_bytes", "allocated_blocks", "live_bytes",
           "live_blocks")


class PerProcessTest(ExportCase):
    def setUp(self):
        super().setUp()
        self.write("shard.py", SHARD)
        for number, turns in TURNS.items():
            self.record(f"{number}.pytrace", "shard.py", str(turns))
        self.tool(PYTRACE, "combine", "-o", "run.pytrace", "0.pytrace",
                  "1.pytrace")

    def record(self, name, *command):
        done = self.pytrace("--count", "--mem", "-C", "cov", "-o", name,
                            *command)
        self.assertEqual(0, done.status, done.err)

    def test_csv(self):
        rows = list(csv.DictReader(io.StringIO(
            self.export("csv", "--per-process").decode())))
        row = next(row for row in rows
                   if (row["path"], row["line"]) == ("shard.py", "5"))
        for number, turns in TURNS.items():
            self.assertEqual(
                [str(figure) for figure in (turns, turns * BLOCK, turns,
                                            turns * BLOCK, turns)],
                [row[f"{name}_{number}"] for name in FIGURES])
        for row in rows:
            for name in FIGURES:
                parts = [row[f"{name}_{number}"] for number in TURNS]
                self.assertEqual(int(row[name] or 0), sum(
                    int(part or 0) for part in parts), row)
        self.assertEqual(FIGURES, tuple(rows[0])[3:8])

    def test_json(self):
        data = json.loads(self.export("json", "--per-process"))
        self.assertEqual(
            [(0, "0.pytrace"), (1, "1.pytrace")],
            [(process["process"], process["recording"])
             for process in data["by_process"]])
        for file in data["files"]:
            for line in file["lines"]:
                for name in FIGURES:
                    self.assertEqual(line.get(name, 0), sum(
                        part.get(name, 0) for part in line["by_process"]),
                        (file["path"], line))
        file = next(f for f in data["files"] if f["path"] == "shard.py")
        line = next(line for line in file["lines"] if line["line"] == 4)
        self.assertEqual({number: turns + 1
                          for number, turns in TURNS.items()},
                         {part["process"]: part["hits"]
                          for part in line["by_process"]})

    @unittest.skipIf(python_with("jsonschema") is None,
                     "jsonschema is missing")
    def test_json_keeps_to_its_schema(self):
        self.export("json", "--per-process")
        self.tool(python_with("jsonschema"), "-W", "ignore", "-m",
                  "jsonschema", "-i", "out", SCHEMA)

    def test_forked(self):
        self.write("forks.py", FORKS)
        self.record("run.pytrace", "forks.py")
        rows = csv.DictReader(io.StringIO(
            self.export("csv", "--per-process").decode()))
        hits = {row["line"]: (row["hits"], row["hits_0"], row["hits_1"])
                for row in rows if row["path"] == "forks.py"}
        # What a child inherited of the import is its parent's.
        self.assertEqual(("1", "1", "0"), hits["1"])
        self.assertEqual(("8", "3", "5"), hits["4"])
        self.assertEqual(("1", "1", "0"), hits["6"])

    def test_from_python(self):
        code = ("from pytrace import recording as r; print(len("
                "r.export('run.pytrace', 'json', per_process=True)"
                "['by_process']))")
        done = self.run_command(PY, "-c", code,
                                env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual((0, "2\n", ""), done)

    def test_formats_without_room(self):
        for name in "lcov", "pprof":
            done = self.pytrace("export", "--to", name, "--per-process",
                                "-o", "out", "run.pytrace")
            self.assertEqual(2, done.status)
            self.assertIn("--per-process can only be used with --to json or "
                          "csv", done.err)


if __name__ == "__main__":
    unittest.main()
