# SPDX-License-Identifier: MIT
"""Runs a program under one of the two tracemalloc modules; prints figures.

    memory_probe.py MODULE NFRAME PROGRAM

Both modules, and all that the program imports, are imported first: what an
import allocates is not the same in every run. The method cache is emptied
before and after, for it keeps a name or not by the name's address. The output
is one line of JSON: current and peak bytes, count of blocks, and size and
count for each line.
"""
import ast
import gc
import importlib
import json
import sys
import tracemalloc  # noqa: F401  one of the two

import pytrace.tracemalloc  # noqa: F401  the other

clear_method_cache = getattr(sys, "_clear_internal_caches", None)
if clear_method_cache is None:  # before 3.13
    clear_method_cache = sys._clear_type_cache


def run(path, module, nframe):
    with open(path, "rb") as file:
        tree = ast.parse(file.read())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                importlib.import_module(name.name)
    code = compile(tree, path, "exec")
    del tree, node
    names = {"__name__": "__main__", "__file__": path}
    gc.collect()
    clear_method_cache()
    module.start(nframe)
    exec(code, names)
    clear_method_cache()
    gc.collect()
    current, peak = module.get_traced_memory()
    snapshot = module.take_snapshot()
    module.stop()
    return current, peak, snapshot


def main():
    module = importlib.import_module(sys.argv[1])
    current, peak, snapshot = run(sys.argv[3], module, int(sys.argv[2]))
    lines = {str(statistic.traceback): [statistic.size, statistic.count]
             for statistic in snapshot.statistics("lineno")
             if not statistic.traceback[0].filename.endswith("malloc.py")}
    traces = sorted([trace.domain, trace.size, trace._trace[2],
                     trace.traceback.total_nframe]
                    for trace in snapshot.traces
                    if "malloc.py" not in trace.traceback[-1].filename)
    print("\n" + json.dumps({
        "current": current, "peak": peak, "lines": lines,
        "blocks": sum(count for _, count in lines.values()),
        "traces": traces if sys.argv[4:] == ["traces"] else None}))


if __name__ == "__main__":
    main()
