# SPDX-License-Identifier: MIT
"""pytrace: what a Python program ran and what memory it took, exactly.

    pytrace --count --mem script.py

runs a program and writes a coverage listing beside memory statistics;
`python -m pytrace` is the same program. See docs/ for the rest.
"""
from pytrace._pytrace import __version__, mark, snapshot, span

__all__ = ["Tracer", "__version__", "mark", "snapshot", "span"]


def __getattr__(name):
    # Imported when asked for: what the tool imports the program does not.
    if name == "Tracer":
        from pytrace._tracer import Tracer
        return Tracer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
