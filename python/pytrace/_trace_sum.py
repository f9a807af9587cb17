# SPDX-License-Identifier: MIT
"""`pytrace --file`: the figures of a run added to those in a file of counts.

What the program `pytrace` runs when the traced one is gone, and for --report:
the figures of the run come from stdin (cli/run/countsfile.c), the sums go to a
descriptor (cli/report/figures/countsums.h), from which the program makes
listings. Functions and callers of the sums are printed here.
"""
import argparse
import itertools
import os
import sys

from pytrace import _features, _trace_counts, _trace_source
from pytrace._trace_results import CoverageResults


def _batches(fields, size):
    """As many tuples of `size` fields as the next field says."""
    count = int(next(fields))
    return [tuple(itertools.islice(fields, size)) for _ in range(count)]


def _read_run():
    """What the run has gathered: counts, called functions, callers."""
    fields = map(os.fsdecode, sys.stdin.buffer.read().split(b"\0")[:-1])
    counts = {(name, int(line)): int(hits)
              for name, line, hits in _batches(fields, 3)}
    called = dict.fromkeys(_batches(fields, 3), 1)
    callers = {(names[:3], names[3:]): 1 for names in _batches(fields, 6)}
    return counts, called, callers


def _add_run(options):
    counts, called, callers = _read_run()
    results = CoverageResults(counts, calledfuncs=called, callers=callers,
                              outfile=options.file)
    results.infile = options.file
    if os.path.exists(options.file):
        results._take_file(options.file)
    return results


def _read_file(options):
    try:
        counts, called, callers = _trace_counts.read(options.file)
    except (OSError, EOFError, ValueError) as error:
        sys.exit(f"pytrace: cannot read the counts of {options.file!r}: "
                 f"{error}; name a file that --count --file made")
    return CoverageResults(counts, calledfuncs=called, callers=callers)


def _lines_of(filename, hits, with_missing):
    """{line: hits} of a file, with 0 for lines that have code and no hits."""
    lines = {}
    if with_missing and os.path.isfile(filename):
        found = _trace_source._find_executable_linenos(filename)
        # What the interpreter does before the first line has none.
        lines = {line: 0 for line in found if line}
    lines.update(hits)
    return lines


def _fields(results, with_missing):
    yield "\n".join(sys.path)
    yield str(_features.VERSION)
    for filename, hits in results.by_file().items():
        if filename.endswith(".pyc"):
            filename = filename[:-1]
        if results.is_ignored_filename(filename):
            continue
        lines = _lines_of(filename, hits, with_missing)
        yield filename
        yield str(len(lines))
        for line, times in lines.items():
            yield str(line)
            yield str(times)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("answer", type=int)
    parser.add_argument("--add", action="store_true")
    parser.add_argument("--no-report", action="store_true")
    parser.add_argument("--missing", action="store_true")
    options = parser.parse_args()
    sys.stdout.reconfigure(errors="surrogateescape")
    results = _add_run(options) if options.add else _read_file(options)
    if not options.no_report:
        results._print_functions()
        results._print_callers()
    if options.add:
        results._save_counts()
    with open(options.answer, "wb") as answer:
        for field in _fields(results, options.missing):
            answer.write(os.fsencode(field) + b"\0")


if __name__ == "__main__":
    main()
