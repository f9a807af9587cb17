# SPDX-License-Identifier: MIT
"""`pytrace --count --file`: adds the counts of a run to a file of counts.

What the program `pytrace` runs when the traced one is gone: the counts come
from stdin (cli/run/countsfile.c), options are those of `python -m trace`.
"""
import argparse
import os
import sys

from pytrace._trace_results import CoverageResults


def _read_input():
    """sys.path of the program that was traced, and its counts."""
    path, *fields = sys.stdin.buffer.read().split(b"\0")[:-1]
    fields = map(os.fsdecode, fields)
    counts = {(name, int(line)): int(hits)
              for name, line, hits in zip(fields, fields, fields)}
    return os.fsdecode(path).split("\n"), counts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--no-report", action="store_true")
    parser.add_argument("--missing", action="store_true")
    parser.add_argument("--summary", action="store_true")
    parser.add_argument("--coverdir")
    options = parser.parse_args()
    sys.path[:], counts = _read_input()
    results = CoverageResults(counts, outfile=options.file)
    results.infile = options.file
    if os.path.exists(options.file):
        results._take_file(options.file)
    if options.no_report:
        return results._save_counts()
    return results.write_results(options.missing, options.summary,
                                 options.coverdir)


if __name__ == "__main__":
    main()
