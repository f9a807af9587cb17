# SPDX-License-Identifier: MIT
"""Files of snapshots: ours, and the pickles of the standard tracemalloc.

Ours is a line that names format and version, then a pickle of plain values
only: numbers, texts, bytes, tuples, lists and dicts. Both kinds are read by
an unpickler that calls nothing but the few classes named below, so a file
from a stranger can be wrong or huge, but it cannot run code.
"""
import io
import pickle
import sys

_MAGIC = b"pytrace-snapshot "
_VERSION = 1
_SHOWN = {"Snapshot", "_Traces", "Trace", "Traceback", "Frame"}
_REFUSED = (pickle.UnpicklingError, EOFError, AttributeError, IndexError,
            KeyError, TypeError, ValueError, OverflowError, MemoryError,
            ImportError, UnicodeError)


class _Unpickler(pickle.Unpickler):
    def __init__(self, file, shown):
        super().__init__(file)
        self._shown = shown

    def find_class(self, module, name):
        if module in ("tracemalloc", "pytrace.tracemalloc") and (
                name in self._shown):
            from pytrace import tracemalloc
            return getattr(tracemalloc, name)
        # Protocols 0 to 2 use the names that Python 2 had.
        if self._shown and name == "_reconstructor" and (
                module in ("copyreg", "copy_reg")):
            return _reconstruct
        if self._shown and name == "object" and (
                module in ("builtins", "__builtin__")):
            return object
        raise pickle.UnpicklingError(f"'{module}.{name}' does not belong in "
                                     "the file of a snapshot")


def _reconstruct(cls, base, state):
    """copyreg._reconstructor, for the classes that find_class() gives."""
    if base is not object or state is not None:
        raise pickle.UnpicklingError("not an object of a snapshot")
    return object.__new__(cls)


def dump(snapshot, filename):
    """Write a snapshot; an attribute that is no plain value is refused."""
    attributes = snapshot.__getstate__() if snapshot._held is None else {
        name: value for name, value in snapshot.__dict__.items()
        if name not in ("_traces", "_held")}
    traces = attributes.pop("traces", None)
    limit = attributes.pop("traceback_limit")
    content = {"attributes": attributes, "limit": limit,
               "byteorder": sys.byteorder}
    if traces is None:
        content["counters"] = snapshot._held.pack()
    else:
        content["traces"] = list(traces._traces)
    try:
        data = pickle.dumps(content, 4)
        _Unpickler(io.BytesIO(data), ()).load()
    except (pickle.PickleError, TypeError, AttributeError) as error:
        raise TypeError("cannot dump the snapshot: its attributes must be "
                        f"plain values ({error})") from None
    with open(filename, "wb") as file:
        file.write(_MAGIC + b"%d\n" % _VERSION + data)


def load(filename):
    """Read a snapshot. ValueError for what is not one."""
    with open(filename, "rb") as file:
        data = file.read()
    try:
        if data.startswith(_MAGIC):
            return _load_own(data)
        return _load_standard(data)
    except _REFUSED as error:
        raise ValueError(f"cannot load '{filename}': {error}") from None


def _load_own(data):
    from pytrace import tracemalloc
    line, _, body = data.partition(b"\n")
    version = int(line[len(_MAGIC):])
    if version != _VERSION:
        raise ValueError(f"snapshot format {version} is not known; "
                         "load it with the pytrace that wrote it")
    content = _Unpickler(io.BytesIO(body), ()).load()
    if content["byteorder"] != sys.byteorder:
        raise ValueError("it was written on a machine of other byte order")
    limit = content["limit"]
    if "counters" in content:
        counters = tracemalloc._Counters.unpack(*content["counters"])
        snapshot = tracemalloc.Snapshot._of_counters(counters, limit)
    else:
        snapshot = tracemalloc.Snapshot(content["traces"], limit)
        snapshot._counters()  # refuses what are not traces
    for name, value in content["attributes"].items():
        if name in ("_traces", "_held", "traces"):
            raise ValueError(f"attribute '{name}' is not a user's")
        setattr(snapshot, name, value)
    return snapshot


def _load_standard(data):
    from pytrace import tracemalloc
    snapshot = _Unpickler(io.BytesIO(data), _SHOWN).load()
    if (not isinstance(snapshot, tracemalloc.Snapshot)
            or not isinstance(snapshot._traces, tracemalloc._Traces)
            or not hasattr(snapshot, "traceback_limit")):
        raise ValueError("it holds no snapshot")
    snapshot._counters()  # refuses what are not traces
    return snapshot
