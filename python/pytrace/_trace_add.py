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
    fields = map(os.fsdecode, sys.stdin.buffer.read().split(b"\0")[:-1])
    path, program, typed = next(fields).split("\n"), next(fields), next(fields)
    # trace has the program's directory there as it was typed; it makes a
    # difference to the names of listings.
    if 0 <= int(program) < len(path):
        path[int(program)] = typed
    counts = {(name, int(line)): int(hits)
              for name, line, hits in zip(fields, fields, fields)}
    return path, counts


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
