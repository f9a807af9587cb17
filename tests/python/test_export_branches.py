"""Branches in the formats of coverage tools, read by these tools."""

import json
import re
import shutil
import unittest
import xml.etree.ElementTree

from test_export import DTD, SCHEMA, ExportCase, python_with

# `ways` are the lines gone to, in their order, and how often.
PROGRAM = '''\
def sign(number):
    if number < 0:                      # ways: 3:0 4:3
        return "negative"
    for _ in range(number):             # ways: 5:3 6:3
        pass
    return "positive"


def never(flag):
    while flag:                         # ways: 11:0 exit:0
        flag -= 1


def known(flag):
    if flag:  # pragma: no cover
        return 1
    return 0


for number in range(3):                 # ways: 21:3 22:1
    sign(number)
if known(0):                            # ways: 23:0 exit:1
    never(1)
'''
WAYS = {2: [0, 3], 4: [3, 3], 10: [0, 0], 20: [3, 1], 22: [0, 1]}
NOT_RUN = {10}
ALL, TAKEN = 10, 6


class BranchesTest(ExportCase):
    def setUp(self):
        super().setUp()
        self.write("prog.py", PROGRAM)
        self.record("run.pytrace", "--branch")

    def record(self, name, *options):
        done = self.pytrace("--count", *options, "-C", "cov", "-o", name,
                            "prog.py")
        self.assertEqual(0, done.status, done.err)

    def test_lcov(self):
        text = self.export("lcov").decode()
        found = {}
        for line, nth, taken in re.findall(r"^BRDA:(\d+),0,(\d+),(.+)$",
                                           text, re.M):
            ways = found.setdefault(int(line), [])
            self.assertEqual(len(ways), int(nth))
            ways.append(taken)
        self.assertEqual(
            {line: ["-" if line in NOT_RUN else str(count)
                    for count in counts] for line, counts in WAYS.items()},
            found)
        self.assertIn(f"\nBRF:{ALL}\nBRH:{TAKEN}\n", text)

    def test_json(self):
        data = json.loads(self.export("json"))
        file = next(f for f in data["files"] if f["path"] == "prog.py")
        # Lines that are excused are lines all the same.
        self.assertEqual(WAYS | {15: [0, 1]}, {
            line["line"]: [way["count"] for way in line["ways"]]
            for line in file["lines"] if "ways" in line})
        self.assertEqual([23, None], next(
            [way["to"] for way in line["ways"]]
            for line in file["lines"] if line["line"] == 22))
        python = python_with("jsonschema")
        if python is not None:
            self.tool(python, "-W", "ignore", "-m", "jsonschema", "-i",
                      "out", SCHEMA)

    def test_none_where_none_were_recorded(self):
        self.record("plain.pytrace")
        self.assertNotIn(b"\nBR", self.export("lcov",
                                              recording="plain.pytrace"))
        self.assertNotIn(b"condition",
                         self.export("cobertura",
                                     recording="plain.pytrace"))

    @unittest.skipIf(shutil.which("lcov") is None, "lcov is missing")
    def test_lcov_reads_it(self):
        self.export("lcov")
        # Version 2 of lcov calls the setting branch_coverage.
        for setting in "lcov_branch_coverage=1", "branch_coverage=1":
            done = self.run_command("lcov", "--rc", setting, "--summary",
                                    "out")
            if "branches" in done.out and "no data" not in done.out:
                break
        self.assertIn(f"({TAKEN} of {ALL} branches)", done.out, done.err)

    def test_cobertura(self):
        root = xml.etree.ElementTree.fromstring(self.export("cobertura"))
        lines = {int(line.get("number")): line.get("condition-coverage")
                 for line in root.iterfind(".//class/lines/line")
                 if line.get("branch") == "true"}
        self.assertEqual({2: "50% (1/2)", 4: "100% (2/2)", 10: "0% (0/2)",
                          20: "100% (2/2)", 22: "50% (1/2)"}, lines)
        self.assertEqual(
            (str(TAKEN), str(ALL), "0.6000"),
            tuple(root.get(name) for name in
                  ("branches-covered", "branches-valid", "branch-rate")))
        rates = {method.get("name"): method.get("branch-rate")
                 for method in root.iter("method")}
        # What decides nothing lacks nothing.
        self.assertEqual({"sign": "0.7500", "never": "0.0000",
                          "known": "1.0000"}, rates)

    @unittest.skipIf(shutil.which("xmllint") is None, "xmllint is missing")
    def test_cobertura_keeps_to_its_dtd(self):
        self.export("cobertura")
        self.tool("xmllint", "--noout", "--nonet", "--dtdvalid", DTD, "out")

    @unittest.skipIf(python_with("coverage") is None, "coverage.py is missing")
    def test_coverage_reads_it(self):
        (self.scratch / ".coverage").write_bytes(self.export("coveragepy"))
        python = python_with("coverage")
        self.tool(python, "-m", "coverage", "json", "-q", "-o", "report.json")
        report = json.loads((self.scratch / "report.json").read_text())
        self.assertTrue(report["meta"]["branch_coverage"])
        summary = report["files"]["prog.py"]["summary"]
        self.assertEqual((ALL, TAKEN), (summary["num_branches"],
                                        summary["covered_branches"]))
        out = self.tool(python, "-m", "coverage", "report", "-m")
        self.assertRegex(
            out, r"prog\.py +15 +4 +10 +2 +\d+% +3, 10-11, 23\n")


if __name__ == "__main__":
    unittest.main()
