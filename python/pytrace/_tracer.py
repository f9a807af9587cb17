# SPDX-License-Identifier: MIT
"""pytrace.Tracer: what people write by hand with sys.settrace, in C."""
import os
import sys

from pytrace import _pytrace

_Tracing = _pytrace.tracer.Tracing
_EVENTS = ("call", "line", "return", "exception")
_TREE = ("call", "return", "exception")


def _texts(value, name):
    if value is None:
        return ()
    if isinstance(value, (str, os.PathLike)):
        value = (value,)
    try:
        texts = tuple(map(os.fspath, value))
    except TypeError:
        texts = (value,)
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"{name} takes texts, not {text!r}")
    return texts


def _file_patterns(value, name):
    """As the program's --include: what starts with none of *?[ is a path."""
    return [text if text[:1] in "*?[" else os.path.abspath(text)
            for text in _texts(value, name)]


def _check_number(value, name):
    if not isinstance(value, int):
        raise TypeError(f"{name} must be a number, not {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, not {value}")


def _libraries():
    # Where the standard library lies, by whatever name it was imported.
    place = os.path.dirname(os.__file__)
    return {place, os.path.realpath(place)}


class Tracer(_Tracing):
    """Follows the calls, lines, returns and exceptions of a program.

        with pytrace.Tracer(callback, include="shop/*"):
            main()

    callback: called as callback(frame, event, arg), like a function given to
        sys.settrace; what it returns does not matter.
    events: what it is called for, and what is shown: of "call", "line",
        "return", "exception" and "opcode". By default the first four, and
        all but lines when shown.
    show: print the events as an indented tree of calls, to sys.stdout (True)
        or to a file. The default if nothing else is asked for.
    values: show arguments and what is returned, cut at `size` bytes; their
        repr() is not called.
    places: show file and line with each call.
    callgraph: count calls by caller: callers, calls, write_callgraph().
    times: add up time and hits by line: line_times, write_times().

    include, omit: patterns of files; modules, omit_modules: of modules (with
        their submodules); functions, omit_functions: of names, plain or
        qualified. Of each kind that is given one must fit, and none of those
        to omit. Without any: what is neither standard library nor in
        site-packages.
    everything: the standard library and site-packages, too.
    depth: no functions deeper than so many others that are followed.
    threads: patterns of thread names, or "current" for the thread that starts
        the tracer; by default all.

    Frames that begin while the tracer runs are followed, in all threads.
    Code that no pattern fits runs at full speed on CPython 3.12 and newer.
    A decorated function is traced while it runs, a generator or coroutine
    while it runs, not while it waits.
    """

    def __new__(cls, callback=None, *, events=None, show=None, values=True,
                places=True, size=80, callgraph=False, times=False,
                include=None, omit=None, modules=None, omit_modules=None,
                functions=None, omit_functions=None, everything=False,
                depth=None, threads=None):
        if callback is not None and not callable(callback):
            raise TypeError(f"callback must be callable, not {callback!r}")
        if depth is not None:
            _check_number(depth, "depth")
        _check_number(size, "size")
        if isinstance(events, str):
            events = (events,)
        if show is None:
            show = callback is None and not (callgraph or times)
        if not isinstance(show, bool) and not hasattr(show, "write"):
            raise TypeError("show must be True, False or a file to write to, "
                            f"not {show!r}")
        shown = ()
        linecache = None
        if show:
            shown = _TREE if events is None else events
            if "line" in shown:
                import linecache
        called_for = ()
        if callback is not None:
            called_for = _EVENTS if events is None else events
        return super().__new__(
            cls, callback=callback, events=called_for, shown=shown,
            output=None if isinstance(show, bool) else show,
            linecache=linecache, values=values, places=places, size=size,
            callgraph=callgraph, times=times,
            include=_file_patterns(include, "include"),
            omit=_file_patterns(omit, "omit"),
            modules=_texts(modules, "modules"),
            omit_modules=_texts(omit_modules, "omit_modules"),
            functions=_texts(functions, "functions"),
            omit_functions=_texts(omit_functions, "omit_functions"),
            threads=() if threads == "current" else _texts(threads,
                                                           "threads"),
            libraries=_libraries(), tool=[os.path.dirname(__file__)],
            everything=everything, only_starter=threads == "current",
            depth=depth or 0, results=values, as_counted=False)

    def start(self):
        """Begin to follow frames; calls nest."""
        self._start()

    def stop(self):
        """End what start() began; harmless when nothing was begun.

        Raises the exception that ended the tracing before, if the callback
        raised one.
        """
        self._leave(True)

    def _leave(self, raises):
        failure = self._stop()
        if self.interrupted and not self.running:
            import warnings
            warnings.warn("the program took the trace function while "
                          "pytrace.Tracer used it: later events of that "
                          "thread were not seen", RuntimeWarning, stacklevel=3)
        if failure is None:
            return
        if raises:
            raise failure
        # The exception that is under way is the program's.
        sys.unraisablehook(_Unraisable(failure, self))

    def __enter__(self):
        self._start()
        return self

    def __exit__(self, kind, error, traceback):
        self._leave(kind is None)

    def __call__(self, function):
        """Decorate a function: it is traced while it runs."""
        from pytrace import _tracer_decorate
        return _tracer_decorate.decorate(self, function)

    @property
    def callers(self):
        """{(caller, callee): calls}, each a Function; caller None: from code
        that is not followed."""
        name = _named
        return {(name(caller), name(callee)): calls
                for (caller, callee), calls in self._calls().items()}

    @property
    def calls(self):
        """{function: calls}."""
        sums = {}
        for (_, callee), calls in self.callers.items():
            sums[callee] = sums.get(callee, 0) + calls
        return sums

    @property
    def line_times(self):
        """{(filename, line): LineTime(hits, seconds)}.

        A line's time is that in which it ran, and what it called that is not
        followed.
        """
        from pytrace._tracer_reports import LineTime
        return {key: LineTime(hits, nanoseconds * 1e-9)
                for key, (hits, nanoseconds) in self._lines().items()}

    def write_callgraph(self, file=None, format="text"):
        """Write who called whom, as "text", "dot" or "json"."""
        from pytrace import _tracer_reports
        _tracer_reports.write_callgraph(self.callers, file, format)

    def write_times(self, file=None, top=10):
        """Write the lines that took the most time."""
        from pytrace import _tracer_reports
        _tracer_reports.write_times(self.line_times, file, top)


def _named(function):
    from pytrace._tracer_reports import Function
    return None if function is None else Function(*function)


class _Unraisable:
    """What sys.unraisablehook is given."""

    def __init__(self, error, tracer):
        self.exc_type = type(error)
        self.exc_value = error
        self.exc_traceback = error.__traceback__
        self.err_msg = "Exception ignored in the callback of"
        self.object = tracer
