"""The table of costs: CPU time of six programs under each tool, as ratios.

    PYTRACE=<program> python tests/bench/bench.py [--rounds N] [--only PART...]

Every figure is the median, over interleaved rounds, of (time under the tool) /
(time untraced in the same round). What is slow by nature runs on less work,
against an untraced run of that same work. Nothing here passes or fails.
"""
import argparse
import importlib.util
import math
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
MEASURE = os.path.join(HERE, "measure.py")
PROGRAMS = ["orbits", "calls", "scanner", "shop", "pipeline", "records"]
# With less work pipeline and records do nothing at all.
LEAST = 0.05


def tools(pytrace, scratch):
    """name -> (command before the script, arguments after it, scale)."""
    here = [pytrace, f"--python={sys.executable}", "-C", scratch]
    python = [sys.executable]
    rows = {
        "pytrace --count": (here + ["--count"], [], 1.0),
        "pytrace --count --hits": (here + ["--count", "--hits"], [], 1.0),
        "pytrace --count --branch": (
            here + ["--count", "--branch"], [], 0.5),
        "pytrace --mem": (here + ["--mem"], [], 1.0),
        "pytrace --count --mem": (here + ["--count", "--mem"], [], 1.0),
        "trace --count": (python + ["-m", "trace", "--count", "-C", scratch],
                          [], LEAST),
        "tracemalloc 1": (python, ["tracemalloc", "1"], 0.2),
        "tracemalloc 25": (python, ["tracemalloc", "25"], 0.1),
    }
    rows |= printers(here, python, scratch)
    if importlib.util.find_spec("coverage"):
        rows["coverage"] = (python + ["-m", "coverage", "run", "--data-file",
                                      os.path.join(scratch, "data")], [], 0.2)
    if importlib.util.find_spec("memray"):
        rows["memray"] = (python + ["-m", "memray", "run", "-q", "-f", "-o",
                                    os.path.join(scratch, "memray")], [], 0.2)
    return rows


def printers(here, python, scratch):
    """Rows of what prints or collects calls and lines; same form."""
    trace = python + ["-m", "trace", "-C", scratch]
    rows = {
        "pytrace --trace": (here + ["--trace"], [], 0.1),
        "trace --trace": (trace + ["--trace"], [], LEAST),
        "pytrace --listfuncs": (here + ["--listfuncs"], [], 1.0),
        "trace --listfuncs": (trace + ["--listfuncs"], [], 0.1),
        "pytrace --trackcalls": (here + ["--trackcalls"], [], 0.5),
        "trace --trackcalls": (trace + ["--trackcalls"], [], 0.1),
        "pytrace --line-times": (here + ["--line-times"], [], 0.5),
        "pytrace --calls": (here + ["--calls"], [], LEAST),
        "cProfile": (python + ["-m", "cProfile", "-o",
                               os.path.join(scratch, "profile")], [], 0.5),
    }
    if importlib.util.find_spec("viztracer"):
        rows["viztracer"] = (
            python + ["-m", "viztracer", "--quiet", "-o",
                      os.path.join(scratch, "viztracer.json")], [], LEAST)
    if importlib.util.find_spec("hunter"):
        rows["hunter, calls"] = (
            ["env", "PYTHONHUNTER=stdlib=False,kind='call'"] + python,
            [], LEAST)
    return rows


def seconds(command, after, program, scale, scratch):
    result = os.path.join(scratch, "seconds")
    arguments = [MEASURE, result, program, str(scale), *after]
    # What is printed goes to a file, as it mostly does, and buffered.
    env = {name: value for name, value in os.environ.items()
           if name != "PYTHONUNBUFFERED"}
    with open(os.path.join(scratch, "printed"), "w") as printed:
        subprocess.run(command + arguments, check=True, cwd=scratch, env=env,
                       stdout=printed, stderr=subprocess.DEVNULL)
    with open(result) as file:
        return float(file.read())


def ratio(row, program, rounds, scratch):
    command, after, scale = row
    ratios = []
    for _ in range(rounds):
        plain = seconds([sys.executable], [], program, scale, scratch)
        ratios.append(seconds(command, after, program, scale, scratch) / plain)
    return statistics.median(ratios)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=[""],
                        help="rows whose name contains one of these")
    options = parser.parse_args()
    pytrace = os.environ.get("PYTRACE", "pytrace")
    print("CPU time / untraced, CPython %d.%d.%d, medians of %d"
          % (*sys.version_info[:3], options.rounds))
    print("%-22s" % "" + "".join(f"{name:>10}" for name in PROGRAMS)
          + "     gmean", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for name, row in tools(pytrace, scratch).items():
            if not any(part in name for part in options.only):
                continue
            cells = [ratio(row, program, options.rounds, scratch)
                     for program in PROGRAMS]
            gmean = math.exp(statistics.fmean(map(math.log, cells)))
            print("%-22s" % name + "".join(f"{c:10.2f}" for c in cells)
                  + f"{gmean:10.2f}", flush=True)


if __name__ == "__main__":
    main()
