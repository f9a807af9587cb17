# SPDX-License-Identifier: MIT
"""Counts, lists and prints what a program runs: the standard `trace`, in C.

    import pytrace.trace as trace

    tracer = trace.Trace(count=1, trace=0)
    tracer.run("main()")
    tracer.results().write_results(show_missing=True, coverdir="cover")

`python -m pytrace.trace` has the command line of `python -m trace`. See
docs/python.md for what is here beyond the standard module.
"""
import os
import sys
import threading
from time import monotonic as _time

from pytrace import _features
from pytrace._pytrace import trace as _functions
from pytrace._trace_results import (
    PRAGMA_NOCOVER, CoverageResults, _fullmodname, _modname)
from pytrace._trace_source import (
    _find_executable_linenos, _find_lines, _find_lines_from_code,
    _find_strings)

__all__ = ["Trace", "CoverageResults"]

# Between "name(3)" and the source line; behind it if there is no source.
if _features.TRACE_TELLS_SOURCE_APART:
    _GAPS = (":  ", "\n")
else:
    _GAPS = (": ", ": ")


class _Ignore(_functions.Ignore):
    """Which modules and directories are not traced."""

    def __new__(cls, modules=None, dirs=None):
        return super().__new__(cls, modules or (),
                               [os.path.normpath(d) for d in dirs or ()])


class _Default(int):
    """An int that was not passed by the caller."""


_ONE = _Default(1)


class Trace:
    """Runs code and gathers what it does.

    count: count how often each line is run.
    trace: print each line before it is run; 2: each return, too.
    countfuncs: list the functions that are called, countcallers: the pairs
        of calling and called function. Either alone means neither counting
        nor printing lines, unless those are asked for as well.
    ignoremods, ignoredirs: modules (with their submodules) and directories
        whose lines are not counted or printed.
    infile, outfile: files of counts, added to the results and written.
    timing: print the seconds since now in front of each line.
    countcalls: list functions with the number of their calls.
    countlines: another name for count.
    ignore_function: called with each new frame; only those for which it is
        true are traced.
    start_func, finish_func: called with the name of each traced function
        when it begins or goes on, and when it returns, yields or fails.
    time_digits: of the seconds that timing prints.
    thread_names: print the name of the thread in front of each line, once
        there are several.
    color: print the places of lines in colour.
    """

    def __init__(self, count=_ONE, trace=_ONE, countfuncs=0, countcallers=0,
                 ignoremods=(), ignoredirs=(), infile=None, outfile=None,
                 timing=False, *, countcalls=False, countlines=None,
                 ignore_function=None, start_func=None, finish_func=None,
                 time_digits=2, thread_names=False, color=False):
        if countlines is not None:
            count = countlines
        if countfuncs or countcallers:
            count = 0 if count is _ONE else count
            trace = 0 if trace is _ONE else trace
        if not 0 <= time_digits <= 9:
            raise ValueError(f"time_digits are 0 to 9, not {time_digits}")
        self.infile = infile
        self.outfile = outfile
        self.ignore = _Ignore(ignoremods, ignoredirs)
        self.trace = trace
        self.start_time = _time() if timing else None
        self.donothing = not (count or trace or countfuncs or countcallers
                              or countcalls or start_func or finish_func)
        self._countcalls = countcalls
        linecache = None
        if trace:
            import linecache
        self._tracer = _functions.Tracer(
            self.ignore, count=count, functions=countfuncs or countcalls,
            callers=countcallers, calls=countcalls, linecache=linecache,
            gaps=_GAPS, returns=isinstance(trace, int) and trace > 1,
            start_time=self.start_time or 0.0,
            ignore_function=ignore_function, start_func=start_func,
            finish_func=finish_func, digits=time_digits, names=thread_names,
            colors=color)
        self.globaltrace = self.localtrace = self._tracer

    @property
    def counts(self):
        """{(filename, lineno): hits} so far, a new dict."""
        return self._tracer.counts()

    def run(self, cmd):
        """Run a string or code object in the namespace of __main__."""
        import __main__
        namespace = __main__.__dict__
        self.runctx(cmd, namespace, namespace)

    def runctx(self, cmd, globals=None, locals=None):
        """Run a string or code object in these namespaces, else in new ones.

        Threads that it starts are traced, too.
        """
        globals = {} if globals is None else globals
        locals = {} if locals is None else locals
        if not self.donothing:
            threading.settrace(self.globaltrace)
            sys.settrace(self.globaltrace)
        try:
            exec(cmd, globals, locals)
        finally:
            if not self.donothing:
                sys.settrace(None)
                threading.settrace(None)
                self._tracer.flush()

    def runfunc(self, func, /, *args, **kw):
        """Call a function and return what it returns."""
        if not self.donothing:
            sys.settrace(self.globaltrace)
        try:
            return func(*args, **kw)
        finally:
            if not self.donothing:
                sys.settrace(None)
                self._tracer.flush()

    def file_module_function_of(self, frame):
        """(filename, modulename, funcname) of a frame."""
        return self._tracer.name_of(frame)

    def results(self):
        """All that was gathered so far: CoverageResults."""
        dropped = self._tracer.dropped()
        if dropped:
            print(f"pytrace: {dropped} events were not counted: out of memory",
                  file=sys.stderr)
        return CoverageResults(
            self.counts, infile=self.infile, outfile=self.outfile,
            calledfuncs=self._tracer.calledfuncs(),
            callers=self._tracer.callers(), countcalls=self._countcalls)


