# SPDX-License-Identifier: MIT
"""CoverageResults: figures of runs, their listings, and files of counts."""
import linecache
import os
import sys

from pytrace import _features
from pytrace import _trace_counts
from pytrace import _trace_source
from pytrace._pytrace import trace as _functions

PRAGMA_NOCOVER = "#pragma NO COVER"

_modname = _functions.modname


def _fullmodname(path):
    """The module name of a path below the longest entry of sys.path."""
    compared = os.path.normcase(path)
    longest = 0
    for directory in sys.path:
        directory = os.path.normcase(directory)
        end = len(directory)
        if compared.startswith(directory) and compared[end:end + 1] == os.sep:
            longest = max(longest, end)
    name = path[longest + 1:] if longest else path
    name, _ = os.path.splitext(name.replace(os.sep, "."))
    return name.lstrip(".")


def _is_function(name):
    """Is it (filename, modulename, funcname)? Without a file, no module."""
    return (isinstance(name, tuple) and len(name) == 3
            and all(isinstance(part, (str, type(None))) for part in name))


def _is_pair(names):
    return (isinstance(names, tuple) and len(names) == 2
            and all(map(_is_function, names)))


def _order(names):
    return tuple(_order(name) if isinstance(name, tuple) else name or ""
                 for name in names)


def _in_order(names, fits, what):
    """Those that can be printed; a counts file may hold anything."""
    fitting = [name for name in names if fits(name)]
    if len(fitting) < len(names):
        print(f"Not printing {len(names) - len(fitting)} of the {what}: they "
              "are not named (filename, modulename, funcname)",
              file=sys.stderr)
    return sorted(fitting, key=_order)


def _percent(n_hits, n_lines):
    if _features.TRACE_COVERS_IN_TENTHS:
        return f"{n_hits / n_lines:.1%}"
    return f"{int(100 * n_hits / n_lines):3d}%"


