# SPDX-License-Identifier: MIT
"""Filters of snapshots, and what they let pass.

They belong to pytrace.tracemalloc and are known by that name. A trace is what
Trace is made of: (domain, size, frames, total_nframe), the newest frame first.
"""
import fnmatch
import os


def _normalize_filename(filename):
    filename = os.path.normcase(filename)
    return filename[:-1] if filename.endswith(".pyc") else filename


class BaseFilter:
    """What filters have in common: `inclusive`.

    One of your own has a method `_match(trace)`, true for what it lets pass.
    """

    __module__ = "pytrace.tracemalloc"

    def __init__(self, inclusive):
        self.inclusive = inclusive

    def _match(self, trace):
        raise NotImplementedError


class Filter(BaseFilter):
    """By file and line of the newest frame.

    inclusive: True lets pass what matches, False what does not.
    filename_pattern: as of fnmatch; a .pyc stands for its .py.
    lineno: of this line only; None: of any.
    all_frames: a frame anywhere in the traceback will do.
    domain: of this domain only; None: of any.
    """

    __module__ = "pytrace.tracemalloc"

    def __init__(self, inclusive, filename_pattern, lineno=None,
                 all_frames=False, domain=None):
        super().__init__(inclusive)
        self._filename_pattern = _normalize_filename(filename_pattern)
        self.lineno = lineno
        self.all_frames = all_frames
        self.domain = domain

    @property
    def filename_pattern(self):
        return self._filename_pattern

    def _match_file(self, filename):
        return fnmatch.fnmatch(_normalize_filename(filename),
                               self._filename_pattern)

    def _match_frame_impl(self, filename, lineno):
        return (self._match_file(filename)
                and (self.lineno is None or lineno == self.lineno))

    def _match_frame(self, filename, lineno):
        return (self._match_frame_impl(filename, lineno)
                ^ (not self.inclusive))

    def _match_traceback(self, traceback):
        if not self.all_frames:
            return self._match_frame(*traceback[0])
        found = any(self._match_frame_impl(filename, lineno)
                    for filename, lineno in traceback)
        return self.inclusive if found else not self.inclusive

    def _match(self, trace):
        domain, _, traceback, _ = trace
        result = self._match_traceback(traceback)
        if self.domain is None:
            return result
        if self.inclusive:
            return result and domain == self.domain
        return result or domain != self.domain


class DomainFilter(BaseFilter):
    """By the domain of the block: 0 is Python's own memory."""

    __module__ = "pytrace.tracemalloc"

    def __init__(self, inclusive, domain):
        super().__init__(inclusive)
        self._domain = domain

    @property
    def domain(self):
        return self._domain

    def _match(self, trace):
        return (trace[0] == self.domain) ^ (not self.inclusive)


def passes(filters, trace):
    """Some inclusive filter, and all exclusive ones, let a trace pass."""
    inclusive = [f for f in filters if f.inclusive]
    if inclusive and not any(f._match(trace) for f in inclusive):
        return False
    return all(f._match(trace) for f in filters if not f.inclusive)


def _compiled(trace_filter, files):
    """What Counters.filter() takes for one of our two kinds of filters."""
    if type(trace_filter) is DomainFilter:
        return (trace_filter.inclusive, None, -1, False, trace_filter.domain)
    matches = bytes([trace_filter._match_file(name) for name in files])
    lineno, domain = trace_filter.lineno, trace_filter.domain
    return (trace_filter.inclusive, matches, -1 if lineno is None else lineno,
            trace_filter.all_frames, -1 if domain is None else domain)


def filter_counters(counters, filters):
    """New Counters with what the filters let pass, in C if they are ours."""
    if all(type(f) in (Filter, DomainFilter) for f in filters):
        files = counters.files()
        return counters.filter([_compiled(f, files) for f in filters])
    return counters.select(bytes([bool(passes(filters, trace))
                                  for trace in counters.rows()]))
