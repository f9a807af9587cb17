# SPDX-License-Identifier: MIT
"""Stands in for the standard library's tracemalloc.

The same functions and classes with the same values and text. What differs is
what they cost: blocks are recorded in C, and a Snapshot holds counters, one
for each size and place, that are grouped, filtered and compared in C. Only
`Snapshot.traces` makes an entry for each block, when somebody asks for it.

    import pytrace.tracemalloc as tracemalloc

Beyond the standard module: get_top(), take_snapshot(frame), Snapshot.filter()
and Snapshot.capture(). See docs/python.md.
"""
import linecache
import os
import sys as _sys
from collections.abc import Iterable, Sequence
from functools import total_ordering

from pytrace import _tracemalloc as _functions
from pytrace._tracemalloc import (
    _Counters, _get_object_traceback, _get_traces, clear_traces,
    get_traceback_limit, get_traced_memory, get_tracemalloc_memory,
    is_tracing, reset_peak, start, stop)
from pytrace._tracemalloc_filters import (
    BaseFilter, DomainFilter, Filter)
from pytrace._tracemalloc_filters import filter_counters as _filter_counters
from pytrace._tracemalloc_filters import passes as _passes


def _format_size(size, sign):
    number = "%+.*f %s" if sign else "%.*f %s"
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(size) < 100 and unit != "B":
            return number % (1, size, unit)
        if abs(size) < 10 * 1024:
            return number % (0, size, unit)
        size /= 1024
    return number % (1 if abs(size) < 100 else 0, size, "TiB")


class _Record:
    """Equal and hashed by its fields, which __slots__ names."""

    __slots__ = ()

    def _fields(self):
        return tuple([getattr(self, name) for name in self.__slots__])

    def __hash__(self):
        return hash(self._fields())

    def __eq__(self, other):
        if not isinstance(other, type(self)):
            return NotImplemented
        return self._fields() == other._fields()

    def _average(self):
        if not self.count:
            return ""
        return ", average=" + _format_size(self.size / self.count, False)


class Statistic(_Record):
    """Memory blocks with the same key: where, how many bytes, how many."""

    __slots__ = ("traceback", "size", "count")

    def __init__(self, traceback, size, count):
        self.traceback = traceback
        self.size = size
        self.count = count

    def __str__(self):
        return "%s: size=%s, count=%i%s" % (
            self.traceback, _format_size(self.size, False), self.count,
            self._average())

    def __repr__(self):
        return "<Statistic traceback=%r size=%i count=%i>" % self._fields()

    def _sort_key(self):
        return (self.size, self.count, self.traceback)


class StatisticDiff(_Record):
    """Difference of one Statistic between an old and a new Snapshot."""

    __slots__ = ("traceback", "size", "size_diff", "count", "count_diff")

    def __init__(self, traceback, size, size_diff, count, count_diff):
        self.traceback = traceback
        self.size = size
        self.size_diff = size_diff
        self.count = count
        self.count_diff = count_diff

    def __str__(self):
        return "%s: size=%s (%s), count=%i (%+i)%s" % (
            self.traceback, _format_size(self.size, False),
            _format_size(self.size_diff, True), self.count, self.count_diff,
            self._average())

    def __repr__(self):
        return ("<StatisticDiff traceback=%r size=%i (%+i) count=%i (%+i)>"
                % self._fields())

    def _sort_key(self):
        return (abs(self.size_diff), self.size, abs(self.count_diff),
                self.count, self.traceback)


@total_ordering
class Frame:
    """A line of a traceback: filename and lineno."""

    __slots__ = ("_frame",)

    def __init__(self, frame):
        self._frame = frame  # (filename, lineno)

    @property
    def filename(self):
        return self._frame[0]

    @property
    def lineno(self):
        return self._frame[1]

    def __eq__(self, other):
        if not isinstance(other, Frame):
            return NotImplemented
        return self._frame == other._frame

    def __lt__(self, other):
        if not isinstance(other, Frame):
            return NotImplemented
        return self._frame < other._frame

    def __hash__(self):
        return hash(self._frame)

    def __str__(self):
        return "%s:%s" % (self.filename, self.lineno)

    def __repr__(self):
        return "<Frame filename=%r lineno=%r>" % (self.filename, self.lineno)


