# SPDX-License-Identifier: MIT
"""What a Tracer gathered, as text."""
import itertools
import os
import sys
from typing import NamedTuple


class Function(NamedTuple):
    """A function, by where its code begins."""
    filename: str
    line: int
    name: str


class LineTime(NamedTuple):
    hits: int
    seconds: float


def _label(function):
    if function is None:
        return "<outside>"
    return (f"{os.path.basename(function.filename)}:{function.line} "
            f"({function.name})")


def _order(item):
    (caller, callee), _ = item
    return (caller is not None, caller or callee, callee)


def _write_text(edges, file):
    for caller, group in itertools.groupby(edges, lambda edge: edge[0][0]):
        print(_label(caller), file=file)
        for (_, callee), calls in group:
            print(f"  {calls:8d}  {_label(callee)}", file=file)


def _quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _write_dot(edges, file):
    print("digraph calls {", file=file)
    for (caller, callee), calls in edges:
        print(f"  {_quoted(_label(caller))} -> {_quoted(_label(callee))} "
              f"[label={calls}];", file=file)
    print("}", file=file)


def _write_json(edges, file):
    import json
    json.dump({"calls": [
        {"caller": caller and caller._asdict(), "callee": callee._asdict(),
         "calls": calls} for (caller, callee), calls in edges]},
        file, indent=1)
    print(file=file)


_FORMATS = {"text": _write_text, "dot": _write_dot, "json": _write_json}


def write_callgraph(callers, file, format):
    if format not in _FORMATS:
        raise ValueError(f"there is no format {format!r}; choose from "
                         + ", ".join(map(repr, _FORMATS)))
    _FORMATS[format](sorted(callers.items(), key=_order), file or sys.stdout)


def write_times(line_times, file, top):
    import linecache
    file = file or sys.stdout
    ranked = sorted(line_times.items(), key=lambda item: -item[1].seconds)
    print(f"{'hits':>10} {'seconds':>12} {'per hit':>12}  line", file=file)
    for (filename, line), (hits, seconds) in ranked[:top]:
        source = linecache.getline(filename, line).strip()
        print(f"{hits:10d} {seconds:12.6f} {seconds / max(hits, 1):12.9f}  "
              f"{os.path.basename(filename)}:{line}  {source}".rstrip(),
              file=file)
    if len(ranked) > top:
        rest = sum(time.seconds for _, time in ranked[top:])
        print(f"{'':10} {rest:12.6f} {'':12}  {len(ranked) - top} more lines",
              file=file)