class CoverageResults:
    """What one or several runs have gathered.

    counts is {(filename, lineno): hits}, calledfuncs {(filename, modulename,
    funcname): 1}, callers {(calling function, called function): 1}, where
    functions are such triples.
    """

    def __init__(self, counts=None, calledfuncs=None, infile=None,
                 callers=None, outfile=None, *, countcalls=False):
        self.counts = {} if counts is None else counts
        self.counter = self.counts.copy()
        self.calledfuncs = {} if calledfuncs is None else calledfuncs.copy()
        self.callers = {} if callers is None else callers.copy()
        self.infile = infile
        self.outfile = outfile
        self._countcalls = countcalls
        self._foreign = None
        self._taken = {}, {}
        if infile:
            self._take_file(infile)

    def _take_file(self, infile):
        try:
            counts, calledfuncs, callers = _trace_counts.read(infile)
        except (OSError, EOFError, ValueError) as error:
            print(f"Skipping counts file {infile!r}: {error}", file=sys.stderr)
            if isinstance(error, ValueError):
                # It holds something else, which must not be written over.
                self._foreign = os.path.realpath(infile)
        else:
            self._taken = counts, calledfuncs
            self.update(CoverageResults(counts, calledfuncs, callers=callers))

    def _take_others(self):
        """Add what other processes wrote into the file since we read it."""
        try:
            counts, calledfuncs, callers = _trace_counts.read(self.outfile)
        except (FileNotFoundError, EOFError):
            return
        except ValueError as error:
            raise OSError(f"{self.outfile!r} is not a counts file") from error
        known_counts, known_calls = self._taken
        for key, hits in counts.items():
            self.counts[key] = (self.counts.get(key, 0) + hits
                                - known_counts.get(key, 0))
        for key, calls in calledfuncs.items():
            self.calledfuncs[key] = (
                self.calledfuncs.get(key, 0) + calls - known_calls.get(key, 0)
                if self._countcalls else 1)
        self.callers.update(callers)

    def is_ignored_filename(self, filename):
        """True for names of code that comes from no file, as '<string>'."""
        return filename.startswith("<") and filename.endswith(">")

    def update(self, other):
        """Merge in the figures of another CoverageResults."""
        for key, hits in other.counts.items():
            self.counts[key] = self.counts.get(key, 0) + hits
        for key, calls in other.calledfuncs.items():
            if self._countcalls:
                calls += self.calledfuncs.get(key, 0)
            self.calledfuncs[key] = calls if self._countcalls else 1
        for key in other.callers:
            self.callers[key] = 1

    def by_file(self):
        """The counts as {filename: {lineno: hits}}."""
        files = {}
        for (filename, lineno), hits in self.counts.items():
            files.setdefault(filename, {})[lineno] = hits
        return files

    if _features.TRACE_IGNORES_MISSING_FILES:
        def write_results(self, show_missing=True, summary=False,
                          coverdir=None, *, ignore_missing_files=False):
            """Print functions and callers, write listings, save the counts.

            Listings go into `coverdir`, or beside each source file; lines
            that were not run are marked in them if `show_missing` is true.
            `summary` prints a line for each file. A file that cannot be read
            any more is passed over, with a message unless
            `ignore_missing_files` is true.
            """
            self._write(show_missing, summary, coverdir, ignore_missing_files)
    else:
        def write_results(  # type: ignore[misc]
                self, show_missing=True, summary=False, coverdir=None):
            """Print functions and callers, write listings, save the counts.

            Listings go into `coverdir`, or beside each source file; lines
            that were not run are marked in them if `show_missing` is true.
            `summary` prints a line for each file. A file that cannot be read
            any more is passed over with a message.
            """
            self._write(show_missing, summary, coverdir, False)

    def _write(self, show_missing, summary, coverdir, ignore_missing_files):
        try:
            self._print_functions()
            self._print_callers()
            sums = self._write_listings(show_missing, coverdir,
                                        ignore_missing_files)
            if summary and sums:
                print("lines   cov%   module   (path)")
                for name in sorted(sums):
                    print("%5d   %s   %s   (%s)" % sums[name])
        finally:
            self._save_counts()

    def _print_functions(self):
        if not self.calledfuncs:
            return
        functions = _in_order(self.calledfuncs, _is_function, "functions")
        print()
        print("functions called:")
        for filename, modulename, funcname in functions:
            print(f"filename: {filename}, modulename: {modulename}, "
                  f"funcname: {funcname}")

    def _print_callers(self):
        if not self.callers:
            return
        pairs = _in_order(self.callers, _is_pair, "callers")
        print()
        print("calling relationships:")
        file_shown = called_file_shown = ""
        for caller, called in pairs:
            filename, modulename, funcname = caller
            called_filename, called_modulename, called_funcname = called
            if filename != file_shown:
                print()
                print("***", filename, "***")
                file_shown = filename
                called_file_shown = ""
            if called_filename not in (filename, called_file_shown):
                print("  -->", called_filename)
                called_file_shown = called_filename
            print(f"    {modulename}.{funcname} -> "
                  f"{called_modulename}.{called_funcname}")

    def _write_listings(self, show_missing, coverdir, ignore_missing_files):
        """Write all listings; {module: what a summary says of it}."""
        sums = {}
        for filename, hits in self.by_file().items():
            if self.is_ignored_filename(filename):
                continue
            if filename.endswith(".pyc"):
                filename = filename[:-1]
            try:
                encoding = _trace_source.find_encoding(filename)
            except (OSError, SyntaxError) as error:
                if not ignore_missing_files or os.path.isfile(filename):
                    _trace_source.complain(filename, error)
                continue
            if coverdir is None:
                directory = os.path.dirname(os.path.abspath(filename))
                modulename = _modname(filename)
            else:
                directory = coverdir
                os.makedirs(directory, exist_ok=True)
                modulename = _fullmodname(filename)
            executable = {}
            if show_missing:
                executable = _trace_source._find_executable_linenos(filename)
            n_hits, n_lines = self.write_results_file(
                os.path.join(directory, modulename + ".cover"),
                linecache.getlines(filename), executable, hits, encoding)
            if n_lines:
                sums[modulename] = (n_lines, _percent(n_hits, n_lines),
                                    modulename, filename)
        return sums

    def write_results_file(self, path, lines, lnotab, lines_hit,
                           encoding=None):
        """Write one listing: (lines that were run, lines that could be).

        `lnotab` has the lines to mark where they are not in `lines_hit`.
        """
        try:
            listing = open(path, "w", encoding=encoding)
        except OSError as error:
            print(f"trace: Could not open {path!r} for writing: {error} "
                  "- skipping", file=sys.stderr)
            return 0, 0
        n_hits = n_missed = 0
        with listing:
            for lineno, line in enumerate(lines, 1):
                if lineno in lines_hit:
                    prefix = f"{lines_hit[lineno]:5d}: "
                    n_hits += 1
                elif lineno in lnotab and PRAGMA_NOCOVER not in line:
                    prefix = ">>>>>> "
                    n_missed += 1
                else:
                    prefix = " " * 7
                listing.write(prefix + line.expandtabs(8))
        return n_hits, n_hits + n_missed

    def _adds_up(self):
        """Is the file that is written the one that was read?"""
        return (self.infile and os.path.isfile(self.outfile)
                and os.path.realpath(self.infile)
                == os.path.realpath(self.outfile))

    def _save_counts(self):
        if not self.outfile:
            return
        try:
            if self._foreign == os.path.realpath(self.outfile):
                raise OSError(f"{self.outfile!r} is not a counts file")
            with _trace_counts.Lock(self.outfile):
                if self._adds_up():
                    self._take_others()
                _trace_counts.write(self.outfile, self.counts,
                                    self.calledfuncs, self.callers)
            self._taken = self.counts.copy(), self.calledfuncs.copy()
        except OSError as error:
            print(f"Can't save counts files because {error}", file=sys.stderr)