@total_ordering
class Traceback(Sequence):
    """Frames from the oldest to the most recent."""

    __slots__ = ("_frames", "_total_nframe")

    def __init__(self, frames, total_nframe=None):
        # Given with the most recent first.
        self._frames = tuple(reversed(frames))
        self._total_nframe = total_nframe

    @property
    def total_nframe(self):
        return self._total_nframe

    def __len__(self):
        return len(self._frames)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return tuple([Frame(frame) for frame in self._frames[index]])
        return Frame(self._frames[index])

    def __contains__(self, frame):
        return frame._frame in self._frames

    def __hash__(self):
        return hash(self._frames)

    def __eq__(self, other):
        if not isinstance(other, Traceback):
            return NotImplemented
        return self._frames == other._frames

    def __lt__(self, other):
        if not isinstance(other, Traceback):
            return NotImplemented
        return self._frames < other._frames

    def __str__(self):
        return str(self[0])

    def __repr__(self):
        total = ("" if self._total_nframe is None
                 else f" total_nframe={self._total_nframe}")
        return f"<Traceback {tuple(self)}{total}>"

    def format(self, limit=None, most_recent_first=False):
        """The lines that a traceback of these frames would print."""
        if limit is None:
            frames = self[:]
        elif limit > 0:
            frames = self[-limit:]
        else:
            frames = self[:limit]
        lines = []
        for frame in reversed(frames) if most_recent_first else frames:
            lines.append('  File "%s", line %s'
                         % (frame.filename, frame.lineno))
            source = linecache.getline(frame.filename, frame.lineno).strip()
            if source:
                lines.append("    " + source)
        return lines


def get_object_traceback(obj):
    """Where the object was allocated, a Traceback.

    None when not tracing, or when the allocation was not traced.
    """
    frames = _get_object_traceback(obj)
    return None if frames is None else Traceback(frames)


class Trace:
    """One memory block."""

    __slots__ = ("_trace",)

    def __init__(self, trace):
        self._trace = trace  # (domain, size, frames, total_nframe)

    @property
    def domain(self):
        return self._trace[0]

    @property
    def size(self):
        return self._trace[1]

    @property
    def traceback(self):
        return Traceback(*self._trace[2:])

    def __eq__(self, other):
        if not isinstance(other, Trace):
            return NotImplemented
        return self._trace == other._trace

    def __hash__(self):
        return hash(self._trace)

    def __str__(self):
        return "%s: %s" % (self.traceback, _format_size(self.size, False))

    def __repr__(self):
        return ("<Trace domain=%s size=%s, traceback=%r>"
                % (self.domain, _format_size(self.size, False),
                   self.traceback))


class _Traces(Sequence):
    def __init__(self, traces):
        self._traces = traces  # a sequence of what Trace is made of

    def __len__(self):
        return len(self._traces)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return tuple([Trace(trace) for trace in self._traces[index]])
        return Trace(self._traces[index])

    def __contains__(self, trace):
        return trace._trace in self._traces

    def __eq__(self, other):
        if not isinstance(other, _Traces):
            return NotImplemented
        return self._traces == other._traces

    def __repr__(self):
        return "<Traces len=%s>" % len(self)


class _Capture(dict):
    """{(filename, lineno): Statistic} of one moment."""

    def top(self, n=10):
        """The n biggest, biggest first."""
        return sorted(self.values(), key=Statistic._sort_key,
                      reverse=True)[:n]


