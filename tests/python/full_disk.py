"""full_disk.py - runs whose recording finds no more space, at any byte.

The program must not notice, its report must appear and say so, and what could
be recorded must be read: each figure is the right one or it is missing.
"""

import csv
import io
import os
import resource
import subprocess
import unittest

from support import PACKAGE, PYTRACE, Case, environment, expected_hits

PROGRAM = """\
import os, sys, threading, pytrace
kept = []
def keep(n):
    kept.append(bytes(5000))  # hits: 90
    for i in range(n):  # hits: 1890
        kept.append(f"{n} {i}")
def work():
    for n in range(30):
        keep(20)  # hits: 90
work()
pytrace.snapshot("half")
thread = threading.Thread(target=work)
thread.start()
thread.join()
for turn in range(2):
    pid = os.fork()
    if pid == 0:
        if turn == 0:
            work()
        os._exit(0)
    os.waitpid(pid, 0)
    pytrace.mark("waited")  # hits: 2
print("done", len(kept))
sys.exit(3)
"""
BLOCKS = 4  # the line of the blocks of BYTES
BYTES = 5033
KEPT = 90 * BYTES
OPTIONS = (["--count"], ["--mem"], ["--count", "--mem", "--timeline=all"],
           ["--count", "--mem", "--timeline=all", "--ring=1M"])


class FullDiskCase(Case):

    def setUp(self):
        super().setUp()
        self.write("prog.py", PROGRAM)
        self.path = self.scratch / "run.pytrace"

    def run_on_tmpfs(self, options, bytes_):
        """Record to a disk of so many bytes; what is left of it is kept."""
        (self.scratch / "disk").mkdir(exist_ok=True)
        return self.run_command(
            "unshare", "-rm", "sh", "-ec",
            f"mount -t tmpfs -o size={bytes_} none disk\n"
            'status=0; "$@" -o disk/run.pytrace prog.py || status=$?\n'
            "cp --sparse=never disk/run.pytrace .; exit $status\n", "sh",
            PYTRACE, *options, "-C", "cover",
            env=environment(PYTHONPATH=PACKAGE))

    def run_with_limit(self, options, bytes_):
        """Record to a file that may only get so many bytes."""
        return self.pytrace(
            *options, "-C", "cover", "-o", self.path, "prog.py",
            env=environment(PYTHONPATH=PACKAGE),
            preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_FSIZE, (bytes_, bytes_)))

    def figures(self):
        """(hits, live bytes) by line, as they are read."""
        done = self.pytrace("export", "--to", "csv", self.path)
        self.assertEqual(done.status, 0, done.err)
        rows = [row for row in csv.DictReader(io.StringIO(done.out))
                if os.path.basename(row["path"]) == "prog.py"]
        return ({int(row["line"]): int(row["hits"] or 0) for row in rows},
                {int(row["line"]): int(row["live_bytes"] or 0)
                 for row in rows})

    def check_run(self, done, options):
        """True if something found no space."""
        self.assertEqual(done.status, 3, done.err)
        self.assertTrue(done.out.startswith("done 1260\n"), done.out)
        checked = self.pytrace("check", self.path)
        self.assertEqual(checked.status, 0, checked.out)
        hits, live = self.figures()
        is_full = "no space was left for the recording" in done.err
        wanted = expected_hits(PROGRAM)
        for line, count in wanted.items() if "--count" in options else ():
            # Of the processes one or the other may have found no space.
            least = 0 if is_full else count
            self.assertTrue(least <= hits.get(line, 0) <= count,
                            (line, hits, done.err))
        if "--mem" in options:
            least = 0 if is_full else KEPT
            self.assertTrue(least <= live.get(BLOCKS, 0) <= KEPT + 3 * BYTES,
                            (live, done.err))
        if "exact" in done.err:
            self.assertEqual(is_full, "not exact" in done.err, done.err)
        if "were lost" in checked.out:
            self.assertTrue(is_full, checked.out)
        for command in "info", "dump", "report":
            self.assertEqual(self.pytrace(command, self.path).status, 0)
        return is_full


has_tmpfs = unittest.skipIf(
    subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"],
                   stderr=subprocess.DEVNULL).returncode != 0,
    "mounting a disk is not allowed here")
