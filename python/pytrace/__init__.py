# SPDX-License-Identifier: MIT
"""What a Python program ran and what memory it took, exactly.

    pytrace --count --mem script.py

runs a program, writes a listing of its lines with their hits and memory, and
prints its memory statistics; `python -m pytrace` is the same program. This
module has what a program under pytrace may call itself: mark(), span() and
snapshot() put things into the recording of the run, from any thread, and a
Tracer follows calls and lines. pytrace.trace and pytrace.tracemalloc stand in
for the standard modules, pytrace.recording reads recordings.
"""
from pytrace._pytrace import __version__, mark, snapshot, span

__all__ = ["Tracer", "__version__", "mark", "snapshot", "span"]


def __getattr__(name):
    # Imported when asked for: what the tool imports the program does not.
    if name == "Tracer":
        from pytrace._tracer import Tracer
        return Tracer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    # help() shows what is listed, and so the Tracer, too.
    return sorted({*globals(), *__all__})
