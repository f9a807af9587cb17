"""Every export of recordings of every kind, read by that format's own tool."""

import csv
import json
import os
import re
import shutil
import subprocess
import unittest

from support import PACKAGE, Case, environment
from test_export import DTD, ROOT, SCHEMA, python_with
from test_nativemem import HAS_TIER

# Threads, a forked child, a file and labels with names that are hard to write.
PROGRAM = r"""
import os
import threading

KEPT = []


def fill(count):
    for number in range(count):
        if number % 2:
            KEPT.append(bytes(1000 + number))
        else:
            KEPT.append(str(number) * 10)


threads = [threading.Thread(target=fill, args=(10 * number,),
                            name=f"t<{number}>&") for number in range(1, 4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
name = os.path.abspath(os.fsdecode(b"odd\xff\xe4 &<\x22.py"))
with open(name, "w") as file:
    file.write("def inner(kept):\n    kept.append(bytes(5000))\n\n\n"
               "inner(KEPT)\n")
with open(name) as file:
    exec(compile(file.read(), name, "exec"), {"KEPT": KEPT})
child = os.fork()
fill(7)
if child:
    os.waitpid(child, 0)
try:
    import pytrace
except ImportError:
    pass
else:
    pytrace.mark("m<&\"\u00e4")
    with pytrace.span("s<&\"\u00e4"):
        fill(3)
"""
KINDS = {
    "count": ("--count",),
    "branch": ("--count", "--branch"),
    "times": ("--count", "--mem", "--line-times"),
    "hits": ("--count", "--hits"),
    "sample": ("--count", "--mem=sample"),
    "all": ("--count", "--mem", "--timeline=all", "--trackcalls"),
    "native": ("--count", "--mem", "--native", "--timeline=allocs"),
    "stacks": ("--count", "--mem", "--native=auto", "--native-stacks"),
}
ALIKE = ("--count", "--mem")  # what is combined
FORMATS = ("json", "csv", "lcov", "cobertura", "coveragepy", "collapsed",
           "speedscope", "chrome", "perfetto", "pprof")


def load(path):
    return json.loads(path.read_bytes().decode("utf-8", "surrogateescape"))


class KindsTest(Case):
    def record(self, name, options):
        done = self.pytrace(*options, "-C", "cov", "-o", name + ".pytrace",
                            "prog.py", env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(0, done.status, done.err)

    def tool(self, *words, **options):
        done = self.run_command(*words, **options)
        self.assertEqual(0, done.status, done.err)
        return done.out

    def check_kind(self, name):
        for form in FORMATS:
            with self.subTest(kind=name, format=form):
                out = self.scratch / f"{name}.{form}"
                done = self.pytrace("export", "--to", form, "-o", out,
                                    name + ".pytrace")
                self.assertEqual(0, done.status, done.err)
                getattr(self, "check_" + form)(out)

    def test_all(self):
        self.write("prog.py", PROGRAM)
        for name, options in KINDS.items():
            if name != "native" or HAS_TIER:
                self.record(name, options)
                self.check_kind(name)

    def test_combined(self):
        self.write("prog.py", PROGRAM)
        for name in "one", "two":
            self.record(name, ALIKE)
        self.tool(os.environ["PYTRACE"], "combine", "-o", "both.pytrace",
                  "one.pytrace", "two.pytrace")
        self.check_kind("both")

    def check_json(self, out):
        data = load(out)
        self.assertIn("odd\udcff\udce4 &<\".py",
                      [file["path"] for file in data["files"]])
        python = python_with("jsonschema")
        if python is not None:
            self.tool(python, "-c", "import json, jsonschema, sys\n"
                      "jsonschema.validate(*[json.loads(open(name, 'rb')"
                      ".read().decode('utf-8', 'surrogateescape')) "
                      "for name in sys.argv[1:]])", out, SCHEMA)

    def check_csv(self, out):
        with open(out, encoding="utf-8", errors="surrogateescape",
                  newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertIn("odd\udcff\udce4 &<\".py", {row["path"] for row in rows})
        self.assertFalse([row for row in rows if None in row.values()
                          or None in row])

    def check_lcov(self, out):
        if shutil.which("lcov"):
            self.tool("lcov", "--summary", out)
            self.tool("genhtml", "--ignore-errors", "source", "-q", "-o",
                      "html", out)

    def check_cobertura(self, out):
        if shutil.which("xmllint"):
            text = out.read_text(encoding="utf-8")
            self.write("copy.xml", re.sub(r'"http[^"]*\.dtd"', f'"{DTD}"',
                                          text, count=1))
            self.tool("xmllint", "--noout", "--valid", "--nonet", "copy.xml")

    def check_coveragepy(self, out):
        python = python_with("coverage")
        if python is not None:
            report = self.tool(python, "-m", "coverage", "report", "-i",
                               env=environment(COVERAGE_FILE=str(out)))
            self.assertRegex(report, r"prog\.py +\d+ +")

    def check_collapsed(self, out):
        for line in out.read_bytes().splitlines():
            self.assertRegex(line, rb"^.+ \d+$")

    def check_speedscope(self, out):
        data = load(out)
        frames = len(data["shared"]["frames"])
        for profile in data["profiles"]:
            self.assertEqual("sampled", profile["type"])
            self.assertEqual(sum(profile["weights"]), profile["endValue"])
            self.assertTrue(all(0 <= frame < frames
                                for sample in profile["samples"]
                                for frame in sample))

    def check_chrome(self, out):
        data = load(out)
        depth = {}
        for event in data["traceEvents"]:
            key = event.get("pid"), event.get("tid")
            step = {"B": 1, "E": -1}.get(event["ph"], 0)
            depth[key] = depth.get(key, 0) + step
            self.assertGreaterEqual(depth[key], 0)
        self.assertEqual({0}, set(depth.values()))

    def decoded(self, out, message, proto, data=None):
        if shutil.which("protoc"):
            text = self.run_command(
                "protoc", f"--proto_path={self.protos()}",
                "--decode=" + message, proto,
                input=out.read_bytes() if data is None else data)
            self.assertEqual(0, text.status, text.err)
            # What is no field of the format has a number for a name.
            self.assertNotRegex(text.out, r"(?m)^ *\d+:")

    def protos(self):
        return next(ROOT.joinpath("cli", "report").rglob("pprof.proto")).parent

    def check_perfetto(self, out):
        package = re.search(r"(?m)^package (\S+);", (
            self.protos() / "perfetto.proto").read_text())[1]
        self.decoded(out, package + ".Trace", "perfetto.proto")

    def check_pprof(self, out):
        if shutil.which("go"):
            for value in "hits", "time", "alloc_space", "inuse_objects":
                done = subprocess.run(
                    ["go", "tool", "pprof", "-top",
                     f"-sample_index={value}", out],
                    capture_output=True, cwd=self.scratch)
                self.assertEqual(0, done.returncode, done.stderr)


if __name__ == "__main__":
    unittest.main()