def _load_module(options):
    import runpy
    try:
        _, spec, code = runpy._get_module_details(options.progname)
    except ImportError as error:
        sys.exit(f"Cannot run module {options.progname!r} because: {error}")
    sys.argv = [code.co_filename, *options.arguments]
    return code, {
        "__name__": "__main__", "__file__": code.co_filename,
        "__package__": spec.parent, "__loader__": spec.loader,
        "__spec__": spec, "__cached__": None}


def _load_file(options):
    import io
    sys.argv = [options.progname, *options.arguments]
    # What -m put there goes, with the finder we were imported by.
    sys.path_importer_cache.pop(sys.path[0], None)
    sys.path[0] = os.path.dirname(options.progname)
    try:
        with io.open_code(options.progname) as file:
            source = file.read()
    except OSError as error:
        sys.exit(f"Cannot run file {options.progname!r} because: {error}")
    return compile(source, options.progname, "exec"), {
        "__file__": options.progname, "__name__": "__main__",
        "__package__": None, "__cached__": None}


def _report(tracer, options):
    results = tracer.results()
    if options.no_report:
        results._save_counts()
    else:
        results.write_results(options.missing, options.summary,
                              options.coverdir)


def _working_directory():
    try:
        return os.getcwd()
    except OSError:
        return None


def _report_in(directory, tracer, options):
    """Report where the user started us: names of files may be relative."""
    here = _working_directory()
    if directory in (None, here):
        _report(tracer, options)
        return
    try:
        os.chdir(directory)
        _report(tracer, options)
    finally:
        if here is not None:
            os.chdir(here)


def main():
    """The command line; returns, raises or exits as the program does."""
    from pytrace import _trace_options
    options = _trace_options.parse()
    if options.report:
        results = CoverageResults(infile=options.file, outfile=options.file)
        results.write_results(options.missing, options.summary,
                              options.coverdir)
        return
    tracer = Trace(options.count, options.trace,
                   countfuncs=options.listfuncs,
                   countcallers=options.trackcalls,
                   ignoremods=options.ignore_module,
                   ignoredirs=options.ignore_dir, infile=options.file,
                   outfile=options.file, timing=options.timing)
    load = _load_module if options.module else _load_file
    code, namespace = load(options)
    directory = _working_directory()
    try:
        tracer.runctx(code, namespace, namespace)
    finally:
        _report_in(directory, tracer, options)


def __getattr__(name):
    if name == "tracemalloc":
        import pytrace.tracemalloc
        return pytrace.tracemalloc
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


if __name__ == "__main__":
    main()