class Snapshot:
    """The memory blocks of one moment: counters, or a sequence of traces."""

    def __init__(self, traces, traceback_limit):
        self._traces = _Traces(traces)
        self._held = None
        self.traceback_limit = traceback_limit

    @classmethod
    def _of_counters(cls, counters, traceback_limit):
        self = cls.__new__(cls)
        self._traces = None
        self._held = counters
        self.traceback_limit = traceback_limit
        return self

    @property
    def traces(self):
        if self._traces is None:
            self._traces = _Traces(self._held.traces())
        return self._traces

    @traces.setter
    def traces(self, traces):
        self._traces = traces
        self._held = None

    def _counters(self):
        if self._held is None:
            return _Counters.from_traces(self._traces._traces)
        return self._held

    def __getstate__(self):
        state = dict(self.__dict__, traces=self.traces)
        del state["_traces"], state["_held"]
        return state

    def __setstate__(self, state):
        self._held = None
        self._traces = None
        self.__dict__.update(state)
        self._traces = self.__dict__.pop("traces")

    def dump(self, filename):
        """Write the snapshot to a file (docs/python.md has the format)."""
        from pytrace import _snapshotfile
        _snapshotfile.dump(self, filename)

    @staticmethod
    def load(filename):
        """Read a file that dump() wrote, ours or the standard module's."""
        from pytrace import _snapshotfile
        return _snapshotfile.load(filename)

    def filter_traces(self, filters):
        """A new Snapshot with the blocks that the filters let pass.

        `filters` is a list of Filter and DomainFilter instances; with an
        empty list it is a copy.
        """
        if not isinstance(filters, Iterable):
            raise TypeError("filters must be a list of filters, not %s"
                            % type(filters).__name__)
        filters = list(filters)
        if self._held is None:
            traces = [trace for trace in self._traces._traces
                      if _passes(filters, trace)]
            return Snapshot(traces, self.traceback_limit)
        return Snapshot._of_counters(_filter_counters(self._held, filters),
                                     self.traceback_limit)

    def filter(self, what):
        """A new Snapshot; the old one is left alone.

        `what` is a filter or a sequence of them, a file name pattern, or
        'frames' for blocks allocated in a Python source file only.
        """
        if what == "frames":
            what = Filter(False, "<*")
        elif isinstance(what, str):
            what = Filter(True, what)
        if isinstance(what, BaseFilter):
            what = [what]
        return self.filter_traces(what)

    def statistics(self, key_type, cumulative=False):
        """Statistics by 'traceback', 'filename' or 'lineno', biggest first."""
        statistics = [Statistic(Traceback(frames), size, count)
                      for frames, size, count
                      in self._counters().groups(key_type, cumulative)]
        statistics.sort(reverse=True, key=Statistic._sort_key)
        return statistics

    def compare_to(self, old_snapshot, key_type, cumulative=False):
        """StatisticDiffs to an older snapshot, biggest difference first."""
        statistics = [
            StatisticDiff(Traceback(frames), *figures)
            for frames, *figures in self._counters().diff(
                old_snapshot._counters(), key_type, cumulative)]
        statistics.sort(reverse=True, key=StatisticDiff._sort_key)
        return statistics

    def capture(self):
        """{(filename, lineno): Statistic}, whose top(n) lists the biggest."""
        return _Capture((statistic.traceback[0]._frame, statistic)
                        for statistic in self.statistics("lineno"))


def _lines_of(frame):
    """Filters for the lines of the function that a frame runs."""
    code = frame.f_code
    lines = [line for _, _, line in code.co_lines() if line]
    return [Filter(True, code.co_filename, line, all_frames=True)
            for line in range(min(lines), max(lines) + 1)]


def take_snapshot(frame=None):
    """A Snapshot of the blocks traced now; RuntimeError when not tracing.

    With a frame, only of those with a frame in that function's lines.
    """
    if not is_tracing():
        raise RuntimeError("the tracemalloc module must be tracing memory "
                           "allocations to take a snapshot")
    limit = get_traceback_limit()
    if _get_traces is _functions._get_traces:
        snapshot = Snapshot._of_counters(_functions._capture(), limit)
    else:
        snapshot = Snapshot(_get_traces(), limit)
    if frame is not None:
        snapshot = snapshot.filter_traces(_lines_of(frame))
    return snapshot


def get_top(n=10):
    """The n biggest Statistics by line, of a new snapshot."""
    return take_snapshot().statistics("lineno")[:n]


def _take_over():
    """Go on where -X tracemalloc or PYTHONTRACEMALLOC began tracing.

    The interpreter has started its own tracing by then; it is stopped.
    """
    if "tracemalloc" not in _sys._xoptions and (
            _sys.flags.ignore_environment
            or not os.environ.get("PYTHONTRACEMALLOC")):
        return
    importer = _sys.modules["_frozen_importlib"].BuiltinImporter
    core = importer.load_module("_tracemalloc")
    if core.is_tracing() and not is_tracing():
        limit = core.get_traceback_limit()
        core.stop()
        start(limit)


_functions._prepare()
_take_over()
